//! An evaluation as a section of a network's card, in Markdown: figures stand in a card only as `evaluate` wrote them.

use super::{
    Subject,
    evaluation_text::{counts, intervals, shown},
    number::three,
};
use crate::{
    domain::printable,
    evaluate::{ClassResults, Evaluation},
};

/// The section: the command that made it, what it is of, and the figures.
pub fn card_section(e: &Evaluation, subject: &Subject, command: &str) -> String {
    let mut lines = vec![format!("`{}`", command.replace('`', "'")), String::new(), format!("{}.", counts(e, subject))];
    lines.extend([String::new(), "| figure | |".into(), "|---|---|".into()]);
    totals(&mut lines, "", &e.results);
    if let Some(merged) = &e.merged {
        totals(&mut lines, "merged classes: ", merged);
    }
    for (name, q) in [("blast", &e.blast), ("atypical", &e.atypical)] {
        lines.push(format!("| AUC, {name} ({} of {}) | {} |", q.positives, q.positives + q.negatives, shown(q.auc)));
    }
    lines.push(format!("| expected calibration error | {:.3} |", e.reliability.ece));
    let percent = |v: Option<f64>| v.map_or_else(|| "-".into(), |v| format!("{:.1}%", 100.0 * v));
    let flagged = e.flagged;
    if flagged.right.or(flagged.wrong).or(flagged.outside).is_some() {
        lines.push(format!(
            "| flagged as unlike: right answers, wrong ones, classes without an output | {}, {}, {} |",
            percent(flagged.right),
            percent(flagged.wrong),
            percent(flagged.outside)
        ));
    }
    lines.push(String::new());
    classes(&mut lines, &e.results);
    if let Some(merged) = &e.merged {
        lines.push(String::new());
        classes(&mut lines, merged);
    }
    lines.extend([String::new(), intervals(e)]);
    lines.join("\n") + "\n"
}

/// `card` with the section `name` replaced: what stands between the lines `<!-- NAME -->` and `<!-- /NAME -->`. `None`: it has
/// no such lines.
pub fn with_section(card: &str, name: &str, section: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let from = card.find(&begin)? + begin.len();
    let to = from + card[from..].find(&end)?;
    Some(format!("{}\n\n{}\n{}", &card[..from], section.trim_end(), &card[to..]).replace("\n\n\n", "\n\n"))
}

fn totals(lines: &mut Vec<String>, of: &str, r: &ClassResults) {
    for (name, estimate) in
        [("accuracy", r.accuracy), ("balanced accuracy", r.balanced_accuracy), ("macro F1", r.macro_f1)]
    {
        lines.push(format!("| {of}{name} | {} |", shown(estimate)));
    }
}

fn classes(lines: &mut Vec<String>, r: &ClassResults) {
    lines.push("| class | images | precision | sensitivity | F1 |".into());
    lines.push("|---|---|---|---|---|".into());
    for c in r.classes.iter().filter(|c| c.n > 0) {
        let name = if c.label == c.name { c.label.clone() } else { format!("{} {}", c.label, c.name) };
        lines.push(format!(
            "| {} | {} | {} | {} | {} |",
            printable(&name).replace('|', "/"),
            c.n,
            shown(c.precision),
            shown(c.sensitivity),
            three(c.f1.value)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_replaces_what_stands_between_its_lines_and_nothing_else() {
        let card = "# Card\n\n<!-- patients -->\nold\n<!-- /patients -->\n\nEnd.\n";
        let new = with_section(card, "patients", "new\n").expect("is there");
        assert_eq!(new, "# Card\n\n<!-- patients -->\n\nnew\n<!-- /patients -->\n\nEnd.\n");
        assert_eq!(with_section(&new, "patients", "new\n").expect("is there"), new, "written again it stays the same");
        assert_eq!(with_section(card, "donors", "new"), None);
    }
}
