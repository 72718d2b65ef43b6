//! Pictures that are not what they seem: half of one, a mask, a system's thumbnail, a file that states its own scale.

use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use leukoscope::{
    domain::ScaleSource,
    intake::{Limits, Reason, ScanOptions, decode, list, own_scale},
};

use crate::{Folder, encoded, paths, picture, reason};

const PROGRESSIVE: &[u8] = include_bytes!("../fixtures/progressive.jpg");
const RESTARTS: &[u8] = include_bytes!("../fixtures/restarts.jpg");

/// Where the entropy-coded data of the first scan start.
fn scan_of(jpeg: &[u8]) -> usize {
    let at = jpeg.windows(2).position(|w| w == [0xff, 0xda]).expect("a scan");
    at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]))
}

#[test]
fn a_jpeg_whose_data_end_before_its_picture_does_is_refused_though_its_end_marker_is_there() {
    let plain = encoded(&picture(64, 48, 5), ImageFormat::Jpeg);
    for whole in [&plain[..], PROGRESSIVE, RESTARTS] {
        decode(whole, &Limits::default()).expect("the whole one is good");
        let start = scan_of(whole);
        for part in 1..12 {
            let cut = start + (whole.len() - 2 - start) * part / 12;
            // Not within an escaped byte.
            let cut = if whole[cut - 1] == 0xff { cut - 1 } else { cut };
            let mut half = whole[..cut].to_vec();
            half.extend([0xff, 0xd9]);
            let refused = decode(&half, &Limits::default());
            assert!(matches!(refused, Err(Reason::Truncated(_))), "cut at {cut} of {}: {refused:?}", whole.len());
        }
    }
    for whole in [&plain[..], RESTARTS] {
        let start = scan_of(whole);
        let mut zeros = whole.to_vec();
        let (from, to) = (start + (whole.len() - start) / 2, whole.len() - 2);
        zeros[from..to].fill(0);
        assert_eq!(decode(&zeros, &Limits::default()), Err(Reason::Truncated("its data end early")));
    }
}

#[test]
fn an_alpha_that_is_zero_everywhere_makes_no_white_picture() {
    let image = picture(40, 30, 3);
    let clear = RgbaImage::from_fn(40, 30, |x, y| {
        let Rgb([r, g, b]) = *image.get_pixel(x, y);
        image::Rgba([r, g, b, 0])
    });
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        DynamicImage::from(clear.clone()).write_to(&mut bytes, format).expect("encoded");
        assert_eq!(decode(bytes.get_ref(), &Limits::default()).expect("decoded"), image, "{format:?}");
    }
}

#[test]
fn a_png_of_twelve_bits_in_sixteen_is_never_black() {
    let image = picture(40, 30, 3);
    let twelve = DynamicImage::from(image).into_rgb16();
    let dim = image::ImageBuffer::<Rgb<u16>, _>::from_fn(40, 30, |x, y| Rgb(twelve.get_pixel(x, y).0.map(|v| v / 16)));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb16(dim).write_to(&mut bytes, ImageFormat::Png).expect("encoded");
    let says = decode(bytes.get_ref(), &Limits::default()).expect_err("a guess").to_string();
    assert!(says.contains("nothing says which value is white"), "{says}");
}

#[test]
fn folders_of_thumbnails_and_trash_give_no_cells() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    folder.cell("b.jpg", 2);
    for (n, name) in [
        "@eaDir/a.jpg/SYNOFILE_THUMB_M.jpg",
        "#recycle/c.jpg",
        "$RECYCLE.BIN/d.jpg",
        "__MACOSX/._a.jpg",
        ".Trash-1000/files/e.jpg",
        "lost+found/f.jpg",
        "._a.jpg",
    ]
    .into_iter()
    .enumerate()
    {
        folder.cell(name, 10 + n as u32);
    }
    let case = folder.case();
    assert_eq!((paths(&case), case.refused.len()), (vec!["a.jpg", "b.jpg"], 0));
    assert_eq!(list(&folder.path()).skipped.len(), 6);
}

#[test]
fn a_mask_beside_its_picture_is_named_and_left_out() {
    let folder = Folder::new();
    let mask =
        DynamicImage::from(GrayImage::from_fn(60, 60, |x, _| image::Luma([if x > 30 { 255 } else { 0 }]))).into_rgb8();
    for n in 1..4 {
        folder.write(&format!("{n:03}.bmp"), encoded(&picture(60, 60, n), ImageFormat::Bmp));
        folder.write(&format!("{n:03}.png"), encoded(&mask, ImageFormat::Png));
    }
    let lonely = folder
        .write("004.png", encoded(&DynamicImage::from(picture(60, 60, 9)).grayscale().into_rgb8(), ImageFormat::Png));
    let case = folder.case();
    assert_eq!(paths(&case), ["001.bmp", "002.bmp", "003.bmp", "004.png"], "{lonely:?} has no twin");
    assert!(reason(&case, &folder.path().join("001.png")).contains("beside it lies 001.bmp in colour: a mask"));
}

