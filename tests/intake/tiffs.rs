//! TIFF files as programs of microscopy write them: read rightly, or refused with the true reason.

use std::io::Write;

use image::{DynamicImage, RgbImage};
use leukoscope::intake::{Limits, Reason, decode};

use crate::picture;

/// A page to write: tags with their kind (2: text, 3: 16 bits, 4: 32 bits, 5: two of 32) and values, and its chunks.
#[derive(Clone, Default)]
struct Page {
    tags: Vec<(u16, u16, Vec<u32>)>,
    chunks: Vec<Vec<u8>>,
}

impl Page {
    /// A page of `samples` of `bits` bits a pixel, coloured as `colour`, in one strip.
    fn new(size: (u32, u32), colour: u32, samples: u32, bits: u32, data: Vec<u8>) -> Self {
        let mut page = Self::default();
        page.chunks.push(data);
        for (tag, value) in [(256, size.0), (257, size.1), (259, 1), (262, colour), (277, samples), (278, size.1)] {
            page = page.with(tag, &[value]);
        }
        page.with(258, &vec![bits; samples as usize])
    }

    fn rgb(image: &RgbImage) -> Self {
        Self::new(image.dimensions(), 2, 3, 8, image.as_raw().clone())
    }

    fn with(mut self, tag: u16, values: &[u32]) -> Self {
        self.tags.retain(|t| t.0 != tag);
        self.tags.push((tag, 4, values.to_vec()));
        self
    }

    fn says(mut self, text: &str) -> Self {
        self.tags.push((270, 2, text.bytes().chain([0]).map(u32::from).collect()));
        self
    }

    /// In tiles of `side` px, those of each plane one after the other.
    fn tiled(mut self, image: &RgbImage, side: u32, planar: bool, pack: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        self.chunks.clear();
        let width = if planar { 1 } else { 3 };
        for plane in (0..3).step_by(width).map(|first| first..first + width) {
            for (x, y) in
                (0..image.height().div_ceil(side)).flat_map(|y| (0..image.width().div_ceil(side)).map(move |x| (x, y)))
            {
                let px = |i, j| image.get_pixel_checked(x * side + i, y * side + j).map_or([0; 3], |p| p.0);
                let tile: Vec<u8> = (0..side)
                    .flat_map(|j| (0..side).map(move |i| (i, j)))
                    .flat_map(|(i, j)| px(i, j)[plane.clone()].to_vec())
                    .collect();
                self.chunks.push(pack(&tile));
            }
        }
        self.tags.retain(|t| t.0 != 278);
        self.with(322, &[side]).with(323, &[side]).with(284, &[if planar { 2 } else { 1 }])
    }
}

fn file(pages: &[Page], big: bool) -> Vec<u8> {
    let word = |n: u64| if big { n.to_le_bytes().to_vec() } else { (n as u32).to_le_bytes().to_vec() };
    let mut out = if big { b"II+\0\x08\0\0\0".to_vec() } else { b"II*\0".to_vec() };
    let mut link = out.len();
    out.extend(word(0));
    for page in pages {
        let mut tags = page.tags.clone();
        let tiled = tags.iter().any(|t| t.0 == 322);
        let places: Vec<u32> = page
            .chunks
            .iter()
            .map(|chunk| {
                let at = out.len() as u32;
                out.extend(chunk);
                at
            })
            .collect();
        tags.push((if tiled { 324 } else { 273 }, 4, places));
        tags.push((if tiled { 325 } else { 279 }, 4, page.chunks.iter().map(|c| c.len() as u32).collect()));
        tags.sort();
        let mut entries = Vec::new();
        for (tag, kind, values) in &tags {
            let bytes: Vec<u8> = match kind {
                2 => values.iter().map(|v| *v as u8).collect(),
                3 => values.iter().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
                _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            };
            let count = if *kind == 5 { values.len() / 2 } else { values.len() };
            entries.extend(tag.to_le_bytes());
            entries.extend(kind.to_le_bytes());
            entries.extend(word(count as u64));
            let mut value = if bytes.len() <= word(0).len() {
                bytes
            } else {
                let at = out.len() as u64;
                out.extend(bytes);
                word(at)
            };
            value.resize(word(0).len(), 0);
            entries.extend(value);
        }
        let at = word(out.len() as u64);
        out[link..link + at.len()].copy_from_slice(&at);
        if big {
            out.extend((tags.len() as u64).to_le_bytes())
        } else {
            out.extend((tags.len() as u16).to_le_bytes())
        }
        out.extend(entries);
        link = out.len();
        out.extend(word(0));
    }
    out
}

