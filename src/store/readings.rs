//! Readings beside a case's own record: begun, gone on with, ended. Their decisions lie in the same log under the reading's
//! number. What a reading is compared with is in [`super::adjudication`].

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row, Transaction};

use super::{
    NewDecision, NewStep, Result, Store, StoreError,
    clock::now,
    columns::{kind_of, said},
    decisions::Record,
    sign::LAST,
};
use crate::domain::{
    CaseId, CaseRecord, CellId, CellRecord, Decision, Reading, ReadingEnd, ReadingId, ReadingKind, Seq, Tally, current,
    drawn, per_reader, printable, same_person,
};

/// A reading to begin. The store numbers it and stamps the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReading {
    /// The case.
    pub case: CaseId,
    /// Who reads.
    pub reviewer: String,
    /// Why.
    pub kind: ReadingKind,
    /// Whether the network's suggestions are shown.
    pub suggestions: bool,
    /// Cells come in the order drawn from it, of which the lower 63 bits are kept; `None`: as scanned.
    pub seed: Option<u64>,
}

const READING: &str = "SELECT r.id, r.case_id, r.reviewer, r.kind, r.suggestions, r.seed, r.begun_at,
    (SELECT e.kind FROM reading_events e WHERE e.reading = r.id AND e.kind <> 'compared'),
    (SELECT e.last_seq FROM reading_events e WHERE e.reading = r.id AND e.kind = 'compared') FROM readings r";

