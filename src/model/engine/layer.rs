//! A layer of any kind, computed by one thread or shared among several.

use std::ops::Range;

use crate::model::{
    architecture::Pool,
    folded::Conv,
    kernels::{Direct, Finish, MaxPool, Plane, Pointwise, Scratch, SimdPath},
};

/// A planned layer.
#[derive(Debug)]
pub(in crate::model) enum Layer {
    Pointwise(Pointwise),
    Direct(Direct),
    MaxPool(MaxPool),
}

impl Layer {
    /// Plans a convolution over planes of size `input`.
    pub fn conv(path: SimdPath, conv: &Conv, input: Plane) -> Self {
        let spec = &conv.spec;
        if spec.kernel == 1 && spec.groups == 1 {
            return Self::Pointwise(Pointwise::new(path, &conv.weights, &conv.biases, spec.stride, input));
        }
        let how = (spec.kernel, spec.stride, spec.groups);
        Self::Direct(Direct::new(path, &conv.weights, &conv.biases, how, input))
    }

    /// Plans a max pool.
    pub fn pool(pool: &Pool, channels: usize, input: Plane) -> Self {
        Self::MaxPool(MaxPool::new(channels, pool.kernel, pool.stride, input))
    }

    /// The planes that it writes.
    pub fn output(&self) -> Plane {
        match self {
            Self::Pointwise(layer) => layer.output(),
            Self::Direct(layer) => layer.output(),
            Self::MaxPool(layer) => layer.output(),
        }
    }

    /// Values of a picture that it writes.
    pub fn values(&self) -> usize {
        self.values_of(0..self.blocks())
    }

    /// Parts that can be computed on their own.
    fn blocks(&self) -> usize {
        match self {
            Self::Pointwise(layer) => layer.blocks(),
            Self::Direct(layer) => layer.blocks(),
            Self::MaxPool(layer) => layer.channels(),
        }
    }

    fn values_of(&self, blocks: Range<usize>) -> usize {
        let channels = match self {
            Self::Pointwise(layer) => layer.channels(blocks),
            Self::Direct(layer) => layer.channels(blocks),
            Self::MaxPool(_) => blocks,
        };
        channels.len() * self.output().len()
    }

    /// Computes a picture, on as many threads as there is `scratch`.
    pub fn run(&self, path: SimdPath, input: &[f32], finish: Finish<'_>, out: &mut [f32], scratch: &mut [Scratch]) {
        self.share(path, 0..self.blocks(), input, finish, out, scratch);
    }

    fn share(
        &self,
        path: SimdPath,
        blocks: Range<usize>,
        input: &[f32],
        finish: Finish<'_>,
        out: &mut [f32],
        scratch: &mut [Scratch],
    ) {
        let threads = scratch.len().min(blocks.len());
        if threads <= 1 {
            let Some(scratch) = scratch.first_mut() else { return };
            match self {
                Self::Pointwise(layer) => layer.run(path, blocks, input, finish, out, scratch),
                Self::Direct(layer) => layer.run(path, blocks, input, finish, out, scratch),
                Self::MaxPool(layer) => layer.run(path, blocks, input, out, scratch),
            }
            return;
        }
        let (mine, theirs) = scratch.split_at_mut(threads / 2);
        let middle = blocks.start + blocks.len() * mine.len() / threads;
        let (first, second) = (blocks.start..middle, middle..blocks.end);
        let (low, high) = out.split_at_mut(self.values_of(first.clone()));
        rayon::join(
            || self.share(path, first, input, finish, low, mine),
            || self.share(path, second, input, finish, high, theirs),
        );
    }
}
