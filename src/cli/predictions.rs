//! Predictions read back: what `classify --format jsonl` wrote, with all of the network's classes (`--top 15`).

use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
};

use serde::Deserialize;

use super::{Failure, context::show, output};
use crate::{
    domain::{ClassId, ClassTable, printable},
    intake,
};

/// Most bytes of a file of predictions: a line of 15 classes has about one thousand, so half a million images.
const MOST_BYTES: u64 = 512 << 20;

/// A line of the file; fields that are not needed here are passed over.
#[derive(Deserialize)]
struct Line {
    path: String,
    status: String,
    #[serde(default)]
    top: Vec<Top>,
    #[serde(default)]
    unlike: Option<f32>,
    #[serde(default)]
    flagged: bool,
    #[serde(default)]
    model: Option<String>,
}

#[derive(Deserialize)]
struct Top {
    class: String,
    /// As wide as the network's own, so that a file gives the very figures that the network gave.
    p: f32,
}

/// What a network said of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The probability of each class, most probable first.
    pub probabilities: Vec<(ClassId, f64)>,
    /// How unlike the training data.
    pub unlike: Option<f64>,
    /// Past the network's threshold.
    pub flagged: bool,
}

impl Prediction {
    /// The most probable class; of equal ones the first that the file has.
    pub fn top(&self) -> Option<ClassId> {
        self.probabilities.iter().copied().reduce(|best, p| if p.1 > best.1 { p } else { best }).map(|p| p.0)
    }
}

/// A file of predictions.
pub struct Predictions {
    /// SHA-256 of the network that made them.
    pub model: String,
    /// Lines that cannot be used, each already named on stderr.
    pub refused: usize,
    found: Vec<Prediction>,
    /// By the path as it is, made absolute.
    by_path: HashMap<PathBuf, usize>,
    /// By the path's last components, for files that lay elsewhere then; `None`: several.
    by_end: HashMap<PathBuf, Option<usize>>,
}

impl Predictions {
    /// Reads a file. Bad lines and images that `classify` refused are named and left out.
    ///
    /// # Errors
    /// When it cannot be read, holds no prediction, or those of more than one network.
    pub fn read(file: &Path, table: &ClassTable) -> Result<Self, Failure> {
        let text = intake::read_text(file, MOST_BYTES).map_err(|e| Failure::usage(format!("{}: {e}", show(file))))?;
        let mut model: Option<String> = None;
        let (mut found, mut paths, mut refused) = (Vec::new(), Vec::new(), 0);
        for (number, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
            match prediction(line, table) {
                Ok((path, made_by, prediction)) => {
                    if model.get_or_insert_with(|| made_by.clone()) != &made_by {
                        return Err(Failure::usage(format!(
                            "{}: line {number} is of another network than the lines before; give each network's predictions as a file of its own",
                            show(file)
                        )));
                    }
                    found.push(prediction);
                    paths.push((number, path));
                }
                Err(what) => {
                    refused += 1;
                    output::complain(&format!("{}: line {number}: {what}", show(file)));
                }
            }
        }
        let none = || Failure::usage(format!("{}: holds no prediction; write it with classify --top 15", show(file)));
        let model = model.ok_or_else(none)?;
        let mut read = Self { model, refused, found, by_path: HashMap::new(), by_end: HashMap::new() };
        for (i, (number, path)) in paths.into_iter().enumerate() {
            if read.by_path.insert(absolute(&path), i).is_some() {
                read.refused += 1;
                output::complain(&format!("{}: line {number}: the same image again; the last line counts", show(file)));
            }
            for end in ends(&path) {
                read.by_end.entry(end).and_modify(|e| *e = None).or_insert(Some(i));
            }
        }
        Ok(read)
    }

    /// The prediction of an image that lies at `path` and is called `name` in its data set: of that very file, else of the
    /// only one whose path ends in that name.
    pub fn of(&self, path: &Path, name: &str) -> Option<&Prediction> {
        let by_name = || self.by_end.get(&plain(Path::new(name))).copied().flatten();
        self.by_path.get(&absolute(path)).copied().or_else(by_name).map(|i| &self.found[i])
    }

