//! A convolution of one picture, and the gradient of its input: a convolution again, with the weights turned.

use std::slice::from_mut;

use crate::model::{
    architecture::ConvSpec,
    engine::Layer,
    folded::Conv,
    kernels::{Finish, Plane, Scratch, SimdPath},
};

/// A convolution and its way back.
#[derive(Debug)]
pub(super) struct Step {
    forward: Layer,
    /// Of stride 1: of the output's planes where it is pointwise, else of the input's, which the gradient is spread over.
    back: Layer,
    stride: usize,
    input: Plane,
    output: Plane,
    inputs: usize,
    outputs: usize,
}

impl Step {
    /// Plans a convolution over planes of size `input`.
    pub fn new(path: SimdPath, conv: &Conv, input: Plane) -> Self {
        let spec = &conv.spec;
        let forward = Layer::conv(path, conv, input);
        let output = forward.output();
        let turned = Conv {
            spec: ConvSpec { input: spec.out, out: spec.input, stride: 1, ..spec.clone() },
            weights: turned(&conv.weights, spec.input, spec.out, spec.kernel, spec.groups),
            biases: vec![0.0; spec.input],
        };
        let plane = if matches!(forward, Layer::Pointwise(_)) { output } else { input };
        let back = Layer::conv(path, &turned, plane);
        Self { forward, back, stride: spec.stride, input, output, inputs: spec.input, outputs: spec.out }
    }

    /// The planes that it writes.
    pub fn output(&self) -> Plane {
        self.output
    }

    /// How many.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The convolution of a picture [inputs, height, width], and what follows it. Only a pointwise one takes a shortcut.
    pub fn run(&self, path: SimdPath, picture: &[f32], finish: Finish<'_>, scratch: &mut Scratch) -> Vec<f32> {
        let mut out = vec![0.0; self.outputs * self.output.len()];
        self.forward.run(path, picture, finish, &mut out, from_mut(scratch));
        out
    }

    /// The gradient of the input from that of the convolution's sums, and what is to be added to it.
    pub fn back(&self, path: SimdPath, gradient: &[f32], add: Option<&[f32]>, scratch: &mut Scratch) -> Vec<f32> {
        let mut to = vec![0.0; self.inputs * self.input.len()];
        let mut run = |gradient: &[f32], finish: Finish<'_>, to: &mut [f32]| {
            self.back.run(path, gradient, finish, to, from_mut(scratch));
        };
        let add_to = |to: &mut [f32]| {
            if let Some(add) = add {
                to.iter_mut().zip(add).for_each(|(t, a)| *t += a);
            }
        };
        match (&self.back, self.stride) {
            (Layer::Pointwise(_), 1) => run(gradient, Finish { relu: false, residual: add }, &mut to),
            (Layer::Pointwise(_), _) => {
                let mut few = vec![0.0; self.inputs * self.output.len()];
                run(gradient, Finish::default(), &mut few);
                self.spread(&few, &mut to);
                add_to(&mut to);
            }
            (_, 1) => {
                run(gradient, Finish::default(), &mut to);
                add_to(&mut to);
            }
            _ => {
                let mut wide = vec![0.0; self.outputs * self.input.len()];
                self.spread(gradient, &mut wide);
                run(&wide, Finish::default(), &mut to);
                add_to(&mut to);
            }
        }
        to
    }

    /// Puts planes of the output's size on every `stride`th place of planes of the input's.
    fn spread(&self, few: &[f32], wide: &mut [f32]) {
        for (few, wide) in few.chunks_exact(self.output.len()).zip(wide.chunks_exact_mut(self.input.len())) {
            let rows = wide.chunks_exact_mut(self.input.width).step_by(self.stride);
            for (few, wide) in few.chunks_exact(self.output.width).zip(rows) {
                wide.iter_mut().step_by(self.stride).zip(few).for_each(|(w, f)| *w = *f);
            }
        }
    }
}

/// Weights [out, in / groups, kernel, kernel] as the way back takes them: [in, out / groups, kernel, kernel], each tap
/// opposite. Kernels are odd and padded by half of themselves, so that the way back is padded like the way there.
fn turned(weights: &[f32], inputs: usize, outputs: usize, kernel: usize, groups: usize) -> Vec<f32> {
    let (of_inputs, of_outputs, taps) = (inputs / groups, outputs / groups, kernel * kernel);
    let mut turned = vec![0.0; weights.len()];
    for (i, &weight) in weights.iter().enumerate() {
        let (tap, input, output) = (i % taps, i / taps % of_inputs, i / taps / of_inputs);
        let (group, output) = (output / of_outputs, output % of_outputs);
        turned[((group * of_inputs + input) * of_outputs + output) * taps + taps - 1 - tap] = weight;
    }
    turned
}
