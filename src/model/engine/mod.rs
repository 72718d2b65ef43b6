//! A whole ResNeXt on the CPU: from pictures to the features before the last layer, one operator to candle (`operator`).
//!
//! A batch is computed picture by picture, each thread taking the next one, so that a picture stays in the cache of its
//! core from layer to layer; what is left over when there are fewer pictures than threads is shared block by block.
//! The layers themselves are in [`kernels`](super::kernels); a GPU computes with [`layers`](super::layers) instead.

mod layer;
mod operator;
mod team;
mod workspace;

use std::{
    mem::swap,
    sync::{Mutex, PoisonError},
};

use super::{
    folded::Folded,
    kernels::{Finish, Plane, Scratch, SimdPath},
};
pub(super) use layer::Layer;
use workspace::{Pictures, Workspaces};

/// The layers of a network before its last one, planned for pictures of one size.
#[derive(Debug)]
pub(super) struct Engine {
    path: SimdPath,
    input: Plane,
    stem: Layer,
    pool: Option<Layer>,
    blocks: Vec<Bottleneck>,
    features: usize,
    workspaces: Workspaces,
}

#[derive(Debug)]
struct Bottleneck {
    convs: [Layer; 3],
    downsample: Option<Layer>,
}

impl Engine {
    /// Plans the layers for square pictures of side `size`.
    pub fn new(path: SimdPath, folded: &Folded, size: usize) -> Self {
        let input = Plane { height: size, width: size };
        let stem = Layer::conv(path, &folded.stem, input);
        let pool = folded.pool.as_ref().map(|p| Layer::pool(p, folded.stem.spec.out, stem.output()));
        let mut plane = pool.as_ref().unwrap_or(&stem).output();
        let mut blocks = Vec::new();
        for block in &folded.blocks {
            let [reduce, grouped, expand] = &block.convs;
            let reduce = Layer::conv(path, reduce, plane);
            let grouped = Layer::conv(path, grouped, plane);
            let expand = Layer::conv(path, expand, grouped.output());
            let downsample = block.downsample.as_ref().map(|d| Layer::conv(path, d, plane));
            plane = expand.output();
            blocks.push(Bottleneck { convs: [reduce, grouped, expand], downsample });
        }
        Self { path, input, stem, pool, blocks, features: folded.features, workspaces: Workspaces::default() }
    }

    /// Features [n, features] of `pictures` [n, 3, height, width].
    fn features(&self, pictures: &[f32]) -> Vec<f32> {
        let threads = rayon::current_num_threads();
        let count = pictures.len() / (3 * self.input.len());
        let mut features = vec![0.0; count * self.features];
        // As many pictures as keep every thread busy to the end go one a thread.
        let alone = count / threads * threads;
        let (own, shared) = features.split_at_mut(alone * self.features);
        let (pictures, left) = pictures.split_at(alone * 3 * self.input.len());
        self.workspaces.lend(threads, |workspace| {
            let each = |pictures| <[f32]>::chunks_exact(pictures, 3 * self.input.len());
            let queue = Mutex::new(each(pictures).zip(own.chunks_exact_mut(self.features)));
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            if alone > 0 {
                rayon::scope(|scope| {
                    for (pictures, scratch) in workspace.pictures.iter_mut().zip(&mut workspace.scratch) {
                        scope.spawn(|_| {
                            while let Some((picture, features)) = next() {
                                self.picture(picture, pictures, std::slice::from_mut(scratch), features);
                            }
                        });
                    }
                });
            }
            if !left.is_empty() {
                team::attended(|| {
                    for (picture, features) in each(left).zip(shared.chunks_exact_mut(self.features)) {
                        self.picture(picture, &mut workspace.pictures[0], &mut workspace.scratch, features);
                    }
                });
            }
        });
        features
    }

    /// One picture [3, height, width], on as many threads as there is `scratch`.
    fn picture(&self, picture: &[f32], pictures: &mut Pictures, scratch: &mut [Scratch], features: &mut [f32]) {
        let Pictures { input, narrow: [reduced, grouped], shortcut, output } = pictures;
        let relu = Finish { relu: true, residual: None };
        let mut run = |layer: &Layer, from: &[f32], finish: Finish<'_>, to: &mut [f32]| {
            layer.run(self.path, from, finish, to, scratch);
        };
        let mut values = self.stem.values();
        run(&self.stem, picture, relu, input.get(values));
        if let Some(pool) = &self.pool {
            run(pool, input.get(values), relu, output.get(pool.values()));
            swap(input, output);
            values = pool.values();
        }
        for Bottleneck { convs: [reduce, middle, expand], downsample } in &self.blocks {
            let from = &*input.get(values);
            let reduced = reduced.get(reduce.values());
            run(reduce, from, relu, reduced);
            let grouped = grouped.get(middle.values());
            run(middle, reduced, relu, grouped);
            let residual = match downsample {
                None => from,
                Some(layer) => {
                    let shortcut = shortcut.get(layer.values());
                    run(layer, from, Finish::default(), shortcut);
                    shortcut
                }
            };
            let finish = Finish { residual: Some(residual), relu: true };
            run(expand, grouped, finish, output.get(expand.values()));
            swap(input, output);
            values = expand.values();
        }
        let planes = input.get(values).chunks_exact(values / features.len());
        for (feature, plane) in features.iter_mut().zip(planes) {
            *feature = mean(plane);
        }
    }
}

/// The mean of a plane, summed in eight lanes.
fn mean(plane: &[f32]) -> f32 {
    let (chunks, rest) = plane.as_chunks::<8>();
    let mut sums = [0.0f32; 8];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    (sums.iter().sum::<f32>() + rest.iter().sum::<f32>()) / plane.len() as f32
}
