//! Integrated gradients from an empty field: by how much each place of the picture raises the score.

use super::SaliencyMap;
use crate::model::{Gradients, Input, InputSpec, ModelError};

/// Pictures on the way from the empty field to the field. With so many, the parts add up to the score within 1.4% in the
/// median of 40 real cells, and within 3.6% in nine of ten.
const STEPS: usize = 48;
/// Pictures that are computed at once: every one of them keeps all its layers.
const TOGETHER: usize = 8;
/// Standard deviation in um of the Gauss filter over the map: what is finer is the lattice of the network's strides. Taking
/// places away in the map's order, or putting them back, moves the probability more than with a filter of 0.45 um or none.
const BLUR_UM: f64 = 0.7;
/// The share of the brightest px that the empty field's colour is taken from.
const BRIGHT: f64 = 0.1;

/// The map of what speaks for the class.
pub(super) fn integrated(network: &Gradients, input: &Input, output: usize) -> Result<SaliencyMap, ModelError> {
    let spec = &network.info().input;
    let (plane, parts) = (spec.size * spec.size, attributions(network, input, output)?);
    let sum = |at: usize| parts[at] + parts[plane + at] + parts[2 * plane + at];
    let sigma = BLUR_UM / spec.field_um * spec.size as f64;
    let mut values = blurred(&(0..plane).map(sum).collect::<Vec<f32>>(), spec.size, sigma);
    // What speaks against the class is not shown.
    values.iter_mut().for_each(|v| *v = v.max(0.0));
    Ok(SaliencyMap::new(spec.size, values))
}

/// What each value of the input adds to the score: the difference from the empty field times the mean gradient on the way
/// from there (Sundararajan et al. 2017, equation 3, by the midpoint rule). All together add up to the score less that of
/// the empty field.
pub(super) fn attributions(network: &Gradients, input: &Input, output: usize) -> Result<Vec<f32>, ModelError> {
    let spec = &network.info().input;
    let from = empty(input, spec);
    let at = |step: usize| {
        let part = place(step).0;
        let between = input.values().iter().zip(&from).map(|(x, e)| e + part * (x - e)).collect();
        Input::from_values(between, spec)
    };
    let way = (0..STEPS).map(at).collect::<Result<Vec<_>, _>>()?;
    let mut mean = vec![0.0_f64; from.len()];
    let mut weights = (0..STEPS).map(|step| place(step).1);
    for some in way.chunks(TOGETHER) {
        for (found, weight) in network.of(some, output)?.into_iter().zip(&mut weights) {
            mean.iter_mut().zip(&found.gradient).for_each(|(m, g)| *m += f64::from(*g) * weight);
        }
    }
    let part = |((x, e), m): ((&f32, &f32), f64)| (f64::from(x - e) * m) as f32;
    Ok(input.values().iter().zip(&from).zip(mean).map(part).collect())
}

/// Where on the way a step lies, 0..1, and how much of the way it stands for: t = u^2 at the middle of each step of u, for
/// close to the empty field the gradient changes most.
fn place(step: usize) -> (f32, f64) {
    let u = (step as f64 + 0.5) / STEPS as f64;
    ((u * u) as f32, 2.0 * u / STEPS as f64)
}

/// An input of one colour, that of the empty smear: the median of the brightest px of the field.
pub(super) fn empty(input: &Input, spec: &InputSpec) -> Vec<f32> {
    let (plane, values) = (spec.size * spec.size, input.values());
    let light = |at: usize| (0..3).map(|c| values[c * plane + at] * spec.std[c] + spec.mean[c]).sum::<f32>();
    let mut order: Vec<usize> = (0..plane).collect();
    order.sort_by(|&a, &b| light(b).total_cmp(&light(a)).then(a.cmp(&b)));
    order.truncate(((BRIGHT * plane as f64) as usize).max(1));
    let colour = |c: usize| {
        let mut bright: Vec<f32> = order.iter().map(|at| values[c * plane + at]).collect();
        bright.sort_by(f32::total_cmp);
        bright[bright.len() / 2]
    };
    (0..3).flat_map(|c| std::iter::repeat_n(colour(c), plane)).collect()
}

