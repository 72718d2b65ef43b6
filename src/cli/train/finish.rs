//! The end of a run: the network's file with its temperature and its sense of the unlike, what is said of it, and whose
//! labels it doubts.

use std::{path::Path, sync::atomic::AtomicBool};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    super::{Failure, context::show, output},
    Parts, Plan, interrupted_at_the_end,
};
use crate::{
    domain::Sha256Hash,
    evaluate::fit_temperature,
    export::write_file,
    model::{Labelled, NetworkFile, Unlike},
    train::{Data, Finished, Frames, Judge, Lesson, order::repeats},
};

/// Right answers on the validation part that are flagged as unlike the training data: as many as a reviewer bears, for each
/// one more wrong answers are flagged as well.
const FLAGGED: f64 = 0.08;

/// Training images of each class of each set that the features are learnt from: more change the means and the covariance
/// little.
const OF_EACH_KIND: usize = 250;

/// The network's file, with a temperature (Guo et al. 2017) and with what tells unlike pictures, both fitted on the
/// validation part.
pub(super) fn network(
    plan: &Plan<'_>,
    parts: &Parts,
    finished: &Finished,
    frames: Frames<'_>,
    cancel: &AtomicBool,
) -> Result<Vec<u8>, Failure> {
    let lesson = &parts.lesson;
    let parse = |bytes: Vec<u8>| NetworkFile::parse("the trained network", "trained", bytes.into());
    let record = [
        ("epochs", json!(finished.history)),
        ("best_epoch", finished.best.into()),
        ("sets", plan.sets.as_slice().into()),
    ];
    let bytes = parse(finished.bytes.clone()).and_then(|f| f.with_training(record)).map_err(Failure::midway)?;
    if lesson.validation.is_empty() {
        return Ok(bytes);
    }
    let file = parse(bytes).map_err(Failure::midway)?;
    let judge = Judge { table: &plan.context.table, choice: plan.device };
    let network = judge.network(&finished.bytes).map_err(Failure::midway)?;
    let labelled = |images: &[(usize, usize)]| -> Result<Vec<Labelled>, Failure> {
        let set = |image: usize| plan.pictures[image].set;
        let outputs = judge.outputs(&network, images, frames, cancel, &mut |_, _| ()).map_err(Failure::midway)?;
        let outputs = outputs.ok_or_else(interrupted_at_the_end)?;
        let pairs = outputs.into_iter().zip(images);
        Ok(pairs.map(|(output, &(image, class))| Labelled { output, class, set: set(image) }).collect())
    };
    let held_out = labelled(&lesson.validation)?;
    let training = labelled(&some_of_each(lesson))?;
    let unlike = match Unlike::fit(network.info(), &training, &held_out, FLAGGED) {
        Ok(unlike) => Some(unlike),
        Err(e) => {
            plan.context.say(&format!("pictures that are unlike the training data will not be told: {e}"));
            None
        }
    };
    // Six digits: more are noise.
    let temperature = temperature(lesson, &held_out).map(|t| (t * 1e6).round() / 1e6);
    file.with(temperature, unlike.as_ref()).map_err(Failure::midway)
}

/// The temperature that suits the validation part best.
fn temperature(lesson: &Lesson, held_out: &[Labelled]) -> Option<f64> {
    let trained = lesson.trained();
    let masked = |l: &Labelled| -> Vec<f64> {
        let pairs = l.output.logits.iter().zip(&trained);
        pairs.map(|(&v, t)| if *t { f64::from(v) } else { f64::NEG_INFINITY }).collect()
    };
    let scores: Vec<Vec<f64>> = held_out.iter().map(masked).collect();
    fit_temperature(scores.iter().map(Vec::as_slice).zip(held_out.iter().map(|l| l.class))).map(|t| t.value)
}

/// Training images, evenly from all over each class of each set.
fn some_of_each(lesson: &Lesson) -> Vec<(usize, usize)> {
    let (kinds, counts) = lesson.kinds();
    let mut seen = vec![0_usize; counts.len()];
    let keep = |&(_, kind): &(&(usize, usize), usize)| {
        let (n, of) = (seen[kind], counts[kind]);
        seen[kind] += 1;
        // Of `of` images the ones where n * kept / of steps up.
        let kept = of.min(OF_EACH_KIND);
        (n + 1) * kept / of != n * kept / of
    };
    lesson.train.iter().zip(kinds).filter(keep).map(|(image, _)| *image).collect()
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

/// How many images of each class an epoch shows.
fn shown(lesson: &Lesson, data: &Data) -> Vec<f64> {
    let (kinds, counts) = lesson.kinds();
    let times = repeats(&counts, data);
    let mut shown = vec![0.0; lesson.classes.len()];
    lesson.train.iter().zip(kinds).for_each(|(&(_, label), kind)| shown[label] += times[kind]);
    shown
}

/// Says what would be learnt from what.
pub(super) fn describe(plan: &Plan<'_>, parts: &Parts, fold: Option<usize>) -> Result<(), Failure> {
    let lesson = &parts.lesson;
    let counts = lesson.counts();
    let shown = shown(lesson, &plan.recipe.data);
    let times = |c: usize| shown[c] / (counts[c] as f64).max(1.0);
    let of = |images: &[(usize, usize)], label| images.iter().filter(|i| i.1 == label).count();
    let tested = |label: usize| parts.test.iter().filter(|&&i| plan.pictures[i].class == plan.classes[label].1).count();
    if plan.args.json {
        let rows: Vec<Value> = (0..lesson.classes.len())
            .map(|c| {
                json!({"class": lesson.classes[c], "train": counts[c], "validation": of(&lesson.validation, c),
                       "test": tested(c), "repeats": times(c)})
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
            shown[c].round(),
            times(c)
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
