//! Who this database is: the identity that ids in exports and messages are made of.

use super::{Result, Store};

impl Store {
    /// The identity of this database, 32 hexadecimal digits. It was made with the file; a restored backup has a new one from then on,
    /// for two files may go on from the same records. A signed version keeps its own ([`super::SignedVersion::origin`]), as a case
    /// does ([`crate::domain::CaseRecord::uid`]).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn identity(&self) -> Result<String> {
        let sql = "SELECT uid FROM identity ORDER BY id DESC LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}
