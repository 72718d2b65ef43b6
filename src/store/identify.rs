//! Which case a found folder is of. Two patients must never become one case, so a case is known by its folders and never by
//! images in common; ARCHITECTURE.md ("What a case is") says the rules and why they are these.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::{
    ImportIntent, ImportRefusal, Result, Store, StoreError,
    folders::{Folder, cases_at, folders, holders, known_cells},
};
use crate::domain::{CaseId, CaseRecord, FoundCase, Sha256Hash, name_key};

/// What a found folder is.
pub(super) enum Identity {
    /// A case that the database does not have.
    New,
    /// The folder of a case, looked at again.
    Same(Folder),
    /// The folder of a case in another place: the old place no longer holds it.
    Moved(Folder),
    /// A copy of a folder that is still in its place.
    Copy(Folder),
    /// A further folder for a case.
    Further(CaseRecord),
}

/// What is asked again and again while a folder is looked at.
struct Look<'a> {
    found: &'a FoundCase,
    hashes: HashSet<Sha256Hash>,
    drawn: bool,
}

impl Look<'_> {
    /// Drawn cells and patients' are never compared, nor is anything with the demo case, which has no folder.
    fn comparable(&self, case: &CaseRecord) -> bool {
        case.has_folder() && case.is_phantom() == self.drawn
    }

    /// Moved: none of the images that were found is in its old place any more, and old folder and new one are the same but for
    /// less than a quarter of either.
    fn moved(&self, folder: &Folder) -> bool {
        let common = folder.common(&self.hashes);
        4 * common > 3 * folder.images.len() && 4 * common > 3 * self.hashes.len() && folder.still(&self.hashes) == 0
    }

    /// Neither surely moved nor surely another: the old place no longer holds half of either.
    fn perhaps_moved(&self, folder: &Folder) -> bool {
        let common = folder.common(&self.hashes);
        common > 0
            && (2 * common >= folder.images.len() || 2 * common >= self.hashes.len())
            && folder.still(&self.hashes) == 0
    }

    /// Whether a folder's case is called like the found one.
    fn namesake(&self, folder: &Folder) -> bool {
        name_key(&folder.case.name) == name_key(&self.found.name)
    }

    /// The one of several, by the case's name or the folder's.
    fn one_of(&self, mut folders: Vec<Folder>) -> Result<Option<Folder>> {
        let alike = |f: &Folder| f.root.file_name() == self.found.root.file_name();
        let only = |like: &dyn Fn(&Folder) -> bool| folders.iter().filter(|f| like(f)).count() == 1;
        if only(&|f| self.namesake(f)) {
            folders.retain(|f| self.namesake(f));
        } else if only(&alike) {
            folders.retain(alike);
        }
        if folders.len() > 1 {
            let cases = folders.into_iter().map(|f| f.case.name).collect();
            return Err(ImportRefusal::SeveralCases { root: self.found.root.clone(), cases }.into());
        }
        Ok(folders.pop())
    }

    /// The folder of a case looked at again, unless it was used again for another smear.
    fn same(&self, tx: &Connection, folder: Folder) -> Result<Folder> {
        if !self.hashes.is_empty() && folder.case.is_phantom() != self.drawn {
            return Err(self.not_mixed(&folder.case));
        }
        let known = known_cells(tx, folder.case.id)?;
        let new = self.hashes.iter().filter(|h| !known.contains_key(h)).count();
        let by_path: HashMap<_, _> =
            self.found.cells.iter().map(|c| (self.found.root.join(&c.path), c.sha256)).collect();
        let other = |path| by_path.get(path).is_some_and(|hash| !known.contains_key(hash));
        let mut changed: Vec<_> = folder.images.values().filter(|path| other(*path)).collect();
        changed.sort();
        let (same, of) = (folder.common(&self.hashes), folder.images.len());
        let what = if let Some(first) = changed.first() {
            let first = first.strip_prefix(&folder.root).unwrap_or(first).to_string_lossy();
            format!("{} of its {of} files hold other images under the same names ({first} first)", changed.len())
        } else if new > 0 && 2 * same < of {
            format!("only {same} of the case's {of} images are still there, beside {new} new ones")
        } else {
            return Ok(folder);
        };
        let what = crate::domain::printable(&what).into_owned();
        Err(ImportRefusal::FolderReused { case: folder.case.name, root: folder.root, what }.into())
    }

    fn not_mixed(&self, case: &CaseRecord) -> StoreError {
        if case.is_phantom() {
            return StoreError::Phantom { case: case.name.clone() };
        }
        ImportRefusal::DrawnForPatient { root: self.found.root.clone(), case: case.name.clone() }.into()
    }
}

