//! Cost of a training step and of what it is made of, on pictures that are no images: `cargo bench --bench training`.
//!
//! The step is that of the default network's architecture at a batch of 32.

use std::hint::black_box;

use candle_core::{Device, Tensor};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use leukoscope::{
    model::{
        NetworkFile, SimdPath,
        kernels::{
            Direct, DirectGradient, Finish, Gate, GradientSums, Into, Moments, Norm, NormGradient, Normed, Plane,
            Pointwise, PointwiseGradient, Scratch, Shortcut, Source, join, moments, pass,
        },
    },
    train::{AdamW, Init, Loss, Mode, Rates, Trainable, step},
};

const BATCH: usize = 32;

/// Values in -1..1 that look like noise.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn whole(c: &mut Criterion) {
    let info = NetworkFile::embedded().info;
    let (side, classes) = (info.input.size, info.classes.len());
    let init = Init { seed: 1, zero_last: true };
    let network = Trainable::new(&info.architecture, classes, info.bn_eps, init, &Device::Cpu).expect("a network");
    let mut optimiser = AdamW::new(network.parameters(), Rates::default()).expect("an optimiser");
    let pictures =
        Tensor::from_vec(noise(BATCH * 3 * side * side), (BATCH, 3, side, side), &Device::Cpu).expect("pictures");
    let labels: Vec<_> = (0..BATCH).map(|i| i % classes).collect();
    let loss = Loss { smoothing: 0.1, weights: Vec::new() };

    let mut group = c.benchmark_group(format!("training, batch {BATCH}, {} threads", rayon::current_num_threads()));
    group.sample_size(10).throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("step", |b| {
        b.iter(|| step(&network, &mut optimiser, &loss, &pictures, &labels, 1e-3).expect("a step"));
    });
    group.bench_function("forward", |b| b.iter(|| network.forward(&pictures, Mode::Train).expect("logits")));
    group.bench_function("forward, running statistics", |b| {
        b.iter(|| network.forward(&pictures, Mode::Eval).expect("logits"));
    });
    let logits = network.forward(&pictures, Mode::Train).expect("logits");
    let value = loss.of(&logits, &labels).expect("a loss");
    group.bench_function("backward", |b| b.iter(|| value.backward().expect("gradients")));
    let gradients = value.backward().expect("gradients");
    group.bench_function("AdamW", |b| b.iter(|| optimiser.step(&gradients, 1e-3).expect("a step")));
    group.finish();
}

/// A convolution of the default network: name, kernel, stride, groups, channels in and out, side.
const LAYERS: [(&str, usize, usize, usize, usize, usize, usize); 9] = [
    ("stem 3x3/2", 3, 2, 1, 3, 48, 96),
    ("layer1 1x1, 48 to 96", 1, 1, 1, 48, 96, 48),
    ("layer1 grouped", 3, 1, 8, 48, 48, 48),
    ("layer2 grouped /2", 3, 2, 8, 96, 96, 48),
    ("layer2 1x1 /2, 96 to 192", 1, 2, 1, 96, 192, 48),
    ("layer2 1x1, 192 to 96", 1, 1, 1, 192, 96, 24),
    ("layer3 grouped", 3, 1, 8, 192, 192, 12),
    ("layer3 1x1, 192 to 384", 1, 1, 1, 192, 384, 12),
    ("layer4 1x1, 256 to 512", 1, 1, 1, 256, 512, 6),
];

