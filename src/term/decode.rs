//! Bytes from the terminal to keys, pastes and replies. Pure: what time it is is said by the caller.
//!
//! One decoder serves the probe and the session after it, so a reply that comes late or in pieces is still a reply and
//! never a row of keys. Knows the keys of xterm and its kin, the Linux console and kitty's keyboard protocol.
//!
//! A sequence that is broken off stays a sequence: after a while nothing is expected of it any more, but what comes is
//! still read by its grammar, up to its end, and means nothing. Only after [`GIVE_UP`] bytes are keys again; Esc ends it
//! at once.

mod csi;
mod escape;

use std::time::{Duration, Instant};

use crate::{
    keymap::{Key, KeyCode},
    term::{Detail, KeyKind, reply::Reply},
};
use escape::step;

/// How long a lone ESC is the start of a sequence; after that it is the key.
const ESC_WAIT: Duration = Duration::from_millis(40);
/// How long the rest of a sequence may take.
const SEQUENCE_WAIT: Duration = Duration::from_millis(600);
/// How long the rest of a sequence that took longer is still known for what it is, after its last byte and in all.
const GIVE_UP: Duration = Duration::from_secs(5);
const GIVE_UP_AT_LAST: Duration = Duration::from_secs(30);
/// Longest sequence that is kept; what is longer is thrown away up to its end.
const MAX_SEQUENCE: usize = 4096;
/// Longest paste that is kept.
const MAX_PASTE: usize = 64 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// A key that moved, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    /// The key.
    pub key: Key,
    /// How it moved.
    pub kind: KeyKind,
    /// What else the terminal says.
    pub detail: Detail,
}

/// Something that the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A key moved.
    Key(Stroke),
    /// Pasted text.
    Paste(String),
    /// The answer to a query.
    Reply(Reply),
    /// Something of a sequence that was broken off long before: it means nothing.
    Broken,
}

/// A sequence without a start that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Up to the final byte of a control sequence.
    Csi,
    /// Up to the end of a control string.
    String,
}

/// What the bytes at the front are.
enum Step {
    /// That many bytes, and what they mean, if anything.
    Take(usize, Option<Token>),
    /// A paste starts after that many bytes.
    Paste(usize),
    /// That many bytes, and then the rest of a sequence that cannot be read.
    Skip(usize, Rest),
    /// That many bytes of a sequence, and then another one in the middle of it.
    Interrupted(usize, Rest),
    /// The start of something.
    More,
}

/// The decoder; keeps what is incomplete.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// Inside a sequence whose start was thrown away.
    skipping: Option<Rest>,
    /// A sequence in the middle of which the pending one came.
    interrupted: Option<Rest>,
    /// Nothing is expected any more of what is incomplete: since when.
    stale: Option<Instant>,
    /// A lone ESC was taken for the key then; it may have been the start of a sequence.
    escaped: Option<Instant>,
    /// What is pending is an ESC that was the key, and an `O` that may start a sequence or be the key as well.
    doubtful: bool,
    last_byte: Option<Instant>,
}

