//! `history`: everything that happened to a case, oldest first.

use std::collections::HashMap;

use serde_json::json;

use super::{Context, Failure, Outcome, args::HistoryArgs, context, output};
use crate::domain::{CellId, CellNumber, Happening, What, printable, to_the_second};

/// Writes the history of a case, one line an entry.
pub fn run(context: &Context, args: &HistoryArgs) -> Result<Outcome, Failure> {
    let store = context.store_of(&args.case)?;
    let case = match store.case(&args.case) {
        Ok(case) => case,
        Err(no_case) => {
            // What became of a case that was deleted stays on the record.
            let deleted = store.deletions(&args.case).map_err(Failure::usage)?;
            if deleted.is_empty() {
                return Err(Failure::usage(no_case));
            }
            return deleted.iter().try_for_each(|h| say(context, args, h, &|_| None)).map(|()| Outcome::Done);
        }
    };
    store.check_case(&case).map_err(Failure::usage)?;
    context::may_see(&store, &case, &args.reviewer)?;
    let cells = store.cells(case.id).map_err(Failure::usage)?;
    let places: HashMap<CellId, CellNumber> = cells.iter().map(|c| (c.id, c.number)).collect();
    let number = |cell: CellId| places.get(&cell).copied();
    for happening in store.history(case.id).map_err(Failure::usage)? {
        say(context, args, &happening, &number)?;
    }
    Ok(Outcome::Done)
}

fn say(
    context: &Context,
    args: &HistoryArgs,
    happening: &Happening,
    number: &dyn Fn(CellId) -> Option<CellNumber>,
) -> Result<(), Failure> {
    let said = happening.what.describe(&context.table, number);
    let by = happening.who.as_deref();
    output::print(&if args.json {
        let (kind, cell) = kind(&happening.what);
        let cell = cell.and_then(number);
        output::json_line(&json!({ "at": happening.at, "by": by, "kind": kind, "cell": cell, "text": said }))
    } else {
        format!("{}  {:<12}  {said}\n", to_the_second(&happening.at, &context.zone), by.map_or("-".into(), printable))
    })
}

/// What scripts call it, and its cell.
fn kind(what: &What) -> (&'static str, Option<CellId>) {
    match what {
        What::Imported => ("import", None),
        What::Event(event) => (event.kind(), None),
        What::Decision { cell, action, .. } => (action.name(), Some(*cell)),
        What::Adjudication { cell, .. } => ("adjudication", Some(*cell)),
        What::Reading { .. } => ("reading", None),
        What::Step { .. } => ("step", None),
        What::Note { cell, .. } => ("note", *cell),
        What::Tag { cell, on, .. } => (if *on { "tag" } else { "untag" }, *cell),
        What::Signed { .. } => ("signed", None),
        What::Reopened { .. } => ("reopened", None),
        What::Message { .. } => ("message", None),
    }
}
