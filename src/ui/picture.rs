//! Pictures on a character screen: half-blocks inside ratatui's buffer, and the wish for an overlay.
//!
//! Pure: pixels go in, cells come out. The bytes of graphics protocols are written by [`crate::term`], which re-exports
//! what is here.

use std::sync::Arc;

use image::RgbImage;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    widgets::Widget,
};

use super::palette::xterm256;

/// How many colours the screen can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColourDepth {
    /// 24 bits a colour.
    Truecolor,
    /// The 256 colours of xterm.
    Palette256,
    /// None, or none wanted (`NO_COLOR`): pictures are shaded with blocks.
    Mono,
}

/// How pictures are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureMode {
    /// [`HalfBlock`] in the frame's buffer.
    HalfBlock,
    /// The frame leaves the area alone and returns a [`WantedPicture`]; a character cell is this many px wide and high.
    Overlay {
        /// Width and height of a character cell in px.
        cell_px: (u16, u16),
    },
    /// No pictures at all.
    Off,
}

impl PictureMode {
    /// The px that a picture over `columns` x `rows` cells has; `None` where there are no pictures.
    ///
    /// A half-block cell is one px wide and two high.
    pub fn pixels(self, columns: u16, rows: u16) -> Option<(u32, u32)> {
        let (w, h) = match self {
            Self::HalfBlock => (1, 2),
            Self::Overlay { cell_px } => cell_px,
            Self::Off => return None,
        };
        Some((u32::from(columns) * u32::from(w), u32::from(rows) * u32::from(h)))
    }
}

/// A picture that the frame wants over its cells once it is on screen.
#[derive(Debug, Clone)]
pub struct WantedPicture {
    /// The cells that it covers. One row below must be free (terminal.md: the last row scrolls).
    pub area: Rect,
    /// Its pixels, shrunk to the area already; larger ones are shrunk while painting.
    pub image: Arc<RgbImage>,
    /// Tells pictures apart: one with the id and area of the last frame is not painted again.
    pub id: u64,
    /// About as many bytes as it may cost on the line; `None`: as a large picture may.
    pub bytes: Option<u32>,
}

/// Draws a picture of `columns` x `2 * rows` px, one px to each half of a cell.
///
/// A picture smaller than the area is centred; a larger one is cut. Shrinking is the caller's job, off the UI thread.
#[derive(Debug, Clone, Copy)]
pub struct HalfBlock<'a> {
    image: &'a RgbImage,
    depth: ColourDepth,
}

impl<'a> HalfBlock<'a> {
    /// A widget that shows `image` in as many colours as `depth` has.
    pub fn new(image: &'a RgbImage, depth: ColourDepth) -> Self {
        Self { image, depth }
    }
}

impl Widget for HalfBlock<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let (width, height) = self.image.dimensions();
        if area.is_empty() || width == 0 || height == 0 {
            return;
        }
        let columns = area.width.min(u16::try_from(width).unwrap_or(u16::MAX));
        let rows = area.height.min(u16::try_from(height.div_ceil(2)).unwrap_or(u16::MAX));
        let left = area.x + (area.width - columns) / 2;
        let top = area.y + (area.height - rows) / 2;
        let halves = |column: u16, row: u16| -> [Option<[u8; 3]>; 2] {
            let (x, y) = (u32::from(column), 2 * u32::from(row));
            [0, 1].map(|half| self.image.get_pixel_checked(x, y + half).map(|p| p.0))
        };
        for row in 0..rows {
            let mut pair: Option<[[u8; 3]; 2]> = None;
            for column in 0..columns {
                let [Some(upper), lower] = halves(column, row) else { continue };
                // Cells that share a pair of colours with the one before cost a symbol each, and no colours.
                let fits = |pair: [[u8; 3]; 2]| lower.is_some_and(|l| pair.contains(&upper) && pair.contains(&l));
                if !pair.is_some_and(fits) {
                    pair = shared(upper, lower, (column + 1..columns).map(|c| halves(c, row)));
                }
                let (symbol, style) = match (pair, lower) {
                    (Some(pair), Some(lower)) if self.depth != ColourDepth::Mono => {
                        patterned(pair, upper, lower, self.depth)
                    }
                    _ => cell(upper, lower, self.depth),
                };
                buf[(left + column, top + row)].set_char(symbol).set_style(style);
            }
        }
    }
}

/// The pair of colours, dark and light, that a cell has in common with the next one at least; `None`: there is none.
fn shared(
    upper: [u8; 3],
    lower: Option<[u8; 3]>,
    next: impl Iterator<Item = [Option<[u8; 3]>; 2]>,
) -> Option<[[u8; 3]; 2]> {
    let mut colours = vec![upper];
    let lower = lower?;
    if lower != upper {
        colours.push(lower);
    }
    let mut alike = 0;
    for halves in next {
        let [Some(u), Some(l)] = halves else { break };
        let mut more = colours.clone();
        for colour in [u, l] {
            if !more.contains(&colour) {
                more.push(colour);
            }
        }
        if more.len() > 2 {
            break;
        }
        colours = more;
        alike += 1;
    }
    colours.sort_by(|a, b| luminance(*a).total_cmp(&luminance(*b)));
    (alike > 0).then(|| [colours[0], *colours.last().unwrap_or(&upper)])
}

