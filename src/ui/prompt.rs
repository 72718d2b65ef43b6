//! The line that text is typed into, beside the picture, so that the cell stays in sight.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{Drawn, View, layout, row, sign, text, theme::BLAST_SIGN};
use crate::app::{Command, EnoughChoice, Mode, Prompt, PromptKind, matches};

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
    let choices = choices(view, prompt, usize::from(area.width).saturating_sub(2));
    let lists = matches!(prompt.kind, PromptKind::Search | PromptKind::Enough);
    let shown = choices.len().min(usize::from(area.height).saturating_sub(4));
    let height = (3 + shown as u16).max(if lists { 4 } else { 3 }).min(area.height);
    let area = Rect { height, ..area };
    Clear.render(area, buf);
    let title = match prompt.kind {
        PromptKind::Search => " class: type a part of its name ",
        PromptKind::Enough => " how many cells are enough ",
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
    for (i, choice) in choices.iter().skip(first).take(shown).enumerate() {
        let place = row(inner, i as u16 + 1);
        text::put(buf, place, choice);
        if first + i == prompt.marked {
            buf.set_style(place, view.theme.selected());
        }
    }
    if lists && choices.is_empty() {
        let none = if prompt.kind == PromptKind::Search { "no class matches" } else { "no choice matches" };
        text::put(buf, row(inner, 1), &Line::styled(none, view.theme.warning()));
    }
    Some(Position::new(inner.x + text::width(&tail) as u16, inner.y))
}

/// The list under what is typed: classes with their keys, or targets and rules, those in use with a sign.
fn choices<'a>(view: &View<'_>, prompt: &Prompt, columns: usize) -> Vec<Line<'a>> {
    let class = |id| {
        let class = view.state.table.get(id);
        let sign = if class.blast { BLAST_SIGN } else { ' ' };
        let key = view.keys.key(Mode::Review, Command::Class(id)).unwrap_or_default();
        let name = text::fit_words(&class.name, columns.saturating_sub(14));
        Line::from(vec![
            Span::styled(format!("{sign}{} ", text::pad(&class.code, 4)), view.theme.class(class)),
            Span::raw(text::pad(&name, columns.saturating_sub(12))),
            Span::styled(key, view.theme.dim()),
        ])
    };
    let enough = |choice: EnoughChoice| {
        let sign = if choice.holds(view.state) { '*' } else { ' ' };
        Line::raw(text::fit_words(&format!(" {sign} {}", choice.text()), columns))
    };
    match prompt.kind {
        PromptKind::Search => matches(&view.state.table, &prompt.text).into_iter().map(class).collect(),
        PromptKind::Enough => EnoughChoice::matching(&prompt.text).into_iter().map(enough).collect(),
        _ => Vec::new(),
    }
}

/// As much of the end of a text as fits.
fn tail(text: &str, columns: usize) -> String {
    let mut from = 0;
    while self::text::width(&text[from..]) > columns {
        from += text[from..].chars().next().map_or(1, char::len_utf8);
    }
    text[from..].to_owned()
}
