//! A key, and how it is written in `keymap.toml`.
//!
//! Only keys that every terminal reports the same way can be written; the others are refused with the key that
//! terminals send instead. Turning bytes into keys is [`crate::term`]'s business.

use std::{fmt, str::FromStr};

/// What was pressed, less its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// A character; the space bar is `Char(' ')`.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab, which terminals report as a key of its own.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// F1 to F12.
    F(u8),
}

/// Names of the keys that are no plain character: canonical one first, then what else is understood.
const NAMES: [(KeyCode, &[&str]); 16] = [
    (KeyCode::Char(' '), &["space", "spacebar"]),
    (KeyCode::Enter, &["enter", "return"]),
    (KeyCode::Esc, &["esc", "escape"]),
    (KeyCode::Tab, &["tab"]),
    (KeyCode::Backspace, &["backspace"]),
    (KeyCode::Delete, &["delete", "del"]),
    (KeyCode::Insert, &["insert", "ins"]),
    (KeyCode::Home, &["home"]),
    (KeyCode::End, &["end"]),
    (KeyCode::PageUp, &["pageup", "pgup", "page-up"]),
    (KeyCode::PageDown, &["pagedown", "pgdn", "page-down"]),
    (KeyCode::Up, &["up"]),
    (KeyCode::Down, &["down"]),
    (KeyCode::Left, &["left"]),
    (KeyCode::Right, &["right"]),
    (KeyCode::BackTab, &["shift-tab", "backtab"]),
];

/// A key with its modifiers, in the one form that stands for everything terminals send for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What was pressed.
    pub code: KeyCode,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift; never for characters, which already are what Shift made of them.
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A character.
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// What a terminal without any extension would report for this: Ctrl-I is Tab, Shift-G is `G`, Ctrl-Enter is Enter.
    ///
    /// So a key means the same everywhere, whatever a terminal is able to tell apart.
    #[must_use]
    pub fn normalised(self) -> Self {
        let mut key = self;
        match key.code {
            KeyCode::Char(c) => {
                key.shift = false;
                if key.ctrl {
                    let (code, ctrl) = match c.to_ascii_lowercase() {
                        'i' => (KeyCode::Tab, false),
                        'm' | 'j' => (KeyCode::Enter, false),
                        'h' | '?' => (KeyCode::Backspace, false),
                        '[' => (KeyCode::Esc, false),
                        '@' | ' ' => (KeyCode::Char(' '), true),
                        lower if lower.is_ascii_lowercase() => (KeyCode::Char(lower), true),
                        _ => (KeyCode::Char(c), false),
                    };
                    (key.code, key.ctrl) = (code, ctrl);
                }
            }
            KeyCode::Tab if key.shift => key = Self { alt: key.alt, ..Self::plain(KeyCode::BackTab) },
            KeyCode::Enter | KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab | KeyCode::Backspace => {
                (key.shift, key.ctrl) = (false, false);
            }
            _ => {}
        }
        key
    }

    /// A short sign for the footer: arrows as arrows, everything else as it is written.
    pub fn label(self) -> String {
        let arrow = match self.code {
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            _ => return self.to_string(),
        };
        format!("{}{arrow}", self.prefix())
    }

    fn prefix(self) -> String {
        let set = [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")];
        set.iter().filter(|(on, _)| *on).map(|(_, text)| *text).collect()
    }
}

impl fmt::Display for Key {
    /// As `keymap.toml` writes it; parses back to the same key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix())?;
        match (NAMES.iter().find(|(code, _)| *code == self.code), self.code) {
            (Some((_, names)), _) => f.write_str(names[0]),
            (None, KeyCode::F(n)) => write!(f, "f{n}"),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key of that name.
    #[error("unknown key `{text}`{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        /// As written.
        text: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// Terminals send something else for it.
    #[error("terminals cannot tell `{text}` from `{same}`; write `{same}`")]
    SameAs {
        /// As written.
        text: String,
        /// The key that it cannot be told from.
        same: String,
    },
    /// Terminals send the start of an escape sequence for it.
    #[error("terminals send the start of an escape sequence for `{0}`; choose another key")]
    Escape(String),
}

/// `; did you mean ...?`, or nothing.
pub(super) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|s| format!("; did you mean `{s}`?")).unwrap_or_default()
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let unknown = || KeyError::Unknown { text: text.to_owned(), suggestion: suggest(text) };
        let (mut key, mut rest) = (Self::plain(KeyCode::Esc), text);
        // What follows a modifier may be `-` itself, hence the look at what would be left.
        while let Some((flag, tail)) = modifier(rest) {
            let held = match flag {
                'c' => &mut key.ctrl,
                'a' => &mut key.alt,
                _ => &mut key.shift,
            };
            if std::mem::replace(held, true) {
                return Err(unknown());
            }
            rest = tail;
        }
        key.code = match code(rest).ok_or_else(unknown)? {
            // People write Ctrl-R; terminals know no other than ctrl-r.
            KeyCode::Char(c) if key.ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        let sequence_start =
            matches!(key.code, KeyCode::Char('[' | 'O' | 'P' | ']' | '_' | '^' | 'X' | '\\') | KeyCode::Esc);
        if key.alt && sequence_start {
            return Err(KeyError::Escape(text.to_owned()));
        }
        // Shift makes another character of a character; which one only the keyboard layout knows.
        if let (KeyCode::Char(c), true, false) = (key.code, key.shift, key.ctrl)
            && c.is_lowercase()
        {
            let upper: String = c.to_uppercase().collect();
            let same = format!("{}{upper}", if key.alt { "alt-" } else { "" });
            return Err(KeyError::SameAs { text: text.to_owned(), same });
        }
        let same = key.normalised();
        if same == key { Ok(key) } else { Err(KeyError::SameAs { text: text.to_owned(), same: same.to_string() }) }
    }
}

