//! The annotation file of AML-Cytomorphology_LMU: path, original class, two re-annotations, separated by spaces.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use super::{IntakeError, LIST_BYTES, TextProblem, read_text};

/// A row of an annotation file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its line in the file, from 1.
    pub line: usize,
    /// Path as the file has it: `BAS/BAS_0001.tiff`.
    pub path: String,
    /// The original annotation.
    pub class: String,
    /// The re-annotations; `None` where it says `nan`.
    pub again: [Option<String>; 2],
}

/// An annotation file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// Its rows in order.
    pub rows: Vec<Annotation>,
    /// What is wrong with other lines, each with the line's number.
    pub problems: Vec<(usize, String)>,
    /// The folder in which its paths start, with a `/`; empty: the one that it is read for.
    pub start: String,
}

impl Annotations {
    /// Reads a file. Lines that are no annotations are in [`Annotations::problems`].
    ///
    /// # Errors
    /// When it cannot be read, is no text, or has no good line but bad ones.
    pub fn read(path: &Path) -> Result<Self, IntakeError> {
        let fail = |what: String| IntakeError::Annotations { path: path.to_owned(), what };
        let text = read_text(path, LIST_BYTES).map_err(|e| match e {
            TextProblem::NotText => {
                fail("is not text; it should have lines of path, class and two re-annotations".into())
            }
            other => fail(other.to_string()),
        })?;
        let read = Self::parse(&text);
        match read.problems.first() {
            Some((line, what)) if read.rows.is_empty() => {
                Err(fail(format!("line {line}: {what}, and no other line is better")))
            }
            _ => Ok(read),
        }
    }

    /// The same with its paths as they are in a folder that holds `names`: in the published archive the file lies beside the
    /// folder in which its paths start.
    pub fn placed(mut self, names: &[String]) -> Self {
        let present: HashSet<&str> = names.iter().map(String::as_str).collect();
        if self.rows.iter().any(|r| present.contains(r.path.as_str())) {
            return self;
        }
        let start =
            |row: &Annotation| names.iter().find_map(|n| n.strip_suffix(&row.path).filter(|p| p.ends_with('/')));
        self.start = self.rows.iter().find_map(start).unwrap_or_default().to_owned();
        for row in &mut self.rows {
            row.path.insert_str(0, &self.start);
        }
        self
    }

    /// Reads the file's text. Empty lines are skipped.
    pub fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let number = i + 1;
            let fields: Vec<_> = line.split_ascii_whitespace().collect();
            let [path, class, a, b] = fields[..] else {
                if !fields.is_empty() {
                    let what = format!("{} fields instead of 4 (path, class, two re-annotations)", fields.len());
                    out.problems.push((number, what));
                }
                continue;
            };
            if let Some(earlier) = first.insert(path, number) {
                out.problems.push((number, format!("the image of line {earlier} again")));
                continue;
            }
            let again = [a, b].map(|s| Some(s.to_owned()).filter(|s| s != "nan"));
            out.rows.push(Annotation { line: number, path: path.to_owned(), class: class.to_owned(), again });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_bad_lines_numbered() {
        let text =
            "BAS/BAS_1.tiff BAS nan nan\n\nMON/MON_1.tiff MON UNC LYT\nbroken line\r\nBAS/BAS_1.tiff MYO nan nan\n";
        let read = Annotations::parse(text);
        assert_eq!(read.rows.len(), 2);
        assert_eq!(read.rows[1].again, [Some("UNC".to_owned()), Some("LYT".to_owned())]);
        assert_eq!((read.rows[0].again.clone(), read.rows[1].line), ([None, None], 3));
        let lines: Vec<_> = read.problems.iter().map(|p| p.0).collect();
        assert_eq!(lines, [4, 5]);
        assert!(read.problems[1].1.contains("line 1"));
    }
}
