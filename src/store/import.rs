//! Taking a case that intake found into the database, or finding it again there.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use rusqlite::{OptionalExtension, Transaction};

use super::{
    DEFAULT_TARGET, Result, Store, StoreError,
    cases::{CASE, put_scale},
    columns::{HashBlob, PathText, now},
    events,
};
use crate::domain::{
    CaseEvent, CaseId, CaseRecord, CaseState, CellId, FoundCase, FoundCell, Layout, ScaleSource, Sha256Hash,
};

/// What an import came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportOutcome {
    /// The case as it is now.
    pub case: CaseRecord,
    /// Whether it is new.
    pub created: bool,
    /// Images that the case did not have.
    pub added: usize,
    /// Images that it had, and still at the same place.
    pub unchanged: usize,
    /// Images that it had under another path.
    pub moved: usize,
    /// Where the case's folder was before, if it was found again elsewhere.
    pub moved_from: Option<PathBuf>,
    /// Images of the case that are no longer in its folder. They and their decisions stay in the record.
    pub removed_from_folder: Vec<PathBuf>,
}

/// A cell that the case has already.
struct Known {
    id: CellId,
    path: PathBuf,
    label: Option<String>,
    class: Option<String>,
}

impl Store {
    /// Takes a found case in, in one transaction. Which case it is:
    ///
    /// - with a name that the user gave, the case of that name, made if need be; images are added to it;
    /// - else the case of the same folder, or of a folder that had all of these images or at least half of them (and
    ///   they at least half of its): the folder was renamed or moved, the case keeps its name and decisions;
    /// - else a new one.
    ///
    /// Reference labels and paths are brought up to date; images are never taken out of a case.
    ///
    /// # Errors
    /// When new images are for a signed case, the name belongs to a case with other images, or nothing was found.
    pub fn import(&self, found: &FoundCase) -> Result<ImportOutcome> {
        let tx = self.write()?;
        let outcome = self.take_in(&tx, found)?;
        tx.commit()?;
        Ok(outcome)
    }

