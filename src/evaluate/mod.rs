//! Figures that compare two readings of the same cells: two experts, or a network and the labels.
//!
//! Pure: counts, probabilities and labels in, figures out. No file, no clock, no network; random numbers only from a seed.
//! Tables, pictures and JSON are made of these in `report`.

mod agreement;
mod confusion;
mod raters;

pub use agreement::{Kappa, cohens_kappa};
pub use confusion::Confusion;
pub use raters::{PairAgreement, Question, Rater, Reading, pairs};
