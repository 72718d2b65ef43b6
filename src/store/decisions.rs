//! The log of decisions: appended to here, read here, never changed.

use rusqlite::{OptionalExtension, Row, Transaction};

use super::{
    Result, Store, StoreError,
    clock::now,
    columns::{HashBlob, class_of, said},
};
use crate::domain::{Action, Bulk, CaseId, CellId, ClassId, Decision, ReadingId, Seq, Sha256Hash, same_person};

/// A decision to record. The store numbers it and stamps the time.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDecision {
    /// The case.
    pub case: CaseId,
    /// The cell it is about.
    pub cell: CellId,
    /// Who decides.
    pub reviewer: String,
    /// What is done.
    pub action: Action,
    /// The network whose suggestion was on screen.
    pub network: Option<Sha256Hash>,
    /// Its suggestion and the suggestion's probability.
    pub suggested: Option<(ClassId, f32)>,
}

/// Decisions on many cells in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct NewStep {
    /// All of one case.
    pub decisions: Vec<NewDecision>,
    /// How many of their cells were on the screen; the others had been on it before.
    pub visible: usize,
    /// What the screen said the step is about.
    pub shown: String,
}

/// Which record of its case a decision goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// The case's own.
    Own,
    /// The case's own, settling a dispute with this reading.
    Settling(ReadingId),
    /// This reading.
    Reading(ReadingId),
}

impl Record {
    fn reading(self) -> Option<ReadingId> {
        match self {
            Self::Reading(reading) => Some(reading),
            Self::Own | Self::Settling(_) => None,
        }
    }

    fn adjudicates(self) -> Option<ReadingId> {
        match self {
            Self::Settling(reading) => Some(reading),
            Self::Own | Self::Reading(_) => None,
        }
    }
}

const COLUMNS: &str = "seq, cell_id, reviewer, at, action, class, target, network, suggested, suggested_p, bulk";

impl Store {
    /// Appends a decision; what is returned is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Signed`] on a signed case; when the cell is not of the case; when an undo or redo names a decision
    /// that is of another cell or reviewer, or is taken back already (or not).
    pub fn record(&self, new: &NewDecision) -> Result<Decision> {
        self.record_into(Record::Own, new)
    }

    /// Appends a decision to one of the records of its case.
    pub(super) fn record_into(&self, record: Record, new: &NewDecision) -> Result<Decision> {
        let tx = self.write()?;
        self.may_record(record, new.case, &new.reviewer)?;
        let decision = self.append_decision(&tx, record, new, None)?;
        tx.commit()?;
        Ok(decision)
    }

    /// Appends decisions on many cells of one case as one step; what is returned is on the disk, all of it or nothing.
    ///
    /// # Errors
    /// As [`Store::record`], for any of them; when there are none, or one is of another case.
    pub fn record_step(&self, step: &NewStep) -> Result<Vec<Decision>> {
        self.record_step_into(Record::Own, step)
    }

    /// The same in one of the records of the case.
    pub(super) fn record_step_into(&self, record: Record, step: &NewStep) -> Result<Vec<Decision>> {
        let shown = said("what the screen said of the step", &step.shown)?;
        let first = step.decisions.first().ok_or(StoreError::Blank("the step's list of cells"))?;
        let case = first.case;
        let tx = self.write()?;
        let name = self.may_record(record, case, &first.reviewer)?.name;
        let sizes = (step.decisions.len() as i64, step.visible.min(step.decisions.len()) as i64);
        tx.prepare_cached("INSERT INTO bulks (case_id, cells, visible, shown) VALUES (?1, ?2, ?3, ?4)")?
            .execute((case.0, sizes.0, sizes.1, shown))?;
        let bulk = tx.last_insert_rowid();
        let mut done = Vec::with_capacity(step.decisions.len());
        for new in &step.decisions {
            if new.case != case {
                return Err(StoreError::NoSuchCell { cell: new.cell, case: name });
            }
            done.push(self.append_decision(&tx, record, new, Some(bulk))?);
        }
        tx.commit()?;
        Ok(done)
    }

    /// One row of the log; the caller has seen to it that the case may get one.
    fn append_decision(
        &self,
        tx: &Transaction<'_>,
        record: Record,
        new: &NewDecision,
        bulk: Option<Bulk>,
    ) -> Result<Decision> {
        // In a reading its reviewer is called what the reading calls them, however they typed it today.
        let own = record.reading().map(|id| self.reading(id)).transpose()?.map(|reading| reading.reviewer);
        let reviewer = own.as_deref().map_or_else(|| said("the reviewer's name", &new.reviewer), Ok)?;
        let known = tx
            .prepare_cached("SELECT 1 FROM cells WHERE case_id = ?1 AND id = ?2")?
            .exists((new.case.0, new.cell.0))?;
        if !known {
            return Err(StoreError::NoSuchCell { cell: new.cell, case: self.case_by_id(new.case)?.name });
        }
        let (mut class, mut target) = (None, None);
        match new.action {
            Action::Accept(id) | Action::Reclassify(id) => class = Some(self.code(id)?),
            Action::Exclude => {}
            Action::Undo(seq) => target = Some((seq, false)),
            Action::Redo(seq) => target = Some((seq, true)),
        }
        if let Some((seq, redo)) = target {
            check_target(tx, record, new.cell, reviewer, seq, redo)?;
        }
        if let Some(network) = new.network {
            remember_network(tx, network)?;
        }
        let suggested = new.suggested.map(|(id, _)| self.code(id)).transpose()?;
        // A step on many cells happens at one time, however many they are.
        let of_step = "SELECT at FROM decisions WHERE bulk = ?1 LIMIT 1";
        let at = match bulk {
            Some(_) => tx.prepare_cached(of_step)?.query_row([bulk], |row| row.get(0)).optional()?,
            None => None,
        };
        let at: String = at.map_or_else(|| now(tx), Ok)?;
        tx.prepare_cached(
            "INSERT INTO decisions (case_id, cell_id, reviewer, at, action, class, target, network, suggested, suggested_p, bulk,
             reading, adjudicates) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute((
            new.case.0,
            new.cell.0,
            reviewer,
            &at,
            new.action.name(),
            class,
            target.map(|t| t.0),
            new.network.map(HashBlob),
            suggested,
            new.suggested.map(|s| f64::from(s.1)),
            bulk,
            record.reading().map(|r| r.0),
            record.adjudicates().map(|r| r.0),
        ))?;
        let seq = tx.last_insert_rowid();
        let NewDecision { cell, action, network, suggested, .. } = *new;
        Ok(Decision { seq, cell, reviewer: reviewer.to_owned(), at, action, network, suggested, bulk })
    }

