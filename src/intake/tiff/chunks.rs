//! From a page's strips or tiles to its samples, pixel by pixel.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;
use image::{ImageDecoder, codecs::jpeg::JpegDecoder};

use super::page::{Colour, Compression, Page, damaged, unsupported};
use crate::intake::{Reason, jpeg};

const EARLY: Reason = Reason::Truncated("its data end early");

/// All samples of a page, those of one pixel beside each other, in little-endian order.
pub(super) struct Samples {
    pub bytes: Vec<u8>,
    /// Bytes of one.
    pub size: usize,
}

/// Reads the page's samples.
pub(super) fn samples(page: &Page<'_>) -> Result<Samples, Reason> {
    if page.colour == Colour::YCbCr && page.compression == Compression::Jpeg && page.planar {
        return Err(unsupported("JPEG compression of each channel for itself"));
    }
    if page.colour == Colour::YCbCr && page.compression != Compression::Jpeg {
        let sampling = page.tags.numbers(530).unwrap_or_else(|| vec![2, 2]);
        if sampling != [1, 1] {
            return Err(unsupported("colours of fewer px than the brightness"));
        }
    }
    let size = if page.bits <= 8 {
        1
    } else if page.bits <= 16 {
        2
    } else {
        page.bits as usize / 8
    };
    let (width, height) = (page.width as usize, page.height as usize);
    let (across, down) = (page.width.div_ceil(page.chunk.0) as usize, page.height.div_ceil(page.chunk.1) as usize);
    let planes = if page.planar { page.samples } else { 1 };
    let each = page.samples / planes;
    let mut bytes = vec![0; width * height * page.samples * size];
    for (number, place) in page.chunks.iter().enumerate() {
        let (plane, within) = (number / (across * down), number % (across * down));
        let (left, top) = ((within % across) * page.chunk.0 as usize, (within / across) * page.chunk.1 as usize);
        let tiled = page.tags.has(322);
        let rows = if tiled { page.chunk.1 as usize } else { (height - top).min(page.chunk.1 as usize) };
        let unpacked = chunk(page, *place, rows, each, size)?;
        let columns = (width - left).min(page.chunk.0 as usize);
        for row in 0..rows.min(height - top) {
            let from = row * page.chunk.0 as usize * each * size;
            let to = ((top + row) * width + left) * page.samples * size;
            if planes == 1 {
                let run = columns * each * size;
                bytes[to..to + run].copy_from_slice(&unpacked[from..from + run]);
            } else {
                for x in 0..columns {
                    let at = to + (x * page.samples + plane) * size;
                    bytes[at..at + size].copy_from_slice(&unpacked[from + x * size..from + (x + 1) * size]);
                }
            }
        }
    }
    Ok(Samples { bytes, size })
}

