//! Whole databases with damage: flipped bits, pages zeroed, swapped and doubled, files cut short, logs mangled. Whatever is done to one,
//! nothing panics or hangs, and no count that is told with success is another one than was recorded.
//!
//! `LEUKOSCOPE_HARNESS=5000` runs as many mutations of a database, and as many of a log; without it a few run with the suite.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use leukoscope::{
    domain::{
        Action, CaseId, ClassTable, FoundCase, FoundCell, Layout, Scale, ScaleSource, Sha256Hash, Verdict, current,
    },
    store::{NewDecision, SignRequest, SignedVersion, Store},
};

/// Longest that reading one damaged database may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);
/// Mutations of each kind that run with the suite.
const FEW: u64 = 200;

/// Draws numbers from a seed (splitmix64): the same damage every time.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

fn found(name: &str, n: u32) -> FoundCase {
    let cell = |i: u32| {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&i.to_be_bytes());
        hash[4..4 + name.len()].copy_from_slice(name.as_bytes());
        FoundCell {
            path: PathBuf::from(format!("cell_{i}.png")),
            sha256: Sha256Hash(hash),
            width: 360,
            height: 363,
            label: None,
            class: None,
        }
    };
    FoundCase {
        name: name.to_owned(),
        name_given: false,
        root: PathBuf::from("/smears").join(name),
        layout: Layout::Flat,
        scale: Scale { um_per_px: Some(0.1), source: ScaleSource::Profile },
        cells: (0..n).map(cell).collect(),
        refused: Vec::new(),
        warnings: Vec::new(),
        drawn: 0,
    }
}

/// Cells, cells with a decision, and blasts of how many WBC.
type Listed = (u64, u64, Option<(u64, u64)>);

/// What is recorded of a case: how it is listed, what holds for its cells, and what was signed.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    listed: Option<Listed>,
    verdicts: Option<BTreeMap<i64, Option<String>>>,
    signed: Option<Vec<SignedVersion>>,
}

fn decide(store: &Store, table: &ClassTable, case: CaseId, cell: usize, code: &str) {
    let cell = store.cells(case).expect("cells")[cell].id;
    let action = match code {
        "-" => Action::Exclude,
        code => Action::Reclassify(table.by_code(code).expect("a code")),
    };
    let new = NewDecision { case, cell, reviewer: "ada".into(), action, network: None, suggested: None };
    let d = store.record(&new).expect("recorded");
    if cell.0 % 7 == 0 {
        store.record(&NewDecision { action: Action::Undo(d.seq), ..new.clone() }).expect("taken back");
        store.record(&NewDecision { action: Action::Redo(d.seq), ..new }).expect("holds again");
    }
}

fn request(case: CaseId) -> SignRequest {
    SignRequest {
        case,
        reviewer: "ada".into(),
        allow_unreviewed: true,
        expect_last_seq: None,
        expect_blasts: None,
        blasts: None,
        network: None,
        no_wbc_reason: None,
    }
}

/// A signed case, one that was corrected, one under review, and their truth. With a log beside it where `log` says so.
fn database(dir: &Path, log: bool) -> (PathBuf, BTreeMap<String, Told>) {
    let table = ClassTable::default();
    let path = dir.join("whole.db");
    let mut store = Store::open(&path, &table).expect("a database");
    let codes = ["MYO", "NGS", "LYT", "EBO", "-", "MON", "MOB"];
    for (i, name) in ["signed", "corrected", "open"].into_iter().enumerate() {
        let case = store.import(&found(name, 40)).expect("imported").case.id;
        for cell in 0..36 {
            decide(&store, &table, case, cell, codes[(cell * (i + 2) + i) % codes.len()]);
        }
        if name != "open" {
            store.sign(&request(case)).expect("signed");
        }
        if name == "corrected" {
            store.reopen(case, "ada", "smear read again").expect("reopened");
            decide(&store, &table, case, 3, "BAS");
            store.sign(&request(case)).expect("signed");
            // The last one to leave writes the log into the file; what follows stays in a log of its own.
            drop(store);
            store = Store::open(&path, &table).expect("opens again");
        }
    }
    let truth = ["signed", "corrected", "open"].map(|name| (name.to_owned(), told(&store, &table, name)));
    assert!(truth.iter().all(|(_, t)| t.listed.is_some() && t.verdicts.is_some() && t.signed.is_some()));
    if log {
        for suffix in ["", "-wal"] {
            let from = format!("{}{suffix}", path.display());
            fs::copy(&from, dir.join(format!("copy.db{suffix}"))).expect("copied");
        }
        drop(store);
        return (dir.join("copy.db"), truth.into());
    }
    drop(store);
    (path, truth.into())
}

