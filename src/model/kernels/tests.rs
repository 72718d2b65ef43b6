//! Every layer on every SIMD path against sums written out, in shapes that fit no vector.

use super::{Direct, Finish, MaxPool, Plane, Pointwise, Scratch, SimdPath};

/// Values in -0.5..0.5 that look like noise.
fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| next()).collect()
}

/// A convolution: kernel, stride, groups, channels of a group in and out, height, width.
#[derive(Debug, Clone, Copy)]
struct Case(usize, usize, usize, usize, usize, usize, usize);

const CASES: [Case; 18] = [
    Case(1, 1, 1, 5, 7, 9, 11),
    Case(1, 1, 1, 48, 96, 24, 24),
    Case(1, 1, 1, 11, 14, 7, 7),
    Case(1, 2, 1, 13, 10, 9, 12),
    Case(1, 2, 1, 16, 32, 7, 7),
    Case(1, 3, 1, 2, 1, 8, 5),
    Case(1, 1, 2, 3, 4, 6, 5),
    Case(3, 1, 8, 6, 6, 12, 12),
    Case(3, 1, 2, 3, 5, 7, 9),
    Case(3, 2, 4, 4, 4, 9, 13),
    Case(3, 2, 1, 3, 48, 16, 16),
    Case(3, 3, 2, 2, 2, 10, 11),
    Case(3, 2, 2, 12, 12, 6, 6),
    Case(3, 1, 3, 2, 3, 1, 1),
    Case(3, 1, 5, 1, 1, 4, 3),
    Case(5, 1, 1, 2, 9, 8, 8),
    Case(7, 2, 1, 3, 20, 33, 30),
    Case(7, 4, 1, 3, 4, 29, 31),
];

struct Layer {
    case: Case,
    input: Vec<f32>,
    weights: Vec<f32>,
    biases: Vec<f32>,
    residual: Vec<f32>,
}

impl Layer {
    fn new(case: Case) -> Self {
        let Case(kernel, _, groups, inputs, outputs, height, width) = case;
        let output = Self::planes(case).1;
        Self {
            case,
            input: noise(groups * inputs * height * width, 1),
            weights: noise(groups * outputs * inputs * kernel * kernel, 2),
            biases: noise(groups * outputs, 3),
            residual: noise(groups * outputs * output.len(), 4),
        }
    }

    fn planes(Case(kernel, stride, _, _, _, height, width): Case) -> (Plane, Plane) {
        let input = Plane { height, width };
        (input, input.strided(kernel, stride))
    }

    /// The definition, in f64.
    fn expected(&self, residual: bool) -> Vec<f32> {
        let Case(kernel, stride, _, inputs, outputs, ..) = self.case;
        let (input, output) = Self::planes(self.case);
        let mut all = Vec::new();
        for (channel, &bias) in self.biases.iter().enumerate() {
            for at in 0..output.len() {
                let mut sum = f64::from(bias);
                for i in 0..inputs * kernel * kernel {
                    let (c, ky, kx) = (i / (kernel * kernel), i / kernel % kernel, i % kernel);
                    let (y, x) = (at / output.width * stride + ky, at % output.width * stride + kx);
                    let Some(y) = y.checked_sub(kernel / 2).filter(|&y| y < input.height) else { continue };
                    let Some(x) = x.checked_sub(kernel / 2).filter(|&x| x < input.width) else { continue };
                    let plane = channel / outputs * inputs + c;
                    let value = self.input[plane * input.len() + y * input.width + x];
                    sum += f64::from(value) * f64::from(self.weights[channel * inputs * kernel * kernel + i]);
                }
                if residual {
                    sum += f64::from(self.residual[channel * output.len() + at]);
                }
                all.push(sum.max(0.0) as f32);
            }
        }
        all
    }

    /// What the kernels make of it, in `parts` that know nothing of each other.
    fn computed(&self, path: SimdPath, residual: bool, parts: usize) -> Vec<f32> {
        let Case(kernel, stride, groups, ..) = self.case;
        let (input, output) = Self::planes(self.case);
        let finish = Finish { residual: residual.then_some(&self.residual), relu: true };
        let mut scratch = Scratch::default();
        let mut all = Vec::new();
        let ranges = |blocks: usize| (0..parts).map(move |p| blocks * p / parts..blocks * (p + 1) / parts);
        // Scratch that another layer left behind must not show.
        let out = |channels: usize| vec![f32::NAN; channels * output.len()];
        if kernel == 1 && groups == 1 {
            let layer = Pointwise::new(path, &self.weights, &self.biases, stride, input);
            for blocks in ranges(layer.blocks()).filter(|b| !b.is_empty()) {
                let mut out = out(layer.channels(blocks.clone()).len());
                layer.run(path, blocks, &self.input, finish, &mut out, &mut scratch);
                all.extend(out);
            }
        } else {
            let layer = Direct::new(path, &self.weights, &self.biases, (kernel, stride, groups), input);
            for blocks in ranges(layer.blocks()).filter(|b| !b.is_empty()) {
                let mut out = out(layer.channels(blocks.clone()).len());
                layer.run(path, blocks, &self.input, finish, &mut out, &mut scratch);
                all.extend(out);
            }
        }
        all
    }
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    // A value that is no number counts as the largest difference.
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, |most, d| if d <= most { most } else { d })
}

#[test]
fn convolutions_are_what_their_definition_says_on_every_path() {
    for path in SimdPath::available() {
        for case in CASES {
            let layer = Layer::new(case);
            let residual = case.0 == 1 && case.2 == 1;
            let expected = layer.expected(residual);
            for parts in [1, 2, 5] {
                let difference = largest_difference(&layer.computed(path, residual, parts), &expected);
                assert!(difference < 1e-5, "{case:?} in {parts} on {}: {difference}", path.name());
            }
        }
    }
}

#[test]
fn max_pools_are_what_their_definition_says_on_every_path() {
    let input = Plane { height: 11, width: 19 };
    let channels = 3;
    let picture: Vec<f32> = noise(channels * input.len(), 9).iter().map(|v| v.max(0.0)).collect();
    for path in SimdPath::available() {
        for (kernel, stride) in [(3, 2), (3, 1), (5, 3), (1, 1)] {
            let pool = MaxPool::new(channels, kernel, stride, input);
            let output = pool.output();
            let mut out = vec![f32::NAN; channels * output.len()];
            pool.run(path, 0..channels, &picture, &mut out, &mut Scratch::default());
            for (i, &found) in out.iter().enumerate() {
                let (c, y, x) = (i / output.len(), i / output.width % output.height, i % output.width);
                let near =
                    |from: usize, at: usize, side: usize| (from.abs_diff(at * stride) <= kernel / 2) && from < side;
                let window = (0..input.len())
                    .filter(|p| near(p / input.width, y, input.height) && near(p % input.width, x, input.width));
                let most = window.map(|p| picture[c * input.len() + p]).fold(f32::NEG_INFINITY, f32::max);
                assert_eq!(found, most, "{kernel}x{kernel}/{stride} at {c} {y} {x} on {}", path.name());
            }
        }
    }
}

#[test]
fn every_processor_has_a_path_and_names_differ() {
    let names: Vec<_> = SimdPath::available().into_iter().map(SimdPath::name).collect();
    println!("paths here: {}", names.join(", "));
    assert_eq!((names.last(), names.first()), (Some(&"portable"), Some(&SimdPath::best().name())));
    assert!((1..names.len()).all(|i| !names[..i].contains(&names[i])));
}
