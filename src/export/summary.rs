//! The view of a case that every format is written from.

use crate::domain::{
    BlastNames, Bulk, CaseRecord, CellRecord, ClassTable, Decision, EXCLUDED, Flag, Interval, Ranking, Role,
    Sha256Hash, Share, Tally, Unlike, Verdict, current,
};
use std::collections::HashMap;

use super::{Amendment, Readers};

use crate::domain::{CellId, CellNumber};

/// Where the view was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The decisions as they stand: preliminary.
    Open,
    /// A signed version.
    Signed,
}

impl Status {
    /// Its name in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Signed => "signed",
        }
    }
}

/// One class of the differential.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// Class code.
    pub class: String,
    /// Class name.
    pub name: String,
    /// How it enters the differential.
    pub role: Role,
    /// Whether it counts towards the blast percentage of this case.
    pub blast: bool,
    /// Whether the class table calls it a blast; what counts and is none is a blast equivalent.
    pub blast_class: bool,
    /// Cells.
    pub count: u64,
    /// LOINC code of the percentage.
    pub loinc: Option<String>,
}

/// What was decided of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// A class, by its code.
    Class(String),
    /// Out of every count.
    Excluded,
}

impl Decided {
    /// The class code, or `excluded`.
    pub fn code(&self) -> &str {
        match self {
            Self::Class(code) => code,
            Self::Excluded => EXCLUDED,
        }
    }
}

/// One cell of the case.
#[derive(Debug, Clone, PartialEq)]
pub struct CellRow {
    /// Its number in the case.
    pub cell: CellNumber,
    /// Its id in the database.
    pub id: CellId,
    /// Path relative to the case's folder.
    pub path: String,
    /// SHA-256 of its file.
    pub sha256: Sha256Hash,
    /// The network's suggestion: class code and probability.
    pub predicted: Option<(String, f64)>,
    /// How unlike its training data the network found the picture; `None`: it could not say.
    pub unlike: Option<Unlike>,
    /// The step that this was part of, where many cells were decided at once.
    pub bulk: Option<Bulk>,
    /// What was decided, by whom and when.
    pub decided: Option<(Decided, String, String)>,
}

impl CellRow {
    /// Whether the network found the picture unlike its training data past its threshold.
    pub fn is_flagged(&self) -> bool {
        self.unlike.is_some_and(|u| u.flagged)
    }
}

/// A case, ready to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Name of the case.
    pub case: String,
    /// The case's own identity ([`CaseRecord::uid`]): what ids are made of.
    pub uid: String,
    /// The identity of the database that the shown version was signed in; of an open case that of the database it is in.
    pub origin: String,
    /// The same of the case's first version: what is told of later versions has the ids of the first one's.
    pub first_origin: String,
    /// Whether its cells are drawings of the program.
    pub phantom: bool,
    /// Where the view was taken from.
    pub status: Status,
    /// The signed version shown; for an open case the latest one, if it was ever signed.
    pub version: Option<u32>,
    /// Why the version corrects an earlier one, or why the case was reopened.
    pub reason: Option<String>,
    /// Who signed.
    pub reviewer: Option<String>,
    /// When.
    pub signed_at: Option<String>,
    /// SHA-256 of the network.
    pub model: Option<Sha256Hash>,
    /// WBC that were to be counted.
    pub target: u64,
    /// Every class of the table, in its order.
    pub counts: Vec<Count>,
    /// Cells out of every count.
    pub excluded: u64,
    /// Cells without a decision.
    pub unreviewed: u64,
    /// What stands out; empty until [`Summary::with_flags`].
    pub flags: Vec<Flag>,
    /// Every cell, in the order of the case.
    pub cells: Vec<CellRow>,
    /// What changed since the version before, if there is one.
    pub amends: Option<Amendment>,
    /// The counts of every signed version before this one, the first one first.
    pub earlier: Vec<Vec<Count>>,
    /// The two readers that a signed version stands on; `None`: there is one record alone, or it is not signed.
    pub readers: Option<Readers>,
    /// Why a differential without a single WBC was signed.
    pub no_wbc_reason: Option<String>,
}

