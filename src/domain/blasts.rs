//! What counts as a blast in a case: the blasts of the class table, or a choice among the classes that it offers.
//!
//! Promonocytes count as blast equivalents in monocytic leukaemias and abnormal promyelocytes in acute promyelocytic leukaemia, and
//! nowhere else: it is a choice for each case, and a share of blasts says nothing without it.

use super::{ClassId, ClassTable, printable};

/// The classes that count as blasts in a case, in the order of their table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlastSet {
    classes: Vec<ClassId>,
}

/// A choice that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlastSetError {
    /// No class at all.
    #[error("name at least one class that counts as a blast; offered are {offered}")]
    Empty {
        /// The codes that may be chosen.
        offered: String,
    },
    /// The table has no class of this code.
    #[error("`{}` is no class code{}", printable(code), match like {
        Some(like) => format!("; did you mean {like}?"),
        None => format!("; offered as blasts are {offered}"),
    })]
    Unknown {
        /// What was named.
        code: String,
        /// What it may have meant.
        like: Option<String>,
        /// The codes that may be chosen.
        offered: String,
    },
    /// The table does not offer the class.
    #[error(
        "{code} ({}) cannot count as a blast; offered are {offered} (`blast_equivalent` in the class table)",
        printable(name)
    )]
    NotOffered {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// The codes that may be chosen.
        offered: String,
    },
}

impl BlastSet {
    /// What counts where nobody chose: the blasts of the table.
    pub fn of_table(table: &ClassTable) -> Self {
        Self { classes: table.iter().filter(|(_, c)| c.blast && c.role.is_wbc()).map(|(id, _)| id).collect() }
    }

    /// These classes, whether or not they are offered, each once.
    pub fn of(classes: impl IntoIterator<Item = ClassId>) -> Self {
        let mut classes: Vec<_> = classes.into_iter().collect();
        classes.sort_unstable();
        classes.dedup();
        Self { classes }
    }

    /// A choice by codes; each has to be offered.
    ///
    /// # Errors
    /// Names the first code that is no class, or none that is offered, with what may have been meant.
    pub fn choose<'a>(table: &ClassTable, codes: impl IntoIterator<Item = &'a str>) -> Result<Self, BlastSetError> {
        let offered = || Self::of(Self::offered(table)).codes(table).join(" ");
        let mut classes = Vec::new();
        for code in codes.into_iter().map(str::trim).filter(|code| !code.is_empty()) {
            let Some(id) = table.by_code(code) else {
                let like = nearest(table, code).map(str::to_owned);
                return Err(BlastSetError::Unknown { code: code.to_owned(), like, offered: offered() });
            };
            let class = table.get(id);
            if !class.may_be_blast() {
                let (code, name) = (class.code.clone(), class.name.clone());
                return Err(BlastSetError::NotOffered { code, name, offered: offered() });
            }
            classes.push(id);
        }
        if classes.is_empty() {
            return Err(BlastSetError::Empty { offered: offered() });
        }
        Ok(Self::of(classes))
    }

    /// The classes that a case can choose from, blasts first.
    pub fn offered(table: &ClassTable) -> Vec<ClassId> {
        let mut all: Vec<_> = table.iter().filter(|(_, c)| c.may_be_blast()).map(|(id, _)| id).collect();
        all.sort_by_key(|&id| !table.get(id).blast);
        all
    }

    /// Whether cells of the class count as blasts.
    pub fn holds(&self, class: ClassId) -> bool {
        self.classes.binary_search(&class).is_ok()
    }

    /// The classes in order.
    pub fn classes(&self) -> &[ClassId] {
        &self.classes
    }

    /// Their codes in order.
    pub fn codes<'a>(&self, table: &'a ClassTable) -> Vec<&'a str> {
        self.classes.iter().map(|&id| table.code(id)).collect()
    }

    /// The same with the class in it, or without.
    pub fn toggled(&self, class: ClassId) -> Self {
        match self.holds(class) {
            true => Self { classes: self.classes.iter().copied().filter(|&c| c != class).collect() },
            false => Self::of(self.classes.iter().copied().chain([class])),
        }
    }

    /// Its name.
    pub fn names(&self, table: &ClassTable) -> BlastNames {
        BlastNames::of(table.iter().map(|(id, c)| (c.code.as_str(), self.holds(id), c.blast && c.role.is_wbc())))
    }
}

/// The code that may have been meant: another way of writing it, or the nearest.
fn nearest<'a>(table: &'a ClassTable, code: &str) -> Option<&'a str> {
    if let Some(id) = table.by_label(code) {
        return Some(table.code(id));
    }
    let near = |c: &str| strsim::damerau_levenshtein(c, &code.to_uppercase());
    let offered = BlastSet::offered(table).into_iter().map(|id| table.code(id));
    offered.map(|c| (near(c), c)).filter(|(n, _)| *n <= 1).min_by_key(|(n, _)| *n).map(|(_, c)| c)
}

/// What stands beside a share of blasts: the classes that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlastNames {
    counted: Vec<String>,
    /// Those of them that are no blasts by the class table.
    added: Vec<String>,
    /// Blasts by the class table that do not count.
    left_out: Vec<String>,
}

