//! The terminal: the guard that restores it, what it can do, what it tells us, and the bytes of pictures.
//!
//! Planned interface (being filled in):
//!
//! ```text
//! Session::enter(&SessionOptions{graphics: GraphicsChoice}) -> Result<Session, TermError>
//! session.capabilities() -> &Capabilities{colours: ColourDepth, graphics: Graphics, cell_px: Option<(u16,u16)>, keyboard_events: bool, ..}
//! session.picture_mode() -> PictureMode
//! session.notice() -> Option<&str>                     what the user should know of the start (keys dropped, ...)
//! session.draw(|frame| -> Option<WantedPicture>) -> Result<u64 /*bytes*/, TermError>
//! session.mark_typed_ahead() -> Result<(), TermError>  after a draw that painted another cell
//! session.poll(timeout) -> Result<Option<TermEvent>, TermError>
//! session.signal() -> Option<Signal>
//! session.suspend() -> Result<(), TermError>           Ctrl-Z
//! session.bytes_written() -> u64
//! ```

mod event;

pub use crate::ui::picture::{ColourDepth, HalfBlock, PictureMode, WantedPicture};
pub use event::{KeyKind, Signal, TermEvent};
