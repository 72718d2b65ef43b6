//! Maps as colour over the picture that they are of.

use colorous::INFERNO;
use image::{Rgb, RgbImage};

use super::SaliencyMap;
use crate::{
    intake,
    model::{Input, InputSpec, sides},
};

/// How much of the picture a map hides where it is strongest.
const COVER: f32 = 0.8;
/// What is left of the light outside the field, which the network does not see.
const OUTSIDE: f32 = 0.6;

/// The field as the network sees it, at its own resolution.
pub fn field(input: &Input, spec: &InputSpec) -> RgbImage {
    let (size, plane) = (spec.size, spec.size * spec.size);
    RgbImage::from_fn(size as u32, size as u32, |x, y| {
        let at = y as usize * size + x as usize;
        let channel = |c: usize| input.values()[c * plane + at] * spec.std[c] + spec.mean[c];
        Rgb([0, 1, 2].map(|c| (channel(c) * 255.0).round().clamp(0.0, 255.0) as u8))
    })
}

/// A map over the field, which is enlarged to squares of `side` px.
pub fn over_field(field: &RgbImage, map: &SaliencyMap, side: u32) -> RgbImage {
    let mut picture = intake::thumbnail(field, side, side);
    let scale = map.side() as f64 / f64::from(side);
    let place = |at: u32| (f64::from(at) + 0.5) * scale - 0.5;
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        *pixel = covered(*pixel, map.at(place(x), place(y)));
    }
    picture
}

/// A map over the frame that the field was cut from: the frame keeps its size, and what the network did not see is darker.
pub fn over_frame(frame: &RgbImage, um_per_px: Option<f64>, spec: &InputSpec, map: &SaliencyMap) -> RgbImage {
    let axes = sides(frame.dimensions(), um_per_px, spec);
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let pixel = *frame.get_pixel(x, y);
        match (axes[0].place(x), axes[1].place(y)) {
            (Some(x), Some(y)) => covered(pixel, map.at(x, y)),
            _ => {
                let grey = (OUTSIDE * luma(pixel)).round() as u8;
                Rgb([grey; 3])
            }
        }
    })
}

/// A px in grey, under the colour of a value in 0..=1. Inferno (van der Walt and Smith 2015) goes from black to yellow in
/// steps that look equal.
fn covered(pixel: Rgb<u8>, value: f32) -> Rgb<u8> {
    let colour = INFERNO.eval_continuous(f64::from(value.clamp(0.0, 1.0)));
    // Weak values are seen through: they would blacken the cell.
    let (cover, grey) = (COVER * value.clamp(0.0, 1.0).sqrt(), luma(pixel));
    Rgb([colour.r, colour.g, colour.b].map(|c| (cover * f32::from(c) + (1.0 - cover) * grey).round() as u8))
}

/// Rec. 601 luma, 0..=255.
fn luma(Rgb([r, g, b]): Rgb<u8>) -> f32 {
    0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::preprocess;

    fn spec() -> InputSpec {
        InputSpec { size: 32, field_um: 10.0, mean: [0.5; 3], std: [0.25; 3], colour: crate::model::Colour::AsIs }
    }

    #[test]
    fn the_field_is_the_input_without_its_normalisation() {
        let frame = RgbImage::from_fn(32, 32, |x, y| Rgb([8 * x as u8, 8 * y as u8, 200]));
        assert_eq!(field(&preprocess(&frame, None, &spec()), &spec()), frame);
    }

    /// A dark spot is put into frames of several shapes and scales: where preprocessing puts it in the input is where the
    /// overlay looks for its value.
    #[test]
    fn px_of_the_frame_are_found_where_preprocessing_puts_them() {
        for (width, height, scale) in [
            (100, 100, Some(0.1)),
            (360, 363, Some(0.1)),
            (120, 90, None),
            (64, 64, Some(0.2)),
            (60, 200, Some(0.1)),
            (201, 75, Some(0.08)),
        ] {
            let axes = sides((width, height), scale, &spec());
            let window: f64 = scale.map_or(f64::from(width.min(height)), |s| (10.0 / s).round());
            let spot = (window / 16.0).max(2.0) as u32;
            for (part_x, part_y) in [(3, 4), (5, 3), (4, 5)] {
                let at = |i: usize, part: u32| axes[i].first + axes[i].count * part / 8;
                let (left, top) = (at(0, part_x), at(1, part_y));
                let inside = |x: u32, y: u32| (left..left + spot).contains(&x) && (top..top + spot).contains(&y);
                let frame = RgbImage::from_fn(width, height, |x, y| Rgb([if inside(x, y) { 0 } else { 255 }; 3]));
                let seen = field(&preprocess(&frame, scale, &spec()), &spec());
                let (mut mass, mut centre) = (0.0, (0.0, 0.0));
                for (x, y, p) in seen.enumerate_pixels() {
                    let dark = 255.0 - f64::from(p.0[0]);
                    mass += dark;
                    centre = (centre.0 + dark * f64::from(x), centre.1 + dark * f64::from(y));
                }
                let middle = |i: usize, first: u32| {
                    let ends = axes[i].place(first).zip(axes[i].place(first + spot - 1)).expect("inside");
                    (ends.0 + ends.1) / 2.0
                };
                let expected = (middle(0, left), middle(1, top));
                let off = (centre.0 / mass - expected.0).abs().max((centre.1 / mass - expected.1).abs());
                assert!(off < 0.1, "{width}x{height} at {scale:?}: off by {off} px");
            }
        }
    }

    #[test]
    fn what_the_network_did_not_see_is_darker_and_a_strong_value_is_bright() {
        let frame = RgbImage::from_pixel(200, 200, Rgb([100, 100, 100]));
        let input = preprocess(&frame, Some(0.1), &spec());
        let map = SaliencyMap::new(32, vec![1.0; 32 * 32]);
        let over = over_frame(&frame, Some(0.1), &spec(), &map);
        assert_eq!((over.dimensions(), over.get_pixel(0, 0)), ((200, 200), &Rgb([60; 3])));
        let Rgb([r, g, b]) = *over.get_pixel(100, 100);
        assert!(r > 200 && g > 200 && b < 190, "{r} {g} {b}: the bright end of inferno");
        let enlarged = over_field(&field(&input, &spec()), &map, 96);
        assert_eq!((enlarged.dimensions(), enlarged.get_pixel(50, 50)), ((96, 96), &Rgb([r, g, b])));
    }
}
