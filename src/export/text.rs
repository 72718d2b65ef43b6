//! Plain text for people: rounded figures, 78 columns, no control characters.

use jiff::tz::TimeZone;

use super::{Amendment, Status, Summary};
use crate::domain::{Role, Share, counted, one_decimal, printable, to_the_minute};

/// Columns of a name.
const NAME: usize = 24;

/// The summary as a page of text, with times on the clock of `zone`.
pub fn to_text(s: &Summary, zone: &TimeZone) -> String {
    let when = |at: &str| to_the_minute(at, zone);
    let mut lines = vec![format!("DIFFERENTIAL COUNT   {}", printable(&s.case))];
    if s.phantom {
        lines.push("PHANTOM: drawn by the program, not a patient.".into());
    }
    lines.push(match (s.status, &s.reviewer, &s.signed_at) {
        (Status::Signed, Some(who), Some(at)) => {
            format!("Signed by {} at {}, version {}", printable(who), when(at), s.version.unwrap_or(1))
        }
        _ => "PRELIMINARY: not signed.".into(),
    });
    if let Some(reason) = &s.reason {
        lines.push(format!("Correction: {}", printable(reason)));
    }
    if let Some(reason) = &s.no_wbc_reason {
        lines.push(format!("Signed without a single WBC: {}", printable(reason)));
    }
    if let Some(amends) = &s.amends {
        lines.extend(changed(amends, &when));
    }
    if let Some(readers) = &s.readers {
        lines.extend(readers.lines());
    }
    lines.push(String::new());
    lines.push(format!("{:<24}{:>7}{:>9}   {}", "class", "n", "% WBC", "exact 95% interval"));
    for c in s.counts.iter().filter(|c| c.role.is_wbc()) {
        lines.push(line(&c.name, c.count, s.share(c)));
    }
    lines.push(line("WBC counted", s.wbc(), None) + &format!("  (target {})", s.target));
    lines.extend(blasts(s));
    lines.push(String::new());
    for (name, role) in [("erythroblasts (NRBC)", Role::Nrbc), ("smudge cells", Role::Smudge)] {
        let n: u64 = s.counts.iter().filter(|c| c.role == role).map(|c| c.count).sum();
        let per = s.per_100_wbc(role).map_or_else(|| "-".into(), |p| format!("{} per 100 WBC", one_decimal(p)));
        lines.push(format!("{name:<24}{n:>7}   {per}"));
    }
    for c in s.counts.iter().filter(|c| matches!(c.role, Role::Outside | Role::Unidentified) && c.count > 0) {
        lines.push(format!("{:<24}{:>7}   outside every denominator", printable(&c.name), c.count));
    }
    lines.push(format!("{:<24}{:>7}", "excluded", s.excluded));
    lines.push(format!("{:<24}{:>7}", "unreviewed", s.unreviewed));
    lines.push(String::new());
    lines.extend(flags(s));
    lines.push(String::new());
    lines.push(format!("Cells {}   Network {}", s.cells.len(), s.model.map_or_else(|| "none".into(), |m| m.short())));
    lines.push("Made with leukoscope, which is not a medical device.".into());
    lines.join("\n") + "\n"
}

/// What a correction changed, in lines of at most 78 columns.
fn changed(amends: &Amendment, when: &dyn Fn(&str) -> String) -> Vec<String> {
    let by = amends.reviewer.as_deref().map_or_else(String::new, |who| format!(" by {}", printable(who)));
    let at = amends.signed_at.as_deref().map_or_else(String::new, |at| format!(" at {}", when(at)));
    let mut lines = vec![format!("Amends version {}, signed{by}{at}", amends.version)];
    let cells = match amends.cells.len() as u64 {
        0 => "no cell".to_owned(),
        n => counted(n, "cell", "cells"),
    };
    let mut line = format!("Changed: {cells}");
    for super::ChangedCount { class, before, now } in &amends.counts {
        let what = format!("{} {before} -> {now}", printable(class));
        if line.chars().count() + 2 + what.chars().count() > 78 {
            lines.push(std::mem::replace(&mut line, format!("         {what}")));
        } else {
            line.push_str(&format!("; {what}"));
        }
    }
    lines.push(line);
    lines.extend(amends.other_blasts().iter().flat_map(|said| wrapped(&format!("Changed: {said}"))));
    lines
}

/// What stands out, in lines of 78 columns.
fn flags(s: &Summary) -> Vec<String> {
    if s.flags.is_empty() {
        return vec!["flags                       none".into()];
    }
    let mut lines = vec!["flags".to_owned()];
    for flag in &s.flags {
        let mut line = format!("  {:<11}", flag.origin.name());
        for word in printable(&flag.sentence()).split(' ') {
            if line.chars().count() + 1 + word.chars().count() > 78 {
                lines.push(std::mem::replace(&mut line, " ".repeat(13)));
            }
            line.push(' ');
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The blasts with the classes that they are of, where the name is too long for its column on a line of its own.
fn blasts(s: &Summary) -> Vec<String> {
    let names = s.blast_names();
    let (title, figures) = (names.title(), |name: &str| line(name, s.all_blasts(), s.blasts()));
    if title.len() <= NAME {
        return vec![figures(&title)];
    }
    let mut lines = wrapped(&title);
    lines.push(figures(&format!("  all {}", names.kind())));
    lines
}

/// Words in lines of at most 78 columns, of which the later ones are indented.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 78 {
            lines.push(std::mem::replace(&mut line, format!("  {word}")));
            continue;
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(word);
    }
    lines.push(line);
    lines
}

fn line(name: &str, count: u64, share: Option<Share>) -> String {
    let figures = share.map_or_else(String::new, |s| {
        format!("{:>8}%   {:.1} - {:.1}", s.told(), 100.0 * s.ci95.lower, 100.0 * s.ci95.upper)
    });
    format!("{:<24}{count:>7}{figures}", printable(name))
}

#[cfg(test)]
mod tests {
    use super::{
        super::summary::tests::{counting, example},
        *,
    };

    #[test]
    fn the_page_holds_counts_intervals_and_no_control_character() {
        let text = to_text(&example(), &TimeZone::UTC);
        assert!(text.contains("PRELIMINARY"), "{text}");
        assert!(text.lines().any(|l| l.starts_with("myeloblast ") && l.contains("33.3%   0.8 - 90.6")), "{text}");
        assert!(text.lines().any(|l| l.starts_with("erythroblasts") && l.contains("33.3 per 100 WBC")), "{text}");
        assert!(
            text.lines().any(|l| l == "  decided     blasts: (MYO MOB LBL BLU) 1 of 3 WBC (from 1 cell on)"),
            "{text}"
        );
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(text.lines().all(|l| l.chars().count() <= 78), "{text}");
        assert!(text.lines().any(|l| l.starts_with("blasts (MYO MOB LBL BLU)      1    33.3%")), "{text}");
    }

    #[test]
    fn a_share_of_blasts_and_equivalents_stands_under_its_whole_name() {
        let text = to_text(&counting(&["MYO", "MOB", "LBL", "BLU", "PMO", "PMB", "PRM"]), &TimeZone::UTC);
        let lines: Vec<&str> = text.lines().collect();
        let name =
            lines.iter().position(|l| *l == "blasts and equivalents (MYO MOB LBL BLU PMO PMB PRM)").expect("a name");
        assert!(lines[name + 1].starts_with("  all blasts and equivalents      1    33.3%"), "{text}");
        assert!(text.lines().all(|l| l.chars().count() <= 78), "{text}");
    }
}