    /// All classes that the network names, in the table's order.
    pub fn classes(&self) -> Vec<ClassId> {
        let named = self.found.iter().flat_map(|p| &p.probabilities).map(|p| p.0);
        named.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}

/// How far from one the sum may be; five-digit rounding of fifteen numbers stays within.
const SUM: f64 = 1e-3;

fn prediction(line: &str, table: &ClassTable) -> Result<(PathBuf, String, Prediction), String> {
    let line: Line =
        serde_json::from_str(line).map_err(|e| format!("is no prediction: {}", printable(&e.to_string())))?;
    if line.status != "ok" {
        return Err(format!("{} was not classified", printable(&line.path)));
    }
    let probability = |t: &Top| {
        let id =
            table.by_code(&t.class).ok_or_else(|| format!("`{}` is no class of the table", printable(&t.class)))?;
        let p = Some(f64::from(t.p)).filter(|p| (0.0..=1.0 + SUM).contains(p));
        Ok((id, p.ok_or_else(|| format!("{} is no probability", t.p))?))
    };
    let probabilities: Vec<(ClassId, f64)> = line.top.iter().map(probability).collect::<Result<_, String>>()?;
    let sum: f64 = probabilities.iter().map(|p| p.1).sum();
    if (sum - 1.0).abs() > SUM {
        return Err(format!(
            "the {} probabilities add up to {sum:.4}, not to 1; run classify with --top 15, so that all classes are there",
            probabilities.len()
        ));
    }
    let model = line.model.ok_or("does not say which network made it")?;
    let prediction = Prediction { probabilities, unlike: line.unlike.map(f64::from), flagged: line.flagged };
    Ok((PathBuf::from(line.path), model, prediction))
}

/// The path from the root; through links where the file is there.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).map_or_else(|_| path.to_owned(), |p| plain(&p))
}

/// The path without `.` and with every `..` that has something to take back.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => _ = out.pop(),
            other => out.push(other),
        }
    }
    out
}

/// Every end of a path, from the file's name on.
fn ends(path: &Path) -> Vec<PathBuf> {
    let parts: Vec<_> = plain(path).components().map(|c| c.as_os_str().to_owned()).collect();
    (0..parts.len()).map(|start| parts[start..].iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, p: &[(&str, f64)]) -> String {
        let top: Vec<_> = p.iter().map(|(class, p)| serde_json::json!({"class": class, "p": p})).collect();
        serde_json::json!({"path": path, "status": "ok", "top": top, "model": "m"}).to_string() + "\n"
    }

    fn read(text: &str) -> Result<Predictions, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("p.jsonl");
        std::fs::write(&file, text).expect("written");
        Predictions::read(&file, &ClassTable::default()).map_err(|e| e.to_string())
    }

    #[test]
    fn images_are_found_by_their_path_or_by_its_only_end() {
        let one = [("NGS", 0.75), ("LYT", 0.25)];
        let text = line("/a/set/x/1.jpg", &one) + &line("/a/set/y/1.jpg", &[("MYO", 1.0)]) + &line("z/./2.jpg", &one);
        let read = read(&text).expect("predictions");
        let table = ClassTable::default();
        let top = |path: &str, name: &str| {
            read.of(Path::new(path), name).map(|p| table.code(p.probabilities[0].0).to_owned())
        };
        assert_eq!(top("/a/set/x/1.jpg", "1.jpg").as_deref(), Some("NGS"));
        assert_eq!(top("/b/y/1.jpg", "y/1.jpg").as_deref(), Some("MYO"));
        assert_eq!(top("/b/2.jpg", "2.jpg").as_deref(), Some("NGS"));
        assert_eq!(top("/b/1.jpg", "1.jpg"), None, "two files end so");
        let codes: Vec<_> = read.classes().into_iter().map(|id| table.code(id).to_owned()).collect();
        assert_eq!(codes, ["NGS", "LYT", "MYO"]);
    }

    #[test]
    fn lines_that_are_no_whole_prediction_are_left_out() {
        let error = r#"{"path":"b.jpg","status":"error","error":"is empty"}"#;
        let text = line("a.jpg", &[("NGS", 1.0)]) + error + "\n{\"path\n" + &line("c.jpg", &[("NGS", 0.9)]);
        let read = read(&text).expect("one prediction");
        assert_eq!((read.found.len(), read.refused), (1, 3));
    }

    #[test]
    fn two_networks_in_a_file_or_none_are_refused() {
        let text = line("a.jpg", &[("NGS", 1.0)]);
        let other = text.replace("\"m\"", "\"other\"").replace("a.jpg", "b.jpg");
        assert!(read(&(text + &other)).err().is_some_and(|e| e.contains("line 2 is of another network")));
        assert!(read("\n").err().is_some_and(|e| e.contains("--top 15")));
    }
}
