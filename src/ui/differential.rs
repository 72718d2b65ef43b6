//! The differential: counts, shares of the WBC, exact 95% intervals. Also the rows of the summary before a signature.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{View, enough, row, text, theme::BLAST_SIGN};
use crate::{
    app::Review,
    domain::{self, Share, Tally, TallyRow, one_decimal},
};

/// Columns of sign, count, percentage and interval beside the code.
const NUMBERS: usize = 1 + 1 + 5 + 1 + 5 + 1 + 10;

pub(super) fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    let tally = review.tally();
    let columns = usize::from(area.width);
    let below = totals(view, tally, review.case.target, columns);
    let room = usize::from(area.height).saturating_sub(1 + below.len() + 1);
    text::put(buf, row(area, 0), &heading(view, columns));
    let counted: Vec<&TallyRow> = tally.rows.iter().filter(|r| r.count > 0).collect();
    let shown = if counted.len() > room { room.saturating_sub(1) } else { counted.len() };
    let mut lines: Vec<Line<'_>> = counted[..shown].iter().map(|r| class_row(view, r, columns)).collect();
    if shown < counted.len() {
        let cells: u64 = counted[shown..].iter().map(|r| r.count).sum();
        let more = format!(" {} more: {}", counted.len() - shown, domain::counted(cells, "cell", "cells"));
        lines.push(Line::styled(more, view.theme.dim()));
    }
    if counted.is_empty() {
        lines.push(Line::styled(" nothing counted yet", view.theme.dim()));
    }
    lines.push(Line::default());
    lines.extend(below);
    for (i, line) in lines.iter().enumerate() {
        text::put(buf, row(area, i as u16 + 1), line);
    }
}

/// What stands over the rows.
pub(super) fn heading<'a>(view: &View<'_>, columns: usize) -> Line<'a> {
    let title = text::pad("class", columns.saturating_sub(NUMBERS - 1));
    Line::styled(format!("{title} {:>5} {:>5} {:>10}", "n", "%", "95% CI"), view.theme.title())
}

/// Sign, code, name where there is room, count, percentage, interval.
pub(super) fn class_row<'a>(view: &View<'_>, counted: &TallyRow, columns: usize) -> Line<'a> {
    let class = view.state.table.get(counted.class);
    let sign = view.blast_sign(counted.class);
    // The label gives way to figures that are wider than their columns.
    let figures = format!(" {:>5}{}", counted.count, counted.share.map_or_else(String::new, |s| numbers(&s)));
    let room = columns.saturating_sub(1 + text::width(&figures).max(NUMBERS - 1));
    let rest = room.saturating_sub(class.code.len() + 1);
    let name = if rest >= 10 { format!(" {}", text::fit_words(&class.name, rest)) } else { String::new() };
    let label = text::pad(&format!("{}{name}", class.code), room);
    Line::from(vec![
        Span::styled(format!("{}{label}", sign.unwrap_or(' ')), view.theme.class(class)),
        Span::styled(figures, if sign.is_some() { view.theme.title() } else { Style::new() }),
    ])
}

fn numbers(share: &Share) -> String {
    format!(" {:>5} {:>10}", share.told(), text::interval(share))
}

/// The share of blasts under its whole name, or in a narrow place under its short one and the classes below.
fn blasts<'a>(view: &View<'_>, share: &Share, columns: usize) -> Vec<Line<'a>> {
    let style = if share.count > 0 { view.theme.trouble() } else { view.theme.text() };
    let names = view.blast_names();
    let told = format!("{}% ({})", share.told(), text::interval(share));
    // How many of how many stands behind it where there is room, for all or for none of the names.
    let counts = ["  ", " "].map(|gap| format!("{gap}{} of {}", share.count, share.of));
    let counts = if columns >= 34 { &counts[..] } else { &[String::new()] };
    let fitting = |name: &str| {
        let said = counts.iter().map(|count| format!("{BLAST_SIGN}{name} {told}{count}"));
        said.into_iter().find(|said| text::width(said) <= columns)
    };
    if let Some(whole) = fitting(&names.title()) {
        return vec![Line::styled(whole, style)];
    }
    // Even the shortest name says that there are others among them; the classes stand below.
    let least = if names.has_equivalents() { "blasts+" } else { "blasts" };
    let bare = || [format!("{BLAST_SIGN}{least} {told}"), format!("{BLAST_SIGN}{least} {}%", share.told())];
    let first = fitting(&names.short()).or_else(|| fitting(least));
    let first = first.unwrap_or_else(|| text::first_fitting(bare(), columns));
    let classes = text::wrap(&names.list(), columns.saturating_sub(2).max(8));
    let classes = classes.into_iter().map(|codes| Line::styled(format!("  {codes}"), view.theme.dim()));
    [Line::styled(first, style)].into_iter().chain(classes).collect()
}

/// What stands below the rows: denominators, blasts and the rule about them, red cells and smudges per 100 WBC, and what is
/// not counted.
pub(super) fn totals<'a>(view: &View<'_>, tally: &Tally, target: u64, columns: usize) -> Vec<Line<'a>> {
    let theme = view.theme;
    let mut lines = vec![Line::from(vec![Span::raw(" "), enough::progress(view, tally, target)])];
    lines.extend(tally.blasts.iter().flat_map(|share| blasts(view, share, columns)));
    lines.extend(enough::rule(view, tally, columns));
    for (name, count) in [("NRBC", tally.nrbc), ("smudge", tally.smudge)] {
        if let Some(per_100) = tally.per_100_wbc(count) {
            lines.push(Line::raw(format!(" {name} {} per 100 WBC", one_decimal(per_100))));
        }
    }
    let said = |name: &str, count: u64, blocks: bool| {
        Span::styled(format!(" {name} {count}"), if count > 0 && blocks { theme.text() } else { theme.dim() })
    };
    let excluded = said("excluded", tally.excluded, false);
    let unreviewed = said("unreviewed", tally.unreviewed, true);
    // One row for both, where they fit into one: a summary of every class has none to spare at 24 rows.
    let both = Line::from(vec![excluded.clone(), Span::raw(" "), unreviewed.clone()]);
    if both.width() <= columns {
        lines.push(both);
    } else {
        lines.extend([Line::from(excluded), Line::from(unreviewed)]);
    }
    if tally.unidentified > 0 {
        lines.push(Line::from(said("unidentified", tally.unidentified, true)));
    }
    lines
}
