//! What becomes of a case beside its decisions: where it lies, what belongs to it, what it is called.

use serde::{Deserialize, Serialize};

use super::{counted, printable};

/// An entry of a case's history that is no decision, note or signature. In the database: its kind, and the rest as JSON.
/// Paths are kept as people read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "kebab-case")]
pub enum CaseEvent {
    /// A folder of images became the case.
    Imported {
        /// The folder.
        folder: String,
        /// Images in it.
        cells: u64,
    },
    /// The folder was looked at again, and holds something else than before.
    Rescanned {
        /// The folder.
        folder: String,
        /// Images that the case did not have.
        new: u64,
        /// Images of the case that the folder no longer holds; they stay in the record.
        missing: u64,
    },
    /// A further folder was added: a second slide, or more of the first.
    FolderAdded {
        /// The folder.
        folder: String,
        /// Images that the case did not have.
        new: u64,
        /// Images that it had.
        known: u64,
    },
    /// The images were found in another folder, and no longer in the one that they were in.
    Moved {
        /// Where they were.
        from: String,
        /// Where they are.
        to: String,
        /// Images that the case did not have.
        new: u64,
        /// Images that did not come along; they stay in the record.
        missing: u64,
    },
    /// The case is called otherwise.
    Renamed {
        /// The name before.
        from: String,
        /// The name since.
        to: String,
    },
    /// What counts as a blast in it.
    Blasts {
        /// The classes' codes.
        classes: Vec<String>,
    },
    /// The case was put away: lists leave it out.
    Archived {},
    /// The case is in the lists again.
    Unarchived {},
    /// The case was deleted; nobody had decided, written or read anything in it.
    Deleted {
        /// Its folder.
        folder: String,
        /// Its cells.
        cells: u64,
    },
}

impl CaseEvent {
    /// What scripts call it in a case's history.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Imported { .. } => "import",
            Self::Rescanned { .. } => "rescan",
            Self::FolderAdded { .. } => "folder-added",
            Self::Moved { .. } => "moved",
            Self::Renamed { .. } => "renamed",
            Self::Blasts { .. } => "blasts",
            Self::Archived {} => "archived",
            Self::Unarchived {} => "unarchived",
            Self::Deleted { .. } => "deleted",
        }
    }

    /// One line for people.
    pub fn describe(&self) -> String {
        let show = |s: &str| printable(s).into_owned();
        let images = |n: u64| counted(n, "image", "images");
        let change = |new: u64, missing: u64| {
            let mut said = String::new();
            if new > 0 {
                said += &format!(", {new} new");
            }
            if missing > 0 {
                said += &format!(", {missing} missing");
            }
            said
        };
        match self {
            Self::Imported { folder, cells } => format!("imported from {}: {}", show(folder), images(*cells)),
            Self::Rescanned { folder, new, missing } => {
                format!("folder {} read again{}", show(folder), change(*new, *missing))
            }
            Self::FolderAdded { folder, new, known } => {
                format!("folder {} added: {}, {known} known", show(folder), images(*new))
            }
            Self::Moved { from, to, new, missing } => {
                format!("moved from {} to {}{}", show(from), show(to), change(*new, *missing))
            }
            Self::Renamed { from, to } => format!("renamed from {} to {}", show(from), show(to)),
            Self::Blasts { classes } => format!("counted as blasts: {}", show(&classes.join(" "))),
            Self::Archived {} => "archived".to_owned(),
            Self::Unarchived {} => "taken out of the archive".to_owned(),
            Self::Deleted { folder, cells } => format!("deleted: {} from {}", images(*cells), show(folder)),
        }
    }
}
