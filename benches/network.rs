//! Cost of a prediction and of what comes before it, on pictures made here: `cargo bench --bench network`.

use std::{hint::black_box, io::Cursor};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{ImageFormat, Rgb, RgbImage};
use leukoscope::{
    domain::ClassTable,
    model::{Compute, DeviceChoice, Network, NetworkFile, SimdPath, preprocess},
};

/// A frame of a CellaVision's size with a dark disc on a light ground.
fn frame(seed: u32) -> RgbImage {
    RgbImage::from_fn(360, 363, |x, y| {
        let noise = (x.wrapping_mul(31) ^ y.wrapping_mul(17) ^ seed.wrapping_mul(101)) % 23;
        let inside = x.abs_diff(180).pow(2) + y.abs_diff(181).pow(2) < 70 * 70;
        let [r, g, b] = if inside { [120, 60, 150] } else { [225, 205, 200] };
        Rgb([r + noise as u8, g + noise as u8, b + noise as u8])
    })
}

fn network(c: &mut Criterion) {
    let file = NetworkFile::embedded();
    let network = Network::load(&file, &ClassTable::default(), DeviceChoice::Auto).expect("the default network");
    let inputs: Vec<_> = (0..32).map(|i| preprocess(&frame(i), Some(0.1), &network.info().input)).collect();
    let mut group = c.benchmark_group(format!("predict, {}", network.device_name()));
    group.sample_size(10);
    for batch in [1, 8, 32] {
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(format!("batch {batch}"), |b| b.iter(|| network.predict(black_box(&inputs[..batch]))));
    }
    group.finish();

    let mut group = c.benchmark_group("predict, batch 32");
    group.sample_size(10).throughput(Throughput::Elements(32));
    for simd in SimdPath::available() {
        let compute = Compute { simd, ..DeviceChoice::Cpu.into() };
        let network = Network::load(&file, &ClassTable::default(), compute).expect("the default network");
        group.bench_function(simd.name(), |b| b.iter(|| network.predict(black_box(&inputs))));
    }
    group.finish();

    let picture = frame(0);
    let mut jpeg = Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).expect("an encoder in memory");
    let jpeg = jpeg.into_inner();
    let spec = &network.info().input;
    let mut group = c.benchmark_group("per image");
    group.throughput(Throughput::Elements(1));
    group.bench_function("preprocess", |b| b.iter(|| preprocess(black_box(&picture), Some(0.1), spec)));
    group.bench_function("decode and preprocess", |b| {
        b.iter(|| {
            let frame = image::load_from_memory(black_box(&jpeg)).expect("a JPEG").into_rgb8();
            preprocess(&frame, Some(0.1), spec)
        });
    });
    group.finish();

    let mut group = c.benchmark_group("start");
    group.sample_size(10);
    group.bench_function("NetworkFile::embedded", |b| b.iter(NetworkFile::embedded));
    group.bench_function("Network::load", |b| {
        b.iter(|| Network::load(&file, &ClassTable::default(), DeviceChoice::Auto).expect("the default network"));
    });
    group.finish();
}

criterion_group!(benches, network);
criterion_main!(benches);