    /// What [`Store::import`] would come to. Nothing is changed.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub fn plan_import(&self, found: &FoundCase) -> Result<ImportOutcome> {
        let tx = self.write()?;
        let outcome = self.take_in(&tx, found)?;
        tx.rollback()?;
        Ok(outcome)
    }

    fn take_in(&self, tx: &Transaction<'_>, found: &FoundCase) -> Result<ImportOutcome> {
        match self.identify(tx, found)? {
            Some(case) => self.update(tx, case, found),
            None if found.cells.is_empty() => Err(StoreError::NothingToImport { root: found.root.clone() }),
            None => self.create(tx, found),
        }
    }

    /// The case that was found, if the database has it.
    fn identify(&self, tx: &Transaction<'_>, found: &FoundCase) -> Result<Option<CaseRecord>> {
        let phantom = found.layout == Layout::Phantom;
        let named = tx
            .prepare_cached(&format!("{CASE} WHERE c.name = ?1"))?
            .query_row([&found.name], |row| self.case_record(row))
            .optional()?;
        if found.name_given {
            return match named {
                Some(case) if case.is_phantom() != phantom => Err(StoreError::Phantom { case: case.name }),
                other => Ok(other),
            };
        }
        let overlap = overlaps(tx, found)?;
        let mut cases = tx.prepare_cached(CASE)?;
        let cases = cases.query_map([], |row| self.case_record(row))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut sizes = tx.prepare_cached("SELECT count(*) FROM cells WHERE case_id = ?1")?;
        let mut best: Option<((bool, usize), CaseRecord)> = None;
        for case in cases.into_iter().filter(|c| c.is_phantom() == phantom) {
            let same = overlap.get(&case.id).copied().unwrap_or(0);
            let here = case.root == found.root;
            if same == 0 && !here {
                continue;
            }
            let size = sizes.query_row([case.id.0], |row| row.get::<_, i64>(0))? as usize;
            let whole = same > 0 && same == found.cells.len();
            let half = same > 0 && 2 * same >= found.cells.len() && 2 * same >= size;
            let is_it = if here { same > 0 || found.cells.is_empty() } else { whole || half };
            if is_it && best.as_ref().is_none_or(|(rank, _)| (here, same) > *rank) {
                best = Some(((here, same), case));
            }
        }
        match (best, named) {
            (Some((_, case)), _) => Ok(Some(case)),
            (None, Some(case)) => {
                let same = overlap.get(&case.id).copied().unwrap_or(0);
                Err(StoreError::NameTaken { name: case.name, same, of: found.cells.len() })
            }
            (None, None) => Ok(None),
        }
    }

    fn create(&self, tx: &Transaction<'_>, found: &FoundCase) -> Result<ImportOutcome> {
        tx.execute(
            "INSERT INTO cases (name, root, layout, scale, target, imported_at) VALUES (?1, ?2, ?3, 'whole_frame', ?4, ?5)",
            (
                &found.name,
                PathText::of(&found.root),
                found.layout.name(),
                DEFAULT_TARGET as i64,
                now(),
            ),
        )?;
        let id = CaseId(tx.last_insert_rowid());
        put_scale(tx, id, &found.scale)?;
        let mut seen = HashSet::new();
        let added =
            self.append(tx, id, 0, found.cells.iter().filter(|c| seen.insert(c.sha256)).map(|c| (c, c.path.clone())))?;
        let folder = found.root.to_string_lossy().into_owned();
        events::append(tx, id, None, &CaseEvent::Imported { folder, cells: added as u64 })?;
        Ok(ImportOutcome {
            case: self.case_by_id(id)?,
            created: true,
            added,
            unchanged: 0,
            moved: 0,
            moved_from: None,
            removed_from_folder: Vec::new(),
        })
    }

    fn update(&self, tx: &Transaction<'_>, case: CaseRecord, found: &FoundCase) -> Result<ImportOutcome> {
        let mut known = known_cells(tx, case.id)?;
        let mut seen = HashSet::new();
        let cells: Vec<_> = found.cells.iter().filter(|c| seen.insert(c.sha256)).collect();
        let (old, new): (Vec<&FoundCell>, Vec<&FoundCell>) =
            cells.into_iter().partition(|c| known.contains_key(&c.sha256));
        if let (CaseState::Signed, Some(version), false) = (case.state, case.version, new.is_empty()) {
            return Err(StoreError::ImportIntoSigned { case: case.name, version, added: new.len() });
        }
        let here = case.root == found.root;
        let follows = !here && 2 * old.len() >= known.len() && !old.is_empty();
        let place = |path: &Path| if here || follows { path.to_owned() } else { found.root.join(path) };
        let (mut unchanged, mut moved) = (0, 0);
        let mut change = tx.prepare_cached("UPDATE cells SET path = ?2, label = ?3, class = ?4 WHERE id = ?1")?;
        for cell in &old {
            let Some(was) = known.remove(&cell.sha256) else { continue };
            // A few images of a case that were found elsewhere are copies, unless the originals are gone.
            let keep = !here && !follows && case.root.join(&was.path).exists();
            let path = if keep { was.path.clone() } else { place(&cell.path) };
            let (label, class) = match &cell.label {
                Some(label) if !keep => (Some(label.clone()), self.class_code(cell)?),
                _ => (was.label.clone(), was.class.clone()),
            };
            if case.root.join(&was.path) == found.root.join(&cell.path) || keep {
                unchanged += 1
            } else {
                moved += 1
            }
            if path != was.path || label != was.label || class != was.class {
                change.execute((was.id.0, PathText(path), label, class))?;
            }
        }
        let left: Vec<Known> = known.into_values().collect();
        if follows {
            let mut stay = tx.prepare_cached("UPDATE cells SET path = ?2 WHERE id = ?1")?;
            for cell in left.iter().filter(|c| c.path.is_relative()) {
                stay.execute((cell.id.0, PathText(case.root.join(&cell.path))))?;
            }
            let sql = "UPDATE cases SET root = ?2, layout = ?3 WHERE id = ?1";
            tx.execute(sql, (case.id.0, PathText::of(&found.root), found.layout.name()))?;
        }
        self.rescale(tx, &case, found)?;
        let next =
            tx.query_row("SELECT coalesce(max(ordinal) + 1, 0) FROM cells WHERE case_id = ?1", [case.id.0], |row| {
                row.get(0)
            })?;
        let added = self.append(tx, case.id, next, new.into_iter().map(|c| (c, place(&c.path))))?;
        let mut removed_from_folder: Vec<_> =
            left.into_iter().map(|c| c.path).filter(|p| (here || follows) && p.is_relative()).collect();
        removed_from_folder.sort();
        Ok(ImportOutcome {
            case: self.case_by_id(case.id)?,
            created: false,
            added,
            unchanged,
            moved,
            moved_from: follows.then_some(case.root),
            removed_from_folder,
        })
    }

    /// A scale that the user gives holds from now on; what the files state replaces a guess, as long as nothing is signed at
    /// it; and a guess replaces nothing but no scale at all.
    fn rescale(&self, tx: &Transaction<'_>, case: &CaseRecord, found: &FoundCase) -> Result<()> {
        let better = match (found.scale.source, case.scale.source) {
            (ScaleSource::Given, _) => true,
            (_, ScaleSource::Given | ScaleSource::File) => false,
            (ScaleSource::File, _) => case.state != CaseState::Signed,
            (_, ScaleSource::WholeFrame) => !found.cells.is_empty(),
            (_, ScaleSource::Profile) => false,
        };
        if found.scale != case.scale && better { put_scale(tx, case.id, &found.scale) } else { Ok(()) }
    }

    fn append<'a>(
        &self,
        tx: &Transaction<'_>,
        case: CaseId,
        first: i64,
        cells: impl Iterator<Item = (&'a FoundCell, PathBuf)>,
    ) -> Result<usize> {
        let sql = "INSERT INTO cells (case_id, ordinal, path, sha256, width, height, label, class)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut insert = tx.prepare_cached(sql)?;
        let mut added = 0;
        for (cell, path) in cells {
            let class = self.class_code(cell)?;
            let ordinal = first + added as i64;
            insert.execute((
                case.0,
                ordinal,
                PathText(path),
                HashBlob(cell.sha256),
                cell.width,
                cell.height,
                &cell.label,
                class,
            ))?;
            added += 1;
        }
        Ok(added)
    }

    fn class_code(&self, cell: &FoundCell) -> Result<Option<String>> {
        cell.class.map(|id| self.code(id).map(str::to_owned)).transpose()
    }
}

/// How many of the found images each case has.
fn overlaps(tx: &Transaction<'_>, found: &FoundCase) -> Result<HashMap<CaseId, usize>> {
    let mut statement = tx.prepare_cached("SELECT case_id FROM cells WHERE sha256 = ?1")?;
    let hashes: HashSet<Sha256Hash> = found.cells.iter().map(|c| c.sha256).collect();
    let mut overlap = HashMap::new();
    for hash in hashes {
        for case in statement.query_map([HashBlob(hash)], |row| row.get(0).map(CaseId))? {
            *overlap.entry(case?).or_insert(0) += 1;
        }
    }
    Ok(overlap)
}

fn known_cells(tx: &Transaction<'_>, case: CaseId) -> Result<HashMap<Sha256Hash, Known>> {
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
