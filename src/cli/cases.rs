//! `cases`: the list of cases.

use std::collections::HashSet;

use serde::Serialize;

use super::{Context, Failure, Outcome, args::CasesArgs, context::may_see, output};
use crate::domain::{CaseId, CaseState, CaseSummary, ClassTable, Share, printable};

#[derive(Serialize)]
struct CaseJson<'a> {
    case: &'a str,
    phantom: bool,
    archived: bool,
    state: CaseState,
    version: Option<u32>,
    cells: u64,
    reviewed: u64,
    blasts: Option<f64>,
    blast_classes: Vec<&'a str>,
    blasts_ci95: Option<[f64; 2]>,
    target: u64,
    um_per_px: Option<f64>,
    folder: String,
    imported_at: &'a str,
}

/// Lists the cases, those in the archive only if they are asked for; one whose record does not agree with itself is named on stderr and left
/// out.
pub fn run(context: &Context, args: &CasesArgs) -> Result<Outcome, Failure> {
    let store = context.store()?;
    let mut cases = store.cases().map_err(Failure::usage)?;
    let archived = store.archived().map_err(Failure::usage)?;
    if !args.archived {
        cases.retain(|c| !archived.contains(&c.case.id));
    }
    let unsound = store.unsound_cases(&cases).map_err(Failure::usage)?;
    unsound.iter().for_each(|(_, why)| output::complain(&why.to_string()));
    cases.retain(|c| unsound.iter().all(|(id, _)| *id != c.case.id));
    for case in &mut cases {
        // Whoever reads a case blinded is told nothing of what others found in it.
        if may_see(&store, &case.case, &args.reviewer).is_err() {
            case.blasts = None;
        }
    }
    if args.json {
        let list: Vec<_> = cases.iter().map(|c| to_json(&context.table, c, &archived)).collect();
        output::print(&output::json_line(&list))?;
    } else {
        output::print(&to_text(&context.table, &cases, &archived))?;
    }
    Ok(Outcome::refused(!unsound.is_empty()))
}

fn to_json<'a>(table: &'a ClassTable, c: &'a CaseSummary, archived: &HashSet<CaseId>) -> CaseJson<'a> {
    CaseJson {
        case: &c.case.name,
        phantom: c.case.is_phantom(),
        archived: archived.contains(&c.case.id),
        state: c.case.state,
        version: c.case.version,
        cells: c.cells,
        reviewed: c.reviewed,
        blasts: c.blasts.map(|b| b.percent()),
        blast_classes: c.case.blasts.codes(table),
        blasts_ci95: c.blasts.map(|b| [100.0 * b.ci95.lower, 100.0 * b.ci95.upper]),
        target: c.case.target,
        um_per_px: c.case.scale.um_per_px,
        folder: c.case.root.to_string_lossy().into_owned(),
        imported_at: &c.case.imported_at,
    }
}

fn to_text(table: &ClassTable, cases: &[CaseSummary], archived: &HashSet<CaseId>) -> String {
    if cases.is_empty() {
        return "No cases; `leukoscope import DIR` takes a folder of images as one.\n".into();
    }
    let names: Vec<_> = cases.iter().map(|c| printable(&c.case.name)).collect();
    let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).max(4);
    let mut text = format!("{:<width$}  {:<10} {:>15}  {:>21}\n", "case", "state", "reviewed", "blasts");
    for (name, c) in names.iter().zip(cases) {
        let state = match (c.case.state, c.case.version) {
            (CaseState::Signed, Some(v)) => format!("signed v{v}"),
            (CaseState::Reopened, _) => "reopened".into(),
            _ => "open".into(),
        };
        let reviewed = format!("{} of {}", c.reviewed, c.cells);
        let interval = |b: Share| format!("{:.1} - {:.1}", 100.0 * b.ci95.lower, 100.0 * b.ci95.upper);
        let blasts = c.blasts.map_or_else(|| "-".into(), |b| format!("{}% ({})", b.told(), interval(b)));
        let phantom = if c.case.is_phantom() { "  phantom" } else { "" };
        let away = if archived.contains(&c.case.id) { "  archived" } else { "" };
        // Where other classes count as blasts than by default: the share is of them.
        let names = c.case.blasts.names(table);
        let of = if names.difference().is_empty() { String::new() } else { format!("  {}", names.title()) };
        text.push_str(&format!("{name:<width$}  {state:<10} {reviewed:>15}  {blasts:>21}{of}{phantom}{away}\n"));
    }
    text
}
