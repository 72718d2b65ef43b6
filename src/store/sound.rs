//! Whether what is read of a case can be relied on. SQLite does not notice a changed byte, and reading by a damaged index leaves out
//! rows without a word: so the rows of a case are found by each index and in the table itself, its log is held against the extract
//! that the list counts from, and every signed version against its digest.

use std::collections::HashMap;

use rusqlite::{ErrorCode, types::Value};

use super::{Result, SignedVersion, Store, StoreError, digest, signed::SignedRow};
use crate::domain::{CaseId, CaseRecord, CellId, Seq, printable};

/// Cells of all cases together up to which the list of cases is held against itself whenever it is asked for; in a larger database a
/// case is when it is opened.
const LIST: u64 = 20_000;

/// Indices of the tables that counts come from: table, number of its rows, index, and the columns that the index holds beside the case.
const INDICES: [(&str, &str, &str, &str); 7] = [
    ("cells", "id", "sqlite_autoindex_cells_2", "ordinal"),
    ("cells", "id", "sqlite_autoindex_cells_3", "sha256"),
    ("decisions", "seq", "decisions_by_case", "seq"),
    ("decisions", "seq", "decisions_by_cell", "cell_id, reading, target, class"),
    ("standing", "cell_id", "standing_by_class", "class"),
    ("readings", "id", "readings_by_case", "id"),
    ("notes", "id", "notes_by_case", "id"),
];
/// The same of what says which signed version holds. These tables are short, so that all of them is read.
const VERSIONS: [(&str, &str, &str); 2] =
    [("signed", "sqlite_autoindex_signed_1", "version"), ("reopenings", "sqlite_autoindex_reopenings_1", "version")];

type Rows = Vec<(i64, Vec<Value>)>;

impl Store {
    /// Holds all that counts of a case come from against itself, and every signed version against its digest.
    ///
    /// # Errors
    /// [`StoreError::Unsound`] with what does not agree.
    pub fn check_case(&self, case: &CaseRecord) -> Result<()> {
        let tx = if self.conn.is_autocommit() { Some(self.read()?) } else { None };
        let problems = self.case_problems(case);
        drop(tx);
        match problems {
            Ok(problems) => match problems.into_iter().next() {
                None => Ok(()),
                Some(what) => Err(self.unsound(case, what)),
            },
            Err(e) => Err(self.blame(case, e)),
        }
    }

