//! The terminal: the guard that restores it, what it can do, what it tells us, and the bytes of pictures.
//!
//! The only place that knows crossterm and viuer. What is drawn is the business of [`crate::ui`], what a key means of
//! [`crate::keymap`].
//!
//! The loop of an interface looks like this:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use leukoscope::term::{GraphicsChoice, Session, TermError, TermEvent};
//! # fn run() -> Result<(), TermError> {
//! let mut session = Session::enter(GraphicsChoice::Auto)?;
//! while session.signal().is_none() {
//!     session.draw(|_frame| Vec::new())?;
//!     session.mark_typed_ahead();
//!     if let Some(TermEvent::Key { .. }) = session.poll(Duration::from_millis(30))? {
//!         break;
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod capabilities;
mod decode;
mod event;
mod incoming;
mod input;
mod overlay;
mod probe;
mod reply;
mod restore;
mod screen;
mod session;
mod signals;

pub use crate::ui::picture::{ColourDepth, HalfBlock, PictureMode, WantedPicture};
pub use capabilities::{Capabilities, Environment, Graphics, GraphicsChoice};
pub use event::{Arrival, Detail, KeyKind, Signal, TermEvent};
pub use incoming::Incoming;
pub use overlay::{Change, Encoder, Overlay};
pub use screen::error_columns;
pub use session::{Session, TermError};
