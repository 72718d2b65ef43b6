//! The network's own layers against the same network out of candle's operators, and against differences.

use candle_core::{Device, Result, Tensor};

use super::{AdamW, Init, Loss, Mode, Rates, Trainable, step};
use crate::model::{
    SimdPath,
    architecture::{Architecture, Pool, Stage, Stem},
};

/// A small network of each kind of layer: with and without a pool, with a first block that needs no projection, with a
/// stride that leaves a row out.
fn architectures() -> [Architecture; 3] {
    let stage = |blocks, out, width, groups, stride| Stage { blocks, out, width, groups, stride };
    let net = |out, kernel, stride, pool, stages: &[Stage]| Architecture {
        family: "resnext".into(),
        stem: Stem { out, kernel, stride, pool },
        stages: stages.to_vec(),
    };
    [
        net(7, 3, 2, None, &[stage(2, 12, 6, 2, 1), stage(2, 18, 8, 8, 2), stage(1, 10, 5, 1, 3)]),
        net(8, 7, 2, Some(Pool { kernel: 3, stride: 2 }), &[stage(1, 8, 4, 4, 1), stage(2, 20, 12, 4, 2)]),
        net(6, 5, 1, Some(Pool { kernel: 3, stride: 3 }), &[stage(2, 6, 3, 3, 1), stage(1, 9, 4, 2, 4)]),
    ]
}

const LABELS: [usize; 5] = [3, 0, 1, 2, 2];

fn network(architecture: &Architecture) -> Trainable {
    let init = Init { seed: 5, zero_last: false };
    let network = Trainable::new(architecture, 4, 1e-5, init, &Device::Cpu).expect("a network");
    // Gammas and betas of all sizes, some gammas negative: fresh ones hide what is wrong with them.
    for (i, parameter) in network.parameters().iter().enumerate().filter(|(_, p)| p.var.rank() == 1) {
        let count = parameter.var.elem_count();
        let values = super::random::Draw::new(9, i).uniform(count, 1.0);
        let values = Tensor::from_vec(values, count, &Device::Cpu).expect("values");
        parameter.var.set(&((values + 0.3).expect("a sum"))).expect("the same shape");
    }
    network
}

/// Square ones: candle's gradient of a strided convolution fails where height and width leave different remainders.
fn pictures() -> Tensor {
    let values = super::random::Draw::new(11, 0).normal(5 * 3 * 23 * 23, 1.0);
    Tensor::from_vec(values, (5, 3, 23, 23), &Device::Cpu).expect("pictures")
}

/// The largest difference between two tensors, as a share of the largest value.
fn difference(a: &Tensor, b: &Tensor) -> f32 {
    let most = |t: &Tensor| -> Result<f32> { t.abs()?.flatten_all()?.max(0)?.to_scalar() };
    let of = || -> Result<f32> { Ok(most(&(a - b)?)? / most(b)?.max(1e-3)) };
    assert_eq!(a.shape(), b.shape());
    of().expect("tensors of one shape")
}

/// Loss of features as if they were logits, so that all of the gradient comes out of the layers that are compared.
fn loss(features: &Tensor) -> Tensor {
    let loss = Loss { smoothing: 0.2, weights: Vec::new() };
    loss.of(features, &LABELS).expect("a loss")
}

#[test]
fn own_layers_and_candles_agree_forward_and_backward() {
    agree(Mode::Train);
}

#[test]
fn own_layers_and_candles_agree_with_norms_that_are_still() {
    agree(Mode::Still);
}

fn agree(mode: Mode) {
    for (i, architecture) in architectures().iter().enumerate() {
        for path in SimdPath::available() {
            let network = network(architecture).with_simd(path);
            if mode == Mode::Still {
                // Statistics that are not this batch's, though near them.
                (0..8).for_each(|_| drop(network.forward(&pictures(), Mode::Train).expect("logits")));
            }
            let input = candle_core::Var::from_tensor(&pictures()).expect("pictures");
            let (theirs, their_statistics) = network.composed(&input, mode).expect("features");
            let (ours, our_statistics) = network.own(&input, mode).expect("features");
            assert_eq!(our_statistics.is_empty(), mode == Mode::Still);
            let name = |what: &str| format!("network {i}, {mode:?}, {}, {what}", path.name());
            assert!(difference(&ours, &theirs) < 1e-4, "{}", name("features"));
            assert_eq!(our_statistics.len(), their_statistics.len());
            for ((a, b), (c, d)) in our_statistics.iter().zip(&their_statistics) {
                assert!(difference(a, c) < 1e-4 && difference(b, d) < 1e-4, "{}", name("statistics"));
            }
            let theirs = loss(&theirs).backward().expect("gradients");
            let ours = loss(&ours).backward().expect("gradients");
            let get = |from: &candle_core::backprop::GradStore, var| from.get(var).expect("a gradient").clone();
            assert!(difference(&get(&ours, &input), &get(&theirs, &input)) < 1e-3, "{}", name("pictures"));
            for parameter in network.parameters().iter().filter(|p| !p.name.starts_with("fc")) {
                let apart = difference(&get(&ours, &parameter.var), &get(&theirs, &parameter.var));
                assert!(apart < 1e-3, "{}: {apart}", name(&parameter.name));
            }
        }
    }
}

