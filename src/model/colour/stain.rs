//! The two dyes of a Romanowsky stain, told apart in optical density, and brought to wanted hues and strengths.

use serde::{Deserialize, Serialize};

use super::{WHITE, background::Light};

type Vector = [f32; 3];

/// The wanted look of the two dyes. Hues are directions in optical density (natural logarithm of white over value) of
/// red, green and blue; their length does not matter. Strengths are the optical density along each hue that one stained
/// pixel in a hundred exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stain {
    /// Hue of eosin with hemoglobin: of red cells.
    pub eosin: Vector,
    /// Hue of azure B with eosin, the purple of nuclei, which lets blue light through.
    pub azure: Vector,
    /// Strengths of both, eosin first.
    pub strength: [f32; 2],
}

impl Default for Stain {
    /// Medians over the frames of two laboratories that the shipped network was trained on (CellaVision,
    /// May-Gruenwald-Giemsa and Wright).
    fn default() -> Self {
        Self { eosin: [0.50, 0.68, 0.53], azure: [0.51, 0.85, 0.14], strength: [0.74, 2.40] }
    }
}

/// Pixels whose optical densities are a shorter vector than this are unstained. Macenko's beta is 0.15 in every channel,
/// which in a blood smear would leave the red cells out: they take away hardly any red light.
const UNSTAINED: f32 = 0.3;
/// Share of the stained pixels beyond each of the two hues, and beyond each strength: Macenko's alpha.
const BEYOND: f64 = 0.01;
/// Fewer stained pixels in the sample say nothing.
const LEAST: usize = 50;
/// Hues that are closer than this, as the tangent of the angle between them, are one dye, or none: a grey frame.
const APART: f32 = 0.12;
/// The most that a found hue may differ from the wanted one, as the cosine of the angle between them.
const ALIKE: f32 = 0.9;
/// The most that a dye is weakened or strengthened.
const GAINS: [f32; 2] = [0.7, 1.4];

/// What is done to every pixel of one frame: its optical density goes through a matrix.
#[derive(Debug, Clone)]
pub(super) struct Unmixing {
    /// What every value of each channel adds to the optical density of red, green and blue, in parts of a [`STEP`]; the
    /// fourth is zero and makes a row as wide as a vector.
    parts: Box<[[[i32; 4]; 256]; 3]>,
    /// The value of an optical density, in steps of [`STEP`].
    value: Box<[u8; STEPS as usize]>,
}

const STEPS: i32 = 2048;
const STEP: f32 = 1.0 / 400.0;
/// Parts of a step that are added up.
const PARTS: i32 = 256;

impl Stain {
    pub(super) fn check(&self) -> Result<(), String> {
        let hue = |v: &Vector| v.iter().all(|x| x.is_finite() && *x >= 0.0) && length(v) > 0.0;
        let apart = || length(&cross(unit(self.eosin), unit(self.azure)));
        if !(hue(&self.eosin) && hue(&self.azure) && apart() > APART) {
            return Err("colour: eosin and azure must be two different directions of red, green and blue".into());
        }
        if self.strength.iter().any(|s| !(*s > 0.0 && *s < 10.0)) {
            return Err("colour: both strengths must be above 0 and below 10".into());
        }
        Ok(())
    }
}

impl Unmixing {
    /// What brings a frame, of which `sample` is a fair part, to the wanted look; `None`: it does not show two dyes.
    pub fn of(sample: &[[u8; 3]], light: &Light, wanted: &Stain) -> Option<Self> {
        let density = Box::new(light.white.map(|white| -> [f32; 256] {
            std::array::from_fn(|value| (white / (value as f32).max(1.0)).ln().max(0.0))
        }));
        let of = |p: &[u8; 3]| -> Vector { std::array::from_fn(|c| density[c][usize::from(p[c])]) };
        let stained: Vec<Vector> = sample.iter().map(of).filter(|d| length(d) >= UNSTAINED).collect();
        let found = hues(&stained)?;
        let wanted_hues = [unit(wanted.eosin), unit(wanted.azure)];
        if found.iter().zip(&wanted_hues).any(|(a, b)| dot(a, b) < ALIKE) {
            return None;
        }
        // The rows of `apart` give the amounts of both dyes in an optical density.
        let apart = inverse(&found)?;
        let gains: [f32; 2] = std::array::from_fn(|dye| {
            let mut amounts: Vec<f32> = stained.iter().map(|d| dot(&apart[dye], d)).collect();
            let strength = upper(&mut amounts, BEYOND);
            if strength > 0.0 { (wanted.strength[dye] / strength).clamp(GAINS[0], GAINS[1]) } else { 1.0 }
        });
        // Density less its two dyes, plus the same amounts of the wanted ones.
        let matrix: [Vector; 3] = std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let dye = |k: usize| (gains[k] * wanted_hues[k][row] - found[k][row]) * apart[k][column];
                f32::from(u8::from(row == column)) + dye(0) + dye(1)
            })
        });
        let value = Box::new(std::array::from_fn(|step| (WHITE * (-(step as f32) * STEP).exp()).round() as u8));
        let part = |column: usize, d: f32| -> [i32; 4] {
            std::array::from_fn(|row| matrix.get(row).map_or(0, |m| (m[column] * d / STEP * PARTS as f32) as i32))
        };
        let parts = Box::new(std::array::from_fn(|column| density[column].map(|d| part(column, d))));
        Some(Self { parts, value })
    }

    /// A pixel with the wanted look.
    pub fn normalised(&self, pixel: [u8; 3]) -> [u8; 3] {
        let [r, g, b]: [&[i32; 4]; 3] = std::array::from_fn(|c| &self.parts[c][usize::from(pixel[c])]);
        let sum: [i32; 4] = std::array::from_fn(|i| (r[i] + g[i] + b[i] + PARTS / 2) / PARTS);
        std::array::from_fn(|c| self.value[sum[c].clamp(0, STEPS - 1) as usize])
    }
}

