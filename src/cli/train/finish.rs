//! The end of a run: the network's file with its temperature, what is said of it, and whose labels it doubts.

use std::{path::Path, sync::atomic::AtomicBool};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    super::{Failure, context::show, output},
    Parts, Plan,
};
use crate::{
    domain::Sha256Hash,
    evaluate::fit_temperature,
    export::write_file,
    train::{Finished, Frames, Judge, SessionError, complete, order::repeats},
};

/// The network's file. Its temperature is fitted on the validation part (Guo et al. 2017).
pub(super) fn network(
    plan: &Plan<'_>,
    parts: &Parts,
    finished: &Finished,
    frames: Frames<'_>,
    cancel: &AtomicBool,
) -> Result<Vec<u8>, Failure> {
    let lesson = &parts.lesson;
    let mut more: Vec<(&str, Value)> = Vec::new();
    if !lesson.validation.is_empty() {
        let judge = Judge { table: &plan.context.table, choice: plan.device };
        let trained: Vec<bool> = lesson.counts().iter().map(|n| *n > 0).collect();
        let found = judge
            .network(&finished.bytes)
            .and_then(|network| judge.logits(&network, &lesson.validation, frames, cancel, &mut |_, _| ()))
            .map_err(|e: SessionError| Failure::midway(e))?;
        let Some(logits) = found else {
            return Err(Failure::Midway("interrupted at the end; go on with the same command and --resume".into()));
        };
        let masked: Vec<Vec<f64>> = logits
            .iter()
            .map(|row| {
                row.iter().zip(&trained).map(|(&v, t)| if *t { f64::from(v) } else { f64::NEG_INFINITY }).collect()
            })
            .collect();
        let cells = masked.iter().zip(&lesson.validation).map(|(row, image)| (row.as_slice(), image.1));
        if let Some(t) = fit_temperature(cells) {
            // Six digits: more are noise, and they survive being written.
            more.push(("temperature", json!((t.value * 1e6).round() / 1e6)));
        }
    }
    complete(&finished.bytes, &finished.history, finished.best, &plan.sets, &more)
        .ok_or_else(|| Failure::midway("the trained network cannot be written down; report this"))
}

/// Says how a run ended.
pub(super) fn say(plan: &Plan<'_>, parts: &Parts, path: &Path, finished: &Finished) -> Result<(), Failure> {
    let record = &finished.history[finished.best.clamp(1, finished.history.len()) - 1];
    if plan.args.json {
        let sha256 = std::fs::read(path).map(|bytes| Sha256Hash(Sha256::digest(&bytes).into()).to_string()).ok();
        return output::print(&output::json_line(&json!({
            "schema": "leukoscope.training/1",
            "network": path.to_string_lossy(),
            "sha256": sha256,
            "images": parts.lesson.train.len(),
            "validation_images": parts.lesson.validation.len(),
            "untrained": parts.lesson.untrained(),
            "best_epoch": finished.best,
            "epochs": finished.history,
            "doubted": finished.doubted.len(),
        })));
    }
    let mut text = format!("{}: epoch {} of {}", show(path), finished.best, finished.history.len());
    match record.validation {
        Some(v) => {
            text += &format!(
                ", on {} validation images: accuracy {:.3}, macro F1 {:.3}, loss {:.3}\n",
                parts.lesson.validation.len(),
                v.accuracy,
                v.macro_f1,
                v.loss
            );
        }
        None => text += ", without a validation part\n",
    }
    if !finished.doubted.is_empty() {
        text += &format!("{} labels are doubted; --doubts FILE writes them down\n", finished.doubted.len());
    }
    text += &format!("its figures: leukoscope evaluate DATA --model {}\n", show(path));
    output::print(&text)
}

/// Says what would be learnt from what.
pub(super) fn describe(plan: &Plan<'_>, parts: &Parts, fold: Option<usize>) -> Result<(), Failure> {
    let lesson = &parts.lesson;
    let counts = lesson.counts();
    let times = repeats(&counts, &plan.recipe.data);
    let of = |images: &[(usize, usize)], label| images.iter().filter(|i| i.1 == label).count();
    let tested = |label: usize| parts.test.iter().filter(|&&i| plan.pictures[i].class == plan.classes[label].1).count();
    if plan.args.json {
        let rows: Vec<Value> = (0..lesson.classes.len())
            .map(|c| {
                json!({"class": lesson.classes[c], "train": counts[c], "validation": of(&lesson.validation, c),
                       "test": tested(c), "repeats": times[c]})
            })
            .collect();
        return output::print(&output::json_line(&json!({"fold": fold, "classes": rows, "data": lesson.data})));
    }
    let mut text = fold.map_or_else(String::new, |f| format!("fold {f}\n"));
    text += "class   train  validation  test  shown an epoch\n";
    for (c, code) in lesson.classes.iter().enumerate() {
        text += &format!(
            "{code:<6}{:>7}{:>12}{:>6}{:>12} x {:.1}\n",
            counts[c],
            of(&lesson.validation, c),
            tested(c),
            (counts[c] as f64 * times[c]).round(),
            times[c]
        );
    }
    let patients: std::collections::BTreeSet<_> =
        lesson.validation.iter().filter_map(|&(i, _)| plan.pictures[i].patient.as_deref()).collect();
    text += &format!(
        "{} images to learn from, {} to validate on ({} patients), {} to test on\n",
        lesson.train.len(),
        lesson.validation.len(),
        patients.len(),
        parts.test.len()
    );
    output::print(&text)
}

/// Writes the images whose labels are doubted.
pub(super) fn doubts(plan: &Plan<'_>, finished: &Finished, file: &Path) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let wrong = |e: &dyn std::fmt::Display| Failure::midway(format!("{}: {e}", show(file)));
    writer.write_record(["path", "class", "patient", "mean_p"]).map_err(|e| wrong(&e))?;
    for &(image, p) in &finished.doubted {
        let picture = &plan.pictures[image];
        let path = picture.path.to_string_lossy();
        let code = plan.context.table.code(picture.class);
        let patient = picture.patient.as_deref().and_then(|p| p.split_once('/')).map_or("", |p| p.1);
        writer.write_record([path.as_ref(), code, patient, &format!("{p:.4}")]).map_err(|e| wrong(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| wrong(&e))?;
    write_file(file, &bytes).map_err(|e| wrong(&e))
}
