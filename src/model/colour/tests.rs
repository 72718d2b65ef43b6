//! Frames in another light, in another stain, and odd ones.

use image::{Rgb, RgbImage};

use super::{Colour, Correction, Stain};

/// A drawn smear: red cells and a leukocyte on plasma, by amounts of two dyes in optical density.
fn frame(eosin: [f32; 3], azure: [f32; 3], white: [f32; 3]) -> RgbImage {
    let near = |x: u32, y: u32, cx: f32, cy: f32| ((x as f32 - cx).powi(2) + (y as f32 - cy).powi(2)).sqrt();
    RgbImage::from_fn(120, 120, |x, y| {
        let red = [(15.0, 15.0), (100.0, 20.0), (18.0, 102.0), (104.0, 100.0), (60.0, 8.0)];
        let red = red.iter().map(|&(cx, cy)| near(x, y, cx, cy)).fold(f32::INFINITY, f32::min);
        let (pink, blue) = match (near(x, y, 60.0, 62.0), red) {
            (r, _) if r < 18.0 => (0.15 + 0.1 * ((x * 7 + y * 3) % 5) as f32 / 5.0, 2.2),
            (r, _) if r < 30.0 => (0.2, 0.7 + 0.1 * ((x + 5 * y) % 7) as f32 / 7.0),
            (_, r) if r < 20.0 => (0.7 - 0.01 * (20.0 - r), 0.02),
            _ => (0.0, 0.0),
        };
        Rgb(std::array::from_fn(|c| (white[c] * (-(pink * eosin[c] + blue * azure[c])).exp()).round() as u8))
    })
}

const EOSIN: [f32; 3] = [0.50, 0.68, 0.53];
const AZURE: [f32; 3] = [0.51, 0.85, 0.14];
const DAYLIGHT: [f32; 3] = [236.0, 232.0, 228.0];

fn corrected(frame: &RgbImage, colour: Colour) -> Vec<u8> {
    let mut pixels = frame.as_raw().clone();
    Correction::of(frame, &colour).apply(&mut pixels);
    pixels
}

/// Mean absolute difference of the values of two pictures.
fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

#[test]
fn light_of_another_colour_and_strength_makes_no_difference() {
    let plain = frame(EOSIN, AZURE, DAYLIGHT);
    for white in [[250.0, 225.0, 190.0], [200.0, 200.0, 200.0], [180.0, 210.0, 240.0]] {
        let other = frame(EOSIN, AZURE, white);
        let before = difference(plain.as_raw(), other.as_raw());
        for colour in [Colour::Background, Colour::Stain(Stain::default())] {
            let after = difference(&corrected(&plain, colour), &corrected(&other, colour));
            assert!(before > 8.0 && after < 1.5, "{white:?} {colour:?}: {before} became {after}");
        }
    }
}

#[test]
fn another_stain_makes_little_difference_once_it_is_normalised() {
    let plain = frame(EOSIN, AZURE, DAYLIGHT);
    let scaled = |v: [f32; 3], by: f32| v.map(|x| x * by);
    for (eosin, azure) in [
        (scaled(EOSIN, 1.3), scaled(AZURE, 0.8)),
        (scaled(EOSIN, 0.8), scaled(AZURE, 1.2)),
        ([0.60, 0.62, 0.45], [0.62, 0.75, 0.22]),
    ] {
        let other = frame(eosin, azure, DAYLIGHT);
        let apart = |colour| difference(&corrected(&plain, colour), &corrected(&other, colour));
        let (light, stain) = (apart(Colour::Background), apart(Colour::Stain(Stain::default())));
        assert!(light > 3.0 && stain < 0.35 * light, "{eosin:?} {azure:?}: {light} became {stain}");
    }
}

#[test]
fn a_frame_that_looks_as_wanted_stays_as_it_is() {
    let plain = frame(EOSIN, AZURE, [240.0; 3]);
    assert_eq!(corrected(&plain, Colour::AsIs), *plain.as_raw());
    assert!(difference(&corrected(&plain, Colour::Background), plain.as_raw()) < 0.01);
}

#[test]
fn odd_frames_do_no_harm_and_get_no_colour_that_they_did_not_have() {
    let all = [Colour::Background, Colour::Stain(Stain::default())];
    for (width, height) in [(0, 0), (0, 9), (1, 1), (1, 700), (900, 2), (64, 64)] {
        for value in [0, 1, 128, 255] {
            let grey = RgbImage::from_pixel(width, height, Rgb([value; 3]));
            for colour in all {
                let pixels = corrected(&grey, colour);
                assert!(pixels.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]), "{width}x{height} {value}");
                assert_eq!(pixels.len(), grey.as_raw().len());
            }
        }
    }
    let steps = RgbImage::from_fn(64, 64, |x, y| Rgb([((x * 4 + y) % 256) as u8; 3]));
    for colour in all {
        assert!(corrected(&steps, colour).chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]), "grey stays grey");
    }
    // All nucleus: a limit keeps it dark.
    let nucleus = RgbImage::from_pixel(50, 50, Rgb([90, 30, 120]));
    for colour in all {
        assert!(corrected(&nucleus, colour).chunks_exact(3).all(|p| p[1] < 70), "{colour:?}");
    }
}

#[test]
fn it_is_written_as_its_method_and_its_targets() {
    let read = |text: &str| serde_json::from_str::<Colour>(text);
    assert_eq!(read(r#"{"method":"background"}"#).expect("read"), Colour::Background);
    assert_eq!(read(r#"{"method":"as-is"}"#).expect("read"), Colour::AsIs);
    assert_eq!(read(r#"{"method":"stain"}"#).expect("read"), Colour::Stain(Stain::default()));
    let stain = Colour::Stain(Stain { strength: [0.5, 1.5], ..Stain::default() });
    let text = serde_json::to_string(&stain).expect("written");
    assert!(text.starts_with(r#"{"method":"stain","eosin":["#), "{text}");
    assert_eq!(read(&text).expect("read"), stain);
    assert!(read(r#"{"method":"magic"}"#).is_err());
}
