//! From samples to red, green and blue, of eight bits each.

use image::RgbImage;

use super::{
    chunks::Samples,
    description::Description,
    page::{Alpha, Colour, Compression, Page, damaged, unsupported},
};
use crate::intake::{Reason, alpha, depth};

/// The page's picture.
pub(super) fn rgb(page: &Page<'_>, samples: &Samples) -> Result<RgbImage, Reason> {
    let eight = eight_bits(page, samples)?;
    let pixels = eight.chunks_exact(page.samples);
    let jpeg = page.compression == Compression::Jpeg;
    let mut out: Vec<u8> = match page.colour {
        Colour::WhiteIsZero => pixels.flat_map(|p| [255 - p[0]; 3]).collect(),
        Colour::BlackIsZero => pixels.flat_map(|p| [p[0]; 3]).collect(),
        Colour::Rgb => pixels.flat_map(|p| [p[0], p[1], p[2]]).collect(),
        // What was compressed as JPEG comes out of its decoder as red, green and blue.
        Colour::YCbCr if jpeg => pixels.flat_map(|p| [p[0], p[1], p[2]]).collect(),
        Colour::YCbCr => {
            let weights = page.tags.reals(529).filter(|w| w.len() == 3 && w[1] > 0.0);
            let weights = weights.unwrap_or_else(|| vec![0.299, 0.587, 0.114]);
            pixels.flat_map(|p| from_ycbcr([p[0], p[1], p[2]], &weights)).collect()
        }
        Colour::Cmyk => {
            let over = |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) + 127) / 255;
            pixels.flat_map(|p| [over(p[0], p[3]), over(p[1], p[3]), over(p[2], p[3])].map(|c| c as u8)).collect()
        }
        Colour::Palette => palette(page, pixels)?,
    };
    if page.alpha != Alpha::No {
        let values: Vec<u8> = eight.chunks_exact(page.samples).map(|p| p[page.colour.samples()]).collect();
        alpha::lay(&mut out, &values, page.alpha == Alpha::Premultiplied);
    }
    Ok(RgbImage::from_raw(page.width, page.height, out).expect("three bytes for each pixel"))
}

/// The samples as eight bits: what the file calls the largest becomes 255. A palette's stay what they are.
fn eight_bits(page: &Page<'_>, samples: &Samples) -> Result<Vec<u8>, Reason> {
    let Samples { bytes, size } = samples;
    if page.colour == Colour::Palette && page.bits <= 8 || page.bits == 8 {
        return Ok(bytes.clone());
    }
    if page.colour == Colour::Palette {
        return Err(unsupported(format!("a palette of {} bits", page.bits)));
    }
    let value = |b: &[u8]| match (page.float, *size) {
        (true, 4) => f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        (true, _) => f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]),
        (_, 1) => f64::from(b[0]),
        (_, 2) => f64::from(u16::from_le_bytes([b[0], b[1]])),
        _ => f64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])),
    };
    let colours = page.colour.samples();
    let mut seen = depth::Seen::default();
    bytes
        .chunks_exact(*size)
        .enumerate()
        .filter(|(i, _)| i % page.samples < colours)
        .for_each(|(_, b)| seen.add(value(b)));
    let top = if page.bits < 16 { f64::from((1_u32 << page.bits) - 1) } else { largest(page, seen)? };
    Ok(bytes.chunks_exact(*size).map(|b| depth::scaled(value(b), top)).collect())
}

/// The sample that is white.
fn largest(page: &Page<'_>, seen: depth::Seen) -> Result<f64, Reason> {
    let said = Description::of(page.tags);
    let by_tag = [341, 281].into_iter().find_map(|tag| page.tags.reals(tag)?.into_iter().reduce(f64::max));
    let said = said.bits.map(|bits| 2_f64.powi(bits.min(32) as i32) - 1.0).or(by_tag).or(said.largest);
    let what = if page.float { depth::Kind::Float } else { depth::Kind::Whole(page.bits) };
    depth::largest("TIFF", what, seen, said)
}

fn palette<'a>(page: &Page<'_>, pixels: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, Reason> {
    let map = page.tags.numbers(320).ok_or_else(|| damaged("its palette is missing"))?;
    let entries = map.len() / 3;
    // Of 16 bits; some writers give 8.
    let shift = if map.iter().any(|&v| v > 255) { 8 } else { 0 };
    let mut out = Vec::new();
    for pixel in pixels {
        let index = usize::from(pixel[0]);
        if index >= entries {
            return Err(damaged("its palette is too short"));
        }
        out.extend([0, 1, 2].map(|c| (map[c * entries + index] >> shift).min(255) as u8));
    }
    Ok(out)
}

fn from_ycbcr([y, cb, cr]: [u8; 3], weights: &[f64]) -> [u8; 3] {
    let (y, cb, cr) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
    let r = y + cr * (2.0 - 2.0 * weights[0]);
    let b = y + cb * (2.0 - 2.0 * weights[2]);
    let g = (y - weights[2] * b - weights[0] * r) / weights[1];
    [r, g, b].map(|c| c.round().clamp(0.0, 255.0) as u8)
}