/// What a reader is told of a case with success; `None`: refused.
fn told(store: &Store, table: &ClassTable, name: &str) -> Told {
    let listed = || {
        let list = store.cases().ok()?;
        let unsound = store.unsound_cases(&list).ok()?;
        let c = list.into_iter().find(|c| c.case.name == name)?;
        let blasts = c.blasts.map(|b| (b.count, b.of));
        unsound.iter().all(|(id, _)| *id != c.case.id).then_some((c.cells, c.reviewed, blasts))
    };
    let verdicts = || {
        let case = store.case(name).ok()?;
        store.check_case(&case).ok()?;
        let (cells, log) = (store.cells(case.id).ok()?, store.log(case.id).ok()?);
        let held = current(&log);
        let code = |v: Verdict| v.code(table).to_owned();
        Some(cells.iter().map(|c| (c.id.0, held.get(&c.id).and_then(|d| d.action.verdict()).map(code))).collect())
    };
    let signed = || store.signed(store.case(name).ok()?.id).ok();
    Told { listed: listed(), verdicts: verdicts(), signed: signed() }
}

/// Reads the database every way that there is; whatever is told has to be the truth. In a thread of its own, so that a hang is seen.
fn hold(path: &Path, truth: &BTreeMap<String, Told>, what: &str) -> bool {
    let (say, hear) = mpsc::channel();
    let (path, names) = (path.to_owned(), truth.keys().cloned().collect::<Vec<_>>());
    std::thread::spawn(move || {
        let table = ClassTable::default();
        let Ok(store) = Store::open(&path, &table) else {
            let _ = say.send(None);
            return;
        };
        let all: BTreeMap<String, Told> = names.iter().map(|n| (n.clone(), told(&store, &table, n))).collect();
        let sound = store.verify().is_ok_and(|problems| problems.is_empty());
        for name in &names {
            if let Ok(case) = store.case(name) {
                let _ = store.history(case.id);
            }
        }
        let open = store.case("open").ok().map(|c| c.id);
        let signed = open.and_then(|case| store.sign(&request(case)).ok());
        // Closed before the next one takes its file's place.
        drop(store);
        let _ = say.send(Some((all, sound, signed)));
    });
    let Some((all, sound, signed)) = hear.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{what}: {e}")) else {
        return true;
    };
    let mut refused = false;
    for (name, is) in &all {
        let was = &truth[name];
        let wrong = || format!("{what}: {name}: something else is told than was recorded:\n{is:?}\n{was:?}");
        assert!(is.listed.is_none() || is.listed == was.listed, "{}", wrong());
        assert!(is.verdicts.is_none() || is.verdicts == was.verdicts, "{}", wrong());
        assert!(is.signed.is_none() || is.signed == was.signed, "{}", wrong());
        refused |= is.listed.is_none() || is.verdicts.is_none() || is.signed.is_none();
    }
    if let Some(signed) = signed {
        let held = truth["open"].verdicts.as_ref().expect("known");
        let is: BTreeMap<_, _> = signed
            .cells
            .iter()
            .map(|c| {
                let code = |d: &leukoscope::store::SignedVerdict| d.class.clone().unwrap_or_else(|| "excluded".into());
                (c.cell.0, c.decided.as_ref().map(code))
            })
            .collect();
        assert_eq!(&is, held, "{what}: signed is something else than was decided");
    }
    refused || !sound
}

fn fresh(from: &Path, to: &Path, file: &[u8], log: Option<&[u8]>) {
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", to.display()));
    }
    assert_ne!(from, to);
    fs::write(to, file).expect("written");
    if let Some(log) = log {
        fs::write(format!("{}-wal", to.display()), log).expect("written");
    }
}

fn pages(bytes: &[u8]) -> usize {
    bytes.len() / 4096
}

