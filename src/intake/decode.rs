//! From a file's bytes to RGB pixels: format by content, size before pixels, truncation found where decoders forgive it.

use std::{
    cell::Cell,
    io::Cursor,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, Pixel, RgbImage,
    metadata::Orientation,
};

use super::{Limits, Reason, alpha, depth, foreign, jpeg, own_scale::png_chunks, tiff, truncated};
use crate::domain::printable;

/// Decodes a picture, turned as the file says. Transparency is laid on white, 16 bits are reduced to 8 by what the file
/// says of them, grey becomes RGB.
///
/// # Errors
/// When the bytes are no image, a truncated or damaged one, several in one file, one whose samples cannot be told, or one
/// that is larger than the limits (told from its header, before memory is taken for its pixels).
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, Reason> {
    decode_when(bytes, limits, |_| {})
}

/// The same; `ready` is called with the number of pixels before memory is taken for them, and may wait.
pub(super) fn decode_when(bytes: &[u8], limits: &Limits, ready: impl FnOnce(u64)) -> Result<RgbImage, Reason> {
    let format = format_of(bytes)?;
    if bytes.len() < 32 {
        return Err(Reason::Truncated("not even its header is there"));
    }
    // One file that a decoder stumbles over must not end an import of thousands.
    quietly(|| match format {
        ImageFormat::Tiff => tiff::decode(bytes, limits, ready),
        other => decode_as(other, bytes, limits, ready),
    })
    .unwrap_or_else(|| Err(Reason::Damaged { format: format_name(format), what: "the decoder failed on it".into() }))
}

fn decode_as(format: ImageFormat, bytes: &[u8], limits: &Limits, ready: impl FnOnce(u64)) -> Result<RgbImage, Reason> {
    let name = format_name(format);
    let failed = |e: ImageError| match e {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Reason::Truncated("its data end early")
        }
        ImageError::Unsupported(e) => Reason::Unsupported { format: name, what: clause(&e.to_string()) },
        other => Reason::Damaged { format: name, what: clause(&other.to_string()) },
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::no_limits();
    // 16-bit RGBA, and as much again for what a decoder needs besides.
    bounds.max_alloc = Some(limits.max_pixels.saturating_mul(16).saturating_add(16 << 20));
    reader.limits(bounds);
    let mut decoder = match reader.into_decoder() {
        Ok(decoder) => decoder,
        Err(e) => return Err(truncated::missing(format, bytes).map_or_else(|| failed(e), Reason::Truncated)),
    };
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || width.max(height) > limits.max_side || pixels > limits.max_pixels {
        return Err(Reason::Size { width, height, max_side: limits.max_side, max_pixels: limits.max_pixels });
    }
    if let Some(what) = truncated::missing(format, bytes) {
        return Err(Reason::Truncated(what));
    }
    if let Some(frames) = animation(format, bytes) {
        return Err(Reason::Pages(frames));
    }
    if let Some(damage) = (format == ImageFormat::Jpeg).then(|| jpeg::damage(bytes)).flatten() {
        return Err(damage.of(name));
    }
    ready(pixels);
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    image.apply_orientation(orientation);
    rgb(image, name, bytes)
}

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder; `None`: it panicked. Nothing of that reaches the screen: what is said is that the file is damaged.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !DECODING.get() {
                before(info);
            }
        }));
    });
    DECODING.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    DECODING.set(false);
    done.ok()
}

/// The format that the bytes themselves say.
pub(super) fn format_of(bytes: &[u8]) -> Result<ImageFormat, Reason> {
    use ImageFormat::{Bmp, Jpeg, Png, Tiff, WebP};
    let not = |what| Err(Reason::NotAnImage(what));
    if bytes.is_empty() {
        return Err(Reason::Empty);
    }
    if tiff::is_tiff(bytes) && !bytes[8.min(bytes.len())..].starts_with(b"CR") {
        return Ok(Tiff);
    }
    match image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | Bmp | WebP)) if !bytes.starts_with(b"\xff\xd8\xff\xf7") => Ok(format),
        _ if bytes.iter().all(|&b| b == 0) => not("nothing but zeros"),
        _ => match foreign::of(bytes) {
            Some(reason) => Err(reason),
            None if is_text(bytes) => not("text"),
            None => not("something else"),
        },
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // Cut within a character.
        Err(e) if e.error_len().is_none() => return !head.contains(&0),
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

pub(super) fn format_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Bmp => "BMP",
        ImageFormat::WebP => "WebP",
        _ => "TIFF",
    }
}

