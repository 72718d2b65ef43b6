//! A cell's picture for the page: a fixed field of the frame with a scale bar, as a small JPEG.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{
    Rgb, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};

use super::FIELD_UM;

/// Length of the scale bar in um.
pub const BAR_UM: f64 = 10.0;

/// A picture of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// A JPEG file.
    pub jpeg: Arc<Vec<u8>>,
    /// Its side in px.
    pub px: u32,
    /// Its scale is known, and it carries a scale bar.
    pub scaled: bool,
}

/// How finely pictures are written; from the finest on, until all of a page fit [`Sizes::MOST_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Side in px.
    pub px: u32,
    /// JPEG quality.
    pub quality: u8,
}

impl Sizes {
    /// Bytes that all pictures of a page may have together: as text in a page they become a third larger.
    pub const MOST_BYTES: usize = 600_000;
    /// Finest first.
    pub const ALL: [Self; 4] = [
        Self { px: 216, quality: 88 },
        Self { px: 192, quality: 82 },
        Self { px: 144, quality: 78 },
        Self { px: 96, quality: 70 },
    ];
}

impl Picture {
    /// The field of [`FIELD_UM`] in the middle of a frame; where the frame is smaller, or its scale not known, its shorter
    /// side is the field's. What a field reaches beyond the frame is white.
    pub fn of(frame: &RgbImage, um_per_px: Option<f64>, sizes: Sizes) -> Self {
        let (w, h) = frame.dimensions();
        let known = um_per_px.filter(|s| s.is_finite() && *s > 0.0);
        let whole = f64::from(w.min(h)).max(1.0);
        let side = known.map_or(whole, |s| FIELD_UM / s).clamp(1.0, 4.0 * whole).round() as u32;
        let mut field = RgbImage::from_pixel(side, side, Rgb([255; 3]));
        let corner = |n: u32| (i64::from(side) - i64::from(n)).div_euclid(2);
        imageops::overlay(&mut field, frame, corner(w), corner(h));
        let mut small = imageops::resize(&field, sizes.px, sizes.px, FilterType::CatmullRom);
        if known.is_some() {
            bar(&mut small);
        }
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, sizes.quality);
        small.write_with_encoder(encoder).expect("writing to memory does not fail");
        Self { jpeg: Arc::new(jpeg), px: sizes.px, scaled: known.is_some() }
    }

    /// The picture as a `data:` URI.
    pub(super) fn data_uri(&self) -> String {
        format!("data:image/jpeg;base64,{}", STANDARD.encode(&*self.jpeg))
    }
}

/// A black bar with a white rim, low on the right: it stands out on any ground.
fn bar(picture: &mut RgbImage) {
    let px = picture.width();
    let long = (BAR_UM / FIELD_UM * f64::from(px)).round() as u32;
    let (thick, rim) = ((px / 60).max(2), (px / 120).max(1));
    let (right, low) = (px - px / 16, px - px / 16);
    let mut fill = |grow: u32, colour: Rgb<u8>| {
        for y in low - thick - grow..low + grow {
            for x in right - long - grow..right + grow {
                picture.put_pixel(x.min(px - 1), y.min(px - 1), colour);
            }
        }
    };
    fill(rim, Rgb([255; 3]));
    fill(0, Rgb([0; 3]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(picture: &Picture) -> RgbImage {
        image::load_from_memory(&picture.jpeg).expect("a JPEG file").into_rgb8()
    }

    #[test]
    fn pictures_have_one_scale_and_a_bar_of_ten_um() {
        // A black square of 6 um in the middle: 60 px of 0.1 um, 30 px of 0.2 um.
        for (um_per_px, frame) in [(0.1, 360), (0.2, 100)] {
            let half = 3.0 / um_per_px;
            let middle = f64::from(frame) / 2.0;
            let inside = |v: u32| (f64::from(v) + 0.5 - middle).abs() < half;
            let image = RgbImage::from_fn(frame, frame, |x, y| Rgb([if inside(x) && inside(y) { 0 } else { 200 }; 3]));
            let picture = decoded(&Picture::of(&image, Some(um_per_px), Sizes::ALL[1]));
            let px = picture.width();
            let dark = (0..px).filter(|&x| picture.get_pixel(x, px / 2)[0] < 100).count();
            assert!((46..=50).contains(&dark), "6 of 24 um are 48 of 192 px, not {dark}");
            let low = px - px / 16 - 2;
            let bar = (0..px).filter(|&x| picture.get_pixel(x, low)[0] < 60).count();
            assert!((78..=82).contains(&bar), "10 of 24 um are 80 of 192 px, not {bar}");
        }
    }

    #[test]
    fn a_frame_of_unknown_scale_is_shown_whole_without_a_bar() {
        let image = RgbImage::from_pixel(50, 80, Rgb([150; 3]));
        let picture = Picture::of(&image, None, Sizes::ALL[3]);
        assert!(!picture.scaled);
        assert!(decoded(&picture).pixels().all(|p| p[0].abs_diff(150) < 4));
        // Nonsense for a scale does not take memory.
        assert_eq!(Picture::of(&image, Some(1e-9), Sizes::ALL[3]).px, 96);
    }
}
