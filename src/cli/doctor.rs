//! `doctor`: what a bug report needs to know of this machine. Names no case and no patient.

use std::io::IsTerminal;

use serde::Serialize;

use super::{Context, Failure, Outcome, args::JsonFlag, context::show, output};
use crate::{
    domain::{counted, printable},
    model,
    store::Store,
    term::{Capabilities, GraphicsChoice, Session},
};

#[derive(Serialize)]
struct Report {
    version: &'static str,
    platform: String,
    terminal: Terminal,
    device: Device,
    database: Database,
    model: ModelReport,
    keymap: String,
}

#[derive(Serialize)]
struct Terminal {
    stdin: bool,
    stdout: bool,
    size: Option<(u16, u16)>,
    term: Option<String>,
    term_program: Option<String>,
    multiplexer: Option<&'static str>,
    name: Option<String>,
    colours: String,
    graphics: String,
    graphics_because: String,
    key_events: bool,
    cell_px: Option<(u16, u16)>,
    asked: bool,
}

#[derive(Serialize)]
struct Device {
    chosen: String,
    available: Vec<String>,
    threads: usize,
    /// Sets of vector instructions that the network can use; it uses the first.
    vectors: Vec<&'static str>,
}

#[derive(Serialize)]
struct Database {
    path: String,
    exists: bool,
    bytes: Option<u64>,
    cases: Option<usize>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct ModelReport {
    name: String,
    sha256: String,
    classes: usize,
    untrained: Vec<String>,
}

/// Looks the machine over; never makes a database.
pub fn run(context: &Context, args: &JsonFlag) -> Result<Outcome, Failure> {
    let report = report(context);
    if args.json {
        output::print(&output::json_line(&report))?;
    } else {
        output::print(&text(&report))?;
    }
    Ok(Outcome::Done)
}

fn report(context: &Context) -> Report {
    let available = model::available_devices();
    let info = crate::model::NetworkFile::embedded().info;
    Report {
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        terminal: terminal(),
        device: Device {
            chosen: available.first().cloned().unwrap_or_default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            vectors: model::SimdPath::available().into_iter().map(model::SimdPath::name).collect(),
            available,
        },
        database: database(context),
        model: ModelReport {
            name: info.name,
            sha256: info.sha256.to_string(),
            classes: info.classes.len(),
            untrained: info.untrained,
        },
        keymap: super::keys::load(None, &context.table).map_or_else(|e| e.to_string(), |_| "no problems".into()),
    }
}

/// What the terminal answers; without one, what the environment says.
fn terminal() -> Terminal {
    let env = |name: &str| std::env::var(name).ok().map(|v| printable(&v).into_owned());
    let (stdin, stdout) = (std::io::stdin().is_terminal(), std::io::stdout().is_terminal());
    let session = (stdin && stdout).then(|| Session::enter(GraphicsChoice::Auto).ok()).flatten();
    let found = session.as_ref().map_or_else(Capabilities::of_environment, |s| s.capabilities().clone());
    Terminal {
        stdin,
        stdout,
        size: session.as_ref().map(Session::size),
        term: env("TERM"),
        term_program: env("TERM_PROGRAM"),
        multiplexer: found.multiplexer,
        name: found.terminal.map(|t| printable(&t).into_owned()),
        colours: format!("{:?}", found.colours),
        graphics: found.graphics.to_string(),
        graphics_because: found.graphics_because,
        key_events: found.key_events,
        cell_px: found.cell_px_known.then_some(found.cell_px),
        asked: session.is_some(),
    }
}

fn database(context: &Context) -> Database {
    let bytes = std::fs::metadata(&context.db).ok().map(|m| m.len());
    let mut report = Database { path: show(&context.db), exists: bytes.is_some(), bytes, cases: None, problem: None };
    if report.exists {
        match Store::open(&context.db, &context.table).and_then(|s| s.cases()) {
            Ok(cases) => report.cases = Some(cases.len()),
            Err(e) => report.problem = Some(e.to_string()),
        }
    }
    report
}

fn text(r: &Report) -> String {
    let (t, d) = (&r.terminal, &r.database);
    let or = |v: &Option<String>| v.clone().unwrap_or_else(|| "-".into());
    let size = t.size.map_or_else(|| "not a terminal".into(), |(w, h)| format!("{w}x{h}"));
    let state = match (&d.problem, d.cases) {
        (Some(problem), _) => problem.clone(),
        (None, Some(cases)) => format!("{}, {} bytes", counted(cases as u64, "case", "cases"), d.bytes.unwrap_or(0)),
        (None, None) => "not made yet".into(),
    };
    let rows = [
        ("version", format!("{} on {}", r.version, r.platform)),
        (
            "terminal",
            format!(
                "{} {size}, TERM {}, program {}, {}",
                or(&t.name),
                or(&t.term),
                or(&t.term_program),
                t.multiplexer.unwrap_or("no multiplexer")
            ),
        ),
        ("colours", t.colours.clone()),
        (
            "graphics",
            format!("{}: {}{}", t.graphics, t.graphics_because, if t.asked { "" } else { " (no terminal was asked)" }),
        ),
        ("device", format!("{} (of: {})", r.device.chosen, r.device.available.join(", "))),
        ("database", format!("{}: {state}", d.path)),
        (
            "model",
            format!(
                "{} {}, {} classes, cannot tell {}",
                r.model.name,
                r.model.sha256,
                r.model.classes,
                r.model.untrained.join(" ")
            ),
        ),
        ("keymap", r.keymap.clone()),
    ];
    rows.iter().map(|(what, value)| format!("{what:<9} {value}\n")).collect()
}
