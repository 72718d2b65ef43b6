//! `export --all` to Parquet and CSV: seconds, and how much memory the program had at most, for few and for many signed
//! cases of 200 cells. The cases have no images: tables need none.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use leukoscope::{
    domain::{ClassTable, FoundCase, FoundCell, Layout, Scale, ScaleSource, Sha256Hash},
    store::{SignRequest, Store},
};

const CELLS: u32 = 200;

/// A case of 200 cells that no file stands behind.
fn found(case: u32) -> FoundCase {
    let name = format!("case_{case}");
    let cell = |n: u32| {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&case.to_be_bytes());
        hash[4..8].copy_from_slice(&n.to_be_bytes());
        FoundCell {
            path: PathBuf::from(format!("cell_{n}.png")),
            sha256: Sha256Hash(hash),
            width: 360,
            height: 363,
            label: None,
            class: None,
        }
    };
    FoundCase {
        root: Path::new("/smears").join(&name),
        name,
        name_given: false,
        layout: Layout::Flat,
        scale: Scale { um_per_px: Some(0.1), source: ScaleSource::Profile },
        cells: (0..CELLS).map(cell).collect(),
        drawn: 0,
        refused: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A database of so many signed cases.
fn database(path: &Path, cases: u32) {
    let store = Store::open(path, &ClassTable::default()).expect("a database");
    let ids: Vec<_> = (0..cases).map(|n| store.import(&found(n)).expect("imported").case.id).collect();
    rusqlite::Connection::open(path)
        .expect("opens")
        .execute_batch(
            "INSERT INTO decisions (case_id, cell_id, reviewer, at, action, class)
             SELECT case_id, id, 'ada', '2026-01-01T00:00:00.000Z', 'reclassify',
                    substr('NGSLYTMONMYOEOSEBO', 1 + 3 * (id % 6), 3) FROM cells;",
        )
        .expect("decided");
    for case in ids {
        let request = SignRequest {
            case,
            reviewer: "ada".into(),
            allow_unreviewed: false,
            expect_last_seq: None,
            expect_blasts: None,
            blasts: None,
            network: None,
            no_wbc_reason: None,
        };
        store.sign(&request).expect("signed");
    }
}

/// Seconds and the most memory (MB; where /proc tells it) of one export.
fn export(database: &Path, to: &Path, format: &str) -> (f64, Option<f64>) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_leukoscope"))
        .args(["export", "--all", "--quiet", "--format", format, "--db"])
        .arg(database)
        .arg("-o")
        .arg(to)
        .stdout(Stdio::null())
        .spawn()
        .expect("runs");
    let mut most = None;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak =
            status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        most = peak.map(|kb| kb / 1000.0).or(most);
        if let Some(status) = child.try_wait().expect("waits") {
            assert!(status.success());
            return (start.elapsed().as_secs_f64(), most);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn main() {
    // `cargo test --benches` asks for nothing but that it builds.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    for cases in [100, 1000] {
        let path = dir.path().join(format!("{cases}.db"));
        database(&path, cases);
        for format in ["parquet", "csv"] {
            let runs: Vec<_> = (0..3).map(|_| export(&path, &dir.path().join("tables"), format)).collect();
            let best = runs.iter().map(|r| r.0).fold(f64::INFINITY, f64::min);
            let most = runs.iter().filter_map(|r| r.1).fold(0.0, f64::max);
            println!("{cases} cases of {CELLS} cells to {format}: {best:.2} s at best of 3, {most:.0} MB at most");
        }
    }
}
