//! Image files, networks and settings, damaged in every way that a seed draws: there is an answer, it is the same twice,
//! it comes in bounded time and memory, nothing panics, and nothing in it steers a terminal.

use std::{borrow::Cow, io::Cursor, sync::mpsc, time::Duration};

use image::{DynamicImage, ImageFormat};
use leukoscope::{
    domain::{ClassTable, FileProblem, FlagRules, Laboratory, Ranges},
    intake::{Limits, decode, own_scale},
    model::NetworkFile,
    phantom,
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_pcg::Pcg64;

use crate::seeds;

/// Longer than any of these takes on a machine that does ten things at once; a loop without an end takes longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the decoders may take for pictures of these limits, and the program itself, in KiB.
const MEMORY: u64 = 1 << 20;

const LIMITS: Limits = Limits { max_file_bytes: 4 << 20, max_pixels: 400_000, max_side: 2_000 };

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// Drawn cells in every format, of every kind of pixels that the encoders here make.
fn whole_files() -> Vec<Vec<u8>> {
    let cell = phantom::render("MYO", 3).expect("a drawing");
    let cell = DynamicImage::ImageRgb8(cell).thumbnail_exact(61, 45);
    let mut files = vec![
        include_bytes!("../fixtures/progressive.jpg").to_vec(),
        include_bytes!("../fixtures/restarts.jpg").to_vec(),
        encoded(&cell.to_rgb16().into(), ImageFormat::Png),
        encoded(&cell.to_rgba8().into(), ImageFormat::Png),
        encoded(&cell.to_rgba16().into(), ImageFormat::Tiff),
        encoded(&cell.to_luma8().into(), ImageFormat::Tiff),
        encoded(&cell.to_rgb32f().into(), ImageFormat::Tiff),
    ];
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP, ImageFormat::Tiff] {
        files.push(encoded(&cell, format));
    }
    files
}

/// A few changes of the kinds that disks, networks, programs and people make.
fn damaged(mut bytes: Vec<u8>, others: &[Vec<u8>], dice: &mut Pcg64) -> Vec<u8> {
    for _ in 0..dice.random_range(1..6) {
        let length = bytes.len();
        if length < 8 {
            break;
        }
        // Headers are short, and where most depends on: half of the changes go there.
        let within = if dice.random() { length.min(256) } else { length };
        let at = dice.random_range(0..within);
        match dice.random_range(0..8) {
            0 => bytes[at] ^= 1 << dice.random_range(0..8),
            1 => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].choose(dice).expect("one of them"),
            2 => bytes.truncate(dice.random_range(0..length)),
            3 => {
                let end = (at + dice.random_range(1..200)).min(length);
                bytes[at..end].fill(*[0, 0xff].choose(dice).expect("one of them"));
            }
            4 => {
                // A number of four bytes that is small, large, or the largest.
                let number = *[0_u32, 1, 3, 60_000, 0x7fff_ffff, u32::MAX].choose(dice).expect("one of them");
                let number = if dice.random() { number.to_le_bytes() } else { number.to_be_bytes() };
                let end = (at + 4).min(length);
                bytes[at..end].copy_from_slice(&number[..end - at]);
            }
            5 => {
                let end = (at + dice.random_range(1..100)).min(length);
                let part: Vec<u8> = bytes[at..end].to_vec();
                let to = dice.random_range(0..length);
                bytes.splice(to..to, part);
            }
            6 => _ = bytes.drain(at..(at + dice.random_range(1..60)).min(length)),
            _ => {
                let other = others.choose(dice).expect("one of them");
                let from = dice.random_range(0..other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
        }
    }
    bytes
}

fn harmless(text: &str, seed: u64) {
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    assert!(bad.is_none(), "seed {seed}: {bad:?} in {text:?}");
}

/// Runs the work on a thread of its own; what does not end fails with its seed.
fn in_time(what: &'static str, range: std::ops::Range<u64>, work: impl Fn(u64) + Send + 'static) {
    let (tell, told) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        for seed in range {
            tell.send(seed).expect("somebody listens");
            work(seed);
        }
    });
    let mut at = None;
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(seed) => at = Some(seed),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what}: seed {at:?} does not end"),
        }
    }
    assert!(worker.join().is_ok(), "{what}: seed {at:?} panicked");
    if let Some(peak) = peak_memory() {
        assert!(peak < MEMORY, "{what}: {peak} KiB of memory were taken");
    }
}

