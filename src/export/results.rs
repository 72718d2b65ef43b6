//! What a laboratory's system is told of a case, the same for FHIR and HL7: the results, what there is to say beside them, and
//! ids that follow from the record alone.

use uuid::Uuid;

use super::{Count, Particulars, Status, Summary};
use crate::domain::{Against, LoincCode, RefRange, Role, Share, printable};

/// Names made by this program: a version 4 UUID, drawn once.
const NAMES: Uuid = Uuid::from_u128(0x5f0c_7d5e_2f63_4d0f_9b0a_6c1d_84e3_72b9);

/// The unit of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Percent of the WBC.
    Percent,
    /// Cells per 100 WBC.
    Per100Wbc,
    /// Cells.
    Cells,
}

impl Unit {
    /// UCUM's code.
    pub fn ucum(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Per100Wbc => "/100{WBC}",
            Self::Cells => "{cells}",
        }
    }

    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Per100Wbc => "per 100 WBC",
            Self::Cells => "cells",
        }
    }
}

/// One result.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    /// Code of this program, unique in a report: a class's, `PMO+PMB`, `BLASTS`, `WBC`.
    pub key: String,
    /// LOINC's code, and its name where the class table has it. Codes that stand for several classes are on their sum alone.
    pub loinc: Option<(String, Option<String>)>,
    /// Name for people.
    pub name: String,
    /// Cells counted.
    pub count: u64,
    /// WBC counted.
    pub wbc: u64,
    /// In which unit.
    pub unit: Unit,
    /// The value; `None` while no WBC is counted.
    pub value: Option<f64>,
    /// Its exact 95% interval, in percent; `None` for what is no share of the WBC.
    pub ci95: Option<[f64; 2]>,
    /// Its reference range.
    pub range: Option<&'a RefRange>,
    /// Keys of the results that it sums up.
    pub members: Vec<String>,
    /// What there is to say of it beside what it stands on.
    pub note: Option<String>,
    /// Whether it is another one than in the version that this one amends.
    pub changed: bool,
}

impl Outcome<'_> {
    /// Where the value lies; `None` without a value or a range.
    pub fn against(&self) -> Option<Against> {
        Some(self.range?.against(self.value?))
    }

    /// The value, rounded.
    pub fn rounded(&self) -> Option<f64> {
        self.value.map(rounded)
    }

    /// What the value stands on, for people.
    pub fn basis(&self) -> Option<String> {
        let Self { count, wbc, .. } = self;
        match (self.unit, self.ci95) {
            (Unit::Cells, _) => None,
            (_, Some([low, high])) => {
                Some(format!("{count} of {wbc} WBC; exact 95% interval {} to {} %", rounded(low), rounded(high)))
            }
            (_, None) => Some(format!("{count} cells to {wbc} WBC")),
        }
    }
}

/// Two decimals: a hundredth of a percent is a cell in 10,000. Thresholds and ranges are compared with the exact value.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Every result of a report: each class in the WBC count, nucleated red cells, smudge cells, then the sums, then the WBC counted.
pub(super) fn outcomes<'a>(s: &Summary, p: &'a Particulars) -> Vec<Outcome<'a>> {
    let reported: Vec<&Count> =
        s.counts.iter().filter(|c| c.role.is_wbc() || matches!(c.role, Role::Nrbc | Role::Smudge)).collect();
    let mut all = Vec::new();
    let mut sums: Vec<(String, Vec<&Count>)> = Vec::new();
    for c in &reported {
        let code = code_of(c, p);
        let same: Vec<&Count> = reported.iter().copied().filter(|o| code.is_some() && code == code_of(o, p)).collect();
        let loinc = if same.len() < 2 { code.clone() } else { None };
        if let Some(code) = code.filter(|code| same.len() > 1 && sums.iter().all(|s| s.0 != *code)) {
            sums.push((code, same));
        }
        all.push(outcome(s, p, c.class.clone(), loinc, c.name.clone(), &[c]));
    }
    for (code, classes) in sums {
        let key = classes.iter().map(|c| c.class.as_str()).collect::<Vec<_>>().join("+");
        let name = classes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(" and ");
        all.push(outcome(s, p, key, Some(code), name, &classes));
    }
    let blasts: Vec<&Count> = reported.iter().copied().filter(|c| c.blast && c.role.is_wbc()).collect();
    if !blasts.is_empty() {
        // Blast equivalents are no blasts: a share that holds them must not lie under the code for blasts among earlier reports.
        let LoincCode { code, name } = &p.loinc.blasts;
        let names = s.blast_names();
        let mut sum = outcome(s, p, "BLASTS".to_owned(), None, names.title(), &blasts);
        sum.loinc = s.is_of_blasts_alone().then(|| (code.clone(), Some(name.clone())));
        let named: Vec<_> = blasts.iter().map(|c| format!("{} ({})", c.class, c.name)).collect();
        sum.note = Some(format!("Counted as {} in this case: {}.", names.kind(), named.join(", ")));
        sum.changed = s.amends.as_ref().is_some_and(|a| a.blast_classes.is_some() || differs(a.blasts, a.wbc));
        sum.range = p.ranges.blasts();
        sum.members = blasts.iter().map(|c| c.class.clone()).collect();
        all.push(sum);
    }
    all.push(Outcome {
        key: "WBC".to_owned(),
        loinc: None,
        name: "leukocytes counted".to_owned(),
        count: s.wbc(),
        wbc: s.wbc(),
        unit: Unit::Cells,
        value: Some(s.wbc() as f64),
        ci95: None,
        range: None,
        members: Vec::new(),
        note: None,
        changed: s.amends.as_ref().is_some_and(|a| a.wbc[0] != a.wbc[1]),
    });
    all
}

