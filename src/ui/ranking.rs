//! The network's word on the cell: all classes that fit as bars, the most probable first, then the two questions.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{View, cell::UNLIKE, row, text};
use crate::{
    app::{Command, Mode, Review},
    domain::{ClassId, Ranking, counted, printable},
};

/// Columns of `100.0%`.
const PERCENT: usize = 6;

pub(super) fn draw(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    let ranking = review.ranking(review.cursor);
    let title = match ranking {
        Some(ranking) if ranking.is_flagged() => Line::styled(UNLIKE, view.theme.warning()),
        _ => Line::styled("ranking", view.theme.title()),
    };
    text::put(buf, row(area, 0), &title);
    match ranking {
        Some(ranking) => bars(buf, area, view, ranking),
        None => nothing(buf, area, view, review),
    }
}

fn bars(buf: &mut Buffer, area: Rect, view: &View<'_>, ranking: &Ranking) {
    let (theme, table) = (view.theme, &view.state.table);
    let columns = usize::from(area.width);
    let longest = |f: &dyn Fn(ClassId) -> usize| ranking.entries().iter().map(|e| f(e.0)).max().unwrap_or(0);
    let code_w = longest(&|id| table.code(id).len());
    let key_of = |id| view.keys.key(Mode::Review, Command::Class(id)).unwrap_or_default();
    let key_w = longest(&|id| text::width(&key_of(id))).min(5);
    let used = 1 + code_w + 1 + PERCENT + 1 + if key_w > 0 { key_w + 1 } else { 0 };
    // The name where it leaves the bar a dozen columns.
    let name_w = longest(&|id| text::width(&table.get(id).name)) + 1;
    let name_w = if columns >= used + name_w + 12 { name_w } else { 0 };
    let bar_w = columns.saturating_sub(used + name_w).min(60);
    let tail = 3 + u16::from(ranking.unlike.is_some());
    let room = area.height.saturating_sub(1 + tail);
    let shown = ranking.entries().iter().take(usize::from(room));
    for (i, &(id, p)) in shown.enumerate() {
        let class = table.get(id);
        // A guess is not shown like an answer.
        let style = if ranking.is_flagged() { theme.dim() } else { theme.class(class) };
        let head = if i == 0 && !ranking.is_flagged() { style.add_modifier(Modifier::BOLD) } else { style };
        let mut spans = Vec::new();
        if key_w > 0 {
            spans.push(Span::styled(text::pad(&key_of(id), key_w + 1), theme.dim()));
        }
        let sign = view.blast_sign(id).unwrap_or(' ');
        spans.push(Span::styled(format!("{sign}{} ", text::pad(&class.code, code_w)), head));
        if name_w > 0 {
            spans.push(Span::styled(
                text::pad(&class.name, name_w),
                if i == 0 || ranking.is_flagged() { head } else { theme.text() },
            ));
        }
        spans.push(Span::styled(text::bar(f64::from(p), bar_w, theme.fill(class)), style));
        spans.push(Span::raw(format!(" {:>PERCENT$}", text::percent(f64::from(p)))));
        text::put(buf, row(area, i as u16 + 1), &Line::from(spans));
    }
    let first = (ranking.entries().len() as u16).min(room) + 2;
    let blasts = view.state.review.as_ref().map_or(ranking.blast, |r| ranking.probability_of(&r.case.blasts));
    let blast = format!("blast{}", view.blast_names().difference());
    let mut questions = vec![("blast", blasts), ("atypical", ranking.atypical)];
    questions.extend(ranking.unlike.map(|u| ("unlike", u.score)));
    for (i, (name, p)) in questions.into_iter().enumerate() {
        let style = match name {
            "unlike" if ranking.is_flagged() => theme.warning(),
            _ if ranking.is_flagged() => theme.dim(),
            "blast" if p >= 0.5 => theme.trouble(),
            _ => theme.text(),
        };
        // In the columns of the ranking, however wide the screen.
        let label_w = (used + name_w - PERCENT - 1).max("atypical ".len());
        let bar_w = bar_w.min(columns.saturating_sub(label_w + PERCENT + 1));
        let line = Line::from(vec![
            Span::styled(text::pad(if name == "blast" { &blast } else { name }, label_w), style),
            Span::styled(text::bar(f64::from(p), bar_w, theme.plain_fill()), style),
            Span::raw(format!(" {:>PERCENT$}", text::percent(f64::from(p)))),
        ]);
        text::put(buf, row(area, first + i as u16), &line);
    }
}

fn nothing(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review) {
    let network = &view.state.network;
    if review.is_unaided() {
        text::put(buf, row(area, 1), &Line::styled("without suggestions", view.theme.dim()));
        return;
    }
    let (said, style) = match (&network.trouble, network.progress, network.hash) {
        (Some(why), ..) => (format!("no suggestion: {}", printable(why)), view.theme.trouble()),
        (None, Some((done, all)), _) => {
            let all = counted(all as u64, "cell", "cells");
            (format!("no suggestion yet: {done} of {all} classified"), view.theme.dim())
        }
        (None, None, Some(_)) => ("no suggestion for this cell".to_owned(), view.theme.dim()),
        (None, None, None) => ("no network is in use".to_owned(), view.theme.dim()),
    };
    for (i, line) in text::wrap(&said, usize::from(area.width)).into_iter().enumerate() {
        text::put(buf, row(area, i as u16 + 1), &Line::styled(line, style));
    }
}
