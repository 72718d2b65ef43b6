//! What a page's tags say of its pixels, checked before memory is taken for them.

use super::directory::Directory;
use crate::intake::{Limits, Reason};

/// How its samples are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    YCbCr,
}

/// How a chunk's bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

/// What the samples beyond the colours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpha {
    No,
    /// The colours are as they would be without it.
    Plain,
    /// The colours are multiplied by it.
    Premultiplied,
}

/// What is needed to read a page.
pub(super) struct Page<'a> {
    pub tags: &'a Directory<'a>,
    pub width: u32,
    pub height: u32,
    /// Of each sample.
    pub bits: u32,
    pub float: bool,
    /// Samples of a pixel, those that are no colours among them.
    pub samples: usize,
    pub colour: Colour,
    pub alpha: Alpha,
    pub compression: Compression,
    pub predictor: u64,
    pub planar: bool,
    /// Width and height of strips or tiles.
    pub chunk: (u32, u32),
    /// Their bytes in the file.
    pub chunks: Vec<(u64, u64)>,
}

impl Colour {
    /// Samples of a pixel.
    pub fn samples(self) -> usize {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

pub(super) fn unsupported(what: impl Into<String>) -> Reason {
    Reason::Unsupported { format: "TIFF", what: what.into() }
}

pub(super) fn damaged(what: impl Into<String>) -> Reason {
    Reason::Damaged { format: "TIFF", what: what.into() }
}

impl<'a> Page<'a> {
    pub fn of(tags: &'a Directory<'a>, limits: &Limits) -> Result<Self, Reason> {
        let size = |tag| tags.number(tag).and_then(|n| u32::try_from(n).ok());
        let (Some(width), Some(height)) = (size(256), size(257)) else {
            return Err(damaged("it does not say how large it is"));
        };
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || width.max(height) > limits.max_side || pixels > limits.max_pixels {
            return Err(Reason::Size { width, height, max_side: limits.max_side, max_pixels: limits.max_pixels });
        }
        let samples = tags.number(277).unwrap_or(1) as usize;
        let colour = colour(tags)?;
        let extra = tags.numbers(338).unwrap_or_default();
        let colours = colour.samples();
        if samples == 0 || samples > 16 || samples < colours {
            return Err(damaged(format!("{samples} samples a pixel are none of a picture's")));
        }
        if colours == 1 && samples > 2 || colours == 1 && samples == 2 && !matches!(extra[..], [1 | 2]) {
            return Err(unsupported(format!("{samples} grey channels of which nothing says their colours")));
        }
        let alpha = match extra.first() {
            Some(1) => Alpha::Premultiplied,
            Some(2) => Alpha::Plain,
            // Writers that know of no extra samples mean transparency by the fourth.
            None if samples == colours + 1 => Alpha::Plain,
            _ => Alpha::No,
        };
        let alpha = if samples > colours { alpha } else { Alpha::No };
        let (bits, float) = depth(tags)?;
        let planar = tags.number(284) == Some(2) && samples > 1;
        let (chunk, chunks) = chunks(tags, (width, height), if planar { samples } else { 1 }, limits)?;
        Ok(Self {
            tags,
            width,
            height,
            bits,
            float,
            samples,
            colour,
            alpha,
            compression: compression(tags)?,
            predictor: tags.number(317).unwrap_or(1),
            planar,
            chunk,
            chunks,
        })
    }
}

fn colour(tags: &Directory<'_>) -> Result<Colour, Reason> {
    Ok(match tags.number(262) {
        Some(0) => Colour::WhiteIsZero,
        Some(1) => Colour::BlackIsZero,
        Some(2) => Colour::Rgb,
        Some(3) => Colour::Palette,
        Some(4) => return Err(unsupported("a transparency mask and no picture")),
        Some(5) if tags.number(332).unwrap_or(1) == 1 => Colour::Cmyk,
        Some(5) => return Err(unsupported("colours of inks that are not cyan, magenta, yellow and black")),
        Some(6) => Colour::YCbCr,
        Some(8..=10) => return Err(unsupported("L*a*b* colours")),
        Some(32803 | 34892) => return Err(unsupported("a camera's raw data")),
        Some(other) => return Err(unsupported(format!("colours of kind {other}"))),
        None => return Err(damaged("it does not say how it is coloured")),
    })
}

/// Bits of a sample, and whether they are a floating-point number.
fn depth(tags: &Directory<'_>) -> Result<(u32, bool), Reason> {
    let bits = tags.numbers(258).unwrap_or_else(|| vec![1]);
    let format = tags.numbers(339).unwrap_or_else(|| vec![1]);
    if bits.iter().any(|b| *b != bits[0]) || format.iter().any(|f| *f != format[0]) {
        return Err(unsupported(format!("samples of several depths ({bits:?} bits)")));
    }
    match (format[0], bits[0]) {
        // 4: void, which everybody takes for unsigned.
        (1 | 4, bits @ (1..=16 | 32)) => Ok((bits as u32, false)),
        (3, bits @ (32 | 64)) => Ok((bits as u32, true)),
        (2, bits) => Err(unsupported(format!(
            "signed samples of {bits} bits, of which nothing says what is black and what white"
        ))),
        (3, bits) => Err(unsupported(format!("floating-point samples of {bits} bits"))),
        (1 | 4, bits) => Err(unsupported(format!("samples of {bits} bits"))),
        _ => Err(unsupported("samples that are complex numbers")),
    }
}

fn compression(tags: &Directory<'_>) -> Result<Compression, Reason> {
    let name = match tags.number(259).unwrap_or(1) {
        1 => return Ok(Compression::None),
        5 => return Ok(Compression::Lzw),
        7 => return Ok(Compression::Jpeg),
        8 | 32946 => return Ok(Compression::Deflate),
        32773 => return Ok(Compression::PackBits),
        2..=4 => "fax compression",
        6 => "old-style JPEG compression",
        33003 | 33005 | 34712 => "JPEG 2000 compression",
        34661 => "JBIG compression",
        34887 => "LERC compression",
        34925 => "LZMA compression",
        50000 => "Zstandard compression",
        50001 => "WebP compression",
        50002 | 52546 => "JPEG XL compression",
        other => return Err(unsupported(format!("compression of kind {other}"))),
    };
    Err(unsupported(name))
}

type Chunks = ((u32, u32), Vec<(u64, u64)>);

/// Size of strips or tiles, and where each lies.
fn chunks(tags: &Directory<'_>, (width, height): (u32, u32), planes: usize, limits: &Limits) -> Result<Chunks, Reason> {
    let small = |tag| tags.number(tag).and_then(|n| u32::try_from(n).ok());
    let (chunk, offsets, counts) = if tags.has(324) || tags.has(322) {
        let (Some(w), Some(h)) = (small(322), small(323)) else { return Err(damaged("its tiles have no size")) };
        ((w, h), tags.numbers(324), tags.numbers(325))
    } else {
        let rows = small(278).unwrap_or(height).clamp(1, height);
        ((width, rows), tags.numbers(273), tags.numbers(279))
    };
    let area = u64::from(chunk.0) * u64::from(chunk.1);
    if area == 0 || area > limits.max_pixels || chunk.0.max(chunk.1) > limits.max_side {
        return Err(damaged(format!("its tiles of {} x {} px are none", chunk.0, chunk.1)));
    }
    let offsets = offsets.ok_or(Reason::Truncated("its pixels are missing"))?;
    let wanted = width.div_ceil(chunk.0) as usize * height.div_ceil(chunk.1) as usize * planes;
    // Old writers leave out the length of the only strip.
    let counts = match counts {
        None if offsets.len() == 1 => vec![u64::MAX],
        None => return Err(damaged("its strips have no length")),
        Some(counts) => counts,
    };
    if offsets.len() != wanted || counts.len() != wanted {
        return Err(damaged(format!("it has {} strips or tiles instead of {wanted}", offsets.len().min(counts.len()))));
    }
    Ok((chunk, offsets.into_iter().zip(counts).collect()))
}
