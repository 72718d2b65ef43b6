//! Pictures as the bytes of each protocol, in as many colours as a number of bytes allows. Pure; runs on any thread.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use icy_sixel::{
    DiffusionMethod, EncodePolicy, MethodForLargest, MethodForRep, PixelFormat, Quality, dither::sixel_dither,
    output::sixel_output,
};
use image::{
    ExtendedColorType, ImageEncoder as _, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};
use ratatui::layout::Rect;

/// Bytes that a picture may cost whose caller names no price: over a line of 1 Mbit/s it is there after 3 s at most.
const LARGE: usize = 400_000;
/// Numbers of colours, and what a picture costs with them as PNG and as sixels, as a share of what it costs with the fewest of
/// them that are tried first. Measured on 20 real cells at 80, 120, 200 and 900 px, where the shares hardly differ.
///
/// Not 256: icy_sixel 0.1.3 counts the colours that are used in a byte, which overflows at the last one.
const COLOURS: [(i32, f64, f64); 7] = [
    (255, 1.97, 2.36),
    (128, 1.65, 1.88),
    (64, 1.35, 1.43),
    (32, 1.0, 1.0),
    (16, 0.72, 0.66),
    (12, 0.62, 0.55),
    (8, 0.50, 0.41),
];
/// The place in [`COLOURS`] that is tried first.
const FIRST: usize = 3;
/// Qualities of JPEG: the first is a large picture's.
const QUALITIES: [u8; 6] = [90, 85, 75, 65, 50, 35];
/// What a picture of true colours costs as PNG at least, in bytes a px as they are sent.
const TRUE_COLOURS: f64 = 1.1;

/// Bytes that are to be written at the top left of those cells.
pub(super) fn at(cells: Rect, bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("\x1b[{};{}H", cells.y + 1, cells.x + 1).into_bytes();
    out.extend_from_slice(bytes);
    out
}

/// A PNG for kitty's protocol: in true colours where the price allows, else in a palette made for the picture.
pub(super) fn kitty(image: &RgbImage, price: Option<u32>) -> io::Result<Vec<u8>> {
    let most = price.map_or(LARGE, |p| p as usize);
    let px = f64::from(image.width()) * f64::from(image.height());
    if px * TRUE_COLOURS <= most as f64 {
        let whole = png(image)?;
        if as_base64(whole.len()) <= most {
            return Ok(whole);
        }
    }
    fewest(most, |shares| shares.1, |n| palette_png(image, n), |png: &Vec<u8>| as_base64(png.len()))
}

/// Sixels. A terminal may paint the rest of the last six rows as well, so there is no rest.
pub(super) fn sixel(image: &RgbImage, price: Option<u32>) -> io::Result<Vec<u8>> {
    let most = price.map_or(LARGE, |p| p as usize);
    let cut;
    let image = if image.height() > 6 && !image.height().is_multiple_of(6) {
        cut = image::imageops::crop_imm(image, 0, 0, image.width(), image.height() / 6 * 6).to_image();
        &cut
    } else {
        image
    };
    fewest(most, |shares| shares.2, |n| sixels(image, n), Vec::len)
}

