//! Opening the database: refusing what is none, making a new one that its owner alone can read, and migrating.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::{
    Result, Store, StoreError,
    error::sqlite_says,
    half_made,
    place::{Place, beside, is_open},
};
use crate::domain::ClassTable;

/// `PRAGMA application_id`: "leuk".
const APPLICATION_ID: i64 = 0x6c65_756b;
/// How long a connection waits for another one's transaction.
const PATIENCE: Duration = Duration::from_secs(10);

const STEPS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001.sql")),
    M::up(include_str!("migrations/0002.sql")),
    M::up(include_str!("migrations/0003.sql")),
    M::up(include_str!("migrations/0004.sql")),
    M::up(include_str!("migrations/0005.sql")),
    M::up(include_str!("migrations/0006.sql")),
    M::up(include_str!("migrations/0007.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);
const SCHEMA: i64 = STEPS.len() as i64;

/// One opening at a time in a process. Besides sparing migrations each other, this keeps the one place that opens the
/// file without SQLite from closing it while another thread holds SQLite's locks on it, which would drop them.
static OPENING: Mutex<()> = Mutex::new(());

/// The file that was opened last: SQLite does not say in its errors which one they are about.
static OPENED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The database that an error of SQLite is about.
pub(super) fn opened() -> PathBuf {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
}

impl Store {
    /// Opens the database at `path`, making it and its folder when they are not there, and finishing one whose making was cut short.
    /// `table` gives the stored class codes their meaning. What cannot be written is opened to be read.
    ///
    /// # Errors
    /// When the file is something else, is from a newer program, or cannot be opened. It is left as it was.
    pub fn open(path: &Path, table: &ClassTable) -> Result<Self> {
        let _one = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        *OPENED.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let made = match fs::metadata(path) {
            Ok(meta) if !meta.is_file() => {
                return Err(StoreError::Foreign { path: path.to_owned(), what: "not a file" });
            }
            Ok(_) => false,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                make_folder(path)?;
                make_file(path)?
            }
            Err(e) => return Err(io(e)),
        };
        let open = is_open(path);
        if !made {
            if !open {
                stale_log(path)?;
            }
            if let Some(why) = unwritable(path) {
                return Self::open_to_read(path, table, why);
            }
            if !open {
                half_made::clear(path).map_err(io)?;
            }
        }
        let fresh = made || inspect(path)? == Inspection::Empty;
        match Self::open_to_write(path, table) {
            Err(StoreError::Full { .. } | StoreError::Disk { .. }) if !fresh && !open => {
                Self::open_to_read(path, table, "its disk is full, or fails".into())
            }
            opened => opened,
        }
    }

    fn open_to_write(path: &Path, table: &ClassTable) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(PATIENCE)?;
        // Asked anew: what a killed process had begun is taken back by SQLite with the first question.
        let id = patiently(|| conn.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0)))?;
        if id != APPLICATION_ID {
            if !half_made::is_ours(&conn)? {
                return Err(StoreError::Foreign { path: path.to_owned(), what: OTHER });
            }
            // Before WAL: from here on the file itself says what it is, whatever becomes of the log beside it.
            conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        set_private(path)?;
        let mode: String = patiently(|| conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)))?;
        if mode != "wal" {
            return Err(StoreError::NoWal { path: path.to_owned() });
        }
        conn.pragma_update(None, "synchronous", "FULL")?;
        let is_new = migrate(&mut conn, path)?;
        conn.pragma_update(None, "foreign_keys", "ON")?;
        Self::of(conn, path, table, is_new, None)
    }

    /// Opens what cannot be written: the file as it is where nothing lies beside it, else a copy of both that SQLite can make one of.
    fn open_to_read(path: &Path, table: &ClassTable, why: String) -> Result<Self> {
        if inspect(path)? == Inspection::Empty {
            return Err(StoreError::ReadOnly { path: path.to_owned(), why });
        }
        let log = beside(path, "-wal");
        let logged = fs::metadata(&log).is_ok_and(|meta| meta.len() > 0);
        if !logged {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let conn = Connection::open_with_flags(immutable_uri(path), flags)?;
            let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if version == SCHEMA {
                return Self::of(conn, path, table, false, Some(ReadOnly { why, copy: None }));
            }
        }
        let io = |source| StoreError::Io { path: std::env::temp_dir(), source };
        let dir = tempfile::Builder::new().prefix("leukoscope-read-").tempdir().map_err(io)?;
        let copy = dir.path().join("copy.db");
        fs::copy(path, &copy).map_err(io)?;
        if logged {
            fs::copy(&log, beside(&copy, "-wal")).map_err(io)?;
        }
        for file in [copy.clone(), beside(&copy, "-wal")] {
            make_writable(&file).map_err(io)?;
        }
        let opened = Self::open_to_write(&copy, table)?;
        Self::of(opened.conn, path, table, false, Some(ReadOnly { why, copy: Some(dir) }))
    }

    fn of(
        conn: Connection,
        path: &Path,
        table: &ClassTable,
        is_new: bool,
        read_only: Option<ReadOnly>,
    ) -> Result<Self> {
        // Pages whose parts overlap are refused when they are read, not when something has come of them.
        conn.pragma_update(None, "cell_size_check", "ON")?;
        conn.set_prepared_statement_cache_capacity(64);
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let place = if read_only.is_some() { Place::of_file(&path) } else { Place::of(&path) };
        Ok(Self { conn, table: table.clone(), path, is_new, place, read_only })
    }
}

