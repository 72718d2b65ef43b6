//! Text that fits: by columns, at the ends of words; bars, percentages and intervals.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Clear, Widget},
};
use unicode_width::UnicodeWidthStr;

use crate::domain::{Share, one_decimal};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// As much of the text as fits, `…` at its end where something is missing. No figure loses a part: it is there whole, or gone.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    if columns == 0 { String::new() } else { format!("{}…", &text[..cut(text, columns)]) }
}

/// Where a text that is too wide ends, in bytes, so that it and `…` fit.
fn cut(text: &str, columns: usize) -> usize {
    // A text may be narrower or wider than its characters one by one, so the whole is measured.
    let ends = text.char_indices().map(|(i, _)| i).take_while(|&i| text[..i].width() < columns);
    let mut end = ends.last().unwrap_or(0);
    while in_figure(text, end) {
        end -= 1;
    }
    end
}

/// Whether a cut at `at` would part a figure: between its digits, at its decimal point, or before its percent sign.
fn in_figure(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let point = |i: usize| matches!(bytes.get(i), Some(b'.' | b','));
    let (before, after) = (at.checked_sub(1), Some(at));
    (digit(before) && (digit(after) || bytes.get(at) == Some(&b'%') || point(at) && digit(Some(at + 1))))
        || (before.is_some_and(point) && digit(after) && digit(at.checked_sub(2)))
}

/// As many whole words as fit; a first word that does not is cut with `…`, and where figures are left out `…` stands for them.
pub(super) fn fit_words(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for (i, word) in text.split(' ').enumerate() {
        let gap = usize::from(i > 0);
        if out.width() + gap + word.width() > columns {
            break;
        }
        out.push_str(if i > 0 { " " } else { "" });
        out.push_str(word);
    }
    let ends = [',', ':', ' ', '(', '·'];
    let mut out = out.trim_end_matches(ends);
    if text[out.len()..].bytes().any(|b| b.is_ascii_digit()) {
        while !out.is_empty() && out.width() + 2 > columns {
            out = out.rfind(' ').map_or("", |space| out[..space].trim_end_matches(ends));
        }
        return if out.is_empty() { fit(text, columns) } else { format!("{out} …") };
    }
    if out.is_empty() { fit(text, columns) } else { out.to_owned() }
}

/// The first of these texts that fits, which say less and less; the last one as far as it fits.
pub(super) fn first_fitting<const N: usize>(texts: [String; N], columns: usize) -> String {
    let fits = texts.iter().find(|t| t.width() <= columns);
    fits.cloned().unwrap_or_else(|| texts.last().map_or_else(String::new, |last| fit(last, columns)))
}

/// The text's beginning and end around `…`: file names differ at their ends.
pub(super) fn fit_middle(text: &str, columns: usize) -> String {
    if text.width() <= columns || columns < 4 {
        return fit(text, columns);
    }
    let keep = columns - 1;
    let head = fit(text, keep / 2 + 1);
    let room = columns - head.width();
    let tail = text.char_indices().map(|(i, _)| &text[i..]).find(|tail| tail.width() <= room);
    head + tail.unwrap_or_default()
}

/// Lines of whole words; a word longer than a line is cut.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let word = fit(word, columns);
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The text, filled up with spaces to so many columns, or cut.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut out = fit(text, columns);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(out.width())));
    out
}

/// A bar of `columns` columns, `p` of them full. `fill` is the pattern of whole columns; a solid bar ends in eighths.
pub(super) fn bar(p: f64, columns: usize, fill: char) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let solid = fill == '█';
    let eighths = (p.clamp(0.0, 1.0) * columns as f64 * 8.0).round() as usize;
    // Without eighths, something must still be seen of what is more than nothing.
    let full = if solid { eighths / 8 } else { eighths.div_ceil(8).min(columns) };
    let mut out: String = std::iter::repeat_n(fill, full).collect();
    if solid && !eighths.is_multiple_of(8) {
        out.push(EIGHTHS[eighths % 8]);
    }
    pad(&out, columns)
}

/// `97.1%`, of a fraction of one.
pub(super) fn percent(p: f64) -> String {
    format!("{}%", one_decimal(100.0 * p))
}

/// `40.5–58.8`: a share's exact 95% interval in percent.
pub(super) fn interval(share: &Share) -> String {
    format!("{:.1}–{:.1}", 100.0 * share.ci95.lower, 100.0 * share.ci95.upper)
}

/// Puts a line into the first row of an area. Of a line that is too wide `…` stands for what is missing, never a part of a figure.
pub(super) fn put(buf: &mut Buffer, area: Rect, line: &Line<'_>) {
    let columns = usize::from(area.width);
    if area.is_empty() {
    } else if line.width() <= columns {
        buf.set_line(area.x, area.y, line, area.width);
    } else {
        buf.set_line(area.x, area.y, &shortened(line, columns), area.width);
    }
}

/// Makes room for what lies over a part of the screen. Of a figure that it would cover in part, `…` is left beside it.
pub(super) fn clear(buf: &mut Buffer, area: Rect) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        if area.left() > buf.area.left() && parts_figure(buf, (area.left(), y)) {
            let beside = (buf.area.left()..area.left()).rev();
            blank(buf, y, beside);
        }
        if area.right() < buf.area.right() && parts_figure(buf, (area.right(), y)) {
            blank(buf, y, area.right()..buf.area.right());
        }
    }
    Clear.render(area, buf);
}

/// What figures are made of, dates and counts of so many among them.
fn of_figure(buf: &Buffer, at: (u16, u16)) -> bool {
    buf[at].symbol().starts_with(|c: char| c.is_ascii_digit() || ".,%/:-–".contains(c))
}

