//! What a signature owes to two readers: who read, how far they agreed, and what became of the cells in dispute.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Result, Store, StoreError, columns::kind_of};
use crate::domain::{CaseRecord, CellId, Comparison, Decision, Interval, ReadingId, ReadingKind, Verdict, current};

/// The two readers that a signed version stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedReaders {
    /// The second reading.
    pub reading: ReadingId,
    /// By somebody else, or by the first reader again.
    pub kind: ReadingKind,
    /// Whether the second reader saw the network's suggestions.
    pub suggestions: bool,
    /// Whose decisions the first reading is.
    pub firsts: Vec<String>,
    /// The second reader.
    pub second: String,
    /// Who settled disputes.
    pub adjudicators: Vec<String>,
    /// Cells that both decided.
    pub n: u64,
    /// Cells of which both said the same.
    pub agreed: u64,
    /// Cohen's kappa and its 95% interval; `None`: not defined.
    pub kappa: Option<(f64, Interval)>,
    /// The cells in dispute, in the order of their numbers.
    pub disputes: Vec<SignedDispute>,
}

/// A cell that two readers took differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDispute {
    /// The cell.
    pub cell: CellId,
    /// The first reading's class, by its code; `None`: taken out of every count.
    pub first: Option<String>,
    /// The second reading's.
    pub second: Option<String>,
    /// Whether somebody settled it.
    pub settled: bool,
}

impl SignedReaders {
    /// Cells in dispute that nobody settled.
    pub fn open(&self) -> u64 {
        self.disputes.iter().filter(|d| !d.settled).count() as u64
    }
}

impl Store {
    /// What a signature of the case owes to two readers as things stand: to the latest second reading that was compared; else
    /// to the latest repeat of which no dispute is open, for a repeat may also have been made to know oneself only.
    pub(super) fn joint(&self, case: &CaseRecord, allow_open: bool) -> Result<Option<SignedReaders>> {
        let readings = self.readings(case.id)?;
        let log = self.log(case.id)?;
        let compared = |kind| readings.iter().rev().filter(move |r| r.kind == kind && r.compared.is_some());
        if let Some(second) = compared(ReadingKind::Second).next() {
            let joint = self.readers(&self.comparison(second)?, &log)?;
            let open = joint.open() as usize;
            if open > 0 && !allow_open {
                return Err(StoreError::InDispute { case: case.name.clone(), open, disputes: joint.disputes.len() });
            }
            return Ok(Some(joint));
        }
        let Some(repeat) = compared(ReadingKind::Repeat).next() else { return Ok(None) };
        Ok(Some(self.readers(&self.comparison(repeat)?, &log)?).filter(|joint| joint.open() == 0))
    }

    fn readers(&self, comparison: &Comparison, log: &[Decision]) -> Result<SignedReaders> {
        let reading = &comparison.reading;
        let settling = self.adjudications(reading.id)?;
        let held: HashMap<CellId, &Decision> = current(log);
        let code = |verdict: Verdict| match verdict {
            Verdict::Class(id) => self.code(id).map(|code| Some(code.to_owned())),
            Verdict::Excluded => Ok(None),
        };
        let mut adjudicators = BTreeSet::new();
        let mut disputes = Vec::new();
        for pair in comparison.disputes() {
            let settled = held.get(&pair.cell).filter(|d| settling.contains(&d.seq));
            adjudicators.extend(settled.map(|d| d.reviewer.clone()));
            disputes.push(SignedDispute {
                cell: pair.cell,
                first: code(pair.first.verdict)?,
                second: code(pair.second)?,
                settled: settled.is_some(),
            });
        }
        disputes.sort_by_key(|d| d.cell);
        Ok(SignedReaders {
            reading: reading.id,
            kind: reading.kind,
            suggestions: reading.suggestions,
            firsts: comparison.firsts.clone(),
            second: reading.reviewer.clone(),
            adjudicators: adjudicators.into_iter().collect(),
            n: comparison.n(),
            agreed: comparison.agreed(),
            kappa: comparison.kappa.map(|k| (k.value, k.ci95)),
            disputes,
        })
    }

    pub(super) fn write_joint(&self, tx: &Transaction<'_>, signed: i64, joint: &SignedReaders) -> Result<()> {
        let (kappa, interval) = joint.kappa.unzip();
        tx.execute(
            "INSERT INTO signed_readings (signed_id, reading, n, agreed, kappa, kappa_lower, kappa_upper, disputes, open)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                signed,
                joint.reading.0,
                joint.n as i64,
                joint.agreed as i64,
                kappa,
                interval.map(|i: Interval| i.lower),
                interval.map(|i: Interval| i.upper),
                joint.disputes.len() as i64,
                joint.open() as i64,
            ),
        )?;
        let people = joint.firsts.iter().map(|n| ("first", n)).chain([("second", &joint.second)]);
        for (role, name) in people.chain(joint.adjudicators.iter().map(|n| ("adjudicator", n))) {
            tx.execute("INSERT INTO signed_readers (signed_id, role, name) VALUES (?1, ?2, ?3)", (signed, role, name))?;
        }
        let sql =
            "INSERT INTO signed_disputes (signed_id, cell_id, first, second, settled) VALUES (?1, ?2, ?3, ?4, ?5)";
        for d in &joint.disputes {
            tx.execute(sql, (signed, d.cell.0, &d.first, &d.second, d.settled))?;
        }
        Ok(())
    }
}

/// The readers of a signed version.
pub(super) fn readers_within(tx: &Connection, signed: i64) -> Result<Option<SignedReaders>> {
    let sql = "SELECT s.reading, r.kind, r.suggestions, s.n, s.agreed, s.kappa, s.kappa_lower, s.kappa_upper
               FROM signed_readings s JOIN readings r ON r.id = s.reading WHERE s.signed_id = ?1";
    let head = tx
        .prepare_cached(sql)?
        .query_row([signed], |row| {
            let interval = row.get::<_, Option<f64>>(6)?.zip(row.get::<_, Option<f64>>(7)?);
            let interval = interval.map(|(lower, upper)| Interval { lower, upper });
            Ok(SignedReaders {
                reading: ReadingId(row.get(0)?),
                kind: kind_of(row, 1)?,
                suggestions: row.get(2)?,
                firsts: Vec::new(),
                second: String::new(),
                adjudicators: Vec::new(),
                n: row.get::<_, i64>(3)? as u64,
                agreed: row.get::<_, i64>(4)? as u64,
                kappa: row.get::<_, Option<f64>>(5)?.zip(interval),
                disputes: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut readers) = head else { return Ok(None) };
    let mut people = tx.prepare_cached("SELECT role, name FROM signed_readers WHERE signed_id = ?1 ORDER BY name")?;
    for row in people.query_map([signed], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        let (role, name) = row?;
        match role.as_str() {
            "first" => readers.firsts.push(name),
            "second" => readers.second = name,
            _ => readers.adjudicators.push(name),
        }
    }
    let sql = "SELECT cell_id, first, second, settled FROM signed_disputes WHERE signed_id = ?1 ORDER BY cell_id";
    let mut disputes = tx.prepare_cached(sql)?;
    let disputes = disputes.query_map([signed], |row| {
        Ok(SignedDispute { cell: CellId(row.get(0)?), first: row.get(1)?, second: row.get(2)?, settled: row.get(3)? })
    })?;
    readers.disputes = disputes.collect::<rusqlite::Result<_>>()?;
    Ok(Some(readers))
}