/// Why a database can only be read, and the copy that is read instead.
#[derive(Debug)]
pub(super) struct ReadOnly {
    pub why: String,
    #[expect(dead_code, reason = "the copy goes when the store does")]
    copy: Option<tempfile::TempDir>,
}

/// Why the database's file, or the folder that SQLite makes a log in, cannot be written.
#[cfg(unix)]
fn unwritable(path: &Path) -> Option<String> {
    use rustix::fs::{Access, access};
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let why = |place: &Path, what: &str| access(place, Access::WRITE_OK).err().map(|e| format!("{what}: {e}"));
    why(path, "the file").or_else(|| why(folder, "its folder"))
}

#[cfg(not(unix))]
fn unwritable(path: &Path) -> Option<String> {
    let options = fs::OpenOptions::new().write(true).open(path);
    options.err().map(|e| format!("the file: {e}"))
}

fn make_writable(file: &Path) -> std::io::Result<()> {
    let Ok(meta) = fs::metadata(file) else { return Ok(()) };
    let mut rights = meta.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o600);
    #[cfg(not(unix))]
    rights.set_readonly(false);
    fs::set_permissions(file, rights)
}

/// Refuses a log that is another file's: SQLite says in a file's header whether it has one, and a backup has none. One that was copied
/// over a database would be read with what that had in its log.
fn stale_log(path: &Path) -> Result<()> {
    use std::io::Read;
    // The log first: one that is there then has a header that says so.
    let log = beside(path, "-wal");
    let logged = fs::metadata(&log).is_ok_and(|meta| meta.len() > 32);
    let mut header = [0; 20];
    let read = logged && fs::File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_ok();
    if read && header.starts_with(half_made::MAGIC) && header[18..20] == [1, 1] {
        return Err(StoreError::StaleLog { path: path.to_owned(), log });
    }
    Ok(())
}

const OTHER: &str = "an SQLite file of another program";

#[derive(PartialEq)]
enum Inspection {
    Empty,
    Ours,
}

