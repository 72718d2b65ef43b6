//! Events of cases: what became of one beside its decisions. Only ever appended, in the transaction of what they tell.

use rusqlite::{Connection, OptionalExtension, types::Type};
use serde_json::{Value, json};

use super::{Result, Store, StoreError, clock::now, columns::said};
use crate::domain::{CaseEvent, CaseId, Happening, What, name_key};

/// The kind of an event and its detail, as the columns hold them.
fn columns_of(event: &CaseEvent) -> Result<(String, Value)> {
    let no_event = || StoreError::Damaged("an event that is none".into());
    let mut value = serde_json::to_value(event).map_err(|_| no_event())?;
    let detail = value["detail"].take();
    let kind = value["kind"].as_str().ok_or_else(no_event)?;
    Ok((kind.to_owned(), detail))
}

/// Writes an event in the transaction that makes it true. `who`: the reviewer, where known.
pub(super) fn append(tx: &Connection, case: CaseId, who: Option<&str>, event: &CaseEvent) -> Result<()> {
    let who = who.map(|w| said("the reviewer's name", w)).transpose()?;
    let (kind, detail) = columns_of(event)?;
    let sql = "INSERT INTO case_events (case_uid, case_name, at, reviewer, kind, detail)
               SELECT uid, name, ?2, ?3, ?4, ?5 FROM cases WHERE id = ?1";
    match tx.execute(sql, (case.0, now(tx)?, who, kind, detail.to_string()))? {
        1 => Ok(()),
        _ => Err(StoreError::NoSuchCaseId(case.0)),
    }
}

impl Store {
    /// The events of a case, in the order in which they were recorded.
    ///
    /// # Errors
    /// When the database cannot be read, or an event is none that this program knows.
    pub fn events(&self, case: CaseId) -> Result<Vec<Happening>> {
        let mut statement = self.conn.prepare_cached("SELECT uid FROM cases WHERE id = ?1")?;
        let uid: Option<String> = statement.query_row([case.0], |row| row.get(0)).optional()?;
        of_uid(&self.conn, &uid.ok_or(StoreError::NoSuchCaseId(case.0))?)
    }
}

fn of_uid(conn: &Connection, uid: &str) -> Result<Vec<Happening>> {
    let sql = "SELECT at, reviewer, kind, detail FROM case_events WHERE case_uid = ?1 ORDER BY id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([uid], |row| {
        let (kind, detail): (String, String) = (row.get(2)?, row.get(3)?);
        let event = serde_json::from_str::<Value>(&detail)
            .and_then(|detail| serde_json::from_value(json!({ "kind": kind, "detail": detail })))
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(e)))?;
        Ok(Happening { at: row.get(0)?, who: row.get(1)?, what: What::Event(event) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The events of deleted cases of names with that key.
pub(super) fn of_deleted(conn: &Connection, key: &str) -> Result<Vec<Happening>> {
    let mut statement =
        conn.prepare_cached("SELECT case_uid, case_name FROM case_events WHERE kind = 'deleted' ORDER BY id")?;
    let deleted = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let deleted = deleted.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    let mut all = Vec::new();
    for (uid, _) in deleted.into_iter().filter(|(_, name)| name_key(name) == key) {
        all.extend(of_uid(conn, &uid)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ClassTable;

    #[test]
    fn an_event_comes_back_as_it_was_written_and_is_never_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&dir.path().join("records.db"), &ClassTable::default()).expect("a database");
        let sql = "INSERT INTO cases (name, root, layout, scale, target, imported_at) VALUES ('a', '/a', 'flat', 'profile', 1, 'then')";
        store.conn.execute(sql, []).expect("a case");
        let case = CaseId(store.conn.last_insert_rowid());
        let all = [
            CaseEvent::Imported { folder: "/smears/a".into(), cells: 3 },
            CaseEvent::Moved { from: "/smears/a".into(), to: "/smears/b".into(), new: 1, missing: 0 },
            CaseEvent::Archived {},
        ];
        let tx = store.write().expect("a transaction");
        append(&tx, case, None, &all[0]).expect("written");
        append(&tx, case, Some("ada"), &all[1]).expect("written");
        append(&tx, case, Some("ada"), &all[2]).expect("written");
        assert!(append(&tx, case, Some(" "), &all[2]).is_err(), "nobody is somebody");
        assert!(append(&tx, CaseId(99), None, &all[2]).is_err(), "no case");
        tx.commit().expect("committed");
        let events = store.events(case).expect("events");
        let whats: Vec<_> = events.iter().map(|h| h.what.clone()).collect();
        assert_eq!(whats, all.map(What::Event));
        assert_eq!(events.iter().map(|h| h.who.as_deref()).collect::<Vec<_>>(), [None, Some("ada"), Some("ada")]);
        for sql in ["UPDATE case_events SET case_name = 'b'", "DELETE FROM case_events"] {
            assert!(store.conn.execute(sql, []).is_err(), "{sql}");
        }
    }
}
