//! Everything that the database can refuse, in sentences for people.

use std::path::PathBuf;

use super::ImportRefusal;
use crate::domain::{CellId, Seq, counted, printable};

/// Result of a database operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the database did not do what was asked. Nothing is changed when one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the database {}: {}", printable(&super::open::opened().to_string_lossy()), sqlite_says(.0))]
    Sqlite(rusqlite::Error),
    /// The file does not hold what SQLite wrote into it.
    #[error(
        "{}: the database is damaged ({}); `leukoscope verify` names the damage, `leukoscope restore FILE` brings a backup back",
        printable(&path.to_string_lossy()), printable(what)
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        what: String,
    },
    /// What was read of a case does not agree with itself.
    #[error(
        "{}: what is recorded of the case `{}` is damaged ({}); nothing of it is shown, written or sent: `leukoscope verify` names \
         all damage, `leukoscope restore FILE` brings a backup back",
        printable(&path.to_string_lossy()), printable(case), printable(what)
    )]
    Unsound {
        /// The database.
        path: PathBuf,
        /// The case.
        case: String,
        /// What does not agree with what.
        what: String,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {} is full; nothing of this was recorded: make room there, then do it again",
        printable(&path.to_string_lossy())
    )]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The disk fails.
    #[error(
        "the disk that holds {} does not read or write ({what}); nothing of this was recorded: see that it is there and has room, then \
         do it again",
        printable(&path.to_string_lossy())
    )]
    Disk {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        what: String,
    },
    /// The database can be read and not written.
    #[error(
        "{} can only be read ({why}); nothing of this was recorded: see to its rights, or copy it to a place that can be written and \
         name that with --db",
        printable(&path.to_string_lossy())
    )]
    ReadOnly {
        /// The database.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A log beside a database that has none.
    #[error(
        "{} is the log of another state of {} (was a backup copied over it?); nothing was read or changed: bring the backup back with \
         `leukoscope restore FILE`, or move the log away to open the file as it is",
        printable(&log.to_string_lossy()), printable(&path.to_string_lossy())
    )]
    StaleLog {
        /// The database.
        path: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// An older database could not be brought to this program's schema.
    #[error(
        "{}: its schema {found} could not be brought up to date ({}); it is as it was: `leukoscope restore FILE` brings a backup back",
        printable(&path.to_string_lossy()), printable(what)
    )]
    Migration {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// What SQLite says.
        what: String,
    },
    /// Another program has the database open.
    #[error("{} is open in another program; end that first", printable(&path.to_string_lossy()))]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// A backup that is none.
    #[error("{} cannot be restored: {}; nothing was changed", printable(&path.to_string_lossy()), printable(why))]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file is no longer where it was when it was opened.
    #[error(
        "the database {} was moved, removed or replaced while it was open; nothing of this was recorded: put it back, or end the \
         program and start it anew",
        printable(&path.to_string_lossy())
    )]
    Gone {
        /// Where it was.
        path: PathBuf,
    },
    /// Another program kept the database locked for longer than the waiting time.
    #[error("the database is locked by another program; try again when that is done")]
    Busy,
    /// A file or folder of the database could not be made, read or written.
    #[error("{}: {}", printable(&path.to_string_lossy()), system_says(source))]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is no database of leukoscope ({what}); name another file with --db", printable(&path.to_string_lossy()))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        what: &'static str,
    },
    /// The file was written by a newer program.
    #[error(
        "{} has schema {found}, and this program knows schemas up to {known}; use the newer leukoscope that wrote it",
        printable(&path.to_string_lossy())
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// The file system cannot share memory, which write-ahead logging needs.
    #[error("{}: this file system cannot hold the database safely; name a file on a local disk with --db", printable(&path.to_string_lossy()))]
    NoWal {
        /// The file.
        path: PathBuf,
    },
    /// The target of a backup is there already.
    #[error("{} exists already and is left as it is; give the backup a name of its own", printable(&path.to_string_lossy()))]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// No case of that name.
    #[error("there is no case `{}`{}", printable(name), did_you_mean(like.as_deref()))]
    NoSuchCase {
        /// The name asked for.
        name: String,
        /// The name that is nearest to it.
        like: Option<String>,
    },
    /// A case number that is not in the database.
    #[error("there is no case number {0} in this database")]
    NoSuchCaseId(i64),
    /// A cell number that is not in the case.
    #[error("the cell with the id {} is not in the case `{}`", cell.0, printable(case))]
    NoSuchCell {
        /// The cell.
        cell: CellId,
        /// The case.
        case: String,
    },
    /// The case is signed, and what was asked would change what was signed.
    #[error("the case `{}` is signed (version {version}); reopen it with a reason first", printable(case))]
    Signed {
        /// The case.
        case: String,
        /// Its latest version.
        version: u32,
    },
    /// The case is signed already and was not reopened.
    #[error(
        "the case `{}` is signed already (version {version}); a correction needs a reopening with a reason",
        printable(case)
    )]
    AlreadySigned {
        /// The case.
        case: String,
        /// Its latest version.
        version: u32,
    },
    /// The case is not signed, so it cannot be reopened.
    #[error("the case `{}` is not signed; there is nothing to reopen", printable(case))]
    NotSigned {
        /// The case.
        case: String,
    },
    /// Cells stand in the way of a signature.
    #[error(
        "the case `{}` cannot be signed: {} without a decision, {unidentified} unidentified; \
         decide them, or allow unreviewed cells",
        printable(case), counted(*unreviewed, "cell", "cells")
    )]
    NotReady {
        /// The case.
        case: String,
        /// Cells without a decision.
        unreviewed: u64,
        /// Cells decided as unidentified.
        unidentified: u64,
        /// Both, in the order of the case.
        cells: Vec<CellId>,
    },
    /// A differential without a single WBC is signed for a reason alone.
    #[error(
        "the case `{}` has not a single WBC to count: a differential that says nothing is signed with a reason alone, which stands on \
         every report (--no-wbc-reason TEXT)",
        printable(case)
    )]
    NoWbc {
        /// The case.
        case: String,
    },
    /// A reason for something that is not so.
    #[error(
        "the case `{}` has {wbc} WBC, so there is no reason to give why it has none; leave it out",
        printable(case)
    )]
    HasWbc {
        /// The case.
        case: String,
        /// Its WBC.
        wbc: u64,
    },
    /// A case without cells has nothing to sign.
    #[error("the case `{}` has no cells; there is nothing to sign", printable(case))]
    NoCells {
        /// The case.
        case: String,
    },
    /// The log moved on since the signer looked at it.
    #[error(
        "decisions were added to the case `{}` since you looked (up to {last_seq}, you saw {seen}); look again before signing",
        printable(case)
    )]
    ChangedSince {
        /// The case.
        case: String,
        /// The last decision that the signer saw.
        seen: Seq,
        /// The last one there is.
        last_seq: Seq,
    },
    /// What counts as a blast is something else than the signer saw.
    #[error(
        "the case `{}` counts {now} since you looked, and counted {seen}; look again before signing",
        printable(case)
    )]
    BlastsChanged {
        /// The case.
        case: String,
        /// What the signer saw.
        seen: String,
        /// What counts.
        now: String,
    },
    /// Undo or redo of a decision that cannot be undone or redone.
    #[error("decision {target} cannot be {}: {why}", if *redo { "redone" } else { "undone" })]
    Target {
        /// The decision.
        target: Seq,
        /// Whether it was to be redone.
        redo: bool,
        /// Why not.
        why: &'static str,
    },
    /// A reading that cannot be begun, gone on with, ended or compared; or a decision that a reading forbids.
    #[error("the case `{}`: {why}", printable(case))]
    Reading {
        /// The case.
        case: String,
        /// A clause that says why, and what to do.
        why: String,
    },
    /// Cells that two readers took for different classes stand in the way of a signature.
    #[error(
        "the case `{}` cannot be signed: {open} of {disputes} cells in dispute between two readers are not settled; \
         adjudicate them, or allow unreviewed cells",
        printable(case)
    )]
    InDispute {
        /// The case.
        case: String,
        /// Cells that nobody settled.
        open: usize,
        /// All cells in dispute.
        disputes: usize,
    },
    /// A class code that the table in use does not have.
    #[error(
        "the database speaks of the class `{}`, which the class table in use does not have; \
         name the table that has it with --classes",
        printable(code)
    )]
    UnknownClass {
        /// The code.
        code: String,
    },
    /// A network's results do not go together with those that are stored.
    #[error("the predictions of network {network} {what}")]
    Prediction {
        /// The network's short hash.
        network: String,
        /// What is wrong with them.
        what: String,
    },
    /// A folder that is not taken in.
    #[error(transparent)]
    Import(#[from] ImportRefusal),
    /// Something cannot be done to a case as a whole.
    #[error("the case `{}`: {}", printable(case), printable(why))]
    Case {
        /// The case.
        case: String,
        /// A clause that says why, and what to do.
        why: String,
    },
    /// New images for a signed case.
    #[error(
        "{added} new images for the case `{}`, which is signed (version {version}); reopen it with a reason first",
        printable(case)
    )]
    ImportIntoSigned {
        /// The case.
        case: String,
        /// Its latest version.
        version: u32,
        /// Images that it does not have.
        added: usize,
    },
    /// Real and drawn cells do not go into one case.
    #[error("the case `{}` holds drawn cells (phantoms); real images need a case of their own", printable(case))]
    Phantom {
        /// The case.
        case: String,
    },
    /// A folder without one usable image.
    #[error("{} holds no image that could be used; no case is made of it", printable(&root.to_string_lossy()))]
    NothingToImport {
        /// The folder.
        root: PathBuf,
    },
    /// A text that has to say something.
    #[error("{0} must not be empty")]
    Blank(&'static str),
    /// A value in the database that no version of this program writes.
    #[error("the database holds {0}; run `leukoscope verify`")]
    Damaged(String),
}