fn operators(c: &mut Criterion) {
    let path = SimdPath::best();
    let mut scratch = Scratch::default();
    for (name, kernel, stride, groups, inputs, outputs, side) in LAYERS {
        let input = Plane { height: side, width: side };
        let output = input.strided(kernel, stride);
        let how = (kernel, stride, groups);
        let (x, g) = (noise(inputs * input.len()), noise(outputs * output.len()));
        let weights = noise(outputs * inputs / groups * kernel * kernel);
        let biases = vec![0.0; outputs];
        let (mut out, mut back, mut sums) = (g.clone(), x.clone(), weights.clone());
        let products = (outputs * inputs / groups * kernel * kernel * output.len()) as u64;
        let mut group = c.benchmark_group(format!("one picture, one thread, {}: {name}", path.name()));
        group.throughput(Throughput::Elements(2 * products));
        let finish = Finish::default;
        if (kernel, groups) == (1, 1) {
            let conv = Pointwise::new(path, &weights, &biases, stride, input);
            group.bench_function("forward", |b| {
                b.iter(|| conv.run(path, 0..conv.blocks(), black_box(&x), finish(), &mut out, &mut scratch));
            });
            let mut gradient = PointwiseGradient::new(path, (inputs, outputs), stride, input);
            gradient.fill(&weights);
            group.throughput(Throughput::Elements(4 * products));
            group.bench_function("backward", |b| {
                b.iter(|| {
                    let into = Into { gradient: &mut back, add: false, gate: None };
                    let (g, x) = (Source::Plain(black_box(&g)), Source::Plain(&x));
                    gradient.run(path, g, x, &mut sums, Some(into), None, &mut scratch);
                });
            });
        } else {
            let conv = Direct::new(path, &weights, &biases, how, input);
            group.bench_function("forward", |b| {
                b.iter(|| conv.run(path, 0..conv.blocks(), black_box(&x), finish(), &mut out, &mut scratch));
            });
            let mut gradient = DirectGradient::new(path, (inputs, outputs), how, input);
            gradient.fill(&weights);
            group.throughput(Throughput::Elements(4 * products));
            group.bench_function("backward", |b| {
                let pictures = [(Source::Plain(&g[..]), Source::Plain(&x[..]))];
                b.iter(|| gradient.run(path, black_box(&pictures), &mut sums, Some(&mut back), &mut scratch));
            });
        }
        group.finish();
    }
}

fn between(c: &mut Criterion) {
    let (path, channels, length) = (SimdPath::best(), 96, 48 * 48);
    let norms = vec![Norm { mean: 0.1, scale: 1.2, shift: 0.3 }; channels];
    let (sums, shortcut) = (noise(channels * length), noise(channels * length));
    let mut out = sums.clone();
    let mut group = c.benchmark_group("one picture, one thread, 96 planes of 48 x 48");
    group.throughput(Throughput::Elements(sums.len() as u64));
    let last = Normed { sums: &sums, norms: &norms };
    group.bench_function("moments", |b| {
        let mut to = vec![Moments::default(); channels];
        b.iter(|| moments(path, black_box(&sums), &mut to));
    });
    group.bench_function("norm, shortcut and ReLU", |b| {
        b.iter(|| join(path, black_box(last), Shortcut::Identity(&shortcut), &mut out));
    });
    group.bench_function("their gradient", |b| {
        let mut to = vec![GradientSums::default(); channels];
        b.iter(|| pass(path, Gate::Block(&shortcut, black_box(last), None), &mut out, &mut to));
    });
    through(&mut group, path, &sums, &shortcut);
    group.finish();
}

/// The gradient through a norm is computed while the layer before it reads: here by its cheapest reader.
fn through(group: &mut BenchmarkGroup<'_, WallTime>, path: SimdPath, sums: &[f32], gradient: &[f32]) {
    let terms = vec![NormGradient { a: 1.1, b: 0.2, c: 0.3, mean: 0.1 }; 96];
    let mut kernel = PointwiseGradient::new(path, (1, 96), 1, Plane { height: 48, width: 48 });
    kernel.fill(&noise(96));
    let (x, mut weights, mut scratch) = (noise(48 * 48), vec![0.0; 96], Scratch::default());
    group.bench_function("gradient through a norm, by a 1x1 with one input", |b| {
        b.iter(|| {
            let g = Source::Gradient(black_box(gradient), sums, &terms);
            kernel.run(path, g, Source::Plain(&x), &mut weights, None, None, &mut scratch);
        });
    });
}

criterion_group!(benches, whole, operators, between);
criterion_main!(benches);
