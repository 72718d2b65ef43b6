//! `import`: folders of images become cases.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use super::{
    Context, Failure, Outcome,
    args::ImportArgs,
    blasts,
    classify::skipped,
    context::show,
    output,
    progress::{Progress, interruption},
};
use crate::{
    domain::{FoundCase, Layout, Refusal, printable, scales_differ},
    intake::{self, IntakeError, ScanOptions},
    store::ImportOutcome,
};

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    cases: Vec<CaseReport<'a>>,
}

#[derive(Serialize)]
struct CaseReport<'a> {
    case: &'a str,
    layout: Layout,
    folder: String,
    um_per_px: Option<f64>,
    cells: usize,
    added: Option<usize>,
    unchanged: Option<usize>,
    moved: bool,
    missing: usize,
    refused: Vec<RefusedReport>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct RefusedReport {
    path: String,
    reason: String,
}

struct Bar {
    progress: Progress,
    verbose: bool,
    cancel: Arc<AtomicBool>,
}

impl intake::Progress for Bar {
    fn found(&self, files: usize) {
        self.progress.more(files as u64);
    }

    fn skipped(&self, folder: &Path) {
        if self.verbose {
            self.progress.complain(&skipped(folder));
        }
    }

    fn done(&self, _path: &Path, _ok: bool) {
        self.progress.add(1);
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// Imports the folders, each case in a transaction of its own.
pub fn run(context: &Context, args: &ImportArgs) -> Result<Outcome, Failure> {
    let options = options(args)?;
    let blasts = blasts::option(&context.table, &args.blasts)?;
    // Opened first: a database that cannot be used is said before the images are read.
    let mut store = if args.dry_run { None } else { Some(context.store_as_it_is()?) };
    let bar =
        Bar { progress: Progress::new("images read", context.quiet), verbose: context.verbose, cancel: interruption() };
    let found = intake::scan(&args.dirs, &options, &context.table, &bar);
    bar.progress.finish();
    let found = found.map_err(|e| match e {
        IntakeError::Cancelled => Failure::midway(e),
        e => Failure::usage(e),
    })?;
    let mut reports = Vec::new();
    for case in &found {
        let outcome = match &mut store {
            None => None,
            Some(store) => {
                let outcome = store.import(case).map_err(|e| {
                    let kept = reports.len();
                    let text = format!(
                        "{e}{}",
                        if kept > 0 { format!(" ({kept} cases before it are imported)") } else { String::new() }
                    );
                    if e.is_refusal() && kept == 0 { Failure::usage(text) } else { Failure::midway(text) }
                })?;
                if let Some(target) = args.target {
                    store.set_target(outcome.case.id, target).map_err(Failure::midway)?;
                }
                if let Some(blasts) = &blasts {
                    store.set_blasts(outcome.case.id, None, blasts).map_err(Failure::midway)?;
                }
                Some(outcome)
            }
        };
        reports.push((case, outcome));
    }
    for (case, outcome) in &reports {
        complain(context, case, outcome.as_ref());
    }
    warn(context, &found);
    if args.json {
        let cases = reports.iter().map(|(c, o)| case_report(c, o.as_ref())).collect();
        output::print(&output::json_line(&Report { dry_run: args.dry_run, cases }))?;
    } else {
        let lines: String = reports.iter().map(|(c, o)| line(c, o.as_ref())).collect();
        output::print(&lines)?;
    }
    Ok(Outcome::refused(found.iter().any(|c| !c.refused.is_empty())))
}

fn options(args: &ImportArgs) -> Result<ScanOptions, Failure> {
    if let Some(x) = args.um_per_px {
        check_scale(x)?;
    }
    Ok(ScanOptions {
        case: args.case.clone(),
        layout: args.layout,
        annotations: args.annotations.clone(),
        um_per_px: args.um_per_px,
        ..ScanOptions::default()
    })
}

/// Refuses a scale that no light microscope has.
pub fn check_scale(um_per_px: f64) -> Result<(), Failure> {
    if (0.005..=5.0).contains(&um_per_px) {
        return Ok(());
    }
    Err(Failure::usage(format!("--um-per-px {um_per_px}: a pixel of a smear is 0.005 to 5 um wide; check the number")))
}

fn complain(context: &Context, case: &FoundCase, outcome: Option<&ImportOutcome>) {
    for Refusal { path, reason } in &case.refused {
        output::complain(&format!("{}: {reason}", show(path)));
    }
    let scale = case.scale.um_per_px.map_or_else(|| "unknown".into(), |x| format!("{x} um per px"));
    context.detail(&format!("{}: layout {}, scale {scale}", printable(&case.name), case.layout.name()));
    let differ =
        |o: &&ImportOutcome| o.case.scale.um_per_px.zip(case.scale.um_per_px).filter(|(a, b)| scales_differ(*a, *b));
    if let Some((kept, found)) = outcome.and_then(|o| differ(&o)) {
        context.say(&format!(
            "{}: the case is kept at {kept} um per px, and what was imported now is at {found}; say --um-per-px for another scale",
            printable(&case.name)
        ));
    }
    if let Some(gone) = outcome.map(|o| o.removed_from_folder.len()).filter(|&n| n > 0) {
        context.say(&format!(
            "{}: {gone} images of the case are no longer in the folder; they stay in the record",
            printable(&case.name)
        ));
    }
}

/// So many cases of one warning are named.
const NAMED_CASES: usize = 3;

/// What should be known of the cases: what goes for many of them is said once.
fn warn(context: &Context, found: &[FoundCase]) {
    let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in found {
        for warning in &case.warnings {
            match said.iter_mut().find(|(text, _)| text == warning) {
                Some((_, names)) => names.push(&case.name),
                None => said.push((warning, vec![&case.name])),
            }
        }
    }
    for (warning, names) in said {
        let shown = names.iter().take(NAMED_CASES).map(|n| printable(n)).collect::<Vec<_>>().join(", ");
        match names.len().saturating_sub(NAMED_CASES) {
            0 => context.say(&format!("{shown}: {warning}")),
            more => context.say(&format!("{} cases ({shown} and {more} more): {warning}", names.len())),
        }
    }
}

fn line(case: &FoundCase, outcome: Option<&ImportOutcome>) -> String {
    let refused = if case.refused.is_empty() { String::new() } else { format!(", {} refused", case.refused.len()) };
    match outcome {
        None => format!("{}: {} cells{refused} (dry run, nothing stored)\n", printable(&case.name), case.cells.len()),
        Some(o) => {
            let moved = if o.moved_from.is_some() { ", found again in a new place" } else { "" };
            format!(
                "{}: {} new cells, {} known{moved}{refused}\n",
                printable(&o.case.name),
                o.added,
                o.unchanged + o.moved
            )
        }
    }
}

fn case_report<'a>(case: &'a FoundCase, outcome: Option<&'a ImportOutcome>) -> CaseReport<'a> {
    let text = |p: &PathBuf| p.to_string_lossy().into_owned();
    CaseReport {
        case: outcome.map_or(&case.name, |o| &o.case.name),
        layout: case.layout,
        folder: text(&case.root),
        um_per_px: case.scale.um_per_px,
        cells: case.cells.len(),
        added: outcome.map(|o| o.added),
        unchanged: outcome.map(|o| o.unchanged + o.moved),
        moved: outcome.is_some_and(|o| o.moved_from.is_some()),
        missing: outcome.map_or(0, |o| o.removed_from_folder.len()),
        refused: case.refused.iter().map(|r| RefusedReport { path: text(&r.path), reason: r.reason.clone() }).collect(),
        warnings: &case.warnings,
    }
}
