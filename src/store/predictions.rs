//! What networks said, kept by (network, image, scale) so that nothing is computed twice.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Transaction};

use super::{
    Result, Store, StoreError,
    cases::{CELL, cell_record},
    columns::{HashBlob, class_of, unlike_columns, unlike_of},
    decisions::remember_network,
};
use crate::domain::{CaseId, CellId, CellRecord, ClassId, Ranking, Sha256Hash};

/// A result to keep: the image, the scale it was looked at with, and the ranking.
pub type Prediction = (Sha256Hash, Option<f64>, Ranking);

/// The scale as a part of the key: NULL is no value to compare with.
const WHOLE_FRAME: f64 = 0.0;

impl Store {
    /// The rankings that a network gave the cells of a case at the case's scale.
    ///
    /// # Errors
    /// When the database cannot be read, or speaks of a class that the table in use does not have.
    pub fn predictions(&self, case: CaseId, network: &Sha256Hash) -> Result<HashMap<CellId, Ranking>> {
        self.predictions_within(&self.read()?, case, network)
    }

    /// The same within a transaction.
    pub(super) fn predictions_within(
        &self,
        tx: &Transaction<'_>,
        case: CaseId,
        network: &Sha256Hash,
    ) -> Result<HashMap<CellId, Ranking>> {
        let Some(classes) = self.codes(network)? else { return Ok(HashMap::new()) };
        let sql = "SELECT c.id, p.p, p.unlike, p.flagged FROM cells c JOIN cases k ON k.id = c.case_id
                   JOIN predictions p ON p.network = ?2 AND p.image = c.sha256 AND p.um_per_px = coalesce(k.um_per_px, 0.0)
                   WHERE c.case_id = ?1";
        let mut statement = tx.prepare_cached(sql)?;
        let mut rows = statement.query((case.0, HashBlob(*network)))?;
        let mut found = HashMap::new();
        let bad = |what: String| StoreError::Prediction { network: network.short(), what };
        while let Some(row) = rows.next()? {
            let values = floats(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
            if values.len() != classes.len() {
                return Err(bad(format!(
                    "have {} values for {} classes; run `leukoscope verify`",
                    values.len(),
                    classes.len()
                )));
            }
            // In the table's order, in which a network's own output is added up.
            let mut pairs: Vec<(ClassId, f32)> = classes.iter().copied().zip(values).collect();
            pairs.sort_unstable_by_key(|p| p.0);
            let mut ranking = Ranking::new(&self.table, &pairs).map_err(|e| bad(format!("are damaged: {e}")))?;
            ranking.unlike = unlike_of(row, 2)?;
            found.insert(CellId(row.get(0)?), ranking);
        }
        Ok(found)
    }

    /// Keeps what a network said of images, all or none. What is there already stays: a network says the same each time. A database that
    /// can only be read keeps nothing.
    ///
    /// # Errors
    /// When rankings are over other classes than the network's earlier ones.
    pub fn put_predictions(&self, network: &Sha256Hash, predictions: &[Prediction]) -> Result<()> {
        let Some((_, _, first)) = predictions.first().filter(|_| !self.is_read_only()) else { return Ok(()) };
        let codes = self.order(first)?.into_iter().map(|e| e.0).collect::<Vec<_>>().join(" ");
        let foreign =
            || StoreError::Prediction { network: network.short(), what: "are over other classes than before".into() };
        let tx = self.write()?;
        remember_network(&tx, *network)?;
        tx.execute("UPDATE networks SET codes = ?2 WHERE sha256 = ?1 AND codes IS NULL", (HashBlob(*network), &codes))?;
        let stored: String =
            tx.query_row("SELECT codes FROM networks WHERE sha256 = ?1", [HashBlob(*network)], |row| row.get(0))?;
        if stored != codes {
            return Err(foreign());
        }
        {
            let sql = "INSERT INTO predictions (network, image, um_per_px, p, unlike, flagged) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT DO NOTHING";
            let mut insert = tx.prepare_cached(sql)?;
            for (image, um_per_px, ranking) in predictions {
                let order = self.order(ranking)?;
                if !order.iter().map(|e| e.0).eq(codes.split(' ')) {
                    return Err(foreign());
                }
                let bytes: Vec<u8> = order.iter().flat_map(|e| e.1.to_le_bytes()).collect();
                let (unlike, flagged) = unlike_columns(ranking.unlike);
                insert.execute((
                    HashBlob(*network),
                    HashBlob(*image),
                    um_per_px.unwrap_or(WHOLE_FRAME),
                    bytes,
                    unlike,
                    flagged,
                ))?;
            }
        }
        Ok(tx.commit()?)
    }

    /// The cells of a case, in its order, that a network has not seen at the case's scale.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn missing_predictions(&self, case: CaseId, network: &Sha256Hash) -> Result<Vec<CellRecord>> {
        let sql = format!(
            "SELECT {CELL} FROM cells c JOIN cases k ON k.id = c.case_id
             WHERE c.case_id = ?1 AND NOT EXISTS (SELECT 1 FROM predictions p WHERE p.network = ?2 AND p.image = c.sha256
             AND p.um_per_px = coalesce(k.um_per_px, 0.0)) ORDER BY c.ordinal"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        Ok(statement.query_map((case.0, HashBlob(*network)), cell_record)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The classes of a network in the stored order; `None`: it has predicted nothing yet.
    fn codes(&self, network: &Sha256Hash) -> Result<Option<Vec<ClassId>>> {
        let mut statement = self.conn.prepare_cached("SELECT codes FROM networks WHERE sha256 = ?1")?;
        let codes: Option<String> = statement.query_row([HashBlob(*network)], |row| row.get(0)).optional()?.flatten();
        codes.map(|codes| codes.split(' ').map(|code| class_of(&self.table, code)).collect()).transpose()
    }

    /// A ranking in the order that it is stored in: by code, which is the same under every class table.
    fn order<'a>(&'a self, ranking: &Ranking) -> Result<Vec<(&'a str, f32)>> {
        let mut order = ranking.entries().iter().map(|&(id, p)| Ok((self.code(id)?, p))).collect::<Result<Vec<_>>>()?;
        order.sort_unstable_by_key(|e| e.0);
        Ok(order)
    }
}

/// Little-endian numbers; a rest of fewer than four bytes counts as one more, so that a cut blob has a wrong length.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks(4).map(|c| c.try_into().map_or(f32::NAN, f32::from_le_bytes)).collect()
}