/// A strip or tile of `rows` rows, `each` samples a pixel, every sample in `size` bytes.
fn chunk(page: &Page<'_>, (at, length): (u64, u64), rows: usize, each: usize, size: usize) -> Result<Vec<u8>, Reason> {
    let across = page.chunk.0 as usize * each;
    let row_bytes = (across * page.bits as usize).div_ceil(8);
    let wanted = row_bytes * rows;
    let length = if length == u64::MAX { wanted as u64 } else { length };
    let data = page.tags.bytes(at, length).ok_or(EARLY)?;
    if page.compression == Compression::Jpeg {
        return jpeg_chunk(page, data, (page.chunk.0, rows as u32), each);
    }
    let reversed: Vec<u8>;
    let data = if page.tags.number(266) == Some(2) {
        reversed = data.iter().map(|b| b.reverse_bits()).collect();
        &reversed
    } else {
        data
    };
    let mut raw = match page.compression {
        Compression::None | Compression::Jpeg => data.get(..wanted).ok_or(EARLY)?.to_vec(),
        Compression::Lzw => lzw(data, wanted)?,
        Compression::Deflate => deflate(data, wanted)?,
        Compression::PackBits => pack_bits(data, wanted)?,
    };
    match page.predictor {
        1 => {}
        2 if !page.float && matches!(page.bits, 8 | 16 | 32) => {
            raw.chunks_exact_mut(row_bytes).for_each(|row| add_up(row, each, size, page.tags.big_endian()));
        }
        3 if page.float => {
            raw.chunks_exact_mut(row_bytes).for_each(|row| unshuffle(row, each, size));
            return Ok(raw);
        }
        other => return Err(unsupported(format!("predictor {other} with samples of {} bits", page.bits))),
    }
    if !page.bits.is_multiple_of(8) {
        return Ok(raw.chunks_exact(row_bytes).flat_map(|row| unpack(row, across, page.bits, size)).collect());
    }
    if size > 1 && page.tags.big_endian() {
        raw.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    Ok(raw)
}

/// Samples of `bits` bits, which no byte's border divides, each in `size` bytes.
fn unpack(row: &[u8], samples: usize, bits: u32, size: usize) -> impl Iterator<Item = u8> {
    let bit = |at: usize| u16::from(row[at / 8] >> (7 - at % 8) & 1);
    let sample = move |i: usize| (0..bits as usize).fold(0, |n, b| n << 1 | bit(i * bits as usize + b));
    (0..samples).flat_map(move |i| sample(i).to_le_bytes().into_iter().take(size)).collect::<Vec<_>>().into_iter()
}

/// Undoes horizontal differencing.
fn add_up(row: &mut [u8], each: usize, size: usize, big_endian: bool) {
    let read = |b: &[u8]| {
        let add = |n: u32, b: &u8| n << 8 | u32::from(*b);
        if big_endian { b.iter().fold(0, add) } else { b.iter().rev().fold(0, add) }
    };
    for at in (each * size..row.len()).step_by(size) {
        let sum = read(&row[at..at + size]).wrapping_add(read(&row[at - each * size..at - (each - 1) * size]));
        let bytes = sum.to_le_bytes();
        for (i, byte) in row[at..at + size].iter_mut().enumerate() {
            *byte = bytes[if big_endian { size - 1 - i } else { i }];
        }
    }
}

/// Undoes the floating-point predictor: differences of bytes, which lie sorted by their weight, the heaviest first.
fn unshuffle(row: &mut [u8], each: usize, size: usize) {
    for at in each..row.len() {
        row[at] = row[at].wrapping_add(row[at - each]);
    }
    let sorted = row.to_vec();
    let samples = row.len() / size;
    for i in 0..samples {
        for b in 0..size {
            row[i * size + b] = sorted[(size - 1 - b) * samples + i];
        }
    }
}

fn lzw(data: &[u8], wanted: usize) -> Result<Vec<u8>, Reason> {
    if let [0, second, ..] = data
        && second & 1 == 1
    {
        return Err(unsupported("old-style LZW compression"));
    }
    let mut out = vec![0; wanted];
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let (mut read, mut written) = (0, 0);
    while written < wanted {
        let step = decoder.decode_bytes(&data[read..], &mut out[written..]);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            Ok(_) => break,
            Err(_) if written == wanted => break,
            Err(_) => return Err(damaged("its LZW data make no sense")),
        }
    }
    if written == wanted { Ok(out) } else { Err(EARLY) }
}

fn deflate(data: &[u8], wanted: usize) -> Result<Vec<u8>, Reason> {
    let mut out = vec![0; wanted];
    ZlibDecoder::new(data).read_exact(&mut out).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => EARLY,
        _ => damaged("its deflate data make no sense"),
    })?;
    Ok(out)
}

fn pack_bits(data: &[u8], wanted: usize) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::with_capacity(wanted);
    let mut rest = data;
    while out.len() < wanted {
        let (&head, tail) = rest.split_first().ok_or(EARLY)?;
        rest = tail;
        match head as i8 {
            -128 => {}
            n @ 0.. => {
                let run = usize::from(n as u8) + 1;
                out.extend(rest.get(..run).ok_or(EARLY)?);
                rest = &rest[run..];
            }
            n => {
                let (&byte, tail) = rest.split_first().ok_or(EARLY)?;
                out.resize(out.len() + usize::from(n.unsigned_abs()) + 1, byte);
                rest = tail;
            }
        }
    }
    out.truncate(wanted);
    Ok(out)
}

/// A strip or tile that is a JPEG image, its tables perhaps in a tag of the page.
fn jpeg_chunk(page: &Page<'_>, data: &[u8], size: (u32, u32), each: usize) -> Result<Vec<u8>, Reason> {
    if page.bits != 8 {
        return Err(unsupported(format!("JPEG compression of samples of {} bits", page.bits)));
    }
    let mut whole = vec![0xff, 0xd8];
    if page.colour != Colour::YCbCr {
        // An Adobe marker that says: the samples are as they are, whatever their number.
        whole.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0");
    }
    if let Some(tables) = page.tags.raw(347).filter(|t| t.len() > 4) {
        whole.extend(&tables[2..tables.len() - 2]);
    }
    whole.extend(data.get(2..).ok_or(EARLY)?);
    if let Some(what) = jpeg::damage(&whole) {
        return Err(what.of("TIFF"));
    }
    let bad = |e: image::ImageError| damaged(crate::intake::decode::clause(&e.to_string()));
    let decoder = JpegDecoder::new(Cursor::new(&whole)).map_err(bad)?;
    let (width, height) = decoder.dimensions();
    if usize::from(decoder.color_type().channel_count()) != each {
        return Err(unsupported(format!("JPEG compression of {each} channels")));
    }
    // The last strip of some writers is as high as the others.
    if width != size.0 || height < size.1 || height > page.chunk.1 {
        let (w, h) = size;
        return Err(damaged(format!("its JPEG-compressed parts have {width} x {height} px instead of {w} x {h}")));
    }
    let mut out = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut out).map_err(bad)?;
    Ok(out)
}
