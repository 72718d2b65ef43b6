//! Contact sheet of phantoms: a row per class, for the eye.

use image::{RgbImage, imageops};
use rayon::prelude::*;

use super::{
    canvas::{HEIGHT, WIDTH},
    render,
};

/// A row for each of `codes` (unknown ones stay empty), `per_class` phantoms from `seed` on in each, every frame
/// `width` px wide with a gap of 2 px.
pub fn sheet(codes: &[&str], seed: u64, per_class: u32, width: u32) -> RgbImage {
    let height = width * HEIGHT / WIDTH;
    let (step_x, step_y) = (width + 2, height + 2);
    let mut out = RgbImage::from_pixel(
        (step_x * per_class).max(1),
        (step_y * codes.len() as u32).max(1),
        image::Rgb([255, 255, 255]),
    );
    let places: Vec<(u32, u32)> =
        (0..codes.len() as u32).flat_map(|row| (0..per_class).map(move |n| (row, n))).collect();
    let frames: Vec<_> = places
        .par_iter()
        .filter_map(|&(row, n)| {
            let frame = render(codes[row as usize], seed + u64::from(n))?;
            let small = if width == WIDTH {
                frame
            } else {
                imageops::resize(&frame, width, height, imageops::FilterType::Triangle)
            };
            Some((row, n, small))
        })
        .collect();
    for (row, n, frame) in &frames {
        imageops::replace(&mut out, frame, i64::from(n * step_x), i64::from(row * step_y));
    }
    out
}
