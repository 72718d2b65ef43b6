//! `raters`: how far the experts of an annotation file agree, and a network with them.

use std::path::{Path, PathBuf};

use super::{
    Context, Failure, Outcome,
    args::RatersArgs,
    context::show,
    output,
    predictions::{Prediction, Predictions},
};
use crate::{
    dataset::ANNOTATIONS,
    domain::{ClassTable, printable},
    evaluate::{Rater, Reading, pairs},
    intake::{Annotation, Annotations},
    report::{PairReport, raters_text},
};

/// Names of the file's columns.
const COLUMNS: [&str; 3] = ["original", "re-annotation 1", "re-annotation 2"];
/// So many bad lines are named one by one.
const NAMED_LINES: usize = 20;

/// Compares the columns of the file, two at a time.
pub fn run(context: &Context, args: &RatersArgs) -> Result<Outcome, Failure> {
    let file = file(&args.path);
    let read = Annotations::read(&file).map_err(Failure::usage)?;
    let (rows, mut raters, bad) = raters(&context.table, &read);
    complain(&file, &bad);
    let mut refused = bad.len();
    if raters[0].readings.is_empty() {
        return Err(Failure::usage(format!("{}: holds no annotation; give LMU's annotations.dat", show(&file))));
    }
    let again = read.rows.iter().filter(|r| r.again.iter().any(Option::is_some)).count();
    context.say(&format!("{}: {} images, {again} of them read again", show(&file), read.rows.len()));
    if let Some(predictions) = &args.predictions {
        let predictions = Predictions::read(predictions, &context.table)?;
        refused += predictions.refused;
        raters.push(network(&predictions, &file, &rows));
    }
    let pairs = pairs(&context.table, &raters);
    if args.json {
        let lines: String = pairs.iter().map(|p| output::json_line(&PairReport::of(p))).collect();
        output::print(&lines)?;
    } else {
        output::print(&raters_text(&pairs))?;
    }
    Ok(Outcome::refused(refused > 0))
}

/// A folder stands for the annotation file in it.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(ANNOTATIONS) } else { path.to_owned() }
}

/// The good rows, their columns, and what is wrong with the other lines.
fn raters<'a>(table: &ClassTable, read: &'a Annotations) -> (Vec<&'a Annotation>, Vec<Rater>, Vec<(usize, String)>) {
    let mut raters: Vec<Rater> = COLUMNS.iter().map(|n| Rater { name: (*n).into(), readings: Vec::new() }).collect();
    let mut rows = Vec::new();
    let mut bad = read.problems.clone();
    for row in &read.rows {
        let texts = [Some(row.class.as_str()), row.again[0].as_deref(), row.again[1].as_deref()];
        let readings: Result<Vec<Reading>, String> = texts.into_iter().map(|t| reading(table, t)).collect();
        match readings {
            Err(what) => bad.push((row.line, what)),
            Ok(readings) => {
                rows.push(row);
                raters.iter_mut().zip(readings).for_each(|(rater, r)| rater.readings.push(r));
            }
        }
    }
    bad.sort_by_key(|b| b.0);
    (rows, raters, bad)
}

/// The network as one more rater, of the images that it has seen.
fn network(predictions: &Predictions, file: &Path, rows: &[&Annotation]) -> Rater {
    let folder = file.parent().unwrap_or(Path::new(""));
    let top = |row: &&Annotation| {
        let found = predictions.of(&folder.join(&row.path), &row.path);
        found.and_then(Prediction::top).map_or(Reading::NotRead, Reading::Class)
    };
    Rater { name: "network".into(), readings: rows.iter().map(top).collect() }
}

fn reading(table: &ClassTable, text: Option<&str>) -> Result<Reading, String> {
    match text {
        None | Some("nan") => Ok(Reading::NotRead),
        Some("UNC") => Ok(Reading::Unassigned),
        Some(code) => table.by_code(code).map(Reading::Class).ok_or_else(|| {
            format!(
                "`{}` is no class of the table, nor nan or UNC; correct it or give a table with --classes",
                printable(code)
            )
        }),
    }
}

fn complain(file: &Path, bad: &[(usize, String)]) {
    for (line, what) in bad.iter().take(NAMED_LINES) {
        output::complain(&format!("{}: line {line}: {what}", show(file)));
    }
    if bad.len() > NAMED_LINES {
        output::complain(&format!("{}: {} more lines are no annotations", show(file), bad.len() - NAMED_LINES));
    }
}
