//! The demonstration case: the smear of a patient who does not exist, with acute myeloid leukaemia.

use image::codecs::jpeg::JpegEncoder;
use rayon::prelude::*;

use super::{noise::Rng, render};
use crate::domain::PHANTOM_MARK;

/// Seed of the case that a new database holds.
pub const DEMO_SEED: u64 = 7;

/// JPEG quality of phantoms, about what scanners write.
const QUALITY: u8 = 90;

/// How many cells of each class the case holds: every class of the table at least once.
const MAKE_UP: &[(&str, usize)] = &[
    ("MYO", 16),
    ("NGS", 8),
    ("LYT", 7),
    ("MON", 4),
    ("KSC", 4),
    ("EBO", 3),
    ("NGB", 2),
    ("LYA", 2),
    ("EOS", 2),
    ("PMO", 2),
    ("MYB", 2),
    ("BAS", 1),
    ("MOB", 1),
    ("PMB", 1),
    ("MMZ", 1),
    ("PLC", 1),
    ("PRM", 1),
    ("PRL", 1),
    ("GPL", 1),
    ("PLT", 1),
    ("ART", 1),
];

/// A cell of the demonstration case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCell {
    /// File name: `phantom_007.jpg`.
    pub name: String,
    /// Code of the class that was drawn.
    pub code: &'static str,
    /// The picture as a JPEG file.
    pub jpeg: Vec<u8>,
}

/// Draws the demonstration case. The same seed gives the same cells in the same order.
pub fn demo_case(seed: u64) -> Vec<DemoCell> {
    let mut rng = Rng::named(seed, "demo case");
    let mut codes: Vec<&'static str> = MAKE_UP.iter().flat_map(|&(code, n)| std::iter::repeat_n(code, n)).collect();
    rng.shuffle(&mut codes);
    let first = u64::from(rng.bits()) << 16;
    (0_u64..)
        .zip(codes)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(i, code)| {
            let jpeg = jpeg(code, first + i).expect("the case is made of classes that can be drawn");
            DemoCell { name: format!("phantom_{:03}.jpg", i + 1), code, jpeg }
        })
        .collect()
}

/// The same with the comment that it is drawn, for a file of its own. The demo case's pictures are without: the database says
/// what they are.
pub(super) fn marked_jpeg(code: &str, seed: u64) -> Option<Vec<u8>> {
    let mut bytes = jpeg(code, seed)?;
    // Behind the first two segments: the start of the image, and JFIF's own, which has to be there.
    let at = 4 + usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
    let length = PHANTOM_MARK.len() as u16 + 2;
    let comment = [&[0xff, 0xfe], &length.to_be_bytes()[..], PHANTOM_MARK.as_bytes()].concat();
    bytes.splice(at..at, comment);
    Some(bytes)
}

/// A phantom as a JPEG file; `None` if the class cannot be drawn.
pub(super) fn jpeg(code: &str, seed: u64) -> Option<Vec<u8>> {
    let frame = render(code, seed)?;
    let mut bytes = Vec::with_capacity(48 * 1024);
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&frame)
        .expect("an RGB frame of this size can be encoded into memory");
    Some(bytes)
}
