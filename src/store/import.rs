//! Taking a folder that intake found into the database: as a case, or as what a case has become ([`super::identify`] says which).

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension};

use super::{
    DEFAULT_TARGET, Result, Store, StoreError,
    cases::put_scale,
    clock::now,
    columns::{HashBlob, PathText},
    events,
    folders::{Folder, add_folder, holders, known_cells},
    identify::Identity,
    lifecycle::make_way,
};
use crate::domain::{
    CaseEvent, CaseId, CaseRecord, CaseState, FoundCase, FoundCell, Layout, ScaleSource, Sha256Hash, natural_cmp,
};

/// How an import is meant.
#[derive(Debug, Clone, Default)]
pub struct ImportIntent {
    /// The folder is a further one of the case of that name (`--add`).
    pub add: bool,
    /// Who imports, where known.
    pub reviewer: Option<String>,
}

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
    /// The case's folder that this one is a copy of; nothing was changed then.
    pub copy_of: Option<PathBuf>,
    /// Whether the folder is a further one of the case since now.
    pub folder_added: bool,
    /// Images of the case that are no longer in its folder. They and their decisions stay in the record.
    pub removed_from_folder: Vec<PathBuf>,
    /// Images that other cases have as well, byte for byte.
    pub shared: Vec<SharedImages>,
    /// What the demo case is called since a folder took its name.
    pub demo_renamed: Option<String>,
}

/// Images of one case that another one has as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedImages {
    /// The other case.
    pub case: String,
    /// The images, as the folder that was found calls them.
    pub images: Vec<PathBuf>,
}

impl Store {
    /// Takes a found folder in, in one transaction, as [`ImportIntent::default`] means it.
    ///
    /// # Errors
    /// As [`Store::import_as`].
    pub fn import(&self, found: &FoundCase) -> Result<ImportOutcome> {
        self.import_as(found, &ImportIntent::default())
    }

    /// Takes a found folder in, in one transaction. A case is known by its folders: the folder of a case brings it up to
    /// date, a folder that was moved is followed, a copy changes nothing, any other becomes a case of its own or, with
    /// [`ImportIntent::add`], a further folder of the case that is named. Reference labels and paths are brought up to date;
    /// images are never taken out of a case. What changes is in the case's history.
    ///
    /// # Errors
    /// When it is not clear of which case the folder is, its name belongs to another, the folder of a case holds another's
    /// images, new images are for a signed case, or nothing was found. Nothing is changed then.
    pub fn import_as(&self, found: &FoundCase, intent: &ImportIntent) -> Result<ImportOutcome> {
        let tx = self.write()?;
        let outcome = self.take_in(&tx, found, intent)?;
        tx.commit()?;
        Ok(outcome)
    }

    /// What [`Store::import_as`] of all of these, one after the other, would come to. Nothing is changed.
    ///
    /// # Errors
    /// When the database cannot be used. What each would be refused for is in the list.
    pub fn plan_imports(&self, found: &[FoundCase], intent: &ImportIntent) -> Result<Vec<Result<ImportOutcome>>> {
        let tx = self.write()?;
        let mut plans = Vec::new();
        for found in found {
            tx.execute_batch("SAVEPOINT planned")?;
            let plan = self.take_in(&tx, found, intent);
            tx.execute_batch(if plan.is_ok() { "RELEASE planned" } else { "ROLLBACK TO planned; RELEASE planned" })?;
            plans.push(plan);
        }
        tx.rollback()?;
        Ok(plans)
    }

    fn take_in(&self, tx: &Connection, found: &FoundCase, intent: &ImportIntent) -> Result<ImportOutcome> {
        let identity = self.identify(tx, found, intent)?;
        if found.cells.is_empty() && !matches!(identity, Identity::Same(_)) {
            return Err(StoreError::NothingToImport { root: found.root.clone() });
        }
        let mut outcome = match identity {
            Identity::New => self.create(tx, found, intent)?,
            Identity::Copy(folder) => self.leave(folder, found),
            Identity::Same(folder) => self.update(tx, found, intent, folder.case.clone(), Some(folder))?,
            Identity::Moved(folder) => self.update(tx, found, intent, folder.case.clone(), Some(folder))?,
            Identity::Further(case) => self.update(tx, found, intent, case, None)?,
        };
        outcome.shared = self.shared(tx, found, outcome.case.id)?;
        Ok(outcome)
    }