/// Looks at an existing file without changing anything or leaving anything beside it.
fn inspect(path: &Path) -> Result<Inspection> {
    let foreign = |what| StoreError::Foreign { path: path.to_owned(), what };
    // Before its numbers are read: a file that was empty then may be another process's new database by now.
    let size = fs::metadata(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?.len();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(immutable_uri(path), flags)?;
    // While a log is written into the file, and after that was cut short, the first page may tell of pages that are still
    // in the log alone. SQLite takes such a file for damaged unless it is told to read what there is; its log is not read
    // here, and only numbers of the first page are.
    conn.pragma_update(None, "writable_schema", "ON")?;
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let id = number("PRAGMA application_id").map_err(|e| match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => foreign("not an SQLite file"),
        _ => e.into(),
    })?;
    if id == APPLICATION_ID {
        let found = number("PRAGMA user_version")?;
        return if found > SCHEMA { Err(newer(path, found)) } else { Ok(Inspection::Ours) };
    }
    match size {
        0 => Ok(Inspection::Empty),
        _ if id == 0 && half_made::is_ours(&conn)? && half_made::log_is_ours(path) => Ok(Inspection::Empty),
        _ => Err(foreign(OTHER)),
    }
}

fn newer(path: &Path, found: i64) -> StoreError {
    StoreError::Newer { path: path.to_owned(), found, known: SCHEMA }
}

/// Brings the schema up to date. Another process may be doing the same: each migration is one transaction, so the one
/// that comes second finds it done. `true`: there was nothing before.
fn migrate(conn: &mut Connection, path: &Path) -> Result<bool> {
    conn.set_transaction_behavior(rusqlite::TransactionBehavior::Immediate);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > SCHEMA {
            return Err(newer(path, version));
        }
        if version == SCHEMA {
            return Ok(false);
        }
        match MIGRATIONS.to_latest(conn) {
            Ok(()) => return Ok(version == 0),
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            // The statement that failed is part of what it says otherwise, all of it.
            Err(rusqlite_migration::Error::RusqliteError { err, .. }) => {
                return Err(match StoreError::from(err) {
                    StoreError::Sqlite(e) => {
                        StoreError::Migration { path: path.to_owned(), found: version, what: sqlite_says(&e) }
                    }
                    other => other,
                });
            }
            Err(e) => {
                let what = e.to_string().lines().next().unwrap_or_default().to_owned();
                return Err(StoreError::Migration { path: path.to_owned(), found: version, what });
            }
        }
    }
}

/// Switching to WAL does not always wait for a busy database by itself.
fn patiently<T>(mut f: impl FnMut() -> rusqlite::Result<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match f() {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            other => return Ok(other?),
        }
    }
}

/// `immutable`: SQLite takes no lock and makes no file beside this one.
fn immutable_uri(path: &Path) -> PathBuf {
    #[cfg(unix)]
    let bytes = {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    };
    #[cfg(not(unix))]
    let bytes = path.to_string_lossy().replace('\\', "/").into_bytes();
    let mut uri = String::from(if path.is_absolute() && cfg!(windows) { "file:/" } else { "file:" });
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => uri.push(byte as char),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}

/// Makes the folder of the database, for its owner alone; one that is there stays as it is.
fn make_folder(path: &Path) -> Result<()> {
    let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty() && !p.exists()) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(parent).map_err(|source| StoreError::Io { path: parent.to_owned(), source })
}

/// Makes an empty file that its owner alone can read, before SQLite opens it; SQLite gives `-wal` and `-shm` the mode of
/// the file they belong to. `false`: another process was first.
fn make_file(path: &Path) -> Result<bool> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(source) => Err(StoreError::Io { path: path.to_owned(), source }),
    }
}

/// Takes everybody else's rights from a database that somebody opened up, as far as we may.
fn set_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        for suffix in ["", "-wal", "-shm"] {
            let file = beside(path, suffix);
            match fs::metadata(&file) {
                Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
                    match fs::set_permissions(&file, fs::Permissions::from_mode(0o600)) {
                        // Somebody else's file: who may read it is theirs to say.
                        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {}
                        done => done.map_err(io)?,
                    }
                }
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound && !suffix.is_empty() => {}
                Err(e) => return Err(io(e)),
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_sound() {
        MIGRATIONS.validate().expect("every migration runs");
    }
}
