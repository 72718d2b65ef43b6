//! A checkpoint as torchvision saves it: names, inferred architecture, 7x7 stem and max pool, PyTorch's outputs.

use std::borrow::Cow;

use leukoscope::{
    domain::ClassTable,
    model::{Compute, DeviceChoice, Input, Network, NetworkFile, Pool, SimdPath},
};

use super::support::{Parts, TORCHVISION, largest_difference, rows};

const RECORD: &[u8] = include_bytes!("../fixtures/torchvision_resnext_io.safetensors");

fn agrees(parts: &Parts) {
    let file = parts.parse().expect("a network");
    for simd in SimdPath::available() {
        let compute = Compute { simd, ..DeviceChoice::Cpu.into() };
        let network = Network::load(&file, &ClassTable::default(), compute).expect("a network");
        let input = |values| Input::from_values(values, &network.info().input).expect("an input");
        let inputs: Vec<_> = rows(RECORD, "input").into_iter().map(input).collect();
        let difference = largest_difference(&network.logits(&inputs).expect("logits"), &rows(RECORD, "logits"));
        assert!(difference <= 1e-4, "{}: logits differ by {difference}", simd.name());
    }
}

#[test]
fn the_architecture_is_inferred_and_the_outputs_agree() {
    let parts = Parts::small();
    let info = parts.parse().expect("a network").info;
    let architecture = &info.architecture;
    assert_eq!((architecture.stem.kernel, &architecture.stem.pool), (7, &Some(Pool { kernel: 3, stride: 2 })));
    let stages: Vec<_> = architecture.stages.iter().map(|s| (s.blocks, s.out, s.width, s.groups, s.stride)).collect();
    assert_eq!(stages, [(2, 8, 8, 4, 1), (1, 16, 16, 4, 2), (2, 32, 32, 4, 2), (1, 64, 64, 4, 2)]);
    assert_eq!(info.parameters, 30_445, "as PyTorch counts them");
    agrees(&parts);
}

/// The error of a checkpoint without metadata holds the metadata to add; only the classes are left to fill in.
#[test]
fn a_checkpoint_without_metadata_is_refused_with_the_metadata_to_add() {
    let error =
        NetworkFile::parse("r.safetensors", "r", Cow::Borrowed(TORCHVISION)).expect_err("no class list").to_string();
    assert!(error.contains("`r.safetensors`") && error.contains("5 outputs") && error.contains("save_file"), "{error}");
    let json = &error[error.find("{\"architecture\"").expect("an example")..=error.rfind('}').expect("an example")];
    let mut metadata: serde_json::Value = serde_json::from_str(json).expect("JSON");
    metadata["classes"] = serde_json::json!(["NGS", "LYT", "MON", "MYO", "EBO"]);
    metadata["input"]["size"] = 33.into();
    agrees(&Parts { metadata: Some(metadata), ..Parts::of(TORCHVISION) });
}

#[test]
fn half_precision_weights_are_read() {
    let mut parts = Parts::small();
    let (dtype, _, data) = parts.tensors.get_mut("fc.bias").expect("a tensor");
    *dtype = safetensors::Dtype::BF16;
    *data = data.chunks_exact(4).flat_map(|b| [b[2], b[3]]).collect();
    let file = parts.parse().expect("a network");
    assert!(Network::load(&file, &ClassTable::default(), DeviceChoice::Cpu).is_ok());
}
