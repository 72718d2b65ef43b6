//! Gradients of the grouped convolution, of a few pictures at once.
//!
//! With respect to the input it is a convolution again, one for each phase of the input that a stride leaves: only with the
//! taps that hit the phase, so nothing is multiplied with the zeros between the outputs. With respect to the weights it is
//! a sum of products of two planes at a shift, for each tap; both planes lie between zeros in rows of one width, so that
//! it is one run of vectors, and the products of a few output channels with all taps share their loads.

use pulp::{Simd, WithSimd};

use super::{
    SimdPath,
    blocks::Blocks,
    direct::{SLACK, Shifts, shifted},
    padded::Padded,
    scratch::Scratch,
    shape::Plane,
    source::Source,
    tile::multiply_add,
};

/// The gradients of a grouped convolution.
#[derive(Debug, Clone)]
pub struct DirectGradient {
    /// Input and output channels of one group.
    inputs: usize,
    outputs: usize,
    groups: usize,
    kernel: usize,
    stride: usize,
    input: Padded,
    /// Where each tap reads in it.
    taps: Vec<usize>,
    /// The gradient's planes.
    output: Padded,
    /// The phases of the input's rows, and in them those of its columns that a tap hits.
    phases: Vec<Vec<Phase>>,
}

/// Every `stride`th column of the input, from `first`, in every `stride`th row.
#[derive(Debug, Clone)]
struct Phase {
    first: usize,
    plane: Plane,
    /// Which taps hit it.
    taps: Vec<usize>,
    /// Where they read the gradient.
    shifts: Vec<usize>,
    blocks: Blocks,
}

impl Phase {
    /// From the first to the last, with what lies between rows of width `pitch`.
    fn positions(&self, pitch: usize) -> usize {
        (self.plane.height - 1) * pitch + self.plane.width
    }
}

/// Offset of the gradient that a tap brings to a phase of the input, in one direction.
fn step(first: usize, tap: usize, kernel: usize, stride: usize) -> Option<isize> {
    let distance = (first + kernel / 2) as isize - tap as isize;
    (distance % stride as isize == 0).then_some(distance / stride as isize)
}

impl DirectGradient {
    /// A plan for a convolution of `channels` (input, output) planes of size `input`, with padding kernel / 2.
    pub fn new(
        path: SimdPath,
        channels: (usize, usize),
        (kernel, stride, groups): (usize, usize, usize),
        input: Plane,
    ) -> Self {
        let (inputs, outputs) = (channels.0 / groups, channels.1 / groups);
        let plane = input.strided(kernel, stride);
        let mut forward = Padded::new(kernel, stride, input);
        let lead = kernel / 2 / stride;
        let counts = |first: usize| Plane {
            height: (input.height + stride - 1 - first) / stride,
            width: (input.width + stride - 1 - first) / stride,
        };
        // How far the last position of a phase reads beyond the gradient.
        let beyond = |side: fn(Plane) -> usize| {
            let last = |f: usize| side(counts(f)) + (f + kernel / 2) / stride;
            (0..stride).map(last).max().unwrap_or(0).saturating_sub(side(plane))
        };
        let width = (plane.width + lead.max(beyond(|p| p.width))).max(forward.phase.width);
        forward.phase.width = width;
        forward.channel = stride * stride * forward.phase.len();
        let phase = Plane { height: lead + plane.height + beyond(|p| p.height), width };
        // Whole vectors are read from every plane: they must end in zeros.
        let output = Padded { stride: 1, pad: lead, input: plane, phase, channel: phase.len() + SLACK };
        let mut phases = vec![Vec::new(); stride];
        for first in (0..stride * stride).map(|f| (f / stride, f % stride)) {
            let (mut taps, mut shifts) = (Vec::new(), Vec::new());
            for tap in 0..kernel * kernel {
                let y = step(first.0, tap / kernel, kernel, stride);
                let x = step(first.1, tap % kernel, kernel, stride);
                if let (Some(y), Some(x)) = (y, x) {
                    taps.push(tap);
                    let at = |n: isize| (n + lead as isize) as usize;
                    shifts.push(at(y) * width + at(x));
                }
            }
            let plane = Plane { height: counts(first.0).height, width: counts(first.1).width };
            if taps.is_empty() || plane.len() == 0 {
                continue;
            }
            let weights = vec![0.0; channels.0 * outputs * taps.len()];
            let blocks = Blocks::new(&weights, &vec![0.0; channels.0], groups, path.most_rows());
            phases[first.0].push(Phase { first: first.1, plane, taps, shifts, blocks });
        }
        Self { inputs, outputs, groups, kernel, stride, taps: forward.taps(kernel), input: forward, output, phases }
    }

