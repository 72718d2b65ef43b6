//! Gradients of a class's score at a network's input: what explanations are made from.
//!
//! The score is the logit, as in Simonyan et al. 2013, and not the probability, which other classes move as well. The way
//! forward is that of predictions, on the folded weights, but every layer's output is kept; the way back is made of the
//! same kernels ([`step`]). The trunk of training goes back through the statistics of a batch and cannot serve here. How a
//! map is made of gradients is the business of [`explain`](crate::explain).

mod step;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::{
    error::ModelError,
    file::NetworkFile,
    folded::Folded,
    info::NetworkInfo,
    kernels::{Finish, MaxPool, Plane, PoolGradient, Scratch, SimdPath},
    preprocess::Input,
    tensors::Tensors,
};
use step::Step;

/// A network that can tell what a class's score hangs on. It computes on the CPU.
#[derive(Debug)]
pub struct Gradients {
    info: NetworkInfo,
    path: SimdPath,
    stem: Step,
    pool: Option<(MaxPool, PoolGradient)>,
    blocks: Vec<Block>,
    /// Px of the last maps, and the last layer's weights [classes, features] and biases [classes].
    last: Plane,
    fc: (Vec<f32>, Vec<f32>),
}

/// A bottleneck.
#[derive(Debug)]
struct Block {
    convs: [Step; 3],
    downsample: Option<Step>,
}

/// The score of a class for one picture, and its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// The class's score, before any softmax.
    pub score: f32,
    /// Gradient of the score at the network's input: three planes, row by row, as [`Input::values`].
    pub gradient: Vec<f32>,
}

/// What the layers put out for one picture.
struct Kept {
    stem: Vec<f32>,
    pooled: Option<Vec<f32>>,
    /// Of each block: behind its first and second convolution, and behind it.
    blocks: Vec<[Vec<f32>; 3]>,
}

impl Gradients {
    /// Plans the way forward and back of the network of `file`.
    ///
    /// # Errors
    /// When a tensor is damaged.
    pub fn load(file: &NetworkFile) -> Result<Self, ModelError> {
        let info = file.info.clone();
        let folded = Folded::load(&info.architecture, &Tensors::new(file)?, info.bn_eps)?;
        let path = SimdPath::best();
        let input = Plane { height: info.input.size, width: info.input.size };
        let stem = Step::new(path, &folded.stem, input);
        let pool = folded.pool.as_ref().map(|p| {
            let plane = stem.output();
            (MaxPool::new(stem.outputs(), p.kernel, p.stride, plane), PoolGradient::new(p.kernel, p.stride, plane))
        });
        let mut plane = pool.as_ref().map_or(stem.output(), |(pool, _)| pool.output());
        let mut blocks = Vec::new();
        for block in &folded.blocks {
            let [reduce, grouped, expand] = &block.convs;
            let reduce = Step::new(path, reduce, plane);
            let grouped = Step::new(path, grouped, plane);
            let expand = Step::new(path, expand, grouped.output());
            let downsample = block.downsample.as_ref().map(|d| Step::new(path, d, plane));
            plane = expand.output();
            blocks.push(Block { convs: [reduce, grouped, expand], downsample });
        }
        Ok(Self { info, path, stem, pool, blocks, last: plane, fc: folded.fc })
    }

    /// What the network says about itself.
    pub fn info(&self) -> &NetworkInfo {
        &self.info
    }

    /// The score of the class at place `output` of [`NetworkInfo::classes`] for each input, and its gradient: in order, on
    /// all threads, and the same whatever their number.
    ///
    /// # Errors
    /// When an input was made for another network.
    ///
    /// # Panics
    /// When there is no such output.
    pub fn of(&self, inputs: &[Input], output: usize) -> Result<Vec<Sensitivity>, ModelError> {
        let expected = self.info.input.values();
        if let Some((index, bad)) = inputs.iter().enumerate().find(|(_, i)| i.values().len() != expected) {
            return Err(ModelError::InputLength { index, expected, found: bad.values().len() });
        }
        assert!(output < self.fc.1.len(), "an output of the network");
        Ok(inputs.par_iter().map_init(Scratch::default, |scratch, input| self.one(input, output, scratch)).collect())
    }

