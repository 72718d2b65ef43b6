//! `--report DIR`: the report and its figures as files, each whole or not at all.

use std::path::Path;

use super::super::{Context, Failure, output};
use crate::{
    evaluate::Evaluation,
    report::{EvaluationReport, Subject, figures, html},
};

/// Draws everything first, and writes only then; `report.html` last, so that where it is the rest is as well.
pub(super) fn write(context: &Context, dir: &Path, e: &Evaluation, subject: &Subject) -> Result<(), Failure> {
    let figures = figures(e, subject).map_err(Failure::midway)?;
    let program =
        format!("leukoscope {}, {}", env!("CARGO_PKG_VERSION"), jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"));
    let made = [("Made by", program), ("Command", command())];
    let page = html(e, subject, &figures, &made);
    let json = output::json_line(&EvaluationReport::of(e, subject));
    let mut files = vec![("evaluation.json".to_owned(), json.as_bytes())];
    for figure in &figures {
        files.push((format!("{}.svg", figure.name), figure.svg.as_bytes()));
        files.push((format!("{}.png", figure.name), &figure.png));
    }
    files.push(("report.html".into(), page.as_bytes()));
    for (name, bytes) in files {
        let path = dir.join(name);
        context.write(&path, bytes, None).map_err(|e| e.and("the files before it are written"))?;
    }
    Ok(())
}

/// The command that this is, with quotes where a shell needs them.
pub(super) fn command() -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,:+=@%".contains(c);
    let quoted = |w: String| {
        if !w.is_empty() && w.chars().all(plain) { w } else { format!("'{}'", w.replace('\'', r"'\''")) }
    };
    let words = std::env::args_os().skip(1).map(|w| quoted(w.to_string_lossy().into_owned()));
    std::iter::once("leukoscope".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
