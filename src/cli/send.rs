//! `send`: signed cases to the laboratory's system, as HL7 messages over MLLP.
//!
//! Every message waits in the database's outbox until it was accepted. It carries the same control id whenever it goes out, so that a
//! receiver drops a repetition; that it is about to go out is on the disk before its first byte is on the wire.

mod deliver;
mod list;

use deliver::{Delivery, deliver};

use super::{
    Context, Failure, Outcome,
    args::SendArgs,
    context, output, particulars,
    progress::{Progress, interruption},
    signed,
};
use crate::{
    domain::{CaseRecord, CaseState, Mllp, printable, to_the_minute},
    export::{self, Outgoing},
    mllp::Link,
    store::{OutboxEntry, OutboxState, Store},
};

/// Queues what is asked for and sends what waits.
pub fn run(context: &Context, args: &SendArgs) -> Result<Outcome, Failure> {
    let store = args.case.as_deref().map_or_else(|| context.store(), |case| context.store_of(case))?;
    if args.list {
        return list::run(&store, args.json);
    }
    let reviewer = context::reviewer(&args.reviewer)?;
    let mllp = Mllp {
        address: args.to.clone().unwrap_or_else(|| context.laboratory.mllp.address.clone()),
        ..context.laboratory.mllp.clone()
    };
    if mllp.address.is_empty() {
        return Err(Failure::usage(
            "no receiver is known; give `address` under [mllp] in the laboratory's file (--laboratory FILE), or --to HOST:PORT",
        ));
    }
    let locked = store.lock_outbox().map_err(Failure::midway)?;
    let Some(_lock) = locked else {
        return Err(Failure::usage("another leukoscope is sending from this database; wait until it is done"));
    };
    let (waiting, left_out) = match &args.case {
        Some(name) => (one(context, args, &store, &reviewer, name)?, 0),
        None => all(context, args, &store, &reviewer)?,
    };
    if waiting.is_empty() {
        context.say("nothing waits to be sent");
        return Ok(Outcome::refused(left_out > 0));
    }
    let sent = send(context, &store, &mllp, &waiting)?;
    Ok(if left_out > 0 { Outcome::SomeRefused } else { sent })
}

/// What is said of a message that does not say whose it is.
const WHOSE: &str = "it says neither whose it is nor what it was ordered by; give --patient ID or --order NUMBER, or say --without-patient";

/// Queues one case's version that holds, and names what of the case waits up to it.
fn one(
    context: &Context,
    args: &SendArgs,
    store: &Store,
    reviewer: &str,
    name: &str,
) -> Result<Vec<OutboxEntry>, Failure> {
    let case = context.case(store, name)?;
    let shown = printable(&case.name);
    let version = match (case.state, case.version) {
        (CaseState::Signed, Some(version)) => version,
        (CaseState::Reopened, _) => {
            return Err(Failure::usage(format!(
                "{shown}: the case was reopened; sign the correction before it is sent"
            )));
        }
        _ => return Err(Failure::usage(format!("{shown}: the case is not signed; sign it before it is sent"))),
    };
    let before = store.outbox_entry(case.id, version).map_err(Failure::usage)?;
    let detail = |e: &OutboxEntry| e.detail.as_deref().map_or_else(String::new, |d| format!(" ({})", printable(d)));
    match &before {
        Some(e) if e.state == OutboxState::Accepted => {
            context.say(&format!(
                "{shown}: version {version} was accepted at {}{}; it is not sent again",
                to_the_minute(&e.at, &context.zone),
                detail(e)
            ));
        }
        Some(e) if e.state == OutboxState::Refused && !args.again => {
            return Err(Failure::usage(format!(
                "{shown}: version {version} was refused at {}{}; see to the reason, then send it with --again",
                to_the_minute(&e.at, &context.zone),
                detail(e)
            )));
        }
        Some(e) if e.state == OutboxState::Sent => {
            context.say(&format!(
                "{shown}: version {version} went out before without an answer; the same message goes again"
            ));
        }
        _ => {}
    }
    let report = &args.report;
    let names_whom = report.patient.is_some() || report.order.is_some();
    let says_nothing = !names_whom && report.collected.is_none() && report.field.is_empty();
    match before.map(|e| (e.id, e.state)) {
        // What may be at the receiver goes again as it is.
        Some((_, OutboxState::Sent | OutboxState::Accepted)) => {
            context.laboratory.fill(&report.field).map_err(Failure::usage)?;
        }
        // A message that waits stays as it was made, unless something is said of it.
        Some((id, OutboxState::Queued)) if says_nothing => {
            let message = store.outbox_message(id).map_err(Failure::usage)?;
            if !args.without_patient && !export::names_whom(&message) {
                return Err(Failure::usage(format!("{shown}: {WHOSE}")));
            }
        }
        _ if !names_whom && !args.without_patient => return Err(Failure::usage(format!("{shown}: {WHOSE}"))),
        _ => queue(context, args, store, reviewer, &case, version)?,
    }
    let outbox = store.outbox().map_err(Failure::usage)?;
    Ok(outbox.into_iter().filter(|e| e.case == case.id && e.version <= version && waits(e)).collect())
}

