//! `export`: one case in one of the formats that `export::Format` lists, or all of them.

mod all;

use std::{
    cell::OnceCell,
    io::{IsTerminal, Write},
    path::Path,
};

use super::{
    Context, Failure, Outcome,
    args::{ExportArgs, ReportArgs},
    context::{self, show},
    inputs::unwritten,
    output, particulars, report, signed,
};
use crate::{
    domain::{CaseId, CaseRecord, CaseState},
    export::{Format, Summary, WriteError},
    model::NetworkInfo,
    store::Store,
};

/// By this mark in front spreadsheets know UTF-8.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes the export to stdout or a file.
pub fn run(context: &Context, args: &ExportArgs) -> Result<Outcome, Failure> {
    if args.bom && args.format != Format::Csv {
        return Err(Failure::usage("--bom: only --format csv has such a mark; leave it out"));
    }
    // `-` is stdout, as everywhere.
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    if args.format.is_binary() && output.is_none() && std::io::stdout().is_terminal() {
        let format = args.format.name();
        return Err(Failure::usage(format!("--format {format}: is nothing for a terminal; name a file with -o FILE")));
    }
    let store = args.case.as_deref().map_or_else(|| context.store(), |case| context.store_of(case))?;
    let exporter = Exporter::new(context, args, &store);
    let Some(name) = &args.case else { return all::run(&exporter) };
    // Before anything is computed: a place that cannot be written to is known at once.
    let draft = output.map(|path| context.draft(path, Some(&store)).map(|draft| (path, draft))).transpose()?;
    let case = context.case(&store, name)?;
    context::may_see(&store, &case, &args.reviewer)?;
    let Written { bytes, refused } = exporter.written(&case, &exporter.summary(&case)?)?;
    match draft {
        None => {
            // The shell may append to a file that is read.
            context.may_write(Path::new("/dev/stdout"), Some(&store))?;
            output::print_bytes(&bytes)?;
        }
        Some((path, mut draft)) => {
            let kept = draft.write_all(&bytes).map_err(WriteError::Kept).and_then(|()| draft.keep());
            kept.map_err(|e| unwritten(path, &e))?;
            context.say(&format!("wrote {}", show(path)));
        }
    }
    refused.iter().for_each(|why| output::complain(why));
    Ok(Outcome::refused(!refused.is_empty()))
}

/// The case as the review writes it: what holds now, with what was said there of patient and fields.
pub(super) fn from_review(
    context: &Context,
    store: &Store,
    case: CaseId,
    format: Format,
    report: ReportArgs,
) -> Result<Written, Failure> {
    let case = store.case_by_id(case).map_err(Failure::usage)?;
    let args = ExportArgs { case: Some(case.name.clone()), format, report, ..ExportArgs::default() };
    let exporter = Exporter::new(context, &args, store);
    exporter.written(&case, &exporter.summary(&case)?)
}

/// An export, and what it could not show, a sentence each.
pub(super) struct Written {
    pub bytes: Vec<u8>,
    pub refused: Vec<String>,
}

/// What cases are exported by; one for all cases of a run.
pub(super) struct Exporter<'a> {
    pub context: &'a Context,
    pub args: &'a ExportArgs,
    pub store: &'a Store,
    network: OnceCell<NetworkInfo>,
}

impl<'a> Exporter<'a> {
    fn new(context: &'a Context, args: &'a ExportArgs, store: &'a Store) -> Self {
        args.model.iter().for_each(|path| context.inputs.add(path, "the network in use"));
        args.template.iter().for_each(|path| context.inputs.add(path, "the template in use"));
        Self { context, args, store, network: OnceCell::new() }
    }

    /// What is known of the network in use. Its file is read once, and only where it is asked for.
    pub fn network(&self) -> Result<&NetworkInfo, Failure> {
        if self.network.get().is_none() {
            let file = self.context.network_file(self.args.model.as_deref())?;
            let _ = self.network.set(file.info);
        }
        self.network.get().ok_or_else(|| Failure::usage("the network's file cannot be read"))
    }

    /// The case in the form that was asked for.
    fn written(&self, case: &CaseRecord, summary: &Summary) -> Result<Written, Failure> {
        let particulars = particulars::of(self.context, &self.args.report, self.store, case, summary)?;
        match self.args.format.write(summary, &particulars) {
            Some(bytes) if self.args.bom => Ok(Written { bytes: [BOM, &bytes].concat(), refused: Vec::new() }),
            Some(bytes) => Ok(Written { bytes, refused: Vec::new() }),
            None => report::write(self, case, summary, &particulars),
        }
    }

    /// The signed version asked for, else the one that holds, else the decisions as they stand; with its flags.
    fn summary(&self, case: &CaseRecord) -> Result<Summary, Failure> {
        self.store.check_case(case).map_err(Failure::usage)?;
        let wanted = match (self.args.version, case.state) {
            (Some(version), _) => Some(version),
            (None, CaseState::Signed) => case.version,
            (None, _) => None,
        };
        let summary = match wanted {
            Some(version) => signed::version(self.store, case, version)?,
            None => self.open(case)?,
        };
        Ok(summary.with_flags(&self.context.flags))
    }

    /// The decisions as they stand.
    fn open(&self, case: &CaseRecord) -> Result<Summary, Failure> {
        let store = self.store;
        let earlier = store.signed(case.id).map_err(Failure::usage)?;
        let earlier: Vec<Summary> = earlier.into_iter().map(|s| signed::summary(s, case)).collect();
        let identity = store.identity().map_err(Failure::usage)?;
        let network = self.network()?.sha256;
        let cells = store.cells(case.id).map_err(Failure::usage)?;
        let log = store.log(case.id).map_err(Failure::usage)?;
        let predictions = store.predictions(case.id, &network).map_err(Failure::usage)?;
        let open = Summary::open(&self.context.table, case, &cells, &log, &predictions, Some(network));
        Ok(open.in_database(&identity).after(&earlier))
    }
}
