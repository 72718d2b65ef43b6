//! What is in the outbox, for people and as JSON.

use serde::Serialize;

use crate::{
    cli::{Failure, Outcome, output},
    domain::printable,
    store::{OutboxEntry, Store},
};

#[derive(Serialize)]
struct Line<'a> {
    case: &'a str,
    version: u32,
    control_id: &'a str,
    state: &'static str,
    at: &'a str,
    sends: u32,
    detail: Option<&'a str>,
}

/// Prints every message with where it stands, the first one first.
pub fn run(store: &Store, json: bool) -> Result<Outcome, Failure> {
    let outbox = store.outbox().map_err(Failure::usage)?;
    let text: String = outbox.iter().map(|e| if json { output::json_line(&line(e)) } else { row(e) }).collect();
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn line(e: &OutboxEntry) -> Line<'_> {
    Line {
        case: &e.case_name,
        version: e.version,
        control_id: &e.control_id,
        state: e.state.name(),
        at: &e.at,
        sends: e.sends,
        detail: e.detail.as_deref(),
    }
}

fn row(e: &OutboxEntry) -> String {
    let detail = printable(e.detail.as_deref().unwrap_or_default());
    let row = format!(
        "{}  version {}  {}  {}  sent {}x  {}  {detail}",
        printable(&e.case_name),
        e.version,
        e.state.name(),
        e.at,
        e.sends,
        e.control_id
    );
    format!("{}\n", row.trim_end())
}
