//! The help pane: every key of the screen beneath, from the keymap in use.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{View, layout::centred, row, text};
use crate::app::Mode;

pub(super) fn draw(buf: &mut Buffer, body: Rect, view: &View<'_>, scroll: usize) {
    let area = centred(body, 92, body.height);
    Clear.render(area, buf);
    let place = view.state.helped();
    let title = match place {
        Mode::Review => " keys of the review ",
        Mode::Sign => " keys of the summary before a signature ",
        _ => " keys of the case list ",
    };
    let block = Block::bordered().title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    let rows = view.keys.help(place);
    let key_w = rows.iter().map(|(keys, _)| text::width(keys)).max().unwrap_or(0).min(usize::from(inner.width) / 3);
    let visible = usize::from(inner.height.saturating_sub(1));
    let from = scroll.min(rows.len().saturating_sub(visible));
    let what_w = usize::from(inner.width).saturating_sub(key_w + 4);
    for (i, (keys, what)) in rows.iter().skip(from).take(visible).enumerate() {
        let line = Line::from(vec![
            Span::styled(format!(" {}  ", text::pad(keys, key_w)), view.theme.title()),
            Span::raw(text::fit_words(what, what_w)),
        ]);
        text::put(buf, row(inner, i as u16), &line);
    }
    let more = if rows.len() > visible {
        format!(" {}–{} of {} ", from + 1, (from + visible).min(rows.len()), rows.len())
    } else {
        String::new()
    };
    let close =
        view.keys.key(Mode::Help, crate::app::Command::Cancel).map_or_else(String::new, |k| format!("{k} closes"));
    text::put_sides(
        buf,
        row(inner, inner.height.saturating_sub(1)),
        vec![Span::styled(more, view.theme.dim())],
        vec![Span::styled(close, view.theme.dim())],
    );
}
