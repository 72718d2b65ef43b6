//! Max pool of one picture that a ReLU made.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{SimdPath, scratch::Scratch, shape::Plane};

/// A max pool with padding kernel / 2.
///
/// PyTorch pads with minus infinity. Nothing that a ReLU made is below zero and every window holds at least one value of
/// the picture, so padding with zeros gives the same.
#[derive(Debug, Clone)]
pub struct MaxPool {
    channels: usize,
    kernel: usize,
    stride: usize,
    input: Plane,
    output: Plane,
}

impl MaxPool {
    /// A pool over pictures of `channels` planes of size `input`.
    pub fn new(channels: usize, kernel: usize, stride: usize, input: Plane) -> Self {
        Self { channels, kernel, stride, input, output: input.strided(kernel, stride) }
    }

    /// Channels that it reads and writes.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The planes that it writes.
    pub fn output(&self) -> Plane {
        self.output
    }

    /// Computes `channels` into `out`, which holds just them; `input` is a whole picture without a value below zero.
    pub fn run(&self, path: SimdPath, channels: Range<usize>, input: &[f32], out: &mut [f32], scratch: &mut Scratch) {
        assert_eq!(input.len(), self.channels * self.input.len(), "a picture of the planned size");
        let input = &input[channels.start * self.input.len()..channels.end * self.input.len()];
        path.run(Run { layer: self, input, out, scratch });
    }
}

struct Run<'a> {
    layer: &'a MaxPool,
    input: &'a [f32],
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, input, out, scratch } = self;
        let (pad, width) = (layer.kernel / 2, layer.input.width);
        // Rows first, which vectors do well; the columns of that one row are left.
        let row = scratch.sums.get(width + 2 * pad);
        row.fill(0.0);
        let planes = input.chunks_exact(layer.input.len()).zip(out.chunks_exact_mut(layer.output.len()));
        for (plane, out) in planes {
            for (y, out) in out.chunks_exact_mut(layer.output.width).enumerate() {
                let (first, end) = (y * layer.stride, y * layer.stride + layer.kernel);
                let rows = first.saturating_sub(pad)..(end - pad).min(layer.input.height);
                let most = &mut row[pad..pad + width];
                most.fill(0.0);
                for y in rows {
                    maximum(simd, &plane[y * width..][..width], most);
                }
                for (x, out) in out.iter_mut().enumerate() {
                    let window = &row[x * layer.stride..][..layer.kernel];
                    *out = window.iter().fold(0.0f32, |a, &b| if b > a { b } else { a });
                }
            }
        }
    }
}

/// The greater of each pair of values, into `most`.
#[inline(always)]
fn maximum<S: Simd>(simd: S, values: &[f32], most: &mut [f32]) {
    let ((values, values_tail), (most, most_tail)) = (S::as_simd_f32s(values), S::as_mut_simd_f32s(most));
    for (most, &value) in most.iter_mut().zip(values) {
        *most = simd.max_f32s(*most, value);
    }
    for (most, &value) in most_tail.iter_mut().zip(values_tail) {
        *most = most.max(value);
    }
}
