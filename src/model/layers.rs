//! A convolution with its batch norm folded in, on candle-nn's layers.

use candle_core::{Device, Result, Tensor};
use candle_nn::{BatchNorm, Conv2d, Conv2dConfig, Module};

use super::{architecture::ConvSpec, error::ModelError, tensors::Tensors};

/// Convolution and batch norm as one.
#[derive(Debug)]
pub(super) enum ConvNorm {
    /// A 1x1 of stride 1: the matrix [out, in] and the bias [out, 1]. A matrix product spares candle's copies.
    Pointwise(Tensor, Tensor),
    /// Any other.
    Spatial(Conv2d),
}

impl ConvNorm {
    /// Builds the layer from its tensors.
    pub fn load(spec: &ConvSpec, tensors: &Tensors<'_>, eps: f64) -> std::result::Result<Self, ModelError> {
        let weight = tensors.get(&format!("{}.weight", spec.conv))?;
        let part = |name: &str| format!("{}.{name}", spec.norm);
        let (gamma, beta) = (tensors.get(&part("weight"))?, tensors.get(&part("bias"))?);
        let (mean, variance) = (tensors.get(&part("running_mean"))?, tensors.variance(&part("running_var"))?);
        let config =
            Conv2dConfig { padding: spec.kernel / 2, stride: spec.stride, groups: spec.groups, ..Default::default() };
        let fold = || -> Result<Self> {
            let norm = BatchNorm::new(spec.out, mean, variance, gamma, beta, eps)?;
            let conv = Conv2d::new(weight, None, config).absorb_bn(&norm)?;
            let [out, input, kernel, _] = spec.shape();
            // candle-nn keeps running statistics as variables: what is computed from them would remember its whole
            // history for a backward pass, and so would every activation (40 MB an image).
            let weight = conv.weight().detach();
            let bias = conv.bias().map(Tensor::detach);
            match bias {
                Some(bias) if kernel == 1 && spec.stride == 1 && spec.groups == 1 => {
                    Ok(Self::Pointwise(weight.reshape((out, input))?, bias.reshape((out, 1))?))
                }
                bias => Ok(Self::Spatial(Conv2d::new(weight, bias, config))),
            }
        };
        fold().map_err(|e| ModelError::Compute { device: device_kind(tensors.device()), problem: e.to_string() })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Spatial(conv) => conv.forward(x),
            Self::Pointwise(weight, bias) => {
                let (n, c, h, w) = x.dims4()?;
                let out = weight.dim(0)?;
                let x = x.reshape((n, c, h * w))?;
                weight.broadcast_matmul(&x)?.broadcast_add(bias)?.reshape((n, out, h, w))
            }
        }
    }
}

/// The device as messages name it.
pub(super) fn device_kind(device: &Device) -> String {
    if device.is_cuda() {
        "CUDA".into()
    } else if device.is_metal() {
        "Metal".into()
    } else {
        "CPU".into()
    }
}
