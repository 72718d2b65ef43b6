//! The line that text is typed into, beside the picture, so that the cell stays in sight.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{Drawn, View, layout, row, sign, text, theme::BLAST_SIGN};
use crate::app::{Command, Mode, Prompt, PromptKind, matches};

/// Draws an open prompt; answers with the place of the cursor.
pub(super) fn draw(
    buf: &mut Buffer,
    screen: &layout::Screen,
    view: &View<'_>,
    prompt: &Prompt,
    drawn: &mut Drawn,
) -> Option<Position> {
    let review = view.state.review.as_ref()?;
    if let PromptKind::SignIncomplete(summary) = prompt.kind {
        drawn.painted.cell = None;
        let drew = sign::draw(buf, screen.above_notice(), view, summary, Some(&prompt.text));
        drawn.painted.summary = drew.shown;
        return Some(drew.cursor);
    }
    let body = screen.body;
    let picture = layout::review(body, review.zoom).picture;
    let left = picture.right() + 1;
    let area = Rect { x: left, width: body.right().saturating_sub(left).min(70), ..body };
    let found = if prompt.kind == PromptKind::Search { matches(&view.state.table, &prompt.text) } else { Vec::new() };
    let shown = found.len().min(usize::from(area.height).saturating_sub(4));
    let height = (3 + shown as u16).max(if prompt.kind == PromptKind::Search { 4 } else { 3 }).min(area.height);
    let area = Rect { height, ..area };
    Clear.render(area, buf);
    let title = match prompt.kind {
        PromptKind::Search => " class: type a part of its name ",
        PromptKind::Note => " note on this cell ",
        _ => " reason for reopening ",
    };
    let block = Block::bordered().title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    // The end of a long text is where typing goes on.
    let room = usize::from(inner.width).saturating_sub(2);
    let tail: String = tail(&prompt.text, room);
    text::put(buf, row(inner, 0), &Line::raw(tail.as_str()));
    let first = prompt.marked.saturating_sub(shown.saturating_sub(1));
    for (i, &id) in found.iter().skip(first).take(shown).enumerate() {
        let class = view.state.table.get(id);
        let sign = if class.blast { BLAST_SIGN } else { ' ' };
        let key = view.keys.key(Mode::Review, Command::Class(id)).unwrap_or_default();
        let place = row(inner, i as u16 + 1);
        let name = text::fit_words(&class.name, usize::from(inner.width).saturating_sub(14));
        let line = Line::from(vec![
            Span::styled(format!("{sign}{} ", text::pad(&class.code, 4)), view.theme.class(class)),
            Span::raw(text::pad(&name, usize::from(inner.width).saturating_sub(12))),
            Span::styled(key, view.theme.dim()),
        ]);
        text::put(buf, place, &line);
        if first + i == prompt.marked {
            buf.set_style(place, view.theme.selected());
        }
    }
    if prompt.kind == PromptKind::Search && found.is_empty() {
        text::put(buf, row(inner, 1), &Line::styled("no class matches", view.theme.warning()));
    }
    Some(Position::new(inner.x + text::width(&tail) as u16, inner.y))
}

/// As much of the end of a text as fits.
fn tail(text: &str, columns: usize) -> String {
    let mut from = 0;
    while self::text::width(&text[from..]) > columns {
        from += text[from..].chars().next().map_or(1, char::len_utf8);
    }
    text[from..].to_owned()
}
