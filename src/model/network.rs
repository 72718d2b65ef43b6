//! A network that is ready to predict.

use std::sync::atomic::AtomicUsize;

use candle_core::{Device, Tensor};

use super::{
    compute::{Compute, Precision},
    device,
    error::ModelError,
    file::NetworkFile,
    folded::Folded,
    info::NetworkInfo,
    pieces::in_pieces,
    preprocess::Input,
    resnext::ResNext,
    tensors::Tensors,
};
use crate::domain::{ClassId, ClassTable, Ranking, printable};

/// Images a batch unless the user says otherwise.
pub const DEFAULT_BATCH: usize = 32;

/// Most images in a batch.
pub const MAX_BATCH: usize = 256;

/// A network on its device.
#[derive(Debug)]
pub struct Network {
    info: NetworkInfo,
    table: ClassTable,
    /// The class of each output, and whether the network was trained on it.
    outputs: Vec<(ClassId, bool)>,
    layers: ResNext,
    device: Device,
    /// Images that are computed at once: what the device's memory has been found to hold.
    piece: AtomicUsize,
}

/// Logits that may still be on their way: a GPU computes on while the next batch is made ready.
#[derive(Debug)]
pub(super) struct Pending(Vec<Tensor>);

impl Network {
    /// Builds the network of `file` on a device.
    ///
    /// # Errors
    /// When a tensor is damaged, a class is not in `table` or not for networks, or the device is not there.
    pub fn load(file: &NetworkFile, table: &ClassTable, compute: impl Into<Compute>) -> Result<Self, ModelError> {
        let info = file.info.clone();
        let known = |code: &String| table.by_code(code).filter(|&id| table.get(id).predicted);
        let foreign: Vec<_> = info.classes.iter().filter(|c| known(c).is_none()).map(|c| printable(c)).collect();
        if !foreign.is_empty() {
            return Err(ModelError::ForeignClasses { file: file.file.clone(), codes: foreign.join(", ") });
        }
        let outputs =
            info.classes.iter().filter_map(|c| known(c).map(|id| (id, !info.untrained.contains(c)))).collect();
        let Compute { device, precision, simd } = compute.into();
        let device = device.open()?;
        if device.is_cpu() && precision == Precision::Bf16 {
            let problem = "bf16 is for GPUs; use --precision f32, or f16 to see what half precision changes";
            return Err(ModelError::Device(problem.into()));
        }
        let folded = Folded::load(&info.architecture, &Tensors::new(file)?, info.bn_eps)?;
        let layers = ResNext::new(&folded, info.input.size, &device, precision, simd)
            .map_err(|e| ModelError::compute(device::name(&device), &e))?;
        let most = match (device.is_cpu(), precision) {
            (true, Precision::F32) => MAX_BATCH,
            // candle keeps every layer of a whole batch: 5 MB an image with the default network.
            (true, _) => 4,
            (false, _) => device::images_at_once(&device, &info).min(MAX_BATCH),
        };
        Ok(Self { info, table: table.clone(), outputs, layers, device, piece: AtomicUsize::new(most) })
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
        Ok(self.rank_each(&self.logits(images)?))
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
        self.collect(self.submit(images)?)
    }

    /// Whether it computes on a GPU, beside the program.
    pub(super) fn is_apart(&self) -> bool {
        !self.device.is_cpu()
    }

    /// Sends inputs of the right length on their way, in pieces that fit the device's memory.
    pub(super) fn submit(&self, images: &[Input]) -> Result<Pending, ModelError> {
        in_pieces(images, &self.piece, |piece| self.forward(piece)).map(Pending).map_err(|e| self.failed(&e))
    }

    /// Waits for logits [n, classes].
    pub(super) fn collect(&self, pending: Pending) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut all = Vec::new();
        for part in pending.0 {
            all.extend(part.to_vec2::<f32>().map_err(|e| self.failed(&e))?);
        }
        Ok(all)
    }

    /// The rankings of logits, each on its own: an output that is no prediction does not take the others with it.
    pub(super) fn rank_each(&self, logits: &[Vec<f32>]) -> Vec<Result<Ranking, ModelError>> {
        logits.iter().enumerate().map(|(i, logits)| self.rank(i, logits)).collect()
    }

    fn failed(&self, e: &candle_core::Error) -> ModelError {
        ModelError::compute(self.device_name(), e)
    }

    fn forward(&self, images: &[Input]) -> candle_core::Result<Tensor> {
        let size = self.info.input.size;
        let values = images.iter().map(|i| i.values()).collect::<Vec<_>>().concat();
        let pictures = Tensor::from_vec(values, (images.len(), 3, size, size), &self.device)?;
        self.layers.forward(&pictures)
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

    #[test]
    fn softmax_leaves_out_what_was_not_trained_and_does_not_overflow() {
        let p = softmax(&[500.0, 500.0, 600.0, 400.0], &[true, true, false, true]);
        assert!((p[0] - 0.5).abs() < 1e-6 && (p[1] - 0.5).abs() < 1e-6 && p[2] == 0.0 && p[3] < 1e-30, "{p:?}");
    }
}
