//! From a decoded frame to what the network sees. Training, prediction and explanation all go through here.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{CroppedImage, Image, ImageRef},
};
use image::RgbImage;

use super::{colour::Correction, error::ModelError, info::InputSpec};

/// A picture as a network takes it: planes of red, green and blue, each size x size, normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Input(pub(super) Vec<f32>);

impl Input {
    /// Takes values that were computed elsewhere, for checks against other programs.
    ///
    /// # Errors
    /// When there are not as many as `spec` asks for.
    pub fn from_values(values: Vec<f32>, spec: &InputSpec) -> Result<Self, ModelError> {
        match (values.len(), spec.values()) {
            (found, expected) if found != expected => Err(ModelError::InputLength { index: 0, expected, found }),
            _ => Ok(Self(values)),
        }
    }

    /// The values: three planes, row by row.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Makes a network's input of a frame.
///
/// 1. The field: a centred square of `field_um / um_per_px` px, rounded to whole px; half a px left over goes to the
///    right and below. Without a (positive) scale the field is the frame's shorter side.
/// 2. It is resized to `size` with a triangle filter scaled to the reduction, so that nothing aliases (Pillow's BILINEAR,
///    which the default network was trained with).
/// 3. Where the field is larger than the frame, the frame keeps its scale in the middle, and the rest takes the median
///    colour of the frame's outermost px: that is background or red cells as a rule, and makes no edge that looks like
///    a dark object.
/// 4. Colours are made comparable as `colour` says, by what the whole frame shows of its light and its stain.
/// 5. `(value / 255 - mean) / std` for each channel.
///
/// A frame without pixels gives zeros, the mean colour.
pub fn preprocess(frame: &RgbImage, um_per_px: Option<f64>, spec: &InputSpec) -> Input {
    let picture = field(frame, um_per_px, spec);
    let plane = spec.size * spec.size;
    let mut values = vec![0.0; spec.values()];
    let Some(mut picture) = picture else { return Input(values) };
    Correction::of(frame, &spec.colour).apply(&mut picture);
    for (channel, out) in values.chunks_exact_mut(plane).enumerate() {
        let (mean, std) = (spec.mean[channel], spec.std[channel]);
        // 256 possible values: a table spares a division for each.
        let table: [f32; 256] = std::array::from_fn(|v| (v as f32 / 255.0 - mean) / std);
        for (value, pixel) in out.iter_mut().zip(picture.chunks_exact(3)) {
            *value = table[usize::from(pixel[channel])];
        }
    }
    Input(values)
}

/// Along one side of a frame: where the field lies in it, and where that comes to lie in the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    /// The first px of the frame that is in the field, and how many are.
    pub first: u32,
    pub count: u32,
    /// Px of the input that they are put on, and those before them.
    pub out: u32,
    pub before: u32,
}

/// Along the width and the height of a frame.
pub(crate) fn sides((width, height): (u32, u32), um_per_px: Option<f64>, spec: &InputSpec) -> [Side; 2] {
    let scale = um_per_px.filter(|s| s.is_finite() && *s > 0.0);
    let window = scale.map_or(f64::from(width.min(height)), |s| (spec.field_um / s).round().max(1.0));
    let size = spec.size as u32;
    [width, height].map(|length| {
        let count = window.min(f64::from(length)) as u32;
        let out = (f64::from(count) / window * f64::from(size)).round().clamp(1.0, f64::from(size)) as u32;
        Side { first: (length - count) / 2, count, out, before: (size - out) / 2 }
    })
}

impl Side {
    /// The place of px `at` of the frame in the input, whose first px is centred on 0; `None`: outside.
    pub fn place(&self, at: u32) -> Option<f64> {
        let inside = at.checked_sub(self.first).filter(|i| *i < self.count)?;
        let scale = f64::from(self.out) / f64::from(self.count);
        Some(f64::from(self.before) + (f64::from(inside) + 0.5) * scale - 0.5)
    }
}

/// The field at the network's resolution, RGB interleaved; `None`: there is nothing to see.
fn field(frame: &RgbImage, um_per_px: Option<f64>, spec: &InputSpec) -> Option<Vec<u8>> {
    let (width, height) = frame.dimensions();
    if width == 0 || height == 0 {
        return None;
    }
    let size = spec.size as u32;
    let [x, y] = sides((width, height), um_per_px, spec);
    let resized = resized(frame, [x.first, y.first, x.count, y.count], [x.out, y.out])?;
    if (x.out, y.out) == (size, size) {
        return Some(resized);
    }
    let mut picture = median_of_border(frame).repeat((size * size) as usize);
    let row = 3 * x.out as usize;
    for (i, line) in resized.chunks_exact(row).enumerate() {
        let at = 3 * ((y.before as usize + i) * size as usize + x.before as usize);
        picture[at..at + row].copy_from_slice(line);
    }
    Some(picture)
}

/// The part of a frame from (left, top) on that is so wide and high, resized to another width and height with a triangle
/// filter scaled to the reduction; RGB interleaved. `None`: the part is empty or not in the frame.
pub(crate) fn resized(frame: &RgbImage, [left, top, across, down]: [u32; 4], to: [u32; 2]) -> Option<Vec<u8>> {
    let source = ImageRef::new(frame.width(), frame.height(), frame.as_raw(), PixelType::U8x3).ok()?;
    // Cut before resizing: the resizer's own crop lets the filter see px outside the field.
    let inside = CroppedImage::new(&source, left, top, across, down).ok()?;
    let mut resized = Image::new(to[0], to[1], PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&inside, &mut resized, &options).ok()?;
    Some(resized.into_vec())
}

