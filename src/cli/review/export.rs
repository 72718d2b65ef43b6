//! Exports that the review asks for: the text to be read first, and the file.

use std::path::{Path, PathBuf};

use super::super::{
    Context, Failure,
    args::ReportArgs,
    context::show,
    export::{Written, from_review},
};
use crate::{
    app::{Event, ExportForm, Particular, Said},
    domain::{CaseId, Laboratory},
    export::Format,
    store::Store,
};

/// The forms of [`Format`], as the prompt lists them.
pub(super) fn forms() -> Vec<ExportForm> {
    let form =
        |f: Format| ExportForm { name: f.name(), about: f.about(), ending: f.ending(), asks: f.has_particulars() };
    Format::ALL.into_iter().map(form).collect()
}

/// What is asked for where a report says whose blood it is.
pub(super) fn particulars(laboratory: &Laboratory) -> Vec<Particular> {
    let patient = Particular { field: None, label: "Patient's identifier".to_owned() };
    let fields = laboratory.fields.iter().map(|f| Particular { field: Some(f.id.clone()), label: f.label.clone() });
    std::iter::once(patient).chain(fields).collect()
}

/// The text report.
pub(super) fn preview(context: &Context, store: &Store, case: CaseId) -> Vec<Event> {
    vec![match from_review(context, store, case, Format::Text, ReportArgs::default()) {
        Ok(written) => {
            let text = String::from_utf8_lossy(&written.bytes).into_owned();
            Event::ExportPreview(text.lines().map(str::to_owned).collect())
        }
        Err(failure) => Event::Failed(failure.to_string()),
    }]
}

/// Writes an export whole or not at all; a file that is there stays unless it may be replaced.
pub(super) fn write(
    context: &Context,
    store: &Store,
    case: CaseId,
    form: &str,
    typed: &str,
    replace: bool,
    said: Option<&Said>,
) -> Vec<Event> {
    let path = named(typed);
    if path.is_dir() {
        return vec![Event::Failed(format!("{} is a folder: add a file's name", show(&path)))];
    }
    if !replace && path.symlink_metadata().is_ok() {
        return vec![Event::ExportExists(show(&path))];
    }
    let done = || -> Result<String, Failure> {
        let format = Format::ALL.into_iter().find(|f| f.name() == form);
        let format = format.ok_or_else(|| Failure::usage(format!("there is no form {form}")))?;
        let asked = particulars(&context.laboratory);
        let report = said.map_or_else(ReportArgs::default, |said| ReportArgs {
            patient: said.patient(&asked),
            field: said.fields(&asked),
            ..ReportArgs::default()
        });
        context.may_write(&path, Some(store))?;
        let Written { bytes, refused } = from_review(context, store, case, format, report)?;
        context.write(&path, &bytes, Some(store))?;
        let place = path.canonicalize().unwrap_or(path.clone());
        let kb = bytes.len().div_ceil(1000);
        Ok(match refused.as_slice() {
            [] => format!("wrote {}, {kb} kB", show(&place)),
            [one] => format!("wrote {}, but {one}", show(&place)),
            [first, rest @ ..] => format!("wrote {}, but {first}; and {} more", show(&place), rest.len()),
        })
    };
    vec![match done() {
        Ok(said) => Event::Exported(said),
        Err(failure) => Event::Failed(failure.to_string()),
    }]
}

/// The path that was typed; `~/` is the home directory.
fn named(typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => Path::new(typed).to_owned(),
    }
}
