//! The record of training in a network's metadata: the one part of it whose form is known, and all of it for people.
//!
//! `images_per_class` maps class codes to the number of images that were learnt from. Whatever else a trainer writes is
//! shown as it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::info::NetworkInfo;
use crate::domain::printable;

/// The part of the record that figures are made from.
const IMAGES: &str = "images_per_class";

impl NetworkInfo {
    /// Images of each class that the network was trained on, where its record says so; else empty. Classes that it was not
    /// trained on had none.
    pub fn images_per_class(&self) -> BTreeMap<String, u64> {
        let Some(recorded) = self.training.get(IMAGES).and_then(Value::as_object) else { return BTreeMap::new() };
        let untrained = self.untrained.iter().map(|code| (code.clone(), 0));
        let known = |(code, count): (&String, &Value)| Some((code.clone(), count.as_u64()?));
        untrained.chain(recorded.iter().filter_map(known)).collect()
    }
}

/// The record of training as lines of text; `name` knows the standard terms of classes.
pub fn describe_training(info: &NetworkInfo, name: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut lines = Vec::new();
    match &info.training {
        Value::Null => lines.push("no record in the file".to_owned()),
        Value::Object(record) => {
            let mut rest = record.clone();
            let images = rest.remove(IMAGES);
            fields(&rest, 0, &mut lines);
            if images.is_some() {
                classes(&info.images_per_class(), name, &mut lines);
            }
        }
        other => lines.push(plain(other).unwrap_or_else(|| printable(&other.to_string()).into_owned())),
    }
    lines
}

/// A line for each field, those below it further in.
fn fields(record: &Map<String, Value>, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let label = |key: &str| printable(&key.replace('_', " ")).into_owned();
    let width = record.iter().filter(|(_, v)| plain(v).is_some()).map(|(k, _)| label(k).chars().count()).max();
    // One-line fields first: those with more below them would part them.
    let (short, long): (Vec<_>, Vec<_>) = record.iter().partition(|(_, v)| plain(v).is_some());
    for (key, value) in short.into_iter().chain(long) {
        let label = label(key);
        if let Some(said) = plain(value) {
            lines.push(format!("{indent}{label:<w$}  {said}", w = width.unwrap_or(0)));
            continue;
        }
        let parts: Vec<(String, &Value)> = match value {
            Value::Array(items) => items.iter().enumerate().map(|(i, v)| (format!("{label} {}", i + 1), v)).collect(),
            other => vec![(label, other)],
        };
        for (label, value) in parts {
            match value {
                Value::Object(below) => {
                    lines.push(format!("{indent}{label}"));
                    fields(below, depth + 1, lines);
                }
                other => {
                    let said = plain(other).unwrap_or_else(|| printable(&other.to_string()).into_owned());
                    lines.push(format!("{indent}{label}  {said}"));
                }
            }
        }
    }
}

/// A value, or a list of values, in one line; `None`: there are fields in it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("-".to_owned()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(printable(text).into_owned()),
        Value::Array(items) if items.is_empty() => Some("none".to_owned()),
        Value::Array(items) => {
            let scalar = |v: &Value| if v.is_array() { None } else { plain(v) };
            items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|all| all.join(", "))
        }
        Value::Object(_) => None,
    }
}

/// The classes and their images, the most frequent one first.
fn classes(images: &BTreeMap<String, u64>, name: &dyn Fn(&str) -> Option<String>, lines: &mut Vec<String>) {
    let mut rows: Vec<(&String, u64)> = images.iter().map(|(code, n)| (code, *n)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    lines.push("images of each class".to_owned());
    for (code, n) in &rows {
        let name = name(code).map_or_else(String::new, |n| format!(" {n}"));
        lines.push(format!("  {:<32}{n:>9}", printable(&format!("{code}{name}"))));
    }
    lines.push(format!("  {:<32}{:>9}", "all", rows.iter().fold(0_u64, |sum, r| sum.saturating_add(r.1))));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::NetworkFile;

    fn with(training: Value) -> NetworkInfo {
        NetworkInfo { training, ..NetworkFile::embedded().info }
    }

    #[test]
    fn images_of_each_class_are_read_and_untrained_classes_have_none() {
        assert!(with(Value::Null).images_per_class().is_empty());
        assert!(with(json!({"images_per_class": 3})).images_per_class().is_empty());
        let found = with(json!({"images_per_class": {"NGS": 1700, "LYT": 20, "bad": "x"}})).images_per_class();
        let of = |code: &str| found.get(code).copied();
        assert_eq!(
            (of("NGS"), of("LYT"), of("MOB"), of("bad"), of("EOS")),
            (Some(1700), Some(20), Some(0), None, None)
        );
    }

    #[test]
    fn a_record_of_any_form_is_told_line_by_line() {
        let name = |code: &str| (code == "NGS").then(|| "neutrophil, segmented".to_owned());
        let info = with(json!({
            "epochs": 12, "seed": 1, "label_smoothing": 0.08, "resumed": false, "device": null, "folds": [],
            "schedule": {"name": "one cycle", "rates": [0.1, 0.01]},
            "data": [{"path": "a.csv", "images": 5}, {"path": "b\u{1b}[2J.csv"}],
            "matrix": [[1, 2], [3]],
            "images_per_class": {"LYT": 20, "NGS": 1700},
        }));
        let lines = describe_training(&info, &name);
        for expected in [
            "epochs           12",
            "label smoothing  0.08",
            "resumed          no",
            "device           -",
            "folds            none",
            "schedule",
            "  name   one cycle",
            "  rates  0.1, 0.01",
            "data 1",
            "  images  5",
            "data 2",
            "  path  b\\u{1b}[2J.csv",
            "matrix 1  1, 2",
            "images of each class",
            "  NGS neutrophil, segmented            1700",
            "  all                                  1720",
        ] {
            assert!(lines.iter().any(|l| l == expected), "{expected:?} is not in {lines:#?}");
        }
        let at = |what: &str| lines.iter().position(|l| l.trim_start().starts_with(what)).expect(what);
        assert!(
            at("schedule") > at("seed") && at("NGS") < at("LYT") && at("LYT") < at("MOB") && at("MOB") < at("all"),
            "by number"
        );
        assert_eq!(describe_training(&with(Value::Null), &name), ["no record in the file"]);
        assert_eq!(describe_training(&with(json!("by hand")), &name), ["by hand"]);
    }
}