/// Queues every signed case's version that holds, drawn cases left out, and names everything that waits. What does not say whose it is
/// is left out, named and counted, unless that was allowed.
fn all(
    context: &Context,
    args: &SendArgs,
    store: &Store,
    reviewer: &str,
) -> Result<(Vec<OutboxEntry>, usize), Failure> {
    let mut left_out = 0;
    let mut leave_out = |case: &str| {
        left_out += 1;
        let case = printable(case);
        output::complain(&format!("{case}: not sent: {WHOSE}; one by one: leukoscope send '{case}' --patient ID"));
    };
    for case in store.cases().map_err(Failure::usage)?.into_iter().map(|c| c.case).filter(|c| !c.is_phantom()) {
        let Some(version) = case.version.filter(|_| case.state == CaseState::Signed) else { continue };
        let state = store.outbox_entry(case.id, version).map_err(Failure::usage)?.map(|e| e.state);
        if state.is_none() || (state == Some(OutboxState::Refused) && args.again) {
            if args.without_patient {
                queue(context, args, store, reviewer, &case, version)?;
            } else {
                leave_out(&case.name);
            }
        }
    }
    let mut waiting = Vec::new();
    for entry in store.outbox().map_err(Failure::usage)?.into_iter().filter(waits) {
        let message = store.outbox_message(entry.id).map_err(Failure::usage)?;
        // What went out before without an answer goes again: the receiver may have it.
        if entry.state == OutboxState::Sent || args.without_patient || export::names_whom(&message) {
            waiting.push(entry);
        } else {
            leave_out(&entry.case_name);
        }
    }
    Ok((waiting, left_out))
}

fn waits(e: &OutboxEntry) -> bool {
    matches!(e.state, OutboxState::Queued | OutboxState::Sent)
}

fn queue(
    context: &Context,
    args: &SendArgs,
    store: &Store,
    reviewer: &str,
    case: &CaseRecord,
    version: u32,
) -> Result<(), Failure> {
    let summary = signed::version(store, case, version)?.with_flags(&context.flags);
    let mut particulars = particulars::of(context, &args.report, store, case, &summary)?;
    let entry = |version| store.outbox_entry(case.id, version).map_err(Failure::usage);
    let queued = entry(version)?.map(|e| e.control_id);
    let control = queued.or_else(|| export::control_id(&summary)).expect("a signed version has one");
    let mut is_first = true;
    for earlier in 1..version {
        is_first &= entry(earlier)?.is_none_or(|e| e.state == OutboxState::Refused);
    }
    particulars.outgoing = Some(Outgoing { control_id: Some(control.clone()), is_first });
    let message = export::to_hl7(&summary, &particulars).into_bytes();
    store.queue_message(case.id, version, &control, reviewer, &message).map(|_| ()).map_err(Failure::midway)
}

/// Sends what waits, one after the other. A version is not sent while an earlier one of its case waits.
fn send(context: &Context, store: &Store, mllp: &Mllp, waiting: &[OutboxEntry]) -> Result<Outcome, Failure> {
    let cancel = interruption();
    let mut link = Link::new(&mllp.address, mllp.connect, mllp.answer, &cancel);
    let progress = Progress::new("messages sent", context.quiet);
    progress.more(waiting.len() as u64);
    let (mut accepted, mut refused, mut held) = (0_usize, 0_usize, Vec::new());
    let mut stopped = None;
    for entry in waiting {
        if held.contains(&entry.case) {
            continue;
        }
        let name = format!("{} version {}", printable(&entry.case_name), entry.version);
        match deliver(store, mllp, &mut link, entry, &cancel, &|text| progress.complain(&format!("{name}: {text}")))? {
            Delivery::Accepted => accepted += 1,
            Delivery::Refused(text) => {
                refused += 1;
                progress.complain(&format!("{name}: refused: {text}; see to the reason, then send it with --again"));
            }
            Delivery::Waits(why) => {
                progress.complain(&format!("{name}: {why}; it waits in the outbox"));
                held.push(entry.case);
            }
            Delivery::Stopped(why) => {
                stopped = Some(why);
                break;
            }
        }
        progress.add(1);
    }
    progress.finish();
    let left = waiting.len() - accepted - refused;
    context.say(&format!("{accepted} accepted, {refused} refused, {left} waiting"));
    if left > 0 {
        let why = stopped.map_or_else(String::new, |why| format!("{why}; "));
        return Err(Failure::midway(format!("{why}{left} waiting in the outbox; `leukoscope send --all` goes on")));
    }
    Ok(Outcome::refused(refused > 0))
}
