//! Predictions that `classify` wrote before; several files are the folds of a cross-validation.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    super::{Context, Failure, context::show, output, predictions::Predictions},
    Answers, Images,
};
use crate::{evaluate::Sample, model::NetworkFile};

/// Finds each image's prediction.
pub(super) fn answers(context: &Context, files: &[PathBuf], images: &Images) -> Result<Answers, Failure> {
    let folds: Vec<Predictions> =
        files.iter().map(|f| Predictions::read(f, &context.table)).collect::<Result<_, _>>()?;
    let mut outputs: Vec<_> = folds.iter().flat_map(Predictions::classes).collect();
    outputs.sort_unstable();
    outputs.dedup();
    let mut refused = folds.iter().map(|f| f.refused).sum();
    let (mut samples, mut missing) = (Vec::with_capacity(images.list.len()), Vec::new());
    for image in &images.list {
        let mut found = folds.iter().enumerate().filter_map(|(i, f)| Some((i, f.of(&image.path, &image.name)?)));
        match (found.next(), found.next()) {
            (Some((fold, prediction)), None) => samples.push(Sample {
                truth: image.class,
                probabilities: prediction.probabilities.clone(),
                patient: image.patient.clone(),
                fold,
                unlike: prediction.unlike,
                flagged: prediction.flagged,
            }),
            (Some((first, _)), Some((second, _))) => {
                refused += 1;
                output::complain(&format!(
                    "{}: is predicted in both {} and {}; a cell is tested in one fold only",
                    show(&image.path),
                    show(&files[first]),
                    show(&files[second])
                ));
            }
            (None, _) => missing.push(image),
        }
    }
    if let Some(first) = missing.first() {
        output::complain(&format!(
            "{} images have no prediction and are left out, the first is {}",
            missing.len(),
            show(&first.path)
        ));
        refused += missing.len();
    }
    let mut models: Vec<String> = folds.into_iter().map(|f| f.model).collect();
    models.dedup();
    // Of a network that is not at hand only its hash is known.
    let own = NetworkFile::embedded().info;
    let is_own = models.iter().all(|m| *m == own.sha256.to_string());
    let images_per_class = if is_own { own.images_per_class() } else { BTreeMap::new() };
    Ok(Answers { samples, outputs, network: None, models, images_per_class, refused })
}