/// The most memory that this process ever had, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn damaged_images_get_one_answer_and_never_a_panic() {
    let files = whole_files();
    for file in &files {
        decode(file, &LIMITS).expect("whole, it is read");
    }
    in_time("images", seeds(2_000), move |seed| {
        let mut dice = Pcg64::seed_from_u64(seed);
        let file = files.choose(&mut dice).expect("one of them").clone();
        let bytes = damaged(file, &files, &mut dice);
        let (first, again) = (decode(&bytes, &LIMITS), decode(&bytes, &LIMITS));
        assert_eq!(first, again, "seed {seed}: two answers");
        match first {
            Ok(picture) => {
                let pixels = u64::from(picture.width()) * u64::from(picture.height());
                assert!(pixels > 0 && pixels <= LIMITS.max_pixels, "seed {seed}");
            }
            Err(reason) => {
                let text = reason.to_string();
                harmless(&text, seed);
                // Where a crate's decoder panics it is caught; this program's own must not.
                let ours = bytes.starts_with(b"II") || bytes.starts_with(b"MM");
                assert!(!(ours && text.contains("the decoder failed on it")), "seed {seed}: {text}");
            }
        }
        assert!(own_scale(&bytes).is_none_or(|um| (0.01..0.95).contains(&um)), "seed {seed}");
    });
}

#[test]
fn damaged_networks_are_refused_or_read_and_never_a_panic() {
    let whole = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/default.safetensors")).expect("the network");
    let others =
        vec![br#"{"__metadata__":{"x":"\u001b[2J"},"a":{"dtype":"F64","shape":[9],"data_offsets":[0,8]}}"#.to_vec()];
    let few = (seeds(40).end - seeds(40).start).min(2_000);
    in_time("networks", seeds(40).start..seeds(40).start + few, move |seed| {
        let bytes = damaged(whole.clone(), &others, &mut Pcg64::seed_from_u64(seed));
        let answer = || {
            NetworkFile::parse("n.safetensors", "n", Cow::Owned(bytes.clone()))
                .map(|f| f.info.sha256)
                .map_err(|e| e.to_string())
        };
        let first = answer();
        assert_eq!(first, answer(), "seed {seed}: two answers");
        if let Err(text) = first {
            harmless(&text, seed);
        }
    });
}

#[test]
fn damaged_settings_are_refused_or_read_and_never_a_panic() {
    let files: Vec<Vec<u8>> = ["classes", "flags", "ranges", "laboratory"]
        .iter()
        .map(|name| std::fs::read(format!("{}/data/{name}.toml", env!("CARGO_MANIFEST_DIR"))).expect("settings"))
        .collect();
    let table = ClassTable::default();
    let said = |problems: Vec<FileProblem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    in_time("settings", seeds(400), move |seed| {
        let mut dice = Pcg64::seed_from_u64(seed);
        let which = dice.random_range(0..files.len());
        let bytes = damaged(files[which].clone(), &files, &mut dice);
        let text = String::from_utf8_lossy(&bytes);
        let problems = match which {
            0 => ClassTable::parse(&text).err().map(|e| e.to_string()),
            1 => FlagRules::parse(&text, &table).err().map(said),
            2 => Ranges::parse(&text, &table).err().map(said),
            _ => Laboratory::parse(&text).err().map(said),
        };
        if let Some(text) = problems {
            harmless(&text, seed);
        }
    });
}
