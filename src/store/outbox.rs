//! Messages that wait for a laboratory's system, and what became of them: appended, never changed. What is in a message, and the
//! sockets, are not here.

use std::fs::{self, File, TryLockError};

use rusqlite::{OptionalExtension, Row};

use super::{Result, Store, StoreError, clock::now, columns::said};
use crate::domain::CaseId;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits, and nobody has it.
    Queued,
    /// It went out, or was about to, and no answer came: the receiver may have it.
    Sent,
    /// The receiver has it. It is never sent again.
    Accepted,
    /// The receiver does not want it as it is.
    Refused,
}

impl OutboxState {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent-unacknowledged",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    fn of(name: &str) -> Result<Self> {
        match name {
            "queued" => Ok(Self::Queued),
            "sent" => Ok(Self::Sent),
            "accepted" => Ok(Self::Accepted),
            "refused" => Ok(Self::Refused),
            other => Err(StoreError::Damaged(format!("a message in the state `{other}` that makes no sense"))),
        }
    }
}

/// A message of one signed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its number; later ones have greater ones.
    pub id: i64,
    /// The case.
    pub case: CaseId,
    /// Its name.
    pub case_name: String,
    /// The signed version.
    pub version: u32,
    /// MSH-10.
    pub control_id: String,
    /// Where it stands.
    pub state: OutboxState,
    /// Since when, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// The receiver's address, or what it answered.
    pub detail: Option<String>,
    /// How often it went out.
    pub sends: u32,
}

/// Held by the one process that sends; let go when it is dropped, and by the system when the process ends.
#[derive(Debug)]
pub struct SendLock {
    _file: File,
}

const ENTRIES: &str = "SELECT o.id, o.case_id, c.name, o.version, o.control_id, s.state, s.at, s.detail,
    (SELECT count(*) FROM outbox_states n WHERE n.outbox_id = o.id AND n.state = 'sent')
    FROM outbox o JOIN cases c ON c.id = o.case_id
    JOIN outbox_states s ON s.id = (SELECT max(id) FROM outbox_states l WHERE l.outbox_id = o.id)";

fn entry(row: &Row<'_>) -> rusqlite::Result<(OutboxEntry, String)> {
    let entry = OutboxEntry {
        id: row.get(0)?,
        case: CaseId(row.get(1)?),
        case_name: row.get(2)?,
        version: row.get(3)?,
        control_id: row.get(4)?,
        state: OutboxState::Queued,
        at: row.get(6)?,
        detail: row.get(7)?,
        sends: row.get(8)?,
    };
    Ok((entry, row.get(5)?))
}

impl Store {
    /// Takes the right to send from this database, for one process at a time; `None`: another one has it.
    ///
    /// # Errors
    /// When the file beside the database that is locked for it cannot be made.
    pub fn lock_outbox(&self) -> Result<Option<SendLock>> {
        let path = super::place::beside(self.path(), "-send");
        let io = |source| StoreError::Io { path: path.clone(), source };
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(SendLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(io(e)),
        }
    }

    /// All messages, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>> {
        let mut statement = self.conn.prepare_cached(&format!("{ENTRIES} ORDER BY o.id"))?;
        let rows = statement.query_map([], entry)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(|(e, state)| Ok(OutboxEntry { state: OutboxState::of(&state)?, ..e })).collect()
    }

    /// The message of a signed version, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn outbox_entry(&self, case: CaseId, version: u32) -> Result<Option<OutboxEntry>> {
        let sql = format!("{ENTRIES} WHERE o.case_id = ?1 AND o.version = ?2");
        let row = self.conn.prepare_cached(&sql)?.query_row((case.0, version), entry).optional()?;
        row.map(|(e, state)| Ok(OutboxEntry { state: OutboxState::of(&state)?, ..e })).transpose()
    }

    /// The bytes that are to be sent.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn outbox_message(&self, id: i64) -> Result<Vec<u8>> {
        let sql =
            "SELECT message FROM outbox_states WHERE outbox_id = ?1 AND state = 'queued' ORDER BY id DESC LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
    }

    /// Queues the message of a signed version. One that waits unsent, or was refused, is queued anew with these bytes under the same
    /// control id; one that may be at the receiver, or is, stays as it is. Says where the message stands now.
    ///
    /// # Errors
    /// When the version is not signed, or the reviewer's name says nothing.
    pub fn queue_message(
        &self,
        case: CaseId,
        version: u32,
        control_id: &str,
        reviewer: &str,
        message: &[u8],
    ) -> Result<OutboxEntry> {
        let reviewer = said("the reviewer's name", reviewer)?;
        let tx = self.write()?;
        let id = match self.outbox_entry(case, version)? {
            Some(e) if matches!(e.state, OutboxState::Sent | OutboxState::Accepted) => return Ok(e),
            Some(e) if e.state == OutboxState::Queued && self.outbox_message(e.id)? == message => return Ok(e),
            Some(e) => e.id,
            None => {
                let sql = "INSERT INTO outbox (case_id, version, control_id) VALUES (?1, ?2, ?3)";
                tx.prepare_cached(sql)?.execute((case.0, version, control_id))?;
                tx.last_insert_rowid()
            }
        };
        let sql =
            "INSERT INTO outbox_states (outbox_id, at, state, reviewer, message) VALUES (?1, ?2, 'queued', ?3, ?4)";
        tx.prepare_cached(sql)?.execute((id, now(&tx)?, reviewer, message))?;
        tx.commit()?;
        let gone = || StoreError::Damaged("no trace of a message just queued".into());
        self.outbox_entry(case, version)?.ok_or_else(gone)
    }

    /// Writes down that the message is about to go out; what is returned is on the disk.
    ///
    /// # Errors
    /// When it was accepted or refused before.
    pub fn record_sending(&self, id: i64, address: &str) -> Result<()> {
        self.record_state(id, "sent", address)
    }

    /// Writes down what the receiver answered; what is returned is on the disk.
    ///
    /// # Errors
    /// When it was not sent before.
    pub fn record_answer(&self, id: i64, accepted: bool, detail: &str) -> Result<()> {
        self.record_state(id, if accepted { "accepted" } else { "refused" }, detail)
    }

    fn record_state(&self, id: i64, state: &str, detail: &str) -> Result<()> {
        let sql = "INSERT INTO outbox_states (outbox_id, at, state, detail) VALUES (?1, ?2, ?3, ?4)";
        let tx = self.write()?;
        tx.prepare_cached(sql)?.execute((id, now(&tx)?, state, detail))?;
        Ok(tx.commit()?)
    }
}
