//! The tags of a TIFF file, classic or BigTIFF, or of an EXIF block, which is written the same way.
//!
//! Nothing is believed: an offset or a count that leads out of the bytes makes the tag one that is not there.

use std::collections::{BTreeMap, HashSet};

/// More directories than this are no picture of a cell, and walking them costs time.
const MOST_DIRECTORIES: usize = 4096;

/// Bytes in the TIFF way.
#[derive(Clone, Copy)]
pub(in crate::intake) struct Tags<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    /// BigTIFF: offsets and counts of eight bytes.
    long: bool,
}

/// Where a tag's values lie.
struct Entry {
    kind: u16,
    count: usize,
    at: usize,
}

/// One directory: the tags of one page, or of an EXIF block.
pub(in crate::intake) struct Directory<'a> {
    tags: Tags<'a>,
    entries: BTreeMap<u16, Entry>,
}

impl<'a> Tags<'a> {
    /// Reads the header; the offset of the first directory comes with it.
    pub fn open(bytes: &'a [u8]) -> Option<(Self, u64)> {
        let big_endian = match bytes.get(..2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let mut tags = Self { bytes, big_endian, long: false };
        match tags.whole(2, 2)? {
            42 => Some((tags, tags.whole(4, 4)?)),
            43 if tags.whole(4, 2)? == 8 => {
                tags.long = true;
                Some((tags, tags.whole(8, 8)?))
            }
            _ => None,
        }
    }

    pub fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// An unsigned number of `size` bytes.
    fn whole(&self, at: usize, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let add = |n: u64, b: &u8| n << 8 | u64::from(*b);
        Some(if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    /// The directory at `offset`, and where the next one is (0: nowhere; `None`: that is cut off).
    /// `None`: it is cut off itself.
    pub fn directory(self, offset: u64) -> Option<(Directory<'a>, Option<u64>)> {
        let mut at = usize::try_from(offset).ok()?;
        let (head, item, field) = if self.long { (8, 20, 8) } else { (2, 12, 4) };
        let entries = usize::try_from(self.whole(at, head)?).ok()?;
        at = at.checked_add(head)?;
        self.bytes.get(at..at.checked_add(entries.checked_mul(item)?)?)?;
        let mut directory = Directory { tags: self, entries: BTreeMap::new() };
        for place in (0..entries).map(|i| at + item * i) {
            let (tag, kind) = (self.whole(place, 2)? as u16, self.whole(place + 2, 2)? as u16);
            let count = self.whole(place + 4, field)?;
            let value = place + 4 + field;
            let Some(length) = count.checked_mul(size(kind) as u64) else { continue };
            let here = length <= field as u64;
            let Ok(at) = usize::try_from(if here { value as u64 } else { self.whole(value, field)? }) else { continue };
            let end = usize::try_from(length).ok().and_then(|l| at.checked_add(l));
            if length > 0 && end.is_some_and(|end| end <= self.bytes.len()) {
                directory.entries.insert(tag, Entry { kind, count: count as usize, at });
            }
        }
        Some((directory, self.whole(at + item * entries, field)))
    }

    /// All directories in order. `None`: one of them is cut off, they go round in a circle, or there are too many.
    pub fn chain(self, first: u64) -> Option<Vec<Directory<'a>>> {
        let (mut next, mut seen, mut all) = (first, HashSet::new(), Vec::new());
        while next != 0 {
            if !seen.insert(next) || all.len() >= MOST_DIRECTORIES {
                return None;
            }
            let (directory, after) = self.directory(next)?;
            all.push(directory);
            next = after?;
        }
        Some(all)
    }
}

/// Bytes of one value.
fn size(kind: u16) -> usize {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 0,
    }
}

impl<'a> Directory<'a> {
    pub fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// The tag's whole numbers.
    pub fn numbers(&self, tag: u16) -> Option<Vec<u64>> {
        let entry = self.entries.get(&tag).filter(|e| matches!(e.kind, 1 | 3 | 4 | 7 | 13 | 16 | 18))?;
        let size = size(entry.kind);
        (0..entry.count).map(|i| self.tags.whole(entry.at + i * size, size)).collect()
    }

    /// Its first whole number.
    pub fn number(&self, tag: u16) -> Option<u64> {
        let entry = self.entries.get(&tag).filter(|e| matches!(e.kind, 1 | 3 | 4 | 7 | 13 | 16 | 18))?;
        self.tags.whole(entry.at, size(entry.kind))
    }

    /// Its values as real numbers, whatever they are written as.
    pub fn reals(&self, tag: u16) -> Option<Vec<f64>> {
        let entry = self.entries.get(&tag)?;
        let real = |i: usize| {
            let at = entry.at + i * size(entry.kind);
            let whole = self.tags.whole(at, size(entry.kind))?;
            Some(match entry.kind {
                5 => self.tags.whole(at, 4)? as f64 / self.tags.whole(at + 4, 4)? as f64,
                10 => f64::from(self.tags.whole(at, 4)? as i32) / f64::from(self.tags.whole(at + 4, 4)? as i32),
                6 => f64::from(whole as i8),
                8 => f64::from(whole as i16),
                9 => f64::from(whole as i32),
                17 => whole as i64 as f64,
                11 => f64::from(f32::from_bits(whole as u32)),
                12 => f64::from_bits(whole),
                _ => whole as f64,
            })
        };
        (0..entry.count).map(real).collect()
    }

    pub fn real(&self, tag: u16) -> Option<f64> {
        self.reals(tag)?.first().copied()
    }

    /// Its text up to the first NUL; what is no UTF-8 in it is replaced.
    pub fn text(&self, tag: u16) -> Option<String> {
        let bytes = self.raw(tag)?;
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// Its values' bytes.
    pub fn raw(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entries.get(&tag)?;
        self.tags.bytes.get(entry.at..entry.at + entry.count * size(entry.kind))
    }

    /// A part of the file.
    pub fn bytes(&self, at: u64, length: u64) -> Option<&'a [u8]> {
        let at = usize::try_from(at).ok()?;
        self.tags.bytes.get(at..at.checked_add(usize::try_from(length).ok()?)?)
    }

    pub fn big_endian(&self) -> bool {
        self.tags.big_endian()
    }
}
