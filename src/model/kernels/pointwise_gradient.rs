//! Gradients of the 1x1 convolution of one picture.
//!
//! The picture is gone through in pieces of a few hundred positions that stay in the cache: the gradient of the outputs and
//! the input are computed for the piece, multiplied with the turned weights and with each other, and what comes back to the
//! input is let through its gate at once.

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    ahead::Ahead,
    join::{Gate, GradientSums},
    outer::{Outer, PITCH, Planes},
    pointwise::Pointwise,
    rows::{Each, map},
    scratch::Scratch,
    shape::Plane,
    source::Source,
    tile::thin,
};

/// Positions of a piece, at most.
const PIECE: usize = 576;

/// The gradients of a 1x1 convolution.
#[derive(Debug, Clone)]
pub struct PointwiseGradient {
    inputs: usize,
    outputs: usize,
    stride: usize,
    input: Plane,
    output: Plane,
    /// From the gradient of the outputs to that of the inputs.
    turned: Pointwise,
    /// The fewer channels are the right side, which is transposed.
    products: Outer,
}

/// Where the gradient of an input goes.
#[derive(Debug)]
pub struct Into<'a> {
    /// The picture's.
    pub gradient: &'a mut [f32],
    /// Whether it is added to what is there.
    pub add: bool,
    /// What it is let through when it is complete, and the sums of each channel, to which those of this picture are added.
    pub gate: Option<(Gate<'a>, &'a mut [GradientSums])>,
}

/// What is computed after a picture.
#[derive(Debug, Clone, Copy)]
pub struct Next<'a> {
    /// The gradient of the output.
    pub gradient: Source<'a>,
    /// The input.
    pub input: Source<'a>,
    /// What the gradient of the input is let through.
    pub gate: Option<Gate<'a>>,
}

impl PointwiseGradient {
    /// A plan for a convolution of `channels` (input, output) planes of size `input`.
    pub fn new(path: SimdPath, channels: (usize, usize), stride: usize, input: Plane) -> Self {
        let (inputs, outputs) = channels;
        let output = input.strided(1, stride);
        let turned = Pointwise::new(path, &vec![0.0; inputs * outputs], &vec![0.0; inputs], 1, output);
        let products = Outer::new(path, inputs.max(outputs), inputs.min(outputs));
        Self { inputs, outputs, stride, input, output, turned, products }
    }

    /// Takes over `weights` [outputs, inputs], which the gradient of the input needs.
    pub fn fill(&mut self, weights: &[f32]) {
        // A few rows at a time: whole columns would touch a line of memory for each value.
        const TOGETHER: usize = 16;
        let mut turned = vec![0.0; weights.len()];
        for (rows, first) in weights.chunks(TOGETHER * self.inputs).zip((0..).step_by(TOGETHER)) {
            for (i, to) in turned.chunks_exact_mut(self.outputs).enumerate() {
                let column = rows.iter().skip(i).step_by(self.inputs);
                to[first..].iter_mut().zip(column).for_each(|(to, &from)| *to = from);
            }
        }
        self.turned.fill(&turned, &vec![0.0; self.inputs]);
    }

    /// Adds to `sums` what [`PointwiseGradient::weights`] makes the gradient of the weights of, and computes the gradient
    /// of the input.
    ///
    /// `gradient` is that of the output picture.
    #[expect(clippy::too_many_arguments, reason = "what is read, what is written, and what is let through")]
    pub fn run(
        &self,
        path: SimdPath,
        gradient: Source<'_>,
        input: Source<'_>,
        sums: &mut [f32],
        mut into: Option<Into<'_>>,
        next: Option<Next<'_>>,
        scratch: &mut Scratch,
    ) {
        assert_eq!(gradient.len(), self.outputs * self.output.len(), "outputs of the planned size");
        assert_eq!(input.len(), self.inputs * self.input.len(), "an input of the planned size");
        // Out of the scratch while the matrix product uses the rest of it.
        let mut buffers = std::mem::take(&mut scratch.pieces);
        if let Some(Into { gradient, add: false, .. }) = &mut into
            && self.stride > 1
        {
            gradient.fill(0.0);
        }
        let positions = self.output.len();
        for start in (0..positions).step_by(PIECE) {
            let count = (positions - start).min(PIECE);
            let pitch = count.next_multiple_of(PITCH);
            let [outputs, inputs, back] = &mut buffers;
            let piece = Piece { plan: self, start, count, pitch };
            let outputs = outputs.get(self.outputs * pitch);
            let row = &mut scratch.row;
            path.run(Load { piece, source: gradient, stride: 1, plane: self.output, to: outputs, row });
            let outputs = Planes { values: outputs, pitch, start: 0 };
            let inputs = match input {
                Source::Plain(values) if self.stride == 1 && count == pitch => {
                    Planes { values, pitch: self.input.len(), start }
                }
                source => {
                    let (to, stride, plane) = (inputs.get(self.inputs * pitch), self.stride, self.input);
                    path.run(Load { piece, source, stride, plane, to, row });
                    Planes { values: to, pitch, start: 0 }
                }
            };
            let (left, right) = if self.left_is_output() { (outputs, inputs) } else { (inputs, outputs) };
            self.fetch(start + PIECE, (gradient, input), into.as_ref(), next, &mut scratch.ahead);
            self.products.add(path, pitch, left, right, sums, scratch);
            let Some(into) = &mut into else { continue };
            let direct = self.stride == 1 && !into.add;
            // Straight to its place, or to a buffer from where it is added or spread.
            let (to, stride) = match direct {
                true => (&mut into.gradient[start..], self.input.len()),
                false => (back.get(self.inputs * count), count),
            };
            self.turned.run_rows(path, (count, pitch), outputs.values, (to, stride), scratch);
            path.run(Deliver { piece, back: (!direct).then(|| back.read(self.inputs * count)), into });
        }
        scratch.pieces = buffers;
    }

