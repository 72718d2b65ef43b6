//! Which images an epoch shows, and in which order.

use super::{random::Draw, recipe::Data};

/// How often each image of a kind is drawn in an epoch, on average; `counts` are the images of each kind: of a class in a set.
///
/// An epoch has about as many draws as there are images; a kind of n images gets a share in proportion to n^(1 - balance),
/// but no image is drawn more than `most_repeats` times. Kinds rather than classes: where one laboratory has thousands of
/// eosinophils and another a hundred, the network would learn that eosinophils look like the first one's pictures.
pub fn repeats(counts: &[usize], data: &Data) -> Vec<f64> {
    let total: usize = counts.iter().sum();
    let weight = |n: usize| if n == 0 { 0.0 } else { (n as f64).powf(1.0 - data.balance) };
    let sum: f64 = counts.iter().map(|&n| weight(n)).sum();
    let of = |&n: &usize| match n {
        0 => 0.0,
        n => (total as f64 * weight(n) / sum / n as f64).min(data.most_repeats),
    };
    counts.iter().map(of).collect()
}

/// The order of an epoch: places in `kinds`, each as often as its kind's repeats say, a fraction of a repeat by lot.
pub(super) fn epoch(kinds: &[usize], repeats: &[f64], seed: u64, epoch: usize) -> Vec<usize> {
    let mut draw = Draw::of(seed, "order", [epoch, 0]);
    // Which images get one more: every kind's in an order of its own, so that it is exactly their share.
    let mut left: Vec<(f64, usize)> = Vec::new();
    let mut order = Vec::with_capacity(kinds.len());
    for (i, &kind) in kinds.iter().enumerate() {
        let times = repeats[kind];
        order.extend(std::iter::repeat_n(i, times.floor() as usize));
        left.push((draw.unit(), i));
    }
    left.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut owed: Vec<f64> = vec![0.0; repeats.len()];
    for (_, i) in left {
        let owed = &mut owed[kinds[i]];
        *owed += repeats[kinds[i]].fract();
        if *owed >= 1.0 - 1e-9 {
            *owed -= 1.0;
            order.push(i);
        }
    }
    draw.shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(balance: f64, most_repeats: f64) -> Data {
        Data { balance, most_repeats, validation: 0.1, share: 1.0 }
    }

    #[test]
    fn balance_goes_from_every_image_once_to_every_class_equally_often() {
        let counts = [900, 90, 10, 0];
        assert_eq!(repeats(&counts, &data(0.0, 100.0)), [1.0, 1.0, 1.0, 0.0]);
        let even = repeats(&counts, &data(1.0, 100.0));
        let draws: Vec<f64> = even.iter().zip(counts).map(|(r, n)| r * n as f64).collect();
        assert!(draws[..3].iter().all(|d| (d - 1000.0 / 3.0).abs() < 1e-6), "{draws:?}");
        let half = repeats(&counts, &data(0.5, 100.0));
        assert!(half[0] < half[1] && half[1] < half[2] && half[2] < even[2]);
        assert_eq!(repeats(&counts, &data(1.0, 5.0))[2], 5.0, "no image is shown more often than that");
    }

    #[test]
    fn an_epoch_shows_each_image_as_often_as_its_class_is_due() {
        let labels: Vec<usize> = (0..1000).map(|i| usize::from(i >= 900)).collect();
        let repeats = [0.6, 4.5];
        let order = epoch(&labels, &repeats, 1, 0);
        let mut times = vec![0; 1000];
        order.iter().for_each(|&i| times[i] += 1);
        assert!(times[..900].iter().all(|&n| n <= 1) && times[900..].iter().all(|n| (4..=5).contains(n)));
        assert_eq!((times[..900].iter().sum::<i32>(), times[900..].iter().sum::<i32>()), (540, 450));
        assert_eq!(order, epoch(&labels, &repeats, 1, 0));
        assert_ne!(order, epoch(&labels, &repeats, 1, 1));
        assert_ne!(order, epoch(&labels, &repeats, 2, 0));
    }
}
