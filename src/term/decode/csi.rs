//! Control sequences: `CSI parameters final`.

use super::{MAX_SEQUENCE, Rest, Step, Stroke, Token, escape::starts, press};
use crate::{
    keymap::{Key, KeyCode},
    term::{Detail, KeyKind, reply::Reply},
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
        // None of those is a control: something else came before them.
        [b'M', rest @ ..] if rest.iter().take(3).any(|b| *b < b' ' || *b == 0xc2 || starts(*b)) => {
            let end = rest.iter().position(|b| *b < b' ' || *b == 0xc2 || starts(*b)).unwrap_or(0);
            return Step::Take(3 + end, None);
        }
        [b'M', _, _, _, ..] => return Step::Take(6, None),
        [b'M', ..] => return Step::More,
        _ => {}
    }
    let Some(end) = body.iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return if body.len() > MAX_SEQUENCE { Step::Skip(rest.len() + 1, Rest::Csi) } else { Step::More };
    };
    let finish = body[end];
    match finish {
        0x40..=0x7e => {}
        // Another sequence; 0xc2 may be the first byte of one.
        0x1b | 0xc2 => return Step::Interrupted(end + 2, Rest::Csi),
        byte if starts(byte) => return Step::Interrupted(end + 2, Rest::Csi),
        0x18 | 0x1a => return Step::Take(end + 3, None),
        // No such sequence, but its end is still to come.
        _ => return Step::Skip(end + 3, Rest::Csi),
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
    // Bits: 1 shift, 2 alt, 4 ctrl, 8 super, 16 hyper, 32 meta; 64 and 128 are the locks.
    let bits = get(1, 0).unwrap_or(1).saturating_sub(1);
    let kind = match get(1, 1).unwrap_or(1) {
        1 => KeyKind::Press,
        2 => KeyKind::Repeat,
        3 => KeyKind::Release,
        _ => return None,
    };
    let text: Option<String> = (finish == b'u')
        .then(|| fields.get(2))
        .flatten()
        .and_then(|f| f.iter().map(|c| char::from_u32((*c)?)).collect());
    let text = text.filter(|t| !t.is_empty() && !t.chars().any(char::is_control));
    let mut characters = text.iter().flat_map(|t| t.chars());
    let typed = match (characters.next(), characters.next()) {
        (typed, None) => typed,
        // Composed of several characters: text, not a key.
        (_, Some(_)) => return (kind == KeyKind::Press).then_some(Token::Paste(text?)),
    };
    let code = match finish {
        b'~' => tilde(number)?,
        // Composed, or from an input method: there is no key.
        b'u' if number == 0 => KeyCode::Char(typed?),
        b'u' => unicode(number, get(0, 1))?,
        b'Z' => KeyCode::BackTab,
        // `CSI O` and `CSI I` are focus, `CSI M` is the mouse.
        b'M' | b'O' | b'I' => return None,
        _ => letter(finish)?,
    };
    if bits & (8 | 16 | 32) != 0 {
        return None;
    }
    let (shift, ctrl, alt, caps_lock) = (bits & 1 != 0, bits & 4 != 0, bits & 2 != 0, bits & 64 != 0);
    let code = match (code, typed) {
        // What a layout makes of it, less what Caps Lock does to letters.
        (KeyCode::Char(_), Some(c)) if !caps_lock => KeyCode::Char(c),
        (KeyCode::Char(_), Some(c)) => KeyCode::Char(if shift { upper(c) } else { lower(c) }),
        (KeyCode::Char(c), None) if shift => KeyCode::Char(upper(c)),
        (other, _) => other,
    };
    let typed = match code {
        KeyCode::Char(c) if caps_lock && typed.is_none() && !ctrl && !alt => {
            Some(if shift { lower(c) } else { upper(c) })
        }
        _ => typed,
    };
    let base = get(0, 2).and_then(char::from_u32).filter(|c| c.is_ascii_graphic());
    // Which character Shift makes of another one than a letter only the layout knows.
    let base =
        base.filter(|c| !shift || c.is_ascii_alphabetic()).map(|c| if shift { c.to_ascii_uppercase() } else { c });
    let base = base.map(|c| Key { ctrl, alt, ..Key::char(c) }.normalised());
    let key = Key { code, ctrl, alt, shift: shift && code != KeyCode::BackTab }.normalised();
    let text = typed.filter(|c| key.code != KeyCode::Char(*c));
    Some(Token::Key(Stroke { key, kind, detail: Detail { text, base, caps_lock, crowded: false } }))
}

/// The capital, where it is one character.
fn upper(c: char) -> char {
    let mut capital = c.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The small letter, where it is one character.
fn lower(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => c,
    }
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
