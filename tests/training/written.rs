//! What was trained, written to a file and read for predicting.

use std::{borrow::Cow, collections::HashMap};

use candle_core::{Device, Tensor};
use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, Network, NetworkFile, SimdPath},
    train::{AdamW, Init, Loss, Mode, Rates, Trainable, step},
};
use serde_json::json;

use crate::reference::{WEIGHTS, architecture, network};

const SIDE: usize = 33;

/// Pictures that are no images.
fn pictures(count: usize) -> Vec<Vec<f32>> {
    let value = |i: usize| ((i * 7919 % 1009) as f32 / 504.5 - 1.0) * (1.0 + (i % 13) as f32 / 13.0);
    (0..count).map(|n| (0..3 * SIDE * SIDE).map(|i| value(i + n * 31)).collect()).collect()
}

fn tensor(pictures: &[Vec<f32>]) -> Tensor {
    Tensor::from_vec(pictures.concat(), (pictures.len(), 3, SIDE, SIDE), &Device::Cpu).expect("pictures")
}

#[test]
fn a_trained_network_predicts_from_its_file_as_it_did_in_training() {
    let network = network(SimdPath::best());
    let pictures = pictures(8);
    let loss = Loss { smoothing: 0.1, weights: Vec::new() };
    let mut optimiser = AdamW::new(network.parameters(), Rates::default()).expect("an optimiser");
    for _ in 0..3 {
        let labels = [0, 1, 2, 3, 4, 0, 1, 2];
        step(&network, &mut optimiser, &loss, &tensor(&pictures), &labels, 1e-3).expect("a step");
    }
    let metadata = json!({
        "format": "leukoscope.network/1", "architecture": architecture(), "bn_eps": 1e-5,
        "classes": ["NGS", "LYT", "MON", "MYO", "EBO"],
        "input": {"size": SIDE, "field_um": 21.9, "mean": [0.8, 0.7, 0.75], "std": [0.2, 0.2, 0.2]},
    });
    let metadata = HashMap::from([("leukoscope".to_owned(), metadata.to_string())]);
    let bytes = network.to_bytes(metadata).expect("a file");
    let file = NetworkFile::parse("trained.safetensors", "trained", Cow::Owned(bytes)).expect("a network");
    let reader = Network::load(&file, &ClassTable::default(), DeviceChoice::Cpu).expect("a network");
    let input = |values: &Vec<f32>| Input::from_values(values.clone(), &reader.info().input).expect("an input");
    let read = reader.logits(&pictures.iter().map(input).collect::<Vec<_>>()).expect("logits");
    let trained = network.forward(&tensor(&pictures), Mode::Eval).and_then(|t| t.to_vec2::<f32>()).expect("logits");
    let pairs = read.iter().flatten().zip(trained.iter().flatten());
    let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4, "{apart}");
}

#[test]
fn parameters_come_from_the_seed_alone() {
    let bytes = |seed, zero_last| {
        let init = Init { seed, zero_last };
        let network = Trainable::new(&architecture(), 5, 1e-5, init, &Device::Cpu).expect("a network");
        network.to_bytes(HashMap::new()).expect("a file")
    };
    assert_eq!(bytes(1, true), bytes(1, true));
    assert_ne!(bytes(1, true), bytes(2, true));
    assert_ne!(bytes(1, true), bytes(1, false));
}

#[test]
fn a_file_of_another_network_is_refused_by_name() {
    let mut other = architecture();
    other.stages[1].width = 12;
    let init = Init { seed: 1, zero_last: true };
    let network = Trainable::new(&other, 5, 1e-5, init, &Device::Cpu).expect("a network");
    let said = network.adopt(WEIGHTS).expect_err("another width").to_string();
    assert!(said.contains("`layer2.0.conv1.weight` has shape [16, 8, 1, 1]"), "{said}");
    other.stages.truncate(3);
    other.stages[1].width = 16;
    other.stages[2].blocks = 3;
    let network = Trainable::new(&other, 5, 1e-5, init, &Device::Cpu).expect("a network");
    let said = network.adopt(WEIGHTS).expect_err("a block more").to_string();
    assert!(said.contains("no tensor `layer3.2.conv1.weight`"), "{said}");
}