/// The median of each channel over the outermost px of a frame that has some.
fn median_of_border(frame: &RgbImage) -> [u8; 3] {
    let (right, bottom) = (frame.width() - 1, frame.height() - 1);
    let rows = (0..=right).flat_map(|x| [(x, 0), (x, bottom)]);
    let columns = (0..=bottom).flat_map(|y| [(0, y), (right, y)]);
    let mut counts = [[0_u32; 256]; 3];
    for (x, y) in rows.chain(columns) {
        for (count, value) in counts.iter_mut().zip(frame.get_pixel(x, y).0) {
            count[usize::from(value)] += 1;
        }
    }
    counts.map(|count| {
        let half = count.iter().sum::<u32>().div_ceil(2);
        let mut seen = 0;
        let middle = count.iter().position(|n| {
            seen += n;
            seen >= half
        });
        middle.unwrap_or(0) as u8
    })
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::{super::colour::Colour, *};

    fn spec() -> InputSpec {
        InputSpec { size: 32, field_um: 10.0, mean: [0.5; 3], std: [0.25; 3], colour: Colour::AsIs }
    }

    fn at(input: &Input, channel: usize, x: usize, y: usize) -> u8 {
        ((input.0[channel * 1024 + y * 32 + x] * 0.25 + 0.5) * 255.0).round() as u8
    }

    #[test]
    fn values_are_normalised_plane_by_plane() {
        let frame = RgbImage::from_pixel(64, 64, Rgb([255, 0, 51]));
        let input = preprocess(&frame, None, &spec());
        assert_eq!(input.values().len(), 3 * 32 * 32);
        for (channel, wanted) in [(0, 2.0), (1, -2.0), (2, -1.2)] {
            assert!(input.0[channel * 1024..][..1024].iter().all(|v| (v - wanted).abs() < 1e-6));
        }
    }

    /// 0.1 um per px: the field is 100 px of 201 x 203, from (50, 51) on.
    #[test]
    fn the_field_is_centred_and_as_wide_as_the_scale_says() {
        let inside = |x, y| (50..150).contains(&x) && (51..151).contains(&y);
        let frame = RgbImage::from_fn(201, 203, |x, y| if inside(x, y) { Rgb([200; 3]) } else { Rgb([0; 3]) });
        let input = preprocess(&frame, Some(0.1), &spec());
        for (x, y) in [(0, 0), (31, 0), (0, 31), (31, 31), (16, 16)] {
            assert_eq!(at(&input, 0, x, y), 200, "{x} {y}");
        }
        let wider = preprocess(&frame, Some(0.09), &spec());
        assert!(at(&wider, 0, 0, 0) < 100 && at(&wider, 0, 16, 16) == 200);
    }

    #[test]
    fn without_a_scale_the_shorter_side_is_the_field() {
        let frame = RgbImage::from_fn(100, 40, |x, _| if (30..70).contains(&x) { Rgb([90; 3]) } else { Rgb([0; 3]) });
        for scale in [None, Some(0.0), Some(f64::NAN), Some(-1.0)] {
            let input = preprocess(&frame, scale, &spec());
            assert!((0..32).all(|x| at(&input, 1, x, 0) == 90), "{scale:?}");
        }
    }

    /// 50 px at 0.1 um fill half of the 10 um field: 16 of 32 px; the rest is the median of the border.
    #[test]
    fn a_small_frame_keeps_its_scale_and_is_padded_with_its_own_background() {
        let frame = RgbImage::from_fn(50, 50, |x, y| match (x, y) {
            (0, 0..10) => Rgb([0, 0, 0]),
            (5..45, 5..45) => Rgb([90, 20, 160]),
            _ => Rgb([230, 210, 220]),
        });
        let input = preprocess(&frame, Some(0.1), &spec());
        for (channel, background, cell) in [(0, 230, 90), (1, 210, 20), (2, 220, 160)] {
            assert_eq!((at(&input, channel, 0, 0), at(&input, channel, 31, 31)), (background, background));
            assert_eq!((at(&input, channel, 16, 16), at(&input, channel, 7, 16)), (cell, background));
        }
    }

    #[test]
    fn a_frame_in_another_light_gives_nearly_the_same_input() {
        let cell = |light: [f32; 3]| {
            RgbImage::from_fn(120, 120, |x, y| {
                let r = ((x as f32 - 60.0).powi(2) + (y as f32 - 60.0).powi(2)).sqrt();
                let through = if r < 25.0 { [0.45, 0.25, 0.65] } else { [1.0; 3] };
                Rgb([0, 1, 2].map(|c| (light[c] * through[c]).round() as u8))
            })
        };
        let (plain, yellow) = (cell([240.0; 3]), cell([236.0, 220.0, 170.0]));
        let apart = |colour| {
            let spec = InputSpec { colour, ..spec() };
            let [a, b] = [&plain, &yellow].map(|f| preprocess(f, Some(0.1), &spec));
            a.0.iter().zip(&b.0).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        let (as_is, balanced) = (apart(Colour::AsIs), apart(Colour::Background));
        assert!(as_is > 1.0 && balanced < 0.04, "{as_is} became {balanced}");
    }

    #[test]
    fn odd_frames_and_scales_do_no_harm() {
        for (width, height) in [(0, 0), (0, 5), (1, 1), (1, 500), (7, 3)] {
            for scale in [None, Some(1e-12), Some(1e12), Some(0.1)] {
                let input = preprocess(&RgbImage::from_pixel(width, height, Rgb([128; 3])), scale, &spec());
                assert!(input.0.len() == 3072 && input.0.iter().all(|v| v.abs() < 0.01), "{width}x{height} {scale:?}");
            }
        }
    }
}
