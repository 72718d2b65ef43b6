//! Databases whose making was cut short: by a kill, or by power that went. They are finished, or made anew; a file that anything can be
//! read from is never taken for one.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use rusqlite::Connection;

use super::{Result, place::beside};

/// What every file of SQLite begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// Shorter than this, no file is a database of SQLite's.
const SHORTEST: u64 = 512;
/// The first page, which may be on the disk as zeros after the power went.
const PAGE: u64 = 4096;

/// Empties a file that holds no more than the beginning of a first page.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    let length = fs::metadata(path)?.len();
    if length == 0 || length > PAGE {
        return Ok(());
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.read_to_end(&mut bytes)?;
    let begun = length < SHORTEST && bytes.iter().zip(MAGIC).all(|(a, b)| a == b) && !bytes.is_empty();
    if begun || bytes.iter().all(|b| *b == 0) {
        fs::OpenOptions::new().write(true).open(path)?.set_len(0)?;
    }
    Ok(())
}

/// Whether what can be read without the mark of this program is its own all the same: nothing at all yet, or its tables.
pub(super) fn is_ours(conn: &Connection) -> Result<bool> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA application_id")? != 0 {
        return Ok(false);
    }
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let own = "SELECT count(*) FROM sqlite_schema WHERE name IN ('cases', 'cells', 'decisions', 'signed', 'case_state', 'standing')";
    Ok(if number("PRAGMA user_version")? == 0 { tables == 0 } else { number(own)? == 6 })
}

/// Whether the log beside a file without tables, if there is one, makes tables of this program.
pub(super) fn log_is_ours(path: &Path) -> bool {
    let Ok(file) = fs::File::open(beside(path, "-wal")) else { return true };
    let mut bytes = Vec::new();
    let read = file.take(1 << 20).read_to_end(&mut bytes).is_ok();
    read && (bytes.len() <= 32 || bytes.windows(10).any(|w| w == b"case_state"))
}
