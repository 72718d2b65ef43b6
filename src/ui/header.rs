//! The rows around every screen: header, notice, footer; and what stands there when the screen is too small.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{MIN_COLUMNS, MIN_ROWS, Theme, View, enough, reading, row, text};
use crate::{
    app::{Command, Input, Mode, Review, Tone},
    domain::{CaseRecord, CaseState, printable},
};

/// The mark that goes with drawn cells wherever they appear.
pub(super) const PHANTOM: &str = "PHANTOM – drawn, not a patient";

/// Where a case stands, in a word or two.
pub(super) fn case_state(case: &CaseRecord) -> String {
    match (case.state, case.version) {
        (CaseState::Open, _) => "open".to_owned(),
        (CaseState::Signed, Some(version)) => format!("signed v{version}"),
        (CaseState::Signed, None) => "signed".to_owned(),
        (CaseState::Reopened, _) => "reopened".to_owned(),
    }
}

pub(super) fn state_style(theme: &Theme, state: CaseState) -> Style {
    match state {
        CaseState::Open => theme.text(),
        CaseState::Signed => theme.good(),
        CaseState::Reopened => theme.warning(),
    }
}

/// Device and network, and what it is doing, in at most `room` columns.
pub(super) fn network<'a>(view: &View<'_>, room: usize) -> Vec<Span<'a>> {
    let (network, theme) = (&view.state.network, view.theme);
    let mut parts = Vec::new();
    if let Some((done, all)) = network.progress.filter(|(done, all)| done < all) {
        parts.push(Span::styled(format!("classifying {done}/{all}   "), theme.warning()));
    }
    match (&network.hash, &network.trouble) {
        (_, Some(_)) => parts.push(Span::styled("network failed", theme.trouble())),
        (None, None) => parts.push(Span::styled("no network", theme.dim())),
        (Some(hash), None) => {
            let device = printable(network.device.as_deref().unwrap_or("network")).into_owned();
            let room = room.saturating_sub(parts.iter().map(Span::width).sum());
            let both = format!("{device} {}", hash.short());
            // Where both do not fit, the device stays: the network's hash is in every record anyway.
            let said = if text::width(&both) <= room { both } else { device };
            parts.push(Span::styled(text::fit(&said, room.min(40)), theme.dim()));
        }
    }
    parts
}