    /// Takes over `weights` [outputs, inputs / groups, kernel, kernel], which the gradient of the input needs.
    pub fn fill(&mut self, weights: &[f32]) {
        let (inputs, outputs, area) = (self.inputs, self.outputs, self.kernel * self.kernel);
        let biases = vec![0.0; self.groups * inputs];
        for phase in self.phases.iter_mut().flatten() {
            let mut turned = Vec::with_capacity(self.groups * inputs * outputs * phase.taps.len());
            for (group, input) in (0..self.groups * inputs).map(|i| (i / inputs, i % inputs)) {
                for output in group * outputs..(group + 1) * outputs {
                    let kernel = &weights[(output * inputs + input) * area..][..area];
                    turned.extend(phase.taps.iter().map(|&tap| kernel[tap]));
                }
            }
            phase.blocks.fill(&turned, &biases);
        }
    }

    /// Adds to `sums`, of the weights' shape, their gradient, and writes that of the inputs, one behind the other.
    ///
    /// `pictures` are the gradients of the outputs and the inputs.
    pub fn run(
        &self,
        path: SimdPath,
        pictures: &[(Source<'_>, Source<'_>)],
        sums: &mut [f32],
        inputs: Option<&mut [f32]>,
        scratch: &mut Scratch,
    ) {
        let (values, outputs) = (self.groups * self.inputs * self.input.input.len(), self.outputs * self.groups);
        assert!(pictures.iter().all(|p| p.1.len() == values), "inputs of the planned size");
        assert!(pictures.iter().all(|p| p.0.len() == outputs * self.output.input.len()), "outputs of the planned size");
        assert_eq!(sums.len(), outputs * self.inputs * self.kernel * self.kernel, "a sum a weight");
        assert!(inputs.as_ref().is_none_or(|i| i.len() == values * pictures.len()), "as many gradients as inputs");
        path.run(Run { plan: self, pictures, sums, inputs, scratch });
    }

    /// Positions of the gradient from its first to its last, with the zeros between rows.
    fn positions(&self) -> usize {
        (self.output.input.height - 1) * self.output.phase.width + self.output.input.width
    }
}

struct Run<'a> {
    plan: &'a DirectGradient,
    pictures: &'a [(Source<'a>, Source<'a>)],
    sums: &'a mut [f32],
    inputs: Option<&'a mut [f32]>,
    scratch: &'a mut Scratch,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { plan, pictures, sums, mut inputs, scratch } = self;
        let (input, output) = (plan.input, plan.output);
        let (x, dy) = (plan.inputs * input.channel, plan.outputs * output.channel);
        let padded = scratch.planes.get(pictures.len() * x + SLACK);
        let gradient = scratch.gradient.get(pictures.len() * dy + SLACK);
        padded.fill(0.0);
        gradient.fill(0.0);
        let line = scratch.row.get(input.input.width.max(output.input.width));
        for group in 0..plan.groups {
            for (n, picture) in pictures.iter().enumerate() {
                for (i, plane) in gradient[n * dy..][..dy].chunks_exact_mut(output.channel).enumerate() {
                    output.fill(simd, picture.0, group * plan.outputs + i, plane, line);
                }
                for (i, plane) in padded[n * x..][..x].chunks_exact_mut(input.channel).enumerate() {
                    input.fill(simd, picture.1, group * plan.inputs + i, plane, line);
                }
                if let Some(inputs) = &mut inputs {
                    let size = plan.inputs * input.input.len();
                    let out = &mut inputs[(n * plan.groups + group) * size..][..size];
                    // What is left of the last group's planes, and a run may read.
                    let planes = &gradient[n * dy..][..dy + SLACK];
                    input_gradient(simd, plan, group, planes, out, &mut scratch.sums);
                }
            }
            let size = plan.outputs * plan.inputs * plan.taps.len();
            let sums = &mut sums[group * size..][..size];
            weight_gradient(simd, plan, pictures.len(), gradient, padded, sums);
        }
    }
}

