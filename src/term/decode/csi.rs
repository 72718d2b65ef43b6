//! Control sequences: `CSI parameters final`.

use super::{MAX_SEQUENCE, Step, Token, press};
use crate::{
    keymap::{Key, KeyCode},
    term::{KeyKind, reply::Reply},
};

/// What a control sequence means; `rest` starts with the `[` after the ESC.
pub(super) fn step(rest: &[u8]) -> Step {
    let body = &rest[1..];
    // The Linux console's function keys, `ESC [ [ A`, and X10's mouse, `ESC [ M` and three bytes.
    match body {
        [b'[', letter, ..] => {
            let key = (b'A'..=b'E').contains(letter).then(|| press(Key::plain(KeyCode::F(letter - b'A' + 1))));
            return Step::Take(4, key);
        }
        [b'['] => return Step::More,
        [b'M', _, _, _, ..] => return Step::Take(6, None),
        [b'M', ..] => return Step::More,
        _ => {}
    }
    let Some(end) = body.iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return if body.len() > MAX_SEQUENCE { Step::Take(rest.len() + 1, None) } else { Step::More };
    };
    let finish = body[end];
    if !(0x40..=0x7e).contains(&finish) {
        // Not a sequence after all; what broke it off is looked at next.
        return Step::Take(end + 2, None);
    }
    let taken = end + 3;
    let Ok(parameters) = std::str::from_utf8(&body[..end]) else { return Step::Take(taken, None) };
    if (parameters, finish) == ("200", b'~') {
        return Step::Paste(taken);
    }
    let token = match Reply::of_csi(parameters, finish) {
        Some(reply) => Some(Token::Reply(reply)),
        None => key(parameters, finish),
    };
    Step::Take(taken, token)
}

/// The key that a letter after `ESC O`, or at the end of a control sequence, stands for.
pub(super) fn letter(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::Char('5'),
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        b'M' => KeyCode::Enter,
        _ => return None,
    })
}

/// `1;5:3`: fields, each with its parts.
fn fields(parameters: &str) -> Option<Vec<Vec<Option<u32>>>> {
    let part = |p: &str| if p.is_empty() { Some(None) } else { p.parse().ok().map(Some) };
    parameters.split(';').map(|field| field.split(':').map(part).collect()).collect()
}

fn key(parameters: &str, finish: u8) -> Option<Token> {
    let fields = fields(parameters)?;
    let get = |field: usize, part: usize| fields.get(field).and_then(|f| f.get(part)).copied().flatten();
    let number = get(0, 0).unwrap_or(1);
    let code = match finish {
        b'~' => tilde(number)?,
        b'u' => unicode(number, get(0, 1))?,
        b'Z' => KeyCode::BackTab,
        // `CSI O` and `CSI I` are focus, `CSI M` is the mouse.
        b'M' | b'O' | b'I' => return None,
        _ => letter(finish)?,
    };
    // Bits: 1 shift, 2 alt, 4 ctrl, 8 super, 16 hyper, 32 meta; 64 and 128 are the locks.
    let bits = get(1, 0).unwrap_or(1).saturating_sub(1);
    if bits & (8 | 16 | 32) != 0 {
        return None;
    }
    let kind = match get(1, 1).unwrap_or(1) {
        1 => KeyKind::Press,
        2 => KeyKind::Repeat,
        3 => KeyKind::Release,
        _ => return None,
    };
    let shift = bits & 1 != 0;
    let code = match code {
        KeyCode::Char(c) if shift && c.is_ascii_lowercase() => KeyCode::Char(c.to_ascii_uppercase()),
        other => other,
    };
    let key = Key { code, ctrl: bits & 4 != 0, alt: bits & 2 != 0, shift: shift && code != KeyCode::BackTab };
    Some(Token::Key(key.normalised(), kind))
}

fn tilde(number: u32) -> Option<KeyCode> {
    let f = |first: u32, n: u8| KeyCode::F((number - first) as u8 + n);
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => f(11, 1),
        17..=21 => f(17, 6),
        23..=24 => f(23, 11),
        _ => return None,
    })
}

/// Kitty's key numbers: Unicode, with the keypad in the private use area.
fn unicode(number: u32, shifted: Option<u32>) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(number - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        // Locks, media keys and modifiers by themselves.
        57344..=63743 => return None,
        _ => {
            let c = shifted.and_then(char::from_u32).or_else(|| char::from_u32(number))?;
            if c.is_control() {
                return None;
            }
            KeyCode::Char(c)
        }
    })
}
