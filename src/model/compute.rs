//! With what a network computes: a device, a precision, and on the CPU a set of vector instructions.

use std::str::FromStr;

use candle_core::DType;

use super::{device::DeviceChoice, kernels::SimdPath};

/// With what a network computes.
#[derive(Debug, Clone, Copy)]
pub struct Compute {
    /// Where.
    pub device: DeviceChoice,
    /// In which precision all layers but the last are computed.
    pub precision: Precision,
    /// The vector instructions of the CPU, in full precision.
    pub simd: SimdPath,
}

impl From<DeviceChoice> for Compute {
    fn from(device: DeviceChoice) -> Self {
        Self { device, precision: Precision::F32, simd: SimdPath::best() }
    }
}

/// A precision of computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Single: 24 bits of significand. What the figures of the network's card were measured with.
    #[default]
    F32,
    /// Half (IEEE 754): 11 bits.
    F16,
    /// bfloat16: 8 bits, with the range of single precision.
    Bf16,
}

impl Precision {
    /// Their names on the command line.
    pub const NAMES: [&str; 3] = ["f32", "f16", "bf16"];

    pub(super) fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::Bf16 => DType::BF16,
        }
    }
}

/// A precision that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no precision; use f32, f16 or bf16")]
pub struct UnknownPrecision(String);

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(name: &str) -> Result<Self, UnknownPrecision> {
        match name {
            "f32" => Ok(Self::F32),
            "f16" => Ok(Self::F16),
            "bf16" => Ok(Self::Bf16),
            other => Err(UnknownPrecision(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read() {
        let read = Precision::NAMES.map(|n| n.parse::<Precision>());
        assert_eq!(read, [Ok(Precision::F32), Ok(Precision::F16), Ok(Precision::Bf16)]);
        assert!("f64".parse::<Precision>().is_err_and(|e| e.to_string().contains("use f32, f16 or bf16")));
    }
}