/// Writes the gradient of a group's input planes.
#[inline(always)]
fn input_gradient<S: Simd>(
    simd: S,
    plan: &DirectGradient,
    group: usize,
    planes: &[f32],
    out: &mut [f32],
    sums: &mut super::Buffer,
) {
    let (stride, width, pitch) = (plan.stride, plan.input.input.width, plan.output.phase.width);
    if plan.phases.iter().any(|phases| phases.len() < stride) {
        // A kernel smaller than its stride leaves out some of the input.
        out.fill(0.0);
    }
    for (first, phases) in plan.phases.iter().enumerate() {
        let Some(blocks) = phases.first().map(|p| &p.blocks) else { continue };
        let rows: Vec<_> = phases.iter().map(|p| p.positions(pitch).next_multiple_of(S::F32_LANES)).collect();
        let sums = sums.get(blocks.height * rows.iter().sum::<usize>());
        for block in group * blocks.per_group..(group + 1) * blocks.per_group {
            let mut rest = &mut *sums;
            for (phase, row) in phases.iter().zip(&rows) {
                let sums = rest.split_off_mut(..blocks.height * row).unwrap_or_default();
                let shifts = Shifts { channel: plan.output.channel, taps: &phase.shifts };
                shifted(simd, &phase.blocks, block, planes, shifts, phase.positions(pitch), false, sums);
            }
            let channels = blocks.channels(block);
            let planes = &mut out[(channels.start - group * plan.inputs) * plan.input.input.len()..];
            for (m, plane) in planes.chunks_exact_mut(plan.input.input.len()).take(channels.len()).enumerate() {
                if stride == 1 {
                    plan.output.cut(simd, &sums[m * rows[0]..], width, plane);
                    continue;
                }
                for (y, to) in plane.chunks_exact_mut(width).skip(first).step_by(stride).enumerate() {
                    if let (2, [even, odd]) = (stride, phases.as_slice()) {
                        let second = &sums[blocks.height * rows[0] + m * rows[1] + y * pitch..];
                        weave(&sums[m * rows[0] + y * pitch..][..even.plane.width], &second[..odd.plane.width], to);
                        continue;
                    }
                    let mut start = 0;
                    for (phase, row) in phases.iter().zip(&rows) {
                        let from = &sums[start + m * row + y * pitch..][..phase.plane.width];
                        to[phase.first..].iter_mut().step_by(stride).zip(from).for_each(|(to, &from)| *to = from);
                        start += blocks.height * row;
                    }
                }
            }
        }
    }
}

/// Writes values of both in turn.
#[inline(always)]
fn weave(even: &[f32], odd: &[f32], to: &mut [f32]) {
    let (pairs, last) = to.as_chunks_mut::<2>();
    for ((to, &even), &odd) in pairs.iter_mut().zip(even).zip(odd) {
        *to = [even, odd];
    }
    if let (Some(to), Some(&even)) = (last.first_mut(), even.last()) {
        *to = even;
    }
}

/// Taps that a tile takes at once.
const TAPS: usize = 9;

