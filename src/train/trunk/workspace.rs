//! The memory of a step, kept from one to the next: fresh memory costs more than what is computed in it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::unit::{Statistics, Unit};
use crate::model::{
    architecture::{Architecture, ConvSpec},
    kernels::{Buffer, GradientSums, MaxPool, Plane, PoolGradient, Scratch, SimdPath},
};

/// A network planned for pictures of one size, with what a batch leaves in it.
#[derive(Debug)]
pub(super) struct Workspace {
    pub path: SimdPath,
    pub input: Plane,
    pub eps: f64,
    /// All convolutions; the first is the stem.
    pub units: Vec<Unit>,
    pub blocks: Vec<Block>,
    /// The pool behind the stem.
    pub pool: Option<(MaxPool, PoolGradient)>,
    /// What the stem (or its pool) and each block hand on: [n, channels, height, width].
    pub outputs: Vec<Buffer>,
    /// Channels and planes of each output.
    pub shapes: Vec<(usize, Plane)>,
    /// Pictures of the last batch.
    pub count: usize,
    /// Whether it was normalised with its own statistics.
    pub batch: bool,
    pub back: Back,
    pub hands: Hands,
    /// Whether the next layer begins with the last picture.
    backwards: AtomicBool,
}

/// A bottleneck: the places of its units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub reduce: usize,
    pub grouped: usize,
    pub expand: usize,
    pub projection: Option<usize>,
}

/// Memory of the way back.
#[derive(Debug, Default)]
pub(super) struct Back {
    /// The gradient at a block's output, and at its input where that has another shape.
    pub outer: [Buffer; 2],
    /// The gradients behind the first and the second norm of a block.
    pub inner: [Buffer; 2],
    /// Sums of each picture and channel.
    pub sums: Vec<GradientSums>,
    /// Gradients of a unit's weights, of a few pictures each.
    pub weights: Buffer,
}

impl Workspace {
    /// Plans `architecture` for pictures of size `input`.
    pub fn new(path: SimdPath, architecture: &Architecture, eps: f64, input: Plane) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        let mut add = |spec: &ConvSpec, input| {
            let start = units.last().map_or(0, |u| u.parameters.beta.end);
            units.push(Unit::new(path, spec, input, start));
            units.len() - 1
        };
        add(&architecture.stem_conv(), input);
        let stem = &architecture.stem;
        let mut plane = input.strided(stem.kernel, stem.stride);
        let pool = stem.pool.as_ref().map(|pool| {
            let (kernel, stride) = (pool.kernel, pool.stride);
            (MaxPool::new(stem.out, kernel, stride, plane), PoolGradient::new(kernel, stride, plane))
        });
        plane = pool.as_ref().map_or(plane, |p| p.0.output());
        let mut shapes = vec![(stem.out, plane)];
        let mut blocks = Vec::new();
        for block in architecture.blocks() {
            let [reduce, grouped, expand] = &block.convs;
            let inner = plane.strided(grouped.kernel, grouped.stride);
            blocks.push(Block {
                reduce: add(reduce, plane),
                grouped: add(grouped, plane),
                expand: add(expand, inner),
                projection: block.downsample.as_ref().map(|spec| add(spec, plane)),
            });
            plane = inner;
            shapes.push((expand.out, plane));
        }
        let outputs = shapes.iter().map(|_| Buffer::default()).collect();
        let (back, hands) = (Back::default(), Hands::default());
        Self {
            path,
            input,
            eps,
            units,
            blocks,
            pool,
            outputs,
            shapes,
            count: 0,
            batch: true,
            back,
            hands,
            backwards: AtomicBool::new(false),
        }
    }

    /// Turns the order of every second layer's tasks around, so that it begins with what the layer before left in the cache.
    pub fn order<T>(&self, tasks: &mut [T]) {
        if self.backwards.fetch_not(Ordering::Relaxed) {
            tasks.reverse();
        }
    }

    /// Values of all parameters.
    pub fn parameters(&self) -> usize {
        self.units.last().map_or(0, |u| u.parameters.beta.end)
    }

    /// The statistics of each unit's sums.
    pub fn statistics(&self) -> Vec<Vec<Statistics>> {
        self.units.iter().map(|u| u.statistics.clone()).collect()
    }

    /// Takes over statistics of each unit's sums.
    pub fn adopt(&mut self, statistics: &[Vec<Statistics>]) {
        for (unit, statistics) in self.units.iter_mut().zip(statistics) {
            unit.statistics.clone_from(statistics);
        }
    }

    /// The last convolution before an output: the stem's or a block's.
    pub fn last_of(&self, output: usize) -> &Unit {
        let unit = if output == 0 { 0 } else { self.blocks[output - 1].expand };
        &self.units[unit]
    }

    /// Values of a picture's output.
    pub fn values_of(&self, output: usize) -> usize {
        let (channels, plane) = self.shapes[output];
        channels * plane.len()
    }

    /// An output of picture `n`.
    pub fn output(&self, output: usize, n: usize) -> &[f32] {
        let values = self.values_of(output);
        &self.outputs[output].read((n + 1) * values)[n * values..]
    }
}

/// Memory of one thread at work.
#[derive(Debug, Default)]
pub(super) struct Hand {
    pub scratch: Scratch,
    /// What a stem hands to its pool.
    pub picture: Buffer,
}

/// As many of them as there are threads at work.
#[derive(Debug, Default)]
pub(super) struct Hands(Mutex<Vec<Hand>>);

impl Hands {
    /// Runs `with` on memory that no one else uses.
    pub fn lend<T>(&self, with: impl FnOnce(&mut Hand) -> T) -> T {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut hand = kept.unwrap_or_default();
        let result = with(&mut hand);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hand);
        result
    }
}
