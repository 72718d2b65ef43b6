//! The report as one HTML file: figures inlined, no script, nothing from elsewhere.

use std::fmt::Write;

use super::{
    Figure, Subject,
    evaluation::SHARES,
    evaluation_text::{counts, intervals, name, shown},
    learned::learned,
};
use crate::{
    domain::printable,
    evaluate::{ClassResults, Estimate, Evaluation, LEAST_WBC, leaving},
};

const STYLE: &str = "
body { font: 15px/1.45 system-ui, sans-serif; color: #1e1e1e; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .3rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums } caption { text-align: left; padding-bottom: .4rem }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e4e4 }
th:first-child, td:first-child { text-align: left } thead th { border-bottom: 1px solid #777 }
figure { margin: 0 } figure svg { max-width: 100%; height: auto } .scroll { overflow-x: auto }
figcaption { margin-bottom: .8rem } figcaption, .note { color: #555; font-size: .9rem } dt { float: left; clear: left; width: 8rem; color: #555 } dd { margin-left: 8rem }
@media print { h2 { break-after: avoid } figure, table { break-inside: avoid } }
";

/// The report. `made` says how it came about: what, and in which words.
pub fn html(e: &Evaluation, subject: &Subject, figures: &[Figure], made: &[(&str, String)]) -> String {
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out += "<meta name=\"viewport\" content=\"width=device-width\">\n";
    let _ =
        writeln!(out, "<title>Evaluation: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>", text(&subject.data()));
    out += "<h1>Evaluation of a network on labelled cells</h1>\n<dl>\n";
    let about = [
        ("Data", subject.data()),
        ("Network", subject.network()),
        ("SHA-256", subject.models.join(" ")),
        ("Cells", counts(e, subject)),
    ];
    for (what, value) in about.iter().chain(made) {
        let _ = writeln!(out, "<dt>{what}</dt><dd>{}</dd>", text(value));
    }
    out += "</dl>\n<p class=\"note\">Not a medical device. The figures are of these cells and labels and of no others.</p>\n";
    summary(&mut out, e);
    out += "<h2>Classes</h2>\n";
    classes(&mut out, &e.results);
    let _ = writeln!(out, "<p class=\"note\">{}</p>", text(&intervals(e)));
    if let Some(merged) = &e.merged {
        out += "<h2>Merged classes</h2>\n";
        classes(&mut out, merged);
    }
    for figure in figures {
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<figure>\n<div class=\"scroll\">{}</div>\n<figcaption>{}</figcaption>\n</figure>",
            text(figure.title),
            figure.svg.trim(),
            text(&figure.caption)
        );
        match figure.name {
            "reliability" => temperature(&mut out, e),
            "left-to-human" => human(&mut out, e),
            "training-images" => training(&mut out, e, subject),
            "bland-altman" => differential(&mut out, e),
            _ => {}
        }
    }
    out += "</body>\n</html>\n";
    out
}

/// Text that is nothing but text in HTML.
fn text(raw: &str) -> String {
    printable(raw).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn row(out: &mut String, cell: &str, cells: impl IntoIterator<Item = String>) {
    *out += "<tr>";
    for c in cells {
        let _ = write!(out, "<{cell}>{}</{cell}>", text(&c));
    }
    *out += "</tr>\n";
}

fn table(out: &mut String, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    *out += "<div class=\"scroll\"><table>\n<thead>";
    row(out, "th", head.iter().map(|h| (*h).to_owned()));
    *out += "</thead>\n<tbody>\n";
    rows.into_iter().for_each(|r| row(out, "td", r));
    *out += "</tbody>\n</table></div>\n";
}

/// With the signs that a terminal may lack.
fn figure(estimate: Estimate) -> String {
    shown(estimate).replace("+-", "\u{b1}").replace(" - ", "\u{2013}")
}

fn summary(out: &mut String, e: &Evaluation) {
    let r = &e.results;
    let question = |name: &str, q: &crate::evaluate::Binary| {
        vec![format!("AUC {name} ({})", q.classes.join(" ")), q.positives.to_string(), figure(q.auc)]
    };
    let line = |name: &str, n: String, estimate: Estimate| vec![name.to_owned(), n, figure(estimate)];
    let mut rows = vec![
        line("accuracy", e.n.to_string(), r.accuracy),
        line("balanced accuracy", String::new(), r.balanced_accuracy),
        line("macro F1", String::new(), r.macro_f1),
    ];
    if let Some(m) = &e.merged {
        rows.push(line(
            &format!("accuracy in {} merged classes", m.classes.iter().filter(|c| c.n > 0).count()),
            String::new(),
            m.accuracy,
        ));
    }
    rows.extend([question("blast", &e.blast), question("atypical", &e.atypical)]);
    rows.push(vec!["expected calibration error".into(), String::new(), format!("{:.3}", e.reliability.ece)]);
    let f = e.flagged;
    for (name, share) in [("right", f.right), ("wrong", f.wrong)] {
        if let Some(share) = share {
            rows.push(vec![
                format!("{name} answers flagged as unlike the training data"),
                String::new(),
                format!("{:.1}%", 100.0 * share),
            ]);
        }
    }
    table(out, &["", "cells", ""], rows);
}

fn classes(out: &mut String, r: &ClassResults) {
    let line = |c: &crate::evaluate::ClassFigures| {
        vec![name(c), c.n.to_string(), figure(c.precision), figure(c.sensitivity), figure(c.f1)]
    };
    table(out, &["class", "images", "precision", "sensitivity", "F1"], r.classes.iter().map(line));
}

fn temperature(out: &mut String, e: &Evaluation) {
    if let Some((t, ece)) = e.temperature {
        let _ = writeln!(
            out,
            "<p>Expected calibration error {:.3}. The temperature that fits these very cells best is {:.3} ({} cells; mean negative \
             log-likelihood {:.4} before, {:.4} after); it leaves {ece:.3}.</p>",
            e.reliability.ece, t.value, t.n, t.nll_before, t.nll_after
        );
    }
}

fn human(out: &mut String, e: &Evaluation) {
    let points = SHARES.into_iter().filter_map(|s| leaving(&e.coverage, s));
    let line = |p: crate::evaluate::CoveragePoint| {
        vec![format!("{:.1}%", 100.0 * p.left_to_human), format!("{:.3}", p.accuracy), format!("{:.3}", p.threshold)]
    };
    table(out, &["left to the human", "accuracy on the rest", "least probability kept"], points.map(line));
}

fn training(out: &mut String, e: &Evaluation, subject: &Subject) {
    let line = |l: super::learned::Learned<'_>| {
        let c = l.class;
        vec![name(c), l.images.to_string(), c.n.to_string(), figure(c.sensitivity), figure(c.precision)]
    };
    let head = ["class", "training images", "cells here", "sensitivity", "precision"];
    table(out, &head, learned(e, subject).into_iter().map(line));
}

fn differential(out: &mut String, e: &Evaluation) {
    let to = |i: crate::domain::Interval| format!("{:.1} to {:.1}", i.lower, i.upper);
    let line = |a: &crate::evaluate::Agreement| {
        vec![
            a.label.clone(),
            a.points.len().to_string(),
            format!("{:.1}", a.bias),
            to(a.bias_ci95),
            format!("{:.1}", a.sd),
            to(a.limits),
        ]
    };
    table(
        out,
        &["class", "patients", "bias", "95% interval", "sd", "limits of agreement"],
        e.differential.iter().map(line),
    );
    let _ = writeln!(
        out,
        "<p class=\"note\">Percentage points of WBC; patients with {LEAST_WBC} labelled WBC or more.</p>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(text("<a href=\"x\">&\u{202e}"), "&lt;a href=&quot;x&quot;&gt;&amp;\\u{202e}");
    }
}
