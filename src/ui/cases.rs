//! The list of cases.

use ratatui::{
    buffer::Buffer,
    text::{Line, Span},
};

use super::{View, header, layout::Screen, reading, row, text};
use crate::domain::{CaseSummary, counted, day, printable};

pub(super) fn draw(buf: &mut Buffer, screen: &Screen, view: &View<'_>) {
    let theme = view.theme;
    let list = &view.state.cases;
    let reviewer = text::fit(&printable(&view.state.reviewer), 24);
    text::put_sides(
        buf,
        row(screen.header, 0),
        vec![Span::styled("leukoscope", theme.title())],
        vec![Span::raw(reviewer)],
    );
    let Some(rows) = &list.rows else {
        text::put(buf, row(screen.body, 0), &Line::styled("reading the cases …", theme.dim()));
        return;
    };
    let count = counted(rows.len() as u64, "case", "cases");
    text::put_sides(buf, row(screen.header, 1), vec![Span::raw(count)], header::network(view, 64));
    if rows.is_empty() {
        text::put(
            buf,
            row(screen.body, 0),
            &Line::raw("no cases yet: leukoscope import DIR makes one of a folder of images"),
        );
        return;
    }
    let columns = Columns::of(screen.body.width, view, rows);
    text::put(buf, row(screen.body, 0), &Line::styled(columns.heading(), theme.title()));
    let page = usize::from(screen.body.height.saturating_sub(1)).max(1);
    // Page by page: lines that stay where they are cost no bytes.
    let from = list.cursor / page * page;
    for (i, summary) in rows.iter().enumerate().skip(from).take(page) {
        let place = row(screen.body, (i - from) as u16 + 1);
        text::put(buf, place, &columns.line(view, summary));
        if i == list.cursor {
            buf.set_style(place, theme.selected());
        }
    }
}

/// Widths of the columns that depend on the screen's.
struct Columns {
    name: usize,
    bar: usize,
    interval: bool,
    blasts: usize,
}

/// Longest that is said before a share of what counts as a blast other than by default.
const OTHER: usize = 12;

/// What makes a share of blasts one of other classes than by default, with a space behind it: `+PMO `.
fn other(view: &View<'_>, summary: &CaseSummary) -> String {
    let other = summary.case.blasts.names(&view.state.table).difference();
    if other.is_empty() || summary.blasts.is_none() { String::new() } else { text::fit(&other, OTHER) + " " }
}

impl Columns {
    const STATE: usize = 11;
    const COUNT: usize = 13;
    const DATE: usize = 10;

    fn of(width: u16, view: &View<'_>, rows: &[CaseSummary]) -> Self {
        let width = usize::from(width);
        let interval = width >= 100;
        let longest = rows.iter().map(|row| text::width(&other(view, row))).max().unwrap_or(0);
        let blasts = longest + if interval { 20 } else { 7 };
        // Where it is narrow, the bar gives way.
        let bar = if width >= 120 { 20 } else { 10 - longest.min(10) };
        let rest = Self::STATE + 1 + bar + 1 + Self::COUNT + 1 + blasts + 2 + Self::DATE;
        Self { name: width.saturating_sub(rest + 1).min(60), bar, interval, blasts }
    }

    fn heading(&self) -> String {
        let (name, state, bar) =
            (text::pad("case", self.name), text::pad("state", Self::STATE), text::pad("", self.bar));
        format!(
            "{name} {state} {bar} {:>count$} {:>blasts$}  {}",
            "reviewed",
            "blasts",
            "imported",
            count = Self::COUNT,
            blasts = self.blasts
        )
    }

    fn line<'a>(&self, view: &View<'_>, summary: &CaseSummary) -> Line<'a> {
        // Of a case that is read blinded nothing but the reading's own progress is shown.
        let mut shown = summary.clone();
        let mut state = header::case_state(&summary.case);
        let mut style = header::state_style(view.theme, summary.case.state);
        if let Some((word, decided, cells)) = reading::masked(view, summary) {
            shown = CaseSummary { reviewed: decided, cells, blasts: None, ..shown };
            (state, style) = (word.to_owned(), view.theme.text());
        }
        let summary = &shown;
        let (theme, case) = (view.theme, &summary.case);
        let done = if summary.cells == 0 { 0.0 } else { summary.reviewed as f64 / summary.cells as f64 };
        let fill = if theme.plain_fill() == '=' { '=' } else { '━' };
        let filled = (done * self.bar as f64).floor() as usize;
        let count = format!("{}/{}", summary.reviewed, summary.cells);
        let blasts = match (&summary.blasts, self.interval) {
            (None, _) => "–".to_owned(),
            // Of a few WBC a percentage without its interval would mislead.
            (Some(share), false) if share.of < view.state.flag_rules.from_wbc() => {
                format!("{}{}/{}", other(view, summary), share.count, share.of)
            }
            (Some(share), false) => format!("{}{}%", other(view, summary), share.told()),
            (Some(share), true) => format!("{}{}% ({})", other(view, summary), share.told(), text::interval(share)),
        };
        let phantom = case.is_phantom();
        let mut name = vec![Span::styled(text::pad(&printable(&case.name), self.name), theme.title())];
        if phantom {
            // The name gives way to the mark.
            let mark = if self.name >= 50 { header::PHANTOM } else { "PHANTOM" };
            let room = self.name.saturating_sub(mark.chars().count() + 3);
            let said = text::fit(&printable(&case.name), room);
            let gap = self.name.saturating_sub(mark.chars().count() + 2 + text::width(&said));
            name = vec![
                Span::styled(said, theme.title()),
                Span::raw(" ".repeat(gap)),
                Span::styled(format!(" {mark} "), theme.phantom()),
            ];
        }
        name.extend([
            Span::styled(format!(" {} ", text::pad(&state, Self::STATE)), style),
            Span::styled(fill.to_string().repeat(filled), theme.good()),
            // The empty part has no colour, which the cursor's row would fill the bar with.
            Span::raw(" ".repeat(self.bar.saturating_sub(filled))),
            Span::raw(format!(" {count:>w$} {blasts:>b$}  ", w = Self::COUNT, b = self.blasts)),
            Span::styled(text::fit(&day(&case.imported_at, &view.state.zone), Self::DATE), theme.dim()),
        ]);
        Line::from(name)
    }
}
