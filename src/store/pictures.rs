//! Pictures that live in the database because no file holds them: those of the demo case.

use std::path::Path;

use rusqlite::OptionalExtension;

use super::{
    Result, Store,
    columns::{HashBlob, PathText},
};
use crate::domain::Sha256Hash;

impl Store {
    /// The encoded picture of that hash, if the database holds it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn embedded_image(&self, image: &Sha256Hash) -> Result<Option<Vec<u8>>> {
        let mut statement = self.conn.prepare_cached("SELECT bytes FROM pictures WHERE sha256 = ?1")?;
        Ok(statement.query_row([HashBlob(*image)], |row| row.get(0)).optional()?)
    }

    /// The name of a case that has an image at `place`, a path without links, or one with these bytes wherever it lies now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn case_with_image(&self, place: &Path, sha256: Option<&Sha256Hash>) -> Result<Option<String>> {
        if let Some(hash) = sha256 {
            let sql = "SELECT c.name FROM cells x JOIN cases c ON c.id = x.case_id WHERE x.sha256 = ?1 LIMIT 1";
            let found = self.conn.prepare_cached(sql)?.query_row([HashBlob(*hash)], |row| row.get(0)).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let mut cases = self.conn.prepare_cached("SELECT id, name, root FROM cases WHERE layout <> 'phantom'")?;
        let rows = cases.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, PathText>(2)?.0)))?;
        let mut cells = self.conn.prepare_cached("SELECT 1 FROM cells WHERE case_id = ?1 AND path = ?2")?;
        for row in rows {
            let (id, name, root) = row?;
            let root = root.canonicalize().unwrap_or(root);
            let Ok(below) = place.strip_prefix(&root) else { continue };
            if cells.exists((id, PathText::of(below)))? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Keeps encoded pictures, all or none, under the hash of their bytes; those that are there already stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_embedded(&self, pictures: &[(Sha256Hash, Vec<u8>)]) -> Result<()> {
        let tx = self.write()?;
        {
            let mut insert =
                tx.prepare_cached("INSERT INTO pictures (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
            for (hash, bytes) in pictures {
                insert.execute((HashBlob(*hash), bytes))?;
            }
        }
        Ok(tx.commit()?)
    }
}
