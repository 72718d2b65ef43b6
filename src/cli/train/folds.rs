//! Cross-validation: a network for each fold, and its predictions of the images that it was not trained on, in the form
//! that `evaluate --predictions` reads.

use std::{path::Path, sync::atomic::AtomicBool};

use serde_json::{Value, json};

use super::{
    super::{Failure, context::show, output},
    Parts, Plan, finish, free,
};
use crate::{
    domain::Ranking,
    export::write_file,
    model::{Network, NetworkFile, preprocess},
};

/// Images that are predicted at once.
const AT_ONCE: usize = 32;

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
            predict(plan, &parts, &file, &predictions)?;
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

/// Predicts the images that a fold is tested on.
fn predict(plan: &Plan<'_>, parts: &Parts, file: &Path, to: &Path) -> Result<(), Failure> {
    let file = NetworkFile::open(file).map_err(Failure::midway)?;
    let network = Network::load(&file, &plan.context.table, plan.device).map_err(Failure::midway)?;
    let mut text = String::new();
    for chunk in parts.test.chunks(AT_ONCE) {
        let mut inputs = Vec::new();
        for &place in chunk {
            let picture = &plan.pictures[place];
            let (frame, um_per_px) =
                picture.frame().map_err(|e| Failure::midway(format!("{}: {e}", show(&picture.path))))?;
            inputs.push(preprocess(&frame, um_per_px, &network.info().input));
        }
        let rankings = network.predict(&inputs).map_err(Failure::midway)?;
        for (&place, ranking) in chunk.iter().zip(&rankings) {
            text += &output::json_line(&line(plan, &plan.pictures[place].path, ranking, &network));
        }
    }
    write_file(to, text.as_bytes()).map_err(|e| Failure::midway(format!("{}: {e}", show(to))))
}

/// As `classify` writes it.
fn line(plan: &Plan<'_>, path: &Path, ranking: &Ranking, network: &Network) -> Value {
    let table = &plan.context.table;
    let top: Vec<Value> = ranking.entries().iter().map(|&(id, p)| json!({"class": table.code(id), "p": p})).collect();
    json!({
        "path": path.to_string_lossy(),
        "status": "ok",
        "top": top,
        "blast": ranking.blast,
        "atypical": ranking.atypical,
        "unlike": ranking.unlike.map(|u| u.score),
        "flagged": ranking.unlike.is_some_and(|u| u.flagged),
        "model": network.info().sha256,
    })
}
