//! `classify`: predictions of image files, in the order given, one line each.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde::Serialize;

use super::{
    Context, Failure, Outcome,
    args::{ClassifyArgs, TableFormat},
    context::show,
    frame,
    import::check_scale,
    output,
    progress::{Progress, interruption},
};
use crate::{
    domain::{ClassTable, Ranking, Sha256Hash},
    intake,
    model::{ModelError, StreamOptions, classify_stream},
};

/// What is said of an image.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Line<'a> {
    Ok {
        path: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256Hash>,
        status: &'static str,
        top: Vec<Top<'a>>,
        blast: f32,
        atypical: f32,
        unlike: Option<f32>,
        flagged: bool,
        model: Sha256Hash,
    },
    Error {
        path: &'a str,
        status: &'static str,
        error: &'a str,
    },
}

/// A class and its probability.
#[derive(Serialize)]
pub(super) struct Top<'a> {
    class: &'a str,
    p: f32,
}

impl<'a> Line<'a> {
    /// A prediction of a network, with its `top` first classes.
    pub fn of(
        path: &'a str,
        sha256: Option<Sha256Hash>,
        r: &Ranking,
        top: usize,
        table: &'a ClassTable,
        model: Sha256Hash,
    ) -> Self {
        Self::Ok {
            path,
            sha256,
            status: "ok",
            top: r.entries().iter().take(top).map(|&(id, p)| Top { class: table.code(id), p }).collect(),
            blast: r.blast,
            atypical: r.atypical,
            unlike: r.unlike.map(|u| u.score),
            flagged: r.is_flagged(),
            model,
        }
    }
}

/// An image on its way through the network; its hash is known once it is read.
pub(super) struct Item {
    pub path: PathBuf,
    /// Why it is not to be read.
    pub refused: Option<String>,
    sha256: OnceLock<Sha256Hash>,
    whole_frame: OnceLock<()>,
    /// The scale that the file states, where another is used.
    stated: OnceLock<f64>,
}

/// Why an image has no prediction.
pub(super) struct Reason(pub String);

impl From<ModelError> for Reason {
    fn from(e: ModelError) -> Self {
        Self(e.to_string())
    }
}

/// Classifies the images.
pub fn run(context: &Context, args: &ClassifyArgs) -> Result<Outcome, Failure> {
    if let Some(x) = args.um_per_px {
        check_scale(x)?;
    }
    let network = context.network(&args.network, args.precision)?;
    let cancel = interruption();
    let progress = Progress::new("images classified", context.quiet);
    let writer = Writer::new(args, &context.table, network.info().sha256);
    let options = StreamOptions { batch: usize::from(args.batch), ..StreamOptions::default() };
    writer.header()?;
    let items = args.paths.iter().flat_map(|p| items(p, context.verbose));
    let decode = |item: &Item| {
        if let Some(reason) = &item.refused {
            return Err(Reason(reason.clone()));
        }
        let read = frame::read(&item.path, args.um_per_px).map_err(Reason)?;
        let _ = item.sha256.set(read.sha256);
        if read.um_per_px.is_none() {
            let _ = item.whole_frame.set(());
        }
        if let Some(stated) = read.stated {
            let _ = item.stated.set(stated);
        }
        Ok((read.frame, read.um_per_px))
    };
    let (mut warned, mut contradicted) = (false, false);
    let mut failure = None;
    let outcome = classify_stream(&network, items, options, &cancel, decode, |item, ranking| {
        if item.whole_frame.get().is_some() && !std::mem::replace(&mut warned, true) {
            progress.complain(&frame::no_scale(&item.path, "say --um-per-px"));
        }
        if let Some(stated) = item.stated.get().filter(|_| !std::mem::replace(&mut contradicted, true)) {
            progress.complain(&frame::other_scale(&item.path, *stated, args.um_per_px));
        }
        if let Err(Reason(reason)) = &ranking {
            progress.complain(&format!("{}: {reason}", show(&item.path)));
        }
        if failure.is_none() {
            failure = writer.line(&item.path, item.sha256.get().copied(), &ranking).err();
        }
        progress.add(1);
    });
    progress.finish();
    let outcome = outcome.map_err(Failure::midway)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if outcome.cancelled {
        return Err(Failure::Midway("interrupted; the lines written so far are whole".into()));
    }
    Ok(Outcome::refused(outcome.failed > 0))
}

