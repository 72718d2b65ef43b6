//! Cases and cells: the list, one case, its cells, its reference labels.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    Result, Store, StoreError,
    blasts::blasts_of,
    columns::{HashBlob, PathText, class_of},
};
use crate::domain::{
    CaseId, CaseRecord, CaseState, CaseSummary, CellId, CellNumber, CellRecord, ClassId, Layout, Scale, ScaleSource,
    Share, name_key, natural_cmp, printable,
};

/// A case, with the latest of its events that says what counts as a blast in it.
pub(super) const CASE: &str = "SELECT c.id, c.name, c.root, c.layout, c.um_per_px, \
                               iif(c.scale_from_file, 'file', c.scale), c.target, c.imported_at, \
                               s.version, s.state, c.uid, \
                               (SELECT e.detail FROM case_events e WHERE e.case_uid = c.uid AND e.kind = 'blasts' \
                               ORDER BY e.id DESC LIMIT 1) FROM cases c JOIN case_state s ON s.case_id = c.id";
pub(super) const CELL: &str = "c.id, c.path, c.sha256, c.width, c.height, c.ordinal";

impl Store {
    /// All cases in name order, with how far each is reviewed. Counts come from the log, by the rule of
    /// [`crate::domain::current`].
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn cases(&self) -> Result<Vec<CaseSummary>> {
        let tx = self.read()?;
        let mut list = Vec::new();
        let mut place = HashMap::new();
        let mut rows = tx.prepare_cached(CASE)?;
        // A list with a case left out is a wrong list, and this table is short.
        let integrity: String = tx.query_row("PRAGMA integrity_check('cases')", [], |row| row.get(0))?;
        if integrity != "ok" {
            return Err(StoreError::Corrupt { path: self.path.clone(), what: integrity });
        }
        for case in rows.query_map([], |row| self.case_record(row))? {
            let case = case?;
            place.insert(case.id.0, list.len());
            list.push((CaseSummary { case, cells: 0, reviewed: 0, blasts: None }, 0_u64, 0_u64));
        }
        let at = |case: i64| {
            let missing = || StoreError::Damaged(format!("rows of a case {case} that is not there"));
            place.get(&case).copied().ok_or_else(missing)
        };
        // Cells are only ever added, numbered without a gap: no need to count them.
        let mut cells =
            tx.prepare_cached("SELECT id, (SELECT max(ordinal) + 1 FROM cells WHERE case_id = cases.id) FROM cases")?;
        for row in cells.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))? {
            let (case, n) = row?;
            list[at(case)?].0.cells = n.unwrap_or(0) as u64;
        }
        let mut classes = tx.prepare_cached("SELECT case_id, class, count(*) FROM standing GROUP BY case_id, class")?;
        let mut rows = classes.query([])?;
        while let Some(row) = rows.next()? {
            let (summary, wbc, blasts) = &mut list[at(row.get(0)?)?];
            let n = row.get::<_, i64>(2)? as u64;
            summary.reviewed += n;
            if let Some(code) = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)? {
                let class = class_of(&self.table, code)?;
                if self.table.get(class).role.is_wbc() {
                    *wbc += n;
                    *blasts += if summary.case.blasts.holds(class) { n } else { 0 };
                }
            }
        }
        let finish = |(summary, wbc, blasts)| CaseSummary { blasts: Share::new(blasts, wbc), ..summary };
        let mut list: Vec<_> = list.into_iter().map(finish).collect();
        list.sort_by(|a, b| natural_cmp(&a.case.name, &b.case.name));
        Ok(list)
    }

    /// The case of that name, as it is, as a terminal shows it, or as it looks ([`name_key`]).
    ///
    /// # Errors
    /// [`StoreError::NoSuchCase`] with the nearest name.
    pub fn case(&self, name: &str) -> Result<CaseRecord> {
        let sql = format!("{CASE} WHERE c.name = ?1");
        if let Some(case) = self.conn.prepare_cached(&sql)?.query_row([name], |row| self.case_record(row)).optional()? {
            return Ok(case);
        }
        let mut names = self.conn.prepare_cached("SELECT name FROM cases")?;
        let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let shown: Vec<_> = names.iter().filter(|n| printable(n) == name).collect();
        if let [only] = shown[..] {
            return Ok(self.conn.prepare_cached(&sql)?.query_row([only], |row| self.case_record(row))?);
        }
        let alike: Vec<_> = names.iter().filter(|n| name_key(n) == name_key(name)).collect();
        if let [only] = alike[..] {
            return Ok(self.conn.prepare_cached(&sql)?.query_row([only], |row| self.case_record(row))?);
        }
        let near = |n: &String| strsim::jaro_winkler(&n.to_lowercase(), &name.to_lowercase());
        let like = names.into_iter().filter(|n| near(n) > 0.8).max_by(|a, b| near(a).total_cmp(&near(b)));
        Err(StoreError::NoSuchCase { name: name.to_owned(), like })
    }

    /// The case of that number.
    ///
    /// # Errors
    /// [`StoreError::NoSuchCaseId`].
    pub fn case_by_id(&self, id: CaseId) -> Result<CaseRecord> {
        let mut statement = self.conn.prepare_cached(&format!("{CASE} WHERE c.id = ?1"))?;
        statement.query_row([id.0], |row| self.case_record(row)).optional()?.ok_or(StoreError::NoSuchCaseId(id.0))
    }

    /// The cells of a case in its order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn cells(&self, case: CaseId) -> Result<Vec<CellRecord>> {
        let mut statement =
            self.conn.prepare_cached(&format!("SELECT {CELL} FROM cells c WHERE c.case_id = ?1 ORDER BY c.ordinal"))?;
        Ok(statement.query_map([case.0], cell_record)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The reference labels of a case: as they were found, and the class that each stands for. Not for eyes that have
    /// not decided yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reference_labels(&self, case: CaseId) -> Result<HashMap<CellId, (String, Option<ClassId>)>> {
        let sql = "SELECT id, label, class FROM cells WHERE case_id = ?1 AND label IS NOT NULL";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([case.0])?;
        let mut labels = HashMap::new();
        while let Some(row) = rows.next()? {
            let class = row.get::<_, Option<String>>(2)?.and_then(|code| self.table.by_code(&code));
            labels.insert(CellId(row.get(0)?), (row.get(1)?, class));
        }
        Ok(labels)
    }

    /// Sets how many WBC the reviewer aims at (see [`CaseRecord::target`]).
    ///
    /// # Errors
    /// When the case is signed, or the target is 0.
    pub fn set_target(&self, case: CaseId, target: u64) -> Result<()> {
        let tx = self.write()?;
        self.unsigned(case)?;
        let target =
            i64::try_from(target).ok().filter(|&t| t > 0).ok_or(StoreError::Blank("the number of WBC to count"))?;
        tx.execute("UPDATE cases SET target = ?2 WHERE id = ?1", (case.0, target))?;
        Ok(tx.commit()?)
    }

    /// A case from the columns of [`CASE`].
    pub(super) fn case_record(&self, row: &Row<'_>) -> rusqlite::Result<CaseRecord> {
        let source = match row.get_ref(5)?.as_str()? {
            "given" => ScaleSource::Given,
            "file" => ScaleSource::File,
            "profile" => ScaleSource::Profile,
            _ => ScaleSource::WholeFrame,
        };
        let layout = match row.get_ref(3)?.as_str()? {
            "classes" => Layout::Classes,
            "lmu" => Layout::Lmu,
            "phantom" => Layout::Phantom,
            _ => Layout::Flat,
        };
        let state = match row.get_ref(9)?.as_str()? {
            "signed" => CaseState::Signed,
            "reopened" => CaseState::Reopened,
            _ => CaseState::Open,
        };
        let blasts = blasts_of(&self.table, row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)?)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(11, rusqlite::types::Type::Text, Box::new(e)))?;
        Ok(CaseRecord {
            id: CaseId(row.get(0)?),
            uid: row.get(10)?,
            name: row.get(1)?,
            root: row.get::<_, PathText>(2)?.0,
            layout,
            scale: Scale { um_per_px: row.get(4)?, source },
            target: row.get::<_, i64>(6)? as u64,
            blasts,
            state,
            version: row.get(8)?,
            imported_at: row.get(7)?,
        })
    }

    /// The case, if decisions may be made in it.
    pub(super) fn unsigned(&self, case: CaseId) -> Result<CaseRecord> {
        let record = self.case_by_id(case)?;
        match (record.state, record.version) {
            (CaseState::Signed, Some(version)) => Err(StoreError::Signed { case: record.name, version }),
            _ => Ok(record),
        }
    }
}

pub(super) fn cell_record(row: &Row<'_>) -> rusqlite::Result<CellRecord> {
    Ok(CellRecord {
        id: CellId(row.get(0)?),
        path: row.get::<_, PathText>(1)?.0,
        sha256: row.get::<_, HashBlob>(2)?.0,
        width: row.get(3)?,
        height: row.get(4)?,
        number: number(row, 5)?,
    })
}

/// A cell's number, from the column of its ordinal.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<CellNumber> {
    row.get::<_, u32>(column).map(|ordinal| CellNumber::after(ordinal as usize))
}

/// Writes a case's scale. Schema 1 knows of three sources, and the fourth is one of them with a mark beside it.
pub(super) fn put_scale(tx: &Connection, case: CaseId, scale: &Scale) -> Result<()> {
    let source = match scale.source {
        ScaleSource::Given | ScaleSource::File => "given",
        ScaleSource::Profile => "profile",
        ScaleSource::WholeFrame => "whole_frame",
    };
    let sql = "UPDATE cases SET um_per_px = ?2, scale = ?3, scale_from_file = ?4 WHERE id = ?1";
    tx.execute(sql, (case.0, scale.um_per_px, source, scale.source == ScaleSource::File))?;
    Ok(())
}
