//! What cameras and files do to a picture: blur, noise, compression.

use image::{DynamicImage, RgbImage, codecs::jpeg::JpegEncoder, imageops};

use super::super::random::Draw;

/// Blurs with a Gaussian of this standard deviation in px.
pub(super) fn blur(picture: &mut RgbImage, deviation: f64) {
    // Less than this changes no px.
    if deviation > 0.2 {
        *picture = imageops::blur(picture, deviation as f32);
    }
}

/// Adds normal noise of this standard deviation in grey levels, each channel on its own.
pub(super) fn noise(picture: &mut RgbImage, deviation: f64, draw: &mut Draw) {
    if deviation < 0.3 {
        return;
    }
    for value in picture.iter_mut() {
        // The sum of four uniform numbers is near enough to a normal one, and fast.
        let sum: f64 = (0..4).map(|_| draw.signed()).sum();
        *value = (f64::from(*value) + deviation * sum / (4.0_f64 / 3.0).sqrt()).round().clamp(0.0, 255.0) as u8;
    }
}

/// Compresses and decompresses; a picture that cannot be stays as it is.
pub(super) fn jpeg(picture: &mut RgbImage, quality: u8) {
    let mut bytes = Vec::new();
    let written = JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture);
    let read = written.and_then(|()| image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg));
    if let Ok(read) = read.map(DynamicImage::into_rgb8) {
        *picture = read;
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn picture() -> RgbImage {
        RgbImage::from_fn(
            64,
            64,
            |x, y| if (x / 4 + y / 4) % 2 == 0 { Rgb([60, 30, 120]) } else { Rgb([220, 200, 210]) },
        )
    }

    fn mean(of: &RgbImage) -> f64 {
        of.iter().map(|&v| f64::from(v)).sum::<f64>() / of.len() as f64
    }

    fn differs(a: &RgbImage, b: &RgbImage) -> f64 {
        (a.iter().zip(b.iter()).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>() / a.len() as f64)
            .sqrt()
    }

    #[test]
    fn each_keeps_the_mean_and_changes_as_much_as_asked_for() {
        let mut blurred = picture();
        blur(&mut blurred, 2.0);
        assert!((mean(&blurred) - mean(&picture())).abs() < 2.0 && differs(&blurred, &picture()) > 20.0);
        let mut noisy = picture();
        noise(&mut noisy, 5.0, &mut Draw::new(1, 1));
        assert!((4.7..5.3).contains(&differs(&noisy, &picture())), "{}", differs(&noisy, &picture()));
        let change = |quality| {
            let mut squeezed = picture();
            jpeg(&mut squeezed, quality);
            differs(&squeezed, &picture())
        };
        assert!(change(40) > change(95) && change(95) > 0.0);
    }
}
