//! kill -9 at random moments during `decide`: every acknowledged decision is present, and the database is sound.

mod common;

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

use common::Lab;
use leukoscope::{
    domain::{ClassTable, Seq},
    store::Store,
};

/// Runs; the moments are spread evenly over the time that a run takes, so that every stage of a transaction is hit.
const RUNS: u64 = 100;

#[test]
fn a_killed_run_loses_no_acknowledged_decision() {
    let lab = Lab::new();
    let folder = lab.phantoms("smear", 2);
    lab.run(&["import", folder.to_str().expect("UTF-8"), "--case", "smear"]).assert().code(0);
    let cells: Vec<i64> = {
        let export = lab.json(&["export", "smear"]);
        export["cells"].as_array().expect("cells").iter().map(|c| c["cell"].as_i64().expect("a number")).collect()
    };
    // One unhurried run first, so that the suggestions are in the database and a run is mostly decisions.
    let all = lines(&cells, 0);
    lab.run(&["decide", "smear"]).write_stdin(all).assert().code(0);

    let mut acknowledged: Vec<Seq> = Vec::new();
    let mut interrupted = 0;
    for run in 0..RUNS {
        let program = assert_cmd::cargo::cargo_bin("leukoscope");
        let mut child = Command::new(program)
            .args(["decide", "smear", "--reviewer", "anna", "--db"])
            .arg(lab.path("cases.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut stdin = child.stdin.take().expect("piped");
        let input = lines(&cells, run).repeat(50);
        let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let reader = std::thread::spawn(move || {
            // Only whole lines are acknowledgements.
            let whole =
                |l: std::io::Result<String>| serde_json::from_str::<serde_json::Value>(&l.ok()?).ok()?["seq"].as_i64();
            stdout.lines().map_while(whole).collect::<Vec<_>>()
        });
        // A generator of moments: the golden ratio spreads them over the first 120 ms without repeating.
        let share = (run as f64 * 0.618_033_988_749_895).fract();
        std::thread::sleep(Duration::from_secs_f64(0.12 * share));
        child.kill().expect("killed");
        interrupted += u64::from(!child.wait().expect("it ended").success());
        writer.join().expect("written");
        acknowledged.extend(reader.join().expect("read"));
    }
    assert!(interrupted > RUNS / 2, "only {interrupted} runs were cut short: the moments are too late");
    assert!(
        acknowledged.len() > 20,
        "only {} decisions were acknowledged: the moments are too early",
        acknowledged.len()
    );

    let store = Store::open(&lab.path("cases.db"), &ClassTable::default()).expect("it opens");
    let case = store.case("smear").expect("the case");
    let log: HashSet<Seq> = store.log(case.id).expect("the log").iter().map(|d| d.seq).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|s| !log.contains(s)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    drop(store);
    lab.run(&["verify"]).assert().code(0);
    eprintln!(
        "{interrupted} of {RUNS} runs cut short, {} decisions acknowledged, {} in the log",
        acknowledged.len(),
        log.len()
    );
}

/// A decision for each cell, as `decide` reads them.
fn lines(cells: &[i64], run: u64) -> String {
    let class = ["NGS", "MYO", "LYT"][run as usize % 3];
    cells.iter().map(|c| format!("{{\"cell\":{c},\"action\":\"reclassify\",\"class\":\"{class}\"}}\n")).collect()
}