/// The hues of both dyes, eosin first: the extreme directions of stained pixels in the plane that holds most of them.
fn hues(stained: &[Vector]) -> Option<[Vector; 2]> {
    if stained.len() < LEAST {
        return None;
    }
    let [first, second] = plane(stained)?;
    // In the order of their angle to `first`, which all pixels are within a right angle of.
    let mut slopes: Vec<f32> = stained
        .iter()
        .map(|d| (dot(d, &first), dot(d, &second)))
        .filter(|(along, _)| *along > 1e-3)
        .map(|(along, across)| across / along)
        .collect();
    let high = upper(&mut slopes, BEYOND);
    slopes.iter_mut().for_each(|s| *s = -*s);
    let low = -upper(&mut slopes, BEYOND);
    if high - low <= APART {
        return None;
    }
    let hue = |slope: f32| {
        // A dye takes light away; it adds none.
        let v: Vector = std::array::from_fn(|c| (first[c] + slope * second[c]).max(0.0));
        unit(v)
    };
    let (a, b) = (hue(low), hue(high));
    // Red cells take blue light away, nuclei hardly any.
    Some(if a[2] > b[2] { [a, b] } else { [b, a] })
}

/// The two directions along which most of the squared length of `vectors` lies, the first with a positive sum; found by
/// the power method.
fn plane(vectors: &[Vector]) -> Option<[Vector; 2]> {
    let mut moments = [[0.0_f64; 3]; 3];
    for v in vectors {
        for (row, a) in moments.iter_mut().zip(v) {
            for (sum, b) in row.iter_mut().zip(v) {
                *sum += f64::from(a * b);
            }
        }
    }
    let mut largest = |start: [f64; 3]| -> Option<Vector> {
        let mut v = start;
        let mut size = 0.0;
        for _ in 0..100 {
            let next: [f64; 3] = std::array::from_fn(|i| (0..3).map(|j| moments[i][j] * v[j]).sum());
            size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
            if size <= 1e-9 {
                return None;
            }
            let before = v;
            v = next.map(|x| x / size);
            if before.iter().zip(&v).all(|(a, b)| (a - b).abs() < 1e-7) {
                break;
            }
        }
        // Taken out, so that the next one is found.
        for i in 0..3 {
            for j in 0..3 {
                moments[i][j] -= size * v[i] * v[j];
            }
        }
        Some(v.map(|x| x as f32))
    };
    let first = largest([1.0; 3])?;
    let second = largest([1.0, -0.4, -0.7])?;
    Some([if first.iter().sum::<f32>() < 0.0 { first.map(|x| -x) } else { first }, second])
}

/// The pseudoinverse of two columns, as two rows.
fn inverse([a, b]: &[Vector; 2]) -> Option<[Vector; 2]> {
    let (aa, ab, bb) = (dot(a, a), dot(a, b), dot(b, b));
    let determinant = aa * bb - ab * ab;
    if determinant <= 1e-3 {
        return None;
    }
    let row = |p: f32, q: f32| -> Vector { std::array::from_fn(|c| (p * a[c] + q * b[c]) / determinant) };
    Some([row(bb, -ab), row(-ab, aa)])
}

/// The value that a share of `values` is above; zero where there are none. Changes their order.
fn upper(values: &mut [f32], share: f64) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = ((1.0 - share) * last as f64).round() as usize;
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

fn dot(a: &Vector, b: &Vector) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn length(v: &Vector) -> f32 {
    dot(v, v).sqrt()
}

fn unit(v: Vector) -> Vector {
    let length = length(&v);
    if length > 0.0 { v.map(|x| x / length) } else { v }
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_both_dyes_are_found_again() {
        let hues = [unit([0.2, 0.9, 0.4]), unit([0.7, 0.6, 0.2])];
        let apart = inverse(&hues).expect("two directions");
        let mix: Vector = std::array::from_fn(|c| 0.3 * hues[0][c] + 1.1 * hues[1][c]);
        assert!((dot(&apart[0], &mix) - 0.3).abs() < 1e-5 && (dot(&apart[1], &mix) - 1.1).abs() < 1e-5);
        assert!(inverse(&[hues[0], hues[0]]).is_none());
    }

    #[test]
    fn hues_are_the_extreme_directions() {
        let dyes = [unit([0.5, 0.7, 0.5]), unit([0.6, 0.8, 0.1])];
        let mixed = |k: usize| -> Vector {
            let share = (k % 101) as f32 / 100.0;
            let strength = 0.8 + (k % 7) as f32 * 0.1;
            std::array::from_fn(|c| strength * ((1.0 - share) * dyes[0][c] + share * dyes[1][c]))
        };
        let stained: Vec<Vector> = (0..2000).map(mixed).collect();
        let found = hues(&stained).expect("two dyes");
        for (found, dye) in found.iter().zip(&dyes) {
            assert!(dot(found, dye) > 0.999, "{found:?} for {dye:?}");
        }
        assert!(hues(&stained[..10]).is_none(), "too few");
        assert!(hues(&vec![[0.5, 0.5, 0.5]; 500]).is_none(), "grey");
    }

    #[test]
    fn what_is_no_look_is_refused() {
        assert_eq!(Stain::default().check(), Ok(()));
        for bad in [
            Stain { eosin: [0.0; 3], ..Stain::default() },
            Stain { eosin: Stain::default().azure, ..Stain::default() },
            Stain { azure: [f32::NAN, 1.0, 1.0], ..Stain::default() },
            Stain { strength: [0.0, 1.0], ..Stain::default() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