/// Whether an edge to the left of this column goes through a figure.
fn parts_figure(buf: &Buffer, (x, y): (u16, u16)) -> bool {
    of_figure(buf, (x - 1, y)) && of_figure(buf, (x, y))
}

/// Takes the rest of a figure away, from the edge on.
fn blank(buf: &mut Buffer, y: u16, columns: impl Iterator<Item = u16>) {
    for (i, x) in columns.enumerate() {
        if !of_figure(buf, (x, y)) {
            break;
        }
        buf[(x, y)].set_symbol(if i == 0 { "…" } else { " " });
    }
}

/// As much of a line as fits, by the rule of [`fit`].
fn shortened<'a>(line: &Line<'a>, columns: usize) -> Line<'a> {
    let whole: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let mut left = cut(&whole, columns);
    let mut short = Line { spans: Vec::new(), ..line.clone() };
    for span in &line.spans {
        let kept = left.min(span.content.len());
        short.spans.push(Span::styled(span.content[..kept].to_owned(), span.style));
        left -= kept;
        if kept < span.content.len() {
            break;
        }
    }
    short.push_span("…");
    short
}

/// Puts parts at the left and at the right of a row; the left ones give way, the last first.
pub(super) fn put_sides(buf: &mut Buffer, area: Rect, left: Vec<Span<'_>>, right: Vec<Span<'_>>) {
    let right = Line::from(right);
    let taken = right.width().min(usize::from(area.width));
    let mut room = usize::from(area.width).saturating_sub(taken + 2);
    let mut kept = Vec::new();
    for span in left {
        let w = span.width();
        if w > room {
            break;
        }
        room -= w;
        kept.push(span);
    }
    put(buf, area, &Line::from(kept));
    let x = area.right().saturating_sub(taken as u16);
    put(buf, Rect { x, width: taken as u16, ..area }, &right);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_and_at_words() {
        assert_eq!(fit("myeloblast", 10), "myeloblast");
        assert_eq!(fit("myeloblast", 6), "myelo…");
        assert_eq!(fit("患者患者", 5), "患者…");
        assert_eq!(fit("x", 0), "");
        assert_eq!(fit_words("neutrophil, segmented", 15), "neutrophil");
        assert_eq!(fit_words("erythroblast (NRBC)", 6), "eryth…");
        assert_eq!(fit_middle("cell_000123.png", 9), "cell….png");
        assert_eq!(wrap("file not found: import it", 10), ["file not", "found:", "import it"]);
        assert_eq!(pad("患", 3), "患 ");
    }

    #[test]
    fn a_figure_is_whole_or_gone() {
        assert_eq!(fit("33 of 101", 8), "33 of …");
        assert_eq!(fit("12.5% blasts", 4), "…");
        assert_eq!(fit("12.5% blasts", 3), "…");
        assert_eq!(fit("at 12.5", 6), "at …");
        assert_eq!(fit("10,000 cells", 9), "10,000 c…");
        assert_eq!(fit("1. then", 4), "1. …");
        assert_eq!(fit_words("blasts 33 of 101", 13), "blasts 33 …");
        assert_eq!(fit_words("myeloblast 33 of 101", 12), "myeloblast …");
        assert_eq!(fit_words(" ! left shift", 7), " ! left", "what stands in front stays");
        let texts = || ["33 of 101 WBC".to_owned(), "33 of 101".to_owned(), "33".to_owned()];
        assert_eq!(
            [13, 12, 8, 1].map(|columns| first_fitting(texts(), columns)),
            ["33 of 101 WBC", "33 of 101", "33", "…"]
        );
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let line = Line::from(vec![Span::raw("33 of 1"), Span::raw("01 WBC")]);
        put(&mut buf, Rect::new(0, 0, 8, 1), &line);
        assert_eq!((0..8).map(|x| buf[(x, 0)].symbol()).collect::<String>(), "33 of … ");
    }

    #[test]
    fn what_lies_over_a_figure_leaves_no_part_of_it() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
        put(&mut buf, Rect::new(0, 0, 20, 1), &Line::raw("cell 12001 of 12.5% x"));
        clear(&mut buf, Rect::new(8, 0, 8, 1));
        let said: String = (0..20).map(|x| buf[(x, 0)].symbol()).collect();
        assert_eq!(said, "cell   …        …  …");
        let mut buf = Buffer::empty(Rect::new(0, 0, 9, 1));
        put(&mut buf, Rect::new(0, 0, 9, 1), &Line::raw("cell 12 3"));
        clear(&mut buf, Rect::new(7, 0, 1, 1));
        assert_eq!((0..9).map(|x| buf[(x, 0)].symbol()).collect::<String>(), "cell 12 3", "a whole figure stays");
    }

    #[test]
    fn bars_fill_their_columns() {
        assert_eq!(bar(0.5, 4, '█'), "██  ");
        assert_eq!(bar(0.03, 4, '█'), "▏   ");
        assert_eq!(bar(0.03, 4, '▒'), "▒   ");
        assert_eq!(bar(0.0, 4, '▒'), "    ");
        assert_eq!(bar(7.0, 4, '█'), "████");
    }

    proptest::proptest! {
        #[test]
        fn nothing_gets_wider_than_asked(text in "\\PC{0,40}", columns in 0_usize..30) {
            let text = crate::domain::printable(&text).into_owned();
            for out in [fit(&text, columns), fit_words(&text, columns), fit_middle(&text, columns)] {
                proptest::prop_assert!(width(&out) <= columns, "{out:?}");
            }
            proptest::prop_assert!(columns == 0 || wrap(&text, columns).iter().all(|l| width(l) <= columns));
            proptest::prop_assert_eq!(width(&pad(&text, columns)), columns);
        }
    }
}
