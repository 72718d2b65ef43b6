//! The images of a training run: where each lies, what it shows, whose it is, and whether it can be decoded at all.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;

use super::super::{
    Context, Failure, context::show, evaluate::complain, frame, import::check_scale, output, progress::Progress,
};
use crate::{
    dataset::{Dataset, LabelledImage, contradictions},
    domain::{ClassId, Sha256Hash},
    train::Frame,
};

/// An image to learn from or to test on.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path as its set writes it.
    pub name: String,
    /// Its label.
    pub class: ClassId,
    /// Whose cell it is, under a name that no other set uses.
    pub patient: Option<String>,
    /// Micrometres per pixel, where it is known without looking at the frame.
    pub um_per_px: Option<f64>,
    /// The number of its set.
    pub set: usize,
    /// Only to learn from.
    pub added: bool,
}

/// The images of all sets, and how many could not be used.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub list: Vec<Picture>,
    pub refused: usize,
    /// Names of the sets, for the record.
    pub sets: Vec<String>,
}

/// What a data argument says: `PATH[#PART][@UM_PER_PX]`.
#[derive(Debug, PartialEq)]
pub(in crate::cli) struct Source {
    /// The set.
    pub path: PathBuf,
    /// The part of it.
    pub part: Option<String>,
    /// The scale of images whose set says nothing of it.
    pub um_per_px: Option<f64>,
}

impl Source {
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, Failure> {
        // A file whose name holds these characters is that file.
        if Path::new(text).exists() {
            return Ok(Self { path: text.into(), part: None, um_per_px: None });
        }
        let (rest, um_per_px) = match text.rsplit_once('@').map(|(rest, x)| (rest, x.parse::<f64>())) {
            Some((rest, Ok(x))) => {
                check_scale(x)?;
                (rest, Some(x))
            }
            _ => (text, None),
        };
        let (path, part) = match rest.rsplit_once('#') {
            Some((path, part)) if !Path::new(rest).exists() => (path, Some(part.to_owned())),
            _ => (rest, None),
        };
        Ok(Self { path: path.into(), part, um_per_px })
    }
}

impl Pictures {
    /// Reads the sets that `data` and `add` name.
    pub fn read(context: &Context, data: &[String], add: &[String]) -> Result<Self, Failure> {
        let mut all = Self::default();
        for (text, added) in data.iter().map(|t| (t, false)).chain(add.iter().map(|t| (t, true))) {
            let source = Source::parse(text)?;
            let set = Dataset::read(&source.path, &context.table, source.part.as_deref()).map_err(Failure::usage)?;
            complain(context, &source.path, &set);
            context.reads_set(&source.path, &set);
            all.refused += set.refused.len();
            all.sets.push(short(&source));
            let number = all.sets.len();
            let picture = |image: LabelledImage| Picture {
                path: image.path,
                name: image.name,
                class: image.class,
                patient: image.patient,
                um_per_px: image.um_per_px.or(source.um_per_px),
                set: number,
                added,
            };
            all.list.extend(set.images.into_iter().map(|image| picture(image.of_set(number))));
        }
        Ok(all)
    }

    /// Decodes every image once, and leaves out those that cannot be, each named on stderr: an hour into a run is no time
    /// to find out. `None`: interrupted.
    pub fn check(mut self, context: &Context, cancel: &AtomicBool) -> Option<Self> {
        let progress = Progress::new("images looked at", context.quiet);
        progress.more(self.list.len() as u64);
        let states: Vec<Option<Result<(bool, Sha256Hash), String>>> = self
            .list
            .par_iter()
            .map(|picture| {
                if cancel.load(Ordering::Relaxed) {
                    return None;
                }
                let read = frame::read(&picture.path, picture.um_per_px);
                let found = read.map(|read| (read.um_per_px.is_none(), read.sha256));
                progress.add(1);
                Some(found)
            })
            .collect();
        progress.finish();
        let mut states = states.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        let mut whole: Option<PathBuf> = None;
        let before = self.list.len();
        let mut hashes = Vec::with_capacity(before);
        self.list.retain(|picture| match states.next() {
            Some(Ok((unknown, hash))) => {
                hashes.push(hash);
                if unknown {
                    whole.get_or_insert_with(|| picture.path.clone());
                }
                true
            }
            Some(Err(reason)) => {
                output::complain(&format!("{}: {reason}", show(&picture.path)));
                false
            }
            None => true,
        });
        let labels = self.list.iter().map(|p| (p.name.as_str(), p.class));
        let two_labels =
            contradictions(labels.zip(hashes.iter().copied()).map(|((n, c), h)| (n, c, h)), &context.table);
        two_labels.said.iter().for_each(|what| output::complain(what));
        let mut of = hashes.iter();
        self.list.retain(|_| of.next().is_none_or(|hash| !two_labels.hashes.contains(hash)));
        self.refused += before - self.list.len();
        if let Some(path) = whole {
            output::complain(&frame::no_scale(&path, "write DATA@UM_PER_PX"));
        }
        Some(self)
    }
}

impl Picture {
    /// Its frame, and its um per px if known.
    pub fn frame(&self) -> Frame {
        frame::read(&self.path, self.um_per_px).map(|read| (read.frame, read.um_per_px))
    }
}

/// A set's name without the folders that it happens to lie in here.
pub(in crate::cli) fn short(source: &Source) -> String {
    let parts: Vec<_> = source.path.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    let mut name = parts[parts.len().saturating_sub(2)..].join("/");
    if let Some(part) = &source.part {
        name.push_str(&format!("#{part}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_path_a_part_and_a_scale() {
        let source = |text: &str| Source::parse(text).map_err(|e| e.to_string());
        let of = |path: &str, part: Option<&str>, um_per_px| Source {
            path: path.into(),
            part: part.map(str::to_owned),
            um_per_px,
        };
        assert_eq!(source("a/cells.csv"), Ok(of("a/cells.csv", None, None)));
        assert_eq!(source("a/cells.csv#val@0.133"), Ok(of("a/cells.csv", Some("val"), Some(0.133))));
        assert_eq!(source("me@home/set@0.071"), Ok(of("me@home/set", None, Some(0.071))));
        assert_eq!(source("me@home/set"), Ok(of("me@home/set", None, None)));
        assert!(source("set@71").expect_err("no scale").contains("71"));
        assert_eq!(short(&of("/home/anna/jhh/cells.csv", Some("train"), None)), "jhh/cells.csv#train");
    }
}
