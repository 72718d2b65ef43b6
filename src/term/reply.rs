//! What a terminal answers to queries. Pure; the bytes are cut into sequences by the decoder.

use crate::domain::printable;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// To the graphics query of kitty's protocol: whether it can.
    Kitty {
        /// It said OK.
        ok: bool,
    },
    /// The flags of kitty's keyboard protocol: the terminal knows it.
    KeyboardFlags,
    /// Size of a character cell in px.
    CellSize {
        /// Width.
        width: u16,
        /// Height.
        height: u16,
    },
    /// Primary device attributes: what every terminal answers, and so the fence.
    Attributes {
        /// Attribute 4 is there.
        sixel: bool,
    },
    /// Name and version, safe to print.
    Version(String),
    /// The colour that was set as a 24 bit one a moment before: kept as it was or not.
    Truecolor(bool),
    /// An answer to something else.
    Other,
}

impl Reply {
    /// A control sequence's meaning as an answer; `None`: it is a key.
    pub fn of_csi(parameters: &str, finish: u8) -> Option<Self> {
        let mut numbers = parameters.trim_start_matches(['?', '>', '<', '=']).split(';').map(|n| n.parse::<u16>().ok());
        match (parameters.bytes().next(), finish) {
            (Some(b'?'), b'c') => Some(Self::Attributes { sixel: numbers.skip(1).any(|n| n == Some(4)) }),
            (Some(b'?'), b'u') => Some(Self::KeyboardFlags),
            (_, b't') => {
                let mut next = || numbers.next().flatten();
                let size = (next(), next(), next());
                match size {
                    // 1 to 255 px: what lies outside is no font.
                    (Some(6), Some(height @ 1..=255), Some(width @ 1..=255)) => Some(Self::CellSize { width, height }),
                    _ => Some(Self::Other),
                }
            }
            // Cursor position reports; F3 with a modifier looks the same, and is not bound.
            (Some(_), b'R') | (_, b'n' | b'c' | b'y') => Some(Self::Other),
            (Some(b'?' | b'>' | b'<' | b'='), _) => Some(Self::Other),
            _ if parameters.bytes().any(|b| (0x20..0x30).contains(&b)) => Some(Self::Other),
            _ => None,
        }
    }

    /// The meaning of a control string less its ESC and its end: `_Gi=31;OK`, `P>|kitty(0.36.4)`.
    pub fn of_string(string: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(string);
        if let Some(graphics) = text.strip_prefix("_G") {
            let (keys, message) = graphics.split_once(';').unwrap_or((graphics, ""));
            let ours = keys.split(',').any(|k| k.strip_prefix("i=").and_then(|i| i.parse().ok()) == Some(super::probe::KITTY_QUERY_ID));
            return Some(if ours { Self::Kitty { ok: message == "OK" } } else { Self::Other });
        }
        if let Some(version) = text.strip_prefix("P>|") {
            let version: String = version.chars().take(80).collect();
            return Some(Self::Version(printable(version.trim()).into_owned()));
        }
        // DECRQSS for SGR: the colour comes back as 48:2::1:2:3, 48:2:1:2:3 or 48;2;1;2;3, or as the nearest of the palette.
        if let Some(setting) = text.strip_prefix("P1$r").and_then(|s| s.strip_suffix('m')) {
            let kept = setting.contains("48:2::1:2:3") || setting.contains("48:2:1:2:3") || setting.contains("48;2;1;2;3");
            return Some(Self::Truecolor(kept));
        }
        Some(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_real_terminals_are_understood() {
        let csi = Reply::of_csi;
        assert_eq!(csi("?62;22;52", b'c'), Some(Reply::Attributes { sixel: false }));
        assert_eq!(csi("?62;4;22", b'c'), Some(Reply::Attributes { sixel: true }));
        assert_eq!(csi("?4", b'c'), Some(Reply::Attributes { sixel: false }), "the first number is the class of the device");
        assert_eq!(csi("?1;2", b'c'), Some(Reply::Attributes { sixel: false }));
        assert_eq!(csi("?0", b'u'), Some(Reply::KeyboardFlags));
        assert_eq!(csi("6;20;10", b't'), Some(Reply::CellSize { width: 10, height: 20 }));
        assert_eq!(csi("6;0;0", b't'), Some(Reply::Other));
        assert_eq!(csi("97;5", b'u'), None, "a key");
        assert_eq!(csi("1;5", b'A'), None, "a key");
        let string = |text: &str| Reply::of_string(text.as_bytes());
        assert_eq!(string("_Gi=31;OK"), Some(Reply::Kitty { ok: true }));
        assert_eq!(string("_Gi=31;ENOTSUPPORTED:x"), Some(Reply::Kitty { ok: false }));
        assert_eq!(string("_Gi=7;OK"), Some(Reply::Other));
        assert_eq!(string("P>|kitty(0.36.4)"), Some(Reply::Version("kitty(0.36.4)".into())));
        assert_eq!(string("P>|a\u{1}b"), Some(Reply::Version("a\\u{1}b".into())));
        assert_eq!(string("P1$r0;48:2::1:2:3m"), Some(Reply::Truecolor(true)));
        assert_eq!(string("P1$r0;48:5:16m"), Some(Reply::Truecolor(false)));
        assert_eq!(string("]11;rgb:0000/0000/0000"), Some(Reply::Other));
    }
}
