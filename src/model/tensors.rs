//! The numbers of a network file, each looked at on the way.

use candle_core::{DType, Device, safetensors::Load};
use safetensors::{Dtype, SafeTensors};

use super::{error::ModelError, file::NetworkFile};
use crate::domain::printable;

/// Whether tensors of such numbers are read.
pub(super) fn is_read(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::F64)
}

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

    /// As [`Tensors::get`], and the tensor must have this shape; `None` stands for any length above zero.
    ///
    /// # Errors
    /// As [`Tensors::get`], and when it has another shape or is of a kind of number that is not read.
    pub fn shaped(&self, name: &str, shape: &[Option<usize>]) -> Result<Vec<f32>, ModelError> {
        let missing = |_| ModelError::MissingTensor { file: self.file.to_owned(), tensor: name.to_owned() };
        let view = self.tensors.tensor(name).map_err(missing)?;
        let found = view.shape();
        let fits = |(found, wanted): (&usize, &Option<usize>)| wanted.map_or(*found > 0, |w| w == *found);
        if found.len() != shape.len() || !found.iter().zip(shape).all(fits) {
            let expected = shape.iter().zip(found.iter().chain(std::iter::repeat(&1)));
            let expected = expected.map(|(wanted, found)| wanted.unwrap_or((*found).max(1))).collect();
            let (file, tensor) = (self.file.to_owned(), name.to_owned());
            return Err(ModelError::WrongShape { file, tensor, expected, found: found.to_vec() });
        }
        if !is_read(view.dtype()) {
            let (file, tensor) = (self.file.to_owned(), name.to_owned());
            return Err(ModelError::WrongType { file, tensor, dtype: format!("{:?}", view.dtype()) });
        }
        self.get(name)
    }

    /// What to say of a tensor that holds something else than it should.
    pub fn bad(&self, name: &str, problem: &str) -> ModelError {
        ModelError::BadTensor { file: self.file.to_owned(), tensor: name.to_owned(), problem: problem.to_owned() }
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
