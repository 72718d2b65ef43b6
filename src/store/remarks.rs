//! Remarks on cases, and tags of cases and cells: appended, never changed, and in no count; a signed case takes them too.

use super::{Result, Store, StoreError, clock::now, columns::said};
use crate::domain::{CaseId, CellId, Remark, RemarkKind};

impl Store {
    /// The remarks of a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn remarks(&self, case: CaseId) -> Result<Vec<Remark>> {
        let sql = "SELECT id, cell_id, reviewer, at, kind, text FROM remarks WHERE case_id = ?1 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([case.0])?;
        let mut remarks = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = match row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)? {
                "note" => RemarkKind::Note,
                "tag" => RemarkKind::Tag,
                "untag" => RemarkKind::Untag,
                other => return Err(StoreError::Damaged(format!("a remark `{other}` that makes no sense"))),
            };
            remarks.push(Remark {
                id: row.get(0)?,
                cell: row.get::<_, Option<i64>>(1)?.map(CellId),
                reviewer: row.get(2)?,
                at: row.get(3)?,
                kind,
                text: row.get(5)?,
            });
        }
        Ok(remarks)
    }

    /// Appends a remark; what is returned is on the disk.
    ///
    /// # Errors
    /// When text or reviewer say nothing, or the case has no such cell.
    pub fn add_remark(
        &self,
        case: CaseId,
        cell: Option<CellId>,
        reviewer: &str,
        kind: RemarkKind,
        text: &str,
    ) -> Result<Remark> {
        let (reviewer, text) = (said("the reviewer's name", reviewer)?, said("a remark", text)?);
        let tx = self.write()?;
        let at = now(&tx)?;
        let record = self.case_by_id(case)?;
        if let Some(cell) = cell {
            let known = "SELECT 1 FROM cells WHERE case_id = ?1 AND id = ?2";
            if !tx.prepare_cached(known)?.exists((case.0, cell.0))? {
                return Err(StoreError::NoSuchCell { cell, case: record.name });
            }
        }
        let sql = "INSERT INTO remarks (case_id, cell_id, reviewer, at, kind, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        tx.prepare_cached(sql)?.execute((case.0, cell.map(|c| c.0), reviewer, &at, kind.name(), text))?;
        let id = tx.last_insert_rowid();
        tx.commit()?;
        Ok(Remark { id, cell, reviewer: reviewer.to_owned(), at, kind, text: text.to_owned() })
    }
}
