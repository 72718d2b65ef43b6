//! `evaluate`: a network against labelled images, as text, JSON and a report.

mod card;
mod images;
mod network;
mod recorded;
mod report;

use std::{collections::BTreeMap, path::Path};

use super::{
    Context, Failure, Outcome, args::EvaluateArgs, classify::skipped, context::show, import::check_scale, output,
};
use crate::{
    dataset::Dataset,
    domain::ClassId,
    evaluate::{Bootstrap, Evaluation, Options, Sample},
    report::{EvaluationReport, Subject, evaluation_text},
};
use images::Images;

/// Predictions of labelled images, however they came about.
struct Answers {
    samples: Vec<Sample>,
    /// The network's classes.
    outputs: Vec<ClassId>,
    /// Its name, where it was run here.
    network: Option<String>,
    /// Its hash; one for each fold.
    models: Vec<String>,
    /// Images of each class that it was trained on, as far as it is known.
    images_per_class: BTreeMap<String, u64>,
    /// Images without a prediction, each already named on stderr.
    refused: usize,
}

/// Evaluates.
pub fn run(context: &Context, args: &EvaluateArgs) -> Result<Outcome, Failure> {
    if let Some(x) = args.um_per_px {
        check_scale(x)?;
    }
    let images = images(context, args)?;
    if let Some(dir) = &args.report {
        output::folder(dir)?;
    }
    let card = args.card.as_deref().map(card::parse).transpose()?;
    args.predictions.iter().for_each(|path| context.inputs.add(path, "one of the predictions"));
    if let Some((file, _)) = card {
        context.may_write(file, None)?;
    }
    let answers = if args.predictions.is_empty() {
        network::answers(context, args, &images)?
    } else {
        recorded::answers(context, &args.predictions, &images)?
    };
    let bootstrap = Bootstrap { replicates: args.resamples, seed: args.seed };
    let options = Options { bootstrap, merge: args.merge.clone() };
    let evaluation = Evaluation::of(&context.table, &answers.samples, &answers.outputs, &options)
        .map_err(|e| Failure::usage(format!("--merge: {e}")))?
        .ok_or_else(|| Failure::usage(nothing(&answers)))?;
    let subject = Subject {
        data: args.data.iter().map(|p| p.to_string_lossy().into_owned()).collect(),
        split: args.split.clone(),
        shift: args.shift.as_ref().map(ToString::to_string),
        network: answers.network,
        models: answers.models,
        images_per_class: answers.images_per_class,
        unlabelled: images.unlabelled,
        refused: images.refused + answers.refused,
    };
    if let Some(dir) = &args.report {
        report::write(context, dir, &evaluation, &subject)?;
        context.say(&format!("wrote {}", show(&dir.join("report.html"))));
    }
    if let Some((file, name)) = card {
        card::write(context, file, name, &evaluation, &subject)?;
    }
    if args.json {
        output::print(&output::json_line(&EvaluationReport::of(&evaluation, &subject)))?;
    } else {
        output::print(&evaluation_text(&evaluation, &subject))?;
    }
    Ok(Outcome::refused(subject.refused > 0))
}

fn nothing(answers: &Answers) -> String {
    if answers.samples.is_empty() {
        "none of the images has a prediction; nothing can be evaluated".into()
    } else {
        "all images are of classes that the network has no output for; nothing can be evaluated".into()
    }
}

/// Reads the data sets and says what is wrong with them.
fn images(context: &Context, args: &EvaluateArgs) -> Result<Images, Failure> {
    let mut images = Images::default();
    for path in &args.data {
        let set = Dataset::read(path, &context.table, args.split.as_deref()).map_err(Failure::usage)?;
        complain(context, path, &set);
        context.reads_set(path, &set);
        images.take(set);
    }
    Ok(images)
}

/// So many bad rows of a set are named one by one.
const NAMED_ROWS: usize = 20;

pub(super) fn complain(context: &Context, path: &Path, set: &Dataset) {
    for refusal in set.refused.iter().take(NAMED_ROWS) {
        output::complain(&format!("{}: {}", show(&refusal.path), refusal.reason));
    }
    if set.refused.len() > NAMED_ROWS {
        output::complain(&format!("{}: {} more rows cannot be used", show(path), set.refused.len() - NAMED_ROWS));
    }
    set.skipped.iter().for_each(|folder| context.detail(&skipped(folder)));
    set.warnings.iter().for_each(|warning| context.say(warning));
    if set.unlabelled > 0 {
        context.say(&format!("{}: {} rows without a label are skipped", show(path), set.unlabelled));
    }
}
