//! Two readings beside each other: how far they agree and where they do not, and a cell in dispute with both classes.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{Drawn, View, cell, header, layout, ranking, reading, row, text};
use crate::{
    app::{Command, Disputes, Mode, Review},
    domain::{Confusion, EXCLUDED, Verdict, counted, per_reader, printable},
};

/// Fewest columns of a class in the table of classes.
const CLASS: usize = 5;

pub(super) fn draw(
    buf: &mut Buffer,
    screen: &layout::Screen,
    view: &View<'_>,
    review: &Review,
    disputes: &Disputes,
    drawn: &mut Drawn,
) {
    head(buf, screen, view, review, disputes);
    if disputes.is_open {
        one(buf, screen.body, view, review, disputes, drawn);
    } else {
        table(buf, screen.body, view, review, disputes);
    }
}

fn head(buf: &mut Buffer, screen: &layout::Screen, view: &View<'_>, review: &Review, disputes: &Disputes) {
    let (theme, c) = (view.theme, &disputes.comparison);
    let phantom = if review.case.is_phantom() { "  PHANTOM" } else { "" };
    let title = if disputes.is_training() { "  training, scored" } else { "  two readings" };
    let left = vec![
        Span::styled(text::fit(&printable(&review.case.name), 24), theme.title()),
        Span::styled(phantom, theme.warning()),
        Span::styled(title, theme.title()),
    ];
    // Whether the record is signed is none of a trainee's business.
    let state = if disputes.is_training() { String::new() } else { header::case_state(&review.case) };
    let reviewer = text::fit(&printable(&view.state.reviewer), 24);
    let style = header::state_style(theme, review.case.state);
    text::put_sides(
        buf,
        row(screen.header, 0),
        left,
        vec![Span::styled(state, style), Span::raw("   "), Span::raw(reviewer)],
    );
    let suggestions = if c.reading.suggestions { "with suggestions" } else { "without suggestions" };
    let firsts = names(disputes, 30);
    let said = format!("first: {firsts}   second: {}, {suggestions}", text::fit(&printable(&c.reading.reviewer), 24));
    text::put(buf, row(screen.header, 1), &Line::raw(text::fit_words(&said, usize::from(screen.header.width))));
    let mut spans = vec![Span::styled(format!("{} of {} alike", c.agreed(), c.n()), theme.title())];
    if let Some(share) = c.share() {
        spans.push(Span::raw(format!(" {}% ({})", share.told(), text::interval(&share))));
    }
    spans.push(Span::styled(format!("   {}", reading::kappa(disputes)), theme.title()));
    let open = disputes.unsettled(review);
    let right = match (disputes.is_training(), open) {
        (true, _) => Span::styled(format!("{} wrong", disputes.len()), theme.text()),
        (false, 0) => Span::styled(format!("{} settled", disputes.len()), theme.good()),
        (false, open) => Span::styled(format!("{open} of {} open", disputes.len()), theme.warning()),
    };
    text::put_sides(buf, screen.flags, spans, vec![right]);
}

fn names(disputes: &Disputes, columns: usize) -> String {
    if disputes.is_training() {
        return "reference labels".to_owned();
    }
    let all = disputes.comparison.firsts.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
    text::fit(&all, columns)
}

/// A class as it is written in a table, and its style.
fn class(view: &View<'_>, verdict: Verdict) -> (String, Style) {
    match verdict {
        Verdict::Excluded => (EXCLUDED.to_owned(), view.theme.warning()),
        Verdict::Class(id) => {
            let class = view.state.table.get(id);
            let sign = view.blast_sign(id).map_or_else(String::new, String::from);
            (format!("{sign}{}", class.code), view.theme.class(class))
        }
    }
}

fn table(buf: &mut Buffer, body: Rect, view: &View<'_>, review: &Review, disputes: &Disputes) {
    let c = &disputes.comparison;
    let wbc = format!("WBC {} and {}", c.wbc[0], c.wbc[1]);
    let two = match (per_reader(review.case.target), review.case.target) {
        (each, all) if each < all => format!(" of {each} each (2 x {each})"),
        _ => String::new(),
    };
    let alone = match c.alone {
        [0, 0] => String::new(),
        [first, second] => format!("   decided by one alone: {first} and {second}"),
    };
    let said = if disputes.is_training() { String::new() } else { format!("{wbc}{two}{alone}") };
    text::put(buf, row(body, 0), &Line::styled(text::fit_words(&said, usize::from(body.width)), view.theme.dim()));
    let below = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    let left = Rect { width: below.width.min(34), ..below };
    let right = Rect { x: left.right() + 2, width: below.width.saturating_sub(left.width + 2), ..below };
    list(buf, left, view, review, disputes);
    if disputes.is_training() {
        scores(buf, right, view, &c.confusion);
    } else {
        matrix(buf, right, view, &c.confusion);
    }
}

