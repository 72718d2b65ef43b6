//! The cell under review: its picture, and what is known of it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{Drawn, MapState, Picture, PictureRequest, View, header, overlay, row, text};
use crate::{
    app::{PaintedCell, Review, Sight, Suggested},
    domain::{CellId, Verdict, printable},
};

/// A picture of at most so many columns is a small one.
const SMALL: u16 = 32;
/// What small pictures show of a frame's sides, in percent: a scanner's frame is 36 um wide, a leukocyte 12 to 20.
pub(super) const CENTRE: u8 = 60;

/// What stands in place of a suggestion for a picture that the network calls unlike what it was trained on.
pub(super) const UNLIKE: &str = "unlike the training data";

pub(super) fn picture(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, drawn: &mut Drawn) {
    let Some(cell) = review.current() else {
        text::put(buf, row(area, 0), &Line::styled("no cells", view.theme.dim()));
        return;
    };
    let sight = match view.mode.pixels(area.width, area.height) {
        None => {
            message(buf, area, "pictures are off (--graphics off)", view.theme.warning());
            drawn.map = review.explain.then(|| MapState::Failed("pictures are off".to_owned()));
            Some(Sight::Picture)
        }
        Some(size) => {
            let request =
                PictureRequest { cell: cell.id, size, percent: percent(review, area), explain: None, thrift: None };
            drawn.main = Some(request);
            let (request, picture) = with_map(view, review, request, drawn);
            match picture {
                Picture::Ready(image) => {
                    overlay::show(buf, area, view, request, image, drawn);
                    Some(Sight::Picture)
                }
                Picture::Waiting => {
                    drawn.wanted.push(request);
                    message(buf, area, "…", view.theme.warning());
                    None
                }
                Picture::Failed(why) => {
                    message(buf, area, &why, view.theme.warning());
                    Some(Sight::Message)
                }
            }
        }
    };
    drawn.painted.cell = sight.map(|sight| painted(view, review, review.cursor, cell.id, sight));
}

/// What a frame shows of the cell at `index`.
pub(super) fn painted(view: &View<'_>, review: &Review, index: usize, cell: CellId, sight: Sight) -> PaintedCell {
    let said = review.ranking(index).zip(view.state.network.hash);
    PaintedCell { cell, sight, suggested: said.map(|(ranking, network)| Suggested::of(ranking, network)) }
}

/// A small picture in that place: of the size and for the bytes that a graphics protocol allows it, else as asked for. `None`: it
/// is not there yet.
pub(super) fn thumbnail(
    buf: &mut Buffer,
    place: Rect,
    view: &View<'_>,
    request: PictureRequest,
    drawn: &mut Drawn,
) -> Option<Sight> {
    let request = overlay::sized(view, request, (place.width, place.height));
    match view.pictures.picture(request) {
        Picture::Ready(image) => {
            overlay::show(buf, place, view, request, image, drawn);
            Some(Sight::Picture)
        }
        Picture::Waiting => {
            drawn.wanted.push(request);
            text::put(buf, place, &Line::styled("…", view.theme.dim()));
            None
        }
        Picture::Failed(_) => {
            text::put(buf, place, &Line::styled("no picture", view.theme.warning()));
            Some(Sight::Message)
        }
    }
}

/// The picture with the map that the reviewer asked for, where that is ready, else without.
fn with_map(view: &View<'_>, review: &Review, plain: PictureRequest, drawn: &mut Drawn) -> (PictureRequest, Picture) {
    if let Some((class, _)) = review.suggestion().filter(|_| review.explain) {
        let request = PictureRequest { explain: Some(class), ..plain };
        let state = match view.pictures.picture(request) {
            Picture::Ready(image) => {
                drawn.map = Some(MapState::Shown);
                return (request, Picture::Ready(image));
            }
            Picture::Waiting => {
                drawn.wanted.push(request);
                MapState::Waiting
            }
            Picture::Failed(why) => MapState::Failed(why),
        };
        drawn.map = Some(state);
    }
    (plain, view.pictures.picture(plain))
}

/// How much of the frame is shown: all of it, but where the picture is small, the part that the cell itself fills.
pub(super) fn percent(review: &Review, place: Rect) -> u8 {
    match review.zoom {
        0 if place.width <= SMALL => CENTRE,
        0 | 1 => 100,
        _ => 50,
    }
}

/// A sentence in the middle of an area.
pub(super) fn message(buf: &mut Buffer, area: Rect, said: &str, style: Style) {
    let lines = text::wrap(&printable(said), usize::from(area.width));
    let top = usize::from(area.height).saturating_sub(lines.len()) / 2;
    for (i, line) in lines.into_iter().enumerate() {
        text::put(buf, row(area, (top + i) as u16), &Line::styled(line, style).centered());
    }
}