impl Summary {
    /// The view of a case whose decisions are still open.
    pub fn open(
        table: &ClassTable,
        case: &CaseRecord,
        cells: &[CellRecord],
        log: &[Decision],
        predictions: &HashMap<CellId, Ranking>,
        model: Option<Sha256Hash>,
    ) -> Self {
        let holding = current(log);
        let verdict = |c: &CellRecord| holding.get(&c.id).and_then(|d| d.action.verdict());
        let tally = Tally::of(table, &case.blasts, cells.iter().map(verdict));
        let code = |id| table.code(id).to_owned();
        let row = |c: &CellRecord| CellRow {
            cell: c.number,
            id: c.id,
            path: c.path.to_string_lossy().into_owned(),
            sha256: c.sha256,
            predicted: predictions.get(&c.id).map(|r| (code(r.top().0), f64::from(r.top().1))),
            unlike: predictions.get(&c.id).and_then(|r| r.unlike),
            bulk: holding.get(&c.id).and_then(|d| d.bulk),
            decided: holding.get(&c.id).and_then(|d| {
                let decided = match d.action.verdict()? {
                    Verdict::Class(id) => Decided::Class(code(id)),
                    Verdict::Excluded => Decided::Excluded,
                };
                Some((decided, d.reviewer.clone(), d.at.clone()))
            }),
        };
        let count = |row: &crate::domain::TallyRow| {
            let class = table.get(row.class);
            Count {
                class: class.code.clone(),
                name: class.name.clone(),
                role: class.role,
                blast: case.blasts.holds(row.class) && class.role.is_wbc(),
                blast_class: class.blast,
                count: row.count,
                loinc: class.loinc_percent().map(str::to_owned),
            }
        };
        Self {
            case: case.name.clone(),
            uid: case.uid.clone(),
            origin: String::new(),
            first_origin: String::new(),
            phantom: case.is_phantom(),
            status: Status::Open,
            version: case.version,
            reason: None,
            reviewer: None,
            signed_at: None,
            model,
            target: case.target,
            counts: tally.rows.iter().map(count).collect(),
            excluded: tally.excluded,
            unreviewed: tally.unreviewed,
            flags: Vec::new(),
            cells: cells.iter().map(row).collect(),
            amends: None,
            earlier: Vec::new(),
            readers: None,
            no_wbc_reason: None,
        }
    }

    /// The same of a database of that identity.
    pub fn in_database(mut self, identity: &str) -> Self {
        self.origin = identity.to_owned();
        self.first_origin = self.origin.clone();
        self
    }

    fn sum(&self, wanted: impl Fn(&Count) -> bool) -> u64 {
        self.counts.iter().filter(|c| wanted(c)).map(|c| c.count).sum()
    }

    /// The WBC count: the denominator of every percentage.
    pub fn wbc(&self) -> u64 {
        self.sum(|c| c.role.is_wbc())
    }

    /// What counts as a blast in the case: the name of [`Summary::blasts`].
    pub fn blast_names(&self) -> BlastNames {
        let in_wbc = self.counts.iter().filter(|c| c.role.is_wbc());
        BlastNames::of(in_wbc.map(|c| (c.class.as_str(), c.blast, c.blast_class)))
    }

    /// All cells that count as blasts in the case.
    pub fn all_blasts(&self) -> u64 {
        self.sum(|c| c.blast && c.role.is_wbc())
    }

    /// Whether the share of blasts is that of the blasts of the class table, all of them and nothing else: what LOINC's code for
    /// blasts stands for. A blast that does not count and of which there is no cell makes no difference.
    pub fn is_of_blasts_alone(&self) -> bool {
        !self.blast_names().has_equivalents() && self.sum(|c| c.blast_class && !c.blast && c.role.is_wbc()) == 0
    }

    /// All cells that count as blasts in the case, as a share of the WBC.
    pub fn blasts(&self) -> Option<Share> {
        Share::new(self.all_blasts(), self.wbc())
    }

    /// A class's share of the WBC; `None` for a class outside the WBC count or while no WBC is counted.
    pub fn share(&self, count: &Count) -> Option<Share> {
        count.role.is_wbc().then(|| Share::new(count.count, self.wbc())).flatten()
    }

    /// Cells of a role per 100 WBC; `None` while no WBC is counted.
    pub fn per_100_wbc(&self, role: Role) -> Option<f64> {
        let wbc = self.wbc();
        (wbc > 0).then(|| 100.0 * self.sum(|c| c.role == role) as f64 / wbc as f64)
    }

    /// When the record was as it is shown: at its signature, else at its last decision, else when the case was imported.
    pub fn as_of<'a>(&'a self, imported_at: &'a str) -> &'a str {
        let decided = || self.cells.iter().filter_map(|c| c.decided.as_ref().map(|d| d.2.as_str())).max();
        self.signed_at.as_deref().or_else(decided).filter(|at| !at.is_empty()).unwrap_or(imported_at)
    }

