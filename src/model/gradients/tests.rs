//! The way back of single convolutions against the products that it has to keep.

use super::{
    super::{architecture::ConvSpec, folded::Conv},
    *,
};

fn values(count: usize, factor: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * factor) % 2003) as f32 / 1001.5 - 1.0).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// The way back of a linear map is its adjoint: <g, A x> = <A' g, x> for whatever picture and gradient. Kernels, strides,
/// groups and odd sides of every kind that an architecture may have.
#[test]
fn the_way_back_is_the_adjoint_of_the_way_there() {
    let mut scratch = Scratch::default();
    for (input, out, kernel, stride, groups, side) in [
        (3, 8, 3, 2, 1, 12),
        (3, 8, 7, 2, 1, 33),
        (8, 16, 1, 1, 1, 5),
        (8, 16, 1, 2, 1, 9),
        (8, 16, 1, 2, 1, 10),
        (8, 8, 3, 1, 4, 7),
        (16, 16, 3, 2, 4, 9),
        (16, 16, 3, 2, 8, 12),
        (6, 12, 5, 3, 2, 17),
        (4, 4, 1, 1, 2, 6),
    ] {
        let (conv, norm) = (String::new(), String::new());
        let spec = ConvSpec { conv, norm, input, out, kernel, stride, groups };
        let weights = values(out * spec.weights_of_one(), 7919);
        let conv = Conv { spec, weights, biases: vec![0.0; out] };
        let step = Step::new(SimdPath::best(), &conv, Plane { height: side, width: side });
        let picture = values(input * side * side, 104_729);
        let output = step.run(SimdPath::best(), &picture, Finish::default(), &mut scratch);
        let gradient = values(output.len(), 1299);
        let back = step.back(SimdPath::best(), &gradient, None, &mut scratch);
        let (there, again) = (dot(&gradient, &output), dot(&back, &picture));
        let size = (dot(&gradient, &gradient) * dot(&output, &output)).sqrt();
        assert!((there - again).abs() < 1e-5 * size, "{kernel}x{kernel}/{stride} of {side}: {there}, {again}");
        let added = step.back(SimdPath::best(), &gradient, Some(&picture), &mut scratch);
        let off = added.iter().zip(back.iter().zip(&picture)).map(|(a, (b, p))| (a - b - p).abs()).fold(0.0, f32::max);
        assert!(off < 1e-4, "added: off by {off}");
    }
}
