//! The Minimal Lower Layer Protocol of HL7 (release 1): a message in a frame to a TCP address, and the acknowledgement back.
//!
//! Sockets, frames and acknowledgements live here; messages (`export/hl7`) and what becomes of them (`store/outbox.rs`) do not.

mod acknowledgement;
mod frame;
mod link;

pub use acknowledgement::{Acknowledgement, Answer};
pub use frame::{Frames, framed};
pub use link::{Link, Trouble};
