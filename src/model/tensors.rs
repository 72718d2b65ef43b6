//! The numbers of a network file, each looked at on the way.

use candle_core::{DType, Device, safetensors::Load};
use safetensors::SafeTensors;

use super::{error::ModelError, file::NetworkFile};
use crate::domain::printable;

/// The tensors of a checked network file.
pub(super) struct Tensors<'a> {
    tensors: SafeTensors<'a>,
    file: &'a str,
}

impl<'a> Tensors<'a> {
    pub fn new(network: &'a NetworkFile) -> Result<Self, ModelError> {
        let tensors = SafeTensors::deserialize(&network.bytes).map_err(|e| ModelError::Format {
            file: network.file.clone(),
            problem: printable(&e.to_string()).into_owned(),
        })?;
        Ok(Self { tensors, file: &network.file })
    }

    /// The values of the tensor `name`.
    ///
    /// # Errors
    /// When it is not there or holds a value that is no number.
    pub fn get(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        self.load(name, |v| v.is_finite())
    }

    /// As [`Tensors::get`], and no value may be below zero.
    ///
    /// # Errors
    /// As [`Tensors::get`].
    pub fn variance(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        self.load(name, |v| v.is_finite() && v >= 0.0)
    }

    fn load(&self, name: &str, good: fn(f32) -> bool) -> Result<Vec<f32>, ModelError> {
        let missing = |_| ModelError::MissingTensor { file: self.file.to_owned(), tensor: name.to_owned() };
        let view = self.tensors.tensor(name).map_err(missing)?;
        let read = view.load(&Device::Cpu).and_then(|t| t.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>());
        let values = read.map_err(|e| ModelError::compute("CPU".into(), &e))?;
        match values.iter().find(|&&v| !good(v)) {
            Some(&value) => Err(ModelError::BadWeight { file: self.file.to_owned(), tensor: name.to_owned(), value }),
            None => Ok(values),
        }
    }
}
