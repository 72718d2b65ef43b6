//! Look-alikes: the search among 100,000 cells, reading such a library from the database, and what 8-bit imprints cost
//! against single precision. Prints the 99th percentile, which is what a reviewer feels, before criterion's own figures.
//!
//! Imprints are made here; the cost of 8 bits is measured on real cells where this machine has them (`LEUKOSCOPE_SHARED`),
//! else on drawn ones.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use criterion::Criterion;
use image::RgbImage;
use leukoscope::{
    dataset::Dataset,
    domain::{ClassTable, LibrarySource, Sha256Hash},
    intake::{self, Limits},
    jobs::{Library, Subject},
    model::{DeviceChoice, Imprint, Nearest, Network, NetworkFile, SimdPath, preprocess},
    phantom,
    store::{LibraryCell, Store},
};
use rayon::prelude::*;

const CELLS: usize = 100_000;
const RUNS: usize = 5;
/// Features of the network that comes with the program.
const WIDTH: usize = 512;
const NETWORK: Sha256Hash = Sha256Hash([7; 32]);

/// Features as a ReLU and a mean leave them, without a pattern.
fn features(seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    (0..WIDTH).map(|_| ((next() * 4.0 - 2.0).exp() - 0.5).max(0.0)).collect()
}

fn imprint(seed: u64) -> Imprint {
    Imprint::of(&features(seed)).expect("a direction")
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |p: f64| times[((times.len() - 1) as f64 * p).round() as usize];
    format!("p50 {:.2?}  p99 {:.2?}  max {:.2?}", at(0.5), at(0.99), at(1.0))
}

/// Searches of `n` different cells, each the least of a few runs: what another program takes of the processor in one run, it
/// does not take in all of them.
fn searches(nearest: &Nearest, n: u64) -> Vec<Duration> {
    let timed = |q: u64| least(|| nearest.search(&imprint(1_000_000 + q), 24, |i| i % 50 != 0));
    (0..n).map(timed).collect()
}