fn read(pages: &[Page]) -> Result<RgbImage, Reason> {
    decode(&file(pages, false), &Limits::default())
}

fn lzw(data: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(data).expect("packed")
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(data).expect("packed");
    packer.finish().expect("packed")
}

#[test]
fn whatever_the_container_the_picture_is_the_same() {
    let image = picture(70, 50, 3);
    let plain = Page::rgb(&image);
    assert_eq!(read(std::slice::from_ref(&plain)).expect("read"), image);
    assert_eq!(decode(&file(std::slice::from_ref(&plain), true), &Limits::default()).expect("BigTIFF"), image);
    for planar in [false, true] {
        let tiled = plain.clone().tiled(&image, 32, planar, <[u8]>::to_vec);
        assert_eq!(read(&[tiled]).expect("tiles"), image);
        let tiled = plain.clone().tiled(&image, 32, planar, lzw).with(259, &[5]);
        assert_eq!(read(&[tiled]).expect("LZW tiles"), image);
        let tiled = plain.clone().tiled(&image, 32, planar, deflate).with(259, &[8]);
        assert_eq!(read(std::slice::from_ref(&tiled)).expect("deflate tiles"), image);
        assert_eq!(decode(&file(&[tiled], true), &Limits::default()).expect("BigTIFF tiles"), image);
    }
    // Differences along each row, packed.
    let mut rows = image.as_raw().clone();
    for row in rows.chunks_exact_mut(210) {
        (3..210).rev().for_each(|i| row[i] = row[i].wrapping_sub(row[i - 3]));
    }
    let mut predicted = plain.clone().with(259, &[5]).with(317, &[2]);
    predicted.chunks = vec![lzw(&rows)];
    assert_eq!(read(&[predicted]).expect("predicted"), image);
}

#[test]
fn colours_are_what_the_file_says() {
    let image = picture(30, 20, 5);
    let grey = DynamicImage::from(image.clone()).into_luma8();
    let as_rgb = DynamicImage::from(grey.clone()).into_rgb8();
    let inverse: Vec<u8> = grey.as_raw().iter().map(|v| 255 - v).collect();
    assert_eq!(read(&[Page::new((30, 20), 0, 1, 8, inverse)]).expect("white is zero"), as_rgb);
    assert_eq!(read(&[Page::new((30, 20), 1, 1, 8, grey.as_raw().clone())]).expect("black is zero"), as_rgb);
    let map: Vec<u32> = (0..768).map(|i| (i % 256) * 257).collect();
    let indexed = Page::new((30, 20), 3, 1, 8, grey.as_raw().clone()).with(320, &map);
    assert_eq!(read(&[indexed]).expect("a palette"), as_rgb);
    let inks: Vec<u8> = image.pixels().flat_map(|p| [255 - p.0[0], 255 - p.0[1], 255 - p.0[2], 0]).collect();
    assert_eq!(read(&[Page::new((30, 20), 5, 4, 8, inks)]).expect("CMYK"), image);
    let with = |alpha: u8| image.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2], alpha]).collect::<Vec<u8>>();
    for alpha in [0, 255] {
        for extra in [0, 1, 2] {
            let page = Page::new((30, 20), 2, 4, 8, with(alpha)).with(338, &[extra]);
            assert_eq!(read(&[page]).expect("alpha"), image, "{alpha} {extra}");
        }
    }
}

