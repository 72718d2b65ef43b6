//! Files that are no pictures of cells, each named with its reason while the rest goes on.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use image::{DynamicImage, ImageFormat, RgbImage};
use leukoscope::{
    domain::{ClassTable, ScaleSource, Sha256Hash},
    intake::{IntakeError, Limits, Progress, Reason, ScanOptions, decode, list, read_image, scan},
};

use crate::{Folder, encoded, paths, picture, reason};

const FORMATS: [ImageFormat; 5] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP, ImageFormat::Tiff];

/// A PNG header that says any size, with a correct checksum, and no data.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut crc = u32::MAX;
    for &byte in &chunk {
        crc ^= u32::from(byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(chunk);
    bytes.extend((!crc).to_be_bytes());
    bytes.extend(b"\0\0\0\x01IDAT\0");
    bytes
}

#[test]
fn all_five_formats_are_read_and_all_kinds_of_pixels_become_rgb() {
    for format in FORMATS {
        let image = picture(40, 30, 3);
        let back = decode(&encoded(&image, format), &Limits::default()).expect("decoded");
        let off = image.as_raw().iter().zip(back.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        let lossless = !matches!(format, ImageFormat::Jpeg);
        assert!(back.dimensions() == (40, 30) && if lossless { off == 0 } else { off < 3600 * 20 }, "{format:?} {off}");
    }
    let image = DynamicImage::ImageRgb8(picture(40, 30, 3));
    for other in [
        DynamicImage::from(image.to_rgb16()),
        image.to_rgba8().into(),
        image.to_rgba16().into(),
        image.to_luma8().into(),
        image.to_luma_alpha8().into(),
    ] {
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            if other.write_to(&mut bytes, format).is_ok() {
                let back = decode(bytes.get_ref(), &Limits::default()).expect("decoded");
                let wanted = if other.color().has_color() {
                    image.to_rgb8()
                } else {
                    DynamicImage::from(image.to_luma8()).to_rgb8()
                };
                let off = wanted.as_raw().iter().zip(back.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(off <= Some(1), "{:?} {format:?} {off:?}", other.color());
            }
        }
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_is_cut() {
    for format in FORMATS {
        let whole = encoded(&picture(64, 48, 5), format);
        decode(&whole, &Limits::default()).expect("the whole one is good");
        for cut in (1..60).map(|i| whole.len() * i / 60).chain([whole.len() - 1]) {
            match decode(&whole[..cut], &Limits::default()) {
                Err(Reason::Truncated(_)) => {}
                Err(Reason::Damaged { .. } | Reason::NotAnImage(_) | Reason::Unsupported { .. })
                    if cut < 100 || format == ImageFormat::Tiff => {}
                other => panic!("{format:?} cut at {cut} of {}: {other:?}", whole.len()),
            }
        }
    }
}

#[test]
fn an_end_marker_in_a_preview_is_not_the_end() {
    let whole = encoded(&picture(64, 48, 5), ImageFormat::Jpeg);
    let preview = encoded(&picture(8, 8, 1), ImageFormat::Jpeg);
    // An APP1 segment that holds a whole JPEG, as EXIF previews do.
    let mut with = whole[..2].to_vec();
    with.extend([0xff, 0xe1]);
    with.extend((preview.len() as u16 + 2).to_be_bytes());
    with.extend(&preview);
    with.extend(&whole[2..]);
    decode(&with, &Limits::default()).expect("the whole one is good");
    let mut cut = with[..with.len() - 40].to_vec();
    assert!(matches!(decode(&cut, &Limits::default()), Err(Reason::Truncated(_))));
    cut.extend([0; 64]);
    assert!(matches!(decode(&cut, &Limits::default()), Err(Reason::Truncated(_))), "filled up with zeros");
    let mut more = whole.clone();
    more.extend(b"a scanner's own remarks");
    decode(&more, &Limits::default()).expect("what follows the end is none of our business");
}

#[test]
fn every_bad_file_is_named_and_the_rest_goes_on() {
    let folder = Folder::new();
    (1..=12).for_each(|n| _ = folder.cell(&format!("cell_{n}.jpg"), n));
    let jpeg = encoded(&picture(60, 60, 99), ImageFormat::Jpeg);
    let expected = [
        (folder.write("empty.jpg", ""), "is empty"),
        (folder.write("text.jpg", "Dear colleague,\nplease find attached"), "is text, not a JPEG"),
        (folder.write("half.jpg", &jpeg[..jpeg.len() / 2]), "is truncated"),
        (folder.write("zeros.tiff", [0; 500]), "nothing but zeros"),
        (folder.write("huge.png", png_header(60_000, 60_000)), "60000 x 60000 px"),
        (folder.write("header.png", png_header(60, 60)), "is truncated"),
        (
            folder.write("overview.png", encoded(&picture(200, 150, 1), ImageFormat::Png)),
            "200 x 150 px among frames of about 60 x 60",
        ),
        (folder.write("anim.gif", "GIF89a but read by nobody here ....."), "is a GIF image, not a JPEG"),
        (folder.write("noise.bmp", "BM and then nothing that a bitmap has, for a while"), "BMP"),
    ];
    folder.write("right.png", encoded(&picture(60, 60, 50), ImageFormat::Jpeg));
    folder.write("no_extension", encoded(&picture(60, 60, 51), ImageFormat::Png));
    for other in ["Thumbs.db", "report.csv", ".DS_Store", ".hidden.jpg", ".trash/cell.jpg"] {
        folder.write(other, "something else");
    }
    let case = folder.case();
    for (path, says) in &expected {
        assert!(reason(&case, path).contains(says), "{}: {}", path.display(), reason(&case, path));
    }
    assert_eq!(case.refused.len(), expected.len(), "{:#?}", case.refused);
    let names: Vec<_> =
        (1..=12).map(|n| format!("cell_{n}.jpg")).chain(["no_extension".into(), "right.png".into()]).collect();
    assert_eq!(paths(&case), names, "formats are told by content, and names are in people's order");
    assert_eq!(list(&folder.path()).ignored, 1, "what systems keep is not even counted");
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let folder = Folder::new();
    let path = folder.write("big.png", encoded(&picture(50, 40, 1), ImageFormat::Png));
    let bytes = fs::read(&path).expect("read");
    let limits = Limits { max_side: 49, ..Limits::default() };
    assert!(matches!(decode(&bytes, &limits), Err(Reason::Size { width: 50, height: 40, .. })));
    let limits = Limits { max_pixels: 1999, ..Limits::default() };
    assert!(matches!(decode(&bytes, &limits), Err(Reason::Size { .. })));
    // A sparse file of 10 GiB: read, it would not fit.
    let file = fs::File::create(folder.path().join("sparse.jpg")).expect("made");
    file.set_len(10 << 30).expect("sparse");
    let reason = read_image(&folder.path().join("sparse.jpg"), &Limits::default()).expect_err("too large");
    assert_eq!(reason.to_string(), "has 10240 MiB; a picture of one cell has at most 64 MiB");
}

#[test]
fn a_header_of_any_format_can_lie_about_the_size() {
    let image = picture(64, 48, 5);
    let mut jpeg = encoded(&image, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let mut bmp = encoded(&image, ImageFormat::Bmp);
    for at in [18, 22] {
        bmp[at..at + 4].copy_from_slice(&60_000_u32.to_le_bytes());
    }
    let mut tiff = encoded(&image, ImageFormat::Tiff);
    let directory = u32::from_le_bytes(tiff[4..8].try_into().expect("four bytes")) as usize;
    let tags = usize::from(u16::from_le_bytes([tiff[directory], tiff[directory + 1]]));
    for entry in (0..tags).map(|i| directory + 2 + 12 * i) {
        // ImageWidth and ImageLength.
        if matches!(u16::from_le_bytes([tiff[entry], tiff[entry + 1]]), 256 | 257) {
            tiff[entry + 8..entry + 12].copy_from_slice(&60_000_u32.to_le_bytes());
        }
    }
    // Here strips and size contradict each other, which is found first.
    assert!(matches!(decode(&tiff, &Limits::default()), Err(Reason::Damaged { .. } | Reason::Size { .. })));
    for (name, bytes) in [("JPEG", jpeg), ("BMP", bmp)] {
        let refused = decode(&bytes, &Limits::default());
        assert!(matches!(refused, Err(Reason::Size { width: 60_000, height: 60_000, .. })), "{name}: {refused:?}");
    }
}

#[test]
fn the_hash_is_of_the_file() {
    let folder = Folder::new();
    let read = read_image(&folder.write("abc.txt", "abc"), &Limits::default()).expect("read");
    let known: Sha256Hash =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().expect("FIPS 180's example");
    assert_eq!((read.sha256, read.bytes.as_slice()), (known, &b"abc"[..]));
}

#[test]
fn the_same_content_is_one_cell() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    folder.cell("b.jpg", 1);
    folder.cell("c.jpg", 2);
    let case = folder.case();
    assert_eq!((paths(&case), case.refused.len()), (vec!["a.jpg", "c.jpg"], 0));
    assert!(
        case.warnings.iter().any(|w| w.contains("b.jpg has the same content as") && w.contains("a.jpg")),
        "{:?}",
        case.warnings
    );
}

#[test]
fn the_scale_follows_the_most_common_frame() {
    let folder = Folder::new();
    for n in 0..3 {
        folder.write(&format!("{n}.png"), encoded(&picture(360, 363, n), ImageFormat::Png));
    }
    folder.write("3.png", encoded(&picture(400, 400, 3), ImageFormat::Png));
    let case = folder.case();
    assert_eq!((case.scale.um_per_px, case.scale.source), (Some(0.1), ScaleSource::Profile));
    assert!(case.warnings.len() == 1 && case.warnings[0].contains("another scanner"), "{:?}", case.warnings);
    let given =
        folder.scan(&ScanOptions { um_per_px: Some(0.2), ..ScanOptions::default() }).expect("scanned").remove(0);
    assert_eq!(given.scale.um_per_px, Some(0.2));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 100.0] {
        let options = ScanOptions { um_per_px: Some(bad), ..ScanOptions::default() };
        assert!(matches!(folder.scan(&options), Err(IntakeError::Scale(_))), "{bad}");
    }
}

#[test]
fn progress_is_told_and_a_scan_can_be_stopped() {
    #[derive(Default)]
    struct Watch {
        found: AtomicUsize,
        bad: AtomicUsize,
        seen: Mutex<HashSet<PathBuf>>,
        stop_after: usize,
    }
    impl Progress for Watch {
        fn found(&self, files: usize) {
            self.found.fetch_add(files, Ordering::Relaxed);
        }
        fn done(&self, path: &Path, ok: bool) {
            self.bad.fetch_add(usize::from(!ok), Ordering::Relaxed);
            self.seen.lock().expect("not poisoned").insert(path.to_owned());
        }
        fn cancelled(&self) -> bool {
            self.seen.lock().expect("not poisoned").len() >= self.stop_after
        }
    }
    let folder = Folder::new();
    let files: HashSet<_> =
        (0..9).map(|n| folder.cell(&format!("{n}.jpg"), n)).chain([folder.write("x.jpg", "")]).collect();
    let (dirs, table) = ([folder.path()], ClassTable::default());
    let watch = Watch { stop_after: 1000, ..Watch::default() };
    scan(&dirs, &ScanOptions::default(), &table, &watch).expect("scanned");
    assert_eq!((watch.found.into_inner(), watch.bad.into_inner()), (10, 1));
    assert_eq!(watch.seen.into_inner().expect("not poisoned"), files);
    let watch = Watch { stop_after: 2, ..Watch::default() };
    assert!(matches!(scan(&dirs, &ScanOptions::default(), &table, &watch), Err(IntakeError::Cancelled)));
}

#[test]
fn names_that_steer_a_terminal_do_not_get_through() {
    let folder = Folder::new();
    let odd = RgbImage::from_pixel(60, 60, image::Rgb([1, 2, 3]));
    for name in ["a\x1b[31m.png", "b\x1b[31m.png"] {
        folder.write(name, encoded(&odd, ImageFormat::Png));
    }
    let case = folder.case();
    assert!(case.warnings.iter().all(|w| !w.contains('\x1b')), "{:?}", case.warnings);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    /// Whatever the bytes are, there is an answer, and it is no picture beyond the limits.
    #[test]
    fn damaged_bytes_get_an_answer(format in 0..5_usize, changes in proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 1..8)) {
        let mut bytes = encoded(&picture(24, 20, 2), FORMATS[format]);
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        let limits = Limits { max_side: 300, max_pixels: 40_000, ..Limits::default() };
        if let Ok(image) = decode(&bytes, &limits) {
            proptest::prop_assert!(image.width() <= 300 && image.height() <= 300);
        }
    }
}