    /// The cases of the list that [`Store::check_case`] refuses, as long as the database is small enough to hold all of it against itself.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unsound_cases(&self, list: &[crate::domain::CaseSummary]) -> Result<Vec<(CaseId, StoreError)>> {
        let all: u64 = list.iter().map(|c| c.cells.max(1)).sum();
        if all > LIST {
            return Ok(Vec::new());
        }
        let mut bad = Vec::new();
        for summary in list {
            match self.check_case(&summary.case) {
                Ok(()) => {}
                Err(e @ StoreError::Unsound { .. }) => bad.push((summary.case.id, e)),
                Err(e) => return Err(e),
            }
        }
        Ok(bad)
    }

    /// Everything about a case that does not agree, as clauses about it.
    pub(super) fn case_problems(&self, case: &CaseRecord) -> Result<Vec<String>> {
        let mut problems = self.row_problems(case.id)?;
        match self.log(case.id) {
            Ok(log) => {
                problems.extend(self.extract_problems(case, &log)?);
                problems.extend(super::verify::log_problems(&log));
                problems.extend(self.reading_problems(case)?);
            }
            // A signed version can be read under any class table; the log is refused where it is read.
            Err(StoreError::UnknownClass { .. }) => {}
            Err(e) => problems.push(e.to_string()),
        }
        problems.extend(self.version_problems(case.id)?);
        let signed = self.signed_rows(case.id)?;
        for (i, row) in signed.iter().enumerate() {
            let version = row.version.version;
            if version as usize != i + 1 {
                problems.push(format!("signed version {version} follows {i} others"));
            }
            let joint = self.joint_problem(&row.version).or_else(|e| match e {
                StoreError::UnknownClass { .. } => Ok(None),
                e => Err(e),
            })?;
            // What was signed stands; but a log that says otherwise by now is damaged.
            let log = if row.digest.is_some() { self.signed_log_problems(&row.version)? } else { Vec::new() };
            let said = self.signed_row_problems(row)?.chain(log).chain(joint);
            problems.extend(said.map(|p| format!("signed version {version} {p}")));
        }
        Ok(problems)
    }

    /// The signed versions of a case, each held against its digest, or against its own cells and the log where it has none.
    pub(super) fn sound_versions(&self, case: CaseId) -> Result<Vec<SignedVersion>> {
        let name = || self.case_by_id(case);
        let read = || -> Result<Vec<SignedRow>> {
            let rows = self.signed_rows(case)?;
            if let Some(what) = self.version_problems(case)?.into_iter().next() {
                return Err(self.unsound(&name()?, what));
            }
            for (i, row) in rows.iter().enumerate() {
                let version = row.version.version;
                if version as usize != i + 1 {
                    return Err(self.unsound(&name()?, format!("signed version {version} follows {i} others")));
                }
                if let Some(what) = self.signed_row_problems(row)?.next() {
                    return Err(self.unsound(&name()?, format!("signed version {version} {what}")));
                }
            }
            Ok(rows)
        };
        match read() {
            Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
            Err(e) => Err(match name() {
                Ok(record) => self.blame(&record, e),
                Err(_) => e,
            }),
        }
    }

    fn signed_row_problems(&self, row: &SignedRow) -> Result<impl Iterator<Item = String> + use<>> {
        let mut problems = super::verify::count_problems(&row.version);
        match row.digest {
            Some(digest) if digest != digest::of(&row.version, &row.uid) => {
                problems.push("does not say what was signed".to_owned());
            }
            Some(_) => {}
            None => problems.extend(self.signed_log_problems(&row.version)?),
        }
        Ok(problems.into_iter())
    }

    /// Whether the cells of a version stand on the decisions that held when it was signed: from the log as it is written, whatever class
    /// table is in use.
    fn signed_log_problems(&self, signed: &SignedVersion) -> Result<Vec<String>> {
        let sql = "SELECT seq, cell_id, action, class, target FROM decisions
                   WHERE case_id = ?1 AND reading IS NULL AND seq <= ?2 ORDER BY seq";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query((signed.case.0, signed.last_seq))?;
        let mut log: Vec<(Seq, CellId, Option<String>)> = Vec::new();
        let mut undone = std::collections::HashSet::new();
        while let Some(row) = rows.next()? {
            let (seq, action): (Seq, String) = (row.get(0)?, row.get(2)?);
            match (action.as_str(), row.get::<_, Option<Seq>>(4)?) {
                ("undo", Some(target)) => _ = undone.insert(target),
                ("redo", Some(target)) => _ = undone.remove(&target),
                _ => log.push((seq, CellId(row.get(1)?), row.get(3)?)),
            }
        }
        let holding = log.into_iter().filter(|(seq, ..)| !undone.contains(seq));
        let held: HashMap<CellId, (Seq, Option<String>)> =
            holding.map(|(seq, cell, class)| (cell, (seq, class))).collect();
        let differs = |cell: &&super::SignedCell| {
            held.get(&cell.cell) != cell.decided.as_ref().map(|d| (d.seq, d.class.clone())).as_ref()
        };
        let say = |cell: &super::SignedCell| format!("does not say of cell {} what the log says", cell.number);
        Ok(signed.cells.iter().filter(differs).map(say).collect())
    }

    /// Whether every index finds the rows that are in its table.
    fn row_problems(&self, case: CaseId) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for (table, id, index, columns) in INDICES {
            let sql = format!("SELECT {id}, {columns} FROM {table} INDEXED BY {index} WHERE case_id = ?1");
            let found = self.rows(&sql, &[case.0])?;
            // By the number of the rows, between the first and the last that any index of the table finds.
            let mut ends = found.first().zip(found.last()).map(|(a, b)| (a.0, b.0));
            for other in INDICES.iter().filter(|other| other.0 == table && other.2 != index) {
                let sql = format!("SELECT {id} FROM {table} INDEXED BY {} WHERE case_id = ?1", other.2);
                let also = self.rows(&sql, &[case.0])?;
                if let (Some(a), Some(b)) = (also.first(), also.last()) {
                    ends = Some(ends.map_or((a.0, b.0), |(x, y)| (x.min(a.0), y.max(b.0))));
                }
            }
            let (from, to) = ends.unwrap_or((0, -1));
            let sql = format!(
                "SELECT {id}, {columns} FROM {table} NOT INDEXED WHERE case_id = ?1 AND {id} BETWEEN ?2 AND ?3"
            );
            if found != self.rows(&sql, &[case.0, from, to])? {
                problems.push(format!("rows of `{table}` are not where its index `{index}` says"));
            }
        }
        Ok(problems)
    }

    /// Whether the list of signed versions is whole: in the table as in the index, and each but the last one reopened.
    fn version_problems(&self, case: CaseId) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let mut counted = [0; 2];
        for (n, (table, index, column)) in counted.iter_mut().zip(VERSIONS) {
            let sql = |how: &str| format!("SELECT id, {column} FROM {table} {how} WHERE case_id = ?1");
            let found = self.rows(&sql(&format!("INDEXED BY {index}")), &[case.0])?;
            *n = found.len();
            if found != self.rows(&sql("NOT INDEXED"), &[case.0])? {
                problems.push(format!("rows of `{table}` are not where its index says"));
            }
        }
        let [signed, reopened] = counted;
        if !(reopened == signed || reopened + 1 == signed) {
            problems.push(format!("it was signed {signed} times and reopened {reopened} times"));
        }
        Ok(problems)
    }

    fn rows(&self, sql: &str, parameters: &[i64]) -> Result<Rows> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| {
            Ok((row.get(0)?, (1..columns).map(|i| row.get(i)).collect::<rusqlite::Result<_>>()?))
        })?;
        let mut rows = rows.collect::<rusqlite::Result<Rows>>()?;
        rows.sort_by_key(|row| row.0);
        Ok(rows)
    }

    pub(super) fn unsound(&self, case: &CaseRecord, what: String) -> StoreError {
        StoreError::Unsound { path: self.path.clone(), case: case.name.clone(), what }
    }

    /// Says of which case something damaged was read.
    fn blame(&self, case: &CaseRecord, error: StoreError) -> StoreError {
        match error {
            StoreError::Corrupt { what, .. } => self.unsound(case, what),
            StoreError::Damaged(what) => self.unsound(case, format!("it holds {}", printable(&what))),
            other => other,
        }
    }
}

/// Whether SQLite's error means that the file does not hold what it held.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        None => matches!(
            error,
            FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
        ),
    }
}