impl StoreError {
    /// Whether the database works and only says no to what was asked.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Sqlite(_)
                | Self::Corrupt { .. }
                | Self::Unsound { .. }
                | Self::Gone { .. }
                | Self::Full { .. }
                | Self::Disk { .. }
                | Self::ReadOnly { .. }
                | Self::StaleLog { .. }
                | Self::Migration { .. }
                | Self::Busy
                | Self::Io { .. }
                | Self::Foreign { .. }
                | Self::Newer { .. }
                | Self::NoWal { .. }
        )
    }

    /// What SQLite's error means.
    fn told(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DiskFull, ReadOnly, SystemIoFailure};
        let (path, what) = (super::open::opened(), sqlite_says(&error));
        match error.sqlite_error_code() {
            _ if super::sound::is_damage(&error) => Self::Corrupt { path, what },
            Some(DiskFull) => Self::Full { path },
            Some(ReadOnly) => Self::ReadOnly { path, why: what },
            Some(SystemIoFailure) => Self::Disk { path, what },
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if let Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) = error.sqlite_error_code()
        {
            return Self::Busy;
        }
        match error {
            // A sentence of our own about a column.
            rusqlite::Error::FromSqlConversionFailure(column, kind, inner) => match inner.downcast::<Self>() {
                Ok(own) => *own,
                Err(inner) => Self::told(rusqlite::Error::FromSqlConversionFailure(column, kind, inner)),
            },
            error => Self::told(error),
        }
    }
}

/// What SQLite says, without the statement that it says it of.
pub(super) fn sqlite_says(error: &rusqlite::Error) -> String {
    let text = match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    printable(&text).into_owned()
}

/// What the system says, and what to do about it where that is known.
fn system_says(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::StorageFull => {
            format!("the disk that holds it is full ({error}): make room there, then do it again")
        }
        std::io::ErrorKind::ReadOnlyFilesystem => format!("{error}: name a place that can be written"),
        _ => error.to_string(),
    }
}

fn did_you_mean(like: Option<&str>) -> String {
    like.map_or_else(
        || "; `leukoscope cases` lists them".into(),
        |name| format!("; did you mean `{}`?", printable(name)),
    )
}
