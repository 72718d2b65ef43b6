//! Work off the UI thread: pictures for the screen, and predictions.
//!
//! Knows no terminal. Each job is one thread with a mailbox in which the newest request replaces the waiting one;
//! results are fetched by the UI thread when it comes around.

mod cache;
mod load;
mod pictures;
mod predictions;

pub use load::{CaseFolder, Loader, read_frame};
pub use pictures::PictureDesk;
pub use predictions::{Classifier, ClassifierSettings, Report};
