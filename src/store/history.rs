//! Everything that happened to a case, in the order that it happened.

use std::collections::{BTreeSet, HashMap};

use super::{Result, Store};
use crate::domain::{Bulk, CaseEvent, CaseId, Happening, ReadingKind, Seq, What};

impl Store {
    /// The history of a case: its events (import, folders, names), every decision of its record (a step on many cells is one entry), notes, tags,
    /// signatures, reopenings, messages to the laboratory's system, and what became of readings beside the record, but for
    /// trainings, which are the reviewer's own. Oldest first; what happened in the same millisecond stays in the order in
    /// which it was recorded.
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
        let mut last: Option<Bulk> = None;
        for d in self.log(case)? {
            let what = match d.bulk.and_then(|bulk| steps.get(&bulk)) {
                Some(_) if d.bulk == last => continue,
                Some(shown) => What::Step { shown: shown.clone() },
                None if settling.contains(&d.seq) => What::Adjudication { cell: d.cell, action: d.action },
                None => What::Decision { cell: d.cell, action: d.action, suggested: d.suggested.map(|s| s.0) },
            };
            last = d.bulk;
            all.push(Happening { at: d.at, who: Some(d.reviewer), what });
        }
        let notes = self.notes(case)?.into_iter();
        all.extend(notes.map(|n| Happening {
            at: n.at,
            who: Some(n.reviewer),
            what: What::Note { cell: Some(n.cell), text: n.text },
        }));
        let remarks = self.remarks(case)?.into_iter();
        all.extend(remarks.map(|r| Happening { at: r.at.clone(), who: Some(r.reviewer.clone()), what: What::of(r) }));
        all.extend(self.signed(case)?.into_iter().map(|s| Happening {
            what: What::Signed { version: s.version, wbc: s.wbc, blasts: s.blasts, of: s.blast_names() },
            at: s.at,
            who: Some(s.reviewer),
        }));
        all.extend(self.reading_happenings(case)?);
        all.extend(self.reopenings(case)?);
        all.extend(self.messages(case)?);
        all.sort_by(|a, b| a.at.cmp(&b.at));
        Ok(all)
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

    fn reading_happenings(&self, case: CaseId) -> Result<Vec<Happening>> {
        let mut all = Vec::new();
        let sql = "SELECT at, reviewer, kind FROM reading_events WHERE reading = ?1 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        for reading in self.readings(case)?.into_iter().filter(|r| r.kind != ReadingKind::Training) {
            let what = |event: String| What::Reading { kind: reading.kind, suggestions: reading.suggestions, event };
            let begun = what("begun".to_owned());
            all.push(Happening { at: reading.begun_at.clone(), who: Some(reading.reviewer.clone()), what: begun });
            let events = statement.query_map([reading.id.0], |row| {
                Ok(Happening { at: row.get(0)?, who: Some(row.get(1)?), what: what(row.get(2)?) })
            })?;
            all.extend(events.collect::<rusqlite::Result<Vec<_>>>()?);
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
