//! The record of a case beside a reading of it, and the decisions of the record that settle what the two took differently.

use std::collections::{BTreeSet, HashMap};

use super::{NewDecision, Result, Store, StoreError, decisions::Record, readings::refuse};
use crate::domain::{
    CaseState, CellId, Comparison, Decision, Opinion, Reading, ReadingEnd, ReadingId, ReadingKind, Seq, Verdict,
    opinions, printable, same_person,
};

impl Store {
    /// The readings of a case that this reviewer may look at beside the record (of trainings their own alone), the latest
    /// first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn comparable(&self, case: crate::domain::CaseId, reviewer: &str) -> Result<Vec<Reading>> {
        let mut all = self.readings(case)?;
        all.retain(|r| {
            r.end == Some(ReadingEnd::Finished)
                && (r.kind != ReadingKind::Training || same_person(&r.reviewer, reviewer))
        });
        all.reverse();
        Ok(all)
    }

    /// A finished reading beside the record, or beside the reference labels. The first look is written down: what is
    /// decided in the record afterwards is no part of the first reading.
    ///
    /// # Errors
    /// [`super::StoreError::Reading`] when the reading goes on, the record is not complete, or whoever asks is blinded.
    pub fn compare(&self, id: ReadingId, reviewer: &str) -> Result<Comparison> {
        let tx = self.write()?;
        let reading = self.reading(id)?;
        let case = self.case_by_id(reading.case)?;
        let title = reading.kind.title();
        match reading.end {
            Some(ReadingEnd::Finished) => {}
            None => return Err(refuse(&case, format!("the {title} is not finished"))),
            Some(ReadingEnd::GivenUp) => return Err(refuse(&case, format!("the {title} was given up"))),
        }
        if reading.kind == ReadingKind::Training {
            if !same_person(&reading.reviewer, reviewer) {
                let who = printable(&reading.reviewer).into_owned();
                return Err(refuse(&case, format!("the training is {who}'s")));
            }
            return self.comparison(&reading);
        }
        self.sighted(&case, reviewer)?;
        if reading.compared.is_none() {
            let cells: Vec<CellId> = self.reading_cells(&reading)?.into_iter().map(|c| c.id).collect();
            let log = self.log(case.id)?;
            let left = self.left(&case, &cells, &log).filter(|_| case.state == CaseState::Open);
            if let Some(left) = left {
                return Err(refuse(&case, format!("the first reading is not complete: {left}")));
            }
            self.reading_event(&tx, &reading, "compared", reviewer)?;
        }
        let comparison = self.comparison(&self.reading(id)?)?;
        tx.commit()?;
        Ok(comparison)
    }

    /// The same without a look being written down.
    pub(super) fn comparison(&self, reading: &Reading) -> Result<Comparison> {
        let cells: Vec<CellId> = self.cells(reading.case)?.into_iter().map(|c| c.id).collect();
        let until = reading.compared.unwrap_or(Seq::MAX);
        let first: HashMap<CellId, Opinion> = match reading.kind {
            ReadingKind::Second => {
                let log: Vec<Decision> = self.log(reading.case)?.into_iter().filter(|d| d.seq <= until).collect();
                opinions(&log)
            }
            ReadingKind::Repeat => opinions(&self.own_log(reading)?),
            ReadingKind::Training => {
                let labels = self.reference_labels(reading.case)?.into_iter();
                let of = |(cell, (by, class)): (CellId, (String, Option<_>))| {
                    Some((cell, Opinion { verdict: Verdict::Class(class?), by }))
                };
                labels.filter_map(of).collect()
            }
        };
        let second = opinions(&self.reading_log_since(reading.id, 0)?);
        Ok(Comparison::of(&self.table, reading.clone(), &cells, &first, &second))
    }

    /// Appends a decision to the record that settles a cell in dispute with a reading, or takes such a one back.
    ///
    /// # Errors
    /// As [`Store::record`]; [`super::StoreError::Reading`] when the reading was not compared, or the cell is not in dispute.
    pub fn adjudicate(&self, reading: ReadingId, new: &NewDecision) -> Result<Decision> {
        let of = self.reading(reading)?;
        // Both readings are closed by now, so that this cannot change before the decision is written.
        if of.compared.is_some() && !self.comparison(&of)?.disputes().any(|p| p.cell == new.cell) {
            let case = self.case_by_id(of.case)?;
            let cell = self.cells(of.case)?.into_iter().find(|c| c.id == new.cell);
            let cell = cell.ok_or_else(|| StoreError::NoSuchCell { cell: new.cell, case: case.name.clone() })?;
            return Err(refuse(&case, format!("cell {} is not in dispute", cell.number)));
        }
        self.record_into(Record::Settling(reading), new)
    }

    /// The decisions of the record that settle disputes with a reading; not all of them need hold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn adjudications(&self, reading: ReadingId) -> Result<BTreeSet<Seq>> {
        let sql = "SELECT seq FROM decisions WHERE adjudicates = ?1 AND target IS NULL";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_map([reading.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}
