//! Decoding and the network side by side, over any number of images, in order and in bounded memory.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use image::RgbImage;

use super::{
    error::ModelError,
    info::InputSpec,
    network::{DEFAULT_BATCH, MAX_BATCH, Network, Pending},
    preprocess::{Input, preprocess},
};
use crate::domain::Ranking;

/// How [`classify_stream`] shares the work.
#[derive(Debug, Clone, Copy)]
pub struct StreamOptions {
    /// Images a batch.
    pub batch: usize,
    /// Threads that decode.
    pub workers: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        let workers = thread::available_parallelism().map_or(1, |n| n.get().min(8));
        Self { batch: DEFAULT_BATCH, workers }
    }
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOutcome {
    /// Images with a ranking.
    pub ranked: u64,
    /// Images with an error.
    pub failed: u64,
    /// Whether it was stopped before its end.
    pub cancelled: bool,
}

/// An image on its way from a decoder to the network.
type Decoded<T, E> = (T, Result<Input, E>);

/// An item for a decoder, and where its result goes.
type Job<T, E> = (T, SyncSender<Decoded<T, E>>);

/// Ranks `items`, in their order.
///
/// `decode` gives an item's frame and its um per px and runs on `workers` threads; `each` gets every item with its
/// ranking or its error, on the calling thread, in the order of `items`. At most about three batches are under way at
/// a time, however many items there are, and `items` is not drawn from faster than that. `cancel` stops it between
/// batches; what was handed to `each` before stays.
///
/// # Errors
/// When the network cannot compute at all; a single image that gives no prediction is an error of that image.
pub fn classify_stream<I, T, E>(
    network: &Network,
    items: I,
    options: StreamOptions,
    cancel: &AtomicBool,
    decode: impl Fn(&T) -> Result<(RgbImage, Option<f64>), E> + Sync,
    mut each: impl FnMut(T, Result<Ranking, E>),
) -> Result<StreamOutcome, ModelError>
where
    I: IntoIterator<Item = T>,
    I::IntoIter: Send,
    T: Send,
    E: Send + From<ModelError>,
{
    let batch = options.batch.clamp(1, MAX_BATCH);
    let workers = options.workers.max(1);
    let spec = &network.info().input;
    let items = items.into_iter();
    let decode = &decode;
    thread::scope(|scope| {
        // The order is kept by a queue of single-use channels, one an item; its length bounds what is under way.
        let (order, mut next) = sync_channel::<Receiver<Decoded<T, E>>>(2 * batch);
        let (jobs, queue) = sync_channel::<Job<T, E>>(workers);
        scope.spawn(move || {
            for item in items {
                let (done, wait) = sync_channel(1);
                if cancel.load(Ordering::Relaxed) || order.send(wait).is_err() || jobs.send((item, done)).is_err() {
                    break;
                }
            }
        });
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..workers {
            let queue = queue.clone();
            scope.spawn(move || work(&queue, decode, spec));
        }
        drop(queue);
        let mut outcome = StreamOutcome { ranked: 0, failed: 0, cancelled: false };
        let mut hand_over = |waiting: Waiting<T, E>, pending: Pending| -> Result<(), ModelError> {
            let mut rankings = network.rank_each(&network.collect(pending)?).into_iter();
            for (item, state) in waiting.items {
                // There is a ranking for each input.
                let Some(ranking) = state.map_or_else(|e| Some(Err(e)), |()| Some(rankings.next()?.map_err(E::from)))
                else {
                    continue;
                };
                *(if ranking.is_ok() { &mut outcome.ranked } else { &mut outcome.failed }) += 1;
                each(item, ranking);
            }
            Ok(())
        };
        let mut under_way = None;
        let cancelled = loop {
            let waiting = collect(&mut next, batch, cancel);
            if cancel.load(Ordering::Relaxed) {
                break true;
            }
            let ended = waiting.ended;
            let pending = network.submit(&waiting.inputs)?;
            // A GPU computes this batch while the one before is handed over and the next one is decoded.
            if let Some((waiting, pending)) = under_way.replace((waiting, pending)) {
                hand_over(waiting, pending)?;
            }
            if (ended || !network.is_apart())
                && let Some((waiting, pending)) = under_way.take()
            {
                hand_over(waiting, pending)?;
            }
            if ended {
                break false;
            }
        };
        outcome.cancelled = cancelled;
        Ok(outcome)
    })
}

/// Decodes and preprocesses until there is nothing more to do or nobody wants it.
fn work<T, E>(
    queue: &Mutex<Receiver<Job<T, E>>>,
    decode: &(impl Fn(&T) -> Result<(RgbImage, Option<f64>), E> + Sync),
    spec: &InputSpec,
) {
    loop {
        // A worker that panicked in `decode` did not hold the lock; the queue is sound either way.
        let job = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok((item, done)) = job else { return };
        let input = decode(&item).map(|(frame, um_per_px)| preprocess(&frame, um_per_px, spec));
        // Nobody waits any more after a cancellation: the item is dropped with the message.
        let _ = done.send((item, input));
    }
}

/// Items in order, some of them with an input for the network.
struct Waiting<T, E> {
    items: Vec<(T, Result<(), E>)>,
    inputs: Vec<Input>,
    ended: bool,
}

/// Waits until a batch is full; items that failed are not kept waiting for long behind it.
fn collect<T, E>(next: &mut Receiver<Receiver<Decoded<T, E>>>, batch: usize, cancel: &AtomicBool) -> Waiting<T, E> {
    let mut waiting = Waiting { items: Vec::new(), inputs: Vec::new(), ended: false };
    while waiting.inputs.len() < batch && waiting.items.len() < 4 * batch && !cancel.load(Ordering::Relaxed) {
        // Both ends hang up when the items are over, and when a decoder panicked: the scope then passes the panic on.
        let Some((item, input)) = next.recv().ok().and_then(|done| done.recv().ok()) else {
            waiting.ended = true;
            break;
        };
        let state = input.map(|input| waiting.inputs.push(input));
        waiting.items.push((item, state));
    }
    waiting
}
