//! The stream keeps the order, keeps errors with their items, bounds what is under way, and can be stopped.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use image::{Rgb, RgbImage};
use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, ModelError, Network, StreamOptions, classify_stream, preprocess},
};

use super::support::Parts;

#[derive(Debug)]
enum Failure {
    Decode(usize),
    Model(ModelError),
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

fn network(parts: &Parts) -> Network {
    Network::load(&parts.parse().expect("a network"), &ClassTable::default(), DeviceChoice::Cpu).expect("a network")
}

fn frame(i: usize) -> RgbImage {
    RgbImage::from_fn(40, 40, |x, y| Rgb([(x as usize * i % 256) as u8, (y as usize * 7 % 256) as u8, i as u8]))
}

const OPTIONS: StreamOptions = StreamOptions { batch: 4, workers: 3 };

#[test]
fn items_come_back_in_order_with_their_own_ranking_or_error() {
    let network = network(&Parts::small());
    let (mut items, mut failed) = (Vec::new(), Vec::new());
    let decode = |&i: &usize| {
        // Decoders finish out of order.
        std::thread::sleep(Duration::from_millis((i * 7 % 5) as u64));
        if i % 10 == 3 { Err(Failure::Decode(i)) } else { Ok((frame(i), None)) }
    };
    let outcome =
        classify_stream(&network, 0..57, OPTIONS, &AtomicBool::new(false), decode, |i, ranking| match ranking {
            Ok(ranking) => items.push((i, ranking)),
            Err(Failure::Decode(j)) => failed.push((i, j)),
            Err(Failure::Model(e)) => panic!("{e}"),
        })
        .expect("a stream");
    assert_eq!((outcome.ranked, outcome.failed, outcome.cancelled), (51, 6, false));
    assert_eq!(failed, [3, 13, 23, 33, 43, 53].map(|i| (i, i)));
    assert!(items.iter().map(|i| i.0).eq((0..57).filter(|i| i % 10 != 3)));
    for (i, ranking) in items {
        let alone = network.predict(&[preprocess(&frame(i), None, &network.info().input)]).expect("a ranking");
        assert_eq!(alone[0].top().0, ranking.top().0, "item {i}");
        assert!((alone[0].top().1 - ranking.top().1).abs() < 1e-5, "item {i}");
    }
}

#[test]
fn nothing_in_nothing_out() {
    let network = network(&Parts::small());
    let decode = |_: &usize| Ok::<_, Failure>((frame(0), None));
    let outcome = classify_stream(&network, [], OPTIONS, &AtomicBool::new(false), decode, |_, _| panic!("no item"));
    assert_eq!(outcome.map(|o| (o.ranked, o.failed, o.cancelled)).expect("a stream"), (0, 0, false));
}

/// Without end: only a bound on what is under way lets this come to one.
#[test]
fn a_stream_without_end_stays_bounded_and_stops_when_cancelled() {
    let network = network(&Parts::small());
    let (drawn, cancel) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (mut handed, mut most) = (0, 0);
    let items = std::iter::repeat_with(|| drawn.fetch_add(1, Ordering::SeqCst));
    let decode = |&i: &usize| Ok::<_, Failure>((frame(i), None));
    let outcome = classify_stream(&network, items, OPTIONS, &cancel, decode, |_, ranking| {
        assert!(ranking.is_ok());
        handed += 1;
        most = most.max(drawn.load(Ordering::SeqCst) - handed);
        cancel.store(handed >= 100, Ordering::Relaxed);
    })
    .expect("a stream");
    assert!(outcome.cancelled);
    assert_eq!(outcome.ranked, 100, "what was computed is handed over");
    assert!(most <= 2 * 4 + 4 + 2 * 3 + 2, "{most} items were under way at once");
}

#[test]
fn one_image_without_a_prediction_does_not_stop_the_others() {
    let mut parts = Parts::small();
    for i in 0..64 {
        parts.set("fc.weight", i, f32::MAX);
    }
    let network = network(&parts);
    let decode = |&i: &usize| Ok::<_, Failure>((frame(i), None));
    let mut errors = Vec::new();
    let outcome = classify_stream(&network, 0..6, OPTIONS, &AtomicBool::new(false), decode, |i, ranking| {
        if let Err(Failure::Model(ModelError::NonFiniteOutput { .. })) = ranking {
            errors.push(i);
        }
    })
    .expect("a stream");
    assert_eq!((outcome.failed, errors), (6, vec![0, 1, 2, 3, 4, 5]));
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn a_decoder_that_panics_ends_the_stream_and_is_not_swallowed() {
    let network = network(&Parts::small());
    let decode = |&i: &usize| if i == 5 { panic!("a broken decoder") } else { Ok::<_, Failure>((frame(i), None)) };
    let _ = classify_stream(&network, 0..1000, OPTIONS, &AtomicBool::new(false), decode, |_, _| ());
}