/// A Gauss filter over a square; at the border it is over what there is.
fn blurred(values: &[f32], side: usize, sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as isize;
    let kernel: Vec<f64> = (-reach..=reach).map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp()).collect();
    let along = |values: &[f32], step: usize| -> Vec<f32> {
        (0..side * side)
            .map(|at| {
                let here = (at / step % side) as isize;
                let (mut sum, mut weight) = (0.0, 0.0);
                for (k, d) in kernel.iter().zip(-reach..=reach) {
                    if (0..side as isize).contains(&(here + d)) {
                        let place = (at as isize + d * step as isize) as usize;
                        sum += k * f64::from(values[place]);
                        weight += k;
                    }
                }
                (sum / weight) as f32
            })
            .collect()
    };
    along(&along(values, 1), side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        intake::{Limits, decode},
        model::{NetworkFile, preprocess},
        phantom,
    };

    /// Completeness, the axiom that the method stands on: the parts add up to the score less that of the empty field.
    #[test]
    fn the_parts_add_up_to_what_the_picture_adds_to_the_score() {
        let file = NetworkFile::embedded();
        let network = Gradients::load(&file).expect("a network");
        let spec = &file.info.input;
        for cell in phantom::demo_case(phantom::DEMO_SEED).iter().step_by(40).take(3) {
            let frame = decode(&cell.jpeg, &Limits::default()).expect("our own JPEG");
            let input = preprocess(&frame, Some(phantom::UM_PER_PX), spec);
            let from = Input::from_values(empty(&input, spec), spec).expect("an input");
            let scores = network.of(&[input.clone(), from], 10).expect("gradients");
            let wanted = f64::from(scores[0].score - scores[1].score);
            let sum: f64 = attributions(&network, &input, 10).expect("parts").iter().map(|&v| f64::from(v)).sum();
            println!("{}: {sum:.4} of {wanted:.4}", cell.name);
            assert!((sum - wanted).abs() < 0.04 * wanted.abs().max(5.0), "{}: {sum}, not {wanted}", cell.name);
        }
    }

    #[test]
    fn the_empty_field_has_the_colour_of_the_smear_between_the_cells() {
        let spec =
            InputSpec { size: 20, field_um: 10.0, mean: [0.5; 3], std: [0.25; 3], colour: crate::model::Colour::AsIs };
        let frame = image::RgbImage::from_fn(20, 20, |x, y| match (x, y) {
            // A speck that is brighter than the smear, and a cell.
            (0, 0) => image::Rgb([255, 255, 255]),
            (5..15, 5..15) => image::Rgb([90, 40, 130]),
            _ => image::Rgb([230, 220, 225]),
        });
        let input = preprocess(&frame, None, &spec);
        let empty = empty(&input, &spec);
        let smear = |c: usize| input.values()[c * 400 + 399];
        assert!((0..3).all(|c| empty[c * 400..(c + 1) * 400].iter().all(|&v| v == smear(c))));
    }

    #[test]
    fn the_filter_keeps_an_even_field_and_the_sum_and_spreads_a_point_as_gauss_does() {
        let even = blurred(&vec![3.0; 400], 20, 2.0);
        assert!(even.iter().all(|v| (v - 3.0).abs() < 1e-5));
        let mut point = vec![0.0; 41 * 41];
        point[20 * 41 + 20] = 1.0;
        let spread = blurred(&point, 41, 2.0);
        assert!((spread.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        let at = |dx: usize, dy: usize| f64::from(spread[(20 + dy) * 41 + 20 + dx]);
        for (dx, dy) in [(0, 0), (2, 0), (0, 3), (3, 2)] {
            let expected = (-((dx * dx + dy * dy) as f64) / 8.0).exp() / (8.0 * std::f64::consts::PI);
            assert!((at(dx, dy) - expected).abs() < 0.01 * at(0, 0), "{dx} {dy}: {} {expected}", at(dx, dy));
        }
    }
}
