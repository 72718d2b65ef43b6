//! Records of drawn cells with fixed times, built without a database.

use leukoscope::{
    domain::{
        Action, BlastSet, CaseId, CaseRecord, CaseState, CellId, CellNumber, CellRecord, ClassTable, Decision,
        FlagRules, Happening, Laboratory, Layout, Ranges, Ranking, Scale, Sha256Hash, What,
    },
    export::{
        Particulars, Status, Summary,
        page::{Material, Page, Picture, Sizes},
    },
    phantom,
};

/// Cells: code suggested, its probability, code decided (`-`: none, `x`: excluded), and how many.
pub type Cells<'a> = &'a [(&'a str, f32, &'a str, usize)];

/// 200 cells of a healthy smear, a few of them corrected.
pub const NORMAL: Cells<'static> = &[
    ("NGS", 0.98, "NGS", 118),
    ("NGB", 0.71, "NGB", 4),
    ("NGS", 0.58, "NGB", 2),
    ("LYT", 0.97, "LYT", 55),
    ("MON", 0.93, "MON", 12),
    ("LYT", 0.52, "MON", 1),
    ("EOS", 0.99, "EOS", 6),
    ("BAS", 0.95, "BAS", 2),
];

/// 120 cells of a leukaemic one, with cells outside the count, and some without a decision.
pub const LEUKAEMIC: Cells<'static> = &[
    ("MYO", 0.97, "MYO", 61),
    ("MON", 0.61, "MYO", 5),
    ("LYT", 0.55, "MOB", 2),
    ("PMO", 0.66, "PMO", 3),
    ("NGS", 0.96, "NGS", 17),
    ("LYT", 0.92, "LYT", 14),
    ("MON", 0.80, "MON", 4),
    ("EBO", 0.90, "EBO", 5),
    ("KSC", 0.88, "KSC", 3),
    ("MYB", 0.40, "ART", 1),
    ("MYO", 0.45, "x", 2),
    ("MYO", 0.75, "-", 3),
];

/// A record, and what the page needs beside it.
pub struct Record {
    pub summary: Summary,
    pub history: Vec<Happening>,
    pub particulars: Particulars,
}

/// Minutes after ten in the morning of a fixed day.
fn at(minute: usize) -> String {
    format!("2026-11-23T{:02}:{:02}:00.000Z", 10 + minute / 60, minute % 60)
}

/// The record of a case of that name, decided by anna and, every third cell, by Bjørn.
pub fn record(name: &str, cells: Cells<'_>) -> Record {
    let table = ClassTable::default();
    let id = |code| table.by_code(code).expect("a code");
    let case = CaseRecord {
        id: CaseId(1),
        uid: "c".repeat(32),
        name: name.into(),
        root: "/smears/1".into(),
        layout: Layout::Phantom,
        scale: Scale::given(phantom::UM_PER_PX),
        target: 200,
        blasts: BlastSet::of_table(&table),
        state: CaseState::Open,
        version: None,
        imported_at: at(0),
    };
    let (mut found, mut log, mut predictions) = (Vec::new(), Vec::new(), std::collections::HashMap::new());
    for &(said, p, decided, n) in cells {
        for _ in 0..n {
            let number = found.len() as i64 + 1;
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            let path = format!("{said}_{number:03}.jpg").into();
            found.push(CellRecord {
                id: CellId(number),
                number: CellNumber::after(found.len()),
                path,
                sha256: Sha256Hash(hash),
                width: 360,
                height: 363,
            });
            let other = if said == "NGS" { "NGB" } else { "NGS" };
            let ranking = Ranking::new(&table, &[(id(said), p), (id(other), 1.0 - p)]).expect("adds up to one");
            predictions.insert(CellId(number), ranking);
            let action = match decided {
                "-" => continue,
                "x" => Action::Exclude,
                code if code == said => Action::Accept(id(code)),
                code => Action::Reclassify(id(code)),
            };
            log.push(Decision {
                seq: log.len() as i64 + 1,
                cell: CellId(number),
                reviewer: if number % 3 == 0 { "Bjørn".into() } else { "anna".into() },
                at: at(1 + log.len() / 10),
                action,
                network: None,
                suggested: None,
                bulk: None,
            });
        }
    }
    let summary = Summary::open(&table, &case, &found, &log, &predictions, Some(Sha256Hash([7; 32])));
    let mut laboratory = Laboratory::shipped();
    laboratory.name = "Example laboratory <1> & partners".into();
    laboratory.address = vec!["Straße 1".into(), "12345 Łódź".into()];
    let mut particulars = Particulars::new(&table, Ranges::shipped(&table), laboratory);
    particulars.patient = Some("P-0815".into());
    particulars.fields =
        particulars.laboratory.fill(&["specimen=EDTA blood".into(), "slide=A/1".into()]).expect("fields");
    particulars.imported_at = at(0);
    let imported = Happening { at: at(0), who: None, what: What::Imported };
    Record { summary: summary.with_flags(&FlagRules::shipped(&table)), history: vec![imported], particulars }
}

impl Record {
    /// The same as a signed version 2, which corrects a first one.
    pub fn signed(mut self) -> Self {
        let of = self.summary.blast_names();
        let (wbc, blasts) = (self.summary.wbc(), self.summary.blasts().map_or(0, |b| b.count));
        let mut happened =
            |minute, what| self.history.push(Happening { at: at(minute), who: Some("anna".into()), what });
        happened(
            40,
            What::Note { cell: None, text: "Smear thin at its end; <check> & \"compare\" with 中 slide B".into() },
        );
        happened(41, What::Note { cell: Some(CellId(3)), text: "Auer rod?".into() });
        happened(42, What::Tag { cell: Some(CellId(3)), on: true, text: "auer-rod".into() });
        happened(50, What::Signed { version: 1, wbc: wbc - 1, blasts, of: of.clone() });
        happened(55, What::Reopened { version: 1, reason: "one cell was overlooked".into() });
        happened(60, What::Signed { version: 2, wbc, blasts, of });
        self.summary.status = Status::Signed;
        self.summary.version = Some(2);
        self.summary.reviewer = Some("anna".into());
        self.summary.signed_at = Some(at(60));
        self.summary.reason = Some("one cell was overlooked".into());
        self
    }

    /// Its page; `lost` has no picture.
    pub fn page(&self, lost: Option<usize>) -> Page {
        let picture = |i: usize| {
            if lost == Some(i) {
                return Err("file not found".to_owned());
            }
            let cell = &self.summary.cells[i];
            let code = cell.decided.as_ref().map_or("NGS", |d| d.0.code());
            let frame = phantom::render(code, i as u64).ok_or("no phantom of this class")?;
            Ok(Picture::of(&frame, Some(phantom::UM_PER_PX), Sizes::ALL[0]))
        };
        let material = Material {
            history: &self.history,
            particulars: &self.particulars,
            network: Some("example"),
            scale: Scale::given(phantom::UM_PER_PX),
            frame: Some((360, 363)),
            picture: &picture,
        };
        Page::of(&self.summary, &material)
    }
}
