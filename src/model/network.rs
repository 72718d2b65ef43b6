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
    nearest::Imprint,
    pieces::in_pieces,
    preprocess::Input,
    resnext::ResNext,
    tensors::Tensors,
    unlike::Unlike,
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
    unlike: Option<Unlike>,
    layers: ResNext,
    device: Device,
    /// Images that are computed at once: what the device's memory has been found to hold.
    piece: AtomicUsize,
}

/// Features and logits that may still be on their way: a GPU computes on while the next batch is made ready.
#[derive(Debug)]
pub(super) struct Pending(Vec<(Tensor, Tensor)>);

/// What a network makes of one picture before any softmax.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// What its last layer reads: the means of the planes before it.
    pub features: Vec<f32>,
    /// What its last layer gives, one for each class in the order of the network's outputs.
    pub logits: Vec<f32>,
}

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
        let tensors = Tensors::new(file)?;
        let folded = Folded::load(&info.architecture, &tensors, info.bn_eps)?;
        let unlike = info.unlike.as_ref().map(|about| Unlike::load(about, &info, &tensors)).transpose()?;
        let layers = ResNext::new(&folded, info.input.size, &device, precision, simd)
            .map_err(|e| ModelError::compute(device::name(&device), &e))?;
        let most = match (device.is_cpu(), precision) {
            (true, Precision::F32) => MAX_BATCH,
            // candle keeps every layer of a whole batch: 5 MB an image with the default network.
            (true, _) => 4,
            (false, _) => device::images_at_once(&device, &info).min(MAX_BATCH),
        };
        Ok(Self { info, table: table.clone(), outputs, unlike, layers, device, piece: AtomicUsize::new(most) })
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
        Ok(self.rank_each(&self.outputs(images)?))
    }

    /// The logits of each image, without temperature or softmax, for checks against other programs; [`Network::predict`]
    /// is for everything else.
    ///
    /// # Errors
    /// As [`Network::predict_each`].
    pub fn logits(&self, images: &[Input]) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.outputs(images)?.into_iter().map(|o| o.logits).collect())
    }

    /// The features and logits of each image, from one pass: what a temperature and [`Unlike`] are fitted with.
    ///
    /// # Errors
    /// As [`Network::predict_each`].
    pub fn outputs(&self, images: &[Input]) -> Result<Vec<Output>, ModelError> {
        let expected = self.info.input.values();
        if let Some((index, bad)) = images.iter().enumerate().find(|(_, i)| i.0.len() != expected) {
            return Err(ModelError::InputLength { index, expected, found: bad.0.len() });
        }
        self.collect(self.submit(images)?)
    }

    /// What it makes of each image, as directions to compare with others; `None`: nothing, or nothing finite.
    ///
    /// # Errors
    /// As [`Network::predict_each`].
    pub fn imprints(&self, images: &[Input]) -> Result<Vec<Option<Imprint>>, ModelError> {
        Ok(self.outputs(images)?.iter().map(|o| Imprint::of(&o.features)).collect())
    }

    /// Whether it computes on a GPU, beside the program.
    pub(super) fn is_apart(&self) -> bool {
        !self.device.is_cpu()
    }

    /// Sends inputs of the right length on their way, in pieces that fit the device's memory.
    pub(super) fn submit(&self, images: &[Input]) -> Result<Pending, ModelError> {
        in_pieces(images, &self.piece, |piece| self.forward(piece)).map(Pending).map_err(|e| self.failed(&e))
    }

    /// Waits for the outputs.
    pub(super) fn collect(&self, pending: Pending) -> Result<Vec<Output>, ModelError> {
        let rows = |t: &Tensor| t.to_vec2::<f32>().map_err(|e| self.failed(&e));
        let mut all = Vec::new();
        for (features, logits) in pending.0 {
            let pairs = rows(&features)?.into_iter().zip(rows(&logits)?);
            all.extend(pairs.map(|(features, logits)| Output { features, logits }));
        }
        Ok(all)
    }

    /// The rankings of outputs, each on its own: an output that is no prediction does not take the others with it.
    pub(super) fn rank_each(&self, outputs: &[Output]) -> Vec<Result<Ranking, ModelError>> {
        outputs.iter().enumerate().map(|(i, output)| self.rank(i, output)).collect()
    }

    fn failed(&self, e: &candle_core::Error) -> ModelError {
        ModelError::compute(self.device_name(), e)
    }

    fn forward(&self, images: &[Input]) -> candle_core::Result<(Tensor, Tensor)> {
        let size = self.info.input.size;
        let values = images.iter().map(|i| i.values()).collect::<Vec<_>>().concat();
        let pictures = Tensor::from_vec(values, (images.len(), 3, size, size), &self.device)?;
        self.layers.forward(&pictures)
    }

    fn rank(&self, index: usize, output: &Output) -> Result<Ranking, ModelError> {
        if output.logits.iter().chain(&output.features).any(|v| !v.is_finite()) {
            return Err(ModelError::NonFiniteOutput { index });
        }
        let trained: Vec<bool> = self.outputs.iter().map(|o| o.1).collect();
        let probabilities = softmax(&output.logits, &trained, self.info.temperature);
        let unlike = self.unlike.as_ref().map(|u| u.judge(output));
        let pairs: Vec<_> = self.outputs.iter().map(|o| o.0).zip(probabilities).collect();
        let ranking = Ranking::new(&self.table, &pairs).map_err(|source| ModelError::Ranking { index, source })?;
        Ok(ranking.with_unlike(unlike))
    }
}

/// Softmax at a temperature over the outputs that count; the others get zero.
pub(super) fn softmax(logits: &[f32], counts: &[bool], temperature: f64) -> Vec<f32> {
    let of = |(&logit, &count): (&f32, &bool)| if count { logit } else { f32::NEG_INFINITY };
    let masked: Vec<f32> = logits.iter().zip(counts).map(of).collect();
    let most = masked.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = masked.iter().map(|&v| (f64::from(v - most) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| (p / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_leaves_out_what_was_not_trained_and_does_not_overflow() {
        let p = softmax(&[500.0, 500.0, 600.0, 400.0], &[true, true, false, true], 1.0);
        assert!((p[0] - 0.5).abs() < 1e-6 && (p[1] - 0.5).abs() < 1e-6 && p[2] == 0.0 && p[3] < 1e-30, "{p:?}");
    }

    #[test]
    fn a_temperature_takes_certainty_away_and_leaves_the_order() {
        let of = |t| softmax(&[2.0, 0.0, 9.0], &[true, true, false], t);
        let (plain, warm, cold) = (of(1.0), of(2.0), of(0.5));
        assert!((plain[0] - 1.0 / (1.0 + (-2.0_f32).exp())).abs() < 1e-6);
        assert!((warm[0] - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6);
        assert!((cold[0] - 1.0 / (1.0 + (-4.0_f32).exp())).abs() < 1e-6);
    }
}
