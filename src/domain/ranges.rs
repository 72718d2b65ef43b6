//! Reference ranges: the file that holds them, every problem in it with its place, and where a value lies. Pure; the ranges
//! are data (`data/ranges.toml`, or a laboratory's own file).

use serde::Deserialize;
use toml::Spanned;

use super::{
    ClassTable, FileProblem,
    problem::{Counted, Problems},
    steers,
};

/// The file that ships with the program.
const SHIPPED: &str = include_str!("../../data/ranges.toml");
/// What a reader is pointed to.
const SEE: &str = "data/ranges.toml";

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Below the range.
    Low,
    /// In it; the ends belong to it.
    Within,
    /// Above it.
    High,
}

/// A reference range, in percent of the WBC, or per 100 WBC for cells outside the WBC count. One end at least is there.
#[derive(Debug, Clone, PartialEq)]
pub struct RefRange {
    /// The lowest ordinary value; `None`: any.
    pub low: Option<f64>,
    /// The highest ordinary value; `None`: any.
    pub high: Option<f64>,
    /// Where the range comes from, in the words of its file.
    pub source: String,
}

impl RefRange {
    /// Where `value` lies.
    pub fn against(&self, value: f64) -> Against {
        match (self.low, self.high) {
            (Some(low), _) if value < low => Against::Low,
            (_, Some(high)) if value > high => Against::High,
            _ => Against::Within,
        }
    }

    /// The range for people and for HL7: `40-75`, `0-5`, `>=2`. No percentage is below 0, so a range without a low end begins there.
    pub fn text(&self) -> String {
        match (self.low, self.high) {
            (low, Some(high)) => format!("{}-{high}", low.unwrap_or(0.0)),
            (low, None) => format!(">={}", low.unwrap_or(0.0)),
        }
    }
}

/// What a range is of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    Blasts,
    Nrbc,
    Smudge,
    /// In the order of their codes.
    Classes(Vec<String>),
}

/// The reference ranges in use. The form is explained at the head of `data/ranges.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges {
    ranges: Vec<(Of, RefRange)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<u32>,
    source: Spanned<String>,
    range: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    of: Option<Spanned<String>>,
    classes: Option<Spanned<Vec<Spanned<String>>>>,
    low: Option<f64>,
    high: Option<f64>,
    source: Option<String>,
}

impl Ranges {
    /// The ranges that ship with the program, as far as `table` has their classes.
    pub fn shipped(table: &ClassTable) -> Self {
        Self::read(SHIPPED, table, false).expect("data/ranges.toml is checked by a test")
    }

    /// Reads a file's text for the classes of `table`.
    ///
    /// # Errors
    /// All problems at once, in the order of the file.
    pub fn parse(text: &str, table: &ClassTable) -> Result<Self, Vec<FileProblem>> {
        Self::read(text, table, true)
    }

    /// The range of one class, or of several that are counted together.
    pub fn classes(&self, codes: &[&str]) -> Option<&RefRange> {
        let mut codes = codes.to_vec();
        codes.sort_unstable();
        self.find(|of| matches!(of, Of::Classes(own) if *own == codes))
    }

    /// The range of all blasts together.
    pub fn blasts(&self) -> Option<&RefRange> {
        self.find(|of| *of == Of::Blasts)
    }

    /// The range of nucleated red cells per 100 WBC.
    pub fn nrbc(&self) -> Option<&RefRange> {
        self.find(|of| *of == Of::Nrbc)
    }

    /// The range of smudge cells per 100 WBC.
    pub fn smudge(&self) -> Option<&RefRange> {
        self.find(|of| *of == Of::Smudge)
    }

    /// Every source that the ranges name, each once.
    pub fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = Vec::new();
        for (_, range) in &self.ranges {
            if !sources.contains(&range.source.as_str()) {
                sources.push(&range.source);
            }
        }
        sources
    }

    fn find(&self, wanted: impl Fn(&Of) -> bool) -> Option<&RefRange> {
        self.ranges.iter().find(|(of, _)| wanted(of)).map(|(_, range)| range)
    }

    /// `own`: the file was written for this table, so that a class which the table does not have is a problem.
    fn read(text: &str, table: &ClassTable, own: bool) -> Result<Self, Vec<FileProblem>> {
        let file: File = toml::from_str(text).map_err(|e| vec![FileProblem::of_toml(text, &e, SEE)])?;
        let mut reader = Reader { table, own, problems: Problems::of(text) };
        reader.problems.check_schema(&file.schema);
        if !says_something(file.source.get_ref()) {
            reader.problems.add(file.source.span(), "say where the ranges come from, in plain characters on one line");
        }
        let mut ranges: Vec<(Of, RefRange)> = Vec::new();
        for entry in file.range {
            let span = entry.span();
            let Some((of, range)) = reader.entry(entry, file.source.get_ref()) else { continue };
            if ranges.iter().any(|(other, _)| *other == of) {
                reader.problems.add(span, "there is a range for this already; remove one");
            }
            ranges.push((of, range));
        }
        reader.problems.unless_any(Self { ranges })
    }
}

struct Reader<'a> {
    table: &'a ClassTable,
    own: bool,
    problems: Problems<'a>,
}

