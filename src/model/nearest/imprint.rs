//! What a network makes of a picture, as a direction in 8-bit steps.

/// A direction: only the ratios of its values mean something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Imprint(Vec<i8>);

/// The largest value; -128 does not occur, so that products of two fit into 16 bits with room.
const LARGEST: f32 = 127.0;

impl Imprint {
    /// Of features; `None`: one of them is no number, or all are zero, and there is no direction.
    pub fn of(features: &[f32]) -> Option<Self> {
        let largest = features.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        if !features.iter().all(|v| v.is_finite()) || largest == 0.0 {
            return None;
        }
        // Divided first: a step of a very small largest value would be none.
        Some(Self(features.iter().map(|v| (v / largest * LARGEST).round() as i8).collect()))
    }

    /// From bytes that [`Imprint::bytes`] gave; `None`: these are others.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let values: Vec<i8> = bytes.iter().map(|&b| b as i8).collect();
        let largest = values.iter().map(|v| v.unsigned_abs()).max();
        (largest == Some(LARGEST as u8)).then_some(Self(values))
    }

    /// As bytes to keep, one a value, in two's complement.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().map(|&v| v as u8).collect()
    }

    /// The cosine of the angle to another one of the same width, -1..=1.
    pub fn similarity(&self, other: &Self) -> f32 {
        let product: i64 = self.0.iter().zip(&other.0).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
        (product as f64 * (1.0 / other.length()) / self.length()) as f32
    }

    /// Of steps that came from an imprint.
    pub(super) fn of_values(values: &[i8]) -> Self {
        Self(values.to_vec())
    }

    /// The steps.
    pub(super) fn values(&self) -> &[i8] {
        &self.0
    }

    /// Above 0, for one of the values is +-127.
    pub(super) fn length(&self) -> f64 {
        self.0.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt()
    }
}
