//! JPEG files: whether all of the picture is there.
//!
//! Decoders fill what is missing with grey and say nothing. So the entropy-coded data are walked here, symbol by symbol and
//! without making pixels of them: every block must be there, and the data must end where the last block does.

mod bits;
mod scan;

use self::{
    bits::Huffman,
    scan::{Component, Frame, Scan},
};
use super::Reason;

/// More scans than this are no photograph.
const MOST_SCANS: usize = 128;

/// What is wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage {
    /// Its end is missing.
    Early(&'static str),
    /// They make no sense.
    Nonsense(String),
}

impl Damage {
    pub fn of(self, format: &'static str) -> Reason {
        match self {
            Self::Early(what) => Reason::Truncated(what),
            Self::Nonsense(what) => Reason::Damaged { format, what },
        }
    }
}

const EARLY: Damage = Damage::Early("its data end early");

/// The first damage of the file's scans. Kinds of JPEG that are not decoded here at all are left to the decoder's word.
pub(super) fn damage(bytes: &[u8]) -> Option<Damage> {
    walk(bytes).err().flatten()
}

/// The segments of a file up to its first scan: markers with what they hold.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    std::iter::from_fn(move || {
        let (marker, body, next) = segment(bytes, at)?;
        at = next;
        (marker != 0xda && marker != 0xd9).then_some((marker, body))
    })
}

/// The next marker at or after `at`, its segment, and where it ends.
fn segment(bytes: &[u8], mut at: usize) -> Option<(u8, &[u8], usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == 0xff)? + 1;
        match *bytes.get(at)? {
            0xff => {}
            0x00 | 0x01 | 0xd0..=0xd8 => at += 1,
            0xd9 => return Some((0xd9, &[], at + 1)),
            marker => {
                let length = usize::from(u16::from_be_bytes([*bytes.get(at + 1)?, *bytes.get(at + 2)?]));
                let end = at + 1 + length.max(2);
                return Some((marker, bytes.get(at + 3..end)?, end));
            }
        }
    }
}

/// `Err(None)`: not for this walk.
fn walk(bytes: &[u8]) -> Result<(), Option<Damage>> {
    let mut tables: [[Option<Huffman>; 4]; 2] = Default::default();
    let mut frame: Option<Frame> = None;
    let (mut at, mut restart, mut scans) = (2, 0, 0);
    while let Some((marker, body, next)) = segment(bytes, at) {
        at = next;
        match marker {
            0xd9 => break,
            0xc0..=0xc2 if frame.is_none() => frame = Some(frame_of(marker == 0xc2, body).ok_or(None)?),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcf => return Err(None),
            0xc4 => define(body, &mut tables).ok_or(None)?,
            0xdd => restart = body.get(..2).map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]]))),
            0xda => {
                let frame = frame.as_mut().ok_or(None)?;
                let scan = scan_of(body, frame).ok_or(None)?;
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(None);
                }
                let end = scan::walk(bytes, at, frame, &scan, &tables, restart);
                at = end.map_err(|d| Some(ends_in_filling(bytes, at, d)))?;
            }
            _ => {}
        }
    }
    match frame {
        Some(frame) if scans > 0 && !frame.is_complete() => Err(Some(Damage::Early("its last scans are missing"))),
        _ => Ok(()),
    }
}

/// So many equal bytes before a marker are no picture's data.
const FILLING: usize = 64;

/// Nonsense at the end of which one byte is repeated is the filling of a lost end.
fn ends_in_filling(bytes: &[u8], from: usize, damage: Damage) -> Damage {
    let marker = (from..bytes.len().saturating_sub(1))
        .find(|&i| bytes[i] == 0xff && !matches!(bytes[i + 1], 0 | 0xff | 0xd0..=0xd7));
    let data = &bytes[from..marker.unwrap_or(bytes.len())];
    let tail = &data[data.len().saturating_sub(FILLING)..];
    if tail.len() == FILLING && tail.iter().all(|b| *b == tail[0]) { EARLY } else { damage }
}

fn frame_of(progressive: bool, body: &[u8]) -> Option<Frame> {
    let number = |at: usize| Some(usize::from(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?])));
    let (height, width) = (number(1)?, number(3)?);
    let components = usize::from(*body.get(5)?);
    if *body.first()? != 8 || height == 0 || width == 0 || !(1..=4).contains(&components) {
        return None;
    }
    let one = |i: usize| {
        let [id, sampling, _] = *body.get(6 + 3 * i..9 + 3 * i)? else { return None };
        let (h, v) = (usize::from(sampling >> 4), usize::from(sampling & 15));
        ((1..=4).contains(&h) && (1..=4).contains(&v)).then_some((id, h, v))
    };
    let sampling = (0..components).map(one).collect::<Option<Vec<_>>>()?;
    Some(Frame::new(width, height, progressive, &sampling))
}

fn define(mut body: &[u8], tables: &mut [[Option<Huffman>; 4]; 2]) -> Option<()> {
    while let [which, rest @ ..] = body {
        let counts: &[u8; 16] = rest.get(..16)?.try_into().ok()?;
        let symbols = counts.iter().map(|&n| usize::from(n)).sum::<usize>();
        let table = Huffman::new(counts, rest.get(16..16 + symbols)?)?;
        *tables.get_mut(usize::from(which >> 4))?.get_mut(usize::from(which & 15))? = Some(table);
        body = &rest[16 + symbols..];
    }
    Some(())
}

fn scan_of(body: &[u8], frame: &Frame) -> Option<Scan> {
    let n = usize::from(*body.first()?);
    let one = |i: usize| {
        let [id, tables] = *body.get(1 + 2 * i..3 + 2 * i)? else { return None };
        let place = frame.components.iter().position(|c: &Component| c.id == id)?;
        Some((place, usize::from(tables >> 4), usize::from(tables & 15)))
    };
    let components = (0..n).map(one).collect::<Option<Vec<_>>>()?;
    let [first, last, bits] = *body.get(1 + 2 * n..4 + 2 * n)? else { return None };
    let valid = (1..=4).contains(&n) && first <= last && last < 64 && (first == 0 || n == 1);
    valid.then(|| Scan {
        components,
        first: usize::from(first),
        last: usize::from(last),
        high: bits >> 4,
        low: bits & 15,
    })
}