    fn one(&self, input: &Input, output: usize, scratch: &mut Scratch) -> Sensitivity {
        let kept = self.forward(input.values(), scratch);
        let features = self.fc.0.len() / self.fc.1.len();
        let weights = &self.fc.0[output * features..][..features];
        let (last, plane) = (self.behind(&kept, self.blocks.len()), self.last.len());
        let mean = |maps: &[f32]| maps.iter().map(|&v| f64::from(v)).sum::<f64>() / plane as f64;
        let sum: f64 = last.chunks_exact(plane).zip(weights).map(|(maps, &w)| mean(maps) * f64::from(w)).sum();
        let score = (sum + f64::from(self.fc.1[output])) as f32;
        let gradient: Vec<f32> = weights.iter().flat_map(|w| std::iter::repeat_n(w / plane as f32, plane)).collect();
        Sensitivity { score, gradient: self.backward(&kept, gradient, scratch) }
    }

    fn forward(&self, picture: &[f32], scratch: &mut Scratch) -> Kept {
        let path = self.path;
        let relu = Finish { relu: true, residual: None };
        let stem = self.stem.run(path, picture, relu, scratch);
        let pooled = self.pool.as_ref().map(|(pool, _)| {
            let mut out = vec![0.0; pool.channels() * pool.output().len()];
            pool.run(path, 0..pool.channels(), &stem, &mut out, scratch);
            out
        });
        let mut kept = Kept { stem, pooled, blocks: Vec::with_capacity(self.blocks.len()) };
        for (i, Block { convs: [reduce, grouped, expand], downsample }) in self.blocks.iter().enumerate() {
            let input = self.behind(&kept, i);
            let reduced = reduce.run(path, input, relu, scratch);
            let middle = grouped.run(path, &reduced, relu, scratch);
            let projected = downsample.as_ref().map(|d| d.run(path, input, Finish::default(), scratch));
            let finish = Finish { residual: Some(projected.as_deref().unwrap_or(input)), relu: true };
            let output = expand.run(path, &middle, finish, scratch);
            kept.blocks.push([reduced, middle, output]);
        }
        kept
    }

    /// What stands behind so many blocks.
    fn behind<'k>(&self, kept: &'k Kept, blocks: usize) -> &'k [f32] {
        match blocks.checked_sub(1) {
            Some(block) => &kept.blocks[block][2],
            None => kept.pooled.as_ref().unwrap_or(&kept.stem),
        }
    }

    /// From the gradient behind the last block to that of the picture.
    fn backward(&self, kept: &Kept, mut gradient: Vec<f32>, scratch: &mut Scratch) -> Vec<f32> {
        let path = self.path;
        for (Block { convs: [reduce, grouped, expand], downsample }, [reduced, middle, output]) in
            self.blocks.iter().zip(&kept.blocks).rev()
        {
            through_relu(&mut gradient, output);
            let mut inner = expand.back(path, &gradient, None, scratch);
            through_relu(&mut inner, middle);
            inner = grouped.back(path, &inner, None, scratch);
            through_relu(&mut inner, reduced);
            if let Some(downsample) = downsample {
                gradient = downsample.back(path, &gradient, None, scratch);
            }
            gradient = reduce.back(path, &inner, Some(&gradient), scratch);
        }
        if let Some((_, pool)) = &self.pool {
            let mut to = vec![0.0; kept.stem.len()];
            pool.run(&kept.stem, &gradient, &mut to);
            gradient = to;
        }
        through_relu(&mut gradient, &kept.stem);
        self.stem.back(path, &gradient, None, scratch)
    }
}

/// Takes a gradient through the ReLU that made `values`: where that is zero nothing comes through.
fn through_relu(gradient: &mut [f32], values: &[f32]) {
    gradient.iter_mut().zip(values).for_each(|(g, &v)| *g = if v > 0.0 { *g } else { 0.0 });
}
