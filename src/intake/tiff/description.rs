//! What programs of microscopy write into a TIFF file's description: OME-XML, ImageJ's lines, tifffile's shape.

use super::Directory;

/// The description as far as it tells how to read the file.
#[derive(Debug, Default, PartialEq)]
pub(in crate::intake) struct Description {
    /// Channels that are pages of their own; 1 where nothing is said.
    pub channels: usize,
    /// Pictures, if it says that there are more than the file's pages.
    pub pictures: usize,
    /// Bits of a sample that count.
    pub bits: Option<u32>,
    /// The largest sample.
    pub largest: Option<f64>,
    /// Micrometres per pixel, across and down.
    pub um_per_px: Option<(f64, f64)>,
    /// What the resolution tags count in, in micrometres, if it is said here and not in their own tag.
    pub unit_um: Option<f64>,
}

impl Description {
    pub fn of(tags: &Directory<'_>) -> Self {
        let text = tags.text(270).unwrap_or_default();
        let own = Self { channels: 1, pictures: 1, ..Self::default() };
        if text.starts_with("ImageJ=") {
            image_j(&text, own)
        } else if text.trim_start().starts_with('<') && text.contains("<Pixels") {
            ome(&text, own)
        } else if let Some(shape) = text.strip_prefix("{\"shape\": [") {
            tifffile(shape, tags, own)
        } else {
            own
        }
    }
}

fn image_j(text: &str, mut out: Description) -> Description {
    let value = |key: &str| text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')).map(str::trim);
    let number = |key| value(key).and_then(|v| v.parse::<f64>().ok());
    let count = |key| number(key).map_or(1, |n| n as usize);
    out.channels = count("channels").max(1);
    out.pictures = count("images").max(1);
    out.largest = number("max");
    out.unit_um = value("unit").and_then(micrometres);
    out
}

/// The attributes of the first `Pixels` element.
fn ome(text: &str, mut out: Description) -> Description {
    let from = text.find("<Pixels").unwrap_or(0);
    let element = &text[from..text[from..].find('>').map_or(text.len(), |n| from + n)];
    let number = |name: &str| attribute(element, name).and_then(|v| v.parse::<f64>().ok());
    let count = |name: &str| number(name).map_or(1, |n| n as usize).max(1);
    let size = |axis: &str| {
        let unit = attribute(element, &format!("{axis}Unit")).map_or(Some(1.0), micrometres);
        Some(number(axis)? * unit?)
    };
    out.channels = count("SizeC");
    out.pictures = count("SizeZ").saturating_mul(count("SizeT"));
    out.bits = number("SignificantBits").map(|n| n as u32);
    out.um_per_px = size("PhysicalSizeX").map(|x| (x, size("PhysicalSizeY").unwrap_or(x)));
    out
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let at = element.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(&element[at..at + element[at..].find('"')?])
}

/// The shape counts more pictures than the page is.
fn tifffile(shape: &str, tags: &Directory<'_>, mut out: Description) -> Description {
    let numbers = shape.split(']').next().unwrap_or_default().split(',');
    let all = numbers.filter_map(|n| n.trim().parse::<usize>().ok()).fold(1_usize, usize::saturating_mul);
    let page = [256, 257, 277].into_iter().map(|t| tags.number(t).unwrap_or(1) as usize).fold(1, usize::saturating_mul);
    out.pictures = all.checked_div(page).map_or(1, |n| n.max(1));
    out
}

/// A unit of length, in micrometres.
fn micrometres(unit: &str) -> Option<f64> {
    Some(match unit.trim() {
        "um" | "\u{b5}m" | "\u{3bc}m" | "micron" | "microns" | "micrometer" | "micrometre" | "\\u00B5m"
        | "\\u00b5m" => 1.0,
        "nm" | "nanometer" => 1e-3,
        "pm" => 1e-6,
        "\u{c5}" => 1e-4,
        "mm" => 1e3,
        "cm" => 1e4,
        "m" => 1e6,
        "inch" | "in" => 25_400.0,
        _ => return None,
    })
}