#[test]
fn own_layers_and_candles_agree_with_running_statistics() {
    for architecture in &architectures() {
        let network = network(architecture);
        for _ in 0..3 {
            network.forward(&pictures(), Mode::Train).expect("logits");
        }
        let (theirs, _) = network.composed(&pictures(), Mode::Eval).expect("features");
        let (ours, _) = network.own(&pictures(), Mode::Eval).expect("features");
        assert!(difference(&ours, &theirs) < 1e-4);
        assert!(!ours.track_op(), "nothing is kept for a way back");
        // A batch's pictures are then independent of each other.
        let (one, _) = network.own(&pictures().narrow(0, 3, 1).expect("a picture"), Mode::Eval).expect("features");
        assert!(difference(&one, &ours.narrow(0, 3, 1).expect("a row")) < 1e-5);
    }
}

#[test]
fn a_picture_learnt_from_with_still_norms_does_not_know_its_batch() {
    let network = network(&architectures()[0]);
    (0..3).for_each(|_| drop(network.forward(&pictures(), Mode::Train).expect("logits")));
    let before: Vec<f32> = network.running[1].mean.to_vec1().expect("means");
    let all = network.forward(&pictures(), Mode::Still).expect("logits");
    let one = network.forward(&pictures().narrow(0, 2, 1).expect("a picture"), Mode::Still).expect("logits");
    assert!(difference(&one, &all.narrow(0, 2, 1).expect("a row")) < 1e-5);
    assert!(all.track_op(), "there is a way back");
    assert_eq!(before, network.running[1].mean.to_vec1::<f32>().expect("means"), "the statistics stay");
}

/// Moves all parameters along their gradient, and against it: the loss changes by the square of its length.
#[test]
fn gradients_are_what_the_loss_does() {
    let network = network(&architectures()[0]);
    let loss = || {
        let logits = network.forward(&pictures(), Mode::Train).expect("logits");
        Loss { smoothing: 0.1, weights: vec![1.0, 2.0, 0.5, 0.7] }.of(&logits, &LABELS).expect("a loss")
    };
    let gradients = loss().backward().expect("gradients");
    let of = |p: &super::Parameter| gradients.get(&p.var).expect("a gradient").detach();
    let square = |t: &Tensor| -> f64 { t.sqr().and_then(|t| t.sum_all()?.to_scalar::<f32>()).expect("a sum").into() };
    let expected: f64 = network.parameters().iter().map(|p| square(&of(p))).sum();
    let walk = |by: f64| {
        for parameter in network.parameters() {
            let moved = (parameter.var.as_detached_tensor() + (of(parameter) * by).expect("a product")).expect("a sum");
            parameter.var.set(&moved).expect("the same shape");
        }
        f64::from(loss().to_scalar::<f32>().expect("a number"))
    };
    let by = 1e-3 / expected.sqrt();
    let (up, down) = (walk(by), walk(-2.0 * by));
    let found = (up - down) / (2.0 * by);
    assert!((found / expected - 1.0).abs() < 0.02, "{found} for {expected}");
}

/// The bits of every tensor after a few steps on `threads` threads.
fn bits(threads: usize) -> Vec<Vec<u32>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        let network = network(&architectures()[1]);
        let mut optimiser = AdamW::new(network.parameters(), Rates::default()).expect("an optimiser");
        let loss = Loss { smoothing: 0.1, weights: Vec::new() };
        for _ in 0..3 {
            step(&network, &mut optimiser, &loss, &pictures(), &LABELS, 1e-2).expect("a step");
        }
        let values = |t: &Tensor| t.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values");
        network.named().map(|(_, var)| values(var).iter().map(|v| v.to_bits()).collect()).collect()
    })
}

#[test]
fn training_gives_the_same_bits_again_on_any_number_of_threads() {
    let once = bits(1);
    assert_eq!(once, bits(1));
    assert_eq!(once, bits(3));
}

#[test]
fn a_network_learns_a_batch_by_heart() {
    let network = network(&architectures()[0]);
    let mut optimiser = AdamW::new(network.parameters(), Rates::default()).expect("an optimiser");
    let loss = Loss { smoothing: 0.0, weights: Vec::new() };
    let mut last = f32::INFINITY;
    for _ in 0..40 {
        last = step(&network, &mut optimiser, &loss, &pictures(), &LABELS, 1e-2).expect("a step");
    }
    assert!(last < 0.05, "{last}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let network = network(&architectures()[0]);
    let gray = Tensor::zeros((2, 1, 20, 20), candle_core::DType::F32, &Device::Cpu).expect("zeros");
    let said = network.forward(&gray, Mode::Train).expect_err("no colours").to_string();
    assert!(said.contains("[n, 3, height, width]"), "{said}");
    let logits = network.forward(&pictures(), Mode::Train).expect("logits");
    let loss = Loss { smoothing: 0.0, weights: Vec::new() };
    for (labels, wanted) in [(&LABELS[..4], "4 labels for 5"), (&[0, 1, 2, 3, 4][..], "label 4")] {
        let said = loss.of(&logits, labels).expect_err("no such labels").to_string();
        assert!(said.contains(wanted), "{said}");
    }
    let weightless = Loss { weights: vec![1.0; 3], ..loss };
    assert!(weightless.of(&logits, &LABELS).expect_err("three weights").to_string().contains("3 class weights"));
    let said = network.adopt(b"nothing").expect_err("no file");
    assert!(!said.to_string().is_empty());
}
