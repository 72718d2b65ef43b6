//! Bytes from the terminal to keys, pastes and replies. Pure.
//!
//! One decoder serves the probe and the session after it, so a reply that comes late or in pieces is still a reply and
//! never a row of keys. Knows the keys of xterm and its kin, the Linux console and kitty's keyboard protocol.

mod csi;

use std::time::Duration;

use crate::{
    keymap::{Key, KeyCode},
    term::{KeyKind, reply::Reply},
};

/// How long a lone ESC is the start of a sequence; after that it is the key.
const ESC_WAIT: Duration = Duration::from_millis(40);
/// How long the rest of a sequence may take.
const SEQUENCE_WAIT: Duration = Duration::from_millis(600);
/// Longest sequence that is kept; what is longer is thrown away up to its end.
const MAX_SEQUENCE: usize = 4096;
/// Longest paste that is kept.
const MAX_PASTE: usize = 64 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Something that the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A key moved.
    Key(Key, KeyKind),
    /// Pasted text.
    Paste(String),
    /// The answer to a query.
    Reply(Reply),
}

/// What the bytes at the front are.
enum Step {
    /// That many bytes, and what they mean, if anything.
    Take(usize, Option<Token>),
    /// A paste starts after that many bytes.
    Paste(usize),
    /// A control string that is too long to keep.
    Overlong,
    /// The start of something.
    More,
}

/// The decoder; keeps what is incomplete.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// Inside a control string whose start was thrown away.
    skipping: bool,
}

impl Decoder {
    /// Takes bytes in and adds what they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Token>) {
        self.pending.extend_from_slice(bytes);
        loop {
            if self.paste.is_some() {
                match self.take_paste() {
                    Some(token) => out.push(token),
                    None => return,
                }
            }
            if self.skipping {
                let end = self.pending.iter().position(|&b| b == 0x07 || b == 0x1b);
                self.pending.drain(..end.unwrap_or(self.pending.len()));
                self.skipping = end.is_none();
                if self.pending.first() == Some(&0x07) {
                    self.pending.remove(0);
                }
            }
            match step(&self.pending) {
                Step::Take(n, token) => {
                    self.pending.drain(..n);
                    out.extend(token);
                }
                Step::Paste(n) => {
                    self.pending.drain(..n);
                    self.paste = Some(Vec::new());
                }
                Step::Overlong => {
                    self.pending.clear();
                    self.skipping = true;
                    return;
                }
                Step::More => return,
            }
        }
    }

    /// How long to wait for more bytes before [`Decoder::expire`]; `None`: nothing is incomplete.
    pub fn patience(&self) -> Option<Duration> {
        match (self.pending.as_slice(), &self.paste) {
            (_, Some(_)) => Some(SEQUENCE_WAIT),
            ([], None) if self.skipping => Some(SEQUENCE_WAIT),
            ([], None) => None,
            ([0x1b], None) => Some(ESC_WAIT),
            _ => Some(SEQUENCE_WAIT),
        }
    }

    /// Gives up on what is incomplete: a lone ESC was the key, the rest was nothing.
    pub fn expire(&mut self, out: &mut Vec<Token>) {
        if let Some(paste) = self.paste.take() {
            out.push(Token::Paste(String::from_utf8_lossy(&paste).into_owned()));
        } else if self.pending == [0x1b] {
            out.push(press(Key::plain(KeyCode::Esc)));
        }
        self.pending.clear();
        self.skipping = false;
    }

    /// Moves pasted bytes out of the way; the paste itself once it is complete.
    fn take_paste(&mut self) -> Option<Token> {
        let paste = self.paste.as_mut()?;
        let end = self.pending.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // The last bytes may be the start of the end mark.
        let text = end.unwrap_or(self.pending.len().saturating_sub(PASTE_END.len() - 1));
        let room = MAX_PASTE.saturating_sub(paste.len());
        paste.extend_from_slice(&self.pending[..text.min(room)]);
        self.pending.drain(..text);
        end?;
        self.pending.drain(..PASTE_END.len());
        let text = self.paste.take()?;
        Some(Token::Paste(String::from_utf8_lossy(&text).into_owned()))
    }
}

fn press(key: Key) -> Token {
    Token::Key(key.normalised(), KeyKind::Press)
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::More,
        [0x1b, rest @ ..] => escape(rest),
        [byte, ..] if *byte < 0x20 || *byte == 0x7f => Step::Take(1, control(*byte).map(press)),
        _ => match character(bytes) {
            Character::Whole(c, n) => Step::Take(n, (!c.is_control()).then(|| press(Key::char(c)))),
            Character::Start => Step::More,
            Character::Broken => Step::Take(1, None),
        },
    }
}

/// What follows an ESC.
fn escape(rest: &[u8]) -> Step {
    let Some(&first) = rest.first() else { return Step::More };
    match first {
        b'[' => csi::step(rest),
        b'O' => match rest.get(1) {
            None => Step::More,
            Some(&letter) => match csi::letter(letter) {
                Some(code) => Step::Take(3, Some(press(Key::plain(code)))),
                None => Step::Take(2, None),
            },
        },
        b'P' | b'_' | b']' | b'^' | b'X' => string(rest),
        0x1b => Step::Take(1, Some(press(Key::plain(KeyCode::Esc)))),
        // The end of a string whose start was given up.
        b'\\' => Step::Take(2, None),
        byte if byte < 0x20 || byte == 0x7f => Step::Take(2, control(byte).map(|key| press(Key { alt: true, ..key }))),
        _ => match character(rest) {
            Character::Whole(c, n) => Step::Take(n + 1, (!c.is_control()).then(|| press(Key { alt: true, ..Key::char(c) }))),
            Character::Start => Step::More,
            Character::Broken => Step::Take(2, None),
        },
    }
}

/// A control string (APC, DCS, OSC, PM, SOS) up to ST or BEL; `rest` starts after the ESC.
fn string(rest: &[u8]) -> Step {
    let end = rest.iter().position(|&b| b == 0x07 || b == 0x1b);
    match end {
        Some(end) if rest[end] == 0x07 => Step::Take(end + 2, Reply::of_string(&rest[..end]).map(Token::Reply)),
        Some(end) => match rest.get(end + 1) {
            None => Step::More,
            Some(b'\\') => Step::Take(end + 3, Reply::of_string(&rest[..end]).map(Token::Reply)),
            // Broken off by another sequence.
            Some(_) => Step::Take(end + 1, None),
        },
        None if rest.len() > MAX_SEQUENCE => Step::Overlong,
        None => Step::More,
    }
}

/// A C0 control as a key.
fn control(byte: u8) -> Option<Key> {
    Some(match byte {
        0 => Key::ctrl(' '),
        b'\r' | b'\n' => Key::plain(KeyCode::Enter),
        b'\t' => Key::plain(KeyCode::Tab),
        0x08 | 0x7f => Key::plain(KeyCode::Backspace),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        // Ctrl with punctuation: no two terminals agree.
        _ => return None,
    })
}

enum Character {
    Whole(char, usize),
    Start,
    Broken,
}

fn character(bytes: &[u8]) -> Character {
    let length = match bytes[0] {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Character::Broken,
    };
    let have = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(have) {
        Ok(text) => text.chars().next().map_or(Character::Broken, |c| Character::Whole(c, length)),
        // `error_len` is missing exactly when more bytes could still make it a character.
        Err(error) if error.error_len().is_none() => Character::Start,
        Err(_) => Character::Broken,
    }
}

#[cfg(test)]
mod tests;