/// The cells in dispute: their number, both classes, and what settles them.
fn list(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, disputes: &Disputes) {
    let heading = if disputes.is_training() { "cell  label     yours" } else { "cell  first     second    settled" };
    text::put(buf, row(area, 0), &Line::styled(heading, view.theme.title()));
    if disputes.is_empty() {
        text::put(buf, row(area, 1), &Line::styled("no cell: they agree on all", view.theme.good()));
    }
    let page = usize::from(area.height.saturating_sub(1)).max(1);
    let from = disputes.cursor / page * page;
    for at in from..disputes.len().min(from + page) {
        let Some(pair) = disputes.pair(at) else { continue };
        let number =
            review.place_of(pair.cell).map_or_else(String::new, |place| review.cells[place].number.to_string());
        let ((first, a), (second, b)) = (class(view, pair.first.verdict), class(view, pair.second));
        let settled = match disputes.settled(review, at).and_then(|d| d.action.verdict()) {
            Some(verdict) => class(view, verdict),
            None if disputes.is_training() => (String::new(), view.theme.dim()),
            None => ("open".to_owned(), view.theme.warning()),
        };
        let line = Line::from(vec![
            Span::raw(format!("{number:>4}  ")),
            Span::styled(text::pad(&first, 10), a),
            Span::styled(text::pad(&second, 10), b),
            Span::styled(settled.0, settled.1),
        ]);
        let place = row(area, (at - from) as u16 + 1);
        text::put(buf, place, &line);
        if at == disputes.cursor {
            buf.set_style(place, view.theme.selected());
        }
    }
}

/// Rows: the first reader's classes; columns: the second's. Where not all fit, those with a cell in dispute come first.
fn matrix(buf: &mut Buffer, area: Rect, view: &View<'_>, confusion: &Confusion) {
    let all = confusion.labels().len();
    // Counts keep a space between them, however large.
    let largest = confusion.counts().iter().flatten().max().map_or(0, |n| n.to_string().len());
    let class_w = CLASS.max(largest + 1);
    let fit = (usize::from(area.width) / class_w).saturating_sub(1).min(usize::from(area.height).saturating_sub(2));
    let differs =
        |i: &usize| confusion.row_total(*i) != confusion.both(*i) || confusion.column_total(*i) != confusion.both(*i);
    let mut places: Vec<usize> = (0..all).collect();
    if all > fit {
        places.sort_by_key(|i| !differs(i));
        places.truncate(fit);
        places.sort_unstable();
    }
    // Rows of classes, under the columns' codes.
    let code = |i: usize| confusion.labels()[i].as_str();
    let short = |i: usize| if code(i) == EXCLUDED { "excl" } else { code(i) };
    let mut heading = vec![Span::raw(" ".repeat(class_w))];
    heading.extend(places.iter().map(|&i| Span::styled(format!("{:>class_w$}", short(i)), view.theme.title())));
    text::put(buf, row(area, 0), &Line::from(heading));
    for (y, &i) in places.iter().enumerate() {
        let mut spans = vec![Span::styled(text::pad(short(i), class_w), view.theme.title())];
        for &j in &places {
            let n = confusion.counts()[i][j];
            let style = match (n, i == j) {
                (0, _) => view.theme.dim(),
                (_, true) => view.theme.good(),
                (_, false) => view.theme.warning(),
            };
            let said = if n == 0 { "·".to_owned() } else { n.to_string() };
            spans.push(Span::styled(format!("{said:>class_w$}"), style));
        }
        text::put(buf, row(area, y as u16 + 1), &Line::from(spans));
    }
    let more = all - places.len();
    let said = if more > 0 {
        format!("rows first, columns second; {} more", counted(more as u64, "class", "classes"))
    } else {
        "rows first, columns second".to_owned()
    };
    text::put(
        buf,
        row(area, places.len() as u16 + 1),
        &Line::styled(text::fit_words(&said, usize::from(area.width)), view.theme.dim()),
    );
}

