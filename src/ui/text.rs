//! Text that fits: by columns, at the ends of words; bars, percentages and intervals.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::domain::Share;

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// As much of the text as fits, `…` at its end where something is missing.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    // A text may be narrower or wider than its characters one by one, so the whole is measured.
    let ends = text.char_indices().map(|(i, _)| i).take_while(|&i| text[..i].width() < columns);
    let end = ends.last().unwrap_or(0);
    if columns == 0 { String::new() } else { format!("{}…", &text[..end]) }
}

/// As many whole words as fit; a first word that does not is cut with `…`.
pub(super) fn fit_words(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for word in text.split(' ') {
        let more = word.width() + usize::from(!out.is_empty());
        if out.width() + more > columns {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    let out = out.trim_end_matches([',', ':', ' ', '(', '·']);
    if out.is_empty() { fit(text, columns) } else { out.to_owned() }
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
    format!("{:.1}%", 100.0 * p)
}

/// `40.5–58.8`: a share's exact 95% interval in percent.
pub(super) fn interval(share: &Share) -> String {
    format!("{:.1}–{:.1}", 100.0 * share.ci95.lower, 100.0 * share.ci95.upper)
}

/// Puts a line into the first row of an area.
pub(super) fn put(buf: &mut Buffer, area: Rect, line: &Line<'_>) {
    if !area.is_empty() {
        buf.set_line(area.x, area.y, line, area.width);
    }
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
