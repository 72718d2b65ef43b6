//! How a command ends: the exit statuses that scripts rely on.

use std::{fmt, process::ExitCode};

/// A command that did what it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it: exit status 0.
    Done,
    /// All but some inputs, each named on stderr: exit status 1.
    SomeRefused,
}

impl Outcome {
    /// `SomeRefused` when any were.
    pub fn refused(any: bool) -> Self {
        if any { Self::SomeRefused } else { Self::Done }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::SomeRefused => 1,
        })
    }
}

/// A command that did not do its work. Holds one sentence that names the place and the remedy.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage, configuration or file; nothing changed: exit status 2.
    Usage(String),
    /// Failed midway; nothing is half-written: exit status 3.
    Midway(String),
}

impl Failure {
    /// Wrong usage, configuration or file.
    pub fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// Failed midway.
    pub fn midway(error: impl fmt::Display) -> Self {
        Self::Midway(error.to_string())
    }

    /// The same failure, with what else there is to say of it.
    pub fn and(self, more: &str) -> Self {
        match self {
            Self::Usage(text) => Self::Usage(format!("{text}; {more}")),
            Self::Midway(text) => Self::Midway(format!("{text}; {more}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Midway(text)) = self;
        f.write_str(text)
    }
}

impl From<Failure> for ExitCode {
    fn from(failure: Failure) -> Self {
        Self::from(match failure {
            Failure::Usage(_) => 2,
            Failure::Midway(_) => 3,
        })
    }
}
