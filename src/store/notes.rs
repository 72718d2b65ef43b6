//! Notes on cells: appended, never changed, and in no count; a signed case takes them as well.

use super::{Result, Store, StoreError, clock::now, columns::said};
use crate::domain::{CaseId, CellId};

/// What a reviewer wrote on a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number; later notes have greater ones.
    pub id: i64,
    /// The cell.
    pub cell: CellId,
    /// Who wrote it.
    pub reviewer: String,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// The text, as it was typed.
    pub text: String,
}

impl Store {
    /// The notes of a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn notes(&self, case: CaseId) -> Result<Vec<Note>> {
        let sql = "SELECT id, cell_id, reviewer, at, text FROM notes WHERE case_id = ?1 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let notes = statement.query_map([case.0], |row| {
            Ok(Note {
                id: row.get(0)?,
                cell: CellId(row.get(1)?),
                reviewer: row.get(2)?,
                at: row.get(3)?,
                text: row.get(4)?,
            })
        })?;
        Ok(notes.collect::<rusqlite::Result<_>>()?)
    }

    /// Appends a note; what is returned is on the disk.
    ///
    /// # Errors
    /// When text or reviewer say nothing, or there is no such cell.
    pub fn add_note(&self, cell: CellId, reviewer: &str, text: &str) -> Result<Note> {
        let (reviewer, text) = (said("the reviewer's name", reviewer)?, said("a note", text)?);
        let tx = self.write()?;
        let at = now(&tx)?;
        let sql = "INSERT INTO notes (case_id, cell_id, reviewer, at, text) SELECT case_id, id, ?2, ?3, ?4 FROM cells WHERE id = ?1";
        if tx.prepare_cached(sql)?.execute((cell.0, reviewer, &at, text))? == 0 {
            return Err(StoreError::NoSuchCell { cell, case: "any".into() });
        }
        let id = tx.last_insert_rowid();
        tx.commit()?;
        Ok(Note { id, cell, reviewer: reviewer.to_owned(), at, text: text.to_owned() })
    }
}
