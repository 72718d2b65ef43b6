//! The table of cell classes: what is counted, and how it enters a differential.
//!
//! The table is data (`data/classes.toml`, or a laboratory's own file); this file says what a table must fulfil.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{printable, printable_lines};

/// The table that ships with the program.
const DEFAULT_TABLE: &str = include_str!("../../data/classes.toml");

/// A class's place in its [`ClassTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u16);

/// How a class enters a differential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A leukocyte that a healthy smear holds: in the WBC count.
    WbcNormal,
    /// A leukocyte that a healthy smear does not hold: in the WBC count.
    WbcAbnormal,
    /// A nucleated red cell: given per 100 WBC.
    Nrbc,
    /// A smudge cell: given per 100 WBC.
    Smudge,
    /// In no denominator (platelets, artefacts).
    Outside,
    /// In no denominator, and keeps a case from being signed.
    Unidentified,
}

impl Role {
    /// Whether cells of this role make up the WBC count.
    pub fn is_wbc(self) -> bool {
        matches!(self, Self::WbcNormal | Self::WbcAbnormal)
    }
}

/// One class of the table. The fields are explained at the head of `data/classes.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Code, unique in its table: `NGS`.
    pub code: String,
    /// The field's standard term.
    pub name: String,
    /// How it enters a differential.
    pub role: Role,
    /// A blast: counts towards the blast percentage of a case unless the case says otherwise, and belongs to the blast question.
    #[serde(default)]
    pub blast: bool,
    /// No blast, but a case may choose to count it as one.
    #[serde(default)]
    pub blast_equivalent: bool,
    /// Belongs to the atypical question.
    #[serde(default)]
    pub atypical: bool,
    /// A network may name it.
    #[serde(default)]
    pub predicted: bool,
    /// LOINC codes: percent of leukocytes, the same by manual count; empty where there is none.
    #[serde(default)]
    pub loinc: [String; 2],
    /// LOINC's long common name of the percentage; empty where it is not known.
    #[serde(default)]
    pub loinc_name: String,
    /// What scanners and data sets call it.
    #[serde(default)]
    pub labels: Vec<String>,
}

impl Class {
    /// Whether a case may count it as a blast.
    pub fn may_be_blast(&self) -> bool {
        self.role.is_wbc() && (self.blast || self.blast_equivalent)
    }

    /// LOINC code of the percentage.
    pub fn loinc_percent(&self) -> Option<&str> {
        Some(self.loinc[0].as_str()).filter(|c| !c.is_empty())
    }
}

/// A code of LOINC.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoincCode {
    /// The code.
    pub code: String,
    /// Its long common name.
    pub name: String,
}

/// The codes of a report that are no class's own. They are at the head of `data/classes.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loinc {
    /// The whole differential.
    pub panel: LoincCode,
    /// All blasts together, in percent of the WBC.
    pub blasts: LoincCode,
    /// Nucleated red cells per 100 WBC.
    pub nrbc: LoincCode,
}

/// Why a class table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClassTableError {
    /// Not TOML, or not of the table's form.
    #[error("{0}")]
    Form(String),
    /// Two classes share a code or a label.
    #[error(
        "`{}` stands for both {} and {}; give each class names of its own",
        printable(text),
        printable(first),
        printable(second)
    )]
    Ambiguous {
        /// The name in question.
        text: String,
        /// The first class's code.
        first: String,
        /// The second class's code.
        second: String,
    },
    /// A code that is empty, too long, or not ASCII letters and digits.
    #[error("class code `{}`: use 1 to 8 ASCII letters or digits", printable(.0))]
    Code(String),
    /// A class outside the WBC count that is to be offered as a blast.
    #[error("{}: only classes in the WBC count can count as blasts; remove `blast_equivalent`, or give it a wbc role", printable(.0))]
    Equivalent(String),
    /// The table has no class of that role.
    #[error("no class has the role `{0}`; add one")]
    Missing(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    schema: u32,
    #[serde(default)]
    loinc_release: String,
    loinc: Option<Loinc>,
    class: Vec<Class>,
}