    /// All decisions of a case's own record in order of `seq`; readings have logs of their own.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn log(&self, case: CaseId) -> Result<Vec<Decision>> {
        self.log_since(case, 0)
    }

    /// The decisions of a case's own record after `seq`, those of other reviewers among them.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn log_since(&self, case: CaseId, seq: Seq) -> Result<Vec<Decision>> {
        self.log_where("case_id = ?1 AND reading IS NULL", case.0, seq)
    }

    /// The decisions of a reading after `seq`.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn reading_log_since(&self, reading: ReadingId, seq: Seq) -> Result<Vec<Decision>> {
        self.log_where("reading = ?1", reading.0, seq)
    }

    fn log_where(&self, whose: &str, id: i64, seq: Seq) -> Result<Vec<Decision>> {
        let sql = format!("SELECT {COLUMNS} FROM decisions WHERE {whose} AND seq > ?2 ORDER BY seq");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((id, seq))?;
        let mut log = Vec::new();
        while let Some(row) = rows.next()? {
            log.push(self.decision(row)?);
        }
        Ok(log)
    }

    fn decision(&self, row: &Row<'_>) -> Result<Decision> {
        let class = |i| row.get::<_, Option<String>>(i)?.map(|code| class_of(&self.table, &code)).transpose();
        let action = match (
            row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?,
            class(5)?,
            row.get::<_, Option<Seq>>(6)?,
        ) {
            ("accept", Some(id), None) => Action::Accept(id),
            ("reclassify", Some(id), None) => Action::Reclassify(id),
            ("exclude", None, None) => Action::Exclude,
            ("undo", None, Some(seq)) => Action::Undo(seq),
            ("redo", None, Some(seq)) => Action::Redo(seq),
            (other, ..) => return Err(StoreError::Damaged(format!("a decision `{other}` that makes no sense"))),
        };
        Ok(Decision {
            seq: row.get(0)?,
            cell: CellId(row.get(1)?),
            reviewer: row.get(2)?,
            at: row.get(3)?,
            action,
            network: row.get::<_, Option<HashBlob>>(7)?.map(|h| h.0),
            suggested: class(8)?.zip(row.get::<_, Option<f64>>(9)?.map(|p| p as f32)),
            bulk: row.get(10)?,
        })
    }

    /// The code of a class of the table in use.
    pub(super) fn code(&self, id: ClassId) -> Result<&str> {
        let class = self.table.iter().nth(usize::from(id.0)).map(|(_, class)| class.code.as_str());
        class.ok_or_else(|| StoreError::UnknownClass { code: format!("number {}", id.0) })
    }
}

/// The rules of [`crate::domain`]: a reviewer takes back decisions of their own that hold, and redoes those that do not.
fn check_target(
    tx: &Transaction<'_>,
    record: Record,
    cell: CellId,
    reviewer: &str,
    seq: Seq,
    redo: bool,
) -> Result<()> {
    let refuse = |why| Err(StoreError::Target { target: seq, redo, why });
    let found = tx
        .prepare_cached("SELECT cell_id, reviewer, target, reading FROM decisions WHERE seq = ?1")?
        .query_row([seq], |row| {
            let reading = row.get::<_, Option<i64>>(3)?.map(ReadingId);
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<Seq>>(2)?, reading))
        })
        .optional()?;
    let Some((of_cell, of_reviewer, of_target, of_reading)) = found else { return refuse("there is no such decision") };
    if of_cell != cell.0 {
        return refuse("it is about another cell");
    }
    if of_reading != record.reading() {
        return refuse("it is of another reading of the case");
    }
    if !same_person(&of_reviewer, reviewer) {
        return refuse("it is another reviewer's");
    }
    if of_target.is_some() {
        return refuse("it is an undo or redo itself");
    }
    let last = tx
        .prepare_cached("SELECT action FROM decisions WHERE target = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([seq], |row| row.get::<_, String>(0))
        .optional()?;
    match (last.as_deref() == Some("undo"), redo) {
        (true, false) => refuse("it is taken back already"),
        (false, true) => refuse("it was not taken back"),
        _ => Ok(()),
    }
}

/// Makes a network's hash one that other rows can refer to.
pub(super) fn remember_network(tx: &Transaction<'_>, network: Sha256Hash) -> Result<()> {
    tx.prepare_cached("INSERT INTO networks (sha256) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([HashBlob(network)])?;
    Ok(())
}
