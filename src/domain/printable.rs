//! Makes text that came from outside safe to put on a terminal.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// So many marks (accents, vowel signs) may stand on one letter; no script needs more, and piles of them cover other lines.
const MOST_MARKS: usize = 8;

/// The text with every character that could steer a terminal or reorder what it shows made visible.
///
/// C0 and C1 controls, DEL, the line and paragraph separators, and the bidirectional and zero-width formatting
/// characters become `\u{..}` escapes, and so do marks that are piled up on one letter; everything else stays. A
/// backslash is left alone, and so is what joins the letters of a word where their script needs it: the result is for reading, not for parsing back.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hidden()) {
        return Cow::Borrowed(text);
    }
    let mut is_hidden = hidden();
    let mut before = None;
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len() + 8);
    while let Some(c) = chars.next() {
        let joins = super::person::joins(before.replace(c), c, chars.peek().copied());
        if is_hidden(c) && !joins {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a character of a text, one after the other, is made visible.
fn hidden() -> impl FnMut(char) -> bool {
    let mut marks = 0;
    move |c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        steers(c) || marks > MOST_MARKS
    }
}

/// Whether a character could steer a terminal or reorder what it shows, or is none: XML and PDF may not hold U+FFFE and its kind.
pub fn steers(c: char) -> bool {
    c.is_control()
        || (c as u32 & 0xfffe) == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// The same of several lines, whose breaks stay.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
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
        assert_eq!(printable(&("Z".to_owned() + &"\u{301}".repeat(10))).matches("\\u{301}").count(), 2);
        assert_eq!(printable("علی\u{200c}رضا a\u{200c}b"), "علی\u{200c}رضا a\\u{200c}b");
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }
}
