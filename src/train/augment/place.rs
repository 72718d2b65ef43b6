//! Turning, mirroring, zooming and shifting a frame into the field.

use image::{Rgb, RgbImage};

use crate::model::resized;

/// How the cell lies in the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Rotation in radians, clockwise as it is seen.
    pub angle: f64,
    /// Mirrored left to right, after the rotation.
    pub mirrored: bool,
    /// Above 1: larger.
    pub zoom: f64,
    /// To the right and down, in px of the field.
    pub shift: [f64; 2],
}

/// More px than this along a side are never needed for a field of at most 2048 px that is turned and zoomed.
const MOST: f64 = 8192.0;

/// A field of `field_um`, `side` x `side` px, of a frame. It is reduced to the field's resolution first, with the filter
/// that [`preprocess`](crate::model::preprocess) uses, so that nothing aliases; the turned picture is then read between px
/// by Catmull-Rom splines, which blur little. Outside the frame its mirror image goes on, or grey background where the
/// frame is much smaller than the field.
pub(super) fn place(frame: &RgbImage, um_per_px: Option<f64>, field_um: f64, side: usize, how: &Placement) -> RgbImage {
    let out = side as u32;
    let (width, height) = frame.dimensions();
    if width == 0 || height == 0 {
        return RgbImage::from_pixel(out, out, Rgb([255; 3]));
    }
    let scale = um_per_px.filter(|s| s.is_finite() && *s > 0.0);
    // Px of the frame along the field, and px of the field for each.
    let window = scale.map_or(f64::from(width.min(height)), |s| (field_um / s).clamp(1.0, 1e6));
    let ratio = side as f64 / window * how.zoom;
    let reach = (window / how.zoom * std::f64::consts::SQRT_2
        + 2.0 * how.shift[0].abs().max(how.shift[1].abs()) / ratio)
        .ceil();
    let part = |length: u32| {
        let inner = (reach as u32 + 4).min(length);
        // Cut evenly, so that the middle stays the middle.
        let inner = if (length - inner) % 2 == 1 { inner + 1 } else { inner };
        ((length - inner) / 2, inner, (f64::from(inner) * ratio).round().clamp(1.0, MOST) as u32)
    };
    let ((left, across, small_width), (top, down, small_height)) = (part(width), part(height));
    let small = resized(frame, [left, top, across, down], [small_width, small_height]);
    let Some(small) = small.and_then(|px| RgbImage::from_raw(small_width, small_height, px)) else {
        return RgbImage::from_pixel(out, out, Rgb([255; 3]));
    };
    let mirror = f64::from(width.min(height)) > 0.8 * window;
    let (sin, cos) = how.angle.sin_cos();
    let (middle_x, middle_y) = (f64::from(small_width) / 2.0, f64::from(small_height) / 2.0);
    RgbImage::from_fn(out, out, |x, y| {
        let u = f64::from(x) + 0.5 - side as f64 / 2.0 - how.shift[0];
        let v = f64::from(y) + 0.5 - side as f64 / 2.0 - how.shift[1];
        let u = if how.mirrored { -u } else { u };
        let (sx, sy) = (middle_x + cos * u + sin * v - 0.5, middle_y - sin * u + cos * v - 0.5);
        sample(&small, sx, sy, mirror)
    })
}

/// Catmull and Rom 1974: weights of the four px around a place that lies `t` behind the second.
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (-t3 + 2.0 * t2 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (-3.0 * t3 + 4.0 * t2 + t), 0.5 * (t3 - t2)]
}

