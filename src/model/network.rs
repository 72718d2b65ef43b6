//! A network that is ready to predict.

use candle_core::{Device, Tensor};

use super::{
    device::{self, DeviceChoice},
    error::ModelError,
    file::NetworkFile,
    info::NetworkInfo,
    preprocess::Input,
    resnext::ResNext,
    tensors::Tensors,
};
use crate::domain::{ClassId, ClassTable, Ranking, printable};

/// Images a batch unless the user says otherwise.
pub const DEFAULT_BATCH: usize = 8;

/// Most images in a batch that a stream gathers, and that a GPU computes at once.
pub const MAX_BATCH: usize = 256;

/// Most images that a CPU computes at once, whatever the batch: each takes about 5 MB with the default network, and
/// more of them at once are not faster.
const CPU_PIECE: usize = 4;

/// A network on its device.
#[derive(Debug)]
pub struct Network {
    info: NetworkInfo,
    table: ClassTable,
    /// The class of each output, and whether the network was trained on it.
    outputs: Vec<(ClassId, bool)>,
    layers: ResNext,
    device: Device,
}

impl Network {
    /// Builds the network of `file` on a device.
    ///
    /// # Errors
    /// When a tensor is damaged, a class is not in `table` or not for networks, or the device is not there.
    pub fn load(file: &NetworkFile, table: &ClassTable, device: DeviceChoice) -> Result<Self, ModelError> {
        let info = file.info.clone();
        let known = |code: &String| table.by_code(code).filter(|&id| table.get(id).predicted);
        let foreign: Vec<_> = info.classes.iter().filter(|c| known(c).is_none()).map(|c| printable(c)).collect();
        if !foreign.is_empty() {
            return Err(ModelError::ForeignClasses { file: file.file.clone(), codes: foreign.join(", ") });
        }
        let outputs =
            info.classes.iter().filter_map(|c| known(c).map(|id| (id, !info.untrained.contains(c)))).collect();
        let device = device.open()?;
        let layers = ResNext::load(&info.architecture, &Tensors::new(file, &device)?, info.bn_eps)?;
        Ok(Self { info, table: table.clone(), outputs, layers, device })
    }

    /// What the network says about itself.
    pub fn info(&self) -> &NetworkInfo {
        &self.info
    }

    /// What it runs on, for people: `CPU (2 threads)`.
    pub fn device_name(&self) -> String {
        device::name(&self.device)
    }

    /// The ranking of each image, in order. Classes without training images get no probability (softmax over the
    /// trained ones) and stand at the end of the ranking.
    ///
    /// # Errors
    /// When an input was made for another network, an output is not finite, or the device fails.
    pub fn predict(&self, images: &[Input]) -> Result<Vec<Ranking>, ModelError> {
        self.predict_each(images)?.into_iter().collect()
    }

    /// As [`Network::predict`], but an image whose output is no prediction does not take the others with it.
    ///
    /// # Errors
    /// When an input was made for another network, or the device fails.
    pub fn predict_each(&self, images: &[Input]) -> Result<Vec<Result<Ranking, ModelError>>, ModelError> {
        Ok(self.logits(images)?.iter().enumerate().map(|(i, logits)| self.rank(i, logits)).collect())
    }

    /// The outputs before any softmax, for checks against other programs; [`Network::predict`] is for everything else.
    ///
    /// # Errors
    /// As [`Network::predict_each`].
    pub fn logits(&self, images: &[Input]) -> Result<Vec<Vec<f32>>, ModelError> {
        let expected = self.info.input.values();
        if let Some((index, bad)) = images.iter().enumerate().find(|(_, i)| i.0.len() != expected) {
            return Err(ModelError::InputLength { index, expected, found: bad.0.len() });
        }
        let mut all = Vec::with_capacity(images.len());
        let piece = if self.device.is_cpu() { CPU_PIECE } else { MAX_BATCH };
        for piece in images.chunks(piece) {
            let logits = self.forward(piece);
            all.extend(logits.map_err(|e| ModelError::Compute { device: self.device_name(), problem: e.to_string() })?);
        }
        Ok(all)
    }

    fn forward(&self, images: &[Input]) -> candle_core::Result<Vec<Vec<f32>>> {
        let size = self.info.input.size;
        let values: Vec<f32> = images.iter().flat_map(|i| i.0.iter().copied()).collect();
        let pictures = Tensor::from_vec(values, (images.len(), 3, size, size), &self.device)?;
        self.layers.forward(&pictures)?.to_vec2()
    }

    fn rank(&self, index: usize, logits: &[f32]) -> Result<Ranking, ModelError> {
        if logits.iter().any(|v| !v.is_finite()) {
            return Err(ModelError::NonFiniteOutput { index });
        }
        let trained: Vec<bool> = self.outputs.iter().map(|o| o.1).collect();
        let probabilities = softmax(logits, &trained);
        let pairs: Vec<_> = self.outputs.iter().map(|o| o.0).zip(probabilities).collect();
        Ranking::new(&self.table, &pairs).map_err(|source| ModelError::Ranking { index, source })
    }
}

/// Softmax over the outputs that count; the others get zero.
fn softmax(logits: &[f32], counts: &[bool]) -> Vec<f32> {
    let of = |(&logit, &count): (&f32, &bool)| if count { logit } else { f32::NEG_INFINITY };
    let masked: Vec<f32> = logits.iter().zip(counts).map(of).collect();
    let most = masked.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = masked.iter().map(|&v| f64::from(v - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| (p / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output that candle could run backward from would keep every activation: 40 MB an image.
    #[test]
    fn nothing_is_kept_for_a_backward_pass() {
        let network = Network::load(&NetworkFile::embedded(), &ClassTable::default(), DeviceChoice::Cpu).expect("good");
        let picture = Tensor::zeros((1, 3, 96, 96), candle_core::DType::F32, &Device::Cpu).expect("zeros");
        assert!(!network.layers.forward(&picture).expect("logits").track_op());
    }

    #[test]
    fn softmax_leaves_out_what_was_not_trained_and_does_not_overflow() {
        let p = softmax(&[500.0, 500.0, 600.0, 400.0], &[true, true, false, true]);
        assert!((p[0] - 0.5).abs() < 1e-6 && (p[1] - 0.5).abs() < 1e-6 && p[2] == 0.0 && p[3] < 1e-30, "{p:?}");
    }
}
