//! The forward pass of a ResNeXt, on whichever device it is.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Linear, Module};

use super::{compute::Precision, engine::Engine, folded::Folded, kernels::SimdPath, layers::Layers};

/// A ResNeXt on its device.
#[derive(Debug)]
pub(super) struct ResNext {
    trunk: Trunk,
    fc: Linear,
}

/// Everything before the last layer.
#[derive(Debug)]
enum Trunk {
    /// One operator of our own.
    Engine(Box<Engine>),
    /// candle's operators.
    Layers(Layers, DType),
}

impl ResNext {
    /// Puts a network for square pictures of side `size` on a device.
    pub fn new(folded: &Folded, size: usize, device: &Device, precision: Precision, path: SimdPath) -> Result<Self> {
        let trunk = match (device, precision) {
            (Device::Cpu, Precision::F32) => Trunk::Engine(Box::new(Engine::new(path, folded, size))),
            _ => Trunk::Layers(Layers::new(folded, device, precision.dtype())?, precision.dtype()),
        };
        let (weight, bias) = &folded.fc;
        let weight = Tensor::from_slice(weight, (bias.len(), folded.features), device)?;
        let bias = Tensor::from_slice(bias, bias.len(), device)?;
        Ok(Self { trunk, fc: Linear::new(weight, Some(bias)) })
    }

    /// Features [n, features] and logits [n, classes], f32, of pictures [n, 3, size, size], f32.
    pub fn forward(&self, pictures: &Tensor) -> Result<(Tensor, Tensor)> {
        let features = match &self.trunk {
            Trunk::Engine(engine) => pictures.apply_op1_no_bwd(&&**engine)?,
            // The last layer is in full precision: it is small, and its differences decide the ranking.
            Trunk::Layers(layers, dtype) => layers.forward(&pictures.to_dtype(*dtype)?)?.to_dtype(DType::F32)?,
        };
        let logits = self.fc.forward(&features)?;
        Ok((features, logits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NetworkFile, tensors::Tensors};

    /// Features, and logits.
    fn forward(file: &NetworkFile, trunk: impl Fn(&Folded) -> Trunk, pictures: &Tensor) -> [Vec<Vec<f32>>; 2] {
        let info = &file.info;
        let tensors = Tensors::new(file).expect("tensors");
        let folded = Folded::load(&info.architecture, &tensors, info.bn_eps).expect("weights");
        let plain = ResNext::new(&folded, info.input.size, &Device::Cpu, Precision::F32, SimdPath::best());
        let network = ResNext { trunk: trunk(&folded), fc: plain.expect("a network").fc };
        let (features, logits) = network.forward(pictures).expect("logits");
        assert!(!logits.track_op(), "nothing is kept for a backward pass: that would be every activation");
        [features, logits].map(|t| t.to_vec2().expect("rows"))
    }

    /// candle's operators, which a GPU computes with, make the same of the same weights as ours.
    #[test]
    fn the_layers_of_candle_give_what_the_engine_gives() {
        let file = NetworkFile::embedded();
        let size = file.info.input.size;
        let values: Vec<f32> = (0..3 * 3 * size * size).map(|i| ((i * 7919) % 2003) as f32 / 1001.5 - 1.0).collect();
        let pictures = Tensor::from_vec(values, (3, 3, size, size), &Device::Cpu).expect("pictures");
        let engine = |f: &Folded| Trunk::Engine(Box::new(Engine::new(SimdPath::best(), f, size)));
        let layers =
            |dtype: DType| move |f: &Folded| Trunk::Layers(Layers::new(f, &Device::Cpu, dtype).expect("layers"), dtype);
        let expected = forward(&file, engine, &pictures);
        for (dtype, tolerance) in [(DType::F32, 1e-4), (DType::F16, 0.05)] {
            let found = forward(&file, layers(dtype), &pictures);
            for (what, found, expected) in [("features", &found[0], &expected[0]), ("logits", &found[1], &expected[1])]
            {
                assert_eq!((found.len(), found[0].len()), (expected.len(), expected[0].len()));
                let differences = found.iter().flatten().zip(expected.iter().flatten()).map(|(a, b)| (a - b).abs());
                let most = differences.fold(0.0, f32::max);
                assert!(most <= tolerance, "in {dtype:?} {what} differ by {most}");
            }
        }
    }
}
