//! The default network, and another one of the same layers where the machine has it, against what PyTorch computed with the
//! same weights.

use leukoscope::{
    domain::ClassTable,
    model::{Compute, DeviceChoice, Input, Network, NetworkFile, SimdPath},
};

use super::{
    common,
    support::{largest_difference, rows},
};

const TOLERANCE: f32 = 1e-4;

fn network() -> Network {
    Network::load(&NetworkFile::embedded(), &ClassTable::default(), DeviceChoice::Cpu).expect("the default network")
}

/// A network with every set of vector instructions that this processor has.
fn networks(file: &NetworkFile) -> impl Iterator<Item = (&'static str, Network)> {
    let load = move |simd: SimdPath| {
        let compute = Compute { simd, ..DeviceChoice::Cpu.into() };
        (simd.name(), Network::load(file, &ClassTable::default(), compute).expect("a network"))
    };
    SimdPath::available().into_iter().map(load)
}

fn inputs(network: &Network, record: &[u8]) -> Vec<Input> {
    let input = |values| Input::from_values(values, &network.info().input).expect("an input");
    rows(record, "input").into_iter().map(input).collect()
}

/// Softmax over all outputs: the record knows nothing of untrained classes.
fn softmax(logits: &[f32]) -> Vec<f32> {
    let sum: f32 = logits.iter().map(|l| l.exp()).sum();
    logits.iter().map(|l| l.exp() / sum).collect()
}

fn agrees(file: &NetworkFile, record: &[u8]) {
    for (path, network) in networks(file) {
        let logits = network.logits(&inputs(&network, record)).expect("logits");
        let difference = largest_difference(&logits, &rows(record, "logits"));
        println!("{path}: {} pictures, logits differ by at most {difference:.1e}", logits.len());
        assert!(difference <= TOLERANCE, "{path}: logits differ by {difference}");
        let probabilities: Vec<_> = logits.iter().map(|l| softmax(l)).collect();
        assert!(largest_difference(&probabilities, &rows(record, "probabilities")) <= TOLERANCE);
    }
}

#[test]
fn the_same_pictures_give_the_same_bits_from_run_to_run() {
    for (path, network) in networks(&NetworkFile::embedded()) {
        let recorded = inputs(&network, include_bytes!("../fixtures/reference_io.safetensors"));
        let inputs: Vec<_> = recorded.iter().cycle().take(5).cloned().collect();
        let bits = |count: usize| -> Vec<u32> {
            network.logits(&inputs[..count]).expect("logits").into_iter().flatten().map(f32::to_bits).collect()
        };
        // Fewer pictures than threads, and more: a picture shared among threads, and one a thread. The portable path is
        // slow in a test build.
        let counts: &[usize] = if path == "portable" { &[3] } else { &[1, 2, 3, 5] };
        for &count in counts {
            assert_eq!(bits(count), bits(count), "{path}: {count} pictures differ from run to run");
        }
    }
}

#[test]
fn outputs_agree_with_pytorch() {
    agrees(&NetworkFile::embedded(), include_bytes!("../fixtures/reference_io.safetensors"));
}

#[test]
fn outputs_agree_with_the_full_record() {
    let Some(shared) = common::shared() else { return };
    let file = NetworkFile::open(&shared.join("model/reference.safetensors")).expect("the network of the record");
    agrees(&file, &std::fs::read(shared.join("model/reference_io.safetensors")).expect("the record"));
}

#[test]
fn untrained_classes_are_ranked_last_without_probability_and_the_rest_keep_their_proportions() {
    let network = network();
    let record = include_bytes!("../fixtures/reference_io.safetensors");
    let table = ClassTable::default();
    let rankings = network.predict(&inputs(&network, record)).expect("rankings");
    let temperature = network.info().temperature as f32;
    for (ranking, logits) in rankings.iter().zip(rows(record, "logits")) {
        let recorded = softmax(&logits.iter().map(|l| l / temperature).collect::<Vec<f32>>());
        assert_eq!(ranking.entries().len(), 15);
        let last: Vec<_> = ranking.entries()[13..].iter().map(|(id, p)| (table.code(*id), *p)).collect();
        assert_eq!(last, [("MOB", 0.0), ("PMB", 0.0)]);
        let of = |code: &str| network.info().classes.iter().position(|c| c == code).map(|i| recorded[i]).expect(code);
        let trained = 1.0 - of("MOB") - of("PMB");
        for (id, p) in &ranking.entries()[..13] {
            assert!((p - of(table.code(*id)) / trained).abs() <= TOLERANCE, "{}", table.code(*id));
        }
        assert!((ranking.blast - of("MYO") / trained).abs() <= TOLERANCE);
    }
}

#[test]
fn a_batch_gives_what_its_images_give_alone_and_an_empty_one_gives_nothing() {
    let network = network();
    let inputs = inputs(&network, include_bytes!("../fixtures/reference_io.safetensors"));
    let together = network.logits(&inputs).expect("logits");
    for (input, expected) in inputs.iter().zip(&together) {
        let alone = network.logits(std::slice::from_ref(input)).expect("logits");
        assert!(largest_difference(&alone, std::slice::from_ref(expected)) <= 1e-5);
    }
    assert!(network.predict(&[]).expect("nothing to do").is_empty());
}
