//! What counts as a blast in a case: the latest of its events that says so.

use rusqlite::Transaction;

use super::{Result, Store, StoreError, columns::class_of, events};
use crate::domain::{BlastSet, CaseEvent, CaseId, CaseRecord, ClassTable};

/// What the detail of such an event says; `None`: nobody chose. A class that the table no longer offers stays chosen.
pub(super) fn blasts_of(table: &ClassTable, detail: Option<&str>) -> Result<BlastSet> {
    #[derive(serde::Deserialize)]
    struct Detail {
        classes: Vec<String>,
    }
    let Some(detail) = detail else { return Ok(BlastSet::of_table(table)) };
    let Detail { classes } = serde_json::from_str(detail)
        .map_err(|_| StoreError::Damaged("a choice of what counts as a blast that cannot be read".into()))?;
    Ok(BlastSet::of(classes.iter().map(|code| class_of(table, code)).collect::<Result<Vec<_>>>()?))
}

impl Store {
    /// Says what counts as a blast in a case from now on; what is said already is not said again. `who`: the reviewer, where known.
    ///
    /// # Errors
    /// When the case is signed, or the reviewer has a reading of it open that is to see nothing of the record.
    pub fn set_blasts(&self, case: CaseId, who: Option<&str>, blasts: &BlastSet) -> Result<()> {
        let tx = self.write()?;
        let record = self.unsigned(case)?;
        if let Some(who) = who {
            self.sighted(&record, who)?;
        }
        self.choose_blasts(&tx, &record, who, blasts)?;
        Ok(tx.commit()?)
    }

    /// The same within a transaction, of a case that may be changed.
    pub(super) fn choose_blasts(
        &self,
        tx: &Transaction<'_>,
        case: &CaseRecord,
        who: Option<&str>,
        blasts: &BlastSet,
    ) -> Result<()> {
        if *blasts == case.blasts {
            return Ok(());
        }
        let classes = blasts.codes(&self.table).into_iter().map(str::to_owned).collect();
        events::append(tx, case.id, who, &CaseEvent::Blasts { classes })
    }
}
