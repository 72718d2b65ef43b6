//! Placeholders of kitty's protocol: text that stands for the parts of a picture, so that a multiplexer moves, cuts and erases a
//! picture as it does any text.
//!
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders>: U+10EEEE with the picture's number as its colour, and
//! two combining characters for row and column.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Style},
};

/// The character.
const PLACEHOLDER: char = '\u{10eeee}';
/// Greatest number of a picture that a colour can name.
pub(super) const MAX_ID: u32 = 0x00ff_ffff;
/// The characters that count rows and columns, as ranges: combining class 230 of Unicode 6.0 without those that are parts of
/// composed characters, in order.
const DIACRITICS: [(u32, u32); 43] = [
    (0x305, 0x305),
    (0x30d, 0x30e),
    (0x310, 0x310),
    (0x312, 0x312),
    (0x33d, 0x33f),
    (0x346, 0x346),
    (0x34a, 0x34c),
    (0x350, 0x352),
    (0x357, 0x357),
    (0x35b, 0x35b),
    (0x363, 0x36f),
    (0x483, 0x487),
    (0x592, 0x595),
    (0x597, 0x599),
    (0x59c, 0x5a1),
    (0x5a8, 0x5a9),
    (0x5ab, 0x5ac),
    (0x5af, 0x5af),
    (0x5c4, 0x5c4),
    (0x610, 0x617),
    (0x657, 0x65b),
    (0x65d, 0x65e),
    (0x6d6, 0x6dc),
    (0x6df, 0x6e2),
    (0x6e4, 0x6e4),
    (0x6e7, 0x6e8),
    (0x6eb, 0x6ec),
    (0x730, 0x730),
    (0x732, 0x733),
    (0x735, 0x736),
    (0x73a, 0x73a),
    (0x73d, 0x73d),
    (0x73f, 0x741),
    (0x743, 0x743),
    (0x745, 0x745),
    (0x747, 0x747),
    (0x749, 0x74a),
    (0x7eb, 0x7f1),
    (0x7f3, 0x7f3),
    (0x816, 0x819),
    (0x81b, 0x823),
    (0x825, 0x827),
    (0x829, 0x82c),
];

/// The character that stands for row or column `n`; `None`: there are fewer.
fn diacritic(n: u16) -> Option<char> {
    DIACRITICS.iter().flat_map(|&(from, to)| from..=to).nth(usize::from(n)).and_then(char::from_u32)
}

/// Writes the placeholders of picture `id` into its cells.
pub(super) fn fill(buf: &mut Buffer, cells: Rect, id: u32) {
    let style = Style::new().fg(Color::Rgb((id >> 16) as u8, (id >> 8) as u8, id as u8));
    for row in 0..cells.height {
        for column in 0..cells.width {
            let (Some(y), Some(x)) = (diacritic(row), diacritic(column)) else { continue };
            if let Some(cell) = buf.cell_mut(Position::new(cells.x + column, cells.y + row)) {
                cell.set_symbol(&String::from_iter([PLACEHOLDER, y, x])).set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn every_part_of_a_picture_has_its_own_text_of_one_column() {
        let cells = Rect::new(1, 1, 100, 50);
        let mut buf = Buffer::empty(Rect::new(0, 0, 102, 52));
        fill(&mut buf, cells, 0x0012_3456);
        let symbols: std::collections::HashSet<_> = cells.positions().map(|p| buf[p].symbol().to_owned()).collect();
        assert_eq!(symbols.len(), 5000);
        assert!(symbols.iter().all(|s| s.width() == 1 && s.starts_with(PLACEHOLDER)));
        assert!(cells.positions().all(|p| buf[p].fg == Color::Rgb(0x12, 0x34, 0x56)));
        assert_eq!(buf[(0, 0)].symbol(), " ");
        // The first and the third, as the protocol's table has them, and the last that is needed here.
        assert_eq!(buf[(3, 1)].symbol(), "\u{10eeee}\u{305}\u{30e}");
        assert_eq!((diacritic(127), diacritic(128)), (char::from_u32(0x82c), None));
    }
}