/// A cell of two colours: the light one behind, for a plain light cell is a space.
fn patterned([dark, light]: [[u8; 3]; 2], upper: [u8; 3], lower: [u8; 3], depth: ColourDepth) -> (char, Style) {
    let symbol = match (upper == light, lower == light) {
        (true, true) => ' ',
        (true, false) => '▄',
        (false, true) => '▀',
        (false, false) => '█',
    };
    (symbol, Style::new().fg(colour(dark, depth)).bg(colour(light, depth)))
}

fn colour([r, g, b]: [u8; 3], depth: ColourDepth) -> Color {
    match depth {
        ColourDepth::Truecolor => Color::Rgb(r, g, b),
        ColourDepth::Palette256 => Color::Indexed(xterm256([r, g, b])),
        ColourDepth::Mono => Color::Reset,
    }
}

/// Symbol and style of one character cell; `lower` is missing under the last row of a picture of odd height.
fn cell(upper: [u8; 3], lower: Option<[u8; 3]>, depth: ColourDepth) -> (char, Style) {
    let colour = |rgb| self::colour(rgb, depth);
    if depth == ColourDepth::Mono {
        let lower = lower.unwrap_or(upper);
        return (shade((luminance(upper) + luminance(lower)) / 2.0), Style::reset());
    }
    let style = Style::new().fg(colour(upper));
    match lower.map(colour) {
        // Equal halves need no foreground: a space is a byte where a half-block is three.
        Some(below) if below == colour(upper) => (' ', Style::new().bg(below)),
        Some(below) => ('▀', style.bg(below)),
        None => ('▀', style.bg(Color::Reset)),
    }
}

/// Rec. 601 luma, 0..=255.
pub(super) fn luminance([r, g, b]: [u8; 3]) -> f32 {
    0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)
}

/// The block whose ink stands for a luminance: dark pixels (nuclei) get much ink.
///
/// A stained smear lies between about 60 and 240, so the scale is stretched over that.
fn shade(luminance: f32) -> char {
    const INK: [char; 5] = ['█', '▓', '▒', '░', ' '];
    let t = ((luminance - 60.0) / 180.0).clamp(0.0, 1.0);
    INK[(t * 4.0).round() as usize]
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn drawn(image: &RgbImage, depth: ColourDepth, columns: u16, rows: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
        HalfBlock::new(image, depth).render(buf.area, &mut buf);
        buf
    }

    #[test]
    fn a_cell_shows_two_pixels_one_above_the_other() {
        let mut image = RgbImage::new(1, 2);
        image.put_pixel(0, 0, Rgb([10, 20, 30]));
        image.put_pixel(0, 1, Rgb([40, 50, 60]));
        let buf = drawn(&image, ColourDepth::Truecolor, 1, 1);
        assert_eq!(
            (buf[(0, 0)].symbol(), buf[(0, 0)].fg, buf[(0, 0)].bg),
            ("▀", Color::Rgb(10, 20, 30), Color::Rgb(40, 50, 60))
        );
        let buf = drawn(&image, ColourDepth::Palette256, 1, 1);
        assert!(matches!((buf[(0, 0)].fg, buf[(0, 0)].bg), (Color::Indexed(_), Color::Indexed(_))));
    }

    #[test]
    fn odd_heights_small_pictures_and_empty_areas_are_drawn_without_a_panic() {
        let image = RgbImage::from_pixel(2, 3, Rgb([200, 0, 0]));
        let buf = drawn(&image, ColourDepth::Truecolor, 6, 4);
        assert_eq!(buf[(2, 1)].bg, Color::Rgb(200, 0, 0), "centred");
        assert_eq!((buf[(2, 2)].symbol(), buf[(2, 2)].bg), ("▀", Color::Reset), "nothing under the last row");
        for (columns, rows) in [(0, 0), (1, 1), (1, 9), (300, 1)] {
            for depth in [ColourDepth::Truecolor, ColourDepth::Palette256, ColourDepth::Mono] {
                drawn(&image, depth, columns, rows);
                drawn(&RgbImage::new(0, 0), depth, columns, rows);
            }
        }
    }

    #[test]
    fn without_colour_a_dark_nucleus_still_stands_out() {
        let mut image = RgbImage::from_pixel(3, 6, Rgb([235, 225, 235]));
        for y in 2..4 {
            image.put_pixel(1, y, Rgb([80, 40, 120]));
        }
        let buf = drawn(&image, ColourDepth::Mono, 3, 3);
        assert_eq!(buf[(0, 0)].symbol(), " ");
        assert_eq!(buf[(1, 1)].symbol(), "█");
        assert!(buf.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    }

    #[test]
    fn a_picture_has_the_pixels_of_its_mode() {
        assert_eq!(PictureMode::HalfBlock.pixels(20, 10), Some((20, 20)));
        assert_eq!(PictureMode::Overlay { cell_px: (10, 21) }.pixels(20, 10), Some((200, 210)));
        assert_eq!(PictureMode::Off.pixels(20, 10), None);
    }
}