/// Adds the gradient of a group's weights.
#[inline(always)]
fn weight_gradient<S: Simd>(
    simd: S,
    plan: &DirectGradient,
    pictures: usize,
    gradient: &[f32],
    padded: &[f32],
    sums: &mut [f32],
) {
    let most = if S::REGISTER_COUNT >= 32 { 3 } else { 1 };
    let area = plan.taps.len();
    let at = plan.output.pad * (plan.output.phase.width + 1);
    let mut output = 0;
    while output < plan.outputs {
        // Two tiles of two rather than one of three and one of one.
        let rows = if plan.outputs - output == 4 { most.min(2) } else { most.min(plan.outputs - output) };
        for input in 0..plan.inputs {
            for first in (0..area).step_by(TAPS) {
                let taps = &plan.taps[first..area.min(first + TAPS)];
                let planes = Planes {
                    pictures,
                    vectors: plan.positions().div_ceil(S::F32_LANES),
                    gradient: (gradient, output * plan.output.channel + at, plan.output.channel, plan.outputs),
                    padded: (padded, input * plan.input.channel, plan.input.channel * plan.inputs),
                };
                let to = (output * plan.inputs + input) * area + first;
                let to = (&mut sums[to..], plan.inputs * area);
                match rows {
                    1 => products::<S, 1>(simd, planes, taps, to),
                    2 => products::<S, 2>(simd, planes, taps, to),
                    _ => products::<S, 3>(simd, planes, taps, to),
                }
            }
        }
        output += rows;
    }
}

/// The planes of a few pictures whose products are summed.
#[derive(Clone, Copy)]
struct Planes<'a> {
    pictures: usize,
    vectors: usize,
    /// The first position of the first output channel, from one channel to the next, and channels of a picture.
    gradient: (&'a [f32], usize, usize, usize),
    /// The first position of the input channel, and from one picture to the next.
    padded: (&'a [f32], usize, usize),
}

#[inline(always)]
fn products<S: Simd, const M: usize>(simd: S, planes: Planes<'_>, taps: &[usize], to: (&mut [f32], usize)) {
    match taps.first_chunk::<TAPS>() {
        Some(taps) => products_of::<S, M, TAPS>(simd, planes, *taps, to),
        None => {
            for (i, &tap) in taps.iter().enumerate() {
                products_of::<S, M, 1>(simd, planes, [tap], (&mut to.0[i..], to.1));
            }
        }
    }
}

/// Adds the products of `M` output channels with an input channel at `T` shifts.
#[inline(always)]
fn products_of<S: Simd, const M: usize, const T: usize>(
    simd: S,
    planes: Planes<'_>,
    taps: [usize; T],
    (to, stride): (&mut [f32], usize),
) {
    let mut tile = [[simd.splat_f32s(0.0); T]; M];
    let length = planes.vectors * S::F32_LANES;
    for picture in 0..planes.pictures {
        let (gradient, first, channel, channels) = planes.gradient;
        let rows: [&[S::f32s]; M] = std::array::from_fn(|m| {
            let from = first + (picture * channels + m) * channel;
            S::as_simd_f32s(&gradient[from..from + length]).0
        });
        let (padded, first, picture_size) = planes.padded;
        let columns: [&[S::f32s]; T] = std::array::from_fn(|t| {
            let from = first + picture * picture_size + taps[t];
            S::as_simd_f32s(&padded[from..from + length]).0
        });
        for v in 0..planes.vectors {
            for t in 0..T {
                let value = columns[t][v];
                for m in 0..M {
                    tile[m][t] = multiply_add(simd, rows[m][v], value, tile[m][t]);
                }
            }
        }
    }
    for (m, tile) in tile.iter().enumerate() {
        for (to, &sum) in to[m * stride..].iter_mut().zip(tile) {
            *to += simd.reduce_sum_f32s(sum);
        }
    }
}