    /// Has what the next piece reads fetched: that from `start`, or the first of the next picture.
    fn fetch(
        &self,
        start: usize,
        (gradient, input): (Source<'_>, Source<'_>),
        into: Option<&Into<'_>>,
        next: Option<Next<'_>>,
        ahead: &mut Ahead,
    ) {
        ahead.clear();
        let (outputs, inputs) = (0..self.outputs, 0..self.inputs);
        let (plane, positions) = (self.input.len(), self.output.len());
        let (start, gradient, input, gate) = if start < positions {
            if let (1, Some(into)) = (self.stride, into) {
                ahead.add(into.gradient, plane, inputs.clone(), start..positions.min(start + PIECE));
            }
            (start, gradient, input, into.and_then(|i| i.gate.as_ref()).map(|g| g.0))
        } else {
            let Some(next) = next else { return };
            (0, next.gradient, next.input, next.gate)
        };
        let part = start..positions.min(start + PIECE);
        if self.stride == 1 {
            if let Some(gate) = gate {
                gate.fetch(ahead, plane, part.clone());
            }
            input.fetch(ahead, plane, inputs, part.clone());
        }
        gradient.fetch(ahead, positions, outputs, part);
    }

    /// Adds the gradient of the weights [outputs, inputs] that is in `sums` to `to`.
    pub fn weights(&self, sums: &[f32], to: &mut [f32]) {
        let (rows, columns) = (self.outputs, self.inputs);
        if self.left_is_output() {
            to.iter_mut().zip(sums).for_each(|(to, sum)| *to += sum);
        } else {
            for (row, to) in to.chunks_exact_mut(columns).enumerate() {
                to.iter_mut().zip(sums[row..].iter().step_by(rows)).for_each(|(to, sum)| *to += sum);
            }
        }
    }

    fn left_is_output(&self) -> bool {
        self.outputs > self.inputs
    }
}

/// Some positions of the output, counted through its rows.
#[derive(Clone, Copy)]
struct Piece<'a> {
    plan: &'a PointwiseGradient,
    start: usize,
    count: usize,
    /// Values from one channel to the next in a buffer.
    pitch: usize,
}

impl Piece<'_> {
    /// The piece's parts that lie in one row of the output: the row, the first column, and positions in the buffer.
    fn rows(self) -> impl Iterator<Item = (usize, usize, std::ops::Range<usize>)> {
        let width = self.plan.output.width;
        let mut done = 0;
        std::iter::from_fn(move || {
            let (y, x) = ((self.start + done) / width, (self.start + done) % width);
            let length = (width - x).min(self.count - done);
            done += length;
            (length > 0).then_some((y, x, done - length..done))
        })
    }
}

/// Writes the piece of each channel, with zeros behind it.
struct Load<'a> {
    piece: Piece<'a>,
    source: Source<'a>,
    stride: usize,
    plane: Plane,
    to: &'a mut [f32],
    row: &'a mut super::Buffer,
}

impl WithSimd for Load<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { piece, source, stride, plane, to, row } = self;
        let row = row.get(plane.width);
        for (channel, to) in to.chunks_exact_mut(piece.pitch).enumerate() {
            let (to, behind) = to.split_at_mut(piece.count);
            behind.fill(0.0);
            if stride == 1 {
                source.copy(simd, plane.len(), channel, piece.start, to);
                continue;
            }
            for (y, x, at) in piece.rows() {
                let from = source.read(simd, plane.len(), channel, y * stride * plane.width, row);
                thin(&from[x * stride..], stride, &mut to[at]);
            }
        }
    }
}

/// Brings a piece of the gradient of the input from `back` to its place, if it is not there, and through the gate.
struct Deliver<'a, 'b> {
    piece: Piece<'a>,
    back: Option<&'a [f32]>,
    into: &'a mut Into<'b>,
}

impl WithSimd for Deliver<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { piece, back, into } = self;
        let (stride, plane) = (piece.plan.stride, piece.plan.input);
        for (channel, to) in into.gradient.chunks_exact_mut(plane.len()).enumerate() {
            let back = back.map(|back| &back[channel * piece.count..][..piece.count]);
            if stride == 1 {
                let to = &mut to[piece.start..][..piece.count];
                if let Some(back) = back {
                    map(simd, [back], to, &mut Add);
                }
                if let Some((gate, sums)) = &mut into.gate {
                    gate.pass(simd, plane.len(), channel, piece.start, to, &mut sums[channel]);
                }
            } else if let Some(back) = back {
                for (y, x, at) in piece.rows() {
                    let to = to[(y * plane.width + x) * stride..].iter_mut().step_by(stride);
                    to.zip(&back[at]).for_each(|(to, back)| *to += back);
                }
            }
        }
    }
}

struct Add;

impl<S: Simd> Each<S, 1> for Add {
    #[inline(always)]
    fn each(&mut self, simd: S, [x]: [S::f32s; 1], before: S::f32s) -> S::f32s {
        simd.add_f32s(before, x)
    }
}
