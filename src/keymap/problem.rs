//! A problem of a keymap file, and where it is.

use std::fmt;

use crate::domain::printable;

/// A place in a text, counted from 1 as editors do; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// The start of a file.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Where the byte at `offset` stands.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// Something that a keymap file has to be rid of before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// One sentence with the remedy.
    pub message: String,
}

impl Problem {
    pub(super) fn new(file: &str, place: Place, message: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), place, message: message.to_string() }
    }
}

impl fmt::Display for Problem {
    /// `FILE:LINE:COLUMN: MESSAGE`, safe to put on a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{}:{line}:{column}: {}", printable(&self.file), printable(&self.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "a\néö\"x\n\nz";
        let at = |needle: &str| Place::of(text, text.find(needle).expect("there"));
        assert_eq!(at("a"), Place::START);
        assert_eq!(at("x"), Place { line: 2, column: 4 });
        assert_eq!(at("z"), Place { line: 4, column: 1 });
        assert_eq!(Place::of(text, 999).line, 4);
        assert_eq!(Place::of(text, 3), Place { line: 2, column: 1 }, "inside a character");
    }

    #[test]
    fn a_file_name_cannot_steer_the_terminal() {
        let problem = Problem::new("a\x1b[2J.toml", Place::START, "bad \x07");
        assert_eq!(problem.to_string(), "a\\u{1b}[2J.toml:1:1: bad \\u{7}");
    }
}
