//! The weights of a network with every batch norm folded into the convolution before it: what each way of computing starts
//! from. Nothing is computed on a picture here.

use super::{
    architecture::{Architecture, ConvSpec, Pool},
    error::ModelError,
    tensors::Tensors,
};

/// A convolution with bias that stands for a convolution and its batch norm.
#[derive(Debug, Clone)]
pub(super) struct Conv {
    pub spec: ConvSpec,
    /// [out, in / groups, kernel, kernel].
    pub weights: Vec<f32>,
    /// [out].
    pub biases: Vec<f32>,
}

/// A bottleneck.
#[derive(Debug, Clone)]
pub(super) struct Bottleneck {
    pub convs: [Conv; 3],
    pub downsample: Option<Conv>,
}

/// All layers before the last, and the last.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    pub stem: Conv,
    pub pool: Option<Pool>,
    pub blocks: Vec<Bottleneck>,
    /// Features in front of the last layer.
    pub features: usize,
    /// The last layer: weights [classes, features] and biases [classes].
    pub fc: (Vec<f32>, Vec<f32>),
}

impl Folded {
    /// Reads and folds the tensors of a network.
    ///
    /// # Errors
    /// When a tensor holds a value that is no number.
    pub fn load(architecture: &Architecture, tensors: &Tensors<'_>, eps: f64) -> Result<Self, ModelError> {
        let fold = |spec: &ConvSpec| Conv::load(spec, tensors, eps);
        let blocks = architecture.blocks();
        let block = |b: &super::architecture::BlockSpec| {
            let [first, second, third] = &b.convs;
            let convs = [fold(first)?, fold(second)?, fold(third)?];
            Ok(Bottleneck { convs, downsample: b.downsample.as_ref().map(fold).transpose()? })
        };
        Ok(Self {
            stem: fold(&architecture.stem_conv())?,
            pool: architecture.stem.pool.clone(),
            blocks: blocks.iter().map(block).collect::<Result<_, ModelError>>()?,
            features: architecture.features(),
            fc: (tensors.get("fc.weight")?, tensors.get("fc.bias")?),
        })
    }
}

impl Conv {
    fn load(spec: &ConvSpec, tensors: &Tensors<'_>, eps: f64) -> Result<Self, ModelError> {
        let mut weights = tensors.get(&format!("{}.weight", spec.conv))?;
        let part = |name: &str| format!("{}.{name}", spec.norm);
        let (gamma, beta) = (tensors.get(&part("weight"))?, tensors.get(&part("bias"))?);
        let (mean, variance) = (tensors.get(&part("running_mean"))?, tensors.variance(&part("running_var"))?);
        let mut biases = Vec::with_capacity(spec.out);
        for (channel, row) in weights.chunks_exact_mut(spec.weights_of_one()).enumerate() {
            let scale = f64::from(gamma[channel]) / (f64::from(variance[channel]) + eps).sqrt();
            row.iter_mut().for_each(|w| *w = (f64::from(*w) * scale) as f32);
            biases.push((f64::from(beta[channel]) - f64::from(mean[channel]) * scale) as f32);
        }
        Ok(Self { spec: spec.clone(), weights, biases })
    }
}
