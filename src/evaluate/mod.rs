//! Figures that compare two readings of the same cells: two experts, or a network and the labels.
//!
//! Pure: counts, probabilities and labels in, figures out. No file, no clock, no network; random numbers only from a seed.
//! Tables, pictures and JSON are made of these in `report`.

mod bootstrap;
mod calibration;
mod class_set;
mod coverage;
mod differential;
mod evaluation;
mod folds;
mod raters;
mod results;
mod roc;

// Tables and kappa are also the business of two readers of a case, so that they live there.
pub use crate::domain::{Confusion, Kappa, cohens_kappa};

pub use bootstrap::{Bootstrap, Clusters};
pub use calibration::{BINS, Bin, Reliability, Temperature, at_temperature, fit_temperature, reliability};
pub use class_set::{ClassSet, ClassSetError, Group};
pub use coverage::{CoveragePoint, coverage, leaving};
pub use differential::{Agreement, LEAST_WBC, PatientCounts, agreement};
pub use evaluation::{Binary, Evaluation, Flagged, Options, Sample};
pub use folds::{OverFolds, over_folds};
pub use raters::{PairAgreement, Question, Rater, Reading, pairs};
pub use results::{Answer, ClassFigures, ClassResults, Estimate};
pub use roc::{RankedScores, RocPoint};