/// A training's score by class.
fn scores(buf: &mut Buffer, area: Rect, view: &View<'_>, confusion: &Confusion) {
    let heading = format!("{:<10}{:>5}{:>14}{:>12}", "class", "n", "sensitivity", "precision");
    text::put(buf, row(area, 0), &Line::styled(heading, view.theme.title()));
    let share = |s: Option<f64>| s.map_or_else(|| "-".to_owned(), text::percent);
    for (i, label) in confusion.labels().iter().enumerate() {
        let line = format!(
            "{label:<10}{:>5}{:>14}{:>12}",
            confusion.row_total(i),
            share(confusion.sensitivity(i)),
            share(confusion.precision(i))
        );
        let wrong = confusion.row_total(i) != confusion.both(i) || confusion.column_total(i) != confusion.both(i);
        text::put(
            buf,
            row(area, i as u16 + 1),
            &Line::styled(line, if wrong { view.theme.text() } else { view.theme.dim() }),
        );
    }
}

/// One cell in dispute: its picture, and both classes side by side.
fn one(buf: &mut Buffer, body: Rect, view: &View<'_>, review: &Review, disputes: &Disputes, drawn: &mut Drawn) {
    let places = layout::review(body, review.zoom);
    cell::picture(buf, places.picture, view, review, drawn);
    let side = Rect {
        x: places.ranking.x,
        y: body.y,
        width: body.right().saturating_sub(places.ranking.x).min(90),
        height: body.height,
    };
    let Some(pair) = disputes.pair(disputes.cursor) else { return };
    let training = disputes.is_training();
    if review.zoom == 0 && !training {
        cell::info(buf, places.info, view, review, drawn.map.as_ref());
    }
    let theme = view.theme;
    let (at, n) = (disputes.cursor + 1, disputes.len());
    let cell = review.place_of(pair.cell).map_or_else(String::new, |place| review.cell_name(place));
    let what = if training { "wrong" } else { "in dispute" };
    text::put(buf, row(side, 0), &Line::styled(format!("{at} of {n} {what}: {cell}"), theme.title()));
    let half = usize::from(side.width.saturating_sub(2) / 2);
    let who = if training {
        ("reference label".to_owned(), "yours".to_owned())
    } else {
        (
            format!("first: {}", printable(&pair.first.by)),
            format!("second: {}", printable(&disputes.comparison.reading.reviewer)),
        )
    };
    let sides = [(who.0, pair.first.verdict, Command::FirstRight), (who.1, pair.second, Command::SecondRight)];
    for (i, (who, verdict, command)) in sides.into_iter().enumerate() {
        let column = Rect { x: side.x + (i * (half + 2)) as u16, width: half as u16, ..side };
        let (code, style) = class(view, verdict);
        let name = match verdict {
            Verdict::Class(id) => view.state.table.get(id).name.clone(),
            Verdict::Excluded => "in no count".to_owned(),
        };
        text::put(buf, row(column, 2), &Line::styled(text::fit(&who, half), theme.dim()));
        text::put(buf, row(column, 3), &Line::styled(text::fit(&code, half), style));
        text::put(buf, row(column, 4), &Line::styled(text::fit_words(&name, half), style));
        if let Some(key) = view.keys.key(Mode::Dispute, command).filter(|_| !training) {
            let line = vec![Span::styled(key, theme.title()), Span::styled(" is right", theme.dim())];
            text::put(buf, row(column, 5), &Line::from(line));
        }
    }
    let columns = usize::from(side.width);
    let said = match disputes.settled(review, disputes.cursor) {
        Some(d) => {
            let verdict = d.action.verdict().unwrap_or(Verdict::Excluded);
            Line::styled(
                text::fit(&format!("settled as {} by {}", class(view, verdict).0, printable(&d.reviewer)), columns),
                theme.good(),
            )
        }
        None if training => Line::default(),
        None => Line::styled("open: a class's key settles it as another class", theme.warning()),
    };
    text::put(buf, row(side, 7), &said);
    let rest = Rect { y: side.y + 9, height: side.height.saturating_sub(9), ..side };
    if rest.height >= 6 {
        ranking::draw(buf, rest, view, review);
    }
}
