//! Network files made for a test, and records of other programs.

use std::{borrow::Cow, collections::HashMap};

use leukoscope::model::{ModelError, NetworkFile};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

/// A small network with torchvision's names and without metadata.
pub const TORCHVISION: &[u8] = include_bytes!("../fixtures/torchvision_resnext.safetensors");

/// A safetensors file taken apart.
pub struct Parts {
    pub tensors: HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
    pub metadata: Option<Value>,
}

impl Parts {
    pub fn of(bytes: &[u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(bytes).expect("safetensors");
        let text = header.metadata().as_ref().and_then(|m| m.get("leukoscope"));
        let all = SafeTensors::deserialize(bytes).expect("safetensors");
        let part = |(name, t): (String, TensorView<'_>)| (name, (t.dtype(), t.shape().to_vec(), t.data().to_vec()));
        Self {
            tensors: all.tensors().into_iter().map(part).collect(),
            metadata: text.map(|t| serde_json::from_str(t).expect("JSON")),
        }
    }

    /// The small network with the least metadata that make it usable: the architecture is left to be inferred.
    pub fn small() -> Self {
        let input = json!({"size": 33, "field_um": 21.9, "mean": [0.8, 0.7, 0.75], "std": [0.2, 0.2, 0.2]});
        let metadata =
            json!({"format": "leukoscope.network/1", "input": input, "classes": ["NGS", "LYT", "MON", "MYO", "EBO"]});
        Self { metadata: Some(metadata), ..Self::of(TORCHVISION) }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, part)| {
            let (dtype, shape, data) = part;
            (name, TensorView::new(*dtype, shape.clone(), data).expect("a tensor"))
        });
        let metadata = self.metadata.as_ref().map(|m| HashMap::from([("leukoscope".to_owned(), m.to_string())]));
        safetensors::serialize(views, metadata).expect("a file in memory")
    }

    pub fn parse(&self) -> Result<NetworkFile, ModelError> {
        NetworkFile::parse("x.safetensors", "x", Cow::Owned(self.bytes()))
    }

    /// Sets one value of a tensor of f32.
    pub fn set(&mut self, name: &str, at: usize, value: f32) {
        self.tensors.get_mut(name).expect("a tensor").2[4 * at..4 * at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

/// The rows of a tensor of f32.
pub fn rows(bytes: &[u8], name: &str) -> Vec<Vec<f32>> {
    let all = SafeTensors::deserialize(bytes).expect("safetensors");
    let tensor = all.tensor(name).expect("a tensor");
    let value = |b: &[u8]| f32::from_le_bytes(b.try_into().expect("four bytes"));
    let values: Vec<f32> = tensor.data().chunks_exact(4).map(value).collect();
    values.chunks_exact(values.len() / tensor.shape()[0]).map(<[f32]>::to_vec).collect()
}

/// The largest difference between two tables of the same form.
pub fn largest_difference(a: &[Vec<f32>], b: &[Vec<f32>]) -> f32 {
    assert_eq!(a.iter().map(Vec::len).collect::<Vec<_>>(), b.iter().map(Vec::len).collect::<Vec<_>>());
    a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
