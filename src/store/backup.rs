//! A consistent copy of the database while others work on it.

use std::{fs::File, path::Path, thread, time::Duration};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{Result, Store, StoreError, temporary::Temporary};

impl Store {
    /// Writes a copy to `target`, which must not exist: a temporary file beside it, for its owner alone, that is synced
    /// and then gets its name.
    ///
    /// # Errors
    /// When `target` exists or cannot be written; nothing is left behind then.
    pub fn backup(&self, target: &Path) -> Result<()> {
        let io = |source| StoreError::Io { path: target.to_owned(), source };
        let exists = || StoreError::Exists { path: target.to_owned() };
        if target.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = Temporary::new(folder, false).map_err(io)?;
        {
            let mut copy = Connection::open(temporary.path())?;
            {
                let backup = Backup::new(&self.conn, &mut copy)?;
                while backup.step(-1)? != StepResult::Done {
                    thread::sleep(Duration::from_millis(5));
                }
            }
            // A single file: the copy says WAL as the original does, and would be opened with a log beside it.
            copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        }
        File::open(temporary.path()).and_then(|f| f.sync_all()).map_err(io)?;
        temporary.persist_noclobber(target).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => exists(),
            _ => io(e),
        })?;
        #[cfg(unix)]
        File::open(folder).and_then(|f| f.sync_all()).map_err(io)?;
        Ok(())
    }
}
