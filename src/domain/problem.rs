//! Something that a file of settings has to be rid of, with its place; all of them in a file; and what counts and ranges are said
//! to be of in such files. What else is right in a file is its reader's business.

use std::{fmt, ops::Range};

use toml::Spanned;

/// Something that a file of settings has to be rid of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// One sentence with the remedy.
    pub message: String,
}

impl FileProblem {
    /// A problem at `span`, in bytes of `text`.
    pub fn at(text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let (line, column) = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        Self { line, column, message: message.into() }
    }

    /// What the TOML reader says, with `see`, the shipped file to compare with.
    pub fn of_toml(text: &str, error: &toml::de::Error, see: &str) -> Self {
        let message = format!("{}; see {see}", error.message().replace('\n', " "));
        Self::at(text, error.span().unwrap_or(0..0), message)
    }
}

/// A text in a file of settings, with its place.
pub(super) type Text = Spanned<String>;

/// All problems of a file, while it is read.
pub(super) struct Problems<'a> {
    text: &'a str,
    found: Vec<FileProblem>,
}

impl<'a> Problems<'a> {
    /// None yet.
    pub fn of(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// One at `span`, in bytes of the text.
    pub fn add(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.found.push(FileProblem::at(self.text, span, message));
    }

    /// Files of settings have one form so far.
    pub fn check_schema(&mut self, schema: &Spanned<u32>) {
        if *schema.get_ref() != 1 {
            self.add(schema.span(), "this program reads schema 1");
        }
    }

    /// What a table at `span` is of, by `of` or by `classes`.
    pub fn counted(
        &mut self,
        span: Range<usize>,
        of: Option<Text>,
        classes: Option<Spanned<Vec<Text>>>,
    ) -> Option<Counted> {
        let of = match (of, classes) {
            (None, Some(classes)) => return Some(Counted::Classes(classes)),
            (Some(of), None) => of,
            _ => {
                self.add(span, "give either `of` or `classes`");
                return None;
            }
        };
        match of.get_ref().as_str() {
            "blasts" => Some(Counted::Blasts),
            "nrbc" => Some(Counted::Nrbc),
            "smudge" => Some(Counted::Smudge),
            _ => {
                self.add(of.span(), "of is \"blasts\", \"nrbc\" or \"smudge\"; name other classes in `classes`");
                None
            }
        }
    }

    /// `value`, if there is no problem.
    ///
    /// # Errors
    /// All problems, in the order of the file.
    pub fn unless_any<T>(mut self, value: T) -> Result<T, Vec<FileProblem>> {
        self.found.sort_by_key(|p| (p.line, p.column));
        if self.found.is_empty() { Ok(value) } else { Err(self.found) }
    }
}

/// What a count, or a range, is said to be of.
pub(super) enum Counted {
    /// All blasts together.
    Blasts,
    /// Nucleated red cells.
    Nrbc,
    /// Smudge cells.
    Smudge,
    /// These classes together, by their codes.
    Classes(Spanned<Vec<Text>>),
}

impl fmt::Display for FileProblem {
    /// `LINE:COLUMN: MESSAGE`, to stand behind the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, super::printable_lines(&self.message))
    }
}