impl BlastNames {
    /// From every class in the WBC count: its code, whether it counts, and whether the class table calls it a blast.
    pub fn of<'a>(classes: impl IntoIterator<Item = (&'a str, bool, bool)>) -> Self {
        let mut names = Self::default();
        for (code, counts, is_blast) in classes {
            let code = printable(code).into_owned();
            match (counts, is_blast) {
                (true, true) => names.counted.push(code),
                (true, false) => {
                    names.counted.push(code.clone());
                    names.added.push(code);
                }
                (false, true) => names.left_out.push(code),
                (false, false) => {}
            }
        }
        names
    }

    /// The codes that count.
    pub fn codes(&self) -> &[String] {
        &self.counted
    }

    /// Codes of blasts by the class table that do not count.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Whether classes count that are no blasts by the class table.
    pub fn has_equivalents(&self) -> bool {
        !self.added.is_empty()
    }

    /// `blasts`, `blasts and equivalents`, or `blast equivalents`.
    pub fn kind(&self) -> &'static str {
        match (self.added.len(), self.counted.len()) {
            (0, _) => "blasts",
            (added, all) if added == all => "blast equivalents",
            _ => "blasts and equivalents",
        }
    }

    /// Every class by its code: `MYO MOB PMO`.
    pub fn list(&self) -> String {
        if self.counted.is_empty() { "no class".to_owned() } else { self.counted.join(" ") }
    }

    /// The whole name: `blasts and equivalents (MYO MOB PMO)`.
    pub fn title(&self) -> String {
        format!("{} ({})", self.kind(), self.list())
    }

    /// So many of them: `21 blasts and equivalents (MYO MOB PMO)`.
    pub fn counted(&self, n: u64) -> String {
        match n {
            1 => format!("1 {}", self.title().replacen("blasts", "blast", 1)),
            n => format!("{n} {}", self.title()),
        }
    }

    /// What makes it another set than the class table's: `+PMO`, `+PMO-MOB`; empty where it is that.
    pub fn difference(&self) -> String {
        let signed = |sign: char, codes: &[String]| codes.iter().map(|c| format!("{sign}{c}")).collect::<String>();
        signed('+', &self.added) + &signed('-', &self.left_out)
    }

    /// The name where there is little room: `blasts`, or `blasts+PMO`.
    pub fn short(&self) -> String {
        format!("blasts{}", self.difference())
    }

    /// The whole name where it fits into so many columns, else the short one. Class codes are ASCII.
    pub fn fitting(&self, columns: usize) -> String {
        Some(self.title()).filter(|title| title.len() <= columns).unwrap_or_else(|| self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(codes: &str) -> Result<BlastSet, BlastSetError> {
        BlastSet::choose(&ClassTable::default(), codes.split(','))
    }

    #[test]
    fn the_tables_own_blasts_count_where_nobody_chose() {
        let table = ClassTable::default();
        assert_eq!(BlastSet::of_table(&table).codes(&table), ["MYO", "MOB", "LBL", "BLU"]);
        let offered: Vec<_> = BlastSet::offered(&table).into_iter().map(|id| table.code(id)).collect();
        assert_eq!(offered, ["MYO", "MOB", "LBL", "BLU", "PMO", "PMB", "PRM"]);
    }

    #[test]
    fn a_choice_is_in_the_tables_order_whatever_was_typed_and_each_class_is_in_it_once() {
        let table = ClassTable::default();
        assert_eq!(choose("PMO, MYO,MOB,MYO").expect("a choice").codes(&table), ["MYO", "MOB", "PMO"]);
        let id = |code| table.by_code(code).expect("a code");
        let set = choose("MYO,PMO").expect("a choice");
        assert!(set.holds(id("PMO")) && !set.holds(id("MOB")));
        assert_eq!(set.toggled(id("MYO")).toggled(id("MOB")), choose("MOB,PMO").expect("a choice"));
    }

    #[test]
    fn what_cannot_be_chosen_is_named_with_what_can() {
        let said = |codes: &str| choose(codes).expect_err("no choice").to_string();
        assert_eq!(said("MYO,pmo"), "`pmo` is no class code; did you mean PMO?");
        assert_eq!(said("MYO,PMQ"), "`PMQ` is no class code; did you mean PMO?");
        assert_eq!(said("promonocyte"), "`promonocyte` is no class code; did you mean PRM?");
        assert_eq!(
            said("x\u{1b}y"),
            format!("`{}` is no class code; offered as blasts are MYO MOB LBL BLU PMO PMB PRM", printable("x\u{1b}y"))
        );
        assert!(
            said("MYO,NGS").starts_with("NGS (neutrophil, segmented) cannot count as a blast; offered are MYO MOB")
        );
        assert!(said("KSC").contains("cannot count"), "a smudge cell is in no WBC count");
        assert!(said(" ,").starts_with("name at least one class"));
    }

    #[test]
    fn the_name_of_a_share_says_what_it_is_of() {
        let table = ClassTable::default();
        for (codes, title, short) in [
            ("MYO,MOB,LBL,BLU", "blasts (MYO MOB LBL BLU)", "blasts"),
            ("MYO,MOB,LBL,BLU,PRM", "blasts and equivalents (MYO MOB LBL BLU PRM)", "blasts+PRM"),
            ("MYO,MOB,PMO", "blasts and equivalents (MYO MOB PMO)", "blasts+PMO-LBL-BLU"),
            ("MYO", "blasts (MYO)", "blasts-MOB-LBL-BLU"),
            ("PMO,PMB", "blast equivalents (PMO PMB)", "blasts+PMO+PMB-MYO-MOB-LBL-BLU"),
        ] {
            let names = choose(codes).expect("a choice").names(&table);
            assert_eq!((names.title(), names.short()), (title.to_owned(), short.to_owned()));
            assert_eq!(names.fitting(title.len()), title);
            assert_eq!(names.fitting(title.len() - 1), short);
        }
        let names = choose("MYO,MOB,PMO").expect("a choice").names(&table);
        assert_eq!(names.counted(1), "1 blast and equivalents (MYO MOB PMO)");
        assert_eq!(names.counted(2), "2 blasts and equivalents (MYO MOB PMO)");
        assert_eq!(BlastSet::default().names(&table).title(), "blasts (no class)");
    }
}
