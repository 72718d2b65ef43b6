//! Batches made ready while the network learns from the one before, in an order that no thread decides.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::Scope,
};

use crate::model::Input;

/// Batches that each worker makes ahead.
const AHEAD: usize = 2;

/// A batch.
#[derive(Debug)]
pub(super) struct Batch {
    /// [n, 3, side, side], one picture after the other.
    pub values: Vec<f32>,
    /// Their places in the list of training images.
    pub places: Vec<usize>,
}

/// Batches in order; a picture that cannot be made is the error of its batch.
pub(super) struct Feed {
    workers: Vec<Receiver<Result<Batch, String>>>,
    next: usize,
}

impl Feed {
    /// Starts to make `batches` with `make` on as many threads as `workers` says; they end when the feed is dropped.
    pub fn start<'scope, 'env: 'scope, F>(
        scope: &'scope Scope<'scope, 'env>,
        workers: usize,
        batches: &'env [&'env [usize]],
        make: F,
    ) -> Self
    where
        F: Fn(usize) -> Result<Input, String> + Send + Sync + Clone + 'scope,
    {
        let workers = workers.max(1);
        let receivers = (0..workers).map(|first| {
            let (out, receiver) = sync_channel(AHEAD);
            let make = make.clone();
            scope.spawn(move || work(batches.iter().skip(first).step_by(workers), &make, &out));
            receiver
        });
        Self { workers: receivers.collect(), next: 0 }
    }
}

impl Iterator for Feed {
    type Item = Result<Batch, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let worker = self.next % self.workers.len();
        self.next += 1;
        self.workers[worker].recv().ok()
    }
}

fn work<'a>(
    batches: impl Iterator<Item = &'a &'a [usize]>,
    make: &impl Fn(usize) -> Result<Input, String>,
    out: &SyncSender<Result<Batch, String>>,
) {
    for places in batches {
        let mut values = Vec::new();
        let made = places.iter().try_for_each(|&place| {
            values.extend_from_slice(make(place)?.values());
            Ok(())
        });
        let failed = made.is_err();
        // Nobody listens any more after an interruption.
        if out.send(made.map(|()| Batch { values, places: places.to_vec() })).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Preset;

    #[test]
    fn batches_come_in_order_from_any_number_of_workers_and_an_error_in_its_place() {
        let spec = crate::model::InputSpec { size: 1, ..Preset::Light.recipe().input };
        let order: Vec<usize> = (0..50).collect();
        let batches: Vec<&[usize]> = order.chunks(7).collect();
        for workers in 1..4 {
            let make = |i: usize| match i {
                40 => Err("no picture 40".to_owned()),
                _ => Input::from_values(vec![i as f32; 3], &spec).map_err(|e| e.to_string()),
            };
            let got: Vec<Result<Batch, String>> =
                std::thread::scope(|scope| Feed::start(scope, workers, &batches, make).take(6).collect());
            for (batch, wanted) in got.iter().zip(&batches).take(5) {
                let batch = batch.as_ref().expect("made");
                assert_eq!(batch.places, **wanted);
                assert_eq!(batch.values[3], wanted[1] as f32);
            }
            assert_eq!(got[5].as_ref().err().map(String::as_str), Some("no picture 40"));
        }
        // A feed that nobody empties ends with its scope.
        std::thread::scope(|scope| drop(Feed::start(scope, 2, &batches, |_| Err(String::new()))));
    }
}