/// The code that a class is reported by. A signed version keeps the percentages' codes; NRBC have none, and that of the table holds.
fn code_of(c: &Count, p: &Particulars) -> Option<String> {
    match c.role {
        Role::Nrbc => Some(p.loinc.nrbc.code.clone()),
        _ => c.loinc.clone(),
    }
}

/// The result of `classes`, which are of one kind, together.
fn outcome<'a>(
    s: &Summary,
    p: &'a Particulars,
    key: String,
    loinc: Option<String>,
    name: String,
    classes: &[&Count],
) -> Outcome<'a> {
    let count: u64 = classes.iter().map(|c| c.count).sum();
    let wbc = s.wbc();
    let role = classes[0].role;
    let share = role.is_wbc().then(|| Share::new(count, wbc)).flatten();
    let codes: Vec<&str> = classes.iter().map(|c| c.class.as_str()).collect();
    let loinc = loinc.map(|code| {
        let name = match role {
            Role::Nrbc => Some(p.loinc.nrbc.name.clone()),
            _ => p.loinc_name(&code).map(str::to_owned),
        };
        (code, name)
    });
    Outcome {
        key,
        loinc,
        name,
        count,
        wbc,
        unit: if role.is_wbc() { Unit::Percent } else { Unit::Per100Wbc },
        value: (wbc > 0).then(|| 100.0 * count as f64 / wbc as f64),
        ci95: share.map(|share| super::summary::percent(share.ci95)),
        range: match role {
            Role::Nrbc => p.ranges.nrbc(),
            Role::Smudge => p.ranges.smudge(),
            _ => p.ranges.classes(&codes),
        },
        members: if classes.len() > 1 { codes.iter().map(|c| (*c).to_owned()).collect() } else { Vec::new() },
        note: None,
        changed: changed(s, classes),
    }
}

/// Whether the share of `classes` is another one than in the version that is amended.
fn changed(s: &Summary, classes: &[&Count]) -> bool {
    let Some(amends) = &s.amends else { return false };
    let before = |c: &Count| amends.counts.iter().find(|a| a.class == c.class).map_or(c.count, |a| a.before);
    differs([classes.iter().map(|c| before(c)).sum(), classes.iter().map(|c| c.count).sum()], amends.wbc)
}

/// Whether a share is another one: its cells and the WBC, before and now. A value that was not there before is another one.
fn differs([was, is]: [u64; 2], wbc: [u64; 2]) -> bool {
    let [wbc_was, wbc_is] = wbc.map(u128::from);
    u128::from(was) * wbc_is != u128::from(is) * wbc_was || (wbc_was == 0) != (wbc_is == 0)
}

/// The code under which the version before reported its blasts, where this one reports them under another: what a receiver has
/// under it no longer holds. LOINC's where `true`, else this program's own.
pub(super) fn withdrawn(s: &Summary, p: &Particulars) -> Option<(LoincCode, bool)> {
    let amends = s.amends.as_ref()?;
    let named = s.blast_names();
    let was = amends.blast_classes.as_ref().map_or_else(|| named.codes(), |[was, _]| was);
    let before = |c: &Count| amends.counts.iter().find(|a| a.class == c.class).map_or(c.count, |a| a.before);
    let alone = s.counts.iter().filter(|c| c.role.is_wbc()).all(|c| match was.contains(&c.class) {
        true => c.blast_class,
        false => !c.blast_class || before(c) == 0,
    });
    match (alone, s.is_of_blasts_alone()) {
        (true, false) => Some((p.loinc.blasts.clone(), true)),
        (false, true) => Some((LoincCode { code: "BLASTS".to_owned(), name: "blasts".to_owned() }, false)),
        _ => None,
    }
}