/// The images of a folder in name order; anything else stands for itself, and is named if it cannot be read. Folders into
/// which nobody looks are named if more is to be said.
pub(super) fn items(path: &Path, verbose: bool) -> Box<dyn Iterator<Item = Item> + Send> {
    if !path.is_dir() {
        return Box::new(std::iter::once(Item::new(path.to_owned(), None)));
    }
    let skipped = move |folder: &Path| {
        if verbose {
            output::complain(&skipped(folder));
        }
    };
    Box::new(intake::walk(path, skipped).map(|found| match found {
        Ok(path) => Item::new(path, None),
        Err(refusal) => Item::new(refusal.path, Some(refusal.reason)),
    }))
}

/// What is said of a folder that a system keeps for itself.
pub(super) fn skipped(folder: &Path) -> String {
    format!("{}: a folder of thumbnails, trash or hidden files; nothing in it is looked at", show(folder))
}

impl Item {
    fn new(path: PathBuf, refused: Option<String>) -> Self {
        Self { path, refused, sha256: OnceLock::new(), whole_frame: OnceLock::new(), stated: OnceLock::new() }
    }
}

/// Puts lines on stdout.
struct Writer<'a> {
    format: TableFormat,
    top: usize,
    table: &'a ClassTable,
    model: Sha256Hash,
}

impl<'a> Writer<'a> {
    fn new(args: &ClassifyArgs, table: &'a ClassTable, model: Sha256Hash) -> Self {
        Self { format: args.format, top: usize::from(args.top), table, model }
    }

    fn header(&self) -> Result<(), Failure> {
        if self.format == TableFormat::Jsonl {
            return Ok(());
        }
        let mut fields: Vec<String> = ["path", "sha256", "status"].map(String::from).into();
        for k in 1..=self.top {
            fields.extend([format!("class_{k}"), format!("p_{k}")]);
        }
        fields.extend(["blast", "atypical", "unlike", "flagged", "model", "error"].map(String::from));
        output::print(&csv_line(&fields))
    }

    fn line(&self, path: &Path, sha256: Option<Sha256Hash>, ranking: &Result<Ranking, Reason>) -> Result<(), Failure> {
        let path = path.to_string_lossy();
        let line = match (ranking, sha256) {
            (Ok(r), Some(_)) => Line::of(&path, sha256, r, self.top, self.table, self.model),
            (Err(Reason(error)), _) => Line::Error { path: &path, status: "error", error },
            (Ok(_), None) => Line::Error { path: &path, status: "error", error: "the file was not read" },
        };
        match self.format {
            TableFormat::Jsonl => output::print(&output::json_line(&line)),
            TableFormat::Csv => output::print(&csv_line(&self.csv(&line))),
        }
    }

    fn csv(&self, line: &Line<'_>) -> Vec<String> {
        match line {
            Line::Error { path, status, error } => {
                let mut fields = vec![crate::domain::printable(path).into_owned(), String::new(), (*status).to_owned()];
                fields.extend(vec![String::new(); 2 * self.top + 5]);
                fields.push((*error).to_owned());
                fields
            }
            Line::Ok { path, sha256, status, top, blast, atypical, unlike, flagged, model } => {
                let hash = sha256.map_or_else(String::new, |h| h.to_string());
                let mut fields = vec![crate::domain::printable(path).into_owned(), hash, (*status).to_owned()];
                for k in 0..self.top {
                    let entry = top.get(k);
                    fields.push(entry.map_or_else(String::new, |t| t.class.to_owned()));
                    fields.push(entry.map_or_else(String::new, |t| t.p.to_string()));
                }
                fields.extend([
                    blast.to_string(),
                    atypical.to_string(),
                    unlike.map_or_else(String::new, |u| u.to_string()),
                ]);
                fields.extend([flagged.to_string(), model.to_string(), String::new()]);
                fields
            }
        }
    }
}

fn csv_line(fields: &[String]) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(fields).expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("made of strings")
}
