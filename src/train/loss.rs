//! Cross-entropy with label smoothing and weights of classes, as PyTorch's `CrossEntropyLoss` defines them.

use candle_core::{D, Result, Tensor, bail};
use candle_nn::ops::log_softmax;

/// How wrong a batch is.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// Share of each label that is spread evenly over all classes: 0 for none.
    pub smoothing: f64,
    /// Weight of each class; empty: all are one.
    pub weights: Vec<f64>,
}

impl Loss {
    /// The loss of `logits` [n, classes] whose classes are `labels`: a scalar.
    ///
    /// # Errors
    /// When there are not as many labels as pictures, a label is no class, weights are missing, or the device fails.
    pub fn of(&self, logits: &Tensor, labels: &[usize]) -> Result<Tensor> {
        let (count, classes) = logits.dims2()?;
        if labels.len() != count {
            bail!("{} labels for {count} pictures", labels.len());
        }
        if let Some(label) = labels.iter().find(|&&l| l >= classes) {
            bail!("label {label} for a network of {classes} classes");
        }
        if !self.weights.is_empty() && self.weights.len() != classes {
            bail!("{} class weights for a network of {classes} classes", self.weights.len());
        }
        let weight = |class: usize| self.weights.get(class).copied().unwrap_or(1.0);
        let total: f64 = labels.iter().map(|&l| weight(l)).sum();
        if total <= 0.0 {
            bail!("the classes of this batch all have weight zero");
        }
        // What each logarithm of a probability counts.
        let spread = self.smoothing / classes as f64;
        let part = |label: usize, class: usize| {
            let hit = if class == label { (1.0 - self.smoothing) * weight(label) } else { 0.0 };
            (-(hit + spread * weight(class)) / total) as f32
        };
        let parts: Vec<f32> = labels.iter().flat_map(|&l| (0..classes).map(move |c| part(l, c))).collect();
        let parts = Tensor::from_vec(parts, (count, classes), logits.device())?;
        log_softmax(logits, D::Minus1)?.mul(&parts)?.sum_all()
    }
}
