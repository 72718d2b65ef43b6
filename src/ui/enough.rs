//! How far a count is: progress towards the target, the rule by which the reviewer stops, and what stands out in one line.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{View, text, theme::BLAST_SIGN};
use crate::{
    app::Review,
    domain::{BlastSet, Flag, Origin, StopVerdict, Tally, counted, one_decimal, target_name},
};

/// Columns that the rule's whole sentence needs.
const SENTENCE: usize = 52;

/// `WBC 57/100`.
pub(super) fn progress<'a>(view: &View<'_>, tally: &Tally, target: u64) -> Span<'a> {
    let style = if tally.wbc >= target { view.theme.good() } else { view.theme.title() };
    let name = target_name(target);
    let two = if name == target.to_string() { String::new() } else { format!(" ({name})") };
    Span::styled(format!("WBC {}/{target}{two}", tally.wbc), style)
}

/// What the rule of this session says of the count; `None`: there is no rule.
pub(super) fn rule<'a>(view: &View<'_>, tally: &Tally, columns: usize) -> Option<Line<'a>> {
    let rule = view.state.rule?;
    let (theme, percent) = (view.theme, rule.percent());
    let (blasts, wbc) = tally.blasts.map_or((0, 0), |b| (b.count, b.of));
    let share = tally.blasts.map_or_else(String::new, |b| b.told());
    let wide = columns >= SENTENCE;
    // Named in full in the line above.
    let name = view.blast_names().short();
    let whose = if wide { format!("{name} against") } else { "against".to_owned() };
    let uncounted = uncounted(view, tally);
    let (said, style) = match rule.verdict(blasts, wbc) {
        StopVerdict::Above => (format!("{name} > {percent}%: clear ({share}%)"), theme.good()),
        StopVerdict::Below if rule.verdict(blasts + uncounted.1, wbc) != StopVerdict::Below => {
            let more = one_decimal(100.0 * uncounted.1 as f64 / wbc as f64);
            (format!("{name} < {percent}% without {} ({more}%)", uncounted.0), theme.warning())
        }
        StopVerdict::Below => (format!("{name} < {percent}%: clear ({share}%)"), theme.good()),
        StopVerdict::Open { .. } if wbc == 0 => (format!("{whose} {percent}%: no cells yet"), theme.dim()),
        StopVerdict::Open { more: Some(more) } => {
            let more = counted(more, "more cell", "more cells");
            (format!("{whose} {percent}%: {more} at this share"), theme.text())
        }
        StopVerdict::Open { more: None } if wide => {
            (format!("{whose} {percent}%: not to be settled at this share"), theme.dim())
        }
        StopVerdict::Open { more: None } => (format!("{whose} {percent}%: not in sight"), theme.dim()),
    };
    let said = if wide { said } else { said.replace(" at this share", "") };
    Some(Line::styled(text::fit_words(&format!(" {said}"), columns), style))
}

/// Classes that could count as blasts in this case and do not, and their cells: a share that is clear without them need not be so
/// with them.
fn uncounted(view: &View<'_>, tally: &Tally) -> (String, u64) {
    let table = &view.state.table;
    let open = BlastSet::offered(table).into_iter().filter(|&id| view.blast_sign(id).is_none());
    let rows: Vec<_> = open.map(|id| tally.row(id)).filter(|row| row.count > 0).collect();
    let codes: Vec<_> = rows.iter().map(|row| table.code(row.class)).collect();
    (codes.join(" "), rows.iter().map(|row| row.count).sum())
}

/// The row under the header: what stands out, and where the differential is out of sight, its denominators.
pub(super) fn row(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    let tally = review.tally();
    let right =
        if review.zoom > 0 || review.gallery.is_some() { denominators(view, tally, area.width) } else { Vec::new() };
    let taken: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(if taken > 0 { taken + 2 } else { 0 });
    // The test between decisions and suggestions is for one look, once the decisions are made.
    let done = tally.unreviewed == 0;
    let flags: Vec<Flag> = view.state.flags().into_iter().filter(|f| f.origin != Origin::Both || done).collect();
    let line = flag_lines(view, &flags, room, 1).pop().unwrap_or_default();
    text::put(buf, Rect { width: room as u16, ..area }, &line);
    text::put_sides(buf, area, Vec::new(), right);
}

