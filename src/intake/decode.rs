//! From a file's bytes to RGB pixels: format by content, size before pixels, truncation found where decoders forgive it.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage, Rgba, RgbaImage};

use super::{Limits, Reason, truncated};
use crate::domain::printable;

/// Decodes a picture. Transparency is laid on white, 16 bits are reduced to 8, grey becomes RGB; EXIF orientation is
/// ignored on purpose: a cell has no upright, and a network sees it in all orientations.
///
/// # Errors
/// When the bytes are no image, a truncated or damaged one, or one that is larger than the limits (told from its header,
/// before memory is taken for its pixels).
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, Reason> {
    decode_when(bytes, limits, |_| {})
}

/// The same; `ready` is called with the number of pixels before memory is taken for them, and may wait.
pub(super) fn decode_when(bytes: &[u8], limits: &Limits, ready: impl FnOnce(u64)) -> Result<RgbImage, Reason> {
    let format = format_of(bytes)?;
    let name = format_name(format);
    let failed = |e: ImageError| match e {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Reason::Truncated("its data ends too early")
        }
        ImageError::Unsupported(e) => Reason::Unsupported { format: name, what: clause(&e.to_string()) },
        other => Reason::Damaged { format: name, what: clause(&other.to_string()) },
    };
    if bytes.len() < 32 {
        return Err(Reason::Truncated("not even its header is there"));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::no_limits();
    // 16-bit RGBA, and as much again for what a decoder needs besides.
    bounds.max_alloc = Some(limits.max_pixels.saturating_mul(16).saturating_add(16 << 20));
    reader.limits(bounds);
    let decoder = match reader.into_decoder() {
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
    ready(pixels);
    // One file that a decoder stumbles over must not end an import of thousands.
    let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| DynamicImage::from_decoder(decoder)));
    let stumbled = |_| Reason::Damaged { format: name, what: "the decoder failed on it".into() };
    decoded.map_err(stumbled)?.map(on_white).map_err(failed)
}

/// The format that the bytes themselves say.
pub(super) fn format_of(bytes: &[u8]) -> Result<ImageFormat, Reason> {
    use ImageFormat::{Bmp, Jpeg, Png, Tiff, WebP};
    let not = |what| Err(Reason::NotAnImage(what));
    if bytes.is_empty() {
        return Err(Reason::Empty);
    }
    match image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | Bmp | WebP | Tiff)) => Ok(format),
        Ok(ImageFormat::Gif) => not("a GIF image"),
        Ok(ImageFormat::Avif) => not("an AVIF image"),
        Ok(_) => not("an image of another format"),
        Err(_) if bytes.starts_with(b"%PDF") => not("a PDF document"),
        Err(_) if bytes.starts_with(b"PK\x03\x04") => not("a ZIP archive"),
        Err(_) if bytes.iter().all(|&b| b == 0) => not("nothing but zeros"),
        Err(_) if is_text(bytes) => not("text"),
        Err(_) => not("something else"),
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

fn format_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Bmp => "BMP",
        ImageFormat::WebP => "WebP",
        _ => "TIFF",
    }
}

/// A decoder's message as a clause: one line, nothing that steers a terminal, of bounded length.
fn clause(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    printable(line).chars().take(160).collect()
}

fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba: RgbaImage = image.into_rgba8();
    let over = |&Rgba([r, g, b, a]): &Rgba<u8>| {
        let blend = |c: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a)) + 127) / 255) as u8;
        [blend(r), blend(g), blend(b)]
    };
    let raw = rgba.pixels().flat_map(over).collect();
    RgbImage::from_raw(rgba.width(), rgba.height(), raw).expect("three bytes for each pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_image_is_called_what_it_is() {
        for (bytes, what) in [
            (&b"GIF89a and more that does not matter here"[..], "a GIF image"),
            (b"%PDF-1.7 and more", "a PDF document"),
            ("Grüße, a text".as_bytes(), "text"),
            (&[0; 64], "nothing but zeros"),
            (&[1, 200, 7, 3, 9], "something else"),
        ] {
            assert_eq!(format_of(bytes), Err(Reason::NotAnImage(what)));
        }
        assert_eq!(decode(b"", &Limits::default()), Err(Reason::Empty));
    }

    #[test]
    fn transparency_is_laid_on_white() {
        let image = RgbaImage::from_fn(3, 1, |x, _| Rgba([0, 100, 200, [0, 128, 255][x as usize]]));
        let rgb = on_white(DynamicImage::ImageRgba8(image));
        assert_eq!(rgb.into_raw(), [255, 255, 255, 127, 177, 227, 0, 100, 200]);
    }
}