impl Decoder {
    /// Takes bytes in and adds what they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<Token>) {
        let Some(&first) = bytes.first() else { return };
        self.last_byte = Some(now);
        self.doubtful = false;
        let escaped = self.escaped.take().is_some_and(|at| now.saturating_duration_since(at) < GIVE_UP);
        if escaped && self.is_idle() && b"[]_^PXO\\".contains(&first) {
            // The ESC came too long before its sequence, and was taken for the key.
            self.pending.push(0x1b);
            self.stale = Some(now);
            self.doubtful = bytes == b"O";
        }
        // Whatever follows the end of something that began before came at once with it, and not of a finger.
        let continues = !self.is_idle();
        let mut loose = false;
        self.pending.extend_from_slice(bytes);
        loop {
            if self.paste.is_some() {
                match self.take_paste() {
                    Some(token) => out.push(token),
                    None => return,
                }
                loose = continues;
            }
            if let Some(rest) = self.skipping {
                let (taken, ended) = escape::skip(rest, &self.pending);
                if taken > 0 {
                    out.push(Token::Broken);
                    self.pending.drain(..taken);
                }
                if !ended {
                    return;
                }
                (self.skipping, self.stale) = (None, None);
                loose = continues;
            }
            if escape::spell_out(&mut self.pending) {
                self.escaped = Some(now);
            }
            match step(&self.pending) {
                Step::Take(n, token) => {
                    if n == 1 && self.pending[0] == 0x1b {
                        self.escaped = Some(now);
                    }
                    self.pending.drain(..n);
                    match self.stale.take() {
                        Some(_) => out.push(Token::Broken),
                        None => out.extend(token.map(|token| if loose { crowded(token) } else { token })),
                    }
                    loose = continues;
                    self.go_on_skipping(now);
                }
                Step::Paste(n) => {
                    self.pending.drain(..n);
                    (self.paste, self.stale, self.interrupted) = (Some(Vec::new()), None, None);
                }
                Step::Skip(n, rest) => {
                    self.pending.drain(..n);
                    self.skipping = Some(rest);
                    self.stale.get_or_insert(now);
                }
                Step::Interrupted(n, rest) => {
                    self.pending.drain(..n);
                    (self.interrupted, self.stale) = (Some(rest), None);
                }
                Step::More => return,
            }
        }
    }

    /// When [`Decoder::expire`] has something to do if no byte comes before; `None`: nothing is incomplete.
    pub fn deadline(&self) -> Option<Instant> {
        let last = self.last_byte?;
        let given_up = self.given_up();
        if self.doubtful || self.is_lone_escape() {
            return Some(last + ESC_WAIT);
        }
        match (&self.paste, given_up) {
            // What was pasted since is shown while its end is waited for.
            (Some(text), Some(end)) if !text.is_empty() || !PASTE_END.starts_with(&self.pending) => {
                Some(end.min(last + SEQUENCE_WAIT))
            }
            (_, Some(end)) => Some(end),
            (Some(_), None) => Some(last + SEQUENCE_WAIT),
            (None, None) => (!self.is_idle()).then_some(last + SEQUENCE_WAIT),
        }
    }

    /// Gives up on what is incomplete, if it is time: a lone ESC was the key, the rest of a sequence is nothing from now on.
    pub fn expire(&mut self, now: Instant, out: &mut Vec<Token>) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        let given_up = self.given_up().is_some_and(|end| now >= end);
        if let Some(paste) = &mut self.paste {
            if given_up || !PASTE_END.starts_with(&self.pending) {
                paste.append(&mut self.pending);
            }
            if !paste.is_empty() {
                out.push(Token::Paste(String::from_utf8_lossy(paste).into_owned()));
                paste.clear();
            }
            if given_up {
                self.reset();
            } else {
                self.stale.get_or_insert(now);
            }
        } else if self.doubtful {
            let key = self.pending.last().copied().map(|b| press(Key::char(char::from(b))));
            self.reset();
            out.extend(key);
        } else if self.is_lone_escape() {
            self.reset();
            self.escaped = Some(now);
            out.push(press(Key::plain(KeyCode::Esc)));
        } else if given_up || self.pending.first() != Some(&0x1b) {
            // Half a character, or nobody knows any more.
            self.reset();
        } else {
            self.stale = Some(now);
        }
    }

    /// When what is incomplete is not known any more for what it is.
    fn given_up(&self) -> Option<Instant> {
        let since = self.stale?;
        let last = self.last_byte.map_or(since, |last| last.max(since));
        Some((last + GIVE_UP).min(since + GIVE_UP_AT_LAST))
    }

    /// Whether there is nothing but an ESC, or one that came after nothing was expected any more.
    fn is_lone_escape(&self) -> bool {
        let late = self.stale.is_some_and(|since| self.last_byte.is_some_and(|last| last > since));
        self.paste.is_none() && self.pending.last() == Some(&0x1b) && (late || self.pending.len() == 1)
    }

    /// Whether nothing at all is incomplete.
    fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.paste.is_none() && self.skipping.is_none()
    }

    /// How many bytes are kept.
    pub fn kept(&self) -> usize {
        self.pending.len() + self.paste.as_ref().map_or(0, Vec::len)
    }

    fn reset(&mut self) {
        *self = Self { last_byte: self.last_byte, ..Self::default() };
    }

    /// Back into the sequence in the middle of which another one came.
    fn go_on_skipping(&mut self, now: Instant) {
        if let Some(rest) = self.interrupted.take() {
            (self.skipping, self.stale) = (Some(rest), Some(now));
        }
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
        self.stale = None;
        let text = self.paste.take()?;
        Some(Token::Paste(String::from_utf8_lossy(&text).into_owned()))
    }
}

/// The same key, that decides nothing.
fn crowded(token: Token) -> Token {
    match token {
        Token::Key(stroke) => Token::Key(Stroke { detail: Detail { crowded: true, ..stroke.detail }, ..stroke }),
        other => other,
    }
}

fn press(key: Key) -> Token {
    Token::Key(Stroke { key: key.normalised(), kind: KeyKind::Press, detail: Detail::default() })
}

#[cfg(test)]
mod tests;
