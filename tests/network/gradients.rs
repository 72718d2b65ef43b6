//! The gradient at the input against finite differences of the scores that predictions are made from.

use leukoscope::{
    domain::ClassTable,
    explain::{Explainer, Method, output},
    model::{DeviceChoice, Gradients, Input, Network, NetworkFile, Sensitivity},
};

use super::support::{Parts, rows};

/// What central differences of [`Network::logits`] say along a direction, and what the gradient says, over all
/// directions: the root mean square of their difference against that of the gradient's own.
///
/// A step crosses corners of the ReLUs, and the scores are of single precision; both make a difference that is not the
/// gradient's fault, the one at large steps and the other at small ones.
fn off(file: &NetworkFile, values: &[f32], step: f32) -> f64 {
    let network = Network::load(file, &ClassTable::default(), DeviceChoice::Cpu).expect("a network");
    let gradients = Gradients::load(file).expect("a network");
    let spec = &file.info.input;
    let input = |values: Vec<f32>| Input::from_values(values, spec).expect("an input");
    let logits = network.logits(&[input(values.to_vec())]).expect("logits").remove(0);
    let (mut wrong, mut all) = (0.0, 0.0);
    for (output, score) in logits.into_iter().enumerate() {
        let found = gradients.of(&[input(values.to_vec())], output).expect("gradients").remove(0);
        assert!((found.score - score).abs() < 1e-3, "{} is not the score of predictions, {score}", found.score);
        for number in 0..4_u64 {
            // Directions of -1, 0 and 1 that have nothing to do with the picture.
            let mut state = number * 977 + output as u64 + 1;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) % 3) as f32 - 1.0
            };
            let direction: Vec<f32> = values.iter().map(|_| next()).collect();
            let moved = |by: f32| input(values.iter().zip(&direction).map(|(v, d)| v + by * d).collect());
            let scores = network.logits(&[moved(step), moved(-step)]).expect("logits");
            let difference = f64::from(scores[0][output] - scores[1][output]) / f64::from(2.0 * step);
            let exact: f64 = found.gradient.iter().zip(&direction).map(|(g, d)| f64::from(g * d)).sum();
            wrong += (difference - exact).powi(2);
            all += exact.powi(2);
        }
    }
    (wrong / all).sqrt()
}

#[test]
fn the_gradient_at_the_input_is_what_the_scores_do() {
    let record = include_bytes!("../fixtures/reference_io.safetensors");
    let embedded = NetworkFile::embedded();
    let picture = &rows(record, "input")[0];
    let (coarse, fine) = (off(&embedded, picture, 3e-3), off(&embedded, picture, 1e-4));
    println!("the network that ships: off by {coarse:.1e}, {fine:.1e} with a thirtieth of the step");
    assert!(fine < 0.03 && fine < coarse / 2.0, "off by {coarse}, {fine}: the smaller step comes nearer");
    // 33 px, a stem of 7x7 and a pool whose windows overlap.
    let small = Parts::small().parse().expect("a network");
    let record = include_bytes!("../fixtures/torchvision_resnext_io.safetensors");
    let off = off(&small, &rows(record, "input")[0], 1e-3);
    println!("the small one: off by {off:.1e}");
    assert!(off < 0.02, "off by {off}");
}

#[test]
fn the_same_pictures_give_the_same_gradients_alone_and_together() {
    let file = NetworkFile::embedded();
    let gradients = Gradients::load(&file).expect("a network");
    let input = |values| Input::from_values(values, &file.info.input).expect("an input");
    let inputs: Vec<_> =
        rows(include_bytes!("../fixtures/reference_io.safetensors"), "input").into_iter().take(3).map(input).collect();
    let together = gradients.of(&inputs, 3).expect("gradients");
    for (input, together) in inputs.iter().zip(&together) {
        let alone = gradients.of(std::slice::from_ref(input), 3).expect("gradients").remove(0);
        let bits = |found: &Sensitivity| found.gradient.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&alone), bits(together));
        assert_eq!(alone.score.to_bits(), together.score.to_bits());
    }
}

#[test]
fn the_same_picture_gives_the_same_map_and_another_class_another_one() {
    let file = NetworkFile::embedded();
    let explainer = Explainer::load(&file).expect("a network");
    let values = rows(include_bytes!("../fixtures/reference_io.safetensors"), "input").remove(0);
    let input = Input::from_values(values, &file.info.input).expect("an input");
    let map = |code: &str, method| explainer.explain(&input, code, method).expect("an explanation");
    for method in Method::ALL {
        let first = map("MYO", method);
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(first.values()), bits(map("MYO", method).values()));
        assert_ne!(first, map("NGS", method), "{}", method.name());
        assert!(first.side() == 96 && first.values().iter().all(|v| (0.0..=1.0).contains(v)));
        assert!(first.values().contains(&1.0));
    }
}

#[test]
fn a_class_that_the_network_cannot_tell_is_refused_with_those_that_it_can() {
    let info = NetworkFile::embedded().info;
    let said = |code: &str| output(&info, code).expect_err("no score").to_string();
    assert!(said("MOB").contains("not trained on the class `MOB`") && said("MOB").contains("BAS EBO EOS"));
    assert!(said("A\u{1b}RT").contains("no output for the class `A\\u{1b}RT`") && !said("ART").contains("PMB"));
    assert_eq!(output(&info, "NGS").ok(), info.classes.iter().position(|c| c == "NGS"));
}

#[test]
fn an_input_for_another_network_is_refused() {
    let small = Gradients::load(&Parts::small().parse().expect("a network")).expect("a network");
    let spec = &NetworkFile::embedded().info.input;
    let input = Input::from_values(vec![0.0; spec.values()], spec).expect("an input");
    let said = small.of(&[input], 0).expect_err("another network's").to_string();
    assert!(said.contains("27648") && said.contains("3267"), "{said}");
}
