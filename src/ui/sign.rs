//! The summary before a signature: everything that would be signed, and what stands in the way.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Widget},
};

use super::{View, differential, enough, header::PHANTOM, layout::centred, reading, row, text};
use crate::{
    app::{Command, Mode, Review, SignPopup},
    domain::{Seq, TallyRow, counted, printable},
};

/// Columns between the two halves of a table.
const GAP: u16 = 3;

/// What stands before what is typed.
const TYPE_YES: &str = "type yes to sign all the same: ";

/// What was drawn.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// The last decision behind the figures, when all of them could be shown.
    pub shown: Option<Option<Seq>>,
    /// Where typing goes on.
    pub cursor: Position,
}

/// Draws the summary; with `typed`, the prompt for `yes` in its last row.
pub(super) fn draw(buf: &mut Buffer, body: Rect, view: &View<'_>, summary: SignPopup, typed: Option<&str>) -> Summary {
    let Some(review) = &view.state.review else {
        return Summary::default();
    };
    let tally = review.tally();
    let theme = view.theme;
    let counted: Vec<&TallyRow> = tally.rows.iter().filter(|r| r.count > 0).collect();
    let width = body.width.min(100);
    let columns = usize::from(width - 4);
    let totals_in = |columns: u16| differential::totals(view, tally, review.case.target, usize::from(columns));
    let room = width.saturating_sub(4);
    let mut totals = totals_in(room.min(60));
    let mut notes = notes(view, review, summary, columns);
    let flags = view.state.flags();
    let last = match typed {
        Some(typed) => Line::from(vec![Span::styled(TYPE_YES, theme.warning()), Span::raw(text::fit(typed, 20))]),
        None => ask(view, review),
    };
    let end = last.width() as u16;
    let free = usize::from(body.height).saturating_sub(2 + 1 + 1 + notes.len() + flags.len() + 1);
    let halves = if counted.len() + totals.len() > free { 2 } else { 1 };
    if halves == 2 {
        totals = totals_in((room - GAP) / 2);
    }
    let rows = counted.len().div_ceil(halves);
    let total_rows = totals.len().div_ceil(halves);
    // Flags take the rows that figures leave: they follow from the figures, and do not keep them from being signed.
    let room = usize::from(body.height).saturating_sub(2 + 1 + rows + 1 + total_rows + notes.len() + 1);
    let flag_lines = enough::summary(view, &flags, columns, room);
    let unseen = flag_lines.len() < flags.len() && room == 0;
    notes.extend(flag_lines);
    let used = 1 + rows + 1 + total_rows + notes.len() + 1;
    let blank = usize::from(used + 2 < usize::from(body.height));
    let area = centred(body, width, (used + blank + 2) as u16);
    text::clear(buf, area);
    let phantom = if review.case.is_phantom() { format!(" ({PHANTOM})") } else { String::new() };
    let name = text::fit(&printable(&review.case.name), 20);
    let title = match &review.reading {
        Some(reading) => format!(" finish the {} of {name}{phantom} ", reading.kind.title()),
        None => format!(" sign the differential of {name}{phantom} "),
    };
    let block = Block::bordered().title(text::fit(&title, columns));
    let block = if unseen { block.title_bottom(format!(" flags: {} ", flags.len())) } else { block };
    let inner = block.inner(area);
    block.render(area, buf);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let half = if halves == 2 { (inner.width - GAP) / 2 } else { inner.width.min(60) };
    let place = |i: usize| Rect { x: inner.x + i as u16 * (half + GAP), width: half, ..inner };
    for (i, column) in counted.chunks(rows.max(1)).enumerate() {
        text::put(buf, row(place(i), 0), &differential::heading(view, usize::from(half)));
        for (j, counted) in column.iter().enumerate() {
            text::put(buf, row(place(i), j as u16 + 1), &differential::class_row(view, counted, usize::from(half)));
        }
    }
    for (i, line) in totals.iter().enumerate() {
        text::put(buf, row(place(i / total_rows.max(1)), (rows + 2 + i % total_rows.max(1)) as u16), line);
    }
    for (i, line) in notes.iter().enumerate() {
        text::put(buf, row(inner, (rows + 2 + total_rows + i) as u16), line);
    }
    let bottom = row(inner, inner.height.saturating_sub(1));
    text::put(buf, bottom, &last);
    // Figures that did not fit were not seen.
    let shown = (used <= usize::from(inner.height)).then(|| review.last_seq());
    Summary { shown, cursor: Position::new(bottom.x + end, bottom.y) }
}

fn notes<'a>(view: &View<'_>, review: &Review, summary: SignPopup, columns: usize) -> Vec<Line<'a>> {
    let tally = review.tally();
    let mut lines = Vec::new();
    let mut say = |said: String, style| lines.push(Line::styled(text::fit_words(&said, columns), style));
    if summary.moved {
        say(" the figures have changed since you looked: these are the new ones".to_owned(), view.theme.warning());
    }
    let disputes = review.disputes.as_ref().map(|d| (d, d.unsettled(review)));
    for (said, ready) in disputes.iter().flat_map(|(d, open)| reading::joint(d, *open)) {
        say(said, if ready { view.theme.text() } else { view.theme.trouble() });
    }
    match (tally.unreviewed, tally.unidentified) {
        (0, 0) => {}
        // A reading may end at its share of the target.
        (unreviewed, _) if review.reading.is_some() => {
            say(format!(" {} without a decision", counted(unreviewed, "cell", "cells")), view.theme.text());
        }
        (unreviewed, 0) => say(format!(" not ready: {unreviewed} without a decision"), view.theme.trouble()),
        (0, unidentified) => say(format!(" not ready: {unidentified} unidentified"), view.theme.trouble()),
        (unreviewed, unidentified) => {
            say(
                format!(" not ready: {unreviewed} without a decision, {unidentified} unidentified"),
                view.theme.trouble(),
            );
        }
    }
    lines
}

fn ask<'a>(view: &View<'_>, review: &Review) -> Line<'a> {
    let key = |command| view.keys.key(Mode::Sign, command).unwrap_or_else(|| "?".to_owned());
    let settled = review.disputes.as_ref().is_none_or(|d| d.unsettled(review) == 0);
    let ready = settled && review.tally().unreviewed == 0 && review.tally().unidentified == 0;
    let does = match &review.reading {
        Some(_) => " finishes the reading of ",
        None if ready => " signs as ",
        None => " asks again, then signs as ",
    };
    Line::from(vec![
        Span::styled(key(Command::Confirm), view.theme.title()),
        Span::raw(does),
        Span::styled(text::fit(&printable(&view.state.reviewer), 30), view.theme.title()),
        Span::raw("   "),
        Span::styled(key(Command::Cancel), view.theme.title()),
        Span::raw(" closes"),
    ])
}
