//! Pictures of an evaluation, each drawn once for SVG and once for PNG, with a font of our own.
//!
//! What the figures show is worked out in `evaluate`; layout and colours are here, plotters draws.

mod axes;
mod bland_altman;
mod confusion;
mod coverage;
mod learned;
mod panels;
mod reliability;
mod roc;

use std::{io::Cursor, sync::OnceLock};

use image::{ImageFormat, RgbImage, imageops};
use plotters::{
    coord::Shift,
    prelude::{BitMapBackend, DrawingArea, DrawingAreaErrorKind, DrawingBackend, IntoDrawingArea, SVGBackend},
    style::{
        Color, FontFamily, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle, WHITE, register_font,
    },
};

pub use panels::{Panel, panels};

use super::{Subject, learned::learned as learned_from};
use crate::evaluate::Evaluation;

/// DejaVu Sans, cut to Latin: `data/font/README.md`.
const FONT: &[u8] = include_bytes!("../../../data/font/DejaVuSans-Latin.ttf");

/// Colours that people with any colour vision tell apart (Okabe and Ito).
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(120, 120, 120);
const PALE: RGBColor = RGBColor(225, 225, 225);
const INK: RGBColor = RGBColor(30, 30, 30);

/// Pixels of the PNG for each unit of the SVG, and how many times finer it is drawn before it is reduced to that.
const PNG_SCALE: u32 = 2;
const FINER: u32 = 2;

/// A picture in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// File name without its ending: `confusion`.
    pub name: &'static str,
    /// What it shows, as a heading.
    pub title: &'static str,
    /// How to read it.
    pub caption: String,
    /// The drawing.
    pub svg: String,
    /// The same as pixels, twice as many.
    pub png: Vec<u8>,
}

/// A figure that could not be drawn: its name and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the figure `{0}` cannot be drawn: {1}")]
pub struct FigureError(&'static str, String);

/// A plain area to draw on.
type Area<DB> = DrawingArea<DB, Shift>;
/// What drawing can end with.
type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Something that can be drawn on any backend.
trait Drawing {
    /// Width and height in units of the SVG.
    fn size(&self) -> (u32, u32);
    /// Draws on an area of that size times `px`.
    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>, px: Px) -> Drawn<DB>;
}

/// How many pixels of the backend a unit has.
#[derive(Debug, Clone, Copy)]
struct Px(u32);

impl Px {
    fn of(self, units: f64) -> i32 {
        (units * f64::from(self.0)).round() as i32
    }

    fn width(self, units: f64) -> u32 {
        self.of(units).max(1) as u32
    }

    fn text(self, size: f64, colour: RGBColor) -> TextStyle<'static> {
        (FontFamily::SansSerif, size * f64::from(self.0)).into_font().color(&colour)
    }

    fn text_upwards(self, size: f64, colour: RGBColor) -> TextStyle<'static> {
        let font = (FontFamily::SansSerif, size * f64::from(self.0)).into_font();
        font.transform(FontTransform::Rotate270).color(&colour)
    }

    fn line(self, colour: RGBColor, width: f64) -> ShapeStyle {
        colour.stroke_width(self.width(width))
    }
}

/// All figures that an evaluation has something for.
///
/// # Errors
/// When plotters cannot draw one, which only a picture beyond all size would bring about.
pub fn figures(e: &Evaluation, subject: &Subject) -> Result<Vec<Figure>, FigureError> {
    let mut all = vec![confusion::figure("confusion", "Confusion matrix", &e.results)?];
    if let Some(merged) = &e.merged {
        all.push(confusion::figure("confusion-merged", "Confusion matrix of the merged classes", merged)?);
    }
    all.extend(roc::figure(e)?);
    all.push(reliability::figure(e)?);
    all.push(coverage::figure(e)?);
    all.extend(learned::figure(&learned_from(e, subject), e.folds)?);
    all.extend(bland_altman::figure(e)?);
    Ok(all)
}

fn render(
    name: &'static str,
    title: &'static str,
    caption: String,
    drawing: &impl Drawing,
) -> Result<Figure, FigureError> {
    let fail = |what: String| FigureError(name, what);
    register(name)?;
    let (width, height) = drawing.size();
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        drawing.draw(&area, Px(1)).and_then(|()| area.present()).map_err(|e| fail(e.to_string()))?;
    }
    let fine = PNG_SCALE * FINER;
    let size = (width * fine, height * fine);
    let mut pixels = vec![255; 3 * size.0 as usize * size.1 as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        let drawn = area.fill(&WHITE).and_then(|()| drawing.draw(&area, Px(fine)));
        drawn.and_then(|()| area.present()).map_err(|e| fail(e.to_string()))?;
    }
    let fine = RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(|| fail("its pixels are lost".into()))?;
    let reduced = imageops::thumbnail(&fine, width * PNG_SCALE, height * PNG_SCALE);
    Ok(Figure { name, title, caption, svg, png: encoded(&reduced).map_err(fail)? })
}

/// Sees that plotters knows the font, for the figure `name`.
fn register(name: &'static str) -> Result<(), FigureError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let known = *REGISTERED.get_or_init(|| register_font("sans-serif", FontStyle::Normal, FONT).is_ok());
    if known { Ok(()) } else { Err(FigureError(name, "its font cannot be read".into())) }
}

/// A picture as PNG.
fn encoded(picture: &RgbImage) -> Result<Vec<u8>, String> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|e| e.to_string())?;
    Ok(png.into_inner())
}
