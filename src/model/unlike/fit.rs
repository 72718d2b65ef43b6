//! Fitting [`Unlike`] to a network: where its classes lie among its features, and what is common among right answers.

use std::collections::BTreeMap;

use super::{METHOD, Unlike, UnlikeInfo, evidence, linear, linear::Whitening, tail::Tail};
use crate::model::{Input, ModelError, Network, NetworkInfo, Output, network::DEFAULT_BATCH};

/// What a network makes of a labelled picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Features and logits.
    pub output: Output,
    /// The label, as its place among the network's outputs.
    pub class: usize,
    /// The set that it comes from: a class has a mean for each laboratory, as each stains and photographs in its own way.
    pub set: usize,
}

/// Why nothing could be fitted.
#[derive(Debug, thiserror::Error)]
pub enum UnlikeError {
    /// Too little to learn what is common.
    #[error(
        "{right} right answers on pictures kept out of training are too few to tell what is common among them; \
         {LEAST_RIGHT} are needed: keep more pictures out"
    )]
    TooFewRight {
        /// How many there are.
        right: usize,
    },
    /// No class has enough pictures.
    #[error(
        "no class has {LEAST_OF_CLASS} training pictures of one set; give the pictures that the network was trained on"
    )]
    NoClass,
    /// The features are all alike.
    #[error("the network's features do not vary over the training pictures; it has learnt nothing")]
    Constant,
    /// The share is none.
    #[error("{0} is no share of right answers to flag; give one between 0 and 0.5, for example 0.05")]
    Share(f64),
    /// A label is no output of the network, or features and logits are not as many as it has.
    #[error("picture {0} of the {1} has a label, features or logits that are not of this network")]
    Foreign(usize, &'static str),
    /// The network or the computation failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Right answers on held-out pictures below which a threshold means little: at 5%, five of them are flagged.
pub const LEAST_RIGHT: usize = 100;
/// Training pictures of a set below which a class has no mean there.
pub const LEAST_OF_CLASS: usize = 5;

impl Unlike {
    /// Fits it to a network.
    ///
    /// `training`: pictures that the network was trained on. `held_out`: pictures that it was not trained on, of other
    /// patients where patients are known; those that it gets wrong are left aside. `share` of its right answers on them
    /// are then flagged.
    ///
    /// # Errors
    /// When there are too few pictures, or they are not of this network.
    pub fn fit(
        info: &NetworkInfo,
        training: &[Labelled],
        held_out: &[Labelled],
        share: f64,
    ) -> Result<Self, UnlikeError> {
        if !(share > 0.0 && share <= 0.5) {
            return Err(UnlikeError::Share(share));
        }
        let (features, classes) = (info.architecture.features(), info.classes.len());
        for (set, name) in [(training, "training pictures"), (held_out, "held-out pictures")] {
            let foreign = |l: &Labelled| {
                let Output { features: found, logits } = &l.output;
                l.class >= classes
                    || found.len() != features
                    || logits.len() != classes
                    || found.iter().chain(logits).any(|v| !v.is_finite())
            };
            if let Some(index) = set.iter().position(foreign) {
                return Err(UnlikeError::Foreign(index, name));
            }
        }
        let trained: Vec<bool> = info.classes.iter().map(|c| !info.untrained.contains(c)).collect();
        let right: Vec<&Labelled> = held_out.iter().filter(|l| top(&l.output.logits, &trained) == l.class).collect();
        if right.len() < LEAST_RIGHT {
            return Err(UnlikeError::TooFewRight { right: right.len() });
        }
        let means = means(training, features);
        if means.is_empty() {
            return Err(UnlikeError::NoClass);
        }
        let of_known = training.iter().filter_map(|l| Some((&l.output.features, means.get(&(l.class, l.set))?)));
        let deviations = of_known.flat_map(|(f, mean)| f.iter().zip(mean).map(|(a, b)| (f64::from(*a) - b) as f32));
        let whitening = Whitening::of(deviations.collect(), features)
            .map_err(|e| UnlikeError::Model(ModelError::compute("CPU".into(), &e)))?
            .ok_or(UnlikeError::Constant)?;
        let white = |mean: Vec<f64>| {
            let mean: Vec<f32> = mean.into_iter().map(|v| v as f32).collect();
            linear::times_lower(&whitening.matrix, &mean)
        };
        let means: Vec<f32> = means.into_values().flat_map(white).collect();
        let evidence = |l: &&Labelled| evidence(&l.output, &whitening.matrix, &means, &trained);
        let evidence: Vec<[f64; 2]> = right.iter().map(evidence).collect();
        let tail = |values: Vec<f64>| Tail::of(values).ok_or(UnlikeError::TooFewRight { right: 0 });
        let distance = tail(evidence.iter().map(|e| e[0]).collect())?;
        let doubt = tail(evidence.iter().map(|e| e[1]).collect())?;
        let together = tail(evidence.iter().map(|e| distance.rarity(e[0]) + doubt.rarity(e[1])).collect())?;
        let about = UnlikeInfo { method: METHOD.into(), threshold: 1.0 - share, share, held_out: right.len() };
        let tails = [distance, doubt, together];
        Ok(Self { about, whitening: whitening.matrix, means, trained, tails })
    }
}

/// The mean features of every class of every set that has enough pictures.
fn means(training: &[Labelled], features: usize) -> BTreeMap<(usize, usize), Vec<f64>> {
    let mut sums = BTreeMap::new();
    for l in training {
        let (count, sum) = sums.entry((l.class, l.set)).or_insert_with(|| (0_usize, vec![0.0_f64; features]));
        *count += 1;
        sum.iter_mut().zip(&l.output.features).for_each(|(s, f)| *s += f64::from(*f));
    }
    sums.retain(|_, (count, _)| *count >= LEAST_OF_CLASS);
    let mean = |(count, sum): (usize, Vec<f64>)| sum.into_iter().map(|s| s / count as f64).collect();
    sums.into_iter().map(|(of, sum)| (of, mean(sum))).collect()
}

/// The place of the largest logit that counts.
fn top(logits: &[f32], counts: &[bool]) -> usize {
    let kept = logits.iter().enumerate().filter(|(i, _)| counts[*i]);
    kept.fold((0, f32::NEG_INFINITY), |best, (i, l)| if *l > best.1 { (i, *l) } else { best }).0
}

/// Runs `network` over labelled pictures and fits [`Unlike`] to it; classes are places among its outputs.
///
/// This is how a network file of before gets it: [`with`](crate::model::NetworkFile::with) then writes it into the file.
///
/// # Errors
/// As [`Unlike::fit`], and when the network fails.
pub fn fit_unlike(
    network: &Network,
    training: impl IntoIterator<Item = (Input, usize)>,
    held_out: impl IntoIterator<Item = (Input, usize)>,
    share: f64,
) -> Result<Unlike, UnlikeError> {
    let training = labelled(network, training)?;
    let held_out = labelled(network, held_out)?;
    Unlike::fit(network.info(), &training, &held_out, share)
}

/// Runs the network over pictures, a batch at a time.
fn labelled(
    network: &Network,
    pictures: impl IntoIterator<Item = (Input, usize)>,
) -> Result<Vec<Labelled>, ModelError> {
    let mut pictures = pictures.into_iter();
    let mut all = Vec::new();
    loop {
        let (inputs, classes): (Vec<Input>, Vec<usize>) = pictures.by_ref().take(DEFAULT_BATCH).unzip();
        if inputs.is_empty() {
            return Ok(all);
        }
        let outputs = network.outputs(&inputs)?;
        all.extend(outputs.into_iter().zip(classes).map(|(output, class)| Labelled { output, class, set: 0 }));
    }
}
