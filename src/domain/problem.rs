//! Something that a file of settings has to be rid of, with its place. What is right in such a file is its reader's business.

use std::{fmt, ops::Range};

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

impl fmt::Display for FileProblem {
    /// `LINE:COLUMN: MESSAGE`, to stand behind the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}