fn least<T>(mut f: impl FnMut() -> T) -> Duration {
    let run = |_| {
        let start = Instant::now();
        black_box(f());
        start.elapsed()
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

/// From the database into memory, and what a search takes there with the cells of one patient left out.
fn library(dir: &Path, imprints: &[Imprint]) {
    let table = ClassTable::default();
    let store = Store::open(&dir.join("cases.db"), &table).expect("a database");
    let classes: Vec<_> = table.iter().map(|(id, _)| id).collect();
    let cell = |i: usize| LibraryCell {
        image: Sha256Hash(std::array::from_fn(|b| {
            (i.wrapping_mul(2_654_435_761) >> (b % 5 * 8)) as u8 ^ (i >> (b % 3 * 8)) as u8
        })),
        um_per_px: Some(0.1),
        class: classes[i % classes.len()],
        source: LibrarySource::Labelled,
        set: "bench/cells.csv".to_owned(),
        patient: Some(format!("Patient_{:04}", i / 100)),
        path: PathBuf::from(format!("/cells/{i:06}.jpg")),
        size: (360, 363),
    };
    let start = Instant::now();
    for (batch, imprints) in imprints.chunks(1000).enumerate() {
        let cells: Vec<_> =
            imprints.iter().enumerate().map(|(i, imprint)| (cell(batch * 1000 + i), Some(imprint.bytes()))).collect();
        store.put_library(&NETWORK, &cells).expect("kept");
    }
    println!("kept in the database, 1,000 a transaction: {:.2?}", start.elapsed());
    let mut times = Vec::new();
    let mut loaded = None;
    for _ in 0..5 {
        drop(loaded.take());
        let start = Instant::now();
        loaded = Some(Library::load(&store, &NETWORK).expect("a library"));
        times.push(start.elapsed());
    }
    let library = loaded.expect("loaded");
    let bytes = std::fs::metadata(dir.join("cases.db")).map_or(0, |m| m.len());
    println!("read {} cells of it: {}; the file has {} MB", library.cells.len(), percentiles(times), bytes / 1_000_000);
    let times = (0..200).map(|q| {
        let (query, case) = (imprint(2_000_000 + q), format!("patient_{q:04}"));
        let subject = Subject { case: &case, image: Sha256Hash([0; 32]), um_per_px: None };
        least(|| library.find(&query, subject, 24))
    });
    println!("find 24, one patient left out: {}", percentiles(times.collect()));
}

/// Frames with their um per px.
fn frames() -> (&'static str, Vec<(RgbImage, f64)>) {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("LEUKOSCOPE_SHARED").map_or(beside, PathBuf::from);
    let limits = Limits::default();
    if let Ok(set) = Dataset::read(&shared.join("data/jhh/cells.csv"), &ClassTable::default(), None) {
        let some: Vec<_> = set.images.iter().step_by(set.images.len().div_ceil(4000)).collect();
        let read = |path: &Path| intake::decode(&intake::read_image(path, &limits).ok()?.bytes, &limits).ok();
        let all = some.par_iter().filter_map(|i| Some((read(&i.path)?, 0.1333)));
        return ("real", all.collect());
    }
    let cells: Vec<_> = phantom::CLASSES.iter().flat_map(|code| (0..24).map(move |n| (*code, n))).collect();
    ("drawn", cells.par_iter().filter_map(|&(code, n)| Some((phantom::render(code, n)?, phantom::UM_PER_PX))).collect())
}

/// How many of the nearest by single precision are found.
fn recall(k: usize) {
    let (kind, frames) = frames();
    let network =
        Network::load(&NetworkFile::embedded(), &ClassTable::default(), DeviceChoice::Cpu).expect("a network");
    let mut features: Vec<Vec<f32>> = Vec::new();
    for batch in frames.chunks(64) {
        let inputs: Vec<_> = batch.par_iter().map(|(f, um)| preprocess(f, Some(*um), &network.info().input)).collect();
        features.extend(network.outputs(&inputs).expect("outputs").into_iter().map(|o| o.features));
    }
    let mut nearest = Nearest::new(features[0].len(), features.len());
    let imprints: Vec<_> = features.iter().map(|f| Imprint::of(f).expect("a direction")).collect();
    imprints.iter().for_each(|i| assert!(nearest.push(i)));
    let unit: Vec<Vec<f32>> = features
        .iter()
        .map(|f| {
            let length = f.iter().map(|v| v * v).sum::<f32>().sqrt();
            f.iter().map(|v| v / length).collect()
        })
        .collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let queries: Vec<usize> = (0..unit.len()).step_by(unit.len().div_ceil(500)).collect();
    let counts: Vec<(usize, f64)> = queries
        .par_iter()
        .map(|&q| {
            let mut exact: Vec<_> = (0..unit.len()).filter(|&i| i != q).map(|i| (i, dot(&unit[i], &unit[q]))).collect();
            exact.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let found = nearest.search(&imprints[q], k, |i| i != q);
            let same = exact[..k].iter().filter(|e| found.iter().any(|f| f.index == e.0)).count();
            let off = found.iter().map(|f| (f64::from(f.similarity) - dot(&unit[f.index], &unit[q])).abs());
            (same, off.fold(0.0, f64::max))
        })
        .collect();
    let same: usize = counts.iter().map(|c| c.0).sum();
    let off = counts.iter().map(|c| c.1).fold(0.0, f64::max);
    println!(
        "8 bits against single precision, {} {kind} cells: {:.2}% of the {k} nearest found, likeness at most {off:.5} off",
        unit.len(),
        100.0 * same as f64 / (k * queries.len()) as f64
    );
}

fn main() {
    let imprints: Vec<Imprint> = (0..CELLS as u64).into_par_iter().map(imprint).collect();
    let mut nearest = Nearest::new(WIDTH, CELLS);
    imprints.iter().for_each(|i| assert!(nearest.push(i)));
    println!("each search the least of {RUNS} runs");
    println!("{CELLS} cells of {WIDTH} values: {:.1} MB in memory", nearest.bytes() as f64 / 1e6);
    for path in SimdPath::available() {
        let nearest = nearest.clone().with_path(path);
        println!(
            "search, {}, {} threads: {}",
            path.name(),
            rayon::current_num_threads(),
            percentiles(searches(&nearest, 300))
        );
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    println!("search, best, 1 thread: {}", percentiles(one.install(|| searches(&nearest, 500))));
    let dir = tempfile::tempdir().expect("a folder");
    library(dir.path(), &imprints);
    recall(10);
    let mut criterion = Criterion::default().configure_from_args();
    let query = imprint(5_000_000);
    criterion.bench_function("search 100,000 x 512", |b| b.iter(|| nearest.search(black_box(&query), 24, |_| true)));
    criterion.final_summary();
}
