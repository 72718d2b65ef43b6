//! The layers before the last one out of candle's own operators: for GPUs, and to hold the CPU's own against.
//!
//! Pictures must be square: candle 0.11's gradient of a strided convolution takes what the stride leaves over from the
//! height alone.

use candle_core::{D, Result, Tensor};

use super::network::{Mode, Parameter, Running};
use crate::model::architecture::{Architecture, ConvSpec, Pool};

/// The statistics of each convolution's sums over a batch: mean, and variance as a sample [channels].
pub(super) type Gathered = Vec<(Tensor, Tensor)>;

/// The convolutions of a network, in the order of computation.
struct Layers<'a> {
    /// Weights, gamma and beta.
    parameters: std::slice::ChunksExact<'a, Parameter>,
    running: std::slice::Iter<'a, Running>,
    mode: Mode,
    eps: f64,
    gathered: Gathered,
}

/// Features [n, features] of `pictures`, and in training the statistics of the batch.
pub(super) fn features(
    architecture: &Architecture,
    parameters: &[Parameter],
    running: &[Running],
    eps: f64,
    pictures: &Tensor,
    mode: Mode,
) -> Result<(Tensor, Gathered)> {
    let (parameters, running) = (parameters.chunks_exact(3), running.iter());
    let mut layers = Layers { parameters, running, mode, eps, gathered: Vec::new() };
    let mut x = layers.next(&architecture.stem_conv(), pictures)?.relu()?;
    if let Some(pool) = &architecture.stem.pool {
        x = max_pool(&x, pool)?;
    }
    for block in architecture.blocks() {
        let [reduce, grouped, expand] = &block.convs;
        let y = layers.next(reduce, &x)?.relu()?;
        let y = layers.next(grouped, &y)?.relu()?;
        let y = layers.next(expand, &y)?;
        x = match &block.downsample {
            Some(projection) => (y + layers.next(projection, &x)?)?.relu()?,
            None => (y + x)?.relu()?,
        };
    }
    Ok((x.mean(D::Minus1)?.mean(D::Minus1)?, layers.gathered))
}

impl Layers<'_> {
    /// The next convolution and its norm.
    fn next(&mut self, spec: &ConvSpec, x: &Tensor) -> Result<Tensor> {
        let (Some([weight, gamma, beta]), Some(running)) = (self.parameters.next(), self.running.next()) else {
            candle_core::bail!("there are no parameters for {}", spec.conv)
        };
        let x = x.conv2d(&weight.var, spec.kernel / 2, spec.stride, 1, spec.groups)?;
        let wide = |t: &Tensor| t.reshape((1, spec.out, 1, 1));
        let (deviation, variance) = match self.mode {
            Mode::Eval | Mode::Still => {
                let (mean, variance) = (running.mean.as_detached_tensor(), running.variance.as_detached_tensor());
                (x.broadcast_sub(&wide(&mean)?)?, wide(&variance)?)
            }
            Mode::Train => {
                let mean = x.mean_keepdim((0, 2, 3))?;
                let deviation = x.broadcast_sub(&mean)?;
                let variance = deviation.sqr()?.mean_keepdim((0, 2, 3))?;
                let count = (x.elem_count() / spec.out) as f64;
                let unbiased = (variance.detach() * (count / (count - 1.0).max(1.0)))?;
                self.gathered.push((mean.detach().flatten_all()?, unbiased.flatten_all()?));
                (deviation, variance)
            }
        };
        let scale = (wide(&gamma.var)? / (variance + self.eps)?.sqrt()?)?;
        deviation.broadcast_mul(&scale)?.broadcast_add(&wide(&beta.var)?)
    }
}

/// Max pool with padding kernel / 2 of a tensor that a ReLU made, so that zeros may stand for what is not there.
///
/// candle's own has no gradient where windows overlap. Here it is the maximum of one strided view for each place of the
/// window.
fn max_pool(x: &Tensor, pool: &Pool) -> Result<Tensor> {
    let (n, c, height, width) = x.dims4()?;
    let (kernel, stride, pad) = (pool.kernel, pool.stride, pool.kernel / 2);
    let out = |side: usize| (side + 2 * pad - kernel) / stride + 1;
    let (rows, columns) = (out(height), out(width));
    // A whole number of strides that holds every window.
    let whole = |out: usize| out + (kernel - 1) / stride;
    let fit = |x: &Tensor, dim: usize, whole: usize| {
        let side = x.dim(dim)? + pad;
        x.pad_with_zeros(dim, pad, (whole * stride).saturating_sub(side))?.narrow(dim, 0, whole * stride)
    };
    let padded = fit(&fit(x, 2, whole(rows))?, 3, whole(columns))?;
    let phases = padded.reshape(&[n, c, whole(rows), stride, whole(columns), stride][..])?;
    let mut most: Option<Tensor> = None;
    for (ky, kx) in (0..kernel * kernel).map(|i| (i / kernel, i % kernel)) {
        let view = phases.narrow(3, ky % stride, 1)?.narrow(5, kx % stride, 1)?;
        let view = view.narrow(2, ky / stride, rows)?.narrow(4, kx / stride, columns)?;
        let view = view.reshape((n, c, rows, columns))?;
        most = Some(match most {
            Some(most) => most.maximum(&view)?,
            None => view,
        });
    }
    most.map_or_else(|| Ok(x.clone()), Ok)
}
