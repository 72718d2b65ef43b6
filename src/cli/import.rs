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
    context::{reviewer, show},
    output,
    progress::{Progress, interruption},
};
use crate::{
    domain::{BlastSet, FoundCase, Layout, Refusal, counted, name_key, printable, scales_differ},
    intake::{self, IntakeError, ScanOptions},
    store::{ImportIntent, ImportOutcome, SharedImages, Store, StoreError},
};

/// So many shared images are named one by one.
const NAMED_IMAGES: usize = 6;

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    cases: Vec<CaseReport<'a>>,
}

#[derive(Serialize)]
struct CaseReport<'a> {
    case: &'a str,
    layout: Layout,
    phantom: bool,
    folder: String,
    um_per_px: Option<f64>,
    cells: usize,
    /// Why the folder was not taken in; nothing of the next lines then.
    error: Option<String>,
    created: bool,
    added: Option<usize>,
    unchanged: Option<usize>,
    moved: bool,
    moved_from: Option<String>,
    copy_of: Option<String>,
    folder_added: bool,
    missing: usize,
    shared: Vec<SharedReport<'a>>,
    refused: Vec<RefusedReport>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct SharedReport<'a> {
    case: &'a str,
    images: Vec<String>,
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

/// What became, or would become, of a folder.
type Taken<'a> = (&'a FoundCase, Result<ImportOutcome, StoreError>);

/// Imports the folders, each case in a transaction of its own: one that is refused is named, and the others go in.
pub fn run(context: &Context, args: &ImportArgs) -> Result<Outcome, Failure> {
    let options = options(args)?;
    let blasts = blasts::option(&context.table, &args.blasts)?;
    let intent = ImportIntent { add: args.add, reviewer: who(args)? };
    // Opened first: a database that cannot be used is said before the images are read.
    let store = if args.dry_run { None } else { Some(context.new_store_as_it_is()?) };
    let bar =
        Bar { progress: Progress::new("images read", context.quiet), verbose: context.verbose, cancel: interruption() };
    let found = intake::scan(&args.dirs, &options, &context.table, &bar);
    bar.progress.finish();
    let found = found.map_err(|e| match e {
        IntakeError::Cancelled => Failure::midway(e),
        e => Failure::usage(e),
    })?;
    let taken: Vec<Taken<'_>> = match &store {
        Some(store) => take(store, args, &found, &intent, blasts.as_ref())?,
        None => found.iter().zip(plan(context, &found, &intent)?).collect(),
    };
    warn(context, &found);
    for (case, outcome) in &taken {
        complain(context, case, outcome, taken.len() == 1);
    }
    if args.json {
        let cases = taken.iter().map(|(c, o)| case_report(c, o)).collect();
        output::print(&output::json_line(&Report { dry_run: args.dry_run, cases }))?;
    } else {
        output::print(&taken.iter().map(|(c, o)| line(c, o, args.dry_run)).collect::<String>())?;
    }
    // Of each folder that was refused it has been said why.
    match taken.iter().rev().find_map(|(_, o)| o.as_ref().err()) {
        Some(e) if taken.iter().all(|(_, o)| o.is_err()) && taken.len() == 1 => Err(Failure::usage(e)),
        Some(_) if taken.iter().all(|(_, o)| o.is_err()) => Err(Failure::usage("none of the folders was imported")),
        Some(_) => Ok(Outcome::SomeRefused),
        None => {
            let strange = taken.iter().any(|(c, o)| o.as_ref().is_ok_and(|o| strange_copy(c, o)));
            Ok(Outcome::refused(strange || found.iter().any(|c| !c.refused.is_empty())))
        }
    }
}

fn take<'a>(
    store: &Store,
    args: &ImportArgs,
    found: &'a [FoundCase],
    intent: &ImportIntent,
    blasts: Option<&BlastSet>,
) -> Result<Vec<Taken<'a>>, Failure> {
    let mut taken = Vec::new();
    for case in found {
        let outcome = store.import_as(case, intent);
        match &outcome {
            Err(e) if !e.is_refusal() => {
                let kept = taken.iter().filter(|(_, o): &&Taken<'_>| o.is_ok()).count();
                let before = if kept > 0 {
                    format!(" ({} imported)", counted(kept as u64, "case before it is", "cases before it are"))
                } else {
                    String::new()
                };
                return Err(Failure::midway(format!("{e}{before}")));
            }
            Ok(outcome) => {
                if let Some(target) = args.target {
                    store.set_target(outcome.case.id, target).map_err(Failure::midway)?;
                }
                if let Some(blasts) = blasts {
                    store.set_blasts(outcome.case.id, intent.reviewer.as_deref(), blasts).map_err(Failure::midway)?;
                }
            }
            Err(_) => {}
        }
        taken.push((case, outcome));
    }
    Ok(taken)
}

/// What the import would come to with the database as it is; without one, with an empty one that is gone afterwards.
fn plan(
    context: &Context,
    found: &[FoundCase],
    intent: &ImportIntent,
) -> Result<Vec<Result<ImportOutcome, StoreError>>, Failure> {
    if context.db.exists() {
        return context.store_as_it_is()?.plan_imports(found, intent).map_err(Failure::usage);
    }
    let empty = tempfile::tempdir().map_err(|e| Failure::usage(format!("no folder for temporary files: {e}")))?;
    let store = Store::open(&empty.path().join("empty.db"), &context.table).map_err(Failure::usage)?;
    store.plan_imports(found, intent).map_err(Failure::usage)
}

