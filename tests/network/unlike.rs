//! What tells pictures that are unlike the training data: fitted, written into a file, read back, refused when damaged.

use std::{borrow::Cow, sync::OnceLock};

use image::{Rgb, RgbImage};
use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, ModelError, Network, NetworkFile, Unlike, UnlikeError, fit_unlike, preprocess},
    phantom,
};

use super::support::Parts;

const SHARE: f64 = 0.1;

fn load(file: &NetworkFile) -> Result<Network, ModelError> {
    Network::load(file, &ClassTable::default(), DeviceChoice::Cpu)
}

fn phantoms(network: &Network, seeds: std::ops::Range<u64>) -> Vec<Input> {
    let draw = |(seed, code): (u64, &str)| phantom::render(code, seed).expect("a class that can be drawn");
    let all = seeds.flat_map(|seed| ["NGS", "LYT", "MON", "MYO"].map(|code| (seed, code)));
    all.map(|which| preprocess(&draw(which), Some(phantom::UM_PER_PX), &network.info().input)).collect()
}

/// Pictures with the class that the network gives them, so that every answer is right.
fn labelled(network: &Network, inputs: &[Input]) -> Vec<(Input, usize)> {
    let top = |logits: &[f32]| (0..logits.len()).fold(0, |best, i| if logits[i] > logits[best] { i } else { best });
    let logits = network.logits(inputs).expect("logits");
    inputs.iter().cloned().zip(logits.iter().map(|l| top(l))).collect()
}

struct Fitted {
    plain: NetworkFile,
    network: Network,
    held_out: Vec<(Input, usize)>,
    unlike: Unlike,
    bytes: Vec<u8>,
}

/// A small network that nobody trained, whose classes are what it makes of drawn cells.
fn fitted() -> &'static Fitted {
    static FITTED: OnceLock<Fitted> = OnceLock::new();
    FITTED.get_or_init(|| {
        let plain = Parts::small().parse().expect("a network");
        let network = load(&plain).expect("a network");
        let training = labelled(&network, &phantoms(&network, 0..50));
        let held_out = labelled(&network, &phantoms(&network, 100..140));
        let unlike = fit_unlike(&network, training, held_out.clone(), SHARE).expect("fitted");
        let bytes = plain.with(Some(2.0), Some(&unlike)).expect("a file");
        Fitted { plain, network, held_out, unlike, bytes }
    })
}

fn parse(bytes: &[u8]) -> Result<NetworkFile, ModelError> {
    NetworkFile::parse("x.safetensors", "x", Cow::Owned(bytes.to_vec()))
}

/// The colour at a place of picture number so much.
type Drawing = fn(u32, u32, u32) -> [u8; 3];

#[test]
fn the_share_that_was_chosen_is_flagged_and_odd_pictures_are_more_odd() {
    let Fitted { network, held_out, unlike, .. } = fitted();
    let inputs: Vec<Input> = held_out.iter().map(|h| h.0.clone()).collect();
    let flagged = |inputs: &[Input]| {
        let outputs = network.outputs(inputs).expect("outputs");
        let scores: Vec<f64> = outputs.iter().map(|o| unlike.score(o)).collect();
        assert!(scores.iter().all(|s| (0.0..=1.0).contains(s)));
        scores.iter().filter(|s| **s > unlike.info().threshold).count()
    };
    assert_eq!((unlike.info().held_out, inputs.len()), (160, 160));
    assert_eq!(flagged(&inputs), 16, "one in ten");
    let spec = &network.info().input;
    let frame = |i: u32, f: Drawing| preprocess(&RgbImage::from_fn(64, 64, |x, y| Rgb(f(x, y, i))), None, spec);
    // Stripes, chequers, glare and darkness.
    let odd: [Drawing; 4] = [
        |x, _, i| if (x / (2 + i % 3)) % 2 == 0 { [0, 255, 0] } else { [255, 0, 255] },
        |x, y, i| if (x / (3 + i) + y / 3) % 2 == 0 { [0; 3] } else { [255; 3] },
        |_, _, _| [255; 3],
        |_, _, i| [i as u8; 3],
    ];
    let odd: Vec<Input> = (0..5).flat_map(|i| odd.map(|f| frame(i, f))).collect();
    assert_eq!(flagged(&odd), odd.len());
}

