//! The scale that an image file itself states: a microscope's program writes it into the file's metadata.

use super::{
    jpeg,
    tiff::{self, Description, Directory, Tags},
};

/// Scales of cameras on microscopes, in micrometres per pixel. What files say by default (72, 96, 300 dpi: 353, 265 and 85
/// um) is far beyond; at 0.95 um a red cell is 8 px wide, and nobody tells its nucleated neighbours apart.
const PLAUSIBLE: std::ops::Range<f64> = 0.01..0.95;
const INCH_UM: f64 = 25_400.0;
const CM_UM: f64 = 10_000.0;

/// Micrometres per pixel as the file says; `None`: it says nothing, or nothing that a microscope's camera has.
pub fn own_scale(bytes: &[u8]) -> Option<f64> {
    let (x, y) = match bytes {
        [0xff, 0xd8, ..] => jfif(bytes).or_else(|| exif(bytes))?,
        [0x89, b'P', b'N', b'G', ..] => png(bytes)?,
        [b'B', b'M', ..] => bmp(bytes)?,
        [b'R', b'I', b'F', b'F', ..] => webp(bytes)?,
        _ if tiff::is_tiff(bytes) => of_tags(&tiff::tags(bytes)?)?,
        _ => return None,
    };
    // Pixels that are not square are no camera's.
    let square = (x / y - 1.0).abs() < 0.02;
    // What was rounded to whole px per metre comes back as it was meant.
    (square && PLAUSIBLE.contains(&x)).then(|| (x * 1e5).round() / 1e5)
}

type Sides = (f64, f64);

/// Px per unit become units per px.
fn per_px(unit_um: f64, x: f64, y: f64) -> Option<Sides> {
    (x > 0.0 && y > 0.0).then(|| (unit_um / x, unit_um / y))
}

fn of_tags(tags: &Directory<'_>) -> Option<Sides> {
    let said = Description::of(tags);
    let unit = said.unit_um.or(match tags.number(296).unwrap_or(2) {
        2 => Some(INCH_UM),
        3 => Some(CM_UM),
        _ => None,
    });
    let by_tags = || {
        let x = tags.real(282)?;
        per_px(unit?, x, tags.real(283).unwrap_or(x))
    };
    said.um_per_px.or_else(by_tags)
}

fn jfif(bytes: &[u8]) -> Option<Sides> {
    let (_, body) = jpeg::segments(bytes).find(|(marker, body)| *marker == 0xe0 && body.starts_with(b"JFIF\0"))?;
    let number = |at: usize| Some(f64::from(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?])));
    let unit = match body.get(7)? {
        1 => INCH_UM,
        2 => CM_UM,
        _ => return None,
    };
    per_px(unit, number(8)?, number(10)?).filter(|(x, _)| PLAUSIBLE.contains(x))
}

fn exif(bytes: &[u8]) -> Option<Sides> {
    let (_, body) = jpeg::segments(bytes).find(|(marker, body)| *marker == 0xe1 && body.starts_with(b"Exif\0\0"))?;
    block(&body[6..])
}

/// An EXIF block.
fn block(bytes: &[u8]) -> Option<Sides> {
    let (tags, first) = Tags::open(bytes)?;
    of_tags(&tags.directory(first)?.0)
}

fn png(bytes: &[u8]) -> Option<Sides> {
    let (mut own, mut by_exif) = (None, None);
    for (name, body) in png_chunks(bytes) {
        match (name, body) {
            (b"pHYs", [a, b, c, d, e, f, g, h, 1]) => {
                let number = |n: [u8; 4]| f64::from(u32::from_be_bytes(n));
                own = per_px(1e6, number([*a, *b, *c, *d]), number([*e, *f, *g, *h]));
            }
            (b"eXIf", body) => by_exif = block(body),
            (b"IDAT", _) => break,
            _ => {}
        }
    }
    own.filter(|(x, _)| PLAUSIBLE.contains(x)).or(by_exif)
}

/// The chunks of a PNG file, by their names.
pub(super) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 8_usize;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let body = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
        at = at + 12 + length;
        Some((&head[4..], body))
    })
}

fn bmp(bytes: &[u8]) -> Option<Sides> {
    let number = |at: usize| Some(f64::from(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)));
    if number(14)? < 40.0 { None } else { per_px(1e6, number(38)?, number(42)?) }
}

fn webp(bytes: &[u8]) -> Option<Sides> {
    let mut at = 12_usize;
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if head.starts_with(b"EXIF") {
            let body = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
            return block(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
        }
        at = at.checked_add(8 + length + length % 2)?;
    }
}
