//! Real frames, where the machine has them: the preprocessing against the one that the network was trained with.

use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Network, NetworkFile, preprocess},
};

use super::common;

/// The record holds softmax over all outputs of frames cut and resized by Pillow.
#[test]
fn original_frames_get_the_recorded_top_class() {
    let Some(shared) = common::shared() else { return };
    let file = NetworkFile::open(&shared.join("model/reference.safetensors")).expect("the network of the record");
    let network = Network::load(&file, &ClassTable::default(), DeviceChoice::Cpu).expect("a network");
    let mut record = csv::Reader::from_path(shared.join("model/expected_originals.csv")).expect("the record");
    let header: Vec<String> = record.headers().expect("a header").iter().skip(1).map(str::to_owned).collect();
    assert_eq!(header, network.info().classes);
    let (mut same, mut n, mut largest) = (0, 0, 0.0_f32);
    for row in record.records() {
        let row = row.expect("a row");
        let frame = image::open(shared.join("data").join(&row[0])).expect("a frame").into_rgb8();
        let input = preprocess(&frame, Some(0.10), &network.info().input);
        let logits = network.logits(&[input]).expect("logits").remove(0);
        let sum: f32 = logits.iter().map(|l| l.exp()).sum();
        let got: Vec<f32> = logits.iter().map(|l| l.exp() / sum).collect();
        let wanted: Vec<f32> = row.iter().skip(1).map(|v| v.parse().expect("a number")).collect();
        let top = |p: &[f32]| (0..p.len()).max_by(|&a, &b| p[a].total_cmp(&p[b]));
        same += usize::from(top(&got) == top(&wanted));
        n += 1;
        largest = got.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(largest, f32::max);
    }
    println!("{same} of {n} frames have the recorded top class; probabilities differ by at most {largest:.4}");
    assert!(n > 100 && same * 100 >= n * 97, "{same} of {n}");
}
