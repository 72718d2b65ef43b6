//! The search against a plain one, ties, what is left out, and what 8-bit steps cost.

use super::*;

/// Numbers without a pattern, 0..1 (Knuth's MMIX generator).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    /// Features as a ReLU and a mean leave them: many near zero, a few large.
    fn features(&mut self, width: usize) -> Vec<f32> {
        (0..width).map(|_| (self.next() * 4.0 - 2.0).exp() - 0.5).map(|v| v.max(0.0)).collect()
    }
}

fn library(rows: usize, width: usize) -> (Vec<Vec<f32>>, Nearest) {
    let mut noise = Noise(7);
    let features: Vec<_> = (0..rows).map(|_| noise.features(width)).collect();
    let mut nearest = Nearest::new(width, rows);
    for row in &features {
        assert!(nearest.push(&Imprint::of(row).expect("a direction")));
    }
    (features, nearest)
}

#[test]
fn the_search_finds_what_looking_at_each_one_finds() {
    for (rows, width) in [(1, 8), (700, 33), (BLOCK, 16), (2 * BLOCK + 17, 64)] {
        let (features, nearest) = library(rows, width);
        let query = Imprint::of(&Noise(99).features(width)).expect("a direction");
        let imprints: Vec<_> = features.iter().map(|f| Imprint::of(f).expect("a direction")).collect();
        let keep = |i: usize| i % 3 != 1;
        for k in [1, 12, 5000] {
            let mut wanted: Vec<_> =
                (0..rows).filter(|&i| keep(i)).map(|i| (i, imprints[i].similarity(&query))).collect();
            wanted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            wanted.truncate(k);
            for path in SimdPath::available() {
                let found = nearest.clone().with_path(path).search(&query, k, keep);
                assert_eq!(found.len(), wanted.len());
                for (f, w) in found.iter().zip(&wanted) {
                    assert!((f.similarity - w.1).abs() < 1e-6, "{f:?} {w:?}");
                    assert_eq!(f.index, w.0, "{} rows, {k}, {}", rows, path.name());
                }
            }
        }
    }
}

#[test]
fn of_equals_the_first_comes_first_and_a_picture_is_as_like_itself_as_can_be() {
    let mut nearest = Nearest::new(4, 3 * BLOCK);
    let (a, b) = (Imprint::of(&[1.0, 2.0, 0.0, 3.0]), Imprint::of(&[3.0, 0.5, 0.0, 0.0]));
    let (a, b) = (a.expect("a direction"), b.expect("a direction"));
    for i in 0..3 * BLOCK {
        nearest.push(if i % 100 == 50 { &a } else { &b });
    }
    let found = nearest.search(&a, 7, |i| i != 150);
    assert_eq!(found.iter().map(|f| f.index).collect::<Vec<_>>(), [50, 250, 350, 450, 550, 650, 750]);
    assert!(found.iter().all(|f| (f.similarity - 1.0).abs() < 1e-6), "{found:?}");
    assert_eq!(nearest.search(&a, 3, |i| i % 100 != 50).iter().map(|f| f.index).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn what_has_no_direction_or_another_width_is_refused() {
    for none in [&[][..], &[0.0; 4][..], &[1.0, f32::NAN][..], &[f32::INFINITY, 1.0][..]] {
        assert_eq!(Imprint::of(none), None);
    }
    let tiny = Imprint::of(&[1e-38, -1e-38, 0.0, 5e-39]).expect("a direction");
    assert_eq!(tiny.bytes(), [127, 129, 0, 64]);
    assert_eq!(Imprint::from_bytes(&tiny.bytes()), Some(tiny.clone()));
    for bad in [&[][..], &[0, 0][..], &[128, 127][..], &[3, 9][..]] {
        assert_eq!(Imprint::from_bytes(bad), None, "{bad:?}");
    }
    let (_, mut nearest) = library(9, 8);
    assert!(!nearest.push(&tiny) && nearest.len() == 9);
    assert!(nearest.search(&tiny, 3, |_| true).is_empty());
    assert!(Nearest::new(4, 0).search(&tiny, 3, |_| true).is_empty());
    assert!(Nearest::new(0, 0).is_empty());
}

#[test]
fn eight_bits_find_nearly_the_neighbours_of_single_precision() {
    let (rows, width, k) = (3000, 512, 10);
    let (features, nearest) = library(rows, width);
    let cosine = |a: &[f32], b: &[f32]| {
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    let mut noise = Noise(3);
    let (mut same, mut all) = (0, 0);
    for q in 0..40 {
        // Near one of the library, as the next cell of a kind is.
        let query: Vec<f32> = features[q * 70].iter().map(|v| v * (0.6 + 0.8 * noise.next())).collect();
        let mut exact: Vec<_> = (0..rows).map(|i| (i, cosine(&features[i], &query))).collect();
        exact.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found = nearest.search(&Imprint::of(&query).expect("a direction"), k, |_| true);
        assert!((f64::from(found[0].similarity) - exact[0].1).abs() < 2e-3);
        assert_eq!(found[0].index, exact[0].0);
        same += exact[..k].iter().filter(|e| found.iter().any(|f| f.index == e.0)).count();
        all += k;
    }
    // Random directions lie closer together than those of cells do.
    assert!(same * 10 >= all * 9, "{same} of {all}");
}
