//! What people do to a case as a whole: another name, into the archive and out of it, deletion while nothing is lost by it.

use std::collections::HashSet;

use rusqlite::Connection;

use super::{Result, Store, StoreError, events, folders::folders};
use crate::domain::{CaseEvent, CaseId, CaseRecord, Happening, composed_name, name_key, printable};

/// What nobody may have left in a case that is to be deleted: table, and what people call it.
const TRACES: &[(&str, &str)] = &[
    ("decisions", "decisions"),
    ("notes", "notes"),
    ("remarks", "notes or tags"),
    ("readings", "readings"),
    ("signed", "signed versions"),
];

impl Store {
    /// Gives a case another name. Signed versions, messages and exports that are out keep the name that they were made with.
    ///
    /// # Errors
    /// When the name is blank, holds control characters, or looks like another case's.
    pub fn rename_case(&self, case: CaseId, name: &str, who: Option<&str>) -> Result<CaseRecord> {
        let tx = self.write()?;
        let name = composed_name(name);
        if name.is_empty() {
            return Err(StoreError::Blank("the name of a case"));
        }
        let record = self.case_by_id(case)?;
        let why = |why: String| StoreError::Case { case: record.name.clone(), why };
        if printable(&name) != name {
            return Err(why(format!("`{name}` holds characters that cannot be seen; give it a plain name")));
        }
        match self.named(&tx, &name)? {
            Some(other) if other.id != case => {
                return Err(why(format!("another case is called `{}` already; choose another name", other.name)));
            }
            Some(_) if name == record.name => return Err(why("it is called so already".into())),
            _ => {}
        }
        rename(&tx, &record, &name, who)?;
        tx.commit()?;
        self.case_by_id(case)
    }

    /// Puts a case into the archive, which lists leave out, or takes it out again. `false`: it was so already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn archive_case(&self, case: CaseId, away: bool, who: Option<&str>) -> Result<bool> {
        let tx = self.write()?;
        let changed = tx.execute("UPDATE cases SET archived = ?2 WHERE id = ?1 AND archived <> ?2", (case.0, away))?;
        if changed == 1 {
            let event = if away { CaseEvent::Archived {} } else { CaseEvent::Unarchived {} };
            events::append(&tx, case, who, &event)?;
        }
        tx.commit()?;
        Ok(changed == 1)
    }

    /// The cases in the archive.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn archived(&self) -> Result<HashSet<CaseId>> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM cases WHERE archived = 1")?;
        Ok(statement.query_map([], |row| row.get(0).map(CaseId))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes a case in which nobody has decided, written, read or signed anything. That it was there stays on the record
    /// ([`Store::deletions`]); its images are not touched.
    ///
    /// # Errors
    /// When somebody has; it can be archived.
    pub fn delete_case(&self, case: CaseId, who: Option<&str>) -> Result<()> {
        let tx = self.write()?;
        let record = self.case_by_id(case)?;
        for (table, what) in TRACES {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE case_id = ?1)");
            if tx.query_row(&sql, [case.0], |row| row.get(0))? {
                let why = format!("there are {what} in it, and a record is never deleted; archive it instead");
                return Err(StoreError::Case { case: record.name, why });
            }
        }
        let cells: i64 = tx.query_row("SELECT count(*) FROM cells WHERE case_id = ?1", [case.0], |row| row.get(0))?;
        let folder = record.root.to_string_lossy().into_owned();
        events::append(&tx, case, who, &CaseEvent::Deleted { folder, cells: cells as u64 })?;
        for sql in [
            "DELETE FROM cells WHERE case_id = ?1",
            "DELETE FROM case_folders WHERE case_id = ?1",
            "DELETE FROM cases WHERE id = ?1",
        ] {
            tx.execute(sql, [case.0])?;
        }
        Ok(tx.commit()?)
    }

    /// What became of deleted cases of that name: import, folders, deletion.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn deletions(&self, name: &str) -> Result<Vec<Happening>> {
        events::of_deleted(&self.conn, &name_key(name))
    }

    /// The folders of a case, the first one first, and how many of its images lie in each.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn case_folders(&self, case: &CaseRecord) -> Result<Vec<(std::path::PathBuf, usize)>> {
        Ok(folders(&self.conn, case)?.into_iter().map(|f| (f.root, f.images.len())).collect())
    }

    /// Whether the demo case is to be drawn: it is not here, and nobody has deleted it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn lacks_demo(&self) -> Result<bool> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM cases WHERE layout = 'phantom' AND root = '')
                      AND NOT EXISTS (SELECT 1 FROM case_events WHERE kind = 'deleted' AND json_extract(detail, '$.folder') = '')";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// The name, or that name with a number behind it, that no case has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn free_name(&self, name: &str) -> Result<String> {
        let mut names = (1_u32..).map(|n| if n == 1 { name.to_owned() } else { format!("{name}-{n}") });
        loop {
            match names.next() {
                Some(free) if self.named(&self.conn, &free)?.is_none() => return Ok(free),
                _ => {}
            }
        }
    }
}

/// The name that the demo case takes where a folder has its own.
pub const DEMO_ELSEWHERE: &str = "demo-drawn";

/// If the demo case has that name, it takes another: a folder goes before drawings. The name it has since.
pub(super) fn make_way(store: &Store, tx: &Connection, name: &str) -> Result<Option<String>> {
    let Some(demo) = store.named(tx, name)?.filter(|c| !c.has_folder()) else { return Ok(None) };
    let free = store.free_name(DEMO_ELSEWHERE)?;
    rename(tx, &demo, &free, None)?;
    Ok(Some(free))
}

fn rename(tx: &Connection, case: &CaseRecord, name: &str, who: Option<&str>) -> Result<()> {
    let event = CaseEvent::Renamed { from: case.name.clone(), to: name.to_owned() };
    events::append(tx, case.id, who, &event)?;
    tx.execute("UPDATE cases SET name = ?2 WHERE id = ?1", (case.id.0, name))?;
    // Look-alikes leave out cells of the same patient, by this name.
    let sql = "UPDATE library SET source_set = ?2, patient = ?2 WHERE source = 'signed' AND source_set = ?1";
    if tx.execute(sql, (&case.name, name))? > 0 {
        tx.execute("UPDATE library_revision SET revision = revision + 1", [])?;
    }
    Ok(())
}