/// A JPEG for iTerm2's protocol: a sixth of the PNG, and a stained smear has no edges that would show it.
pub(super) fn iterm2(image: &RgbImage, price: Option<u32>) -> io::Result<Vec<u8>> {
    let most = price.map_or(LARGE, |p| p as usize);
    let from = usize::from(price.is_some());
    let (width, height) = image.dimensions();
    let mut jpeg = Vec::new();
    for quality in &QUALITIES[from..] {
        jpeg.clear();
        JpegEncoder::new_with_quality(&mut jpeg, *quality)
            .write_image(image.as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(io::Error::other)?;
        if as_base64(jpeg.len()) <= most {
            break;
        }
    }
    Ok(jpeg)
}

/// The command of iTerm2's protocol that shows a JPEG over those cells.
pub(super) fn iterm2_command(jpeg: &[u8], cells: Rect) -> Vec<u8> {
    let head = format!(
        "\x1b]1337;File=inline=1;preserveAspectRatio=1;doNotMoveCursor=1;size={};width={};height={}:",
        jpeg.len(),
        cells.width,
        cells.height
    );
    [head.as_bytes(), STANDARD.encode(jpeg).as_bytes(), b"\x07"].concat()
}

fn as_base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// The picture in the most colours with which it costs at most so many bytes, else in the fewest.
fn fewest<T>(
    most: usize,
    share: impl Fn(&(i32, f64, f64)) -> f64,
    make: impl Fn(i32) -> io::Result<T>,
    cost: impl Fn(&T) -> usize,
) -> io::Result<T> {
    let first = make(COLOURS[FIRST].0)?;
    let cost_of = |entry| cost(&first) as f64 * share(entry);
    let mut at = COLOURS.iter().position(|entry| cost_of(entry) <= most as f64).unwrap_or(COLOURS.len() - 1);
    if at == FIRST {
        return Ok(first);
    }
    loop {
        let made = make(COLOURS[at].0)?;
        if cost(&made) <= most || at + 1 == COLOURS.len() {
            return Ok(made);
        }
        at += 1;
    }
}

/// A picture in few colours: the place of each px in a palette, the palette (three bytes a colour), and what chose them.
struct Few {
    places: Vec<u8>,
    palette: Vec<u8>,
    dither: sixel_dither,
}

impl Few {
    /// Colours by median cut, each then the mean of the px that it stands for: the cut alone knows 32 shades of a colour, and a
    /// stain must not change its hue. No error is spread, which costs bytes.
    fn of(image: &RgbImage, colours: i32) -> io::Result<Self> {
        let failed = |e: Box<dyn std::error::Error>| io::Error::other(e.to_string());
        let [width, height] = sides(image)?;
        let mut dither = sixel_dither::new(colours).map_err(failed)?;
        dither.set_optimize_palette(true);
        let (largest, rep) = (MethodForLargest::Auto, MethodForRep::Pixels);
        dither
            .initialize(image.as_raw(), width, height, PixelFormat::RGB888, largest, rep, Quality::LOW)
            .map_err(failed)?;
        dither.set_pixelformat(PixelFormat::RGB888);
        dither.set_diffusion_type(DiffusionMethod::None);
        let places = dither.apply_palette(image.as_raw(), width, height).map_err(failed)?;
        let used = usize::try_from(dither.get_num_of_palette_colors()).unwrap_or(0);
        let mut sums = vec![([0_u64; 3], 0_u64); used];
        for (px, &place) in image.pixels().zip(&places) {
            if let Some((sum, n)) = sums.get_mut(usize::from(place)) {
                sum.iter_mut().zip(px.0).for_each(|(sum, v)| *sum += u64::from(v));
                *n += 1;
            }
        }
        let palette = sums.into_iter().flat_map(|(sum, n)| sum.map(|s| ((s + n / 2) / n.max(1)) as u8)).collect();
        Ok(Self { places, palette, dither })
    }
}

fn sides(image: &RgbImage) -> io::Result<[i32; 2]> {
    let side = |px: u32| i32::try_from(px).map_err(io::Error::other);
    Ok([side(image.width())?, side(image.height())?])
}

fn sixels(image: &RgbImage, colours: i32) -> io::Result<Vec<u8>> {
    let Few { mut places, palette, mut dither } = Few::of(image, colours)?;
    let [width, height] = sides(image)?;
    dither.set_palette(palette);
    dither.set_pixelformat(PixelFormat::PAL8);
    let mut out = Vec::new();
    let mut output = sixel_output::new(&mut out);
    output.set_encode_policy(EncodePolicy::SIZE);
    output.encode(&mut places, width, height, 0, &mut dither).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(out)
}

/// In a palette, with four bits a px where they are enough.
fn palette_png(image: &RgbImage, colours: i32) -> io::Result<Vec<u8>> {
    let Few { places, palette, .. } = Few::of(image, colours)?;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    // Places in a palette are no measure of likeness: there is nothing to filter.
    encoder.set_filter(png::Filter::NoFilter);
    let data = if colours <= 16 {
        encoder.set_depth(png::BitDepth::Four);
        let row = |row: &[u8]| row.chunks(2).map(|p| (p[0] << 4) | p.get(1).copied().unwrap_or(0)).collect::<Vec<u8>>();
        places.chunks(image.width() as usize).flat_map(row).collect()
    } else {
        encoder.set_depth(png::BitDepth::Eight);
        places
    };
    encoder.write_header().and_then(|mut w| w.write_image_data(&data)).map_err(io::Error::other)?;
    Ok(out)
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

    /// A dark disc on a light ground, with grain.
    fn cell(side: u32) -> RgbImage {
        let middle = side as f32 / 2.0;
        let mut n = 1_u32;
        let mut grain = || {
            n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (n >> 28) as u8
        };
        RgbImage::from_fn(side, side, |x, y| {
            let r = ((x as f32 - middle).powi(2) + (y as f32 - middle).powi(2)).sqrt();
            let [red, green, blue] = if r < 0.3 * side as f32 { [90, 50, 130] } else { [230, 215, 225] };
            Rgb([red + grain(), green + grain(), blue + grain()])
        })
    }

    fn error(a: &RgbImage, b: &RgbImage) -> f64 {
        let sum: f64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        sum / a.as_raw().len() as f64
    }

    #[test]
    fn a_small_picture_is_the_same_pixels_again_and_a_price_is_kept_with_fewer_colours() {
        let image = cell(120);
        let back = |png: &[u8]| image::load_from_memory(png).expect("PNG").into_rgb8();
        assert_eq!(back(&kitty(&image, None).expect("encodes")), image);
        let mut before = 0.0;
        for price in [12_000, 8_000, 5_000] {
            let png = kitty(&image, Some(price)).expect("encodes");
            assert!(as_base64(png.len()) <= price as usize, "{} for {price}", png.len());
            let error = error(&back(&png), &image);
            assert!(error >= before && error < 8.0, "{error}");
            before = error;
            let jpeg = iterm2(&image, Some(price)).expect("encodes");
            assert!(as_base64(jpeg.len()) <= price as usize);
        }
        let (dear, cheap) = (sixel(&image, None).expect("encodes"), sixel(&image, Some(3_000)).expect("encodes"));
        assert!(dear.len() <= LARGE && dear.len() > cheap.len(), "{} and {}", dear.len(), cheap.len());
    }

    #[test]
    fn few_colours_keep_the_hue_of_the_ground_and_of_the_cell() {
        let image = cell(120);
        let mean = |of: &RgbImage, dark: bool| {
            let px: Vec<_> =
                image.pixels().zip(of.pixels()).filter(|(p, _)| (p.0[0] < 150) == dark).map(|(_, p)| p.0).collect();
            [0, 1, 2].map(|c| px.iter().map(|p| f64::from(p[c])).sum::<f64>() / px.len() as f64)
        };
        for colours in [255, 32, 8] {
            let png = palette_png(&image, colours).expect("encodes");
            let few = image::load_from_memory(&png).expect("PNG").into_rgb8();
            for dark in [true, false] {
                for (a, b) in mean(&image, dark).into_iter().zip(mean(&few, dark)) {
                    assert!((a - b).abs() < 1.0, "{colours} colours: {a} became {b}");
                }
            }
        }
    }

    #[test]
    fn every_colour_of_a_palette_can_be_used() {
        let image = RgbImage::from_fn(80, 80, |x, y| Rgb([(x * 11) as u8, (y * 7) as u8, (x + y) as u8]));
        assert!(palette_png(&image, COLOURS[0].0).is_ok_and(|png| image::load_from_memory(&png).is_ok()));
        assert!(sixels(&image, COLOURS[0].0).is_ok());
    }

    #[test]
    fn odd_shapes_are_encoded_as_well() {
        for (w, h) in [(1, 1), (1, 13), (7, 1), (13, 7), (120, 6)] {
            let image = RgbImage::from_fn(w, h, |x, y| Rgb([(x * 20) as u8, (y * 17) as u8, 9]));
            for price in [None, Some(1)] {
                let png = kitty(&image, price).expect("PNG");
                assert_eq!(image::load_from_memory(&png).expect("PNG").into_rgb8().dimensions(), (w, h));
                assert!(sixel(&image, price).is_ok_and(|s| s.starts_with(b"\x1bP")), "{w}x{h}");
                assert!(iterm2(&image, price).is_ok());
            }
        }
    }

    #[test]
    fn iterm2_and_sixel_are_framed_as_their_protocols_ask() {
        let image = RgbImage::from_pixel(60, 64, Rgb([180, 90, 160]));
        let jpeg = iterm2(&image, None).expect("encodes");
        let text = String::from_utf8(iterm2_command(&jpeg, Rect::new(0, 0, 6, 3))).expect("ASCII");
        assert!(
            text.starts_with("\x1b]1337;File=inline=1;")
                && text.ends_with('\x07')
                && text.contains("width=6;height=3:")
        );
        let jpeg = STANDARD.decode(text.split_once(':').expect("data").1.trim_end_matches('\x07')).expect("base64");
        assert_eq!(image::load_from_memory(&jpeg).expect("JPEG").into_rgb8().dimensions(), (60, 64));
        let text = String::from_utf8(sixel(&image, None).expect("encodes")).expect("ASCII");
        assert!(text.starts_with("\x1bPq\"1;1;60;60") && text.ends_with("\x1b\\"), "{text}");
    }
}
