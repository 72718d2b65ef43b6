//! Cross-validation: a network for each fold, and its predictions of the images that it was not trained on, in the form
//! that `evaluate --predictions` reads.

use std::{path::Path, sync::atomic::AtomicBool};

use super::{
    super::{
        Failure,
        classify::{Line, Reason},
        context::show,
        output,
    },
    Parts, Picture, Plan, finish, free, interrupted_at_the_end,
};
use crate::{
    export::write_file,
    model::{Network, NetworkFile, StreamOptions, classify_stream},
};

/// Trains each fold that is asked for and not done yet.
pub(super) fn run(plan: &Plan<'_>, folds: usize, dir: &Path, cancel: &AtomicBool) -> Result<(), Failure> {
    let wanted = wanted(plan, folds);
    let network = |fold: usize| dir.join(format!("fold-{fold}.safetensors"));
    for &fold in &wanted {
        free(&network(fold), plan.args.resume)?;
    }
    let mut written = Vec::new();
    for &fold in &wanted {
        let file = network(fold);
        let parts = plan.divide(Some((fold - 1, folds)))?;
        if file.exists() {
            plan.context.say(&format!("{}: is trained already", show(&file)));
        } else {
            let finished = plan.train(&parts, &file, &format!("fold {fold}/{folds}"), cancel)?;
            finish::say(plan, &parts, &file, &finished)?;
        }
        let predictions = dir.join(format!("fold-{fold}.jsonl"));
        if !predictions.exists() {
            predict(plan, &parts, &file, &predictions, cancel)?;
        }
        written.push(predictions);
    }
    if !plan.args.json {
        let files: Vec<String> = written.iter().map(|f| format!("--predictions {}", show(f))).collect();
        output::print(&format!("figures over the folds: leukoscope evaluate DATA {}\n", files.join(" ")))?;
    }
    Ok(())
}

/// The folds that are asked for.
fn wanted(plan: &Plan<'_>, folds: usize) -> Vec<usize> {
    plan.args.fold.map_or_else(|| (1..=folds).collect(), |f| vec![usize::from(f)])
}

/// Says what each fold would learn from what.
pub(super) fn describe(plan: &Plan<'_>, folds: usize) -> Result<(), Failure> {
    wanted(plan, folds)
        .into_iter()
        .try_for_each(|fold| finish::describe(plan, &plan.divide(Some((fold - 1, folds)))?, Some(fold)))
}

/// Predicts the images that a fold is tested on, and writes lines as `classify` does.
fn predict(plan: &Plan<'_>, parts: &Parts, file: &Path, to: &Path, cancel: &AtomicBool) -> Result<(), Failure> {
    let file = NetworkFile::open(file).map_err(Failure::midway)?;
    let network = Network::load(&file, &plan.context.table, plan.device).map_err(Failure::midway)?;
    let (table, model) = (&plan.context.table, file.info.sha256);
    let (mut text, mut failed) = (String::new(), None);
    let pictures = parts.test.iter().map(|&place| &plan.pictures[place]);
    let decode = |picture: &&Picture| picture.frame().map_err(Reason);
    let outcome =
        classify_stream(
            &network,
            pictures,
            StreamOptions::default(),
            cancel,
            decode,
            |picture, ranking| match ranking {
                Ok(r) => {
                    let path = picture.path.to_string_lossy();
                    text += &output::json_line(&Line::of(&path, None, &r, r.entries().len(), table, model));
                }
                Err(Reason(reason)) => {
                    failed.get_or_insert_with(|| format!("{}: {reason}", show(&picture.path)));
                }
            },
        );
    if outcome.map_err(Failure::midway)?.cancelled {
        return Err(interrupted_at_the_end());
    }
    failed.map_or(Ok(()), |reason| Err(Failure::Midway(reason)))?;
    write_file(to, text.as_bytes()).map_err(|e| Failure::midway(format!("{}: {e}", show(to))))
}