#[test]
fn no_damage_to_a_database_changes_a_count_that_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, truth) = database(dir.path(), false);
    let whole = fs::read(&path).expect("a file");
    let target = dir.path().join("damaged.db");
    let mut noticed = 0;
    let seeds = super::seeds(FEW);
    let n = seeds.end - seeds.start;
    for i in seeds {
        let mut draw = Draw(i);
        let mut file = whole.clone();
        let what = match i % 8 {
            0..=3 => {
                let (byte, bit) = (draw.below(file.len()), draw.below(8));
                file[byte] ^= 1 << bit;
                format!("seed {i}: bit {bit} of byte {byte}")
            }
            4 => {
                let page = draw.below(pages(&file));
                file[page * 4096..][..4096].fill(0);
                format!("seed {i}: page {page} zeroed")
            }
            5 => {
                let (a, b) = (draw.below(pages(&file)), draw.below(pages(&file)));
                let (first, second) = (file[a * 4096..][..4096].to_vec(), file[b * 4096..][..4096].to_vec());
                file[a * 4096..][..4096].copy_from_slice(&second);
                file[b * 4096..][..4096].copy_from_slice(&first);
                format!("seed {i}: pages {a} and {b} swapped")
            }
            6 => {
                let (a, b) = (draw.below(pages(&file)), draw.below(pages(&file)));
                file.copy_within(a * 4096..(a + 1) * 4096, b * 4096);
                format!("seed {i}: page {a} over page {b}")
            }
            _ => {
                let length = draw.below(file.len());
                file.truncate(length);
                format!("seed {i}: cut at {length}")
            }
        };
        fresh(&path, &target, &file, None);
        noticed += u64::from(hold(&target, &truth, &what));
    }
    eprintln!("{noticed} of {n} mutations were noticed; the others touched nothing that is told");
    assert!(n < 20 || noticed > n / 3, "{noticed} of {n}");
}

#[test]
fn no_damage_to_a_log_changes_a_count_that_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, truth) = database(dir.path(), true);
    let whole = fs::read(&path).expect("a file");
    let log = fs::read(format!("{}-wal", path.display())).expect("a log");
    assert!(log.len() > 3 * 4096, "{}", log.len());
    let target = dir.path().join("damaged.db");
    // A cut log holds what was committed before the cut: what is told then is what was recorded up to there, or refused.
    for i in super::seeds(FEW / 4) {
        let mut draw = Draw(i);
        let mut log = log.clone();
        let what = match i % 2 {
            0 => {
                // The pages of the log are under a checksum of SQLite's: from the first that does not hold, nothing of it is read.
                let (byte, bit) = (32 + draw.below(log.len() - 32), draw.below(8));
                log[byte] ^= 1 << bit;
                format!("seed {i}: bit {bit} of byte {byte} of the log")
            }
            _ => {
                log.truncate(draw.below(log.len()));
                format!("seed {i}: log cut at {}", log.len())
            }
        };
        fresh(&path, &target, &whole, Some(&log));
        let settled: BTreeMap<_, _> =
            truth.iter().filter(|(name, _)| *name != "open").map(|(n, t)| (n.clone(), t.clone())).collect();
        hold_settled(&target, &settled, &what);
    }
}

/// Signed cases alone: the case that was under review may end earlier, where the log was cut.
fn hold_settled(path: &Path, truth: &BTreeMap<String, Told>, what: &str) {
    let (say, hear) = mpsc::channel();
    let (path, names) = (path.to_owned(), truth.keys().cloned().collect::<Vec<_>>());
    std::thread::spawn(move || {
        let table = ClassTable::default();
        let Ok(store) = Store::open(&path, &table) else {
            let _ = say.send(None);
            return;
        };
        let _ = (store.verify(), told(&store, &table, "open"));
        let all: BTreeMap<_, _> = names.iter().map(|n| (n.clone(), told(&store, &table, n))).collect();
        drop(store);
        let _ = say.send(Some(all));
    });
    let Some(all) = hear.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{what}: {e}")) else { return };
    for (name, is) in all {
        let was = &truth[&name];
        assert!(is.signed.is_none() || is.signed == was.signed, "{what}: {name}: signed is something else");
        assert!(is.verdicts.is_none() || is.verdicts == was.verdicts, "{what}: {name}: decided is something else");
    }
}
