//! What a terminal may send: keys pressed and held, answers in pieces, pastes, noise, resizes. All of it goes through the decoder,
//! the keyboard and the reducer that the program runs, with time told and frames painted as the program's loop does.
//!
//! The oracle knows nothing of all that: it lists the keys that a finger pressed, and each decision has to have one of its own.

mod rig;

use rand::{Rng, SeedableRng, seq::IndexedRandom as _};
use rand_pcg::Pcg64;

use super::seeds;
use rig::Rig;

/// Everything that terminals answer or send unasked, as far as it has letters in it.
const SENT: [&[u8]; 18] = [
    b"\x1b[?62;22c",
    b"\x1b[6;20;10t",
    b"\x1b[?31u",
    b"\x1b[12;40R",
    b"\x1b[?2026;2$y",
    b"\x1b[0n",
    b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
    b"\x1bP>|kitty(0.36.4)\x1b\\",
    b"\x1b_Gi=31;ENODATA:s n b\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x07",
    b"\x1b]52;c;c3Ns\x1b\\",
    b"\x1b^s l\x1b\\",
    b"\x1b[<0;10;20M",
    b"\x1b[<0;10;20m",
    b"\x1b[Mslc",
    b"\x1b[115;9u",
    b"\x9b?62;22c",
    b"\xc2\x9b?62;22c",
];
/// Keys that decide, as a plain terminal sends them, and their numbers in kitty's protocol.
const KEYS: [(u8, u32); 12] = [
    (b's', 115),
    (b'l', 108),
    (b'b', 98),
    (b'm', 109),
    (b'y', 121),
    (b'c', 99),
    (b't', 116),
    (b'x', 120),
    (b' ', 32),
    (b'\r', 13),
    (b'u', 117),
    (b'A', 65),
];
/// Keys that lead elsewhere.
const ELSEWHERE: [&[u8]; 16] = [
    b"V",
    b"\x1b",
    b"\x1b[C",
    b"\x1b[D",
    b"\x1b[B",
    b"\t",
    b"?",
    b"S",
    b"N",
    b"O",
    b"F",
    b"E",
    b"H",
    b"Q",
    b"\x1b[13u",
    b"z",
];

fn pause(random: &mut Pcg64) -> u64 {
    *[1, 20, 60, 300, 750, 2_000, 4_500].choose(random).expect("some")
}

/// One thing that happens at a terminal.
fn happen(rig: &mut Rig, random: &mut Pcg64) {
    match random.random_range(0..14) {
        0..=2 => {
            // A finger.
            let (byte, _) = *KEYS.choose(random).expect("some");
            rig.press(byte);
            rig.send(&[byte]);
            rig.wait(random.random_range(100..700));
        }
        3 => {
            // The same finger, the same key.
            let (byte, _) = *KEYS.choose(random).expect("some");
            for _ in 0..random.random_range(2..12) {
                rig.press(byte);
                rig.send(&[byte]);
                rig.wait(random.random_range(100..260));
            }
        }
        4 => {
            // Held, where the terminal says so.
            let (byte, number) = *KEYS.choose(random).expect("some");
            rig.press(byte);
            rig.send(format!("\x1b[{number};1:1u").as_bytes());
            rig.wait(random.random_range(200..600));
            for _ in 0..random.random_range(0..20) {
                rig.send(format!("\x1b[{number};1:2u").as_bytes());
                rig.wait(random.random_range(15..100));
            }
            rig.send(format!("\x1b[{number};1:3u").as_bytes());
            rig.wait(random.random_range(0..300));
        }
        5 | 6 => hold(rig, random),
        7..=9 => in_pieces(rig, random),
        10 => {
            // A paste, perhaps in pieces or without its end.
            let ends = random.random_bool(0.7);
            let text = [b"\x1b[200~".as_slice(), b"s l\rs b  x", if ends { b"\x1b[201~" } else { b"" }].concat();
            let cut = random.random_range(1..text.len());
            rig.send(&text[..cut]);
            rig.wait(pause(random));
            rig.send(&text[cut..]);
            rig.wait(if ends { pause(random) } else { 6_000 });
        }
        11 => {
            // A paste without a mark.
            let n = random.random_range(3..40);
            let text: Vec<u8> = (0..n).map(|_| KEYS.choose(random).expect("some").0).filter(|b| *b != b'\r').collect();
            if text.len() >= 3 {
                rig.send(&text);
            }
            rig.wait(pause(random));
        }
        12 => {
            rig.resize(random.random_range(60..250), random.random_range(10..80));
            let key = *ELSEWHERE.choose(random).expect("some");
            if key == b"\x1b[13u" {
                rig.press(b'\r');
            }
            rig.send(key);
            rig.wait(random.random_range(100..1_000));
        }
        _ => {
            // Noise. Whatever in it could be a key counts as one. Without `u` it makes no key of kitty's protocol.
            let n = random.random_range(1..200);
            let any = |random: &mut Pcg64| match random.random_range(0..4) {
                0 => 0x1b,
                1 => *b"[]PO_^X;?0123456789:~<$\\".choose(random).expect("some"),
                _ => random.random(),
            };
            let noise: Vec<u8> = (0..n).map(|_| any(random)).filter(|b| !b"u\x03qQ".contains(b)).collect();
            noise.iter().for_each(|byte| rig.press(*byte));
            for piece in noise.chunks(random.random_range(1..50)) {
                rig.send(piece);
                rig.wait(random.random_range(0..80));
            }
            rig.wait(700);
        }
    }
}

