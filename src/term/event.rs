//! What the terminal tells the program.

use crate::keymap::Key;

/// How a key moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// It went down.
    Press,
    /// It is being held. Found by timing where the terminal does not say so. Never decides.
    Repeat,
    /// It came up. Never decides.
    Release,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermEvent {
    /// A key moved.
    Key {
        /// The key.
        key: Key,
        /// How it moved.
        kind: KeyKind,
        /// It was typed before the last frame marked by `Session::mark_typed_ahead` was on screen: such a key must not
        /// decide.
        ahead: bool,
    },
    /// Text was pasted. Never decides.
    Paste(String),
    /// The screen has this many columns and rows now.
    Resize(u16, u16),
}

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGINT from outside; Ctrl-C is a key.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGQUIT: Ctrl-\ on another terminal, `kill -QUIT`.
    Quit,
}
