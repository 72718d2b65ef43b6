//! `read`: a reading beside a case's record is begun, finished or given up. Also where `decide` puts its decisions.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    Context, Failure, Outcome,
    args::{DecideArgs, ReadArgs},
    compare, context, output,
};
use crate::{
    domain::{
        Action, CaseId, CaseRecord, CellId, Comparison, Decision, Reading, ReadingEnd, ReadingId, ReadingKind, Seq,
        current, printable, settles,
    },
    store::{NewDecision, NewReading, Store, StoreError},
};

/// Begins a reading, or ends the one that is open, and writes it down as one line of JSON: its cells in their order, and how
/// many of them have no decision.
pub fn run(context: &Context, args: &ReadArgs) -> Result<Outcome, Failure> {
    let reviewer = context::reviewer(&args.reviewer)?;
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    let reading = if args.finish || args.give_up {
        let open = open(&store, &case, &reviewer)?;
        let end = if args.finish { Store::finish_reading } else { Store::give_up_reading };
        end(&store, open.id, &reviewer).map_err(Failure::usage)?
    } else {
        let kind = match (args.repeat, args.training) {
            (true, _) => ReadingKind::Repeat,
            (_, true) => ReadingKind::Training,
            _ => ReadingKind::Second,
        };
        let new = NewReading { case: case.id, reviewer, kind, suggestions: !args.no_suggestions, seed: seed(kind) };
        store.begin_reading(&new).map_err(Failure::usage)?
    };
    let cells = store.reading_cells(&reading).map_err(Failure::midway)?;
    let log = store.reading_log_since(reading.id, 0).map_err(Failure::midway)?;
    let left = cells.len() - current(&log).len();
    let state = match reading.end {
        None => "open",
        Some(ReadingEnd::Finished) => "finished",
        Some(ReadingEnd::GivenUp) => "given up",
    };
    let line = json!({
        "reading": reading.id.0, "case": case.name, "reviewer": reading.reviewer, "kind": reading.kind.name(),
        "suggestions": reading.suggestions, "state": state, "left": left,
        "cells": cells.iter().map(|c| c.number).collect::<Vec<_>>(),
    });
    output::print(&output::json_line(&line))?;
    if reading.kind == ReadingKind::Training && reading.end == Some(ReadingEnd::Finished) {
        context.say(&compare::text(context, &store, &case, &reading)?);
    }
    Ok(Outcome::Done)
}

/// A repeat comes in an order of its own, so that nobody remembers their own row of decisions.
pub(super) fn seed(kind: ReadingKind) -> Option<u64> {
    (kind == ReadingKind::Repeat).then(rand::random)
}

/// The reading of the case that this reviewer has open.
fn open(store: &Store, case: &CaseRecord, reviewer: &str) -> Result<Reading, Failure> {
    let open = store.open_reading(case.id, reviewer).map_err(Failure::usage)?;
    open.ok_or_else(|| {
        let (case, who) = (printable(&case.name), printable(reviewer));
        Failure::usage(format!("{case}: {who} has no reading open; `leukoscope read {case}` begins one"))
    })
}

/// Where decisions go.
pub(super) enum Destination {
    /// Into the record.
    Record,
    /// Into a reading.
    Reading(Reading),
    /// Into the record, settling disputes.
    Settling(Box<Comparison>),
}

impl Destination {
    pub fn of(store: &Store, case: &CaseRecord, reviewer: &str, args: &DecideArgs) -> Result<Self, Failure> {
        if args.reading {
            return Ok(Self::Reading(open(store, case, reviewer)?));
        }
        if !args.adjudicate {
            return Ok(Self::Record);
        }
        let compared = |r: &Reading| r.kind != ReadingKind::Training && r.compared.is_some();
        let latest = store.readings(case.id).map_err(Failure::usage)?.into_iter().rev().find(compared);
        let latest = latest.ok_or_else(|| {
            let case = printable(&case.name);
            Failure::usage(format!("{case}: no second reading was compared yet; `leukoscope compare {case}` does"))
        })?;
        Ok(Self::Settling(Box::new(store.compare(latest.id, reviewer).map_err(Failure::usage)?)))
    }

    pub fn record(&self, store: &Store, new: &NewDecision) -> Result<Decision, StoreError> {
        match self {
            Self::Record => store.record(new),
            Self::Reading(reading) => store.record_in(reading.id, new),
            Self::Settling(comparison) => store.adjudicate(comparison.reading.id, new),
        }
    }

    /// The decisions that undo and redo may name.
    pub fn log(&self, store: &Store, case: CaseId) -> Result<Vec<Decision>, StoreError> {
        match self {
            Self::Record => store.log(case),
            Self::Reading(reading) => store.reading_log_since(reading.id, 0),
            Self::Settling(comparison) => settling_log(store, case, comparison.reading.id),
        }
    }

    /// One reader's word on a cell in dispute, as a decision.
    pub fn reader(&self, cell: CellId, second: bool) -> Result<Action, String> {
        let Self::Settling(comparison) = self else {
            return Err("first and second settle disputes: add --adjudicate".to_owned());
        };
        let pair = comparison.disputes().find(|p| p.cell == cell).ok_or("the cell is not in dispute")?;
        Ok(if second { pair.second } else { pair.first.verdict }.action())
    }
}

fn settling_log(store: &Store, case: CaseId, reading: ReadingId) -> Result<Vec<Decision>, StoreError> {
    let settling: BTreeSet<Seq> = store.adjudications(reading)?;
    let mut log = store.log(case)?;
    log.retain(|d| settles(d, &settling));
    Ok(log)
}
