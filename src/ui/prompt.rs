//! The line that text is typed into, beside the picture, so that the cell stays in sight.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Widget},
};

use super::{Drawn, View, export, layout, reading, row, sign, text};
use crate::{
    app::{
        Command, EnoughChoice, Mode, Prompt, PromptKind, Review, blast_choices, blasts_chosen, forms, matches, orders,
    },
    domain::{Filter, Order, counted, printable},
};

/// Draws an open prompt; answers with the place of the cursor.
pub(super) fn draw(
    buf: &mut Buffer,
    screen: &layout::Screen,
    view: &View<'_>,
    prompt: &Prompt,
    drawn: &mut Drawn,
) -> Option<Position> {
    if let PromptKind::Begin(_) = prompt.kind {
        return Some(reading::begin(buf, screen.body, view, prompt));
    }
    let review = view.state.review.as_ref()?;
    if let PromptKind::SignIncomplete(summary) = prompt.kind {
        drawn.painted.hide();
        let drew = sign::draw(buf, screen.above_notice(), view, summary, Some(&prompt.text));
        drawn.painted.summary = drew.shown;
        return Some(drew.cursor);
    }
    if let (PromptKind::ExportTo(_), Some(preview)) = (prompt.kind, &view.state.preview) {
        return Some(export::draw(buf, screen.body, view, prompt, preview, drawn));
    }
    let body = screen.body;
    let picture = layout::review(body, review.zoom).picture;
    let left = picture.right() + 1;
    let area = Rect { x: left, width: body.right().saturating_sub(left).min(70), ..body };
    let choices = choices(view, review, prompt);
    let shown = choices.len().min(usize::from(area.height).saturating_sub(4));
    let area = Rect { height: (3 + shown as u16).min(area.height), ..area };
    text::clear(buf, area);
    let asked = match prompt.kind {
        PromptKind::Particular { place, .. } => view.state.particulars.get(place),
        _ => None,
    };
    let asked = asked.map_or_else(String::new, |p| format!(" {}; empty: none ", printable(&p.label)));
    let enough = format!(" how many cells are enough; {} ", view.blast_names().fitting(26));
    let title = match prompt.kind {
        PromptKind::Search => " class: type a part of its name ",
        PromptKind::Order => " what comes first ",
        PromptKind::Filter => " only cells that are ",
        PromptKind::Enough => enough.as_str(),
        PromptKind::Blasts => " what counts as a blast: space in or out, enter keeps ",
        PromptKind::Note if prompt.marked == 1 => " note on the case; tab: on this cell ",
        PromptKind::Note => " note on this cell; tab: on the case ",
        PromptKind::Tag if prompt.marked == 1 => " tag of the case; tab: of this cell ",
        PromptKind::Tag => " tag of this cell; tab: of the case ",
        PromptKind::Export => " export as ",
        PromptKind::Particular { .. } => asked.as_str(),
        PromptKind::ExportTo(_) => " file to write ",
        PromptKind::GiveUp => " not complete; to end it all the same type: give up ",
        PromptKind::Reason | PromptKind::Begin(_) | PromptKind::SignIncomplete(_) => " reason for reopening ",
    };
    let block = Block::bordered().title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    // The end of a long text is where typing goes on.
    let room = usize::from(inner.width).saturating_sub(2);
    let tail: String = tail(&prompt.text, room);
    text::put(buf, row(inner, 0), &Line::raw(tail.as_str()));
    let first = prompt.marked.saturating_sub(shown.saturating_sub(1));
    for (i, (said, style, key)) in choices.iter().skip(first).take(shown).enumerate() {
        let place = row(inner, i as u16 + 1);
        let room = usize::from(inner.width).saturating_sub(text::width(key));
        let line = Line::from(vec![
            Span::styled(text::pad(&text::fit(said, room.saturating_sub(1)), room), *style),
            Span::styled(key.as_str(), view.theme.dim()),
        ]);
        text::put(buf, place, &line);
        if first + i == prompt.marked
            && matches!(
                prompt.kind,
                PromptKind::Search | PromptKind::Order | PromptKind::Enough | PromptKind::Blasts | PromptKind::Export
            )
        {
            buf.set_style(place, view.theme.selected());
        }
    }
    Some(Position::new(inner.x + text::width(&tail) as u16, inner.y))
}