impl Store {
    /// Begins a reading.
    ///
    /// # Errors
    /// [`StoreError::Reading`] when this reviewer has one open on the case, is to read second what they read first, to
    /// repeat what they never read, or to be scored on a case without labels; [`StoreError::NoCells`].
    pub fn begin_reading(&self, new: &NewReading) -> Result<Reading> {
        let reviewer = said("the reviewer's name", &new.reviewer)?;
        let tx = self.write()?;
        let case = self.case_by_id(new.case)?;
        let who = printable(reviewer).into_owned();
        if let Some(open) = self.open_reading(case.id, reviewer)? {
            return Err(refuse(
                &case,
                format!("{who} has a {} of it open already; go on with that", open.kind.title()),
            ));
        }
        let read: bool = tx
            .prepare_cached("SELECT DISTINCT reviewer FROM decisions WHERE case_id = ?1 AND reading IS NULL")?
            .query_map([case.id.0], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()?
            .iter()
            .any(|name| same_person(name, reviewer));
        let before = self.readings(case.id)?;
        let done = |r: &Reading| {
            r.kind == ReadingKind::Second && same_person(&r.reviewer, reviewer) && r.end == Some(ReadingEnd::Finished)
        };
        match new.kind {
            ReadingKind::Second if read => {
                return Err(refuse(&case, format!("{who} read it first and cannot read it second; choose a repeat")));
            }
            ReadingKind::Second if before.iter().any(done) => {
                return Err(refuse(&case, format!("{who} has read it second already")));
            }
            ReadingKind::Repeat if !read => {
                return Err(refuse(&case, format!("{who} has no decision in it to repeat; choose a second reading")));
            }
            _ => {}
        }
        let sql = "INSERT INTO readings (case_id, reviewer, kind, suggestions, seed, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let seed = new.seed.map(|seed| (seed & i64::MAX as u64) as i64);
        tx.execute(sql, (case.id.0, reviewer, new.kind.name(), new.suggestions, seed, now(&tx)?))?;
        let reading = self.reading(ReadingId(tx.last_insert_rowid()))?;
        if self.reading_cells(&reading)?.is_empty() {
            return Err(match new.kind {
                ReadingKind::Training => refuse(&case, "no cell has a reference label to be scored against".to_owned()),
                _ => StoreError::NoCells { case: case.name },
            });
        }
        tx.commit()?;
        Ok(reading)
    }

    /// The reading of that number.
    ///
    /// # Errors
    /// When there is none.
    pub fn reading(&self, id: ReadingId) -> Result<Reading> {
        let mut statement = self.conn.prepare_cached(&format!("{READING} WHERE r.id = ?1"))?;
        let found = statement.query_row([id.0], reading_of).optional()?;
        found.ok_or_else(|| StoreError::Damaged(format!("no reading {}", id.0)))
    }

    /// The readings of a case, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn readings(&self, case: CaseId) -> Result<Vec<Reading>> {
        let mut statement = self.conn.prepare_cached(&format!("{READING} WHERE r.case_id = ?1 ORDER BY r.id"))?;
        Ok(statement.query_map([case.0], reading_of)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The reading of a case that this reviewer has begun and not ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_reading(&self, case: CaseId, reviewer: &str) -> Result<Option<Reading>> {
        Ok(self.readings(case)?.into_iter().find(|r| r.is_open() && same_person(&r.reviewer, reviewer)))
    }

    /// All readings that this reviewer has open, and how many of their cells are decided.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_readings(&self, reviewer: &str) -> Result<Vec<(Reading, u64)>> {
        let tx = self.read()?;
        let sql = format!("{READING} ORDER BY r.id");
        let mut statement = tx.prepare_cached(&sql)?;
        let mut own = statement.query_map([], reading_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
        own.retain(|r| same_person(&r.reviewer, reviewer));
        let counted = |r: Reading| {
            let log = self.reading_log_since(r.id, 0)?;
            let decided = current(&log).len() as u64;
            Ok((r, decided))
        };
        own.into_iter().filter(Reading::is_open).map(counted).collect()
    }

    /// The cells of a reading in the order that they are shown in: of a training those with a reference label, of a repeat
    /// those that its reviewer decided before, else all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reading_cells(&self, reading: &Reading) -> Result<Vec<CellRecord>> {
        let mut cells = self.cells(reading.case)?;
        match reading.kind {
            ReadingKind::Second => {}
            ReadingKind::Repeat => {
                let before = self.own_log(reading)?;
                let decided: BTreeSet<CellId> = current(&before).into_keys().collect();
                cells.retain(|c| decided.contains(&c.id));
            }
            ReadingKind::Training => {
                let labels = self.reference_labels(reading.case)?;
                cells.retain(|c| labels.get(&c.id).is_some_and(|l| l.1.is_some()));
            }
        }
        if let Some(seed) = reading.seed {
            cells.sort_by_key(|c| (drawn(seed, c.id), c.id));
        }
        Ok(cells)
    }

    /// What the reviewer of a reading decided in the record before it was begun.
    pub(super) fn own_log(&self, reading: &Reading) -> Result<Vec<Decision>> {
        let own = |d: &Decision| same_person(&d.reviewer, &reading.reviewer) && d.at <= reading.begun_at;
        Ok(self.log(reading.case)?.into_iter().filter(own).collect())
    }

    /// Appends a decision to a reading; what is returned is on the disk.
    ///
    /// # Errors
    /// As [`Store::record`], but that a signed case takes readings as well; [`StoreError::Reading`] when the reading is
    /// another reviewer's or has ended.
    pub fn record_in(&self, reading: ReadingId, new: &NewDecision) -> Result<Decision> {
        self.record_into(Record::Reading(reading), new)
    }

    /// Appends decisions on many cells to a reading as one step.
    ///
    /// # Errors
    /// As [`Store::record_in`] and [`Store::record_step`].
    pub fn record_step_in(&self, reading: ReadingId, step: &NewStep) -> Result<Vec<Decision>> {
        self.record_step_into(Record::Reading(reading), step)
    }

    /// The case, if this reviewer may decide in that record of it now.
    pub(super) fn may_record(&self, record: Record, case: CaseId, reviewer: &str) -> Result<CaseRecord> {
        let settling = match record {
            Record::Reading(id) => return self.may_read(id, case, reviewer),
            Record::Settling(id) => Some(id),
            Record::Own => None,
        };
        let case = self.unsigned(case)?;
        self.sighted(&case, reviewer)?;
        if let Some(id) = settling {
            let reading = self.reading(id)?;
            if reading.case != case.id || reading.kind == ReadingKind::Training || reading.compared.is_none() {
                return Err(refuse(&case, "only a second reading that was compared can be adjudicated".to_owned()));
            }
        }
        Ok(case)
    }

    /// The case, if this reviewer may go on with that reading of it.
    fn may_read(&self, id: ReadingId, case: CaseId, reviewer: &str) -> Result<CaseRecord> {
        let (reading, case) = (self.reading(id)?, self.case_by_id(case)?);
        if reading.case != case.id || !same_person(&reading.reviewer, reviewer) {
            return Err(refuse(&case, format!("reading {} is another one", id.0)));
        }
        if !reading.is_open() {
            return Err(refuse(&case, format!("the {} has ended", reading.kind.title())));
        }
        Ok(case)
    }

    /// Whether the reviewer has no blinded reading of the case open: who is blinded neither sees nor touches the record.
    ///
    /// # Errors
    /// [`StoreError::Reading`] when there is one.
    pub fn sighted(&self, case: &CaseRecord, reviewer: &str) -> Result<()> {
        match self.open_reading(case.id, reviewer)? {
            Some(open) if open.kind != ReadingKind::Training => {
                let who = printable(reviewer.trim()).into_owned();
                Err(refuse(
                    case,
                    format!("{who} has a {} of it open; finish it or give it up first", open.kind.title()),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Ends a reading that is complete: every cell decided, or as many WBC as each reader is to count.
    ///
    /// # Errors
    /// [`StoreError::Reading`] with what is left to do, or when it is another reviewer's or has ended.
    pub fn finish_reading(&self, id: ReadingId, reviewer: &str) -> Result<Reading> {
        let tx = self.write()?;
        let (reading, case) = self.own_open(id, reviewer)?;
        let log = self.reading_log_since(id, 0)?;
        let cells: Vec<CellId> = self.reading_cells(&reading)?.into_iter().map(|c| c.id).collect();
        if let Some(left) = self.left(&case, &cells, &log) {
            return Err(refuse(&case, format!("the {} is not complete: {left}", reading.kind.title())));
        }
        self.reading_event(&tx, &reading, "finished", reviewer)?;
        let reading = self.reading(id)?;
        tx.commit()?;
        Ok(reading)
    }

    /// Ends a reading that shall be compared with nothing; its decisions stay where they are.
    ///
    /// # Errors
    /// [`StoreError::Reading`] when it is another reviewer's or has ended.
    pub fn give_up_reading(&self, id: ReadingId, reviewer: &str) -> Result<Reading> {
        let tx = self.write()?;
        let (reading, _) = self.own_open(id, reviewer)?;
        self.reading_event(&tx, &reading, "given-up", reviewer)?;
        let reading = self.reading(id)?;
        tx.commit()?;
        Ok(reading)
    }

    /// What is left to do before a reader is done; `None`: nothing.
    pub(super) fn left(&self, case: &CaseRecord, cells: &[CellId], log: &[Decision]) -> Option<String> {
        let held = current(log);
        let verdict = |cell: &CellId| held.get(cell).and_then(|d| d.action.verdict());
        let tally = Tally::of(&self.table, &case.blasts, cells.iter().map(verdict));
        let target = per_reader(case.target);
        (tally.unreviewed > 0 && tally.wbc < target).then(|| {
            format!(
                "{} of {} cells have no decision, and {} of {target} WBC are counted",
                tally.unreviewed,
                cells.len(),
                tally.wbc
            )
        })
    }

    fn own_open(&self, id: ReadingId, reviewer: &str) -> Result<(Reading, CaseRecord)> {
        let reading = self.reading(id)?;
        let case = self.case_by_id(reading.case)?;
        if !same_person(&reading.reviewer, reviewer) {
            let who = printable(&reading.reviewer).into_owned();
            return Err(refuse(&case, format!("reading {} is {who}'s", id.0)));
        }
        match reading.is_open() {
            true => Ok((reading, case)),
            false => Err(refuse(&case, format!("the {} has ended already", reading.kind.title()))),
        }
    }

    pub(super) fn reading_event(&self, tx: &Transaction<'_>, reading: &Reading, kind: &str, who: &str) -> Result<()> {
        let who = said("the reviewer's name", who)?;
        let last: Seq = tx.query_row(LAST, [reading.case.0], |row| row.get(0))?;
        let sql = "INSERT INTO reading_events (reading, kind, reviewer, at, last_seq) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, (reading.id.0, kind, who, now(tx)?, last))?;
        Ok(())
    }
}

pub(super) fn refuse(case: &CaseRecord, why: String) -> StoreError {
    StoreError::Reading { case: case.name.clone(), why }
}

fn reading_of(row: &Row<'_>) -> rusqlite::Result<Reading> {
    let end = row.get::<_, Option<String>>(7)?;
    Ok(Reading {
        id: ReadingId(row.get(0)?),
        case: CaseId(row.get(1)?),
        reviewer: row.get(2)?,
        kind: kind_of(row, 3)?,
        suggestions: row.get(4)?,
        seed: row.get::<_, Option<i64>>(5)?.map(|seed| seed as u64),
        begun_at: row.get(6)?,
        end: end.map(|e| if e == "finished" { ReadingEnd::Finished } else { ReadingEnd::GivenUp }),
        compared: row.get(8)?,
    })
}
