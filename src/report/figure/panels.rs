//! Pictures side by side, each under a caption, as one PNG.

use image::{Rgb, RgbImage, imageops};
use plotters::{
    prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, Text},
    style::{
        WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, Drawn, FINER, FigureError, INK, Px, encoded, register};

/// Px between two pictures and around all of them.
const GAP: u32 = 12;
/// Height of the captions in px.
const STRIP: u32 = 30;

/// A picture and what it is.
#[derive(Debug, Clone)]
pub struct Panel {
    /// One line; about 50 characters fit above a picture of 384 px.
    pub caption: String,
    /// The picture.
    pub picture: RgbImage,
}

/// The PNG of some pictures in one row.
///
/// # Errors
/// When plotters cannot draw the captions, or the picture is beyond all size.
pub fn panels(panels: &[Panel]) -> Result<Vec<u8>, FigureError> {
    let fail = |what: String| FigureError("panels", what);
    register("panels")?;
    let width = GAP + panels.iter().map(|p| p.picture.width() + GAP).sum::<u32>();
    let height = STRIP + panels.iter().map(|p| p.picture.height()).max().unwrap_or(0) + GAP;
    let mut page = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    let size = (width * FINER, STRIP * FINER);
    let mut pixels = vec![255; 3 * size.0 as usize * size.1 as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        let drawn = area.fill(&WHITE).and_then(|()| captions(&area, panels));
        drawn.and_then(|()| area.present()).map_err(|e| fail(e.to_string()))?;
    }
    let strip = RgbImage::from_raw(size.0, size.1, pixels).ok_or_else(|| fail("its pixels are lost".into()))?;
    imageops::replace(&mut page, &imageops::thumbnail(&strip, width, STRIP), 0, 0);
    let mut left = GAP;
    for panel in panels {
        imageops::replace(&mut page, &panel.picture, left.into(), STRIP.into());
        left += panel.picture.width() + GAP;
    }
    encoded(&page).map_err(fail)
}

fn captions<DB: DrawingBackend>(area: &Area<DB>, panels: &[Panel]) -> Drawn<DB> {
    let px = Px(FINER);
    let style = px.text(15.0, INK).pos(Pos::new(HPos::Left, VPos::Center));
    let mut left = GAP;
    for panel in panels {
        let at = (px.of(left.into()), px.of(f64::from(STRIP) / 2.0));
        area.draw(&Text::new(panel.caption.clone(), at, style.clone()))?;
        left += panel.picture.width() + GAP;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_side_by_side_under_their_captions() {
        let panel = |caption: &str, shade: u8| Panel {
            caption: caption.to_owned(),
            picture: RgbImage::from_pixel(100, 80, Rgb([shade; 3])),
        };
        let png = panels(&[panel("one", 50), panel("two", 150)]).expect("a picture");
        let page = image::load_from_memory(&png).expect("a PNG").into_rgb8();
        assert_eq!(page.dimensions(), (3 * GAP + 200, STRIP + 80 + GAP));
        let at = |x: u32, y: u32| page.get_pixel(x, y).0[0];
        assert_eq!((at(GAP, STRIP), at(2 * GAP + 100, STRIP + 79), at(GAP + 100, STRIP)), (50, 150, 255));
        for left in [GAP, 2 * GAP + 100] {
            let dark = (left..left + 100).flat_map(|x| (0..STRIP).map(move |y| (x, y))).filter(|&(x, y)| at(x, y) < 90);
            assert!(dark.count() > 10, "a caption above the picture at {left}");
        }
    }
}
