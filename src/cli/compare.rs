//! `compare`: a finished reading beside the record of its case, or beside the reference labels.

use std::collections::HashMap;

use super::{Context, Failure, Outcome, args::CompareArgs, context, output};
use crate::{
    domain::{CaseRecord, CellId, CellNumber, Reading, ReadingId, current, printable},
    export::CompareView,
    store::Store,
};

/// Compares, and writes it as a page of text or as JSON.
pub fn run(context: &Context, args: &CompareArgs) -> Result<Outcome, Failure> {
    let reviewer = context::reviewer(&args.reviewer)?;
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    let name = printable(&case.name);
    let reading = match args.reading {
        Some(id) => {
            let all = store.readings(case.id).map_err(Failure::usage)?;
            let found = all.into_iter().find(|r| r.id == ReadingId(id));
            found.ok_or_else(|| Failure::usage(format!("{name}: there is no reading {id}")))?
        }
        None => {
            let latest = store.comparable(case.id, &reviewer).map_err(Failure::usage)?.into_iter().next();
            latest.ok_or_else(|| {
                Failure::usage(format!("{name}: no reading of it is finished; `leukoscope read {name}` begins one"))
            })?
        }
    };
    let page = page(context, &store, &case, &reading, &reviewer, args.json)?;
    output::print(&page)?;
    Ok(Outcome::Done)
}

/// A training's score as text.
pub(super) fn text(context: &Context, store: &Store, case: &CaseRecord, reading: &Reading) -> Result<String, Failure> {
    page(context, store, case, reading, &reading.reviewer, false)
}

fn page(
    context: &Context,
    store: &Store,
    case: &CaseRecord,
    reading: &Reading,
    reviewer: &str,
    as_json: bool,
) -> Result<String, Failure> {
    let comparison = store.compare(reading.id, reviewer).map_err(Failure::usage)?;
    let cells = store.cells(case.id).map_err(Failure::midway)?;
    let places: HashMap<CellId, (CellNumber, String)> =
        cells.iter().map(|c| (c.id, (c.number, c.path.to_string_lossy().into_owned()))).collect();
    let log = store.log(case.id).map_err(Failure::midway)?;
    let settling = store.adjudications(reading.id).map_err(Failure::midway)?;
    let held = current(&log);
    let settled = |cell: CellId| {
        let decision = held.get(&cell).filter(|d| settling.contains(&d.seq))?;
        Some((decision.action.verdict()?, decision.reviewer.clone()))
    };
    let view = CompareView {
        table: &context.table,
        case: &case.name,
        comparison: &comparison,
        place: &|cell| places.get(&cell).cloned(),
        settled: &settled,
    };
    Ok(if as_json { view.to_json() } else { view.to_text() })
}
