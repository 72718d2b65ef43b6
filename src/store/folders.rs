//! The folders of a case: the one that it was made of, and further ones (a second slide). A case is known by them.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    Result, Store,
    clock::now,
    columns::{HashBlob, PathText},
};
use crate::domain::{CaseId, CaseRecord, CellId, FoundCase, Sha256Hash};

/// A cell that a case has already.
pub(super) struct Known {
    pub id: CellId,
    pub path: PathBuf,
    pub label: Option<String>,
    pub class: Option<String>,
}

/// A folder of a case, and what of the case lies in it.
pub(super) struct Folder {
    pub case: CaseRecord,
    /// Its row, if it is a further one.
    pub further: Option<i64>,
    pub root: PathBuf,
    /// Full paths.
    pub images: HashMap<Sha256Hash, PathBuf>,
}

impl Folder {
    /// How many of its images are among those.
    pub fn common(&self, found: &HashSet<Sha256Hash>) -> usize {
        self.images.keys().filter(|h| found.contains(h)).count()
    }

    /// How many of its images that are among those still lie in it under their names.
    pub fn still(&self, found: &HashSet<Sha256Hash>) -> usize {
        self.images.iter().filter(|(h, path)| found.contains(*h) && path.is_file()).count()
    }

    /// Whether those are its images, all of them and no others.
    pub fn is(&self, found: &HashSet<Sha256Hash>) -> bool {
        self.images.len() == found.len() && self.common(found) == found.len()
    }
}

/// Every cell of a case by its image.
pub(super) fn known_cells(tx: &Connection, case: CaseId) -> Result<HashMap<Sha256Hash, Known>> {
    let mut statement = tx.prepare_cached("SELECT sha256, id, path, label, class FROM cells WHERE case_id = ?1")?;
    let rows = statement.query_map([case.0], |row| {
        let known = Known {
            id: CellId(row.get(1)?),
            path: row.get::<_, PathText>(2)?.0,
            label: row.get(3)?,
            class: row.get(4)?,
        };
        Ok((row.get::<_, HashBlob>(0)?.0, known))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The folders of a case, the first one first. An image that lies in none of them (it was left behind when its folder was
/// moved) is in none of them.
pub(super) fn folders(tx: &Connection, case: &CaseRecord) -> Result<Vec<Folder>> {
    let folder = |further, root| Folder { case: case.clone(), further, root, images: HashMap::new() };
    let mut list = vec![folder(None, case.root.clone())];
    let mut statement = tx.prepare_cached("SELECT id, root FROM case_folders WHERE case_id = ?1 ORDER BY id")?;
    for row in statement.query_map([case.id.0], |row| Ok((row.get(0)?, row.get::<_, PathText>(1)?.0)))? {
        let (id, root) = row?;
        list.push(folder(Some(id), root));
    }
    for (hash, cell) in known_cells(tx, case.id)? {
        let of = if cell.path.is_absolute() {
            let further = list.iter_mut().filter(|f| f.further.is_some() && cell.path.starts_with(&f.root));
            further.max_by_key(|f| f.root.components().count())
        } else {
            list.first_mut()
        };
        if let Some(folder) = of {
            folder.images.insert(hash, case.root.join(&cell.path));
        }
    }
    Ok(list)
}

/// The cases that a folder is of. Compared as paths: older versions wrote some of them with a slash at the end.
pub(super) fn cases_at(store: &Store, tx: &Connection, root: &Path) -> Result<Vec<CaseRecord>> {
    let sql = "SELECT id, root FROM cases UNION ALL SELECT case_id, root FROM case_folders";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, PathText>(1)?.0)))?;
    let mut ids = BTreeSet::new();
    for row in rows {
        let (id, folder) = row?;
        if folder == root {
            ids.insert(id);
        }
    }
    ids.into_iter().map(|id| store.case_by_id(CaseId(id))).collect()
}

/// Puts a folder beside those of a case.
pub(super) fn add_folder(tx: &Connection, case: CaseId, root: &Path) -> Result<()> {
    let sql = "INSERT INTO case_folders (case_id, root, added_at) VALUES (?1, ?2, ?3)";
    tx.execute(sql, (case.0, PathText::of(root), now(tx)?))?;
    Ok(())
}

/// Which cases have which of the found images.
pub(super) fn holders(tx: &Connection, found: &FoundCase) -> Result<HashMap<CaseId, Vec<Sha256Hash>>> {
    let mut statement = tx.prepare_cached("SELECT case_id FROM cells WHERE sha256 = ?1")?;
    let hashes: HashSet<Sha256Hash> = found.cells.iter().map(|c| c.sha256).collect();
    let mut holders: HashMap<CaseId, Vec<Sha256Hash>> = HashMap::new();
    for hash in hashes {
        for case in statement.query_map([HashBlob(hash)], |row| row.get(0).map(CaseId))? {
            holders.entry(case?).or_default().push(hash);
        }
    }
    Ok(holders)
}

/// Two cases that have images in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasesSharing {
    /// Their names.
    pub cases: (String, String),
    /// How many images.
    pub count: usize,
    /// The images, as the first case calls them.
    pub images: Vec<PathBuf>,
}

impl Store {
    /// Which cases have images in common, byte for byte: a copy, a second case of one patient, or one patient's image among
    /// another's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn shared_images(&self) -> Result<Vec<CasesSharing>> {
        let sql =
            "SELECT x.name, y.name, a.path FROM cells a JOIN cells b ON b.sha256 = a.sha256 AND b.case_id > a.case_id
                   JOIN cases x ON x.id = a.case_id JOIN cases y ON y.id = b.case_id
                   ORDER BY a.case_id, b.case_id, a.ordinal";
        let mut statement = self.conn.prepare(sql)?;
        let mut all: Vec<CasesSharing> = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (cases, path) = ((row.get(0)?, row.get(1)?), row.get::<_, PathText>(2)?.0);
            match all.last_mut().filter(|s| s.cases == cases) {
                Some(sharing) => sharing.images.push(path),
                None => all.push(CasesSharing { cases, count: 0, images: vec![path] }),
            }
        }
        all.iter_mut().for_each(|s| s.count = s.images.len());
        Ok(all)
    }
}
