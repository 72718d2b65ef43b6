//! Threads that share one picture, layer by layer.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use rayon::Yield;

/// How long a thread waits for its part of the next layer before it may go to sleep.
///
/// A layer takes 50 to 2,000 us. Left to itself a thread of the pool sleeps after about 20 us without work, and waking it
/// takes longer than many a layer: 1.4 times the time of a whole picture of the default network, measured on two threads.
const PATIENCE: Duration = Duration::from_micros(300);

/// Runs `work` in the pool while its other threads stand by for what `work` joins.
pub(super) fn attended<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let done = AtomicBool::new(false);
    // From outside the pool, every join of `work` would be handed to it anew; a scope is handed over once.
    rayon::scope(|scope| {
        let (done, own) = (&done, rayon::current_thread_index());
        scope.spawn_broadcast(move |_, thread| {
            if Some(thread.index()) != own {
                stand_by(done);
            }
        });
        let result = work();
        done.store(true, Ordering::Release);
        result
    })
}

/// Takes on whatever work comes up until `done`, or until nothing has come up for a while.
fn stand_by(done: &AtomicBool) {
    let mut idle = Instant::now();
    while !done.load(Ordering::Acquire) {
        if rayon::yield_now() == Some(Yield::Executed) {
            idle = Instant::now();
        } else if idle.elapsed() > PATIENCE {
            break;
        } else {
            std::hint::spin_loop();
        }
    }
}