fn sample(picture: &RgbImage, x: f64, y: f64, mirror: bool) -> Rgb<u8> {
    let (width, height) = (picture.width() as i64, picture.height() as i64);
    let outside = |at: f64, length: i64| at < -1.0 || at > length as f64;
    if !mirror && (outside(x, width) || outside(y, height)) {
        return Rgb([225, 220, 225]);
    }
    let (left, top) = (x.floor() as i64 - 1, y.floor() as i64 - 1);
    let (across, down) = (weights((x - x.floor()) as f32), weights((y - y.floor()) as f32));
    let columns: [usize; 4] = std::array::from_fn(|i| 3 * folded(left + i as i64, width));
    let raw = picture.as_raw();
    let mut sum = [0.0_f32; 3];
    for (i, wy) in down.into_iter().enumerate() {
        let row = 3 * folded(top + i as i64, height) * width as usize;
        for (column, wx) in columns.into_iter().zip(across) {
            let pixel = &raw[row + column..row + column + 3];
            sum.iter_mut().zip(pixel).for_each(|(s, &v)| *s += wx * wy * f32::from(v));
        }
    }
    Rgb(sum.map(|v| v.round().clamp(0.0, 255.0) as u8))
}

/// The px whose mirror image lies at `at`.
fn folded(at: i64, length: i64) -> usize {
    let at = at.rem_euclid(2 * length);
    (if at < length { at } else { 2 * length - 1 - at }) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Placement = Placement { angle: 0.0, mirrored: false, zoom: 1.0, shift: [0.0; 2] };

    /// Bright, with a dark square left of the middle: from (10, 28) to (18, 36) of 64.
    fn frame() -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| {
            if (10..18).contains(&x) && (28..36).contains(&y) { Rgb([20; 3]) } else { Rgb([230; 3]) }
        })
    }

    fn darkest(picture: &RgbImage) -> (f64, f64) {
        let (mut sum, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
        for (x, y, p) in picture.enumerate_pixels() {
            let weight = 230.0 - f64::from(p[0]).min(230.0);
            sum += weight;
            x_sum += weight * (f64::from(x) + 0.5);
            y_sum += weight * (f64::from(y) + 0.5);
        }
        (x_sum / sum, y_sum / sum)
    }

    fn near(found: (f64, f64), wanted: (f64, f64)) {
        assert!((found.0 - wanted.0).hypot(found.1 - wanted.1) < 0.3, "{found:?} instead of {wanted:?}");
    }

    #[test]
    fn a_still_placement_is_the_frame_itself() {
        assert_eq!(place(&frame(), None, 10.0, 64, &STILL), frame());
    }

    #[test]
    fn the_cell_goes_where_the_placement_says() {
        let at = |how: Placement| darkest(&place(&frame(), None, 10.0, 64, &how));
        near(at(STILL), (14.0, 32.0));
        near(at(Placement { mirrored: true, ..STILL }), (50.0, 32.0));
        near(at(Placement { angle: std::f64::consts::FRAC_PI_2, ..STILL }), (32.0, 14.0));
        near(at(Placement { angle: std::f64::consts::PI, ..STILL }), (50.0, 32.0));
        near(at(Placement { shift: [5.0, -3.0], ..STILL }), (19.0, 29.0));
        near(at(Placement { zoom: 1.25, ..STILL }), (32.0 - 18.0 * 1.25, 32.0));
        // At 0.2 um per px a field of 6.4 um is the middle half: the square's rim alone is left of it.
        let half = place(&frame(), Some(0.2), 6.4, 64, &STILL);
        assert_eq!(half.get_pixel(1, 32)[0], 20);
        assert_eq!(half.get_pixel(8, 32)[0], 230);
    }

    #[test]
    fn outside_the_frame_its_mirror_image_goes_on() {
        let turned = place(&frame(), None, 10.0, 64, &Placement { angle: 0.8, ..STILL });
        assert!(turned.pixels().all(|p| p[0] <= 245), "no splash of colour from beyond the frame");
        assert_eq!((folded(-1, 4), folded(4, 4), folded(7, 4), folded(8, 4), folded(-9, 4)), (0, 3, 0, 0, 0));
        assert!((0..10).all(|i| (weights(i as f32 / 10.0).iter().sum::<f32>() - 1.0).abs() < 1e-6));
    }
}
