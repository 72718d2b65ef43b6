//! What an import costs on top of reading, hashing and decoding the same files with the same number of threads.
//!
//! The second is to take at most 1.5 times as long as the first. The files are the shared originals where this machine has
//! them (`LEUKOSCOPE_SHARED`), else 600 JPEGs made here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use criterion::{Criterion, criterion_group, criterion_main};
use image::{ImageFormat, Rgb, RgbImage};
use leukoscope::{
    domain::ClassTable,
    intake::{ScanOptions, Silent, scan},
    store::Store,
};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// 600 frames of 360 x 363 px with a little noise, so that the JPEGs are about as large as real ones.
fn made(dir: &Path) {
    for n in 0..600_u32 {
        let mut state = n.wrapping_mul(2_654_435_761) | 1;
        let image = RgbImage::from_fn(360, 363, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let inside = (x as i32 - 180).pow(2) + (y as i32 - 180).pow(2) < 70 * 70;
            let base = if inside { [110, 70, 150] } else { [220, 190, 195] };
            Rgb(base.map(|b: u8| b.saturating_add((state >> 27) as u8)))
        });
        image.save_with_format(dir.join(format!("cell_{n}.jpg")), ImageFormat::Jpeg).expect("written");
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().map(|e| e.expect("listed"));
    entries.filter(|e| e.file_type().is_file()).map(|e| e.into_path()).collect()
}

fn bench(c: &mut Criterion) {
    let scratch = tempfile::tempdir().expect("a folder");
    let shared = std::env::var_os("LEUKOSCOPE_SHARED").map(|s| PathBuf::from(s).join("data/jhh/original"));
    let dir = shared.filter(|d| d.is_dir()).unwrap_or_else(|| {
        made(scratch.path());
        scratch.path().to_owned()
    });
    let files = files(&dir);
    let mut group = c.benchmark_group(format!("intake of {} files", files.len()));
    group.sample_size(10);
    group.bench_function("read, hash, decode", |b| {
        b.iter(|| {
            let one = |path: &PathBuf| {
                let bytes = fs::read(path).expect("read");
                let hash = Sha256::digest(&bytes);
                let pixels = image::load_from_memory(&bytes).map(|i| i.into_rgb8().len()).unwrap_or(0);
                (hash, pixels)
            };
            files.par_iter().map(one).collect::<Vec<_>>()
        });
    });
    let table = ClassTable::default();
    let mut run = 0;
    group.bench_function("import", |b| {
        b.iter(|| {
            run += 1;
            let store = Store::open(&scratch.path().join(format!("db/{run}.db")), &table).expect("a database");
            let found = scan(std::slice::from_ref(&dir), &ScanOptions::default(), &table, &Silent).expect("scanned");
            found.iter().map(|case| store.import(case).expect("imported").added).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
