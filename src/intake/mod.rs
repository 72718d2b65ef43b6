//! From folders of image files to cases: finding, hashing, decoding with limits, labels and scales.
//!
//! Nothing is stored here. Whatever does not become part of a case is named with its reason; one bad file never stops the
//! rest. [`decode`] is the one way in which the program turns a file's bytes into pixels.

mod alpha;
mod annotations;
mod decode;
mod depth;
mod foreign;
mod frames;
mod jpeg;
mod labels;
mod layout;
mod list;
mod load;
mod mask;
mod own_scale;
mod phantom;
mod progress;
mod read;
mod scan;
mod skip;
mod text;
mod thumbnail;
mod tiff;
mod truncated;
mod twice;

pub use annotations::{Annotation, Annotations};
pub use decode::decode;
pub use labels::{ANNOTATIONS, PlacedImage, PlacedImages, placed_images};
pub use layout::{LayoutChoice, ParseLayoutError};
pub use list::{Listing, list, walk};
pub use load::{CellImage, load};
pub use own_scale::own_scale;
pub use progress::{Progress, Silent};
pub use read::{Limits, ReadImage, Reason, read_image};
pub use scan::{IntakeError, ScanOptions, scan};
pub use text::{LIST_BYTES, SETTINGS_BYTES, TextProblem, read_bytes, read_text};
pub use thumbnail::thumbnail;
