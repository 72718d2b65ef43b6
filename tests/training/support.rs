//! Records of PyTorch.

use safetensors::{SafeTensors, tensor::TensorView};

/// A safetensors file of f32.
pub struct Record(SafeTensors<'static>);

impl Record {
    pub fn of(bytes: &'static [u8]) -> Self {
        Self(SafeTensors::deserialize(bytes).expect("safetensors"))
    }

    fn view(&self, name: &str) -> TensorView<'_> {
        self.0.tensor(name).unwrap_or_else(|_| panic!("no tensor {name}"))
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.view(name).shape().to_vec()
    }

    pub fn values(&self, name: &str) -> Vec<f32> {
        let value = |b: &[u8]| f32::from_le_bytes(b.try_into().expect("four bytes"));
        self.view(name).data().chunks_exact(4).map(value).collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.0.names().into_iter().map(str::to_owned).collect()
    }
}

/// The largest difference, as a share of the largest value that was expected.
pub fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().all(|v| v.is_finite()), "all are numbers");
    let most = expected.iter().fold(1e-3f32, |most, v| most.max(v.abs()));
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / most
}
