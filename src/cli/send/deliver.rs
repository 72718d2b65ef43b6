//! One message to the receiver: sent, answered, sent again after a lost connection, and every step of it written down first.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    cli::Failure,
    domain::Mllp,
    mllp::{Answer, Link, Trouble},
    store::{OutboxEntry, Store},
};

/// What became of a message.
pub enum Delivery {
    /// The receiver has it.
    Accepted,
    /// The receiver does not want it; what it said.
    Refused(String),
    /// No answer to it, although there is a connection: it waits for another run.
    Waits(String),
    /// Nothing can be sent at all, or the user wants to leave.
    Stopped(String),
}

/// Sends `entry` until it is answered, as often as `mllp` allows. `say` tells of each repetition.
///
/// # Errors
/// When the outbox cannot be written: nothing is sent that is not written down.
pub fn deliver(
    store: &Store,
    mllp: &Mllp,
    link: &mut Link<'_>,
    entry: &OutboxEntry,
    cancel: &AtomicBool,
    say: &dyn Fn(&str),
) -> Result<Delivery, Failure> {
    let message = store.outbox_message(entry.id).map_err(Failure::midway)?;
    let (mut lost, mut errors) = (0, 0);
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Ok(Delivery::Stopped("interrupted".to_owned()));
        }
        let answer = match link.open() {
            Ok(()) => {
                store.record_sending(entry.id, &mllp.address).map_err(Failure::midway)?;
                link.exchange(&message, &entry.control_id)
            }
            Err(trouble) => Err(trouble),
        };
        let (why, n) = match answer {
            Ok(ack) => {
                let accepted = ack.answer == Answer::Accepted;
                store.record_answer(entry.id, accepted, &ack.text).map_err(Failure::midway)?;
                if accepted {
                    return Ok(Delivery::Accepted);
                }
                if ack.answer == Answer::Rejected || errors >= mllp.refused_retries {
                    return Ok(Delivery::Refused(ack.text));
                }
                errors += 1;
                let by = "leukoscope";
                let again = store.queue_message(entry.case, entry.version, &entry.control_id, by, &message);
                again.map_err(Failure::midway)?;
                (ack.text, errors)
            }
            Err(Trouble::Interrupted) => return Ok(Delivery::Stopped("interrupted".to_owned())),
            Err(Trouble::NoConnection(why)) if lost >= mllp.retries => return Ok(Delivery::Stopped(why)),
            Err(Trouble::NoAnswer(why)) if lost >= mllp.retries => return Ok(Delivery::Waits(why)),
            Err(Trouble::NoConnection(why) | Trouble::NoAnswer(why)) => {
                lost += 1;
                (why, lost)
            }
        };
        let wait = mllp.wait_before(n);
        say(&format!("{why}; sent again in {} s", wait.as_secs_f64()));
        if !rest(wait, cancel) {
            return Ok(Delivery::Stopped("interrupted".to_owned()));
        }
    }
}

/// Waits; `false`: the user wants to leave.
fn rest(wait: Duration, cancel: &AtomicBool) -> bool {
    let until = Instant::now() + wait;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return false;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(Duration::from_millis(50)));
    }
}