impl Reader<'_> {
    fn entry(&mut self, entry: Spanned<Entry>, source: &str) -> Option<(Of, RefRange)> {
        let span = entry.span();
        let Entry { of, classes, low, high, source: own } = entry.into_inner();
        let ends = [low, high];
        // Smudge cells and NRBC can outnumber the WBC.
        let sane = ends.iter().flatten().all(|x| x.is_finite() && *x >= 0.0);
        if !sane || ends == [None, None] || low.zip(high).is_some_and(|(l, h)| l > h) {
            self.problems.add(span.clone(), "give low, high or both, from 0 on, low not above high");
        }
        if own.as_ref().is_some_and(|s| !says_something(s)) {
            self.problems.add(
                span.clone(),
                "say where the range comes from, in plain characters on one line, or leave source out",
            );
        }
        let of = match self.problems.counted(span, of, classes)? {
            Counted::Blasts => Of::Blasts,
            Counted::Nrbc => Of::Nrbc,
            Counted::Smudge => Of::Smudge,
            Counted::Classes(classes) => Of::Classes(self.classes(classes)?),
        };
        Some((of, RefRange { low, high, source: own.unwrap_or_else(|| source.to_owned()) }))
    }

    /// The codes in their order; `None` where one is wrong, or is not in the table.
    fn classes(&mut self, list: Spanned<Vec<Spanned<String>>>) -> Option<Vec<String>> {
        let span = list.span();
        let mut codes = Vec::new();
        let mut known = true;
        for code in list.into_inner() {
            let class = self.table.by_code(code.get_ref()).map(|id| self.table.get(id));
            match class {
                None if self.own => {
                    self.problems.add(code.span(), "the class table has no such class; correct its code")
                }
                Some(class) if self.own && !class.role.is_wbc() => {
                    self.problems
                        .add(code.span(), "this class is not in the WBC count; use of = \"nrbc\" or \"smudge\"");
                }
                _ if codes.contains(code.get_ref()) => {
                    self.problems.add(code.span(), "this class stands here twice; remove one")
                }
                _ => {}
            }
            known &= class.is_some_and(|c| c.role.is_wbc());
            codes.push(code.into_inner());
        }
        if codes.is_empty() {
            self.problems.add(span, "name at least one class of the class table");
        }
        codes.sort_unstable();
        (known && !codes.is_empty()).then_some(codes)
    }
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(steers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wbc_class_has_a_shipped_range_and_its_ends_are_in_it() {
        let table = ClassTable::default();
        let ranges = Ranges::shipped(&table);
        for (_, class) in table.iter().filter(|(_, c)| c.role.is_wbc()) {
            assert!(ranges.classes(&[&class.code]).is_some(), "{}", class.code);
        }
        let ngs = ranges.classes(&["NGS"]).expect("a range");
        let found = [39.9, 40.0, 75.0, 75.1].map(|v| ngs.against(v));
        assert_eq!(found, [Against::Low, Against::Within, Against::Within, Against::High]);
        let blasts = ranges.blasts().expect("a range");
        assert_eq!((blasts.against(0.0), blasts.against(0.5)), (Against::Within, Against::High));
        assert_eq!(ranges.classes(&["PMB", "PMO"]), ranges.classes(&["PMO", "PMB"]));
        assert_eq!((ngs.text(), blasts.text()), ("40-75".to_owned(), "0-0".to_owned()));
        assert_eq!((ranges.smudge(), ranges.sources().len()), (None, 1));
    }

    #[test]
    fn a_table_without_a_class_has_no_range_for_it() {
        let own = ClassTable::parse("schema = 1\n[[class]]\ncode = \"NGS\"\nname = \"n\"\nrole = \"wbc-normal\"\n")
            .expect("a table");
        let ranges = Ranges::shipped(&own);
        assert!(ranges.classes(&["NGS"]).is_some() && ranges.classes(&["LYT"]).is_none());
    }

    #[test]
    fn all_problems_are_named_at_once_with_their_place() {
        let text = "schema = 2\nsource = \" \"\n[[range]]\nclasses = [\"XYZ\"]\nhigh = 3\n[[range]]\nclasses = [\"NGS\"]\n\
                    low = 5\nhigh = 3\n[[range]]\nclasses = [\"EBO\"]\nhigh = 1\n[[range]]\nof = \"blosts\"\nhigh = 1\n\
                    [[range]]\nof = \"nrbc\"\n[[range]]\nclasses = [\"NGS\"]\nlow = 1\n";
        let problems = Ranges::parse(text, &ClassTable::default()).expect_err("problems");
        let found: Vec<_> =
            problems.iter().map(|p| (p.line, p.column, p.message.split(';').next().unwrap_or_default())).collect();
        assert_eq!(
            found,
            [
                (1, 10, "this program reads schema 1"),
                (2, 10, "say where the ranges come from, in plain characters on one line"),
                (4, 12, "the class table has no such class"),
                (6, 1, "give low, high or both, from 0 on, low not above high"),
                (11, 12, "this class is not in the WBC count"),
                (14, 6, "of is \"blasts\", \"nrbc\" or \"smudge\""),
                (16, 1, "give low, high or both, from 0 on, low not above high"),
                (18, 1, "there is a range for this already"),
            ]
        );
        let typo = Ranges::parse("schema = 1\nsorce = \"x\"\n", &ClassTable::default()).expect_err("a problem");
        assert_eq!((typo[0].line, typo[0].column), (2, 1));
        assert!(typo[0].message.contains("sorce") && typo[0].message.ends_with("see data/ranges.toml"), "{typo:?}");
    }
}