impl Store {
    /// Which case a found folder is of.
    pub(super) fn identify(&self, tx: &Connection, found: &FoundCase, intent: &ImportIntent) -> Result<Identity> {
        let hashes: HashSet<_> = found.cells.iter().map(|c| c.sha256).collect();
        if found.drawn > 0 && found.drawn < found.cells.len() {
            let (drawn, of) = (found.drawn, found.cells.len());
            return Err(ImportRefusal::Mixed { root: found.root.clone(), drawn, of }.into());
        }
        let look = Look { found, hashes, drawn: found.drawn > 0 };
        let named = self.named(tx, &found.name)?;
        if found.name_given || intent.add {
            return self.as_named(tx, &look, named, intent);
        }
        let mut fits = Vec::new();
        let mut refused = None;
        if found.has_folder() {
            for case in cases_at(self, tx, &found.root)? {
                for folder in folders(tx, &case)?.into_iter().filter(|f| f.root == found.root) {
                    match look.same(tx, folder) {
                        Ok(folder) => fits.push(folder),
                        Err(e) => refused = refused.or(Some(e)),
                    }
                }
            }
        }
        if let Some(folder) = look.one_of(fits)? {
            return Ok(Identity::Same(folder));
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        let (mut moved, mut copies, mut perhaps) = (Vec::new(), Vec::new(), Vec::new());
        for id in holders(tx, found)?.into_keys() {
            let case = self.case_by_id(id)?;
            if !look.comparable(&case) {
                continue;
            }
            for folder in folders(tx, &case)? {
                if look.moved(&folder) {
                    moved.push(folder);
                } else if folder.is(&look.hashes) {
                    copies.push(folder);
                } else if look.perhaps_moved(&folder) {
                    perhaps.push(folder);
                }
            }
        }
        if let Some(folder) = look.one_of(moved)? {
            return Ok(Identity::Moved(folder));
        }
        copies.sort_by_key(|f| (!look.namesake(f), f.case.id));
        if let Some(folder) = copies.into_iter().next() {
            return Ok(look.copy(folder));
        }
        perhaps.sort_by_key(|f| f.case.id);
        if let Some(folder) = perhaps.into_iter().next() {
            let same = folder.common(&look.hashes);
            return Err(ImportRefusal::PerhapsMoved {
                of: folder.images.len(),
                same,
                new: look.hashes.len() - same,
                case: folder.case.name,
                there: folder.root,
                root: found.root.clone(),
            }
            .into());
        }
        match named {
            Some(case) if case.has_folder() => Err(name_taken(tx, &look, case)?),
            _ => Ok(Identity::New),
        }
    }

    /// The user said which case: a case of another folder is never taken for it without `--add`, unless its folder moved here.
    fn as_named(
        &self,
        tx: &Connection,
        look: &Look<'_>,
        named: Option<CaseRecord>,
        intent: &ImportIntent,
    ) -> Result<Identity> {
        let root = look.found.root.clone();
        let Some(case) = named.filter(|c| c.has_folder() || intent.add) else {
            if intent.add {
                return Err(ImportRefusal::NothingToAddTo { name: look.found.name.clone(), root }.into());
            }
            return Ok(Identity::New);
        };
        let mut all = folders(tx, &case)?;
        if let Some(at) = all.iter().position(|f| f.root == root) {
            return Ok(Identity::Same(look.same(tx, all.swap_remove(at))?));
        }
        if intent.add {
            return self.as_further(tx, look, case);
        }
        if look.comparable(&case) {
            if let Some(at) = all.iter().position(|f| look.moved(f)) {
                return Ok(Identity::Moved(all.swap_remove(at)));
            }
            if let Some(at) = all.iter().position(|f| f.is(&look.hashes)) {
                return Ok(look.copy(all.swap_remove(at)));
            }
        }
        Err(name_taken(tx, look, case)?)
    }

    /// A second slide: by the same scanner, of a case that is open, and not another case's folder.
    fn as_further(&self, tx: &Connection, look: &Look<'_>, case: CaseRecord) -> Result<Identity> {
        let root = look.found.root.clone();
        if !look.comparable(&case) {
            return Err(look.not_mixed(&case));
        }
        self.unsigned(case.id)?;
        if let Some(owner) = cases_at(self, tx, &root)?.into_iter().find(|c| c.id != case.id) {
            return Err(ImportRefusal::FolderOfAnother { root, owner: owner.name, case: case.name }.into());
        }
        let (here, there) = (look.found.scale.um_per_px, case.scale.um_per_px);
        let same = match (here, there) {
            (Some(a), Some(b)) => (a - b).abs() <= 0.01 * b,
            (a, b) => a == b,
        };
        if !same && !look.hashes.is_empty() {
            let text = |um: Option<f64>| um.map(|um| um.to_string());
            return Err(
                ImportRefusal::OtherScale { root, here: text(here), case: case.name, there: text(there) }.into()
            );
        }
        Ok(Identity::Further(case))
    }

    /// The case whose name looks like this one.
    pub(super) fn named(&self, tx: &Connection, name: &str) -> Result<Option<CaseRecord>> {
        let key = name_key(name);
        let mut statement = tx.prepare_cached("SELECT id, name FROM cases ORDER BY name = ?1 DESC, id")?;
        let mut rows = statement.query([name])?;
        while let Some(row) = rows.next()? {
            if name_key(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?) == key {
                let id: i64 = row.get(0)?;
                return Ok(Some(self.case_by_id(CaseId(id))?));
            }
        }
        Ok(None)
    }
}

impl Look<'_> {
    /// A folder with the same images: a copy where the original is whole; where some of it is gone, a place more for the case.
    fn copy(&self, folder: Folder) -> Identity {
        if folder.still(&self.hashes) == folder.images.len() {
            Identity::Copy(folder)
        } else {
            Identity::Further(folder.case)
        }
    }
}

fn name_taken(tx: &Connection, look: &Look<'_>, case: CaseRecord) -> Result<StoreError> {
    let same = known_cells(tx, case.id)?.keys().filter(|h| look.hashes.contains(h)).count();
    Ok(ImportRefusal::NameTaken {
        asked: look.found.name.clone(),
        name: case.name,
        there: case.root,
        root: look.found.root.clone(),
        same,
        of: look.hashes.len(),
    }
    .into())
}
