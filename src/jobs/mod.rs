//! Work off the UI thread: pictures for the screen, with a map over them or not, and predictions.
//!
//! Knows no terminal. Each job is one thread with a mailbox in which the newest request replaces the waiting one;
//! results are fetched by the UI thread when it comes around.

mod cache;
mod desks;
mod explained;
mod load;
mod pictures;
mod predictions;

pub use desks::Desks;
pub use load::{CaseFolder, Loader, read_frame};
pub use pictures::{PictureDesk, PrepareHook};
pub use predictions::{Classifier, ClassifierSettings, Report};
