//! The reference library that look-alikes are searched in: pictures with a class, and what networks make of them.
//!
//! Unlike decisions it is no record: a cell whose signature changed gets its new class, and all of it can be cleared. What an
//! imprint means is the business of [`crate::model`]; here it is bytes.

use std::{collections::HashMap, path::PathBuf};

use rusqlite::{OptionalExtension, Row, Transaction};

use super::{
    Result, Store, StoreError,
    columns::{HashBlob, PathText, class_of},
    decisions::remember_network,
};
use crate::domain::{ClassId, LibraryId, LibrarySource, Sha256Hash};

/// A cell of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct LibraryCell {
    /// SHA-256 of its file.
    pub image: Sha256Hash,
    /// Micrometres per pixel; `None`: unknown, the whole frame is taken as the network's field.
    pub um_per_px: Option<f64>,
    /// Its class.
    pub class: ClassId,
    /// Where its class is from.
    pub source: LibrarySource,
    /// The case, the data set, or the set of drawings.
    pub set: String,
    /// Whose cell it is; of a signed case the case's name.
    pub patient: Option<String>,
    /// Absolute; of drawings class and number.
    pub path: PathBuf,
    /// Width and height of its frame in px.
    pub size: (u32, u32),
}

/// What [`Store::put_library`] did with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LibraryChange {
    /// It is new.
    Added,
    /// It was there, and has another class, scale or place now.
    Changed,
    /// It was there.
    Kept,
}

/// How much of the library there is for a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LibraryStanding {
    /// Cells that people gave their class.
    pub cells: u64,
    /// Those of them that the network has seen.
    pub seen: u64,
    /// The network that has seen most of them, where that is another one.
    pub other: Option<Sha256Hash>,
}

const CELL: &str = "l.id, l.image, l.um_per_px, l.class, l.source, l.source_set, l.patient, l.path, l.width, l.height";

impl Store {
    /// Keeps cells, each with what `network` makes of it, all or none. A cell of a signed case outranks a labelled one, and
    /// that a drawn one; else the newer word holds.
    ///
    /// # Errors
    /// When the database cannot be written, or a class is not in the table.
    pub fn put_library(
        &self,
        network: &Sha256Hash,
        cells: &[(LibraryCell, Option<Vec<u8>>)],
    ) -> Result<Vec<LibraryChange>> {
        let tx = self.write()?;
        remember_network(&tx, *network)?;
        let mut changes = Vec::with_capacity(cells.len());
        for (cell, imprint) in cells {
            let (id, change) = self.put_cell(&tx, cell)?;
            changes.push(change);
            if let Some(imprint) = imprint {
                let sql = "INSERT INTO imprints (network, cell, imprint) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
                tx.prepare_cached(sql)?.execute((HashBlob(*network), id, imprint))?;
            }
        }
        if !cells.is_empty() {
            changed(&tx)?;
        }
        tx.commit()?;
        Ok(changes)
    }