/// A key is held, on a terminal that tells nothing of it.
fn hold(rig: &mut Rig, random: &mut Pcg64) {
    let (byte, _) = *KEYS.choose(random).expect("some");
    // Another key was the last one.
    rig.send(b"\x1b[C");
    rig.wait(300);
    rig.press(byte);
    rig.send(&[byte]);
    let (delay, rate) = (random.random_range(225..1_000), random.random_range(15.0..100.0));
    let (grid, jitter) = *[(1_u64, 0.0), (1, 4.0), (20, 0.0), (20, 3.0), (16, 2.0)].choose(random).expect("some");
    let mut before = 0;
    for i in 0..random.random_range(6..40) {
        let at = f64::from(delay) + f64::from(i) * rate + random.random_range(-jitter..=jitter);
        let at = (at as u64).div_ceil(grid) * grid;
        rig.wait(at.saturating_sub(before));
        before = at.max(before);
        rig.send(&[byte]);
    }
    rig.wait(random.random_range(200..2_000));
    rig.send(b"\x1b[D");
    rig.wait(200);
}

/// What a terminal sends comes in pieces, or something else comes in the middle of it, or its end never comes.
fn in_pieces(rig: &mut Rig, random: &mut Pcg64) {
    let sent = *SENT.choose(random).expect("some");
    let cut = random.random_range(1..sent.len());
    rig.send(&sent[..cut]);
    match random.random_range(0..4) {
        // Of X10's mouse nobody knows where it would go on.
        0 if !sent.starts_with(b"\x1b[M") => rig.send(SENT.choose(random).expect("some")),
        1 if cut > 1 => return rig.wait(pause(random)),
        _ => rig.wait(pause(random)),
    }
    for piece in sent[cut..].chunks(random.random_range(1..20)) {
        rig.send(piece);
        rig.wait(if random.random_bool(0.3) { pause(random) } else { 1 });
    }
    rig.wait(pause(random));
}

#[test]
fn no_decision_without_a_press_of_its_key_whatever_a_terminal_sends() {
    let seeds = seeds(200);
    let mut decisions = 0;
    for seed in seeds.clone() {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut rig = Rig::new(seed);
        for _ in 0..random.random_range(1..25) {
            happen(&mut rig, &mut random);
        }
        decisions += rig.end();
    }
    println!("{} streams, {decisions} decisions, each with its press", seeds.end - seeds.start);
    assert!(decisions as u64 > (seeds.end - seeds.start) / 2, "keys that are pressed decide: {decisions}");
}

/// Bytes, and the pause before them in ms.
type Piece = (u64, &'static [u8]);

/// Streams that once decided what nobody had decided: what they are, their pieces, and the presses among them.
const FOUND: [(&str, &[Piece], &[u8]); 17] = [
    ("attributes in two pieces", &[(0, b"\x1b[?62"), (750, b";22c")], b""),
    ("the size of a cell in two pieces", &[(0, b"\x1b[6;20"), (750, b";10t")], b""),
    ("a colour in three pieces", &[(0, b"\x1bP1$r0;48"), (750, b":2::1:2"), (750, b":3m\x1b\\")], b""),
    ("the ESC by itself", &[(0, b"\x1b"), (750, b"[?62;22c")], b""),
    ("a keypad", &[(0, b"\x1bO"), (10, b"s")], b""),
    ("8-bit controls", &[(0, b"\x9b?62;2"), (750, b"2c")], b""),
    ("a paste without a mark", &[(0, b"sslbx")], b""),
    ("a paste that ends late", &[(0, b"\x1b[200~ss"), (750, b"s s\x1b[201~")], b""),
    ("an answer in the middle of an answer", &[(0, b"\x1bP1$r0;48:2"), (0, b"\x1b[6;20;10t"), (0, b";3m\x1b\\")], b""),
    (
        "an answer that goes on late after another",
        &[(0, b"\x1bP1$r0;48:"), (0, b"\x1b^s l\x1b\\"), (60, b":2:3"), (2_000, b"m\x1b\\")],
        b"",
    ),
    ("8-bit controls in the middle of an answer", &[(0, b"\x1b[?3"), (0, b"\xc2\x9b?62;22c"), (0, b"1u")], b""),
    ("an answer after an ESC", &[(0, b"\x1b"), (0, b"\x1b[<0;10;20m"), (0, b"["), (1, b"0"), (1, b"n")], b""),
    ("letters at once with the end of something", &[(0, b"\x1b["), (300, b"ucc")], b""),
    (
        "a mouse that is broken off by an answer",
        &[(0, b"\x1b[M"), (300, b"\x1bP1$r0;48:2::1:2:"), (300, b"3m\x1b\\")],
        b"",
    ),
    (
        "a private message after an ESC and an 8-bit control",
        &[(0, b"\x1b"), (0, b"\x9b?62;22c"), (0, b"^"), (1, b"s")],
        b"",
    ),
    (
        "a version in pieces after an ESC",
        &[(0, b"\x1b"), (0, b"\x1b]11;rgb:ffff\x07"), (0, b"P"), (60, b">"), (2_000, b"|"), (1, b"k")],
        b"",
    ),
    ("a mouse that is broken off by an 8-bit control", &[(0, b"\x1b[M"), (4_500, b"\x9b?62;22"), (60, b"c")], b""),
];

#[test]
fn what_was_found_once_stays_found() {
    for (name, pieces, pressed) in FOUND {
        let mut rig = Rig::new(0);
        pressed.iter().for_each(|key| rig.press(*key));
        for (pause, bytes) in pieces {
            rig.wait(*pause);
            rig.send(bytes);
        }
        assert_eq!(rig.end(), pressed.len(), "{name}");
    }
}