    /// Cells that the reviewer could not identify.
    pub fn unidentified(&self) -> u64 {
        self.sum(|c| c.role == Role::Unidentified)
    }
}

/// An interval in percent.
pub(super) fn percent(ci: Interval) -> [f64; 2] {
    [100.0 * ci.lower, 100.0 * ci.upper]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        domain::{Action, BlastSet, CaseId, CaseState, FlagRules, Laboratory, Layout, Ranges, Scale},
        export::Particulars,
    };

    /// A case of six cells: a blast, two neutrophils, a red cell, an excluded and an unreviewed one.
    pub(in crate::export) fn example() -> Summary {
        let table = ClassTable::default();
        let id = |code| table.by_code(code).expect("a code");
        let case = CaseRecord {
            id: CaseId(1),
            uid: "c".repeat(32),
            name: "Patient\x1b[2J 7".into(),
            root: "/smears/7".into(),
            layout: Layout::Flat,
            scale: Scale::given(0.1),
            target: 100,
            blasts: BlastSet::of_table(&table),
            state: CaseState::Open,
            version: None,
            imported_at: "2026-11-23T10:00:00.000Z".into(),
        };
        let cell = |i: i64| CellRecord {
            id: CellId(i),
            number: CellNumber::after(i as usize - 1),
            path: format!("cell_{i}.jpg").into(),
            sha256: Sha256Hash([i as u8; 32]),
            width: 360,
            height: 363,
        };
        let actions = [
            Action::Accept(id("MYO")),
            Action::Accept(id("NGS")),
            Action::Reclassify(id("NGS")),
            Action::Accept(id("EBO")),
            Action::Exclude,
        ];
        let log: Vec<_> = (1..)
            .zip(actions)
            .map(|(i, action)| Decision {
                seq: i,
                cell: CellId(i),
                reviewer: "anna".into(),
                at: format!("2026-11-23T10:00:0{i}.000Z"),
                action,
                network: None,
                suggested: None,
                bulk: None,
            })
            .collect();
        let ranking = Ranking::new(&table, &[(id("MYO"), 0.75), (id("NGS"), 0.25)]).expect("valid");
        let ranking = ranking.with_unlike(Some(Unlike { score: 0.75, flagged: true }));
        let predictions = HashMap::from([(CellId(1), ranking)]);
        let cells: Vec<_> = (1..=6).map(cell).collect();
        let summary = Summary::open(&table, &case, &cells, &log, &predictions, Some(Sha256Hash([7; 32])));
        summary.with_flags(&FlagRules::shipped(&table))
    }

    /// The same case, in which these classes count as blasts.
    pub(in crate::export) fn counting(codes: &[&str]) -> Summary {
        let mut s = example();
        for c in &mut s.counts {
            c.blast = codes.contains(&c.class.as_str());
        }
        s.with_flags(&FlagRules::shipped(&ClassTable::default()))
    }

    /// The shipped ranges and laboratory; nothing passed in.
    pub(in crate::export) fn particulars() -> Particulars {
        let table = ClassTable::default();
        Particulars::new(&table, Ranges::shipped(&table), Laboratory::shipped())
    }

    #[test]
    fn the_view_counts_what_was_decided() {
        let s = example();
        assert_eq!((s.wbc(), s.excluded, s.unreviewed, s.unidentified()), (3, 1, 1, 0));
        assert_eq!(s.blasts().map(|b| (b.count, b.of)), Some((1, 3)));
        assert_eq!(s.per_100_wbc(Role::Nrbc), Some(100.0 / 3.0));
        assert_eq!(s.blast_names().title(), "blasts (MYO MOB LBL BLU)");
    }

    #[test]
    fn only_a_share_of_all_blasts_and_of_nothing_else_is_what_a_code_for_blasts_stands_for() {
        assert!(example().is_of_blasts_alone());
        assert!(counting(&["MYO"]).is_of_blasts_alone(), "no cell of another blast is left out");
        assert!(!counting(&["MOB"]).is_of_blasts_alone(), "a myeloblast is left out");
        let with = counting(&["MYO", "MOB", "LBL", "BLU", "PMO"]);
        assert!(!with.is_of_blasts_alone(), "an equivalent counts, although there is no cell of it yet");
        assert_eq!(with.blast_names().title(), "blasts and equivalents (MYO MOB LBL BLU PMO)");
    }
}
