//! The gradient of the max pool of one picture.

use super::shape::Plane;

/// The gradient of a max pool with padding kernel / 2.
#[derive(Debug, Clone)]
pub struct PoolGradient {
    kernel: usize,
    stride: usize,
    input: Plane,
    output: Plane,
}

impl PoolGradient {
    /// A plan for planes of size `input`.
    pub fn new(kernel: usize, stride: usize, input: Plane) -> Self {
        Self { kernel, stride, input, output: input.strided(kernel, stride) }
    }

    /// Writes to `to` the gradient of `input`, a picture without a value below zero, from that of the pool's output.
    ///
    /// The whole gradient of a window goes to the first of its greatest values, as in PyTorch.
    pub fn run(&self, input: &[f32], gradient: &[f32], to: &mut [f32]) {
        let planes = input.chunks_exact(self.input.len()).zip(to.chunks_exact_mut(self.input.len()));
        for ((input, to), gradient) in planes.zip(gradient.chunks_exact(self.output.len())) {
            to.fill(0.0);
            for (i, &gradient) in gradient.iter().enumerate() {
                to[self.greatest(input, i / self.output.width, i % self.output.width)] += gradient;
            }
        }
    }

    /// Where the first of the greatest values of the window at (y, x) lies in `plane`.
    fn greatest(&self, plane: &[f32], y: usize, x: usize) -> usize {
        let pad = self.kernel / 2;
        let side = |at: usize, end: usize| {
            (at * self.stride).saturating_sub(pad)..(at * self.stride + self.kernel - pad).min(end)
        };
        let (mut place, mut most) = (0, f32::NEG_INFINITY);
        for y in side(y, self.input.height) {
            for x in side(x, self.input.width) {
                let at = y * self.input.width + x;
                if plane[at] > most {
                    (place, most) = (at, plane[at]);
                }
            }
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_gradient_goes_to_the_first_of_its_greatest_values() {
        let pool = PoolGradient::new(3, 2, Plane { height: 3, width: 4 });
        let input = [1.0, 5.0, 5.0, 0.0, 2.0, 0.0, 0.0, 7.0, 3.0, 0.0, 0.0, 7.0];
        let mut to = [f32::NAN; 12];
        pool.run(&input, &[1.0, 10.0, 100.0, 1000.0], &mut to);
        let expected = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1010.0, 100.0, 0.0, 0.0, 0.0];
        assert_eq!(to, expected);
    }
}
