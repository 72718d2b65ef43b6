//! `explain`: where in each picture the network's answer comes from, as a PNG with the map over the field.

mod source;

use std::{collections::HashSet, path::PathBuf, sync::atomic::Ordering};

use serde::Serialize;

use super::{
    Context, Failure, Outcome,
    args::ExplainArgs,
    context::show,
    frame,
    import::check_scale,
    names, output,
    progress::{Progress, interruption},
};
use crate::{
    domain::{CellNumber, Sha256Hash},
    explain::{self, Explainer, Method},
    model::{DeviceChoice, Network, NetworkFile, preprocess},
    report::{Panel, panels},
};
use source::{Picture, Source};

/// Least side of a picture's panel in px.
const PANEL: usize = 384;

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Ok {
        path: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cell: Option<CellNumber>,
        status: &'static str,
        class: &'a str,
        p: f32,
        file: &'a str,
        methods: Vec<&'static str>,
        model: Sha256Hash,
    },
    Error {
        path: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cell: Option<CellNumber>,
        status: &'static str,
        error: &'a str,
    },
}

/// An explanation that was written.
struct Written {
    class: String,
    p: f32,
    file: PathBuf,
}

/// Explains the images.
pub fn run(context: &Context, args: &ExplainArgs) -> Result<Outcome, Failure> {
    if let Some(x) = args.um_per_px {
        check_scale(x)?;
    }
    let desk = Desk::new(context, args)?;
    let source = Source::new(context, args)?;
    output::folder(&args.output)?;
    args.paths.iter().filter(|p| p.is_file()).for_each(|p| context.inputs.add(p, "one of the images"));
    let cancel = interruption();
    let progress = Progress::new("images explained", context.quiet);
    let (mut refused, mut warned, mut taken) = (0, false, HashSet::new());
    for picture in source.pictures(&args.output) {
        if cancel.load(Ordering::Relaxed) {
            progress.finish();
            return Err(Failure::Midway("interrupted; the pictures written so far are whole".into()));
        }
        let done = desk.explain(&source, &picture, &mut taken);
        if let Ok((_, true)) = &done
            && !std::mem::replace(&mut warned, true)
        {
            progress.complain(&frame::no_scale(&picture.path, "say --um-per-px"));
        }
        match done {
            Ok((written, _)) => desk.say(&picture, Ok(&written))?,
            Err(Stop::Image(reason)) => {
                refused += 1;
                progress.complain(&format!("{}: {reason}", show(&picture.path)));
                desk.say(&picture, Err(&reason))?;
            }
            Err(Stop::All(failure)) => {
                progress.finish();
                return Err(failure);
            }
        }
        progress.add(1);
    }
    progress.finish();
    Ok(Outcome::refused(refused > 0))
}

/// Why an image has no explanation.
enum Stop {
    /// Something about the image; the others go on.
    Image(String),
    /// Something about all of them.
    All(Failure),
}

/// What every image is explained with.
struct Desk<'a> {
    context: &'a Context,
    args: &'a ExplainArgs,
    methods: Vec<Method>,
    network: Network,
    explainer: Explainer,
}

impl<'a> Desk<'a> {
    fn new(context: &'a Context, args: &'a ExplainArgs) -> Result<Self, Failure> {
        let file: NetworkFile = context.network_file(args.model.as_deref())?;
        if let Some(code) = &args.class {
            explain::output(&file.info, code).map_err(|e| Failure::usage(format!("--class: {e}")))?;
        }
        let network = Network::load(&file, &context.table, DeviceChoice::Cpu).map_err(Failure::usage)?;
        context.detail(&format!("network {} {} on {}", file.info.name, file.info.sha256, network.device_name()));
        let explainer = Explainer::load(&file).map_err(Failure::usage)?;
        let methods = args.method.map_or_else(|| Method::ALL.to_vec(), |m| vec![m]);
        Ok(Self { context, args, methods, network, explainer })
    }

    /// Writes an image's picture; and whether nothing was known of its scale.
    fn explain(
        &self,
        source: &Source<'_>,
        picture: &Picture,
        taken: &mut HashSet<String>,
    ) -> Result<(Written, bool), Stop> {
        let image = |e: String| Stop::Image(e);
        let (frame, um_per_px, whole_frame) = source.frame(picture).map_err(image)?;
        let spec = &self.network.info().input;
        let input = preprocess(&frame, um_per_px, spec);
        let ranking = self.network.predict(std::slice::from_ref(&input)).map_err(|e| image(e.to_string()))?.remove(0);
        let table = &self.context.table;
        let (top, _) = ranking.top();
        let class = self.args.class.clone().unwrap_or_else(|| table.code(top).to_owned());
        let p = ranking.entries().iter().find(|(id, _)| table.code(*id) == class).map_or(0.0, |e| e.1);
        let field = explain::field(&input, spec);
        let side = (spec.size * PANEL.div_ceil(spec.size)) as u32;
        let plain = Panel {
            caption: format!("Field, {} um wide: {class} {p:.3}", spec.field_um),
            picture: crate::intake::thumbnail(&field, side, side),
        };
        let mut all = vec![plain];
        for &method in &self.methods {
            let map = self.explainer.explain(&input, &class, method).map_err(|e| image(e.to_string()))?;
            let caption = format!("{}: {class}", method.title());
            all.push(Panel { caption, picture: explain::over_field(&field, &map, side) });
        }
        let png = panels(&all).map_err(|e| Stop::All(Failure::midway(e)))?;
        let file = self.write(&picture.name, &png, taken).map_err(Stop::All)?;
        Ok((Written { class, p, file }, whole_frame))
    }

    /// Writes a picture under `name`, or under the next name that no other image of this run has.
    fn write(&self, name: &std::path::Path, png: &[u8], taken: &mut HashSet<String>) -> Result<PathBuf, Failure> {
        let place = self.args.output.join(name);
        let stem = place.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        let numbered = |n: u32| {
            let ending = if n == 1 { ".saliency.png".to_owned() } else { format!("-{n}.saliency.png") };
            place.with_file_name(names::fitting(&stem, &ending) + &ending)
        };
        // Some file systems take two names for one.
        let key = |path: &PathBuf| names::folded(&path.to_string_lossy());
        let path = (1..).map(numbered).find(|p| !taken.contains(&key(p))).unwrap_or_else(|| numbered(1));
        let more = "the pictures before it are written";
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder.map_err(|e| Failure::midway(format!("{}: {e}; {more}", show(&path))))?;
        self.context.write(&path, png, None).map_err(|e| e.and(more))?;
        taken.insert(key(&path));
        Ok(path)
    }

    /// Says on stdout what became of an image.
    fn say(&self, picture: &Picture, done: Result<&Written, &str>) -> Result<(), Failure> {
        let (path, cell) = (picture.path.to_string_lossy(), picture.cell);
        match done {
            Ok(w) if self.args.json => output::print(&output::json_line(&Line::Ok {
                path: &path,
                cell,
                status: "ok",
                class: &w.class,
                p: w.p,
                file: &w.file.to_string_lossy(),
                methods: self.methods.iter().map(|m| m.name()).collect(),
                model: self.network.info().sha256,
            })),
            Ok(w) => output::print(&format!("{}  {} {:.3}  {}\n", show(&picture.path), w.class, w.p, show(&w.file))),
            Err(error) if self.args.json => {
                output::print(&output::json_line(&Line::Error { path: &path, cell, status: "error", error }))
            }
            Err(_) => Ok(()),
        }
    }
}