    fn outcome(&self, case: CaseId) -> Result<ImportOutcome> {
        Ok(ImportOutcome {
            case: self.case_by_id(case)?,
            created: false,
            added: 0,
            unchanged: 0,
            moved: 0,
            moved_from: None,
            copy_of: None,
            folder_added: false,
            removed_from_folder: Vec::new(),
            shared: Vec::new(),
            demo_renamed: None,
        })
    }

    fn create(&self, tx: &Connection, found: &FoundCase, intent: &ImportIntent) -> Result<ImportOutcome> {
        let demo_renamed = if found.has_folder() { make_way(self, tx, &found.name)? } else { None };
        tx.execute(
            "INSERT INTO cases (name, root, layout, scale, target, imported_at) VALUES (?1, ?2, ?3, 'whole_frame', ?4, ?5)",
            (
                &found.name,
                PathText::of(&found.root),
                kept_layout(found).name(),
                DEFAULT_TARGET as i64,
                now(tx)?,
            ),
        )?;
        let id = CaseId(tx.last_insert_rowid());
        put_scale(tx, id, &found.scale)?;
        let mut seen = HashSet::new();
        let cells = found.cells.iter().filter(|c| seen.insert(c.sha256)).map(|c| (c, c.path.clone()));
        let added = self.append(tx, id, 0, cells)?;
        let event = CaseEvent::Imported { folder: text(&found.root), cells: added as u64 };
        events::append(tx, id, intent.reviewer.as_deref(), &event)?;
        Ok(ImportOutcome { created: true, added, demo_renamed, ..self.outcome(id)? })
    }

    /// A copy of a folder that is in its place changes nothing.
    fn leave(&self, folder: Folder, found: &FoundCase) -> ImportOutcome {
        ImportOutcome {
            case: folder.case,
            created: false,
            added: 0,
            unchanged: found.cells.len(),
            moved: 0,
            moved_from: None,
            copy_of: Some(folder.root),
            folder_added: false,
            removed_from_folder: Vec::new(),
            shared: Vec::new(),
            demo_renamed: None,
        }
    }

    /// Brings a case up to date with what was found: in `folder` (where it is, or where it was before it was moved), or in a
    /// further one.
    fn update(
        &self,
        tx: &Connection,
        found: &FoundCase,
        intent: &ImportIntent,
        case: CaseRecord,
        folder: Option<Folder>,
    ) -> Result<ImportOutcome> {
        let mut known = known_cells(tx, case.id)?;
        let mut seen = HashSet::new();
        let cells: Vec<_> = found.cells.iter().filter(|c| seen.insert(c.sha256)).collect();
        let (old, new): (Vec<&FoundCell>, Vec<&FoundCell>) =
            cells.into_iter().partition(|c| known.contains_key(&c.sha256));
        if let (CaseState::Signed, Some(version), false) = (case.state, case.version, new.is_empty()) {
            return Err(StoreError::ImportIntoSigned { case: case.name, version, added: new.len() });
        }
        let first = folder.as_ref().is_some_and(|f| f.further.is_none());
        let place = |path: &Path| if first { path.to_owned() } else { found.root.join(path) };
        let (mut unchanged, mut moved) = (0, 0);
        let mut change = tx.prepare_cached("UPDATE cells SET path = ?2, label = ?3, class = ?4 WHERE id = ?1")?;
        for cell in &old {
            let Some(was) = known.remove(&cell.sha256) else { continue };
            let before = case.root.join(&was.path);
            // A file that is still where the case has it stays the case's file.
            let keep = before != found.root.join(&cell.path) && before.is_file();
            let path = if keep { was.path.clone() } else { place(&cell.path) };
            let (label, class) = match &cell.label {
                Some(label) if !keep => (Some(label.clone()), self.class_code(cell)?),
                // Folders that give labels give this one none (any more): none, or two.
                None if !keep && matches!(found.layout, Layout::Classes | Layout::Lmu) => (None, None),
                _ => (was.label.clone(), was.class.clone()),
            };
            if keep || before == found.root.join(&cell.path) {
                unchanged += 1
            } else {
                moved += 1
            }
            if path != was.path || label != was.label || class != was.class {
                change.execute((was.id.0, PathText(path), label, class))?;
            }
        }
        let follows = folder.as_ref().is_some_and(|f| f.root != found.root);
        let mut removed_from_folder = Vec::new();
        if let Some(folder) = &folder {
            let gone = known.iter().filter_map(|(hash, cell)| folder.images.get(hash).map(|path| (cell, path)));
            let mut stay = tx.prepare_cached("UPDATE cells SET path = ?2 WHERE id = ?1")?;
            for (cell, path) in gone {
                if follows {
                    stay.execute((cell.id.0, PathText::of(path)))?;
                }
                removed_from_folder.push(path.strip_prefix(&folder.root).unwrap_or(path).to_owned());
            }
            removed_from_folder.sort();
            if follows {
                self.place(tx, &case, folder, found)?;
            }
            self.rescale(tx, &case, found)?;
        } else {
            add_folder(tx, case.id, &found.root)?;
        }
        let next =
            tx.query_row("SELECT coalesce(max(ordinal) + 1, 0) FROM cells WHERE case_id = ?1", [case.id.0], |row| {
                row.get(0)
            })?;
        let added = self.append(tx, case.id, next, new.into_iter().map(|c| (c, place(&c.path))))?;
        let (new, missing, at) = (added as u64, removed_from_folder.len() as u64, text(&found.root));
        let event = match &folder {
            None => Some(CaseEvent::FolderAdded { folder: at, new, known: old.len() as u64 }),
            Some(folder) if follows => Some(CaseEvent::Moved { from: text(&folder.root), to: at, new, missing }),
            Some(_) if new > 0 || moved > 0 || missing != told_missing(tx, &case, &at)? => {
                Some(CaseEvent::Rescanned { folder: at, new, missing })
            }
            Some(_) => None,
        };
        if let Some(event) = event {
            events::append(tx, case.id, intent.reviewer.as_deref(), &event)?;
        }
        Ok(ImportOutcome {
            added,
            unchanged,
            moved,
            moved_from: folder.as_ref().filter(|_| follows).map(|f| f.root.clone()),
            folder_added: folder.is_none(),
            removed_from_folder,
            ..self.outcome(case.id)?
        })
    }

