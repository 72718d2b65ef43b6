//! Pictures that live in the database because no file holds them: those of the demo case.

use rusqlite::OptionalExtension;

use super::{Result, Store, columns::HashBlob};
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
