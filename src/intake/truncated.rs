//! Whether the end of an image file is missing, told from its structure.
//!
//! Decoders fill what is missing with grey and say nothing, or stop before they would notice. The structure is walked from
//! the start, so that an end marker in an embedded preview does not count.

use image::ImageFormat;

/// What of the file's end is missing; `None`: nothing, as far as its structure says.
pub(super) fn missing(format: ImageFormat, bytes: &[u8]) -> Option<&'static str> {
    match format {
        ImageFormat::Jpeg => jpeg(bytes),
        ImageFormat::Png => png(bytes),
        ImageFormat::WebP => webp(bytes),
        ImageFormat::Bmp => bmp(bytes),
        _ => None,
    }
}

/// Segments by their length, scans to the next marker, up to the end-of-image marker. What comes after it is none of our
/// business.
fn jpeg(bytes: &[u8]) -> Option<&'static str> {
    const CUT: Option<&str> = Some("its end-of-image marker is missing");
    let mut at = 2;
    let mut scans = 0;
    loop {
        // A marker is FF and a byte that is neither 0 (a stuffed FF of a scan) nor FF (fill).
        let Some(ff) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff)) else { return CUT };
        at += ff + 1;
        match bytes.get(at) {
            None => return CUT,
            Some(0xff) => {}
            Some(0x00 | 0x01 | 0xd0..=0xd7) => at += 1,
            Some(0xd9) if scans > 0 => return None,
            Some(0xd9) => return Some("it ends before its first scan"),
            Some(&marker) => {
                let Some(length) = bytes.get(at + 1..at + 3) else { return CUT };
                scans += usize::from(marker == 0xda);
                at += 1 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
}

/// Chunks by their length, up to IEND.
fn png(bytes: &[u8]) -> Option<&'static str> {
    let mut at = 8_usize;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        at = at.checked_add(length)?.checked_add(12)?;
        if &head[4..] == b"IEND" {
            return (at > bytes.len()).then_some("its last chunk is incomplete");
        }
    }
    Some("its last chunk is missing")
}

/// The container says how long it is.
fn webp(bytes: &[u8]) -> Option<&'static str> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    (bytes.len() < length.saturating_add(8)).then_some("it is shorter than its header says")
}

/// Uncompressed rows fill the file up to a length that follows from the header.
fn bmp(bytes: &[u8]) -> Option<&'static str> {
    let number = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let (offset, header) = (number(10)?, number(14)?);
    if header < 40 || !matches!(number(30)?, 0 | 3) {
        return None;
    }
    let (width, height) =
        (u64::from((number(18)? as i32).unsigned_abs()), u64::from((number(22)? as i32).unsigned_abs()));
    let bits = u64::from(u16::from_le_bytes([bytes[28], bytes[29]]));
    let rows = (width * bits).div_ceil(32) * 4 * height;
    ((bytes.len() as u64) < u64::from(offset) + rows).then_some("it is shorter than its header says")
}
