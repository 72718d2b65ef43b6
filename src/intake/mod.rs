//! From folders of image files to cases: finding, hashing, decoding with limits, labels and scales.
//!
//! Nothing is stored here. Whatever does not become part of a case is named with its reason; one bad file never stops the
//! rest. [`decode`] is the one way in which the program turns a file's bytes into pixels.

mod annotations;
mod decode;
mod frames;
mod layout;
mod list;
mod progress;
mod read;
mod scan;
mod text;
mod thumbnail;
mod truncated;

pub use annotations::{Annotation, Annotations};
pub use decode::decode;
pub use layout::{LayoutChoice, ParseLayoutError};
pub use list::{Listing, list, walk};
pub use progress::{Progress, Silent};
pub use read::{Limits, ReadImage, Reason, read_image};
pub use scan::{IntakeError, ScanOptions, scan};
pub use text::{LIST_BYTES, SETTINGS_BYTES, TextProblem, read_text};
pub use thumbnail::thumbnail;
