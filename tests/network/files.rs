//! Files that are no network, a damaged one, or one for other classes: each is refused in a sentence, none predicts.

use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, ModelError, Network, NetworkFile, describe, preprocess},
};
use serde_json::json;

use super::support::Parts;

fn load(parts: &Parts) -> Result<Network, ModelError> {
    Network::load(&parts.parse()?, &ClassTable::default(), DeviceChoice::Cpu)
}

/// A way to damage a network, and what the error must say.
type Case = (fn(&mut Parts), &'static [&'static str]);

#[test]
fn whatever_is_wrong_with_a_file_is_said_with_its_name_and_place() {
    let cases: [Case; 12] = [
        (
            |p| drop(p.tensors.remove("layer1.0.conv2.weight")),
            &["are not those of a ResNeXt", "`layer1.0.conv2.weight`"],
        ),
        (
            |p| drop(p.tensors.remove("layer2.0.downsample.1.running_var")),
            &["no tensor `layer2.0.downsample.1.running_var`"],
        ),
        (|p| drop(p.tensors.remove("fc.bias")), &["no tensor `fc.bias`"]),
        (
            |p| p.metadata.as_mut().expect("metadata")["classes"] = json!(["NGS", "LYT"]),
            &["`fc.weight` has shape [5, 64]", "ask for [2, 64]", "`classes`"],
        ),
        (
            |p| p.metadata.as_mut().expect("metadata")["classes"][4] = json!("XYZ\u{1b}[2J"),
            &["does not let a network name", "XYZ\\u{1b}[2J", "--classes"],
        ),
        (|p| p.metadata.as_mut().expect("metadata")["classes"][4] = json!("ART"), &["ART", "predicted = true"]),
        (|p| p.set("layer3.1.conv1.weight", 7, f32::NAN), &["`layer3.1.conv1.weight` holds NaN", "damaged"]),
        (|p| p.set("fc.weight", 0, f32::INFINITY), &["`fc.weight` holds inf"]),
        (|p| p.set("bn1.running_var", 3, -0.5), &["`bn1.running_var` holds -0.5"]),
        (|p| p.tensors.get_mut("fc.bias").expect("a tensor").0 = safetensors::Dtype::I32, &["`fc.bias` holds I32"]),
        (|p| p.metadata.as_mut().expect("metadata")["format"] = json!("other/2"), &["`leukoscope.format`", "other/2"]),
        (
            |p| p.metadata.as_mut().expect("metadata")["architecture"] = json!({"family": "vit"}),
            &["`leukoscope.architecture`", "missing field"],
        ),
    ];
    assert!(load(&Parts::small()).is_ok());
    for (damage, wanted) in cases {
        let mut parts = Parts::small();
        damage(&mut parts);
        let said = load(&parts).err().unwrap_or_else(|| panic!("loaded although {wanted:?}")).to_string();
        for part in wanted.iter().chain(&["x.safetensors"]) {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
        assert!(!said.contains('\u{1b}'));
    }
}

#[test]
fn files_that_are_no_safetensors_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n.safetensors");
    let whole = Parts::small().bytes();
    let absurd = [u64::MAX.to_le_bytes().to_vec(), whole[8..].to_vec()].concat();
    for (bytes, wanted) in [
        (Vec::new(), "no safetensors"),
        (b"GIF89a".to_vec(), "no safetensors"),
        (whole[..whole.len() - 4].to_vec(), "no safetensors"),
        (whole[..100].to_vec(), "no safetensors"),
        (absurd, "no safetensors"),
    ] {
        std::fs::write(&path, bytes).expect("a file");
        let said = NetworkFile::open(&path).expect_err(wanted).to_string();
        assert!(said.contains(wanted) && said.contains("n.safetensors"), "{said}");
    }
    let said = NetworkFile::open(&folder.path().join("none")).expect_err("no file").to_string();
    assert!(said.contains("cannot read") && said.contains("none"), "{said}");
    assert!(matches!(NetworkFile::open(folder.path()), Err(ModelError::Read { .. })));
}

#[test]
fn a_file_is_named_and_hashed_as_it_lies_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("night shift.safetensors");
    let mut parts = Parts::small();
    std::fs::write(&path, parts.bytes()).expect("a file");
    let info = NetworkFile::open(&path).expect("a network").info;
    assert_eq!(info.name, "night shift");
    parts.metadata.as_mut().expect("metadata")["name"] = json!("ward 7");
    parts.metadata.as_mut().expect("metadata")["training"] = json!({"epochs": 12});
    std::fs::write(&path, parts.bytes()).expect("a file");
    let other = NetworkFile::open(&path).expect("a network").info;
    assert_eq!((other.name.as_str(), &other.training["epochs"]), ("ward 7", &json!(12)));
    assert_ne!(info.sha256, other.sha256);
    let rows = describe(&other);
    let row = |name: &str| rows.iter().find(|r| r.0 == name).map(|r| r.1.clone()).expect(name);
    assert_eq!(row("tells apart"), "NGS LYT MON MYO EBO");
    assert!(row("architecture").starts_with("ResNeXt, 20 layers, stem 7x7/2 and max pool, blocks 2-1-2-1"));
}

#[test]
fn an_output_that_is_not_finite_is_an_error_that_names_the_image() {
    let mut parts = Parts::small();
    for i in 0..64 {
        parts.set("fc.weight", i, f32::MAX);
    }
    let network = load(&parts).expect("finite weights");
    let spec = &network.info().input;
    let input = preprocess(&image::RgbImage::from_pixel(50, 50, image::Rgb([200, 180, 190])), None, spec);
    let error = network.predict(&[input.clone(), input]).expect_err("no prediction");
    assert!(matches!(error, ModelError::NonFiniteOutput { index: 0 }), "{error}");
}

#[test]
fn an_input_for_another_network_is_refused() {
    let small = load(&Parts::small()).expect("a network");
    let spec = &NetworkFile::embedded().info.input;
    let input = preprocess(&image::RgbImage::new(40, 40), None, spec);
    let good = preprocess(&image::RgbImage::new(40, 40), None, &small.info().input);
    let error = small.predict(&[good, input]).expect_err("another network's");
    assert!(matches!(error, ModelError::InputLength { index: 1, expected: 3267, found: 27648 }), "{error}");
    assert!(Input::from_values(vec![0.0; 5], spec).is_err());
}

#[test]
fn the_card_is_of_the_network_that_ships() {
    let card = include_str!("../../data/MODEL_CARD.md");
    let info = NetworkFile::embedded().info;
    assert!(card.contains(&info.sha256.to_string()), "the card names another file");
    let table = ClassTable::default();
    for code in &info.classes {
        let name = &table.get(table.by_code(code).expect("a class")).name;
        assert!(card.contains(code), "{code} ({name}) is not in the card");
    }
}
