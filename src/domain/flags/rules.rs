//! The file of thresholds: its form, and every problem in it with the place.

use serde::Deserialize;
use toml::Spanned;

use super::{ClassCount, Finding};
use crate::domain::{
    BlastNames, ClassTable, FileProblem, Role,
    problem::{Counted, Problems},
    steers,
};

/// The file that ships with the program.
const SHIPPED: &str = include_str!("../../../data/flags.toml");
/// Longest name of a flag, in characters: several stand in one line.
const LONGEST_NAME: usize = 24;
/// Fewest WBC of a share, where a file does not say. A working default as in `data/flags.toml`, which says why.
const FROM_WBC: u64 = 50;

/// When a condition holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// From so many cells on.
    Cells(u64),
    /// From so many per 100 WBC on.
    AtLeast(f64),
    /// Above so many per 100 WBC.
    Above(f64),
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Blasts,
    Role(Role),
    Classes(Vec<String>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    what: What,
    limit: Limit,
}

/// One flag.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub name: String,
    pub when: Vec<Condition>,
}

/// When flags are raised. The form is explained at the head of `data/flags.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagRules {
    pub(super) rules: Vec<Rule>,
    /// From so many WBC on shares are told, and conditions on shares looked at.
    pub(super) from_wbc: u64,
    /// The level of the test of decisions against suggestions.
    pub(super) alpha: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<u32>,
    from_wbc: Option<Spanned<u64>>,
    flag: Vec<FlagTable>,
    apart: ApartTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagTable {
    name: Spanned<String>,
    when: Spanned<Vec<Spanned<When>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    of: Option<Spanned<String>>,
    classes: Option<Spanned<Vec<Spanned<String>>>>,
    cells: Option<u64>,
    at_least: Option<f64>,
    above: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApartTable {
    alpha: Spanned<f64>,
}

impl FlagRules {
    /// The thresholds that ship with the program, as far as `table` has their classes.
    pub fn shipped(table: &ClassTable) -> Self {
        Self::read(SHIPPED, table, false).expect("data/flags.toml is checked by a test")
    }

    /// From so many WBC on a share of them is told where its interval has no room.
    pub fn from_wbc(&self) -> u64 {
        self.from_wbc
    }

    /// Reads a file's text for the classes of `table`.
    ///
    /// # Errors
    /// All problems at once, in the order of the file.
    pub fn parse(text: &str, table: &ClassTable) -> Result<Self, Vec<FileProblem>> {
        Self::read(text, table, true)
    }

    /// `own`: the file was written for this table, so that a class which the table does not have is a problem.
    fn read(text: &str, table: &ClassTable, own: bool) -> Result<Self, Vec<FileProblem>> {
        let file: File = toml::from_str(text).map_err(|e| vec![FileProblem::of_toml(text, &e, "data/flags.toml")])?;
        let mut reader = Reader { table, own, problems: Problems::of(text) };
        reader.problems.check_schema(&file.schema);
        let alpha = *file.apart.alpha.get_ref();
        if !(alpha > 0.0 && alpha <= 0.5) {
            reader.problems.add(file.apart.alpha.span(), "alpha is a probability above 0 and up to 0.5; write 0.05");
        }
        let from_wbc = file.from_wbc.as_ref().map_or(FROM_WBC, |n| *n.get_ref());
        if let Some(none) = file.from_wbc.filter(|n| *n.get_ref() == 0) {
            reader.problems.add(none.span(), "from_wbc is 1 or more WBC; write 50");
        }
        let mut rules: Vec<Rule> = Vec::new();
        for flag in file.flag {
            let (span, name) = (flag.name.span(), flag.name.into_inner());
            let length = name.trim().chars().count();
            if length == 0 || length > LONGEST_NAME || name.chars().any(steers) {
                reader.problems.add(span, format!("a flag's name has 1 to {LONGEST_NAME} plain characters"));
            } else if rules.iter().any(|r| r.name == name) {
                reader.problems.add(span, format!("two flags are called `{name}`; put their conditions into one"));
            }
            if flag.when.get_ref().is_empty() {
                reader
                    .problems
                    .add(flag.when.span(), "a flag without a condition is never raised; give one or remove it");
            }
            let when: Vec<_> = flag.when.into_inner().into_iter().filter_map(|w| reader.condition(w)).collect();
            if !when.is_empty() {
                rules.push(Rule { name, when });
            }
        }
        reader.problems.unless_any(Self { rules, from_wbc, alpha })
    }
}

struct Reader<'a> {
    table: &'a ClassTable,
    own: bool,
    problems: Problems<'a>,
}

