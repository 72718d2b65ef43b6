//! The numbers of a network file as candle tensors, each looked at on the way.

use candle_core::{Device, Tensor, safetensors::Load};
use safetensors::SafeTensors;

use super::{error::ModelError, file::NetworkFile};
use crate::domain::printable;

/// The tensors of a checked network file.
pub(super) struct Tensors<'a> {
    tensors: SafeTensors<'a>,
    file: &'a str,
    device: &'a Device,
}

impl<'a> Tensors<'a> {
    pub fn new(network: &'a NetworkFile, device: &'a Device) -> Result<Self, ModelError> {
        let tensors = SafeTensors::deserialize(&network.bytes).map_err(|e| ModelError::Format {
            file: network.file.clone(),
            problem: printable(&e.to_string()).into_owned(),
        })?;
        Ok(Self { tensors, file: &network.file, device })
    }

    pub fn device(&self) -> &Device {
        self.device
    }

    /// The tensor `name` as f32 on the device.
    ///
    /// # Errors
    /// When it is not there or holds a value that is no number.
    pub fn get(&self, name: &str) -> Result<Tensor, ModelError> {
        self.load(name, |v| v.is_finite())
    }

    /// As [`Tensors::get`], and no value may be below zero.
    ///
    /// # Errors
    /// As [`Tensors::get`].
    pub fn variance(&self, name: &str) -> Result<Tensor, ModelError> {
        self.load(name, |v| v.is_finite() && v >= 0.0)
    }

    fn load(&self, name: &str, good: fn(f32) -> bool) -> Result<Tensor, ModelError> {
        let missing = |_| ModelError::MissingTensor { file: self.file.to_owned(), tensor: name.to_owned() };
        let view = self.tensors.tensor(name).map_err(missing)?;
        let failed = |e: candle_core::Error| ModelError::Compute { device: "CPU".into(), problem: e.to_string() };
        // Looked at on the CPU: a GPU would need a round trip for each tensor.
        let tensor = view.load(&Device::Cpu).and_then(|t| t.to_dtype(candle_core::DType::F32)).map_err(failed)?;
        let values = tensor.flatten_all().and_then(|t| t.to_vec1::<f32>()).map_err(failed)?;
        if let Some(&value) = values.iter().find(|&&v| !good(v)) {
            return Err(ModelError::BadWeight { file: self.file.to_owned(), tensor: name.to_owned(), value });
        }
        tensor.to_device(self.device).map_err(failed)
    }
}