/// A decoder's message as a clause: one line, nothing that steers a terminal, of bounded length.
pub(super) fn clause(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    printable(line).chars().take(160).collect()
}

/// How many pictures a file that moves holds.
fn animation(format: ImageFormat, bytes: &[u8]) -> Option<usize> {
    let frames = match format {
        ImageFormat::Png => {
            let (_, body) = png_chunks(bytes).find(|(name, _)| *name == b"acTL")?;
            u32::from_be_bytes(body.get(..4)?.try_into().ok()?) as usize
        }
        ImageFormat::WebP => bytes.windows(4).filter(|w| w == b"ANMF").count(),
        _ => 0,
    };
    (frames > 1).then_some(frames)
}

/// Eight bits of red, green and blue.
fn rgb(image: DynamicImage, format: &'static str, bytes: &[u8]) -> Result<RgbImage, Reason> {
    let said = png_chunks(bytes)
        .find(|(name, _)| format == "PNG" && *name == b"sBIT")
        .and_then(|(_, body)| body.first().copied());
    let said = said.map(u32::from);
    Ok(match image {
        DynamicImage::ImageLuma16(image) => eight(&image, 1, format, said)?,
        DynamicImage::ImageLumaA16(image) => eight(&image, 1, format, said)?,
        DynamicImage::ImageRgb16(image) => eight(&image, 3, format, said)?,
        DynamicImage::ImageRgba16(image) => eight(&image, 3, format, said)?,
        image if !image.color().has_alpha() => image.into_rgb8(),
        image => {
            let rgba = image.into_rgba8();
            let values: Vec<u8> = rgba.pixels().map(|p| p.0[3]).collect();
            let mut rgb: Vec<u8> = rgba.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]]).collect();
            alpha::lay(&mut rgb, &values, false);
            RgbImage::from_raw(rgba.width(), rgba.height(), rgb).expect("three bytes for each pixel")
        }
    })
}

/// A picture of 16 bits, `colours` samples of each pixel its colours, as one of eight.
fn eight<P: Pixel<Subpixel = u16>>(
    image: &ImageBuffer<P, Vec<u16>>,
    colours: usize,
    format: &'static str,
    said: Option<u32>,
) -> Result<RgbImage, Reason> {
    let samples = usize::from(P::CHANNEL_COUNT);
    let pixels = || image.as_raw().chunks_exact(samples);
    let mut seen = depth::Seen::default();
    pixels().flat_map(|p| &p[..colours]).for_each(|v| seen.add(f64::from(*v)));
    // As the format wants it, fewer bits that count lie at the upper end, and the range is the whole one. Writers that put
    // them at the lower end are told by their values.
    let low = said.filter(|bits| *bits < 16).map(|bits| 2_f64.powi(bits as i32) - 1.0).filter(|top| seen.up_to(*top));
    let top = depth::largest(format, depth::Kind::Whole(16), seen, low)?;
    let colour = |p: &[u16]| [0, 1, 2].map(|c| depth::scaled(f64::from(p[c.min(colours - 1)]), top));
    let mut rgb: Vec<u8> = pixels().flat_map(colour).collect();
    if samples > colours {
        let values: Vec<u8> = pixels().map(|p| depth::scaled(f64::from(p[colours]), 65_535.0)).collect();
        alpha::lay(&mut rgb, &values, false);
    }
    Ok(RgbImage::from_raw(image.width(), image.height(), rgb).expect("three bytes for each pixel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_image_is_called_what_it_is() {
        for (bytes, what) in [
            ("Grüße, a text".as_bytes(), "text"),
            (&[0; 64], "nothing but zeros"),
            (&[1, 200, 7, 3, 9], "something else"),
        ] {
            assert_eq!(format_of(bytes), Err(Reason::NotAnImage(what)));
        }
        for (bytes, what) in [
            (&b"GIF89a and more that does not matter here"[..], "a GIF image"),
            (b"%PDF-1.7 and more", "a PDF document"),
        ] {
            assert!(matches!(format_of(bytes), Err(Reason::Foreign { name, .. }) if name == what));
        }
        assert_eq!(decode(b"", &Limits::default()), Err(Reason::Empty));
    }

    #[test]
    fn a_decoder_that_panics_is_caught_and_the_thread_goes_on() {
        assert_eq!(
            quietly(|| if true {
                panic!("on a file")
            }),
            None
        );
        assert_eq!(quietly(|| 7), Some(7));
    }
}
