//! Bringing a backup back: checked first, put in the place of the database at one stroke, and what was there is kept.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{Result, Store, StoreError, place::beside, temporary::Temporary};
use crate::domain::ClassTable;

/// What a restoration came to.
#[derive(Debug)]
pub struct Restored {
    /// Cases that the backup holds.
    pub cases: usize,
    /// Where the database that was there lies now; `None`: there was none.
    pub kept: Option<PathBuf>,
    /// What that holds and the backup does not.
    pub lost: Vec<Lost>,
    /// Why it is not known what that holds.
    pub unknown: Option<String>,
}

/// What a backup lacks of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The case.
    pub case: String,
    /// Whether the backup does not have it at all.
    pub whole: bool,
    /// Decisions, those of readings among them.
    pub decisions: u64,
    /// Signed versions.
    pub signed: u64,
}

/// Of each case, by its identity: name, decisions, signed versions.
type Holdings = BTreeMap<String, (String, u64, u64)>;

impl Store {
    /// Puts a copy of `backup` in the place of the database at `path`. What is there is kept beside it under a name with the date, and
    /// the copy gets an identity of its own, for from now on two files may go on from the same records.
    ///
    /// # Errors
    /// When the backup does not hold together, or another program has the database open; nothing is changed then.
    pub fn restore(backup: &Path, path: &Path, table: &ClassTable) -> Result<Restored> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        let none = |why: String| StoreError::NoBackup { path: backup.to_owned(), why };
        let real = fs::canonicalize(backup).map_err(io(backup))?;
        let meta = fs::metadata(&real).map_err(io(backup))?;
        if fs::canonicalize(path).is_ok_and(|there| there == real) {
            return Err(none("it is the database itself".into()));
        }
        if !meta.is_file() || meta.len() == 0 {
            return Err(none("it is no file, or an empty one".into()));
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(io(folder))?;
        let whole = Temporary::new(folder, true).map_err(io(folder))?;
        fs::copy(&real, whole.path()).map_err(io(backup))?;
        let log = beside(&real, "-wal");
        if log.exists() {
            fs::copy(&log, beside(whole.path(), "-wal")).map_err(io(&log))?;
        }
        let holds = prepare(whole.path(), table).map_err(|e| match e {
            StoreError::NoBackup { why, .. } => none(why),
            StoreError::Foreign { what, .. } => none(format!("it is {what}")),
            StoreError::Corrupt { what, .. } => none(format!("it is damaged ({what})")),
            StoreError::StaleLog { .. } => none(format!("the log beside it ({}) is another file's", log.display())),
            other => other,
        });
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(beside(whole.path(), suffix));
        }
        let holds = holds?;
        File::open(whole.path()).and_then(|f| f.sync_all()).map_err(io(path))?;
        let mut restored = Restored { cases: holds.len(), kept: None, lost: Vec::new(), unknown: None };
        let mut held = None;
        if path.exists() {
            drop(alone(path)?);
            match holdings_of(path, table) {
                Ok(had) => restored.lost = lost(had, &holds),
                Err(e) => restored.unknown = Some(e.to_string()),
            }
            // Held until the other file is in place.
            held = Some(alone(path)?);
        }
        restored.kept = put_aside(path).map_err(io(path))?;
        whole.persist(path).map_err(io(path))?;
        drop(held);
        #[cfg(unix)]
        File::open(folder).and_then(|f| f.sync_all()).map_err(io(folder))?;
        Ok(restored)
    }

    fn holdings(&self) -> Result<Holdings> {
        let sql = "SELECT c.uid, c.name, (SELECT count(*) FROM decisions d WHERE d.case_id = c.id),
                   (SELECT count(*) FROM signed s WHERE s.case_id = c.id) FROM cases c";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Checks a copy of the backup, gives it an identity of its own, and makes one file of it.
fn prepare(copy: &Path, table: &ClassTable) -> Result<Holdings> {
    let store = Store::open(copy, table)?;
    let problems = store.verify()?;
    if let Some(first) = problems.first() {
        let more =
            if problems.len() > 1 { format!(", and {} more problems", problems.len() - 1) } else { String::new() };
        return Err(StoreError::NoBackup { path: copy.to_owned(), why: format!("{first}{more}") });
    }
    let sql = "INSERT INTO identity (uid, at, why) VALUES (lower(hex(randomblob(16))), ?1, 'restored')";
    store.conn.execute(sql, [super::clock::now(&store.conn)?])?;
    let holds = store.holdings()?;
    store.conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(holds)
}

/// What the database that is to be replaced holds; its log is written into it on the way, as at every end.
fn holdings_of(path: &Path, table: &ClassTable) -> Result<Holdings> {
    Store::open(path, table)?.holdings()
}

/// What is in `had` and not in `holds`. Databases of before there were identities know their cases by name.
fn lost(had: Holdings, holds: &Holdings) -> Vec<Lost> {
    let by_name: BTreeMap<&String, &(String, u64, u64)> = holds.values().map(|case| (&case.0, case)).collect();
    let mut all = Vec::new();
    for (uid, (case, decisions, signed)) in had {
        let kept = holds.get(&uid).or_else(|| by_name.get(&case).copied());
        let (whole, decided, versions) = kept.map_or((true, 0, 0), |k| (false, k.1, k.2));
        let (decisions, signed) = (decisions.saturating_sub(decided), signed.saturating_sub(versions));
        if whole || decisions > 0 || signed > 0 {
            all.push(Lost { case, whole, decisions, signed });
        }
    }
    all.sort_by(|a, b| crate::domain::natural_cmp(&a.case, &b.case));
    all
}

/// Sees that no other process has the database open, and keeps it so while the result is held: SQLite locks parts of the file as long
/// as it has it open, and this locks all of it.
#[cfg(unix)]
fn alone(path: &Path) -> Result<File> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let file = fs::OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(e) => Err(io(e.into())),
    }
}

/// Here a file that is open elsewhere cannot be replaced.
#[cfg(not(unix))]
fn alone(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// Gives the database, and its log where one is left, a second name with the date; its own name stays until the other file takes it.
fn put_aside(path: &Path) -> std::io::Result<Option<PathBuf>> {
    let log = beside(path, "-wal");
    let logged = fs::metadata(&log).is_ok_and(|meta| meta.len() > 0);
    let mut kept = None;
    if path.exists() || logged {
        let now = jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default();
        let base = format!(".before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ"));
        let name = |n: u32| beside(path, &if n == 0 { base.clone() } else { format!("{base}-{n}") });
        let aside = (0..1000).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(1000));
        if path.exists() {
            second_name(path, &aside)?;
        }
        if logged {
            second_name(&log, &beside(&aside, "-wal"))?;
        }
        kept = Some(aside);
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(kept)
}

/// A link where the file system has them, else a copy.
fn second_name(file: &Path, name: &Path) -> std::io::Result<()> {
    fs::hard_link(file, name).or_else(|_| fs::copy(file, name).and_then(|_| File::open(name)?.sync_all()))
}
