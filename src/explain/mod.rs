//! Where in a picture a class's score comes from: maps, and the picture under them.
//!
//! The gradients come from [`model`](crate::model); a map is made of them here, and laid over the field that the network
//! sees or over the whole frame. Everything is made in memory, and the same picture, network and class give the same map. A
//! map says what the network's score hangs on, not what makes a cell what it is.

mod integrated;
mod map;
mod method;
mod overlay;

pub use map::SaliencyMap;
pub use method::{Method, UnknownMethod};
pub use overlay::{field, over_field, over_frame};

use crate::{
    domain::printable,
    model::{Gradients, Input, ModelError, NetworkFile, NetworkInfo},
};

/// A network that explains its scores. It computes on the CPU.
#[derive(Debug)]
pub struct Explainer {
    gradients: Gradients,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The network has no output for the class.
    #[error("the network has no output for the class `{0}`; it tells apart {1}")]
    NoOutput(String, String),
    /// The network was not trained on the class.
    #[error("the network was not trained on the class `{0}`, so its score means nothing; it tells apart {1}")]
    Untrained(String, String),
    /// The network cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Explainer {
    /// Builds the network of `file`.
    ///
    /// # Errors
    /// When a tensor is damaged.
    pub fn load(file: &NetworkFile) -> Result<Self, ModelError> {
        Ok(Self { gradients: Gradients::load(file)? })
    }

    /// The map that a method makes of the score of the class `code` for an input of this network.
    ///
    /// # Errors
    /// When the network cannot tell that class, or the input was made for another network.
    pub fn explain(&self, input: &Input, code: &str, method: Method) -> Result<SaliencyMap, ExplainError> {
        let output = output(self.gradients.info(), code)?;
        Ok(match method {
            Method::Gradient => map::gradient(&self.gradients, input, output)?,
            Method::Integrated => integrated::integrated(&self.gradients, input, output)?,
        })
    }
}

/// The place of a class among a network's outputs.
///
/// # Errors
/// When the network has none for it, or none that was trained.
pub fn output(info: &NetworkInfo, code: &str) -> Result<usize, ExplainError> {
    let trained = || {
        let codes: Vec<_> = info.classes.iter().filter(|c| !info.untrained.contains(c)).map(|c| printable(c)).collect();
        codes.join(" ")
    };
    let named = || printable(code).into_owned();
    match info.classes.iter().position(|c| c == code) {
        None => Err(ExplainError::NoOutput(named(), trained())),
        Some(_) if info.untrained.iter().any(|c| c == code) => Err(ExplainError::Untrained(named(), trained())),
        Some(place) => Ok(place),
    }
}
