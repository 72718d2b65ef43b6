//! Predictions from a network that is run here.

use std::sync::OnceLock;

use super::{
    super::{
        Context, Failure,
        args::EvaluateArgs,
        classify::Reason,
        context::show,
        frame, output,
        progress::{Progress, interruption},
    },
    Answers, Images,
};
use crate::{
    dataset::{LabelledImage, contradictions},
    domain::{Ranking, Sha256Hash},
    evaluate::Sample,
    model::{StreamOptions, classify_stream},
};

/// An image on its way through the network.
struct Item<'a> {
    image: &'a LabelledImage,
    whole_frame: OnceLock<()>,
    sha256: OnceLock<Sha256Hash>,
    /// The scale that the file states, where another is used.
    stated: OnceLock<f64>,
}

/// Runs the network over the images.
pub(super) fn answers(context: &Context, args: &EvaluateArgs, images: &Images) -> Result<Answers, Failure> {
    if let Some(first) = images.list.first().filter(|_| !images.list.iter().any(|i| i.path.exists())) {
        return Err(Failure::usage(format!(
            "{}: is not there, and none of the other images is; the paths of a CSV file are relative to its folder",
            show(&first.path)
        )));
    }
    let network = context.network(&args.network, args.precision)?;
    let cancel = interruption();
    let progress = Progress::new("images evaluated", context.quiet);
    progress.more(images.list.len() as u64);
    let decode = |item: &Item<'_>| {
        let read = frame::read(&item.image.path, item.image.um_per_px.or(args.um_per_px)).map_err(Reason)?;
        if read.um_per_px.is_none() {
            let _ = item.whole_frame.set(());
        }
        let _ = item.sha256.set(read.sha256);
        if let Some(stated) = read.stated {
            let _ = item.stated.set(stated);
        }
        let mut frame = read.frame;
        if let Some(shift) = &args.shift {
            let whole = network.info().input.field_um / f64::from(frame.width().max(1));
            shift.apply(&mut frame, read.um_per_px.unwrap_or(whole));
        }
        Ok((frame, read.um_per_px))
    };
    let items = images.list.iter().map(|image| Item {
        image,
        whole_frame: OnceLock::new(),
        sha256: OnceLock::new(),
        stated: OnceLock::new(),
    });
    let options = StreamOptions { batch: usize::from(args.batch), ..StreamOptions::default() };
    let mut samples: Vec<(&LabelledImage, Option<Sha256Hash>, Sample)> = Vec::with_capacity(images.list.len());
    let (mut warned, mut contradicted) = (false, false);
    let outcome = classify_stream(&network, items, options, &cancel, decode, |item, ranking| {
        if item.whole_frame.get().is_some() && !std::mem::replace(&mut warned, true) {
            progress.complain(&frame::no_scale(&item.image.path, "say --um-per-px"));
        }
        if let Some(stated) = item.stated.get().filter(|_| !std::mem::replace(&mut contradicted, true)) {
            let used = item.image.um_per_px.or(args.um_per_px);
            progress.complain(&frame::other_scale(&item.image.path, *stated, used));
        }
        match ranking {
            Ok(ranking) => samples.push((item.image, item.sha256.get().copied(), sample(item.image, &ranking))),
            Err(Reason(reason)) => progress.complain(&format!("{}: {reason}", show(&item.image.path))),
        }
        progress.add(1);
    });
    progress.finish();
    let outcome = outcome.map_err(Failure::midway)?;
    if outcome.cancelled {
        return Err(Failure::Midway("interrupted; nothing was written".into()));
    }
    let info = network.info();
    let seen = samples.iter().filter_map(|(image, hash, _)| Some((image.name.as_str(), image.class, (*hash)?)));
    let two_labels = contradictions(seen, &context.table);
    two_labels.said.iter().for_each(|what| output::complain(what));
    let known = |hash: &Option<Sha256Hash>| hash.is_some_and(|hash| two_labels.hashes.contains(&hash));
    let before = samples.len();
    samples.retain(|(_, hash, _)| !known(hash));
    let contradicted = before - samples.len();
    Ok(Answers {
        samples: samples.into_iter().map(|(.., sample)| sample).collect(),
        outputs: info.classes.iter().filter_map(|code| context.table.by_code(code)).collect(),
        network: Some(info.name.clone()),
        models: vec![info.sha256.to_string()],
        images_per_class: info.images_per_class(),
        refused: outcome.failed as usize + contradicted,
    })
}

fn sample(image: &LabelledImage, ranking: &Ranking) -> Sample {
    Sample {
        truth: image.class,
        probabilities: ranking.entries().iter().map(|&(id, p)| (id, f64::from(p))).collect(),
        patient: image.patient.clone(),
        fold: 0,
        unlike: ranking.unlike.map(|u| f64::from(u.score)),
        flagged: ranking.is_flagged(),
    }
}
