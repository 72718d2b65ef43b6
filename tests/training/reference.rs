//! Five steps of a small network of torchvision's layers: logits, gradients, running statistics and losses.

use candle_core::{Device, Tensor, Var};
use leukoscope::{
    model::{Architecture, Pool, SimdPath, Stage, Stem},
    train::{AdamW, Init, Loss, Mode, Rates, Trainable, step},
};

use crate::support::{Record, difference};

const RECORD: &[u8] = include_bytes!("../fixtures/training.safetensors");
pub const WEIGHTS: &[u8] = include_bytes!("../fixtures/torchvision_resnext.safetensors");

pub fn architecture() -> Architecture {
    let stage = |blocks, out, stride| Stage { blocks, out, width: out, groups: 4, stride };
    Architecture {
        family: "resnext".into(),
        stem: Stem { out: 8, kernel: 7, stride: 2, pool: Some(Pool { kernel: 3, stride: 2 }) },
        stages: vec![stage(2, 8, 1), stage(1, 16, 2), stage(2, 32, 2), stage(1, 64, 2)],
    }
}

pub fn network(path: SimdPath) -> Trainable {
    let init = Init { seed: 1, zero_last: true };
    let network = Trainable::new(&architecture(), 5, 1e-5, init, &Device::Cpu).expect("a network").with_simd(path);
    network.adopt(WEIGHTS).expect("torchvision's names and shapes");
    network
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).expect("values")
}

struct Batch {
    record: Record,
    pictures: Tensor,
    labels: Vec<usize>,
    loss: Loss,
}

impl Batch {
    fn new() -> Self {
        let record = Record::of(RECORD);
        let pictures = Tensor::from_vec(record.values("pictures"), record.shape("pictures"), &Device::Cpu);
        let weights = record.values("class_weights").iter().map(|&w| w.into()).collect();
        Self {
            pictures: pictures.expect("pictures"),
            labels: record.values("labels").iter().map(|&l| l as usize).collect(),
            loss: Loss { smoothing: 0.1, weights },
            record,
        }
    }
}

#[test]
fn logits_gradients_and_running_statistics_are_pytorchs() {
    let batch = Batch::new();
    for path in SimdPath::available() {
        let network = network(path);
        let pictures = Var::from_tensor(&batch.pictures).expect("pictures");
        let logits = network.forward(&pictures, Mode::Train).expect("logits");
        let apart = difference(&values(&logits), &batch.record.values("logits"));
        assert!(apart < 1e-5, "{}, logits: {apart}", path.name());
        let gradients = batch.loss.of(&logits, &batch.labels).and_then(|l| l.backward()).expect("gradients");
        let mut seen = 0;
        for name in batch.record.names() {
            let found = if let Some(name) = name.strip_prefix("gradient.") {
                let parameter = network.parameters().iter().find(|p| p.name == name).expect("a parameter");
                values(gradients.get(&parameter.var).expect("a gradient"))
            } else if name == "pictures_gradient" {
                values(gradients.get(&pictures).expect("a gradient"))
            } else if let Some((_, var)) = network.named().find(|(n, _)| *n == name && n.contains(".running_")) {
                values(var)
            } else {
                continue;
            };
            let apart = difference(&found, &batch.record.values(&name));
            assert!(apart < 1e-4, "{}, {name}: {apart}", path.name());
            seen += 1;
        }
        assert_eq!(seen, 100, "tensors of the record");
    }
}

#[test]
fn losses_of_five_steps_are_pytorchs() {
    let batch = Batch::new();
    let network = network(SimdPath::best());
    let rates = Rates { weight_decay: 0.05, ..Rates::default() };
    let mut optimiser = AdamW::new(network.parameters(), rates).expect("an optimiser");
    for (i, expected) in batch.record.values("losses").into_iter().enumerate() {
        let found = step(&network, &mut optimiser, &batch.loss, &batch.pictures, &batch.labels, 1e-3).expect("a loss");
        assert!((found / expected - 1.0).abs() < 1e-4, "step {i}: {found} for {expected}");
    }
    let logits = network.forward(&batch.pictures, Mode::Eval).expect("logits");
    let apart = difference(&values(&logits), &batch.record.values("eval_logits"));
    assert!(apart < 1e-3, "logits in the end: {apart}");
}
