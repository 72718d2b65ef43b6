//! A CSV file's text as spreadsheets write it: encodings and separators that can be told are read, what would swallow rows
//! is refused.

use std::path::Path;

use super::DatasetError;
use crate::intake::{LIST_BYTES, read_bytes};

/// A CSV file's text, and what separates its fields.
pub(super) struct CsvText {
    pub text: String,
    pub separator: u8,
}

/// Reads the file.
pub(super) fn read(file: &Path) -> Result<CsvText, DatasetError> {
    let bytes = read_bytes(file, LIST_BYTES).map_err(|e| DatasetError::new(file, e.to_string()))?;
    of(bytes).map_err(|what| DatasetError::new(file, what))
}

fn of(bytes: Vec<u8>) -> Result<CsvText, String> {
    let text = decoded(bytes)?;
    let separator = separator(text.lines().next().unwrap_or_default());
    match open_quote(&text, separator) {
        Some(line) => {
            Err(format!("line {line}: a quote (\") is opened and not closed on its line; close it or take it away"))
        }
        None => Ok(CsvText { text, separator }),
    }
}

fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    const ADVICE: &str = "save it as CSV in UTF-8";
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|b| unit([b[0], b[1]])).collect();
        String::from_utf16(&units).map_err(|_| format!("is no whole text in UTF-16; {ADVICE}"))
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        _ => {
            let text = String::from_utf8(bytes).map_err(|e| {
                let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
                format!("line {line}: is not a CSV file in UTF-8; {ADVICE}")
            })?;
            text.trim_start_matches('\u{feff}').to_owned()
        }
    };
    match text.find('\0') {
        Some(at) => {
            let line = 1 + text[..at].matches('\n').count();
            Err(format!("line {line}: holds a NUL character, as no CSV file in UTF-8 does; {ADVICE}"))
        }
        None => Ok(text),
    }
}

/// What separates the header's fields: a comma, or what spreadsheets of other countries write for it.
fn separator(header: &str) -> u8 {
    let has_path = |by: char| header.split(by).any(|field| field.trim().trim_matches('"') == "path");
    [',', ';', '\t'].into_iter().find(|by| header.contains(*by) && has_path(*by)).map_or(b',', |by| by as u8)
}

/// The line on which a quoted field begins that does not end there. A reader of CSV takes all that follows, up to the next
/// quote, into that field: rows vanish.
fn open_quote(text: &str, separator: u8) -> Option<usize> {
    let (mut line, mut quoted, mut at_start) = (1, false, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' if quoted => return Some(line),
            b'\n' => (line, at_start) = (line + 1, true),
            b'"' if quoted => {
                if bytes.peek() == Some(&b'"') {
                    bytes.next();
                } else {
                    quoted = false;
                }
            }
            b'"' if at_start => (quoted, at_start) = (true, false),
            other => at_start = other == separator,
        }
    }
    quoted.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, u8), String> {
        of(bytes.to_vec()).map(|csv| (csv.text, csv.separator))
    }

    #[test]
    fn encodings_and_separators_that_can_be_told_are_read() {
        let text = "path;class\na;MYO\n";
        let wide =
            |unit: fn(u16) -> [u8; 2]| "\u{feff}path;class\na;MYO\n".encode_utf16().flat_map(unit).collect::<Vec<_>>();
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ] {
            assert_eq!(read(&bytes), Ok((text.to_owned(), b';')));
        }
        assert_eq!(read(b"class\tpath\n").map(|r| r.1), Ok(b'\t'));
        assert_eq!(read(b"path,a;b\n").map(|r| r.1), Ok(b','));
    }

    #[test]
    fn what_would_swallow_rows_is_refused_with_its_line() {
        for (text, line) in [
            ("path,class,patient\na,MYO,\"P1\nb,NGS,P1\n", "line 2: a quote"),
            ("path,class\na,\"MYO\nb,NGS\nc,\"LYT\"\n", "line 2: a quote"),
            ("path,class\na,MYO\nb,\"NGS", "line 3: a quote"),
            ("path,class\na,MYO\n\0b,NGS\n", "line 3: holds a NUL"),
        ] {
            assert!(read(text.as_bytes()).expect_err("refused").starts_with(line), "{text}");
        }
        assert!(
            read(b"path,class\na,M\xfcller\n").expect_err("Latin-1").starts_with("line 2: is not a CSV file in UTF-8")
        );
        assert!(
            read(b"path,class\n\"a \"\"b\"\", c\",MYO\nd\"e,NGS\n").is_ok(),
            "quotes that are closed, or within a name"
        );
    }
}
