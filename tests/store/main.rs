//! The database: its file, the log, signed versions, imports, two reviewers at once, and its speed.

mod blasts;
mod decisions;
mod file;
mod importing;
mod library;
mod outbox;
mod processes;
mod reading_only;
mod readings;
mod restoring;
mod schemas;
mod signing;
mod speed;

use std::path::PathBuf;

use leukoscope::{
    domain::{
        Action, CaseId, CellId, CellRecord, ClassId, ClassTable, FoundCase, FoundCell, Layout, Ranking, Scale,
        ScaleSource, Sha256Hash,
    },
    store::{NewDecision, SignRequest, Store},
};

/// A hash that stands for image `n` of case `case`.
fn hash(case: u32, n: u32) -> Sha256Hash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&case.to_be_bytes());
    bytes[4..8].copy_from_slice(&n.to_be_bytes());
    Sha256Hash(bytes)
}

/// A case as intake would find it: images `range` of case number `case` in `/smears/NAME`.
fn found(name: &str, case: u32, range: std::ops::Range<u32>) -> FoundCase {
    let cell = |n| FoundCell {
        path: PathBuf::from(format!("cell_{n}.png")),
        sha256: hash(case, n),
        width: 360,
        height: 363,
        label: None,
        class: None,
    };
    FoundCase {
        name: name.to_owned(),
        name_given: false,
        root: PathBuf::from("/smears").join(name),
        layout: Layout::Flat,
        scale: Scale { um_per_px: Some(0.1), source: ScaleSource::Profile },
        cells: range.map(cell).collect(),
        drawn: 0,
        refused: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A folder, a database in it, and a case of `n` cells.
struct Bench {
    dir: tempfile::TempDir,
    store: Store,
    case: CaseId,
    cells: Vec<CellRecord>,
    table: ClassTable,
}

impl Bench {
    fn new(n: u32) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let table = ClassTable::default();
        let store = Store::open(&dir.path().join("records.db"), &table).expect("a database");
        let case = store.import(&found("Patient_1", 1, 0..n)).expect("imported").case.id;
        let cells = store.cells(case).expect("cells");
        Self { dir, store, case, cells, table }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("records.db")
    }

    /// Another connection.
    fn again(&self) -> Store {
        Store::open(&self.path(), &self.table).expect("opens again")
    }

    fn class(&self, code: &str) -> ClassId {
        self.table.by_code(code).expect("a code")
    }

    fn cell(&self, n: usize) -> CellId {
        self.cells[n].id
    }

    fn decision(&self, who: &str, cell: usize, action: Action) -> NewDecision {
        NewDecision {
            case: self.case,
            cell: self.cell(cell),
            reviewer: who.to_owned(),
            action,
            network: None,
            suggested: None,
        }
    }

    /// Decides and returns the decision's number.
    fn decide(&self, who: &str, cell: usize, code: &str) -> i64 {
        self.store.record(&self.decision(who, cell, Action::Reclassify(self.class(code)))).expect("recorded").seq
    }

    fn request(&self) -> SignRequest {
        SignRequest {
            case: self.case,
            reviewer: "ada".into(),
            allow_unreviewed: false,
            expect_last_seq: None,
            expect_blasts: None,
            blasts: None,
            network: None,
            no_wbc_reason: None,
        }
    }

    /// A ranking with `code` on top.
    fn ranking(&self, code: &str, p: f32) -> Ranking {
        let predicted: Vec<_> = self.table.iter().filter(|(_, c)| c.predicted).map(|(id, _)| id).collect();
        let rest = (1.0 - p) / (predicted.len() - 1) as f32;
        let top = self.class(code);
        let pairs: Vec<_> = predicted.into_iter().map(|id| (id, if id == top { p } else { rest })).collect();
        Ranking::new(&self.table, &pairs).expect("a ranking")
    }
}
