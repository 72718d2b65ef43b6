//! A network in training from and to the bytes of a safetensors file.

use std::collections::HashMap;

use candle_core::{DType, Device, Error, Result, Tensor, Var, bail};
use safetensors::{SafeTensors, tensor::TensorView};

use super::network::Trainable;

impl Trainable {
    /// Takes over the parameters and running statistics of a safetensors file, which must hold all of them; others in it
    /// are left alone.
    ///
    /// # Errors
    /// When `bytes` are no such file, or a tensor is missing or has another shape.
    pub fn adopt(&self, bytes: &[u8]) -> Result<()> {
        let file = SafeTensors::deserialize(bytes).map_err(Error::wrap)?;
        for (name, var) in self.named() {
            let view = file.tensor(name).map_err(|_| Error::Msg(format!("the file holds no tensor `{name}`")))?;
            if view.shape() != var.dims() {
                bail!("tensor `{name}` has shape {:?}, and the network {:?}", view.shape(), var.dims());
            }
            let shape = view.shape();
            let dtype = DType::try_from(view.dtype())?;
            let tensor = Tensor::from_raw_buffer(view.data(), dtype, shape, &Device::Cpu)?;
            var.set(&tensor.to_dtype(DType::F32)?.to_device(var.device())?)?;
        }
        Ok(())
    }

    /// The bytes of a safetensors file with the parameters, the running statistics and `metadata`; with the metadata key
    /// `leukoscope`, [`NetworkFile`](crate::model::NetworkFile) reads it.
    ///
    /// # Errors
    /// When the device fails.
    pub fn to_bytes(&self, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
        write(self.named().map(|(name, var)| (name, var.as_tensor())), metadata)
    }

    /// Every tensor of the network, with its name.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Var)> {
        let running =
            self.running.iter().flat_map(|r| [(r.names[0].as_str(), &r.mean), (r.names[1].as_str(), &r.variance)]);
        self.parameters.iter().map(|p| (p.name.as_str(), &p.var)).chain(running)
    }
}

/// The bytes of a safetensors file with these tensors in f32.
pub(super) fn write<N: AsRef<str>, T: std::borrow::Borrow<Tensor>>(
    tensors: impl IntoIterator<Item = (N, T)>,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>> {
    let mut parts = Vec::new();
    for (name, tensor) in tensors {
        let tensor = tensor.borrow();
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        parts.push((name.as_ref().to_owned(), tensor.dims().to_vec(), bytes));
    }
    let mut views = Vec::new();
    for (name, shape, bytes) in &parts {
        views.push((name, TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).map_err(Error::wrap)?));
    }
    safetensors::serialize(views, Some(metadata)).map_err(Error::wrap)
}