#[test]
fn samples_are_scaled_by_what_the_file_says_and_never_by_a_guess() {
    let image = picture(30, 20, 5);
    let twelve: Vec<u8> =
        image.as_raw().iter().flat_map(|v| (u16::from(*v) * 16 + u16::from(*v) / 16).to_le_bytes()).collect();
    let page = Page::new((30, 20), 2, 3, 16, twelve);
    let says = read(std::slice::from_ref(&page)).expect_err("a guess").to_string();
    assert!(says.contains("16-bit samples go up to 4") && says.contains("save it with 8 bits"), "{says}");
    assert_eq!(read(&[page.clone().with(281, &[4095; 3])]).expect("its largest sample"), image);
    let ome = "<OME><Image><Pixels SizeC=\"3\" SignificantBits=\"12\" Type=\"uint16\"/></Image></OME>";
    assert_eq!(read(&[page.clone().says(ome)]).expect("OME"), image);
    assert!(read(&[page.with(281, &[1023; 3])]).expect_err("a contradiction").to_string().contains("go up to 1023"));
    // 12 bits, packed: the file says how many there are.
    let packed: Vec<u8> = image
        .as_raw()
        .chunks_exact(2)
        .flat_map(|p| {
            let [a, b] = [p[0], p[1]].map(|v| u32::from(v) * 16 + u32::from(v) / 16);
            let both = a << 12 | b;
            [(both >> 16) as u8, (both >> 8) as u8, both as u8]
        })
        .collect();
    assert_eq!(read(&[Page::new((30, 20), 2, 3, 12, packed)]).expect("12 bits"), image);
    let float = |top: f32| {
        let data = image.as_raw().iter().flat_map(|v| (f32::from(*v) / 255.0 * top).to_le_bytes()).collect();
        Page::new((30, 20), 2, 3, 32, data).with(339, &[3; 3])
    };
    assert_eq!(read(&[float(1.0)]).expect("0 to 1"), image);
    assert!(matches!(read(&[float(255.0)]), Err(Reason::Depth { .. })));
    let long = image.as_raw().iter().flat_map(|v| u32::from(*v).to_le_bytes()).collect();
    assert!(matches!(read(&[Page::new((30, 20), 2, 3, 32, long)]), Err(Reason::Depth { .. })));
    let signed = Page::new((30, 20), 2, 3, 16, vec![1; 3600]).with(339, &[2; 3]);
    assert!(read(&[signed]).expect_err("signed").to_string().contains("signed samples"));
}

#[test]
fn of_several_pages_the_full_picture_is_taken_and_several_pictures_are_refused_by_name() {
    let (image, other) = (picture(70, 50, 3), picture(70, 50, 4));
    let small = Page::rgb(&picture(14, 10, 3)).with(254, &[1]);
    assert_eq!(read(&[small.clone(), Page::rgb(&image)]).expect("the full one"), image);
    assert_eq!(read(&[Page::rgb(&image), small]).expect("the full one"), image);
    assert_eq!(read(&[Page::rgb(&image), Page::rgb(&other)]), Err(Reason::Pages(2)));
    let channel = |n| Page::new((70, 50), 1, 1, 8, vec![n; 3500]);
    let image_j = channel(1).says("ImageJ=1.53\nimages=3\nchannels=3\nmode=composite");
    assert_eq!(read(&[image_j.clone(), channel(2), channel(3)]), Err(Reason::Channels(3)));
    assert_eq!(read(&[image_j]), Err(Reason::Channels(3)), "the others follow without tags of their own");
    assert_eq!(read(&[channel(1).says("{\"shape\": [3, 50, 70]}")]), Err(Reason::Pages(3)));
}

#[test]
fn what_is_not_read_is_refused_with_the_true_reason() {
    let page = Page::rgb(&picture(30, 20, 1));
    for (page, says) in [
        (page.clone().with(259, &[50_000]), "Zstandard compression"),
        (page.clone().with(259, &[50_001]), "WebP compression"),
        (page.clone().with(259, &[34_712]), "JPEG 2000 compression"),
        (page.clone().with(262, &[8]), "L*a*b* colours"),
        (page.clone().with(262, &[32_803]), "raw data"),
        (page.clone().with(262, &[1]), "3 grey channels"),
        (page.clone().says("Aperio Image Library v11"), "an Aperio slide (SVS)"),
        (page.clone().with(50_706, &[1]), "raw photograph (DNG)"),
    ] {
        let reason = read(&[page]).expect_err("not read").to_string();
        assert!(reason.contains(says), "{reason}");
    }
    let mut cut = page.clone();
    cut.chunks[0].truncate(900);
    assert_eq!(read(&[cut]), Err(Reason::Truncated("its data end early")));
    let mut cut = page.with(259, &[5]);
    cut.chunks[0] = lzw(&cut.chunks[0][..900]);
    assert_eq!(read(&[cut]), Err(Reason::Truncated("its data end early")));
}
