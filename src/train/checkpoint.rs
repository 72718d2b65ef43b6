//! A training run on disk: everything that its end depends on, so that a run that was killed ends as if it had not been.

use std::collections::HashMap;

use candle_core::{DType, Device, Error, Result, Tensor, bail};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::{Recipe, average::Average, file::write, network::Trainable, optimiser::AdamW};

const FORMAT: &str = "leukoscope.checkpoint/1";

/// How an epoch ended. Figures are rounded to six digits behind the point, so that they survive being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean loss of its batches.
    pub loss: f64,
    /// The averaged network on the validation part; `None`: there is none.
    pub validation: Option<Validation>,
    /// Images that were left out because their labels are doubted.
    pub doubted: usize,
}

/// How well a network does on a part of the data that it does not learn from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Mean negative logarithm of the label's probability, in nats.
    pub loss: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// Mean F1 over the classes that occur.
    pub macro_f1: f64,
}

/// Where a run is.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Position {
    /// The epoch under way, from 0.
    pub epoch: usize,
    /// Its next step.
    pub step: usize,
    /// Sum of its losses so far.
    pub loss: f64,
    /// The epochs before.
    pub history: Vec<EpochRecord>,
    /// The best epoch's validation loss, and its network.
    pub best: Option<(f64, Vec<u8>)>,
    /// For each training image.
    pub shown: Vec<Shown>,
}

/// What is known of a training image.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Shown {
    /// How often it was shown.
    pub times: f32,
    /// Sum of the probabilities that its label got.
    pub sum: f32,
    /// Whether the epoch under way leaves it out.
    pub left_out: bool,
}

impl Shown {
    /// The label's mean probability.
    pub fn mean(&self) -> f32 {
        self.sum / self.times.max(1.0)
    }
}

/// The part that is JSON.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    recipe: Recipe,
    /// Hash of the images, labels and parts.
    data: String,
    epoch: usize,
    step: usize,
    /// Bits of the floating-point numbers: JSON need not bring them back as they were.
    loss: u64,
    best: Option<u64>,
    optimiser_steps: usize,
    average_steps: usize,
    history: Vec<EpochRecord>,
}

/// A run that was kept.
#[derive(Debug)]
pub struct Checkpoint {
    bytes: Vec<u8>,
    /// How it is trained.
    pub recipe: Recipe,
    /// Hash of the images, labels and parts.
    pub data: String,
}

/// The parts of a run that change.
pub(super) struct Parts<'a> {
    pub network: &'a Trainable,
    pub optimiser: &'a mut AdamW,
    pub average: &'a mut Average,
    pub position: &'a mut Position,
}

impl Parts<'_> {
    /// The bytes of a checkpoint.
    pub fn to_bytes(&self, recipe: &Recipe, data: &str) -> Result<Vec<u8>> {
        let mut tensors: Vec<(String, Tensor)> = Vec::new();
        for (name, var) in self.network.named() {
            tensors.push((format!("now.{name}"), var.as_detached_tensor()));
        }
        for (name, tensor) in self.average.named(self.network) {
            tensors.push((format!("average.{name}"), tensor.clone()));
        }
        for (parameter, [first, second]) in self.network.parameters().iter().zip(self.optimiser.moments()?) {
            tensors.push((format!("first.{}", parameter.name), first));
            tensors.push((format!("second.{}", parameter.name), second));
        }
        for (name, anchor) in self.optimiser.anchors() {
            tensors.push((format!("anchor.{name}"), anchor.clone()));
        }
        let shown: Vec<f32> =
            self.position.shown.iter().flat_map(|s| [s.times, s.sum, f32::from(u8::from(s.left_out))]).collect();
        tensors.push(("shown".into(), Tensor::from_vec(shown, (self.position.shown.len(), 3), &Device::Cpu)?));
        if let Some((_, bytes)) = &self.position.best {
            // A safetensors file of f32 is a multiple of four bytes long: its header is padded to eight.
            let (words, _) = bytes.as_chunks::<4>();
            let values: Vec<f32> = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
            tensors.push(("best".into(), Tensor::from_vec(values, words.len(), &Device::Cpu)?));
        }
        let position = &*self.position;
        let header = Header {
            format: FORMAT.into(),
            recipe: recipe.clone(),
            data: data.to_owned(),
            epoch: position.epoch,
            step: position.step,
            loss: position.loss.to_bits(),
            best: position.best.as_ref().map(|b| b.0.to_bits()),
            optimiser_steps: self.optimiser.steps(),
            average_steps: self.average.steps(),
            history: position.history.clone(),
        };
        let text = serde_json::to_string(&header).map_err(Error::wrap)?;
        write(tensors, HashMap::from([("leukoscope.checkpoint".to_owned(), text)]))
    }

    /// Takes everything over from a checkpoint.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let file = SafeTensors::deserialize(&checkpoint.bytes).map_err(Error::wrap)?;
        let header = header(&checkpoint.bytes)?;
        let tensor = |name: &str| -> Result<Tensor> {
            let view = file.tensor(name).map_err(|_| Error::Msg(format!("there is no `{name}` in it")))?;
            Tensor::from_raw_buffer(view.data(), DType::F32, view.shape(), &Device::Cpu)
        };
        let mut average = Vec::new();
        for (name, var) in self.network.named() {
            let now = tensor(&format!("now.{name}"))?;
            if now.dims() != var.dims() {
                bail!("`now.{name}` has another shape than the recipe says");
            }
            var.set(&now.to_device(var.device())?)?;
            average.push(tensor(&format!("average.{name}"))?.to_device(var.device())?);
        }
        self.average.restore(header.average_steps, average);
        let moments = self
            .network
            .parameters()
            .iter()
            .map(|p| Ok([tensor(&format!("first.{}", p.name))?, tensor(&format!("second.{}", p.name))?]));
        let moments: Vec<_> = moments.collect::<Result<_>>()?;
        self.optimiser.restore(header.optimiser_steps, &moments, |name| tensor(&format!("anchor.{name}")).ok())?;
        let best = match header.best {
            None => None,
            Some(bits) => {
                let bytes = tensor("best")?.to_vec1::<f32>()?.into_iter().flat_map(f32::to_le_bytes).collect();
                Some((f64::from_bits(bits), bytes))
            }
        };
        let shown = tensor("shown")?.to_vec2::<f32>()?;
        let shown = shown.iter().map(|row| Shown { times: row[0], sum: row[1], left_out: row[2] > 0.5 }).collect();
        *self.position = Position {
            epoch: header.epoch,
            step: header.step,
            loss: f64::from_bits(header.loss),
            history: header.history,
            best,
            shown,
        };
        Ok(())
    }
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn read(bytes: Vec<u8>) -> Result<Self> {
        let Header { recipe, data, .. } = header(&bytes)?;
        Ok(Self { bytes, recipe, data })
    }
}

fn header(bytes: &[u8]) -> Result<Header> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(Error::wrap)?;
    let text = metadata.metadata().as_ref().and_then(|m| m.get("leukoscope.checkpoint"));
    let Some(text) = text else { bail!("it is no checkpoint of a training run") };
    let header: Header = serde_json::from_str(text).map_err(Error::wrap)?;
    if header.format != FORMAT {
        bail!("it is a `{}`, and this program goes on from `{FORMAT}`", header.format);
    }
    Ok(header)
}
