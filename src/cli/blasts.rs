//! `blasts`: what counts as a blast in a case.

use serde::Serialize;

use super::{Context, Failure, Outcome, args::BlastsArgs, context, output};
use crate::domain::{BlastSet, ClassTable, printable};

#[derive(Serialize)]
struct BlastsJson<'a> {
    case: &'a str,
    blast_classes: Vec<&'a str>,
    equivalents: bool,
    default: Vec<&'a str>,
    offered: Vec<&'a str>,
}

/// Shows what counts, after choosing it where that is asked for.
pub fn run(context: &Context, args: &BlastsArgs) -> Result<Outcome, Failure> {
    let table = &context.table;
    let wanted = match (&args.set, args.default) {
        (Some(codes), _) => Some(choice(table, "--set", codes)?),
        (None, true) => Some(BlastSet::of_table(table)),
        (None, false) => None,
    };
    let store = context.store()?;
    let mut case = context.case(&store, &args.case)?;
    if let Some(blasts) = wanted {
        let reviewer = context::reviewer(&args.reviewer)?;
        store.set_blasts(case.id, Some(&reviewer), &blasts).map_err(context::refused)?;
        case.blasts = blasts;
    }
    let names = case.blasts.names(table);
    let offered: Vec<&str> = BlastSet::offered(table).into_iter().map(|id| table.code(id)).collect();
    if args.json {
        output::print(&output::json_line(&BlastsJson {
            case: &case.name,
            blast_classes: case.blasts.codes(table),
            equivalents: names.has_equivalents(),
            default: BlastSet::of_table(table).codes(table),
            offered,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut said = format!("{}: {}\n", printable(&case.name), names.title());
    if !names.left_out().is_empty() {
        said += &format!("not counted, although blasts by the class table: {}\n", names.left_out().join(" "));
    }
    output::print(&format!("{said}offered: {}\n", offered.join(" ")))?;
    Ok(Outcome::Done)
}

/// What an option that names classes chooses; `None`: it was not given.
pub fn option(table: &ClassTable, codes: &[String]) -> Result<Option<BlastSet>, Failure> {
    if codes.is_empty() { Ok(None) } else { choice(table, "--blasts", codes).map(Some) }
}

fn choice(table: &ClassTable, option: &str, codes: &[String]) -> Result<BlastSet, Failure> {
    let codes = codes.iter().map(String::as_str);
    BlastSet::choose(table, codes).map_err(|e| Failure::usage(format!("{option}: {e}")))
}
