//! Messages in the outbox: one for each version, states in their order, nothing changed or deleted, one sender at a time.

use leukoscope::store::{OutboxState, StoreError};

use crate::Bench;

fn signed() -> Bench {
    let bench = Bench::new(1);
    bench.decide("ada", 0, "NGS");
    bench.store.sign(&bench.request()).expect("signed");
    bench
}

#[test]
fn a_message_goes_from_state_to_state_and_stays_when_it_was_accepted() {
    let bench = signed();
    let (store, case) = (&bench.store, bench.case);
    let queue = |bytes: &[u8]| store.queue_message(case, 1, "ID1", "ada", bytes).expect("queued");
    let entry = queue(b"one");
    assert_eq!((entry.state, entry.sends, entry.control_id.as_str()), (OutboxState::Queued, 0, "ID1"));
    // What nobody has can still be made anew; what somebody may have cannot.
    queue(b"two");
    assert_eq!(store.outbox_message(entry.id).expect("bytes"), b"two");
    assert!(store.record_answer(entry.id, true, "AA").is_err(), "it was not sent");
    store.record_sending(entry.id, "lis:2575").expect("sent");
    assert_eq!(queue(b"three").state, OutboxState::Sent);
    assert_eq!(store.outbox_message(entry.id).expect("bytes"), b"two");
    store.record_sending(entry.id, "lis:2575").expect("sent again");
    store.record_answer(entry.id, false, "AE no such patient").expect("refused");
    assert!(store.record_sending(entry.id, "lis:2575").is_err(), "what was refused is queued first");
    assert_eq!(queue(b"four").state, OutboxState::Queued);
    store.record_sending(entry.id, "lis:2575").expect("sent");
    store.record_answer(entry.id, true, "AA").expect("accepted");
    assert!(store.record_sending(entry.id, "lis:2575").is_err(), "never twice");
    let done = queue(b"five");
    assert_eq!((done.state, done.sends, done.detail.as_deref()), (OutboxState::Accepted, 3, Some("AA")));
    assert_eq!(bench.again().outbox().expect("entries"), [done]);
    assert_eq!(store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn only_signed_versions_are_queued_each_under_an_id_of_its_own() {
    let bench = signed();
    let queue = |version, id| bench.store.queue_message(bench.case, version, id, "ada", b"x");
    assert!(queue(2, "ID2").is_err(), "there is no version 2");
    assert!(matches!(bench.store.queue_message(bench.case, 1, "ID1", " ", b"x"), Err(StoreError::Blank(_))));
    queue(1, "ID1").expect("queued");
    bench.store.reopen(bench.case, "ada", "misread").expect("reopened");
    bench.store.sign(&bench.request()).expect("signed");
    assert!(queue(2, "ID1").is_err(), "an id stands for one message");
    queue(2, "ID2").expect("queued");
    assert_eq!(bench.store.outbox().expect("entries").len(), 2);
}

#[test]
fn nothing_of_it_is_changed_or_deleted_and_one_process_sends() {
    let bench = signed();
    bench.store.queue_message(bench.case, 1, "ID1", "ada", b"x").expect("queued");
    let conn = rusqlite::Connection::open(bench.path()).expect("opens");
    for sql in [
        "UPDATE outbox SET control_id = 'ID2'",
        "DELETE FROM outbox",
        "INSERT OR REPLACE INTO outbox (id, case_id, version, control_id) SELECT id, case_id, version, 'ID2' FROM outbox",
        "UPDATE outbox_states SET state = 'sent', message = NULL, reviewer = NULL",
        "DELETE FROM outbox_states",
        "INSERT OR REPLACE INTO outbox_states (id, outbox_id, at, state) SELECT id, outbox_id, at, 'sent' FROM outbox_states",
        "INSERT INTO outbox_states (outbox_id, at, state) SELECT id, '', 'accepted' FROM outbox",
    ] {
        assert!(conn.execute_batch(sql).is_err(), "{sql}");
    }
    let lock = bench.store.lock_outbox().expect("a lock");
    assert!(lock.is_some() && bench.again().lock_outbox().expect("asked").is_none());
    drop(lock);
    assert!(bench.again().lock_outbox().expect("asked").is_some());
}
