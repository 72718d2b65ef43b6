//! Cases and cells: as intake finds them in a folder, and as the database keeps them.

use std::path::PathBuf;

use serde::Serialize;

use super::{BlastSet, CellId, CellNumber, ClassId, Scale, Sha256Hash, Share};

/// A case's number in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId(pub i64);

/// How the images of a case lie in their folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// All images in one folder.
    Flat,
    /// A folder per class: the folder's name is a reference label.
    Classes,
    /// AML-Cytomorphology_LMU: a folder per class code, with or without `annotations.dat`.
    Lmu,
    /// Drawn by the program itself: the demo case, and imported drawings however they lie.
    Phantom,
}

/// What the program writes into every file that it draws, in the place where the format keeps words (a JPEG's comment, a TIFF's
/// description). A file that holds it is a drawing wherever it lies and whatever it is called.
pub const PHANTOM_MARK: &str = "leukoscope phantom: a drawn cell, of no patient";

/// An image file that became part of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundCell {
    /// Path relative to the case's root.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
    /// Reference label as the folder or the annotation file has it. Never shown before a decision.
    pub label: Option<String>,
    /// The class that the label stands for.
    pub class: Option<ClassId>,
}

/// A file that did not become part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its path, as the user would find it.
    pub path: PathBuf,
    /// One clause that says what is wrong and what to do.
    pub reason: String,
}

/// A case as intake found it in a folder; nothing is stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundCase {
    /// Name: the folder's, unless the user gave one.
    pub name: String,
    /// Whether the user gave the name (then no other case is taken for a moved one).
    pub name_given: bool,
    /// Absolute folder that the cells' paths are relative to.
    pub root: PathBuf,
    /// How the images lie in it.
    pub layout: Layout,
    /// Scale of the images.
    pub scale: Scale,
    /// In name order; where folders are classes, in the order of their hashes, which tells nothing of the labels.
    pub cells: Vec<FoundCell>,
    /// How many of them are drawn by the program (they say so themselves).
    pub drawn: usize,
    /// What was left out.
    pub refused: Vec<Refusal>,
    /// What the user should know although nothing was refused.
    pub warnings: Vec<String>,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseState {
    /// Never signed.
    Open,
    /// Signed; decisions need a reopening with a reason first.
    Signed,
    /// Signed before, reopened since.
    Reopened,
}

/// A case as the database keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRecord {
    /// Its number.
    pub id: CaseId,
    /// Its own identity, 32 hexadecimal digits: the same whatever it is called and wherever its images lie.
    pub uid: String,
    /// Its name, unique in the database.
    pub name: String,
    /// Folder that the cells' paths are relative to.
    pub root: PathBuf,
    /// How the images lie in it.
    pub layout: Layout,
    /// Scale of the images.
    pub scale: Scale,
    /// WBC to count: a mark for the reviewer to aim at. A case can be signed below it, and with cells left beyond it
    /// only when unreviewed cells are allowed.
    pub target: u64,
    /// What counts as a blast in it.
    pub blasts: BlastSet,
    /// Where it stands.
    pub state: CaseState,
    /// Its latest signed version.
    pub version: Option<u32>,
    /// When it was imported, RFC 3339 in UTC.
    pub imported_at: String,
}

impl Layout {
    /// The name that the database and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Classes => "classes",
            Self::Lmu => "lmu",
            Self::Phantom => "phantom",
        }
    }
}

impl FoundCase {
    /// Whether it lies in a folder; the demo case does not.
    pub fn has_folder(&self) -> bool {
        !self.root.as_os_str().is_empty()
    }
}

impl CaseRecord {
    /// Whether its cells are drawings of the program.
    pub fn is_phantom(&self) -> bool {
        self.layout == Layout::Phantom
    }

    /// Whether it lies in a folder; the demo case's pictures are in the database.
    pub fn has_folder(&self) -> bool {
        !self.is_phantom() || self.root.is_absolute()
    }
}

/// A line of the case list.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSummary {
    /// The case.
    pub case: CaseRecord,
    /// Cells in it.
    pub cells: u64,
    /// Cells with a decision.
    pub reviewed: u64,
    /// What counts as a blast in it ([`CaseRecord::blasts`]) among the WBC decided so far.
    pub blasts: Option<Share>,
}

/// A cell as the database keeps it, less its reference label, which is asked for separately.
#[derive(Debug, Clone, PartialEq)]
pub struct CellRecord {
    /// Its id in the database.
    pub id: CellId,
    /// Its number in the case.
    pub number: CellNumber,
    /// Path relative to the case's root; absolute when the image was added from another folder. `root.join(path)` is
    /// right for both.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
}
