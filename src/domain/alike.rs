//! Cells of the reference library that look like another cell: what is known of each, and what all of them say together.
//!
//! How alike two cells are is computed in [`crate::model`]; the library is kept in [`crate::store`].

use std::collections::BTreeMap;

use super::{CellId, ClassId, ClassTable};

/// The number of a cell of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LibraryId(pub i64);

/// Where a cell of the library has its class from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LibrarySource {
    /// A signed case of this laboratory.
    Signed,
    /// A labelled data set.
    Labelled,
    /// Drawn by the program as a cell of that class.
    Drawn,
}

impl LibrarySource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Labelled, Self::Drawn];

    /// The name that the database and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Labelled => "labelled",
            Self::Drawn => "drawn",
        }
    }

    /// The source of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A cell of the library that looks like another one.
#[derive(Debug, Clone, PartialEq)]
pub struct LookAlike {
    /// Its number.
    pub id: LibraryId,
    /// Its class, as it was signed, labelled or drawn.
    pub class: ClassId,
    /// The cosine of the angle between what the network makes of both, -1..=1; 1: the same.
    pub similarity: f32,
    /// Where its class is from.
    pub source: LibrarySource,
    /// The case, or the data set.
    pub set: String,
    /// Whose cell it is, where that is known.
    pub patient: Option<String>,
    /// Micrometres per pixel; `None`: unknown.
    pub um_per_px: Option<f64>,
    /// Width and height of its frame in px.
    pub size: (u32, u32),
}

impl LookAlike {
    /// The number that its picture goes by among those of the cells of cases: below zero, where no cell of a case is.
    pub fn picture(&self) -> CellId {
        CellId(-1 - self.id.0)
    }

    /// Whether a picture's number is that of a cell of the library.
    pub fn is_picture(cell: CellId) -> bool {
        cell.0 < 0
    }

    /// Where it comes from, for people: `signed in case smear 12`.
    pub fn origin(&self) -> String {
        match (self.source, &self.patient) {
            (LibrarySource::Signed, _) => format!("signed in case {}", self.set),
            (LibrarySource::Labelled, Some(patient)) => format!("labelled in {}, patient {patient}", self.set),
            (LibrarySource::Labelled, None) => format!("labelled in {}", self.set),
            (LibrarySource::Drawn, _) => "PHANTOM – drawn, not a patient".to_owned(),
        }
    }

    /// The same in a word or two.
    pub fn short_origin(&self) -> &str {
        match self.source {
            LibrarySource::Drawn => "drawn",
            // Of a set's path its end.
            _ => self.patient.as_deref().or(self.set.rsplit('/').next()).unwrap_or(&self.set),
        }
    }
}

/// The look-alikes of a cell, the nearest first, and what was searched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LookAlikes {
    /// The nearest ones.
    pub cells: Vec<LookAlike>,
    /// Cells of the library.
    pub library: usize,
    /// Cells of it that were left out: the same image, and cells of the same patient.
    pub left_out: usize,
}

impl LookAlikes {
    /// Whether the library is the program's own, made of drawings.
    pub fn is_drawn(&self) -> bool {
        self.cells.iter().all(|c| c.source == LibrarySource::Drawn)
    }

    /// What the first `shown` of them say together: `9 of 12: MYO, 2 MON, 1 LYA`; classes that are equally frequent stand in
    /// the order of their nearest cells. Empty where there are none.
    pub fn summary(&self, table: &ClassTable, shown: usize) -> String {
        let counts = votes(self.cells.iter().take(shown).map(|c| c.class));
        let mut parts = counts.iter().map(|&(class, n)| (table.code(class), n));
        let Some((code, n)) = parts.next() else { return String::new() };
        let rest: String = parts.map(|(code, n)| format!(", {n} {code}")).collect();
        format!("{n} of {}: {code}{rest}", self.cells.len().min(shown))
    }
}

/// How often each class occurs, the most frequent first; equally frequent ones in the order in which they come first.
pub fn votes(classes: impl IntoIterator<Item = ClassId>) -> Vec<(ClassId, usize)> {
    let mut counts: BTreeMap<ClassId, (usize, usize)> = BTreeMap::new();
    for (place, class) in classes.into_iter().enumerate() {
        counts.entry(class).or_insert((0, place)).0 += 1;
    }
    let mut votes: Vec<_> = counts.into_iter().collect();
    votes.sort_by_key(|(_, (n, first))| (std::cmp::Reverse(*n), *first));
    votes.into_iter().map(|(class, (n, _))| (class, n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(table: &ClassTable, codes: &[&str]) -> LookAlikes {
        let cell = |code: &&str| LookAlike {
            id: LibraryId(1),
            class: table.by_code(code).expect("a code"),
            similarity: 0.9,
            source: LibrarySource::Labelled,
            set: "set".to_owned(),
            patient: None,
            um_per_px: None,
            size: (1, 1),
        };
        LookAlikes { cells: codes.iter().map(cell).collect(), library: 9, left_out: 0 }
    }

    #[test]
    fn classes_are_counted_over_what_is_shown_the_nearest_first_among_equals() {
        let table = ClassTable::default();
        for (codes, shown, wanted) in [
            (&["MYO", "MON", "MYO", "LYA", "MYO"][..], 9, "3 of 5: MYO, 1 MON, 1 LYA"),
            (&["LYA", "MON", "MON", "LYA", "MYO"][..], 4, "2 of 4: LYA, 2 MON"),
            (&["NGS"][..], 4, "1 of 1: NGS"),
            (&[][..], 4, ""),
        ] {
            assert_eq!(found(&table, codes).summary(&table, shown), wanted);
        }
    }

    #[test]
    fn sources_have_names_and_are_told_in_full() {
        assert!(LibrarySource::ALL.iter().all(|s| LibrarySource::of_name(s.name()) == Some(*s)));
        assert_eq!(LibrarySource::of_name("guessed"), None);
        let mut cell = found(&ClassTable::default(), &["NGS"]).cells.remove(0);
        assert_eq!((cell.origin().as_str(), cell.short_origin()), ("labelled in set", "set"));
        cell.patient = Some("P 7".to_owned());
        assert_eq!((cell.origin().as_str(), cell.short_origin()), ("labelled in set, patient P 7", "P 7"));
        cell.source = LibrarySource::Drawn;
        assert!(cell.origin().contains("PHANTOM") && cell.short_origin() == "drawn");
    }
}