    fn put_cell(&self, tx: &Transaction<'_>, cell: &LibraryCell) -> Result<(i64, LibraryChange)> {
        let sql = format!("SELECT {CELL} FROM library l WHERE l.image = ?1");
        let known = tx.prepare_cached(&sql)?.query_row([HashBlob(cell.image)], raw).optional()?;
        let um_per_px = cell.um_per_px.unwrap_or(0.0);
        let Some(known) = known else {
            let sql = "INSERT INTO library (image, um_per_px, class, source, source_set, patient, path, width, height)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            tx.prepare_cached(sql)?.execute((
                HashBlob(cell.image),
                um_per_px,
                self.code(cell.class)?,
                cell.source.name(),
                &cell.set,
                &cell.patient,
                PathText::of(&cell.path),
                cell.size.0,
                cell.size.1,
            ))?;
            return Ok((tx.last_insert_rowid(), LibraryChange::Added));
        };
        let (id, there) = self.whole(known)?;
        if there == *cell || there.source < cell.source {
            return Ok((id, LibraryChange::Kept));
        }
        if there.um_per_px != cell.um_per_px {
            // What networks made of it was of another field.
            tx.prepare_cached("DELETE FROM imprints WHERE cell = ?1")?.execute([id])?;
        }
        let sql = "UPDATE library SET um_per_px = ?2, class = ?3, source = ?4, source_set = ?5, patient = ?6, path = ?7
                   WHERE id = ?1";
        tx.prepare_cached(sql)?.execute((
            id,
            um_per_px,
            self.code(cell.class)?,
            cell.source.name(),
            &cell.set,
            &cell.patient,
            PathText::of(&cell.path),
        ))?;
        Ok((id, LibraryChange::Changed))
    }

    /// Takes the cells of a source out of the library that `keep` does not want, and says how many those were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn prune_library(&self, source: LibrarySource, keep: impl Fn(&LibraryCell) -> bool) -> Result<u64> {
        let tx = self.write()?;
        let mut gone = 0;
        for (id, cell) in self.cells_where("l.source = ?1", source.name())? {
            if !keep(&cell) {
                tx.prepare_cached("DELETE FROM library WHERE id = ?1")?.execute([id.0])?;
                gone += 1;
            }
        }
        if gone > 0 {
            changed(&tx)?;
        }
        tx.commit()?;
        Ok(gone)
    }

    /// Empties the library, and says how many cells were in it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn clear_library(&self) -> Result<u64> {
        let tx = self.write()?;
        let cells = tx.execute("DELETE FROM library", [])? as u64;
        changed(&tx)?;
        tx.commit()?;
        Ok(cells)
    }

    /// A number that changes with the library.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn library_revision(&self) -> Result<i64> {
        Ok(self.conn.prepare_cached("SELECT revision FROM library_revision")?.query_row([], |row| row.get(0))?)
    }

    /// How much of the library there is for a network; drawings are not counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn library_standing(&self, network: &Sha256Hash) -> Result<LibraryStanding> {
        let tx = self.read()?;
        let cells =
            tx.query_row("SELECT count(*) FROM library WHERE source <> 'drawn'", [], |row| row.get::<_, i64>(0))?;
        let sql = "SELECT i.network, count(*) FROM imprints i JOIN library l ON l.id = i.cell WHERE l.source <> 'drawn'
                   GROUP BY i.network ORDER BY count(*) DESC";
        let mut statement = tx.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, HashBlob>(0)?.0, row.get::<_, i64>(1)? as u64)))?;
        let by_network = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let seen = by_network.iter().find(|(n, _)| n == network).map_or(0, |(_, n)| *n);
        let other = by_network.first().map(|(n, _)| *n).filter(|n| n != network);
        Ok(LibraryStanding { cells: cells as u64, seen, other })
    }

    /// Hands every cell that a network has seen to `each`, with its imprint, in the order in which they were added: drawings
    /// or all others.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn library(
        &self,
        network: &Sha256Hash,
        drawn: bool,
        mut each: impl FnMut(LibraryId, LibraryCell, &[u8]),
    ) -> Result<()> {
        let sql = format!(
            "SELECT {CELL}, i.imprint FROM imprints i JOIN library l ON l.id = i.cell
             WHERE i.network = ?1 AND (l.source = 'drawn') = ?2 ORDER BY i.cell"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((HashBlob(*network), drawn))?;
        while let Some(row) = rows.next()? {
            let (id, cell) = self.whole(raw(row)?)?;
            each(LibraryId(id), cell, row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?);
        }
        Ok(())
    }

    /// Every cell of the library, by its image, and whether `network` has seen it.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn library_cells(&self, network: &Sha256Hash) -> Result<HashMap<Sha256Hash, (LibraryCell, bool)>> {
        let sql = format!(
            "SELECT {CELL}, EXISTS (SELECT 1 FROM imprints i WHERE i.network = ?1 AND i.cell = l.id) FROM library l"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([HashBlob(*network)])?;
        let mut cells = HashMap::new();
        while let Some(row) = rows.next()? {
            let (_, cell) = self.whole(raw(row)?)?;
            cells.insert(cell.image, (cell, row.get(10)?));
        }
        Ok(cells)
    }

    /// One cell of the library.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn library_cell(&self, id: LibraryId) -> Result<Option<LibraryCell>> {
        let sql = format!("SELECT {CELL} FROM library l WHERE l.id = ?1");
        let found = self.conn.prepare_cached(&sql)?.query_row([id.0], raw).optional()?;
        found.map(|raw| Ok(self.whole(raw)?.1)).transpose()
    }

    fn cells_where(&self, condition: &str, value: &str) -> Result<Vec<(LibraryId, LibraryCell)>> {
        let sql = format!("SELECT {CELL} FROM library l WHERE {condition} ORDER BY l.id");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([value], raw)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(|row| self.whole(row).map(|(id, cell)| (LibraryId(id), cell))).collect()
    }

    fn whole(&self, raw: Raw) -> Result<(i64, LibraryCell)> {
        let source = LibrarySource::of_name(&raw.source)
            .ok_or_else(|| StoreError::Damaged(format!("the source `{}` of a library cell", raw.source)))?;
        let class = class_of(&self.table, &raw.class)?;
        let Raw { id, image, um_per_px, set, patient, path, size, .. } = raw;
        let um_per_px = Some(um_per_px).filter(|um| *um > 0.0);
        Ok((id, LibraryCell { image, um_per_px, class, source, set, patient, path, size }))
    }
}

/// A row before its class and source are looked up.
struct Raw {
    id: i64,
    image: Sha256Hash,
    um_per_px: f64,
    class: String,
    source: String,
    set: String,
    patient: Option<String>,
    path: PathBuf,
    size: (u32, u32),
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        image: row.get::<_, HashBlob>(1)?.0,
        um_per_px: row.get(2)?,
        class: row.get(3)?,
        source: row.get(4)?,
        set: row.get(5)?,
        patient: row.get(6)?,
        path: row.get::<_, PathText>(7)?.0,
        size: (row.get(8)?, row.get(9)?),
    })
}

fn changed(tx: &Transaction<'_>) -> Result<()> {
    tx.execute("UPDATE library_revision SET revision = revision + 1", [])?;
    Ok(())
}
