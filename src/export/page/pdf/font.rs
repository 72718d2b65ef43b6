//! The two fonts of the PDF: widths of texts, their glyphs, and lines that fit.

use std::collections::BTreeSet;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face as Tables;
use unicode_normalization::UnicodeNormalization;

use super::PdfError;

const REGULAR: &[u8] = include_bytes!("../../../../data/font/DejaVuSansCondensed-Report.ttf");
const BOLD: &[u8] = include_bytes!("../../../../data/font/DejaVuSansCondensed-Report-Bold.ttf");

/// Stands for a character that the font lacks.
const LACKING: char = '\u{fffd}';

/// Regular or bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

struct Face {
    tables: Tables<'static>,
    font: Font,
}

/// Both fonts.
pub(super) struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    pub fn new() -> Result<Self, PdfError> {
        let face = |bytes: &'static [u8]| {
            let tables = Tables::parse(bytes, 0).map_err(|e| PdfError(format!("a built-in font is damaged: {e}")))?;
            let font = Font::new(bytes.into(), 0).ok_or_else(|| PdfError("a built-in font is damaged".into()))?;
            Ok(Face { tables, font })
        };
        Ok(Self { regular: face(REGULAR)?, bold: face(BOLD)? })
    }

    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The font as it is embedded.
    pub fn font(&self, weight: Weight) -> Font {
        self.face(weight).font.clone()
    }

    /// The text as the fonts can show it: composed, and with U+FFFD for what they lack, which is added to `lacking`.
    pub fn shown(&self, text: &str, lacking: &mut BTreeSet<char>) -> String {
        let mut one = |c: char| {
            // Both fonts have the same characters.
            if self.regular.tables.glyph_index(c).is_some() {
                return c;
            }
            if c.is_whitespace() {
                return ' ';
            }
            lacking.insert(c);
            LACKING
        };
        text.nfc().map(&mut one).collect()
    }

    fn advance(&self, c: char, weight: Weight) -> f32 {
        let tables = &self.face(weight).tables;
        let glyph = tables.glyph_index(c).unwrap_or_default();
        f32::from(tables.glyph_hor_advance(glyph).unwrap_or(0)) / f32::from(tables.units_per_em())
    }

    /// Width of a text in pt.
    pub fn width(&self, text: &str, size: f32, weight: Weight) -> f32 {
        size * text.chars().map(|c| self.advance(c, weight)).sum::<f32>()
    }

    /// The glyphs of a text.
    pub fn glyphs(&self, text: &str, weight: Weight) -> Vec<KrillaGlyph> {
        let tables = &self.face(weight).tables;
        let glyph = |(at, c): (usize, char)| {
            let id = tables.glyph_index(c).unwrap_or_default();
            let advance = self.advance(c, weight);
            KrillaGlyph::new(GlyphId::new(u32::from(id.0)), advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The text in lines of at most `room` pt. Words are kept whole where they fit; a longer one is cut.
    pub fn wrap(&self, text: &str, size: f32, weight: Weight, room: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        let fits = |line: &str| self.width(line, size, weight) <= room;
        for word in text.split(' ') {
            let line = lines.last_mut().expect("there is always a line");
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                *line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            for c in word.chars() {
                let line = lines.last_mut().expect("there is always a line");
                line.push(c);
                if !fits(line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(c.to_string());
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let fonts = Fonts::new().expect("the fonts");
        let text = "a differential of two hundred cells, and averyveryveryverylongnamewithoutanyspace at its end";
        let lines = fonts.wrap(text, 9.0, Weight::Regular, 90.0);
        assert!(lines.len() > 3);
        assert!(lines.iter().all(|l| fonts.width(l, 9.0, Weight::Regular) <= 90.0), "{lines:?}");
        let letters = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(text));
        assert!(fonts.width("W", 10.0, Weight::Bold) > fonts.width("i", 10.0, Weight::Bold));
    }

    #[test]
    fn what_the_fonts_lack_is_replaced_and_named() {
        let fonts = Fonts::new().expect("the fonts");
        let mut lacking = BTreeSet::new();
        let text = "Müller Łódź Ωμ Жук ≤5 → e\u{301} 中\u{a0}x\u{2003}y";
        assert_eq!(fonts.shown(text, &mut lacking), "Müller Łódź Ωμ Жук ≤5 → é \u{fffd}\u{a0}x y");
        assert_eq!(lacking.into_iter().collect::<String>(), "中");
        let same =
            |c: char| fonts.bold.tables.glyph_index(c).is_some() == fonts.regular.tables.glyph_index(c).is_some();
        assert!(('\u{20}'..'\u{ffff}').all(same), "both fonts have the same characters");
    }
}
