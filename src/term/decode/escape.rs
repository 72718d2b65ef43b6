//! The grammar of what terminals send: characters, controls, what begins with an ESC, and what is skipped.

use super::{MAX_SEQUENCE, Rest, Step, Token, csi, press};
use crate::{
    keymap::{Key, KeyCode},
    term::reply::Reply,
};

/// CAN and SUB: they end any sequence.
const ABORTS: [u8; 2] = [0x18, 0x1a];

/// What the bytes at the front are.
pub(super) fn step(bytes: &[u8]) -> Step {
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

/// The ESC and letter that an 8-bit control stands for, where it starts a sequence, and how many bytes it has: one by
/// itself, two as a character of UTF-8.
fn eight_bit(bytes: &[u8]) -> Option<([u8; 2], usize)> {
    let (byte, taken) = match bytes {
        [0xc2, byte, ..] => (*byte, 2),
        [byte, ..] => (*byte, 1),
        [] => return None,
    };
    starts(byte).then(|| ([0x1b, byte - 0x40], taken))
}

/// Whether a byte is an 8-bit control that starts a sequence.
pub(super) fn starts(byte: u8) -> bool {
    matches!(byte, 0x8f | 0x90 | 0x98 | 0x9b | 0x9d..=0x9f)
}

/// Writes an 8-bit control at the front as the sequence that it stands for; whether it came right after an ESC, which was the
/// start of something else.
pub(super) fn spell_out(pending: &mut Vec<u8>) -> bool {
    let after_escape = pending.first() == Some(&0x1b) && eight_bit(&pending[1..]).is_some();
    if after_escape {
        pending.remove(0);
    }
    if let Some((letters, taken)) = eight_bit(pending) {
        pending.splice(..taken, letters);
    }
    after_escape
}

/// What follows an ESC.
fn escape(rest: &[u8]) -> Step {
    let Some(&first) = rest.first() else { return Step::More };
    match first {
        b'[' => csi::step(rest),
        b'O' => shifted(rest),
        b'P' | b'_' | b']' | b'^' | b'X' => string(rest),
        0x1b => Step::Take(1, Some(press(Key::plain(KeyCode::Esc)))),
        // The end of a string whose start was given up.
        b'\\' => Step::Take(2, None),
        byte if byte < 0x20 || byte == 0x7f => Step::Take(2, control(byte).map(|key| press(Key { alt: true, ..key }))),
        _ => match character(rest) {
            Character::Whole(c, n) => {
                Step::Take(n + 1, (!c.is_control()).then(|| press(Key { alt: true, ..Key::char(c) })))
            }
            Character::Start => Step::More,
            Character::Broken => Step::Take(2, None),
        },
    }
}

/// A key of the keypad or a function key, `ESC O letter`; old terminals put modifiers before the letter.
fn shifted(rest: &[u8]) -> Step {
    let body = &rest[1..];
    let Some(end) = body.iter().position(|b| !(0x30..=0x3f).contains(b)) else {
        return if body.len() > 8 { Step::Take(rest.len() + 1, None) } else { Step::More };
    };
    match body[end] {
        letter @ 0x40..=0x7e => {
            let code = if end == 0 { csi::letter(letter).or_else(|| keypad(letter)) } else { None };
            Step::Take(end + 3, code.map(|code| press(Key::plain(code))))
        }
        // What broke it off is looked at next.
        _ => Step::Take(end + 2, None),
    }
}

/// The keypad in application mode.
fn keypad(letter: u8) -> Option<KeyCode> {
    Some(KeyCode::Char(match letter {
        b'p'..=b'y' => char::from(letter - b'p' + b'0'),
        b'j' => '*',
        b'k' => '+',
        b'l' => ',',
        b'm' => '-',
        b'n' => '.',
        b'o' => '/',
        b'X' => '=',
        _ => return None,
    }))
}

/// Where a control string ends: BEL, ST of 8 bits, an ESC (of ST or of something else), CAN or SUB.
fn string_end(bytes: &[u8]) -> Option<usize> {
    let ends = |i: usize| match bytes[i] {
        0x07 | 0x1b => true,
        // Also a byte of some letters.
        0x9c => i == 0 || bytes[i - 1] < 0x80 || bytes[i - 1] == 0xc2,
        byte => ABORTS.contains(&byte),
    };
    (0..bytes.len()).find(|&i| ends(i))
}

/// A control string (APC, DCS, OSC, PM, SOS) up to ST or BEL; `rest` starts after the ESC.
fn string(rest: &[u8]) -> Step {
    let whole = |end: usize, taken: usize| Step::Take(taken, Reply::of_string(&rest[..end]).map(Token::Reply));
    match string_end(rest) {
        Some(end) if rest[end] == 0x1b => match rest.get(end + 1) {
            None => Step::More,
            Some(b'\\') => whole(end, end + 3),
            Some(_) => Step::Interrupted(end + 1, Rest::String),
        },
        Some(end) if ABORTS.contains(&rest[end]) => Step::Take(end + 2, None),
        Some(end) => whole(end, end + 2),
        None if rest.len() > MAX_SEQUENCE => Step::Skip(rest.len() + 1, Rest::String),
        None => Step::More,
    }
}

/// How many bytes belong to a sequence that cannot be read, and whether it ends with them.
pub(super) fn skip(rest: Rest, bytes: &[u8]) -> (usize, bool) {
    let end = match rest {
        Rest::String => string_end(bytes),
        Rest::Csi => bytes.iter().position(|b| matches!(b, 0x40..=0x7e | 0x1b) || starts(*b) || ABORTS.contains(b)),
    };
    match end {
        None => (bytes.len(), false),
        // Another sequence is looked at next.
        Some(end) if bytes[end] == 0x1b || (rest == Rest::Csi && starts(bytes[end])) => (end, true),
        Some(end) => (end + 1, true),
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
