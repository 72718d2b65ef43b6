//! Records in SQLite: cases, cells, predictions, the log of decisions, and signed versions.
//!
//! All SQL of the crate lives here, and no image code. A [`Store`] is one connection: `Send`, one per thread, any
//! number of threads and processes at a time. What a method returned as recorded is on the disk.

mod adjudication;
mod backup;
mod blasts;
mod cases;
mod clock;
mod columns;
mod decisions;
mod digest;
mod error;
mod events;
mod folders;
mod half_made;
mod history;
mod identify;
mod identity;
mod import;
mod joint;
mod library;
mod lifecycle;
mod notes;
mod open;
mod outbox;
mod pictures;
mod place;
mod predictions;
mod readings;
mod refusal;
mod remarks;
mod restore;
mod sign;
mod signed;
mod sound;
mod temporary;
mod verify;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use decisions::{NewDecision, NewStep};
pub use error::{Result, StoreError};
pub use folders::CasesSharing;
pub use import::{ImportIntent, ImportOutcome, SharedImages};
pub use joint::{SignedDispute, SignedReaders};
pub use library::{LibraryCell, LibraryChange, LibraryStanding};
pub use lifecycle::DEMO_ELSEWHERE;
pub use notes::Note;
pub use outbox::{OutboxEntry, OutboxState, SendLock};
pub use predictions::Prediction;
pub use readings::NewReading;
pub use refusal::ImportRefusal;
pub use restore::{Lost, Restored};
pub use sign::SignRequest;
pub use signed::{SignedCell, SignedCount, SignedVerdict, SignedVersion};

use crate::domain::ClassTable;

/// WBC to count when nobody says otherwise.
pub const DEFAULT_TARGET: u64 = 200;

/// A connection to the database.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    table: ClassTable,
    path: PathBuf,
    is_new: bool,
    place: place::Place,
    read_only: Option<open::ReadOnly>,
}

impl Store {
    /// Whether [`Store::open`] made the database.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether the database can only be read: its file or folder cannot be written.
    pub fn is_read_only(&self) -> bool {
        self.read_only.is_some()
    }

    /// Writes what was recorded from the log beside the file into the file itself, as far as nobody reads it there: from then on a copy
    /// of the file alone holds it as well.
    ///
    /// # Errors
    /// When it cannot be written; what was recorded stays in the log then.
    pub fn checkpoint(&self) -> Result<()> {
        if self.read_only.is_some() {
            return Ok(());
        }
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number that changes when another connection commits something; compare two readings of the same store.
    ///
    /// # Errors
    /// When the database cannot be read, or its file is no longer where it was.
    pub fn data_version(&self) -> Result<i64> {
        self.place.check()?;
        Ok(self.conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// A transaction that may write from its start, so that what it reads cannot change before it writes. Refused when the file that
    /// it would go into is no longer the one that the next start will read.
    fn write(&self) -> Result<Transaction<'_>> {
        if let Some(read_only) = &self.read_only {
            return Err(StoreError::ReadOnly { path: self.path.clone(), why: read_only.why.clone() });
        }
        self.place.check()?;
        Ok(Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?)
    }

    /// A transaction that sees one state of the database throughout.
    fn read(&self) -> Result<Transaction<'_>> {
        Ok(Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred)?)
    }
}
