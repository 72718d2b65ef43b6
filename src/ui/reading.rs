//! A reading beside the record: its header, the prompt that begins one, a case's line while it goes on, and what a signature
//! says of two readers.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Widget},
};

use super::{View, enough, header, layout::centred, prompt::tail, row, text};
use crate::{
    app::{BeginChoice, Disputes, Prompt, Review},
    domain::{CaseSummary, Reading, printable},
};

/// What stands over a reading: what it is, and its progress; nothing of the record.
pub(super) fn header(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, reading: &Reading) {
    let theme = view.theme;
    let kind = format!(" {} ", reading.kind.title().to_uppercase());
    let shown = if reading.suggestions { "suggestions shown" } else { "no suggestions" };
    let reviewer = text::fit(&printable(&view.state.reviewer), 24);
    let phantom = if review.case.is_phantom() { "  PHANTOM" } else { "" };
    let taken = text::width(&kind) + shown.len() + text::width(&reviewer) + phantom.len() + 9;
    let name = text::fit(&printable(&review.case.name), usize::from(area.width).saturating_sub(taken));
    let left = vec![
        Span::styled(name, theme.title()),
        Span::styled(phantom, theme.warning()),
        Span::raw("  "),
        Span::styled(kind, theme.phantom()),
    ];
    let right = vec![Span::styled(shown, theme.dim()), Span::raw("   "), Span::raw(reviewer)];
    text::put_sides(buf, row(area, 0), left, right);
    let (done, all) = (review.tally().reviewed(), review.cells.len());
    let mut left = vec![
        Span::raw(header::place(review)),
        Span::styled(format!("   decided {done}/{all}"), if done == all as u64 { theme.good() } else { theme.text() }),
        Span::styled(header::waiting(review), theme.warning()),
        Span::raw("   "),
        enough::progress(view, review.tally(), crate::domain::per_reader(review.case.target)),
    ];
    let sequence = review.sequence();
    if !sequence.is_plain() {
        let filter = sequence.filter().text();
        let only = if filter.is_empty() { String::new() } else { format!(", only {}", printable(filter)) };
        let said = text::fit(&format!("   {}{only}", sequence.order().name()), 40);
        left.push(Span::styled(said, theme.warning()));
    }
    let right = if reading.suggestions { header::network(view, 24) } else { Vec::new() };
    text::put_sides(buf, row(area, 1), left, right);
}

/// The prompt for which reading to begin; answers with the place of the cursor.
pub(super) fn begin(buf: &mut Buffer, body: Rect, view: &View<'_>, prompt: &Prompt) -> Position {
    let choices = BeginChoice::matching(&prompt.text);
    let area = centred(body, 60, 4 + choices.len().max(1) as u16);
    text::clear(buf, area);
    let block = Block::bordered().title(" read this case blinded: nothing of its record is shown ");
    let inner = block.inner(area);
    block.render(area, buf);
    let typed = tail(&prompt.text, usize::from(inner.width).saturating_sub(2));
    text::put(buf, row(inner, 0), &Line::raw(typed.as_str()));
    if choices.is_empty() {
        text::put(buf, row(inner, 1), &Line::styled(" no choice matches", view.theme.warning()));
    }
    for (i, choice) in choices.iter().enumerate() {
        let place = row(inner, i as u16 + 1);
        text::put(buf, place, &Line::raw(format!(" {}", choice.text())));
        if i == prompt.marked {
            buf.set_style(place, view.theme.selected());
        }
    }
    Position::new(inner.x + text::width(&typed) as u16, inner.y)
}

/// What the list of cases shows of a case that the reviewer reads blinded, or has come to read so: where it stands, cells
/// decided in the reading, and cells of it; `None`: the record may be shown.
pub(super) fn masked(view: &View<'_>, summary: &CaseSummary) -> Option<(&'static str, u64, u64)> {
    let state = view.state;
    match state.cases.reading(summary.case.id) {
        Some(open) => Some((open.reading.kind.name(), open.decided, summary.cells)),
        None => state.blinded.then_some(("", 0, summary.cells)),
    }
}

/// What a signature says of two readers, each line with whether it stands in no way; `open`: cells that nobody settled.
pub(super) fn joint(disputes: &Disputes, open: usize) -> Vec<(String, bool)> {
    let c = &disputes.comparison;
    let firsts = c.firsts.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
    let readers = format!(
        " readers {firsts} and {}: {} of {} alike, {}",
        printable(&c.reading.reviewer),
        c.agreed(),
        c.n(),
        kappa(disputes)
    );
    let settled = disputes.len() - open;
    let said = if open > 0 {
        format!(" not ready: {open} of {} cells in dispute are not settled", disputes.len())
    } else {
        format!(" {settled} of {} cells in dispute settled", disputes.len())
    };
    vec![(readers, true), (said, open == 0)]
}

/// `kappa 0.92 (0.84–0.99)`.
pub(super) fn kappa(disputes: &Disputes) -> String {
    disputes.comparison.kappa.map_or_else(
        || "kappa not defined".to_owned(),
        |k| format!("kappa {:.2} ({:.2}–{:.2})", k.value, k.ci95.lower, k.ci95.upper),
    )
}
