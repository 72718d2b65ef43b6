//! `export`: one case in one of the formats that `export::Format` lists.

mod all;

use std::io::IsTerminal;

use super::{Context, Failure, Outcome, args::ExportArgs, context::show, output, particulars, report};
use crate::{
    domain::{CaseId, CaseRecord, CaseState, printable},
    export::{self, Format, Particulars, Summary},
    store::Store,
};

/// Writes the export to stdout or a file.
pub fn run(context: &Context, args: &ExportArgs) -> Result<Outcome, Failure> {
    if args.format == Format::Pdf && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(Failure::usage("a PDF is nothing for a terminal; name a file with -o FILE"));
    }
    let store = context.store()?;
    let Some(name) = &args.case else { return all::run(context, args, &store) };
    let case = context.case(&store, name)?;
    let summary = summary(context, args, &store, &case)?.with_flags(&context.flags);
    let particulars = particulars::of(context, &args.report, &store, &case, &summary)?;
    let Written { bytes, refused } = written(context, args, &store, &case, &summary, &particulars)?;
    match &args.output {
        None => output::print_bytes(&bytes)?,
        Some(path) => {
            let error = |e| Failure::midway(format!("{}: {e}; the file is as it was", show(path)));
            export::write_file(path, &bytes).map_err(error)?;
            context.say(&format!("wrote {}", show(path)));
        }
    }
    refused.iter().for_each(|why| output::complain(why));
    Ok(Outcome::refused(!refused.is_empty()))
}

/// An export, and what it could not show, a sentence each.
pub(super) struct Written {
    pub bytes: Vec<u8>,
    pub refused: Vec<String>,
}

/// The case in the form that was asked for.
fn written(
    context: &Context,
    args: &ExportArgs,
    store: &Store,
    case: &CaseRecord,
    summary: &Summary,
    particulars: &Particulars,
) -> Result<Written, Failure> {
    match args.format.write(summary, particulars) {
        Some(bytes) => Ok(Written { bytes, refused: Vec::new() }),
        None => report::write(context, args, store, case, summary, particulars),
    }
}

/// The case as the review writes it: what holds now, without a patient or fields, which are not asked for there.
pub(super) fn from_review(context: &Context, store: &Store, case: CaseId, format: Format) -> Result<Written, Failure> {
    let case = store.case_by_id(case).map_err(Failure::usage)?;
    let args = ExportArgs { case: Some(case.name.clone()), format, ..ExportArgs::default() };
    let summary = summary(context, &args, store, &case)?.with_flags(&context.flags);
    let particulars = particulars::of(context, &args.report, store, &case, &summary)?;
    written(context, &args, store, &case, &summary, &particulars)
}

/// The signed version asked for, else the one that holds, else the decisions as they stand.
fn summary(context: &Context, args: &ExportArgs, store: &Store, case: &CaseRecord) -> Result<Summary, Failure> {
    let wanted = match (args.version, case.state) {
        (Some(version), _) => Some(version),
        (None, CaseState::Signed) => case.version,
        (None, _) => None,
    };
    let mut signed = store.signed(case.id).map_err(Failure::usage)?;
    // Up to the version before the one that is shown.
    let mut before = |version: Option<u32>| {
        signed.retain(|s| version.is_none_or(|v| s.version < v));
        signed.pop().map(|s| super::signed::summary(s, case))
    };
    if let Some(version) = wanted {
        let missing = || Failure::usage(format!("{}: there is no signed version {version}", printable(&case.name)));
        let shown = before(version.checked_add(1)).filter(|s| s.version == Some(version)).ok_or_else(missing)?;
        return Ok(shown.amending(before(Some(version)).as_ref()));
    }
    let earlier = before(None);
    let network = context.network_file(args.model.as_deref())?.info.sha256;
    let cells = store.cells(case.id).map_err(Failure::usage)?;
    let log = store.log(case.id).map_err(Failure::usage)?;
    let predictions = store.predictions(case.id, &network).map_err(Failure::usage)?;
    let open = Summary::open(&context.table, case, &cells, &log, &predictions, Some(network));
    Ok(open.amending(earlier.as_ref()))
}