#[test]
fn formats_that_are_not_read_are_named_with_what_to_do() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    folder.cell("b.jpg", 2);
    let mut dicom = vec![0; 128];
    dicom.extend(b"DICM and more");
    let files = [
        (folder.write("smear.czi", "ZISRAWFILE\0\0\0\0\0\0 and more"), "Zeiss CZI"),
        (folder.write("smear.dcm", dicom), "DICOM"),
        (folder.write("smear.mrxs", [1, 200, 7, 9, 130].repeat(20)), "3DHISTECH"),
        (folder.write("photo.heic", b"\0\0\0\x18ftypheic and more of it, a lot more"), "HEIC"),
        (folder.write("all.zip", "PK\x03\x04 and more"), "unpack it first"),
    ];
    let case = folder.case();
    for (path, says) in &files {
        assert!(reason(&case, path).contains(says), "{}", reason(&case, path));
    }
    assert_eq!((case.refused.len(), case.cells.len()), (files.len(), 2));
}

/// The PNG with a chunk more, after its header.
fn with_chunk(png: &[u8], name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend(body);
    let mut crc = u32::MAX;
    for &byte in &chunk {
        crc ^= u32::from(byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    let mut out = png[..33].to_vec();
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(chunk);
    out.extend((!crc).to_be_bytes());
    out.extend(&png[33..]);
    out
}

#[test]
fn the_scale_that_a_file_states_is_read_and_a_printers_resolution_is_none() {
    let image = picture(400, 400, 1);
    let png = encoded(&image, ImageFormat::Png);
    let physical = |per_metre: u32| {
        let n = per_metre.to_be_bytes();
        with_chunk(&png, b"pHYs", &[&n[..], &n[..], &[1]].concat())
    };
    assert_eq!(own_scale(&physical(4_000_000)), Some(0.25));
    for dpi in [72, 96, 150, 300, 600, 1200] {
        assert_eq!(own_scale(&physical(dpi * 10_000 / 254)), None, "{dpi}");
    }
    assert_eq!(own_scale(&png), None);
    let mut jpeg = encoded(&image, ImageFormat::Jpeg);
    let jfif = jpeg.windows(5).position(|w| w == b"JFIF\0").expect("JFIF");
    jpeg[jfif + 7] = 2;
    jpeg[jfif + 8..jfif + 12].copy_from_slice(&[0x9c, 0x40, 0x9c, 0x40]);
    assert_eq!(own_scale(&jpeg), Some(0.25), "40,000 px a centimetre");
    let mut bmp = encoded(&image, ImageFormat::Bmp);
    bmp[38..42].copy_from_slice(&10_000_000_u32.to_le_bytes());
    bmp[42..46].copy_from_slice(&10_000_000_u32.to_le_bytes());
    assert_eq!(own_scale(&bmp), Some(0.1));
    // And it holds for the case, before the guess by the frame's size and after what the user says.
    let folder = Folder::new();
    folder.write("a.png", physical(4_000_000));
    let case = folder.case();
    assert_eq!((case.scale.um_per_px, case.scale.source), (Some(0.25), ScaleSource::File));
    assert!(case.warnings.iter().any(|w| w.contains("would else be taken for 0.071")), "{:?}", case.warnings);
    let given =
        folder.scan(&ScanOptions { um_per_px: Some(0.1), ..ScanOptions::default() }).expect("scanned").remove(0);
    assert_eq!((given.scale.um_per_px, given.scale.source), (Some(0.1), ScaleSource::Given));
    assert!(
        given.warnings.iter().any(|w| w.contains("1 of 1 files state another scale (0.25")),
        "{:?}",
        given.warnings
    );
}

#[test]
fn an_upright_is_what_the_file_says() {
    let image = RgbImage::from_fn(6, 4, |x, y| Rgb([x as u8 * 40, y as u8 * 60, 7]));
    let png = encoded(&image, ImageFormat::Png);
    // EXIF: orientation 6, a quarter turn clockwise.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let turned = decode(&with_chunk(&png, b"eXIf", exif), &Limits::default()).expect("decoded");
    assert_eq!(turned, image::imageops::rotate90(&image));
}
