//! The text report before it is written, over the line that its file is typed into.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Borders, Widget},
};

use super::{Drawn, View, layout::centred, prompt::tail, row, text};
use crate::app::{Preview, Prompt};

/// Columns of the text, and a little room.
const WIDE: u16 = 80;

/// Draws report and line; answers with the place of the cursor.
pub(super) fn draw(
    buf: &mut Buffer,
    body: Rect,
    view: &View<'_>,
    prompt: &Prompt,
    preview: &Preview,
    drawn: &mut Drawn,
) -> Position {
    drawn.painted.hide();
    let area = centred(body, WIDE, body.height);
    text::clear(buf, area);
    // No frame at the sides: the text has 78 columns, and so has the body of a terminal of 80.
    let block = Block::new()
        .borders(Borders::TOP | Borders::BOTTOM)
        .title(" text report: up and down scroll, enter writes, Esc leaves ");
    let inner = block.inner(area);
    block.render(area, buf);
    let visible = usize::from(inner.height.saturating_sub(2));
    let from = preview.scroll.min(preview.lines.len().saturating_sub(visible));
    for (i, line) in preview.lines.iter().skip(from).take(visible).enumerate() {
        text::put(buf, row(inner, i as u16), &Line::raw(line.as_str()));
    }
    let low = inner.height.saturating_sub(1);
    let total = preview.lines.len();
    if total > visible {
        let more = format!("{}–{} of {total}", from + 1, (from + visible).min(total));
        text::put_sides(buf, row(inner, low.saturating_sub(1)), vec![], vec![Span::styled(more, view.theme.dim())]);
    }
    drawn.painted.scroll = Some(from);
    let label = "file: ";
    let room = usize::from(inner.width).saturating_sub(label.len() + 2);
    let shown = tail(&prompt.text, room);
    let line = Line::from(vec![Span::styled(label, view.theme.title()), Span::raw(shown.as_str())]);
    text::put(buf, row(inner, low), &line);
    Position::new(inner.x + (label.len() + text::width(&shown)) as u16, inner.y + low)
}
