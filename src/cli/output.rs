//! Writing to stdout and stderr, and folders for output: nothing that came from outside steers the terminal, and a closed pipe is no error.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use super::{Failure, context::show};
use crate::domain::printable;

/// Says a sentence on stderr; line breaks stay, other control characters become visible.
pub fn complain(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr().lock(), "leukoscope: {}", printable(line));
    }
}

/// Writes a finished text to stdout and flushes it. Its line breaks and tabs stay; whatever else in it could steer a terminal becomes
/// visible, for much of what is printed was read from somewhere.
///
/// # Errors
/// When stdout cannot be written for another reason than that its reader has gone.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(plain(text).as_bytes())
}

fn plain(text: &str) -> String {
    let line = |line: &str| line.split('\t').map(printable).collect::<Vec<_>>().join("\t");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The same for what is no text for people.
///
/// # Errors
/// As [`print`].
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::midway(format!("stdout: {e}; the output is cut short, run the command again")))
        }
        _ => Ok(()),
    }
}

/// A value as one line of JSON that is safe to show on a terminal.
pub fn json_line(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("strings, numbers and lists always serialise");
    let mut line = crate::export::escape(&json);
    line.push('\n');
    line
}

/// Sees that a folder for output is there and can be written to, before anything long is done.
///
/// # Errors
/// When it is not there and cannot be made, or takes no file.
pub fn folder(dir: &Path) -> Result<(), Failure> {
    let fail = |e: io::Error| Failure::usage(format!("{}: {e}; name a folder that can be written to", show(dir)));
    std::fs::create_dir_all(dir).map_err(fail)?;
    tempfile::Builder::new().prefix(".leukoscope-").tempfile_in(dir).map(|_| ()).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_keeps_its_lines_and_nothing_that_steers() {
        assert_eq!(plain("a\tb\n\x1b[2Jc\u{9b}\n"), "a\tb\n\\u{1b}[2Jc\\u{9b}\n");
    }

    #[test]
    fn a_line_of_json_has_no_control_character_but_its_end() {
        let line = json_line(&serde_json::json!({"path": "a\x1b[2J\u{9b}\n.jpg"}));
        assert!(line.trim_end().chars().all(|c| !c.is_control()), "{line:?}");
        let back: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(back["path"], "a\x1b[2J\u{9b}\n.jpg");
    }
}