fn modifier(text: &str) -> Option<(char, &str)> {
    if code(text).is_some() {
        return None;
    }
    let (head, tail) = text.split_once('-')?;
    let flag = match head.to_ascii_lowercase().as_str() {
        "ctrl" | "control" => 'c',
        "alt" | "meta" => 'a',
        "shift" => 's',
        _ => return None,
    };
    (!tail.is_empty()).then_some((flag, tail))
}

fn code(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse().ok()) {
        return (1..=12).contains(&n).then_some(KeyCode::F(n));
    }
    NAMES.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(code, _)| *code)
}

/// The name nearest to a mistyped one, its modifiers kept.
fn suggest(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    // `C-r`, `ctrl+r`, `^r`: ways in which other programs write it.
    let foreign = [("c-", "ctrl-"), ("m-", "alt-"), ("a-", "alt-"), ("s-", "shift-"), ("^", "ctrl-")];
    let mut candidates =
        vec![lower.replace('+', "-").replace("control-", "ctrl-"), lower.trim_matches(['<', '>']).to_owned()];
    candidates.extend(foreign.iter().filter_map(|(from, to)| {
        let tail = lower.trim_matches(['<', '>']).strip_prefix(from)?;
        (!tail.is_empty()).then(|| format!("{to}{tail}"))
    }));
    if let Some(good) = candidates.into_iter().filter(|c| *c != lower && *c != text).find(|c| c.parse::<Key>().is_ok())
    {
        return Some(good);
    }
    let (head, tail) =
        lower.rsplit_once('-').filter(|(_, tail)| !tail.is_empty()).map_or(("", lower.as_str()), |(h, t)| (h, t));
    let near = |word: &str| {
        let names = NAMES
            .iter()
            .flat_map(|(_, names)| names.iter().map(|n| (*n).to_owned()))
            .chain((1..=12).map(|n| format!("f{n}")));
        nearest(word, names)
    };
    if head.is_empty() {
        return near(tail);
    }
    let head = nearest(head, ["ctrl", "alt", "shift"].map(str::to_owned))?;
    let tail = if code(tail).is_some() { tail.to_owned() } else { near(tail)? };
    Some(format!("{head}-{tail}")).filter(|s| s.parse::<Key>().is_ok())
}

/// The word most like `text`, when it is like it at all.
pub(super) fn nearest(text: &str, words: impl IntoIterator<Item = String>) -> Option<String> {
    let scored = words.into_iter().map(|w| (strsim::damerau_levenshtein(text, &w), w));
    let best = scored.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= 1 + text.chars().count() / 3 && best.0 < text.chars().count().max(2)).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Key {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn keys_are_written_and_read_back() {
        for text in [
            "a",
            "G",
            "?",
            "/",
            "-",
            "ctrl-r",
            "alt-x",
            "space",
            "ctrl-space",
            "enter",
            "esc",
            "tab",
            "shift-tab",
            "f1",
            "f12",
            "pageup",
            "shift-left",
            "ctrl-alt-up",
            "alt--",
            "é",
            "delete",
            "backspace",
            "alt-enter",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
        assert_eq!(parsed("Return"), parsed("enter"));
        assert_eq!(parsed(" "), parsed("space"));
        assert_eq!(parsed("Ctrl-R"), parsed("ctrl-r").normalised());
        assert_eq!(parsed("right").label(), "→");
        assert_eq!(parsed("ctrl-left").label(), "ctrl-←");
    }

    #[test]
    fn what_terminals_cannot_tell_apart_is_refused_with_the_other() {
        for (text, same) in [
            ("ctrl-i", "tab"),
            ("ctrl-m", "enter"),
            ("ctrl-j", "enter"),
            ("ctrl-h", "backspace"),
            ("ctrl-[", "esc"),
            ("ctrl-?", "backspace"),
            ("ctrl-@", "ctrl-space"),
            ("shift-g", "G"),
            ("shift-space", "space"),
            ("shift-enter", "enter"),
            ("ctrl-enter", "enter"),
            ("ctrl-tab", "tab"),
            ("ctrl-1", "1"),
            ("ctrl-shift-a", "ctrl-a"),
        ] {
            let error = text.parse::<Key>().expect_err(text);
            assert_eq!(error, KeyError::SameAs { text: text.to_owned(), same: same.to_owned() });
        }
        assert!(matches!("alt-[".parse::<Key>(), Err(KeyError::Escape(_))));
    }

    #[test]
    fn a_mistyped_key_brings_a_suggestion() {
        for (text, meant) in [
            ("spcae", Some("space")),
            ("ctlr-r", Some("ctrl-r")),
            ("C-r", Some("ctrl-r")),
            ("ctrl+r", Some("ctrl-r")),
            ("<c-r>", Some("ctrl-r")),
            ("^r", Some("ctrl-r")),
            ("pgdwn", Some("pgdn")),
            ("rigth", Some("right")),
            ("f13", Some("f1")),
            ("xyzzy", None),
            ("ctrl-ctrl-a", None),
        ] {
            let error = text.parse::<Key>().expect_err(text);
            assert_eq!(error, KeyError::Unknown { text: text.to_owned(), suggestion: meant.map(str::to_owned) });
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic_and_what_parses_is_printed_back(text in ".{0,12}") {
            if let Ok(key) = text.parse::<Key>() {
                proptest::prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
                proptest::prop_assert_eq!(key.normalised(), key);
            }
        }
    }
}