/// What stands below the line: what can be chosen, or what the text means so far. Text, style, and the key that chooses it
/// without a prompt.
fn choices(view: &View<'_>, review: &Review, prompt: &Prompt) -> Vec<(String, Style, String)> {
    let (table, theme) = (&view.state.table, view.theme);
    let warning = |said: &str| vec![(said.to_owned(), theme.warning(), String::new())];
    match prompt.kind {
        PromptKind::Search => {
            let found = matches(table, &prompt.text);
            if found.is_empty() {
                return warning("no class matches");
            }
            let line = |id| {
                let class = table.get(id);
                let sign = view.blast_sign(id).unwrap_or(' ');
                let key = view.keys.key(Mode::Review, Command::Class(id)).unwrap_or_default();
                (format!("{sign}{} {}", text::pad(&class.code, 4), class.name), theme.class(class), key)
            };
            found.into_iter().map(line).collect()
        }
        PromptKind::Order => {
            let found = orders(&prompt.text);
            if found.is_empty() {
                return warning("no order of this name");
            }
            let line = |order: Order| {
                let mark = if order == review.sequence().order() { "*" } else { "" };
                let said = format!(" {}  {}", text::pad(order.name(), 17), order.describe());
                (said, theme.text(), mark.to_owned())
            };
            found.into_iter().map(line).collect()
        }
        PromptKind::Filter => {
            let (said, style) = match Filter::parse(table, &review.case.blasts, &prompt.text) {
                Ok(filter) => match review.admitted(&filter) {
                    0 => ("no cell passes".to_owned(), theme.warning()),
                    n => (format!("{n} of {}", counted(review.cells.len() as u64, "cell", "cells")), theme.good()),
                },
                Err(_) => ("not a filter yet".to_owned(), theme.warning()),
            };
            let mut lines = vec![(said, style, String::new())];
            for words in text::wrap(&format!("class codes, {}", Filter::WORDS), 44) {
                lines.push((words, theme.dim(), String::new()));
            }
            lines
        }
        PromptKind::Enough => {
            let found = EnoughChoice::matching(&prompt.text);
            if found.is_empty() {
                return warning("no choice matches");
            }
            let line = |choice: EnoughChoice| {
                let sign = if choice.holds(view.state) { '*' } else { ' ' };
                (format!(" {sign} {}", choice.text()), theme.text(), String::new())
            };
            found.into_iter().map(line).collect()
        }
        PromptKind::Blasts => {
            let chosen = blasts_chosen(table, &prompt.text);
            let line = |id| {
                let class = table.get(id);
                let mark = if chosen.holds(id) { "[x]" } else { "[ ]" };
                let kind = if class.blast { "" } else { "equivalent" };
                (format!(" {mark} {} {}", text::pad(&class.code, 4), class.name), theme.class(class), kind.to_owned())
            };
            blast_choices(table, &review.case.blasts).into_iter().map(line).collect()
        }
        // What is there already, for it is taken off by typing it again.
        PromptKind::Tag => {
            let there: Vec<String> = match prompt.marked {
                0 => review.tags(review.cursor).to_vec(),
                _ => review.case_tags().into_iter().map(str::to_owned).collect(),
            };
            let line = |tag: String| (format!("#{}", printable(&tag)), theme.dim(), "takes it off".to_owned());
            there.into_iter().map(line).collect()
        }
        PromptKind::Export => {
            let found = forms(view.state, &prompt.text);
            if found.is_empty() {
                return warning("no form of this name");
            }
            let line = |i: usize| {
                let form = view.state.forms[i];
                (format!(" {}  {}", text::pad(form.name, 8), form.about), theme.text(), String::new())
            };
            found.into_iter().map(line).collect()
        }
        PromptKind::ExportTo(i) => {
            let about = view.state.forms.get(i).map_or("", |form| form.about);
            vec![(about.to_owned(), theme.dim(), String::new())]
        }
        PromptKind::GiveUp => {
            let left = review.left().map_or_else(String::new, |(cells, wbc, target)| {
                let cells = counted(cells, "cell has", "cells have");
                format!("{cells} no decision, {wbc} of {target} WBC are counted")
            });
            vec![(left, theme.warning(), String::new())]
        }
        PromptKind::Note
        | PromptKind::Reason
        | PromptKind::Particular { .. }
        | PromptKind::Begin(_)
        | PromptKind::SignIncomplete(_) => Vec::new(),
    }
}

/// As much of the end of a text as fits.
pub(super) fn tail(text: &str, columns: usize) -> String {
    let mut from = 0;
    while self::text::width(&text[from..]) > columns {
        from += text[from..].chars().next().map_or(1, char::len_utf8);
    }
    text[from..].to_owned()
}
