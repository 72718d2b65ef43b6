//! Pictures as the bytes of each protocol.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{
    ExtendedColorType, ImageEncoder as _, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};
use ratatui::layout::Rect;

/// The number of our picture in the terminal; there is one at a time.
const KITTY_IMAGE_ID: u32 = 7341;
/// The longest piece of data that kitty's protocol takes.
const KITTY_CHUNK: usize = 4096;

/// Bytes that are to be written at the top left of those cells.
pub(super) fn at(cells: Rect, bytes: Vec<u8>) -> Vec<u8> {
    let mut out = format!("\x1b[{};{}H", cells.y + 1, cells.x + 1).into_bytes();
    out.extend(bytes);
    out
}

/// Kitty's protocol: PNG, a number to delete it by, no answers, the cursor stays.
///
/// `cells`: stretch it over that many, for a terminal that did not tell the size of its cells.
pub(super) fn kitty(image: &RgbImage, cells: Option<Rect>) -> io::Result<Vec<u8>> {
    let data = STANDARD.encode(png(image)?);
    let stretch = cells.map(|c| format!(",c={},r={}", c.width, c.height)).unwrap_or_default();
    let mut out = Vec::with_capacity(data.len() + data.len() / 100 + 100);
    let chunks: Vec<_> = data.as_bytes().chunks(KITTY_CHUNK).collect();
    for (i, chunk) in chunks.iter().enumerate() {
        let more = u8::from(i + 1 < chunks.len());
        let keys = if i == 0 { format!("a=T,f=100,t=d,i={KITTY_IMAGE_ID},q=2,C=1{stretch},m={more}") } else { format!("q=2,m={more}") };
        out.extend_from_slice(b"\x1b_G");
        out.extend_from_slice(keys.as_bytes());
        out.push(b';');
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\x1b\\");
    }
    Ok(out)
}

/// iTerm2's protocol, as JPEG: a sixth of the PNG, and a stained smear has no edges that would show it.
pub(super) fn iterm2(image: &RgbImage, cells: Rect) -> io::Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    let (width, height) = image.dimensions();
    JpegEncoder::new_with_quality(&mut jpeg, 90)
        .write_image(image.as_raw(), width, height, ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    let head = format!(
        "\x1b]1337;File=inline=1;preserveAspectRatio=1;doNotMoveCursor=1;size={};width={};height={}:",
        jpeg.len(),
        cells.width,
        cells.height
    );
    Ok([head.as_bytes(), STANDARD.encode(jpeg).as_bytes(), b"\x07"].concat())
}

/// Sixel, with a palette made for the picture.
pub(super) fn sixel(image: &RgbImage) -> io::Result<Vec<u8>> {
    let side = |px: u32| i32::try_from(px).map_err(io::Error::other);
    let text = icy_sixel::sixel_string(
        image.as_raw(),
        side(image.width())?,
        side(image.height())?,
        icy_sixel::PixelFormat::RGB888,
        icy_sixel::DiffusionMethod::Auto,
        icy_sixel::MethodForLargest::Auto,
        icy_sixel::MethodForRep::Auto,
        icy_sixel::Quality::AUTO,
    );
    Ok(text.map_err(|e| io::Error::other(e.to_string()))?.into_bytes())
}

fn png(image: &RgbImage) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive)
        .write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn noise() -> RgbImage {
        let mut n = 1_u32;
        RgbImage::from_fn(200, 200, |_, _| {
            n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(n >> 24) as u8, (n >> 16) as u8, (n >> 8) as u8])
        })
    }

    #[test]
    fn kitty_pictures_come_in_pieces_and_are_the_picture_again() {
        let image = noise();
        let text = String::from_utf8(kitty(&image, None).expect("encodes")).expect("ASCII");
        let pieces: Vec<_> = text.split("\x1b_G").skip(1).map(|p| p.strip_suffix("\x1b\\").expect("ends")).collect();
        assert!(pieces.len() > 3);
        let mut data = String::new();
        for (i, piece) in pieces.iter().enumerate() {
            let (keys, chunk) = piece.split_once(';').expect("has data");
            assert_eq!(keys.contains("m=1"), i + 1 < pieces.len());
            assert!(keys.contains("q=2") && chunk.len() <= KITTY_CHUNK);
            data += chunk;
        }
        let png = STANDARD.decode(data).expect("base64");
        assert_eq!(image::load_from_memory(&png).expect("PNG").into_rgb8(), image);
        assert!(String::from_utf8_lossy(&kitty(&image, Some(Rect::new(0, 0, 20, 10))).expect("encodes")).contains(",c=20,r=10,"));
    }

    #[test]
    fn iterm2_and_sixel_are_framed_as_their_protocols_ask() {
        let image = RgbImage::from_pixel(60, 60, Rgb([180, 90, 160]));
        let text = String::from_utf8(iterm2(&image, Rect::new(0, 0, 6, 3)).expect("encodes")).expect("ASCII");
        assert!(text.starts_with("\x1b]1337;File=inline=1;") && text.ends_with('\x07') && text.contains("width=6;height=3:"));
        let jpeg = STANDARD.decode(text.split_once(':').expect("data").1.trim_end_matches('\x07')).expect("base64");
        assert_eq!(image::load_from_memory(&jpeg).expect("JPEG").into_rgb8().dimensions(), (60, 60));
        let text = String::from_utf8(sixel(&image).expect("encodes")).expect("ASCII");
        assert!(text.starts_with("\x1bP") && text.ends_with("\x1b\\"), "{text}");
    }
}