pub(super) fn review(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    if let Some(reading) = &review.reading {
        return reading::header(buf, area, view, review, reading);
    }
    let theme = view.theme;
    let state = case_state(&review.case);
    let reviewer = text::fit(&printable(&view.state.reviewer), 24);
    let phantom = review.case.is_phantom();
    let taken =
        text::width(&state) + text::width(&reviewer) + 6 + if phantom { PHANTOM.chars().count() + 4 } else { 0 };
    let name = text::fit(&printable(&review.case.name), usize::from(area.width).saturating_sub(taken));
    let mut left = vec![Span::styled(name, theme.title())];
    if phantom {
        left.extend([Span::raw("  "), Span::styled(format!(" {PHANTOM} "), theme.phantom())]);
    }
    let tags = review.case_tags().into_iter().map(|t| format!("#{}", printable(t))).collect::<Vec<_>>().join(" ");
    let room = usize::from(area.width).saturating_sub(taken + left.iter().map(Span::width).sum::<usize>());
    if !tags.is_empty() && room > 4 {
        left.push(Span::styled(format!("  {}", text::fit(&tags, room.min(40) - 2)), theme.dim()));
    }
    let right = vec![Span::styled(state, state_style(theme, review.case.state)), Span::raw("   "), Span::raw(reviewer)];
    text::put_sides(buf, row(area, 0), left, right);
    let all = review.cells.len();
    let done = review.tally().reviewed();
    let mut left = vec![
        Span::raw(place(review)),
        Span::styled(format!("   reviewed {done}/{all}"), if done == all as u64 { theme.good() } else { theme.text() }),
        Span::styled(waiting(review), theme.warning()),
        Span::raw("   "),
        enough::progress(view, review.tally(), review.case.target),
        Span::styled(format!("   excluded {}", review.tally().excluded), theme.dim()),
    ];
    let sequence = review.sequence();
    let room =
        |left: &[Span<'_>]| usize::from(area.width).saturating_sub(left.iter().map(Span::width).sum::<usize>() + 2);
    if !sequence.is_plain() {
        let filter = sequence.filter().text();
        let only = if filter.is_empty() { String::new() } else { format!(", only {}", printable(filter)) };
        let said = text::fit(&format!("   {}{only}", sequence.order().name()), room(&left));
        left.push(Span::styled(said, theme.warning()));
    }
    let right = network(view, room(&left));
    text::put_sides(buf, row(area, 1), left, right);
}

/// Decisions that are not kept yet, for their key may be held.
pub(super) fn waiting(review: &Review) -> String {
    match review.waiting() {
        0 => String::new(),
        n => format!("+{n}"),
    }
}

/// Which cell is under review, and where it stands among those that are stepped through.
pub(super) fn place(review: &Review) -> String {
    let sequence = review.sequence();
    let cells = sequence.cells().len();
    let name = review.cell_name(review.cursor);
    match sequence.place(review.cursor) {
        Some(_) if sequence.is_plain() => format!("{name}/{cells}"),
        Some(place) => format!("{name} ({}/{cells})", place + 1),
        None if review.cells.is_empty() => "no cells".to_owned(),
        None => format!("{name}, outside the {cells}"),
    }
}

pub(super) fn notice(buf: &mut Buffer, area: Rect, view: &View<'_>) {
    let Some(notice) = &view.state.notice else {
        return;
    };
    let style = match notice.tone() {
        Tone::Info => view.theme.good(),
        Tone::Refused => view.theme.warning(),
        Tone::Trouble => view.theme.trouble(),
    };
    let place = view.state.place();
    let said = notice.text(&|command: Command| view.keys.key(place, command));
    text::put(buf, area, &Line::styled(text::fit_words(&said, usize::from(area.width)), style));
}

pub(super) fn footer(buf: &mut Buffer, area: Rect, view: &View<'_>) {
    let hints = match view.state.input() {
        Input::Keys(mode) => view.keys.footer(mode, &|c| mode == Mode::Help || view.state.available(c)),
        // Prompts have no keymap; these keys mean the same in every one.
        Input::Text => [("enter", "done"), ("esc", "never mind")].map(|(k, w)| (k.to_owned(), w.to_owned())).into(),
    };
    let between = if area.width < 100 { 2 } else { 3 };
    let mut room = usize::from(area.width);
    let mut spans = Vec::new();
    for (key, what) in hints {
        if what.is_empty() {
            continue;
        }
        let taken = text::width(&key) + 1 + text::width(&what);
        let gap = if spans.is_empty() { 0 } else { between };
        if taken + gap > room {
            // What does not fit whole is left out; help has everything.
            continue;
        }
        room -= taken + gap;
        spans.extend([
            Span::raw(" ".repeat(gap)),
            Span::styled(key, view.theme.title()),
            Span::styled(format!(" {what}"), view.theme.dim()),
        ]);
    }
    text::put(buf, area, &Line::from(spans));
}

pub(super) fn too_small(buf: &mut Buffer, area: Rect, theme: &Theme) {
    let said = format!(
        "leukoscope needs {MIN_COLUMNS} columns and {MIN_ROWS} rows; this terminal has {} and {}. Nothing is decided until it is larger.",
        area.width, area.height
    );
    for (i, line) in text::wrap(&said, usize::from(area.width)).into_iter().enumerate().take(usize::from(area.height)) {
        text::put(buf, row(area, i as u16), &Line::styled(line, theme.warning()));
    }
}
