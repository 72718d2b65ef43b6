//! TIFF files: one picture of one cell, whatever a microscope's program made of it, or the reason why it is not read.
//!
//! The decoder of `image` takes the first page for the whole file, knows neither BigTIFF nor palettes, reads planes as one
//! band and takes 12 bits in 16 for black; so tags, strips and tiles are read here, and only what compresses them is left
//! to the crates that know it.

mod chunks;
mod colour;
mod description;
mod directory;
mod page;

use image::{DynamicImage, RgbImage, metadata::Orientation};

use self::page::{Page, damaged, unsupported};
pub(super) use self::{
    description::Description,
    directory::{Directory, Tags},
};
use super::{Limits, Reason};

/// Whether the bytes start as a TIFF file does, classic or BigTIFF.
pub(super) fn is_tiff(bytes: &[u8]) -> bool {
    matches!(bytes.get(..4), Some(b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+"))
}

/// Decodes the file's picture; `ready` is called with its pixels before memory is taken for them.
pub(super) fn decode(bytes: &[u8], limits: &Limits, ready: impl FnOnce(u64)) -> Result<RgbImage, Reason> {
    let pages = pages(bytes)?;
    let tags = the_picture(&pages)?;
    let page = Page::of(tags, limits)?;
    ready(u64::from(page.width) * u64::from(page.height));
    let rgb = colour::rgb(&page, &chunks::samples(&page)?)?;
    let orientation = tags.number(274).and_then(|n| Orientation::from_exif(n as u8));
    let mut image = DynamicImage::ImageRgb8(rgb);
    image.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(image.into_rgb8())
}

/// The tags of the page that [`decode`] reads.
pub(super) fn tags(bytes: &[u8]) -> Option<Directory<'_>> {
    let pages = pages(bytes).ok()?;
    let at = place(&pages).ok()?;
    pages.into_iter().nth(at)
}

fn pages(bytes: &[u8]) -> Result<Vec<Directory<'_>>, Reason> {
    let (tags, first) = Tags::open(bytes).ok_or(Reason::Truncated("not even its header is there"))?;
    let pages = tags.chain(first).ok_or(if first >= bytes.len() as u64 {
        Reason::Truncated("the list of its tags is missing")
    } else {
        damaged("the list of its pages is cut off or goes round in a circle")
    })?;
    if pages.is_empty() { Err(damaged("it holds no picture")) } else { Ok(pages) }
}

fn the_picture<'p, 'b>(pages: &'p [Directory<'b>]) -> Result<&'p Directory<'b>, Reason> {
    Ok(&pages[place(pages)?])
}

/// Which page is the picture. Reduced pictures and masks beside it are none; of several pictures none can be chosen.
fn place(pages: &[Directory<'_>]) -> Result<usize, Reason> {
    if let Some(what) = foreign(&pages[0]) {
        return Err(what);
    }
    let full = |page: &Directory<'_>| page.number(254).unwrap_or(0) & 0b101 == 0 && page.number(255).unwrap_or(1) != 2;
    let found: Vec<usize> = (0..pages.len()).filter(|i| full(&pages[*i])).collect();
    let first = match (found.as_slice(), pages.len()) {
        ([first, ..], _) => *first,
        ([], 1) => 0,
        ([], _) => return Err(unsupported("only reduced pictures of one that is not in it")),
    };
    let said = Description::of(&pages[0]);
    let grey = pages[first].number(277).unwrap_or(1) == 1;
    match (found.len().max(1), said.channels) {
        (_, channels @ 2..) if grey => Err(Reason::Channels(channels)),
        (1, _) if said.pictures > 1 && grey => Err(Reason::Pages(said.pictures)),
        (1, _) => Ok(first),
        (pages, _) => Err(Reason::Pages(pages)),
    }
}

/// Slides and raw photographs, which are TIFF files as well.
fn foreign(first: &Directory<'_>) -> Option<Reason> {
    let text = first.text(270).unwrap_or_default();
    let software = first.text(305).unwrap_or_default();
    let what = if text.starts_with("Aperio") {
        "an Aperio slide (SVS)"
    } else if first.has(65420) {
        "a Hamamatsu slide (NDPI)"
    } else if text.contains("http://www.leica-microsystems.com/scn") {
        "a Leica slide (SCN)"
    } else if text.contains("<iScan") || first.raw(700).is_some_and(|xmp| xmp.windows(6).any(|w| w == b"<iScan")) {
        "a Ventana slide (BIF)"
    } else if software.starts_with("Philips") || text.contains("PIM_DP_SCANNED_IMAGES") {
        "a Philips slide"
    } else if first.has(50706) {
        return Some(Reason::Foreign { name: "a raw photograph (DNG)", remedy: super::foreign::PHOTOGRAPH });
    } else {
        return None;
    };
    Some(Reason::Foreign { name: what, remedy: super::foreign::SLIDE })
}
