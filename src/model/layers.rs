//! The layers of a ResNeXt as candle's own operators: how a GPU computes it, and how half precision is computed anywhere.
//!
//! The CPU's way is [`engine`](super::engine); both start from the same folded weights and are held to the same outputs.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Module};

use super::{
    architecture::Pool,
    folded::{self, Folded},
};

/// The layers of a network before its last one, on their device.
#[derive(Debug)]
pub(super) struct Layers {
    stem: Conv,
    pool: Option<Pool>,
    blocks: Vec<Bottleneck>,
}

#[derive(Debug)]
struct Bottleneck {
    convs: [Conv; 3],
    downsample: Option<Conv>,
}

#[derive(Debug)]
enum Conv {
    /// A 1x1 of stride 1: the matrix [out, in] and the bias [out, 1]. A matrix product spares candle's copies.
    Pointwise(Tensor, Tensor),
    /// Any other.
    Spatial(Conv2d),
}

impl Layers {
    /// Puts the weights on a device.
    pub fn new(folded: &Folded, device: &Device, dtype: DType) -> Result<Self> {
        let conv = |c: &folded::Conv| Conv::new(c, device, dtype);
        let block = |b: &folded::Bottleneck| {
            let [reduce, grouped, expand] = &b.convs;
            let convs = [conv(reduce)?, conv(grouped)?, conv(expand)?];
            Ok(Bottleneck { convs, downsample: b.downsample.as_ref().map(conv).transpose()? })
        };
        let blocks = folded.blocks.iter().map(block).collect::<Result<_>>()?;
        Ok(Self { stem: conv(&folded.stem)?, pool: folded.pool.clone(), blocks })
    }

    /// Features [n, features] of pictures [n, 3, height, width].
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let mut x = self.stem.forward(pictures)?.relu()?;
        if let Some(pool) = &self.pool {
            x = max_pool(&x, pool)?;
        }
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        x.flatten_from(2)?.mean(D::Minus1)
    }
}

impl Bottleneck {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let [reduce, grouped, expand] = &self.convs;
        let y = expand.forward(&grouped.forward(&reduce.forward(x)?.relu()?)?.relu()?)?;
        match &self.downsample {
            Some(shortcut) => (y + shortcut.forward(x)?)?.relu(),
            None => (y + x)?.relu(),
        }
    }
}

impl Conv {
    fn new(conv: &folded::Conv, device: &Device, dtype: DType) -> Result<Self> {
        let spec = &conv.spec;
        let on = |values: &[f32], shape: &[usize]| Tensor::from_slice(values, shape, device)?.to_dtype(dtype);
        if spec.kernel == 1 && spec.stride == 1 && spec.groups == 1 {
            let weight = on(&conv.weights, &[spec.out, spec.input])?;
            return Ok(Self::Pointwise(weight, on(&conv.biases, &[spec.out, 1])?));
        }
        let config =
            Conv2dConfig { padding: spec.kernel / 2, stride: spec.stride, groups: spec.groups, ..Default::default() };
        let (weight, bias) = (on(&conv.weights, &spec.shape())?, on(&conv.biases, &[spec.out])?);
        Ok(Self::Spatial(Conv2d::new(weight, Some(bias), config)))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Spatial(conv) => conv.forward(x),
            Self::Pointwise(weight, bias) => {
                let (n, c, h, w) = x.dims4()?;
                let x = x.reshape((n, c, h * w))?;
                weight.broadcast_matmul(&x)?.broadcast_add(bias)?.reshape((n, weight.dim(0)?, h, w))
            }
        }
    }
}

/// Max pool with padding kernel / 2 of a tensor that a ReLU made: padding with zeros gives what PyTorch's padding with
/// minus infinity does.
fn max_pool(x: &Tensor, pool: &Pool) -> Result<Tensor> {
    let pad = pool.kernel / 2;
    let padded = x.pad_with_zeros(D::Minus1, pad, pad)?.pad_with_zeros(D::Minus2, pad, pad)?;
    padded.max_pool2d_with_stride(pool.kernel, pool.stride)
}