fn denominators<'a>(view: &View<'_>, tally: &Tally, columns: u16) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    if let Some(blasts) = tally.blasts {
        let style = if blasts.count > 0 { view.theme.trouble() } else { view.theme.text() };
        // Half of a wide row is the flags'.
        let name = view.blast_names().fitting(usize::from(columns / 4));
        let said = format!("{BLAST_SIGN}{name} {}% ({})", blasts.told(), text::interval(&blasts));
        spans.extend([Span::styled(said, style), Span::raw("  ")]);
    }
    if let (Some(nrbc), Some(smudge)) = (tally.per_100_wbc(tally.nrbc), tally.per_100_wbc(tally.smudge)) {
        let said = format!("NRBC {}  smudge {} /100 WBC", one_decimal(nrbc), one_decimal(smudge));
        spans.push(Span::styled(said, view.theme.dim()));
    }
    spans
}

/// The flags in at most so many lines, as many as fit, and how many more there are: `! blasts 3.0%  ! left shift`; those of
/// the suggestions after the word.
pub(super) fn flag_lines<'a>(view: &View<'_>, flags: &[Flag], columns: usize, rows: usize) -> Vec<Line<'a>> {
    let mut items: Vec<(String, Style)> = Vec::new();
    let mut origin = Origin::Decided;
    for flag in flags {
        let style = if flag.origin == Origin::Suggested { view.theme.dim() } else { view.theme.warning() };
        let label = match flag.origin {
            Origin::Suggested if origin != Origin::Suggested => "suggested: ",
            _ => "",
        };
        origin = flag.origin;
        items.push((format!("{label}{BLAST_SIGN} {}", flag.short), style));
    }
    let mut lines: Vec<Line<'a>> = Vec::new();
    let mut line = Line::default();
    for (i, (item, style)) in items.iter().enumerate() {
        let left = items.len() - i;
        // In the last line, room for the number of those that are left out.
        let spare = if lines.len() + 1 == rows && left > 1 { format!("  +{} more", left - 1).len() } else { 0 };
        let gap = if line.width() == 0 { 0 } else { 2 };
        if line.width() + gap + text::width(item) + spare > columns {
            if lines.len() + 1 >= rows {
                let more = if gap == 0 {
                    format!("{BLAST_SIGN} {}", counted(left as u64, "flag", "flags"))
                } else {
                    format!("  +{left} more")
                };
                if line.width() + more.len() <= columns {
                    line.push_span(Span::styled(more, view.theme.warning()));
                }
                break;
            }
            lines.push(std::mem::take(&mut line));
            line.push_span(Span::styled(text::fit(item, columns), *style));
            continue;
        }
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::styled(item.clone(), *style));
    }
    if line.width() > 0 && rows > 0 {
        lines.push(line);
    }
    lines
}

/// Every flag as a sentence, where so many rows hold them; else as many as fit in short.
pub(super) fn summary<'a>(view: &View<'_>, flags: &[Flag], columns: usize, rows: usize) -> Vec<Line<'a>> {
    if flags.len() > rows {
        let lines = flag_lines(view, flags, columns.saturating_sub(1), rows);
        return lines.into_iter().map(|line| Line::from([vec![Span::raw(" ")], line.spans].concat())).collect();
    }
    let line = |flag: &Flag| {
        let style = if flag.origin == Origin::Suggested { view.theme.text() } else { view.theme.warning() };
        let whose = if flag.origin == Origin::Both { String::new() } else { format!("{}: ", flag.origin.name()) };
        Line::styled(text::fit_words(&format!(" {BLAST_SIGN} {whose}{}", flag.sentence()), columns), style)
    };
    flags.iter().map(line).collect()
}