#[test]
fn a_file_gives_back_what_was_fitted_and_says_so_with_every_ranking() {
    let Fitted { plain, network, held_out, unlike, bytes } = fitted();
    let file = parse(bytes).expect("a network file");
    assert_eq!((file.info.temperature, file.info.unlike.as_ref()), (2.0, Some(unlike.info())));
    assert_ne!(file.info.sha256, plain.info.sha256, "another network in every record");
    let told = leukoscope::model::describe(&file.info);
    let row = |what: &str| told.iter().find(|r| r.0 == what).map(|r| r.1.clone()).expect(what);
    assert_eq!(row("temperature"), "2");
    assert!(row("unlike").contains("above 0.900: 10.0% of 160 right answers"), "{}", row("unlike"));

    let loaded = load(&file).expect("a network");
    let inputs: Vec<Input> = held_out.iter().take(9).map(|h| h.0.clone()).collect();
    let (before, after) = (network.predict(&inputs).expect("rankings"), loaded.predict(&inputs).expect("rankings"));
    for ((before, after), output) in before.iter().zip(&after).zip(network.outputs(&inputs).expect("outputs")) {
        assert_eq!((before.top().0, before.unlike), (after.top().0, None));
        // Twice the temperature: the square roots of the probabilities, in proportion.
        let second = |r: &leukoscope::domain::Ranking| f64::from(r.entries()[1].1) / f64::from(r.top().1);
        assert!((second(before).sqrt() - second(after)).abs() < 1e-5);
        let found = after.unlike.expect("a score");
        assert!((f64::from(found.score) - unlike.score(&output)).abs() < 1e-5);
        assert_eq!(found.flagged, unlike.score(&output) > unlike.info().threshold);
    }
    assert_eq!(loaded.logits(&inputs).expect("logits"), network.logits(&inputs).expect("logits"), "these stay raw");

    // Written once more, it replaces what was there; alone, the temperature leaves it.
    let again = parse(&file.with(None, Some(unlike)).expect("a file")).expect("a network file");
    assert_eq!((again.info.temperature, again.bytes.len()), (2.0, file.bytes.len()));
    let cooler = parse(&file.with(Some(0.5), None).expect("a file")).expect("a network file");
    assert_eq!((cooler.info.temperature, &cooler.info.unlike), (0.5, &file.info.unlike));
    assert!(file.with(Some(0.0), None).is_err_and(|e| e.to_string().contains("temperature")));
}

/// A way to damage a network, and what the error must say.
type Case = (fn(&mut Parts), &'static [&'static str]);

#[test]
fn whatever_is_wrong_with_it_is_said_with_its_place() {
    let cases: [Case; 7] = [
        (|p| drop(p.tensors.remove("unlike.means")), &["no tensor `unlike.means`"]),
        (
            |p| p.tensors.get_mut("unlike.means").expect("a tensor").1.reverse(),
            &["`unlike.means` has shape [64, ", "ask for [64, 64]"],
        ),
        (|p| p.set("unlike.whitening", 0, f32::NAN), &["`unlike.whitening` holds NaN"]),
        (
            |p| p.tensors.get_mut("unlike.tails").expect("a tensor").0 = safetensors::Dtype::I32,
            &["`unlike.tails` holds I32"],
        ),
        (|p| p.set("unlike.tails", 0, 1e9), &["`unlike.tails` holds values that do not rise", "fit it again"]),
        (
            |p| p.metadata.as_mut().expect("metadata")["unlike"]["method"] = "other\u{1b}/2".into(),
            &["`leukoscope.unlike`", "other\\u{1b}/2", "newer program"],
        ),
        (
            |p| p.metadata.as_mut().expect("metadata")["unlike"]["threshold"] = 1.5.into(),
            &["`leukoscope.unlike`", "threshold is 1.5"],
        ),
    ];
    for (damage, wanted) in cases {
        let mut parts = Parts::of(&fitted().bytes);
        damage(&mut parts);
        let result = parts.parse().and_then(|file| load(&file));
        let said = result.err().unwrap_or_else(|| panic!("loaded although {wanted:?}")).to_string();
        for part in wanted.iter().chain(&["x.safetensors"]) {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
}

#[test]
fn too_little_to_learn_from_is_refused() {
    let Fitted { network, held_out, .. } = fitted();
    let fit = |training: &[(Input, usize)], held_out: &[(Input, usize)], share| {
        fit_unlike(network, training.to_vec(), held_out.to_vec(), share).expect_err("refused")
    };
    let few = fit(held_out, &held_out[..30], SHARE);
    assert!(matches!(few, UnlikeError::TooFewRight { right: 30 }), "{few}");
    let wrong: Vec<_> = held_out.iter().map(|(input, class)| (input.clone(), (class + 1) % 5)).collect();
    assert!(matches!(fit(held_out, &wrong, SHARE), UnlikeError::TooFewRight { right: 0 }));
    assert!(matches!(fit(&held_out[..3], held_out, SHARE), UnlikeError::NoClass));
    assert!(matches!(fit(held_out, held_out, 0.0), UnlikeError::Share(_)));
    let foreign = vec![(held_out[0].0.clone(), 5)];
    assert!(matches!(fit(&foreign, held_out, SHARE), UnlikeError::Foreign(0, "training pictures")));
}