impl Reader<'_> {
    fn condition(&mut self, when: Spanned<When>) -> Option<Condition> {
        let span = when.span();
        let When { of, classes, cells, at_least, above } = when.into_inner();
        let limit = match (cells, at_least, above) {
            (Some(n), None, None) if n > 0 => Limit::Cells(n),
            (None, Some(x), None) if x > 0.0 && x.is_finite() => Limit::AtLeast(x),
            (None, None, Some(x)) if x >= 0.0 && x.is_finite() => Limit::Above(x),
            _ => {
                let say = "give one of cells (1 or more), at_least (more than 0) and above (0 or more per 100 WBC)";
                self.problems.add(span, say);
                return None;
            }
        };
        let what = match self.problems.counted(span, of, classes)? {
            Counted::Blasts => What::Blasts,
            Counted::Nrbc => What::Role(Role::Nrbc),
            Counted::Smudge => What::Role(Role::Smudge),
            Counted::Classes(classes) => What::Classes(self.classes(classes)?),
        };
        Some(Condition { what, limit })
    }

    fn classes(&mut self, list: Spanned<Vec<Spanned<String>>>) -> Option<Vec<String>> {
        let (span, is_empty) = (list.span(), list.get_ref().is_empty());
        let mut known: Vec<(String, bool)> = Vec::new();
        for code in list.into_inner() {
            match self.table.by_code(code.get_ref()) {
                Some(id) if !known.iter().any(|(k, _)| k == code.get_ref()) => {
                    known.push((self.table.code(id).to_owned(), self.table.get(id).role.is_wbc()));
                }
                Some(_) => self.problems.add(code.span(), "this class stands here twice; remove one"),
                None if self.own => {
                    self.problems.add(code.span(), "the class table has no such class; correct its code")
                }
                None => {}
            }
        }
        if known.iter().any(|(_, wbc)| *wbc != known[0].1) {
            self.problems.add(span.clone(), "classes in the WBC count and outside it have no common share; part them");
        }
        if is_empty {
            self.problems.add(span, "name at least one class of the class table");
        }
        (!known.is_empty()).then(|| known.into_iter().map(|(code, _)| code).collect())
    }
}

impl Condition {
    /// What is found in a count of `wbc` leukocytes; `None`: the condition does not hold, or there are no WBC. Below `from_wbc`
    /// only conditions on cells can hold, for a share of a few cells is anything.
    pub(super) fn finding(&self, counts: &[ClassCount<'_>], wbc: u64, from_wbc: u64) -> Option<Finding> {
        let wanted = |c: &&ClassCount<'_>| match &self.what {
            What::Blasts => c.blast && c.role.is_wbc(),
            What::Role(role) => c.role == *role,
            What::Classes(codes) => codes.iter().any(|code| code == c.code),
        };
        let cells: Vec<_> = counts.iter().filter(wanted).collect();
        let count: u64 = cells.iter().map(|c| c.count).sum();
        let in_wbc = counts.iter().filter(|c| c.role.is_wbc()).map(|c| (c.code, c.blast, c.blast_class));
        let blasts = (self.what == What::Blasts).then(|| BlastNames::of(in_wbc));
        let what = match &self.what {
            What::Blasts => "blasts".to_owned(),
            What::Role(Role::Nrbc) => "NRBC".to_owned(),
            What::Role(_) => "smudge cells".to_owned(),
            What::Classes(codes) => codes.join("+"),
        };
        let (few, of_wbc) = (wbc < from_wbc, cells.iter().all(|c| c.role.is_wbc()));
        let finding = Finding { what, blasts, count, wbc, of_wbc, limit: self.limit, few };
        let holds = match self.limit {
            Limit::Cells(least) => count >= least,
            Limit::AtLeast(least) => !few && finding.per_100_wbc() >= least,
            Limit::Above(limit) => !few && finding.per_100_wbc() > limit,
        };
        (wbc > 0 && holds).then_some(finding)
    }
}