    /// A folder of a case is where it was found.
    fn place(&self, tx: &Connection, case: &CaseRecord, folder: &Folder, found: &FoundCase) -> Result<()> {
        let root = PathText::of(&found.root);
        match folder.further {
            None => {
                let sql = "UPDATE cases SET root = ?2, layout = ?3 WHERE id = ?1";
                tx.execute(sql, (case.id.0, root, kept_layout(found).name()))?;
            }
            Some(id) => {
                tx.execute("UPDATE case_folders SET root = ?2 WHERE id = ?1", (id, root))?;
            }
        }
        Ok(())
    }

    /// Which of the found images other cases have as well.
    fn shared(&self, tx: &Connection, found: &FoundCase, but: CaseId) -> Result<Vec<SharedImages>> {
        let path: HashMap<Sha256Hash, &Path> = found.cells.iter().rev().map(|c| (c.sha256, c.path.as_path())).collect();
        let mut shared = Vec::new();
        for (case, hashes) in holders(tx, found)?.into_iter().filter(|(case, _)| *case != but) {
            let mut images: Vec<PathBuf> = hashes.iter().filter_map(|h| path.get(h).map(|p| (*p).to_owned())).collect();
            images.sort();
            shared.push(SharedImages { case: self.case_by_id(case)?.name, images });
        }
        shared.sort_by(|a, b| natural_cmp(&a.case, &b.case));
        Ok(shared)
    }

    /// A scale that the user gives holds from now on; what the files state replaces a guess, as long as nothing is signed at
    /// it; and a guess replaces nothing but no scale at all.
    fn rescale(&self, tx: &Connection, case: &CaseRecord, found: &FoundCase) -> Result<()> {
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
        tx: &Connection,
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

/// Drawn cells stay so, however they lie.
fn kept_layout(found: &FoundCase) -> Layout {
    if found.drawn > 0 { Layout::Phantom } else { found.layout }
}

/// A path as events keep it.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// How many images the history has said to be missing from a folder, so that it does not say so with every look.
fn told_missing(tx: &Connection, case: &CaseRecord, folder: &str) -> Result<u64> {
    let sql = "SELECT coalesce(json_extract(detail, '$.missing'), 0) FROM case_events
               WHERE case_uid = ?1 AND kind IN ('imported', 'rescanned', 'folder-added', 'moved')
                 AND ?2 IN (json_extract(detail, '$.folder'), json_extract(detail, '$.to'))
               ORDER BY id DESC LIMIT 1";
    let told: Option<i64> = tx.prepare_cached(sql)?.query_row((&case.uid, folder), |row| row.get(0)).optional()?;
    Ok(told.unwrap_or(0) as u64)
}
