//! `bench`: how many images a second are decoded, go through the network, and do both, on this machine.
//!
//! The three are measured in turn, several times, so that whatever else the machine does falls on all of them alike.

use std::{path::PathBuf, sync::atomic::AtomicBool, time::Instant};

use rayon::prelude::*;
use serde::Serialize;

use super::{
    Context, Failure, Outcome,
    args::BenchArgs,
    classify::{Reason, items},
    context::show,
    frame,
    import::check_scale,
    output,
    progress::Progress,
};
use crate::{
    domain::{Sha256Hash, scale_for_frame},
    intake::{self, Limits},
    model::{Input, ModelError, Network, StreamOptions, classify_stream, preprocess},
    phantom,
};

/// Rounds of the three measurements; an odd number has a median.
const ROUNDS: usize = 5;

/// About how long a measurement takes.
const SECONDS: f64 = 0.5;

/// Images of a folder that are used at most.
const MOST: usize = 2000;

#[derive(Serialize)]
struct Figures {
    device: String,
    model: Sha256Hash,
    batch: usize,
    /// Through the network alone.
    images_per_s: f64,
    /// Read, hashed, decoded and preprocessed alone.
    decode_images_per_s: f64,
    /// Both, as `classify` does them.
    classify_images_per_s: f64,
    images: usize,
    drawn: bool,
}

/// An image to measure with.
enum Picture {
    File(PathBuf),
    Drawn(Vec<u8>),
}

/// Measures.
pub fn run(context: &Context, args: &BenchArgs) -> Result<Outcome, Failure> {
    if let Some(x) = args.um_per_px {
        check_scale(x)?;
    }
    let network = context.network(&args.network, args.precision)?;
    let batch = usize::from(args.batch);
    let pictures = pictures(args)?;
    let bench = Bench { network: &network, batch, um_per_px: args.um_per_px };
    let progress = Progress::new("measurements", context.quiet);
    let figures = bench.measure(&pictures, &progress);
    progress.finish();
    let figures = figures?;
    if args.json {
        output::print(&output::json_line(&figures))?;
    } else {
        let Figures { device, images, .. } = &figures;
        let kind = if figures.drawn { "drawn cells" } else { "images" };
        output::print(&format!(
            "{device}, batches of {batch}, {images} {kind}\nnetwork   {:>9.1} images/s\ndecoding  {:>9.1} images/s\nclassify  {:>9.1} images/s\n",
            figures.images_per_s, figures.decode_images_per_s, figures.classify_images_per_s
        ))?;
    }
    Ok(Outcome::Done)
}

fn pictures(args: &BenchArgs) -> Result<Vec<Picture>, Failure> {
    if args.paths.is_empty() {
        return Ok(phantom::demo_case(phantom::DEMO_SEED).into_iter().map(|c| Picture::Drawn(c.jpeg)).collect());
    }
    let found = args.paths.iter().flat_map(|p| items(p, false)).filter(|i| i.refused.is_none());
    let pictures: Vec<_> = found.take(MOST).map(|i| Picture::File(i.path)).collect();
    if pictures.is_empty() {
        let shown: Vec<_> = args.paths.iter().map(|p| show(p)).collect();
        return Err(Failure::usage(format!("{}: no images; name a folder that holds some", shown.join(", "))));
    }
    Ok(pictures)
}

struct Bench<'a> {
    network: &'a Network,
    batch: usize,
    um_per_px: Option<f64>,
}

impl Bench<'_> {
    fn measure(&self, pictures: &[Picture], progress: &Progress) -> Result<Figures, Failure> {
        let spec = &self.network.info().input;
        let decode = |p: &Picture| self.decode(p).map(|(frame, scale)| preprocess(&frame, scale, spec));
        let inputs: Vec<_> = pictures.iter().take(self.batch).map(decode).collect::<Result<_, _>>()?;
        // What a second holds of each, from a first run that also warms up.
        let first = |rate: f64| ((rate * SECONDS) as usize).next_multiple_of(self.batch);
        let mut counts = [2 * self.batch; 3];
        let mut rates: [Vec<f64>; 3] = Default::default();
        for round in 0..=ROUNDS {
            let seconds = [
                timed(|| self.infer(&inputs, counts[0]))?,
                timed(|| cycle(pictures, counts[1]).into_par_iter().try_for_each(|p| decode(p).map(drop)))?,
                timed(|| self.classify(pictures, counts[2]))?,
            ];
            progress.add(3);
            for ((count, seconds), rates) in counts.iter_mut().zip(seconds).zip(&mut rates) {
                let rate = *count as f64 / seconds;
                if round == 0 {
                    *count = first(rate);
                } else {
                    rates.push(rate);
                }
            }
        }
        let [images_per_s, decode_images_per_s, classify_images_per_s] = rates.map(|mut all| {
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        });
        Ok(Figures {
            device: self.network.device_name(),
            model: self.network.info().sha256,
            batch: self.batch,
            images_per_s,
            decode_images_per_s,
            classify_images_per_s,
            images: pictures.len(),
            drawn: matches!(pictures.first(), Some(Picture::Drawn(_))),
        })
    }

    fn infer(&self, inputs: &[Input], count: usize) -> Result<(), Failure> {
        for _ in 0..count.div_ceil(inputs.len()) {
            self.network.predict_each(inputs).map_err(Failure::midway)?;
        }
        Ok(())
    }

    fn classify(&self, pictures: &[Picture], count: usize) -> Result<(), Failure> {
        let options = StreamOptions { batch: self.batch, ..StreamOptions::default() };
        let decode = |p: &&Picture| self.decode(p).map_err(|e| Reason(e.to_string()));
        let never = AtomicBool::new(false);
        let mut failed = None;
        classify_stream(self.network, cycle(pictures, count), options, &never, decode, |_, ranking| {
            failed = failed.take().or(ranking.err());
        })
        .map_err(|e: ModelError| Failure::midway(e))?;
        failed.map_or(Ok(()), |Reason(reason)| Err(Failure::midway(reason)))
    }

    fn decode(&self, picture: &Picture) -> Result<(image::RgbImage, Option<f64>), Failure> {
        match picture {
            Picture::Drawn(jpeg) => {
                let frame = intake::decode(jpeg, &Limits::default()).map_err(Failure::midway)?;
                let known = scale_for_frame(frame.width(), frame.height()).um_per_px;
                Ok((frame, self.um_per_px.or(known)))
            }
            Picture::File(path) => {
                let named = |e| Failure::usage(format!("{}: {e}", show(path)));
                frame::read(path, self.um_per_px).map(|read| (read.frame, read.um_per_px)).map_err(named)
            }
        }
    }
}

/// The first `count` of the pictures, over and over.
fn cycle(pictures: &[Picture], count: usize) -> Vec<&Picture> {
    pictures.iter().cycle().take(count).collect()
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64().max(1e-9))
}
