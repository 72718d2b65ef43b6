//! Panes of lines that can be scrolled: every key of the screen beneath, from the keymap in use, and a case's history.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Widget},
};

use super::{View, layout::centred, row, text};
use crate::{app::Mode, domain::printable};

pub(super) fn draw(buf: &mut Buffer, body: Rect, view: &View<'_>, scroll: usize) -> usize {
    let place = view.state.helped();
    let title = match place {
        Mode::Review => " keys of the review ",
        Mode::Gallery => " keys of the gallery ",
        Mode::Dispute => " keys between two readings ",
        Mode::Alike => " keys beside look-alikes, or another cell ",
        Mode::Sign => " keys of the summary before a signature ",
        _ => " keys of the case list ",
    };
    let rows = view.keys.help(place);
    let area = centred(body, 92, body.height);
    let wide = usize::from(area.width.saturating_sub(2));
    let key_w = rows.iter().map(|(keys, _)| text::width(keys)).max().unwrap_or(0).min(wide / 3);
    let what_w = wide.saturating_sub(key_w + 4);
    let line = |(keys, what): &(String, String)| {
        Line::from(vec![
            Span::styled(format!(" {}  ", text::pad(keys, key_w)), view.theme.title()),
            Span::raw(text::fit_words(what, what_w)),
        ])
    };
    pane(buf, area, view, title, scroll, &rows.iter().map(line).collect::<Vec<_>>())
}

/// What happened to the case: when, who, what.
pub(super) fn history(buf: &mut Buffer, body: Rect, view: &View<'_>, scroll: usize, lines: &[[String; 3]]) -> usize {
    let area = centred(body, 120, body.height);
    let wide = usize::from(area.width.saturating_sub(2));
    let who_w = lines.iter().map(|l| text::width(&printable(&l[1]))).max().unwrap_or(0).min(12);
    let line = |[at, who, what]: &[String; 3]| {
        let what_w = wide.saturating_sub(text::width(at) + who_w + 5);
        Line::from(vec![
            Span::styled(format!(" {at}  "), view.theme.dim()),
            Span::styled(format!("{}  ", text::pad(&text::fit(&printable(who), who_w), who_w)), view.theme.title()),
            Span::raw(text::fit_words(what, what_w)),
        ])
    };
    pane(buf, area, view, " history of the case ", scroll, &lines.iter().map(line).collect::<Vec<_>>())
}

/// Lines that can be scrolled through; answers with the first one shown.
fn pane(buf: &mut Buffer, area: Rect, view: &View<'_>, title: &str, scroll: usize, lines: &[Line<'_>]) -> usize {
    text::clear(buf, area);
    let block = Block::bordered().title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    let visible = usize::from(inner.height.saturating_sub(1));
    let from = scroll.min(lines.len().saturating_sub(visible));
    for (i, line) in lines.iter().skip(from).take(visible).enumerate() {
        text::put(buf, row(inner, i as u16), line);
    }
    let more = if lines.len() > visible {
        format!(" {}–{} of {} ", from + 1, (from + visible).min(lines.len()), lines.len())
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
    from
}
