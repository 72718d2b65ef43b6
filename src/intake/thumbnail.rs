//! Small pictures of large ones.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::RgbImage;

/// The picture at exactly `width` x `height` px, antialiased: every pixel of the source has its part in the result.
///
/// Keeping the sides' ratio is the caller's business. Nothing times something is nothing: an empty picture.
pub fn thumbnail(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if width == 0 || height == 0 || image.width() == 0 || image.height() == 0 {
        return RgbImage::new(width, height);
    }
    if (width, height) == image.dimensions() {
        return image.clone();
    }
    let source = ImageRef::new(image.width(), image.height(), image.as_raw(), PixelType::U8x3)
        .expect("three bytes for each pixel");
    let mut target = Image::new(width, height, PixelType::U8x3);
    // Catmull-Rom: about as sharp as Lanczos, with less ringing at the dark edge of a nucleus.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom)).use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).expect("both are pictures of the same kind");
    RgbImage::from_raw(width, height, target.into_vec()).expect("three bytes for each pixel")
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_fine_pattern_becomes_its_mean() {
        let stripes = RgbImage::from_fn(200, 100, |x, _| if x % 2 == 0 { Rgb([0, 0, 0]) } else { Rgb([200, 100, 50]) });
        let small = thumbnail(&stripes, 20, 10);
        assert_eq!(small.dimensions(), (20, 10));
        for Rgb([r, g, b]) in small.pixels() {
            // At the border the filter is cut; picking single pixels would give 0 or 200.
            assert!(r.abs_diff(100) <= 5 && g.abs_diff(50) <= 3 && b.abs_diff(25) <= 2, "{r} {g} {b}");
        }
    }

    #[test]
    fn any_size_can_be_asked_for() {
        let image = RgbImage::from_pixel(3, 5, Rgb([9, 8, 7]));
        for (w, h) in [(0, 4), (4, 0), (1, 1), (3, 5), (40, 2)] {
            let small = thumbnail(&image, w, h);
            assert_eq!(small.dimensions(), (w, h));
            assert!(small.pixels().all(|p| *p == Rgb([9, 8, 7])));
        }
        assert_eq!(thumbnail(&RgbImage::new(0, 0), 2, 2).dimensions(), (2, 2));
    }
}
