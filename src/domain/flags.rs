//! What stands out in a count: findings past a threshold, in the decisions and in the suggestions apart, and both apart
//! from each other by more than chance. Pure; the thresholds are data (`data/flags.toml`, or a laboratory's own file).

mod apart;
mod rules;

use std::fmt;

use super::{BlastNames, BlastSet, ClassId, ClassTable, Role, Tally, one_decimal};

pub use apart::{Apart, mcnemar};
pub use rules::{FlagRules, Limit};

/// Which count raised a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The reviewers' decisions.
    Decided,
    /// The network's suggestions, the most probable class of every cell that is not flagged as unlike its training data.
    Suggested,
    /// Both, against each other.
    Both,
}

impl Origin {
    /// Its name on the screen and in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Suggested => "suggested",
            Self::Both => "both",
        }
    }
}

/// One class's cells, as a flag looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount<'a> {
    /// The class's code.
    pub code: &'a str,
    /// How it enters the differential.
    pub role: Role,
    /// Whether it counts towards the blasts of the case.
    pub blast: bool,
    /// Whether the class table calls it a blast.
    pub blast_class: bool,
    /// Cells of it.
    pub count: u64,
}

/// A condition that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was counted: `blasts`, `NRBC`, or codes joined by `+`.
    pub what: String,
    /// What counted as a blast; `None`: it is not about blasts.
    pub blasts: Option<BlastNames>,
    /// Cells of it.
    pub count: u64,
    /// To so many WBC.
    pub wbc: u64,
    /// Whether it is a part of the WBC, so that a share is in percent of them.
    pub of_wbc: bool,
    /// What it is past.
    pub limit: Limit,
    /// Whether so few WBC are counted that a share of them would mislead: then the count alone is told.
    pub few: bool,
}

/// Something that stands out.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Its name: `left shift`.
    pub name: String,
    /// Which count raised it.
    pub origin: Origin,
    /// A word or two for a line of flags: `blasts 3.0%`, or of few WBC `blasts 1 of 3 WBC`.
    pub short: String,
    /// The conditions that hold.
    pub findings: Vec<Finding>,
    /// The test, where decisions and suggestions are apart.
    pub apart: Option<Apart>,
}

impl Finding {
    /// Cells to 100 WBC: percent, where the cells are a part of the WBC. Never without WBC.
    pub fn per_100_wbc(&self) -> f64 {
        100.0 * self.count as f64 / self.wbc as f64
    }

    /// The figure for a line of flags, behind what makes it a count of other classes than by default: ` 3.0%`, `+PMO 45.0%`.
    fn value(&self) -> String {
        let other = self.blasts.as_ref().map_or_else(String::new, BlastNames::difference);
        let share = one_decimal(self.per_100_wbc());
        match (self.few, self.of_wbc) {
            (true, true) => format!("{other} {} of {} WBC", self.count, self.wbc),
            (true, false) => format!(" {} to {} WBC", self.count, self.wbc),
            (false, true) => format!("{other} {share}%"),
            (false, false) => format!(" {share}/100"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, wbc, limit, of_wbc, few, .. } = self;
        let what = self.blasts.as_ref().map_or_else(|| self.what.clone(), BlastNames::title);
        let (to, unit) = if *of_wbc { ("of", "%") } else { ("to", " per 100 WBC") };
        write!(f, "{what} {count} {to} {wbc} WBC")?;
        if !few {
            write!(f, ", {}{unit}", one_decimal(self.per_100_wbc()))?;
        }
        write!(f, " (")?;
        match limit {
            Limit::Cells(1) => write!(f, "from 1 cell on)"),
            Limit::Cells(n) => write!(f, "from {n} cells on)"),
            Limit::AtLeast(x) => write!(f, "from {x}{unit} on)"),
            Limit::Above(x) => write!(f, "above {x}{unit})"),
        }
    }
}

impl Flag {
    /// What stands out, with its figures and the threshold: `left shift: NGB 12 of 100 WBC, 12.0% (above 10%)`.
    pub fn sentence(&self) -> String {
        if let Some(apart) = &self.apart {
            return format!("{}: {apart}", self.name);
        }
        let said: Vec<_> = self.findings.iter().map(Finding::to_string).collect();
        let said = said.join("; ");
        // `blasts: blasts (MYO MOB) 3 of ..` says it twice; `blasts and equivalents (..)` does not.
        let twice = |rest: &&str| rest.starts_with(|c: char| c == '(' || c.is_ascii_digit());
        match said.strip_prefix(&format!("{} ", self.name)).filter(twice) {
            Some(rest) => format!("{}: {rest}", self.name),
            None => format!("{}: {said}", self.name),
        }
    }
}

impl FlagRules {
    /// Everything that stands out: in the decisions, in the suggestions, and between them. `pairs` are the codes of the cells
    /// that have both a decided class and a suggestion that is not flagged, in this order; `decided` names every class.
    pub fn flags(&self, decided: &[ClassCount<'_>], suggested: &[ClassCount<'_>], pairs: &[(&str, &str)]) -> Vec<Flag> {
        let mut flags = self.findings(decided, Origin::Decided);
        flags.extend(self.findings(suggested, Origin::Suggested));
        flags.extend(apart::apart(decided, pairs, self.alpha).into_iter().map(|apart| Flag {
            name: format!("apart on {}", apart.what),
            origin: Origin::Both,
            short: format!("apart on {}", apart.what),
            findings: Vec::new(),
            apart: Some(apart),
        }));
        flags
    }

    /// The same from two tallies over one table, and pairs of decided and suggested classes, in a case where `blasts` count as
    /// blasts.
    pub fn of_tallies(
        &self,
        table: &ClassTable,
        blasts: &BlastSet,
        decided: &Tally,
        suggested: &Tally,
        pairs: impl IntoIterator<Item = (ClassId, ClassId)>,
    ) -> Vec<Flag> {
        let counts = |tally: &Tally| {
            let of = |id: ClassId, count| {
                let class = table.get(id);
                let blast = blasts.holds(id);
                ClassCount { code: &class.code, role: class.role, blast, blast_class: class.blast, count }
            };
            tally.rows.iter().map(|row| of(row.class, row.count)).collect::<Vec<_>>()
        };
        let pairs: Vec<_> = pairs.into_iter().map(|(d, s)| (table.code(d), table.code(s))).collect();
        self.flags(&counts(decided), &counts(suggested), &pairs)
    }

    fn findings(&self, counts: &[ClassCount<'_>], origin: Origin) -> Vec<Flag> {
        let wbc: u64 = counts.iter().filter(|c| c.role.is_wbc()).map(|c| c.count).sum();
        let flag = |rule: &rules::Rule| {
            let findings: Vec<_> = rule.when.iter().filter_map(|c| c.finding(counts, wbc, self.from_wbc)).collect();
            let short = match &findings[..] {
                [] => return None,
                [only] if rule.when.len() == 1 => format!("{}{}", rule.name, only.value()),
                _ => rule.name.clone(),
            };
            Some(Flag { name: rule.name.clone(), origin, short, findings, apart: None })
        };
        self.rules.iter().filter_map(flag).collect()
    }
}

#[cfg(test)]
mod tests;