/// What there is to say beside the results, a sentence each; the lines of a note stay lines.
pub(super) fn comments(s: &Summary, p: &Particulars) -> Vec<String> {
    let mut said = Vec::new();
    match (s.status, &s.reviewer, &s.signed_at) {
        (Status::Signed, Some(who), Some(at)) => {
            said.push(format!("Signed by {who} at {at}, version {}.", s.version.unwrap_or(1)));
        }
        _ => said.push("PRELIMINARY: not signed.".to_owned()),
    }
    if s.phantom {
        said.push("PHANTOM: drawn by the program, not a patient.".to_owned());
    }
    if let Some(reason) = &s.reason {
        said.push(format!("Correction: {reason}"));
    }
    if let Some(reason) = &s.no_wbc_reason {
        said.push(format!("Signed without a single WBC: {reason}"));
    }
    if let Some(amends) = &s.amends {
        let counts: Vec<_> = amends.counts.iter().map(|c| format!("{} {} -> {}", c.class, c.before, c.now)).collect();
        let counts = if counts.is_empty() { "no count".to_owned() } else { counts.join(", ") };
        said.push(format!(
            "Amends version {}; changed: {counts}; cells decided otherwise: {}.",
            amends.version,
            amends.cells.len()
        ));
        said.extend(amends.other_blasts().map(|other| format!("Changed: {other}.")));
    }
    said.extend(s.flags.iter().map(|f| format!("Flag ({}): {}", f.origin.name(), f.sentence())));
    let outside = s.counts.iter().filter(|c| matches!(c.role, Role::Outside | Role::Unidentified) && c.count > 0);
    said.extend(outside.map(|c| format!("Outside every denominator: {} {}.", c.name, c.count)));
    for (what, n) in [("Excluded from every count", s.excluded), ("Cells without a decision", s.unreviewed)] {
        if n > 0 {
            said.push(format!("{what}: {n}."));
        }
    }
    said.extend(p.notes.iter().map(|n| format!("Note by {}: {}", n.reviewer, n.text)));
    said.extend(p.ranges.sources().iter().map(|source| format!("Reference ranges: {source}.")));
    said.push("Made with leukoscope, which is not a medical device.".to_owned());
    said
}

/// Ids that follow from the record alone: from the case's identity and those of the databases in which it was signed, never from names.
///
/// The same record has the same ids, also in a backup and after it was restored. The same images in two databases are two cases; and
/// what is signed after a backup was restored is no repetition of what the lost database signed in its place.
pub(super) struct Ids {
    /// The case, in every version.
    pub case: Uuid,
    /// What its versions tell of, the same in each of them.
    record: Uuid,
    /// The one version that is shown.
    version: Uuid,
}

impl Ids {
    /// Of what `s` shows. A case that was never signed has the ids of its first version; a reopened one has those of a draft, so that
    /// what is preliminary takes no signed report's place.
    pub fn of(s: &Summary) -> Self {
        let case = named("case", &s.uid);
        let number = s.version.unwrap_or(0) + u32::from(s.status == Status::Open);
        let version = Uuid::new_v5(&case, format!("{}\nversion {number}", s.origin).as_bytes());
        let record = match (s.status, s.version) {
            (Status::Open, Some(_)) => Uuid::new_v5(&version, b"draft"),
            _ => Uuid::new_v5(&case, s.first_origin.as_bytes()),
        };
        Self { case, record, version }
    }

    /// Something that every version has: `report`, or a result's key. A correction replaces it under the same id.
    pub fn id(&self, what: &str) -> Uuid {
        Uuid::new_v5(&self.record, what.as_bytes())
    }

    /// Something of this version alone: `message`, `provenance`.
    pub fn of_version(&self, what: &str) -> Uuid {
        Uuid::new_v5(&self.version, what.as_bytes())
    }
}

/// Results of earlier versions that this one does not have any more, by their keys: other classes, or other sums.
pub(super) fn gone<'a>(s: &Summary, p: &'a Particulars, now: &[Outcome<'a>]) -> Vec<Outcome<'a>> {
    let mut found: Vec<Outcome<'a>> = Vec::new();
    for counts in &s.earlier {
        let before =
            Summary { counts: counts.clone(), cells: Vec::new(), earlier: Vec::new(), amends: None, ..s.clone() };
        let mut all = outcomes(&before, p);
        all.retain(|o| now.iter().chain(&found).all(|known| known.key != o.key));
        found.append(&mut all);
    }
    found
}

/// A recorded moment, if it is one: RFC 3339 in UTC. Whatever else a damaged database says of time is not passed on.
pub(super) fn moment(at: &str) -> Option<&str> {
    Some(at).filter(|at| at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok())
}

/// When what is told of was so: when the blood was taken, if that was passed in, else the time of the record. A day, or a moment in UTC.
pub(super) fn effective<'a>(s: &'a Summary, p: &'a Particulars) -> Option<&'a str> {
    p.collected.as_deref().or_else(|| moment(s.as_of(&p.imported_at)))
}

/// Something that is the same in every case: a person, a network, a laboratory.
pub(super) fn named(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMES, format!("{kind}\n{name}").as_bytes())
}

/// Text for a field of one line: line breaks are spaces, what steers a terminal is made visible.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(['\r', '\n', '\t']).filter(|w| !w.is_empty()).collect();
    printable(&words.join(" ")).trim().to_owned()
}
