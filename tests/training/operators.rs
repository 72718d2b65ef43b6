//! Convolutions and their gradients, on every set of vector instructions.

use leukoscope::model::{
    SimdPath,
    kernels::{Direct, DirectGradient, Finish, Into, Plane, Pointwise, PointwiseGradient, Scratch, Source},
};
use safetensors::SafeTensors;

use crate::support::{Record, difference};

const RECORD: &[u8] = include_bytes!("../fixtures/gradients.safetensors");

/// What is off by more than rounding.
const TOLERANCE: f32 = 2e-6;

/// A convolution with PyTorch's figures.
struct Case {
    name: String,
    kernel: usize,
    stride: usize,
    groups: usize,
    channels: (usize, usize),
    plane: Plane,
    record: Record,
}

impl Case {
    fn all() -> Vec<Self> {
        let (_, header) = SafeTensors::read_metadata(RECORD).expect("safetensors");
        let text = header.metadata().as_ref().and_then(|m| m.get("cases")).expect("a list of cases");
        let cases: Vec<[usize; 7]> = serde_json::from_str(text).expect("JSON");
        let case = |(i, &[kernel, stride, groups, inputs, outputs, height, width]): (usize, &[usize; 7])| Self {
            name: i.to_string(),
            kernel,
            stride,
            groups,
            channels: (inputs, outputs),
            plane: Plane { height, width },
            record: Record::of(RECORD),
        };
        cases.iter().enumerate().map(case).collect()
    }

    fn values(&self, name: &str) -> Vec<f32> {
        self.record.values(&format!("{}.{name}", self.name))
    }

    fn check(&self, path: SimdPath, name: &str, found: &[f32]) {
        let apart = difference(found, &self.values(name));
        assert!(apart < TOLERANCE, "case {}, {}, {name}: {apart}", self.name, path.name());
    }

    fn how(&self) -> (usize, usize, usize) {
        (self.kernel, self.stride, self.groups)
    }

    fn forward(&self, path: SimdPath) {
        let (input, weights, biases) = (self.values("input"), self.values("weight"), vec![0.0; self.channels.1]);
        let direct = Direct::new(path, &weights, &biases, self.how(), self.plane);
        let values = self.channels.1 * direct.output().len();
        let mut scratch = Scratch::default();
        let mut found = vec![f32::NAN; 2 * values];
        let pictures = input.chunks_exact(self.channels.0 * self.plane.len()).zip(found.chunks_exact_mut(values));
        for (input, out) in pictures {
            direct.run(path, 0..direct.blocks(), input, Finish::default(), out, &mut scratch);
        }
        self.check(path, "output", &found);
    }

    /// Gradients of the input and the weights, by the kernel for any convolution.
    fn direct(&self, path: SimdPath) {
        let (input, gradient, weights) = (self.values("input"), self.values("gradient"), self.values("weight"));
        let mut kernel = DirectGradient::new(path, self.channels, self.how(), self.plane);
        kernel.fill(&weights);
        let of = |values: &[f32]| values.len() / 2;
        let pairs = gradient.chunks_exact(of(&gradient)).zip(input.chunks_exact(of(&input)));
        let pictures: Vec<_> = pairs.map(|(g, x)| (Source::Plain(g), Source::Plain(x))).collect();
        let (mut sums, mut back) = (vec![0.0; weights.len()], vec![f32::NAN; input.len()]);
        kernel.run(path, &pictures, &mut sums, Some(&mut back), &mut Scratch::default());
        self.check(path, "weight_gradient", &sums);
        self.check(path, "input_gradient", &back);
        // The same without the input's, and on top of what is there.
        kernel.run(path, &pictures, &mut sums, None, &mut Scratch::default());
        let half: Vec<f32> = sums.iter().map(|v| v / 2.0).collect();
        self.check(path, "weight_gradient", &half);
    }

    /// The same by the kernel for 1x1.
    fn pointwise(&self, path: SimdPath) {
        let (input, gradient, weights) = (self.values("input"), self.values("gradient"), self.values("weight"));
        let conv = Pointwise::new(path, &weights, &vec![0.0; self.channels.1], self.stride, self.plane);
        let mut kernel = PointwiseGradient::new(path, self.channels, self.stride, self.plane);
        kernel.fill(&weights);
        let mut scratch = Scratch::default();
        let (mut out, mut back) = (vec![f32::NAN; gradient.len()], vec![f32::NAN; input.len()]);
        let mut sums = vec![0.0; weights.len()];
        let (values, made) = (input.len() / 2, gradient.len() / 2);
        let each = |i: usize, n: usize| i * n..(i + 1) * n;
        for i in 0..2 {
            let (x, g) = (&input[each(i, values)], &gradient[each(i, made)]);
            conv.run(path, 0..conv.blocks(), x, Finish::default(), &mut out[each(i, made)], &mut scratch);
            let into = Into { gradient: &mut back[each(i, values)], add: false, gate: None };
            kernel.run(path, Source::Plain(g), Source::Plain(x), &mut sums, Some(into), None, &mut scratch);
        }
        self.check(path, "output", &out);
        self.check(path, "input_gradient", &back);
        let mut found = vec![0.0; weights.len()];
        kernel.weights(&sums, &mut found);
        self.check(path, "weight_gradient", &found);
        // Adding to what is there doubles it.
        for i in 0..2 {
            let into = Into { gradient: &mut back[each(i, values)], add: true, gate: None };
            let (x, g) = (&input[each(i, values)], &gradient[each(i, made)]);
            kernel.run(path, Source::Plain(g), Source::Plain(x), &mut sums, Some(into), None, &mut scratch);
        }
        let half: Vec<f32> = back.iter().map(|v| v / 2.0).collect();
        self.check(path, "input_gradient", &half);
    }
}

#[test]
fn convolutions_and_their_gradients_are_pytorchs() {
    let cases = Case::all();
    assert!(cases.len() >= 18);
    for case in &cases {
        for path in SimdPath::available() {
            case.forward(path);
            case.direct(path);
            if (case.kernel, case.groups) == (1, 1) {
                case.pointwise(path);
            }
        }
    }
}
