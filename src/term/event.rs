//! What the terminal tells the program.

use std::time::Instant;

use crate::keymap::Key;

/// How a key moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// It went down.
    Press,
    /// It is being held, and the terminal says so. Never decides.
    Repeat,
    /// It came up. Never decides.
    Release,
}

/// When bytes came: at some time from `from` to `to`. Whoever was busy elsewhere does not know it better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Not before this: there was nothing to read then.
    pub from: Instant,
    /// Not after this: they have been read.
    pub to: Instant,
}

impl Arrival {
    /// At just that time.
    pub fn at(time: Instant) -> Self {
        Self { from: time, to: time }
    }
}

/// What a terminal tells of a moved key beside the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Detail {
    /// The character that it types, where that is another one than the key's: Caps Lock makes none of it a command.
    pub text: Option<char>,
    /// The key in the same place of a Latin keyboard, where the terminal knows.
    pub base: Option<Key>,
    /// The terminal says that Caps Lock is on.
    pub caps_lock: bool,
    /// It came at once with others, faster than fingers are: text that was pasted without a mark, or the rest of something.
    /// Never decides.
    pub crowded: bool,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermEvent {
    /// A key moved.
    Key {
        /// The key, read as if Caps Lock were off.
        key: Key,
        /// How it moved.
        kind: KeyKind,
        /// It was typed before the last frame marked by `Session::mark_typed_ahead` was on screen: such a key must not
        /// decide.
        ahead: bool,
        /// What else is known of it.
        detail: Detail,
        /// When it came.
        at: Arrival,
    },
    /// Text was pasted. Never decides.
    Paste(String),
    /// The rest of a sequence that had been broken off long before; keys may have been lost in it. Never decides.
    Broken,
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
