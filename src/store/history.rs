//! Everything that happened to a case, in the order that it happened.

use std::collections::{BTreeSet, HashMap};

use super::{Result, Store};
use crate::domain::{Bulk, CaseEvent, CaseId, Happening, ReadingKind, Seq, What};

impl Store {
    /// The history of a case: its events (import, folders, names), every decision of its record (a step on many cells is one entry), notes, tags,
    /// signatures, reopenings, messages to the laboratory's system, and what became of readings beside the record, but for
    /// trainings, which are the reviewer's own. In the order in which it was recorded, whatever the clock said then: the import first,
    /// a signature after the decisions that it stands on, and what has no place among these by its time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, case: CaseId) -> Result<Vec<Happening>> {
        let record = self.case_by_id(case)?;
        let mut all = self.events(case)?;
        if !matches!(all.first(), Some(Happening { what: What::Event(CaseEvent::Imported { .. }), .. })) {
            // Imported before events were kept.
            all.insert(0, Happening { at: record.imported_at.clone(), who: None, what: What::Imported });
        }
        let steps = self.steps(case)?;
        let settling = self.settling(case)?;
        let mut order = Order::new(all);
        let mut last: Option<Bulk> = None;
        let mut log = self.log(case)?.into_iter().peekable();
        let mut reopenings = self.reopenings(case)?.into_iter().peekable();
        let versions: Vec<_> = self.signed(case)?.into_iter().map(Some).chain([None]).collect();
        let mut record = Vec::new();
        for version in versions {
            let until = version.as_ref().map_or(Seq::MAX, |v| v.last_seq);
            while let Some(d) = log.next_if(|d| d.seq <= until) {
                let what = match d.bulk.and_then(|bulk| steps.get(&bulk)) {
                    Some(_) if d.bulk == last => continue,
                    Some(shown) => What::Step { shown: shown.clone() },
                    None if settling.contains(&d.seq) => What::Adjudication { cell: d.cell, action: d.action },
                    None => What::Decision { cell: d.cell, action: d.action, suggested: d.suggested.map(|s| s.0) },
                };
                last = d.bulk;
                record.push(Happening { at: d.at, who: Some(d.reviewer), what });
            }
            let Some(s) = version else { continue };
            let number = s.version;
            let what = What::Signed { version: number, wbc: s.wbc, blasts: s.blasts, of: s.blast_names() };
            record.push(Happening { at: s.at, who: Some(s.reviewer), what });
            let its = |h: &Happening| matches!(h.what, What::Reopened { version, .. } if version == number);
            record.extend(reopenings.next_if(its));
        }
        order.add(record);
        let notes = self.notes(case)?.into_iter();
        order.add(notes.map(|n| Happening {
            at: n.at,
            who: Some(n.reviewer),
            what: What::Note { cell: Some(n.cell), text: n.text },
        }));
        let remarks = self.remarks(case)?.into_iter();
        order.add(remarks.map(|r| Happening { at: r.at.clone(), who: Some(r.reviewer.clone()), what: What::of(r) }));
        self.reading_happenings(case)?.into_iter().for_each(|reading| order.add(reading));
        order.add(self.messages(case)?);
        Ok(order.all())
    }

    /// What the screen said of each step.
    fn steps(&self, case: CaseId) -> Result<HashMap<Bulk, String>> {
        let mut statement = self.conn.prepare_cached("SELECT id, shown FROM bulks WHERE case_id = ?1")?;
        let steps = statement.query_map([case.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(steps.collect::<rusqlite::Result<_>>()?)
    }

    /// Decisions that settle disputes, and those that take such ones back.
    fn settling(&self, case: CaseId) -> Result<BTreeSet<Seq>> {
        let sql = "SELECT d.seq FROM readings r JOIN decisions d ON d.adjudicates = r.id WHERE r.case_id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_map([case.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// What became of each reading.
    fn reading_happenings(&self, case: CaseId) -> Result<Vec<Vec<Happening>>> {
        let mut all = Vec::new();
        let sql = "SELECT at, reviewer, kind FROM reading_events WHERE reading = ?1 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        for reading in self.readings(case)?.into_iter().filter(|r| r.kind != ReadingKind::Training) {
            let what = |event: String| What::Reading { kind: reading.kind, suggestions: reading.suggestions, event };
            let begun = what("begun".to_owned());
            let mut its =
                vec![Happening { at: reading.begun_at.clone(), who: Some(reading.reviewer.clone()), what: begun }];
            let events = statement.query_map([reading.id.0], |row| {
                Ok(Happening { at: row.get(0)?, who: Some(row.get(1)?), what: what(row.get(2)?) })
            })?;
            its.extend(events.collect::<rusqlite::Result<Vec<_>>>()?);
            all.push(its);
        }
        Ok(all)
    }

    fn messages(&self, case: CaseId) -> Result<Vec<Happening>> {
        let sql = "SELECT s.at, s.reviewer, o.version, s.state, s.detail FROM outbox o JOIN outbox_states s ON s.outbox_id = o.id
                   WHERE o.case_id = ?1 ORDER BY s.id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([case.0], |row| {
            let what = What::Message { version: row.get(2)?, state: row.get(3)?, detail: row.get(4)? };
            Ok(Happening { at: row.get(0)?, who: row.get(1)?, what })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn reopenings(&self, case: CaseId) -> Result<Vec<Happening>> {
        let sql = "SELECT at, reviewer, version, reason FROM reopenings WHERE case_id = ?1 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([case.0], |row| {
            Ok(Happening {
                at: row.get(0)?,
                who: Some(row.get(1)?),
                what: What::Reopened { version: row.get(2)?, reason: row.get(3)? },
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Rows that were appended to several tables, brought into one order: rows of a table stay in theirs, nothing is before the import, and
/// where the clock did not run backwards that is the order of times.
struct Order(Vec<(String, Happening)>);

impl Order {
    /// Begins with the events of the case, its import first.
    fn new(events: Vec<Happening>) -> Self {
        let mut order = Self(Vec::new());
        order.add(events);
        order
    }

    fn add(&mut self, rows: impl IntoIterator<Item = Happening>) {
        let mut latest = self.0.first().map_or_else(String::new, |(at, _)| at.clone());
        for row in rows {
            if row.at > latest {
                latest.clone_from(&row.at);
            }
            self.0.push((latest.clone(), row));
        }
    }

    fn all(mut self) -> Vec<Happening> {
        self.0.sort_by(|a, b| a.0.cmp(&b.0));
        self.0.into_iter().map(|(_, happening)| happening).collect()
    }
}
