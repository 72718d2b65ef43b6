//! A convolution with its batch norm: kernels, and what a batch left behind.

use std::ops::Range;

use crate::model::{
    architecture::ConvSpec,
    kernels::{
        Buffer, Direct, DirectGradient, Finish, GradientSums, Moments, Norm, NormGradient, Normed, Plane, Pointwise,
        PointwiseGradient, Scratch, SimdPath, Source, merge, moments,
    },
};

/// A convolution and its norm.
#[derive(Debug)]
pub(super) struct Unit {
    pub input: Plane,
    pub output: Plane,
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub channels: usize,
    conv: Conv,
    pub gradient: Gradient,
    /// Where its parameters lie among all.
    pub parameters: Parameters,
    /// What the convolution made of the batch: [n, channels, height, width].
    pub sums: Buffer,
    pub norms: Vec<Norm>,
    /// Of the batch.
    pub statistics: Vec<Statistics>,
    /// From the gradient behind the norm to that before it.
    pub terms: Vec<NormGradient>,
}

/// Where a unit's parameters lie: the weights, then gamma, then beta.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub weights: Range<usize>,
    pub gamma: Range<usize>,
    pub beta: Range<usize>,
}

/// Mean and variances of a channel over a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::train) struct Statistics {
    pub mean: f64,
    /// As a population: what the batch is normalised with.
    pub variance: f64,
    /// As a sample of one: what running statistics keep.
    pub unbiased: f64,
}

#[derive(Debug)]
enum Conv {
    Pointwise(Pointwise),
    Direct(Direct),
}

#[derive(Debug)]
pub(super) enum Gradient {
    Pointwise(PointwiseGradient),
    Direct(DirectGradient),
}

impl Unit {
    /// Plans a unit whose parameters begin at `start`.
    pub fn new(path: SimdPath, spec: &ConvSpec, input: Plane, start: usize) -> Self {
        let weights = start..start + spec.shape().iter().product::<usize>();
        let gamma = weights.end..weights.end + spec.out;
        let beta = gamma.end..gamma.end + spec.out;
        let (empty, biases) = (vec![0.0; weights.len()], vec![0.0; spec.out]);
        let (conv, gradient) = if (spec.kernel, spec.groups) == (1, 1) {
            let conv = Pointwise::new(path, &empty, &biases, spec.stride, input);
            let gradient = PointwiseGradient::new(path, (spec.input, spec.out), spec.stride, input);
            (Conv::Pointwise(conv), Gradient::Pointwise(gradient))
        } else {
            let how = (spec.kernel, spec.stride, spec.groups);
            let conv = Direct::new(path, &empty, &biases, how, input);
            (Conv::Direct(conv), Gradient::Direct(DirectGradient::new(path, (spec.input, spec.out), how, input)))
        };
        Self {
            input,
            output: input.strided(spec.kernel, spec.stride),
            inputs: spec.input,
            channels: spec.out,
            conv,
            gradient,
            parameters: Parameters { weights, gamma, beta },
            sums: Buffer::default(),
            norms: vec![Norm::default(); spec.out],
            statistics: Vec::new(),
            terms: Vec::new(),
        }
    }

    /// Values of a picture that it writes.
    pub fn values(&self) -> usize {
        self.channels * self.output.len()
    }

    /// Takes over the weights for the way forward.
    pub fn fill(&mut self, parameters: &[f32]) {
        let (weights, biases) = (&parameters[self.parameters.weights.clone()], vec![0.0; self.channels]);
        match &mut self.conv {
            Conv::Pointwise(conv) => conv.fill(weights, &biases),
            Conv::Direct(conv) => conv.fill(weights, &biases),
        }
    }

    /// Takes over the weights for the way back.
    pub fn fill_gradient(&mut self, parameters: &[f32]) {
        let weights = &parameters[self.parameters.weights.clone()];
        match &mut self.gradient {
            Gradient::Pointwise(gradient) => gradient.fill(weights),
            Gradient::Direct(gradient) => gradient.fill(weights),
        }
    }

    /// Computes the sums of a picture, and their moments where there is room for them.
    pub fn run(&self, path: SimdPath, input: Source<'_>, sums: &mut [f32], to: &mut [Moments], scratch: &mut Scratch) {
        match &self.conv {
            Conv::Pointwise(conv) => conv.run_from(path, 0..conv.blocks(), input, Finish::default(), sums, scratch),
            Conv::Direct(conv) => conv.run_from(path, 0..conv.blocks(), input, Finish::default(), sums, scratch),
        }
        if !to.is_empty() {
            moments(path, sums, to);
        }
    }

    /// The sums of picture `n`, with their norms.
    pub fn picture(&self, n: usize) -> Normed<'_> {
        let values = self.values();
        Normed { sums: &self.sums.read((n + 1) * values)[n * values..], norms: &self.norms }
    }

    /// What follows it for picture `n`: normalised, and zero where negative.
    pub fn activated(&self, n: usize) -> Source<'_> {
        let Normed { sums, norms } = self.picture(n);
        Source::Activated(sums, norms)
    }

    /// The statistics of a batch, from `moments` [n, channels].
    pub fn gather(&mut self, moments: &[Moments]) {
        let (channels, length) = (self.channels, self.output.len());
        let count = (moments.len() / channels * length) as f64;
        let of = |channel: usize| {
            let (mean, squares) = merge(moments[channel..].iter().step_by(channels).copied(), length);
            Statistics { mean, variance: squares / count, unbiased: squares / (count - 1.0).max(1.0) }
        };
        self.statistics = (0..channels).map(of).collect();
    }

    /// The norms that follow from the statistics and the parameters.
    pub fn normalise(&mut self, parameters: &[f32], eps: f64) {
        let gammas = &parameters[self.parameters.gamma.clone()];
        let betas = &parameters[self.parameters.beta.clone()];
        for (((norm, of), gamma), &shift) in self.norms.iter_mut().zip(&self.statistics).zip(gammas).zip(betas) {
            let scale = f64::from(*gamma) / (of.variance + eps).sqrt();
            *norm = Norm { mean: of.mean as f32, scale: scale as f32, shift };
        }
    }

    /// The gradients of gamma and beta, and the terms of the gradient before the norm, from `sums` [n, channels].
    ///
    /// `pick` takes the sum of products with this unit's deviations. Without `batch` the statistics are not the batch's: they
    /// do not move with its pictures, and no gradient goes through them.
    pub fn turn(
        &mut self,
        parameters: &[f32],
        (eps, batch): (f64, bool),
        sums: &[GradientSums],
        pick: fn(&GradientSums) -> f32,
        gradients: &mut [f32],
    ) {
        let channels = self.channels;
        let count = (sums.len() / channels * self.output.len()) as f64;
        self.terms.clear();
        for (channel, of) in self.statistics.iter().enumerate() {
            let mine = sums[channel..].iter().step_by(channels);
            let gradient: f64 = mine.clone().map(|s| f64::from(s.gradient)).sum();
            let deviation: f64 = mine.map(|s| f64::from(pick(s))).sum();
            let inverse = 1.0 / (of.variance + eps).sqrt();
            gradients[self.parameters.gamma.start + channel] = (deviation * inverse) as f32;
            gradients[self.parameters.beta.start + channel] = gradient as f32;
            let a = f64::from(parameters[self.parameters.gamma.start + channel]) * inverse;
            let share = if batch { -a / count } else { 0.0 };
            self.terms.push(NormGradient {
                a: a as f32,
                b: (share * inverse * inverse * deviation) as f32,
                c: (share * gradient) as f32,
                mean: of.mean as f32,
            });
        }
    }
}