/// The classes in use, in the order that tables and exports show them.
#[derive(Debug, Clone)]
pub struct ClassTable {
    classes: Arc<[Class]>,
    by_label: Arc<HashMap<String, ClassId>>,
    loinc_release: String,
    /// `None`: the table has none of its own, and the shipped ones hold.
    loinc: Option<Arc<Loinc>>,
}

impl Default for ClassTable {
    /// The table that ships with the program.
    fn default() -> Self {
        Self::parse(DEFAULT_TABLE).expect("data/classes.toml is checked by a test")
    }
}

impl ClassTable {
    /// Reads a table from TOML.
    ///
    /// # Errors
    /// When the text is not of the table's form, a name is ambiguous, or there is nothing to count.
    pub fn parse(text: &str) -> Result<Self, ClassTableError> {
        let file: TableFile =
            toml::from_str(text).map_err(|e| ClassTableError::Form(printable_lines(&e.to_string())))?;
        if file.schema != 1 {
            return Err(ClassTableError::Form(format!(
                "schema {} is not known; this program reads schema 1",
                file.schema
            )));
        }
        let mut by_label = HashMap::new();
        for (i, class) in file.class.iter().enumerate() {
            let code_ok = (1..=8).contains(&class.code.len()) && class.code.bytes().all(|b| b.is_ascii_alphanumeric());
            if !code_ok {
                return Err(ClassTableError::Code(class.code.clone()));
            }
            if class.blast_equivalent && !class.role.is_wbc() {
                return Err(ClassTableError::Equivalent(class.code.clone()));
            }
            for text in class.labels.iter().chain([&class.code, &class.name]) {
                let id = ClassId(i as u16);
                if let Some(first) = by_label.insert(fold(text), id).filter(|&first| first != id) {
                    return Err(ClassTableError::Ambiguous {
                        text: text.clone(),
                        first: file.class[first.0 as usize].code.clone(),
                        second: class.code.clone(),
                    });
                }
            }
        }
        if !file.class.iter().any(|c| c.role.is_wbc()) {
            return Err(ClassTableError::Missing("wbc-normal"));
        }
        Ok(Self {
            classes: file.class.into(),
            by_label: Arc::new(by_label),
            loinc_release: file.loinc_release,
            loinc: file.loinc.map(Arc::new),
        })
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Never true: a table has something to count.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// All classes in order.
    pub fn iter(&self) -> impl Iterator<Item = (ClassId, &Class)> {
        self.classes.iter().enumerate().map(|(i, c)| (ClassId(i as u16), c))
    }

    /// The class at `id`.
    ///
    /// # Panics
    /// When `id` is of another table.
    pub fn get(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// The code of `id`.
    pub fn code(&self, id: ClassId) -> &str {
        &self.get(id).code
    }

    /// The class of exactly this code.
    pub fn by_code(&self, code: &str) -> Option<ClassId> {
        self.iter().find(|(_, c)| c.code == code).map(|(id, _)| id)
    }

    /// The class that a scanner or data set means by `label`: a code, a name or one of the labels, compared without
    /// case, spaces and punctuation.
    pub fn by_label(&self, label: &str) -> Option<ClassId> {
        self.by_label.get(&fold(label)).copied()
    }

    /// The LOINC release that the codes were checked against, in the table's own words.
    pub fn loinc_release(&self) -> &str {
        &self.loinc_release
    }

    /// The number of that release (`2.80`), where the table gives nothing but the number.
    pub fn loinc_version(&self) -> Option<&str> {
        let number =
            !self.loinc_release.is_empty() && self.loinc_release.chars().all(|c| c.is_ascii_digit() || c == '.');
        number.then_some(self.loinc_release.as_str())
    }

    /// Codes of a report that are no class's own: the table's, else the shipped ones.
    pub fn loinc(&self) -> Arc<Loinc> {
        self.loinc.clone().unwrap_or_else(|| Self::default().loinc.expect("data/classes.toml is checked by a test"))
    }
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_has_the_fifteen_classes_and_the_reviewers_own() {
        let table = ClassTable::default();
        let predicted: Vec<_> = table.iter().filter(|(_, c)| c.predicted).map(|(_, c)| c.code.as_str()).collect();
        assert_eq!(predicted.len(), 15);
        let of = |f: fn(&Class) -> bool| {
            table.iter().filter(|(_, c)| f(c)).map(|(_, c)| c.code.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(|c| c.blast), ["MYO", "MOB", "LBL", "BLU"]);
        assert_eq!(of(|c| c.blast_equivalent), ["PMO", "PMB", "PRM"]);
        assert_eq!(of(|c| c.blast && c.predicted), ["MYO", "MOB"], "the network names what it was trained on");
        assert_eq!(of(|c| c.atypical), ["LYA", "MYO", "MOB", "LBL", "BLU", "PMO", "PMB", "MYB", "MMZ", "EBO"]);
        assert_eq!(of(|c| !c.role.is_wbc()), ["EBO", "KSC", "GPL", "PLT", "ART", "UNI"]);
        assert_eq!(of(|c| c.loinc[0].is_empty()), ["LBL", "BLU", "EBO", "PRL", "GPL", "PLT", "ART", "UNI"]);
        assert!(of(|c| c.loinc[0].is_empty() != c.loinc_name.is_empty()).is_empty(), "a name for every code");
        let loinc = table.loinc();
        let codes = [&loinc.panel, &loinc.blasts, &loinc.nrbc].map(|c| c.code.as_str());
        assert_eq!(codes, ["24318-8", "26446-5", "18309-5"]);
        assert!(table.iter().all(|(_, c)| !c.loinc.iter().any(|l| l == "19048-8")), "that one is for any method");
        assert_eq!(table.loinc_version(), None, "no release is claimed that was not compared");
    }

    #[test]
    fn a_table_of_its_own_has_the_shipped_codes_for_the_report_unless_it_brings_them() {
        let class = "[[class]]\ncode = \"A\"\nname = \"a\"\nrole = \"wbc-normal\"\n";
        let own = ClassTable::parse(&format!("schema = 1\nloinc_release = \"2.80\"\n{class}")).expect("a table");
        assert_eq!((own.loinc(), own.loinc_version()), (ClassTable::default().loinc(), Some("2.80")));
    }

    #[test]
    fn labels_of_scanners_are_understood() {
        let table = ClassTable::default();
        for (label, code) in [
            ("Blast, no lineage spec", "MYO"),
            ("Blast_no_lineage_spec", "MYO"),
            ("Lymphoblasts", "LBL"),
            ("Blast, unclassified", "BLU"),
            ("Lymphocyte, variant", "LYA"),
            ("Segmented neutrophils", "NGS"),
            ("Thrombocyte aggregation", "PLT"),
            ("ngb", "NGB"),
        ] {
            assert_eq!(table.by_label(label).map(|id| table.code(id)), Some(code), "{label}");
        }
        assert_eq!(table.by_label("IG"), None);
        assert_eq!(table.by_code("ngb"), None);
    }

    #[test]
    fn bad_tables_are_refused_with_the_place() {
        let class = |code: &str, extra: &str| {
            format!("[[class]]\ncode = \"{code}\"\nname = \"n{code}\"\nrole = \"wbc-normal\"\n{extra}\n")
        };
        let parse =
            |body: String| ClassTable::parse(&format!("schema = 1\n{body}")).map(|_| ()).unwrap_err().to_string();
        assert!(parse(class("A", "") + &class("A", "")).contains("`A` stands for both"));
        assert!(parse(class("A", "") + &class("B", "labels = [\"a\"]")).contains("both A and B"));
        assert!(parse(class("A B", "")).contains("1 to 8"));
        assert!(parse(class("A", "blost = true")).contains("blost"));
        let outside = class("A", "blast_equivalent = true").replace("wbc-normal", "smudge");
        assert!(parse(outside).contains("A: only classes in the WBC count can count as blasts"));
        assert!(parse(class("A", "").replace("wbc-normal", "outside")).contains("wbc-normal"));
        assert!(ClassTable::parse("schema = 2\nclass = []").is_err());
    }
}
