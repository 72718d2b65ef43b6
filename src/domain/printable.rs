//! Makes text that came from outside safe to put on a terminal.

use std::borrow::Cow;

/// The text with every character that could steer a terminal or reorder what it shows made visible.
///
/// C0 and C1 controls, DEL, the line and paragraph separators, and the bidirectional and zero-width formatting
/// characters become `\u{..}` escapes; everything else stays. A backslash is left alone: the result is for reading,
/// not for parsing back.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a character could steer a terminal or reorder what it shows, or is none: XML and PDF may not hold U+FFFE and its kind.
pub fn steers(c: char) -> bool {
    c.is_control()
        || (c as u32 & 0xfffe) == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible_and_names_stay() {
        assert_eq!(printable("Patient_24 Müller 患者"), "Patient_24 Müller 患者");
        assert_eq!(printable("a\x1b[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(printable("a\u{9b}31mb\u{7f}\u{202e}c"), "a\\u{9b}31mb\\u{7f}\\u{202e}c");
        assert_eq!(printable("a\u{fffe}b\u{1ffff}c\u{e0041}"), "a\\u{fffe}b\\u{1ffff}c\\u{e0041}");
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }
}
