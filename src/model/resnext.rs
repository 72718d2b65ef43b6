//! The forward pass of a ResNeXt.

use candle_core::{D, Result, Tensor};
use candle_nn::{Linear, Module};

use super::{
    architecture::{Architecture, BlockSpec, Pool},
    error::ModelError,
    layers::ConvNorm,
    tensors::Tensors,
};

/// A ResNeXt on its device.
#[derive(Debug)]
pub(super) struct ResNext {
    stem: ConvNorm,
    pool: Option<Pool>,
    blocks: Vec<Bottleneck>,
    fc: Linear,
}

#[derive(Debug)]
struct Bottleneck {
    convs: [ConvNorm; 3],
    downsample: Option<ConvNorm>,
}

impl Bottleneck {
    fn load(spec: &BlockSpec, tensors: &Tensors<'_>, eps: f64) -> std::result::Result<Self, ModelError> {
        let [a, b, c] = &spec.convs;
        let load = |s| ConvNorm::load(s, tensors, eps);
        let downsample = spec.downsample.as_ref().map(load).transpose()?;
        Ok(Self { convs: [load(a)?, load(b)?, load(c)?], downsample })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [a, b, c] = &self.convs;
        let y = c.forward(&b.forward(&a.forward(x)?.relu()?)?.relu()?)?;
        match &self.downsample {
            Some(shortcut) => (y + shortcut.forward(x)?)?.relu(),
            None => (y + x)?.relu(),
        }
    }
}

impl ResNext {
    /// Builds the network from its tensors.
    pub fn load(architecture: &Architecture, tensors: &Tensors<'_>, eps: f64) -> std::result::Result<Self, ModelError> {
        let blocks = architecture.blocks();
        Ok(Self {
            stem: ConvNorm::load(&architecture.stem_conv(), tensors, eps)?,
            pool: architecture.stem.pool.clone(),
            blocks: blocks.iter().map(|b| Bottleneck::load(b, tensors, eps)).collect::<std::result::Result<_, _>>()?,
            fc: Linear::new(tensors.get("fc.weight")?, Some(tensors.get("fc.bias")?)),
        })
    }

    /// Logits [n, classes] of pictures [n, 3, height, width].
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = self.stem.forward(pictures)?.relu()?;
        if let Some(pool) = &self.pool {
            x = max_pool(&x, pool)?;
        }
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        let features = x.mean(D::Minus1)?.mean(D::Minus1)?;
        self.fc.forward(&features)
    }
}

/// Max pool with padding kernel / 2 of a tensor that a ReLU made.
///
/// PyTorch pads with minus infinity. Nothing here is below zero and every window holds at least one real value, so
/// padding with zeros gives the same.
fn max_pool(x: &Tensor, pool: &Pool) -> Result<Tensor> {
    let pad = pool.kernel / 2;
    let padded = x.pad_with_zeros(D::Minus1, pad, pad)?.pad_with_zeros(D::Minus2, pad, pad)?;
    padded.max_pool2d_with_stride(pool.kernel, pool.stride)
}