/// Who imports, for the history; nobody is asked for where nobody is known.
fn who(args: &ImportArgs) -> Result<Option<String>, Failure> {
    match reviewer(&args.reviewer) {
        Ok(name) => Ok(Some(name)),
        Err(why) if args.reviewer.reviewer.is_some() => Err(why),
        Err(_) => Ok(None),
    }
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

fn complain(context: &Context, case: &FoundCase, outcome: &Result<ImportOutcome, StoreError>, only: bool) {
    for Refusal { path, reason } in &case.refused {
        output::complain(&format!("{}: {reason}", show(path)));
    }
    let scale = case.scale.um_per_px.map_or_else(|| "unknown".into(), |x| format!("{x} um per px"));
    let name = printable(&case.name);
    context.detail(&format!("{name}: layout {}, scale {scale}", case.layout.name()));
    let outcome = match outcome {
        Ok(outcome) => outcome,
        // The only one is what the command ends with.
        Err(_) if only => return,
        Err(e) => return output::complain(&format!("{name}: not imported: {e}")),
    };
    let name = printable(&outcome.case.name);
    let scales = outcome.case.scale.um_per_px.zip(case.scale.um_per_px).filter(|(a, b)| scales_differ(*a, *b));
    if let Some((kept, found)) = scales {
        context.say(&format!(
            "{name}: the case is kept at {kept} um per px, and what was imported now is at {found}; say --um-per-px for another scale"
        ));
    }
    if let Some(gone) = Some(outcome.removed_from_folder.len()).filter(|&n| n > 0) {
        let (one, many) = (
            "image of the case is no longer in the folder; it stays",
            "images of the case are no longer in the folder; they stay",
        );
        context.say(&format!("{name}: {} in the record", counted(gone as u64, one, many)));
    }
    if let Some(original) = &outcome.copy_of {
        let (copy, original) = (show(&case.root), show(original));
        let what = format!(
            "{copy} is a copy of {original}, the folder of the case `{name}`, which is in its place; nothing was changed"
        );
        if strange_copy(case, outcome) {
            output::complain(&format!(
                "{}: not imported: {what}. If it is another patient's, import it with --case NAME",
                printable(&case.name)
            ));
        } else {
            context.say(&format!("{name}: {what}"));
        }
    }
    if let Some(demo) = &outcome.demo_renamed {
        context.say(&format!("the demo case is called `{}` from now on", printable(demo)));
    }
    for shared in &outcome.shared {
        // What may be two patients in one is said whatever is asked for.
        output::complain(&format!("{name}: {}", shared_words(shared)));
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

/// Whether a copy is called as another patient's folder would be: it becomes no case, and that is no success.
fn strange_copy(case: &FoundCase, outcome: &ImportOutcome) -> bool {
    outcome.copy_of.is_some() && name_key(&case.name) != name_key(&outcome.case.name)
}

/// Which images another case has as well.
fn shared_words(shared: &SharedImages) -> String {
    let n = shared.images.len();
    let mut names: Vec<_> = shared.images.iter().take(NAMED_IMAGES).map(|p| show(p)).collect();
    if n > NAMED_IMAGES {
        names.push(format!("{} more", n - NAMED_IMAGES));
    }
    let (images, are) = if n == 1 { ("image", "is") } else { ("images", "are") };
    format!("{n} {images} {are} also in the case `{}`, byte for byte: {}", printable(&shared.case), names.join(", "))
}

fn line(case: &FoundCase, outcome: &Result<ImportOutcome, StoreError>, dry_run: bool) -> String {
    let Ok(o) = outcome else { return String::new() };
    let new = counted(o.added as u64, "new cell", "new cells");
    let mut text = format!("{}: {new}, {} known", printable(&o.case.name), o.unchanged + o.moved);
    if let Some(from) = &o.moved_from {
        text += &format!(", found again in a new place (moved from {} to {})", show(from), show(&case.root));
    }
    if o.folder_added {
        text += &format!(", {} is a further folder of the case", show(&case.root));
    }
    if let Some(original) = &o.copy_of {
        text += &format!(", a copy of {}, nothing changed", show(original));
    }
    for shared in &o.shared {
        text += &format!(", {} also in {}", shared.images.len(), printable(&shared.case));
    }
    if !case.refused.is_empty() {
        text += &format!(", {} refused", case.refused.len());
    }
    text += if dry_run { " (dry run, nothing stored)\n" } else { "\n" };
    text
}

fn case_report<'a>(case: &'a FoundCase, outcome: &'a Result<ImportOutcome, StoreError>) -> CaseReport<'a> {
    let text = |p: &PathBuf| p.to_string_lossy().into_owned();
    let (outcome, error) = match outcome {
        Ok(outcome) => (Some(outcome), None),
        Err(e) => (None, Some(e.to_string())),
    };
    CaseReport {
        case: outcome.map_or(&case.name, |o| &o.case.name),
        layout: case.layout,
        phantom: case.drawn > 0,
        folder: text(&case.root),
        um_per_px: case.scale.um_per_px,
        cells: case.cells.len(),
        error,
        created: outcome.is_some_and(|o| o.created),
        added: outcome.map(|o| o.added),
        unchanged: outcome.map(|o| o.unchanged + o.moved),
        moved: outcome.is_some_and(|o| o.moved_from.is_some()),
        moved_from: outcome.and_then(|o| o.moved_from.as_ref()).map(text),
        copy_of: outcome.and_then(|o| o.copy_of.as_ref()).map(text),
        folder_added: outcome.is_some_and(|o| o.folder_added),
        missing: outcome.map_or(0, |o| o.removed_from_folder.len()),
        shared: outcome
            .iter()
            .flat_map(|o| &o.shared)
            .map(|s| SharedReport { case: &s.case, images: s.images.iter().map(text).collect() })
            .collect(),
        refused: case.refused.iter().map(|r| RefusedReport { path: text(&r.path), reason: r.reason.clone() }).collect(),
        warnings: &case.warnings,
    }
}
