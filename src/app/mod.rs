//! What happens: state, action, and the update that turns both into a new state and effects.
//!
//! Knows no terminal, no SQL and no file; effects are carried out by the loop in [`crate::cli`].

mod command;

pub use command::{Command, CommandDoc, Mode};