/// What is known of the cell under review: what lies over its picture, suggestion, decision, reference label, notes, file.
pub(super) fn info(buf: &mut Buffer, area: Rect, view: &View<'_>, review: &Review, map: Option<&MapState>) {
    let Some(cell) = review.current() else {
        return;
    };
    let (theme, table) = (view.theme, &view.state.table);
    let columns = usize::from(area.width);
    let mut lines = Vec::new();
    lines.extend(map.map(|map| title(view, review, map, columns)));
    if let Some((id, p)) = review.suggestion() {
        let class = table.get(id);
        let sign = view.blast_sign(id).map_or_else(String::new, |sign| format!("{sign} "));
        let probability = format!(" {}", text::percent(f64::from(p)));
        if review.is_flagged(review.cursor) {
            let said = if columns < UNLIKE.len() { "unlike training data" } else { UNLIKE };
            lines.push(Line::styled(said, theme.warning()));
            lines.push(Line::styled(format!("guess: {sign}{}{probability}", class.code), theme.dim()));
        } else {
            let room = columns.saturating_sub(probability.len());
            let name = format!("{sign}{}", class.name);
            // A name that loses its end may be another class's: `lymphocyte, atypical`. Its code goes first then.
            let name = if text::width(&name) <= room {
                name
            } else {
                text::fit_words(&format!("{sign}{} {}", class.code, class.name), room)
            };
            lines.push(Line::from(vec![Span::styled(name, theme.class(class)), Span::raw(probability)]));
        }
    } else {
        lines.push(Line::styled("no suggestion", theme.dim()));
    }
    lines.push(decision(view, review, review.cursor, columns));
    if let Some((label, class)) = review.reference(review.cursor) {
        let agrees = class.map(Verdict::Class) == review.verdict(review.cursor);
        let said = text::fit(&format!("reference: {}", printable(label)), columns);
        lines.push(Line::styled(said, if agrees { theme.dim() } else { theme.warning() }));
    }
    if let Some((last, before)) = review.notes.get(&cell.id).and_then(|notes| notes.split_last()) {
        let more = if before.is_empty() { String::new() } else { format!(" (+{})", before.len()) };
        let said = text::fit_words(&format!("note: {}", printable(last)), columns.saturating_sub(more.len()));
        lines.push(Line::raw(format!("{said}{more}")));
    }
    if !review.tags(review.cursor).is_empty() {
        let tags =
            review.tags(review.cursor).iter().map(|t| format!("#{}", printable(t))).collect::<Vec<_>>().join(" ");
        lines.push(Line::raw(text::fit(&tags, columns)));
    }
    // Names of labelled files tell their label.
    if review.may_name_file(review.cursor) {
        let name = cell.path.file_name().unwrap_or(cell.path.as_os_str()).to_string_lossy();
        lines.push(Line::styled(text::fit_middle(&printable(&name), columns), theme.dim()));
    }
    if review.case.is_phantom() && columns >= header::PHANTOM.chars().count() {
        lines.push(Line::styled(header::PHANTOM, theme.warning()));
    }
    for (i, line) in lines.iter().enumerate() {
        text::put(buf, row(area, i as u16), line);
    }
}

/// What the map over the picture is, and of which class.
fn title<'a>(view: &View<'_>, review: &Review, map: &MapState, columns: usize) -> Line<'a> {
    let code = review.suggestion().map_or("", |(id, _)| view.state.table.code(id));
    let fits = |said: [String; 2]| {
        let [long, short] = said;
        if text::width(&long) <= columns { long } else { text::fit(&short, columns) }
    };
    match map {
        MapState::Shown => {
            let said =
                fits([format!("what speaks for {code}: integrated gradients"), format!("what speaks for {code}")]);
            Line::styled(said, view.theme.title())
        }
        MapState::Waiting => {
            let said = fits([format!("what speaks for {code}: being computed"), format!("reasons for {code} …")]);
            Line::styled(said, view.theme.dim())
        }
        MapState::Failed(why) => {
            let said = text::fit_words(&format!("no map: {}", printable(why)), columns);
            Line::styled(said, view.theme.warning())
        }
    }
}

/// What the network takes the cell at `index` for, in a line.
pub(super) fn suggestion<'a>(view: &View<'_>, review: &Review, index: usize, columns: usize) -> Line<'a> {
    let (theme, table) = (view.theme, &view.state.table);
    let Some((id, p)) = review.ranking(index).map(|r| r.top()) else {
        return Line::styled("no suggestion", theme.dim());
    };
    let class = table.get(id);
    if review.is_flagged(index) {
        let said = format!("{UNLIKE}; guess: {} {}", class.code, text::percent(f64::from(p)));
        return Line::styled(text::fit_words(&said, columns), theme.warning());
    }
    let probability = format!(" {}", text::percent(f64::from(p)));
    let name = format!("{} {}", class.code, class.name);
    let name = text::fit_words(&name, columns.saturating_sub(probability.len()));
    Line::from(vec![Span::styled(name, theme.class(class)), Span::raw(probability)])
}

/// What was decided of the cell at `index`, and by whom.
pub(super) fn decision<'a>(view: &View<'_>, review: &Review, index: usize, columns: usize) -> Line<'a> {
    let (theme, table) = (view.theme, &view.state.table);
    let Some(decision) = review.decision(index) else {
        return Line::styled("unreviewed", theme.text());
    };
    let by =
        |used: usize| text::fit_words(&format!(" by {}", printable(&decision.reviewer)), columns.saturating_sub(used));
    match decision.action.verdict() {
        Some(Verdict::Class(id)) => {
            let class = table.get(id);
            let what = format!("decided {}", class.code);
            let by = by(what.len());
            Line::from(vec![Span::styled(what, theme.class(class)), Span::raw(by)])
        }
        _ => Line::from(vec![Span::styled("excluded", theme.warning()), Span::raw(by(8))]),
    }
}
