//! Checks of everything that the database holds against itself. Image files are not looked at.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::{Result, SignedVersion, Store, predictions::floats};
use crate::domain::{Action, CaseRecord, CellId, Decision, Seq, Sha256Hash, current, printable, same_person};

/// One check of the whole database, which adds what it finds.
type Check = fn(&Store, &mut Vec<String>) -> Result<()>;

impl Store {
    /// The problems of the database as sentences; none: it is sound.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn verify(&self) -> Result<Vec<String>> {
        // One state throughout, although other connections write; reads inside join this transaction.
        let tx = self.conn.unchecked_transaction()?;
        let mut problems = Vec::new();
        // What cannot be read at all is a problem as well, and the next check goes on.
        let checks: [Check; 5] = [
            Self::verify_file,
            Self::verify_references,
            Self::verify_predictions,
            Self::verify_pictures,
            Self::verify_library,
        ];
        for check in checks {
            if let Err(e) = check(self, &mut problems) {
                problems.push(e.to_string());
            }
        }
        let mut ids = tx.prepare("SELECT id FROM cases ORDER BY id")?;
        for id in ids.query_map([], |row| row.get(0).map(crate::domain::CaseId))? {
            let case = match id.map_err(Into::into).and_then(|id| self.case_by_id(id)) {
                Ok(case) => case,
                Err(e) => {
                    problems.push(format!("a case cannot be read: {e}"));
                    continue;
                }
            };
            let name = printable(&case.name).into_owned();
            match self.case_problems(&case) {
                Ok(found) => problems.extend(found.into_iter().map(|p| format!("case `{name}`: {p}"))),
                Err(e) => problems.push(format!("case `{name}`: {e}")),
            }
            if let Err(e) = self.log(case.id) {
                problems.push(format!("case `{name}`: {e}"));
            }
        }
        Ok(problems)
    }

    fn verify_file(&self, problems: &mut Vec<String>) -> Result<()> {
        let mut integrity = self.conn.prepare("PRAGMA integrity_check")?;
        for line in integrity.query_map([], |row| row.get::<_, String>(0))? {
            let line = line?;
            if line != "ok" {
                problems.push(format!("SQLite finds damage: {line}"));
            }
        }
        Ok(())
    }

    fn verify_references(&self, problems: &mut Vec<String>) -> Result<()> {
        let mut keys = self.conn.prepare("PRAGMA foreign_key_check")?;
        for table in keys.query_map([], |row| row.get::<_, String>(0))? {
            problems.push(format!("a row of `{}` refers to something that is not there", table?));
        }
        let stateless =
            "SELECT count(*) FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox_states s WHERE s.outbox_id = o.id)";
        let n: i64 = self.conn.query_row(stateless, [], |row| row.get(0))?;
        if n > 0 {
            problems.push(format!("{n} messages of the outbox were never queued"));
        }
        Ok(())
    }

    fn verify_predictions(&self, problems: &mut Vec<String>) -> Result<()> {
        let sql = "SELECT n.codes, p.p, p.unlike, p.network FROM predictions p JOIN networks n ON n.sha256 = p.network";
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut bad: BTreeMap<Sha256Hash, usize> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let codes: Option<String> = row.get(0)?;
            let values = floats(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
            let unlike: Option<f64> = row.get(2)?;
            let sane = codes.is_some_and(|c| c.split(' ').count() == values.len())
                && values.iter().all(|v| (0.0..=1.0 + 1e-5).contains(v))
                && (values.iter().sum::<f32>() - 1.0).abs() <= 1e-3
                && unlike.is_none_or(|u| (0.0..=1.0).contains(&u));
            if !sane {
                *bad.entry(row.get::<_, super::columns::HashBlob>(3)?.0).or_default() += 1;
            }
        }
        problems.extend(
            bad.into_iter().map(|(n, k)| format!("{k} predictions of network {} are no probabilities", n.short())),
        );
        Ok(())
    }

    fn verify_pictures(&self, problems: &mut Vec<String>) -> Result<()> {
        let mut statement = self.conn.prepare("SELECT sha256, bytes FROM pictures")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name = row.get::<_, super::columns::HashBlob>(0)?.0;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if Sha256Hash(Sha256::digest(bytes).into()) != name {
                problems.push(format!("the picture {} of the demo case is not what its hash says", name.short()));
            }
        }
        Ok(())
    }

    fn verify_library(&self, problems: &mut Vec<String>) -> Result<()> {
        let sql = "SELECT network FROM imprints GROUP BY network HAVING count(DISTINCT length(imprint)) > 1";
        let mut statement = self.conn.prepare(sql)?;
        for network in statement.query_map([], |row| row.get::<_, super::columns::HashBlob>(0))? {
            problems.push(format!(
                "what network {} made of the library's cells is of several lengths: clear the library and build it again",
                network?.0.short()
            ));
        }
        Ok(())
    }

    /// Whether `standing` is the extract of the log that it should be, and the cells are numbered without a gap.
    pub(super) fn extract_problems(&self, case: &CaseRecord, log: &[Decision]) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare("SELECT cell_id, seq, class FROM standing WHERE case_id = ?1")?;
        let rows = statement.query_map([case.id.0], |row| Ok((CellId(row.get(0)?), (row.get(1)?, row.get(2)?))))?;
        let extract = rows.collect::<rusqlite::Result<HashMap<CellId, (Seq, Option<String>)>>>()?;
        let held: HashMap<_, _> =
            current(log).into_iter().map(|(cell, d)| (cell, (d.seq, class_code(self, d)))).collect();
        let mut problems = Vec::new();
        if extract != held {
            problems.push("the list of cases does not count what the log says".to_owned());
        }
        let sql = "SELECT count(*), coalesce(max(ordinal) + 1, 0) FROM cells WHERE case_id = ?1";
        let (n, numbered): (i64, i64) = self.conn.query_row(sql, [case.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if n != numbered {
            problems.push(format!("its {n} cells are numbered up to {numbered}"));
        }
        let sql = "SELECT count(*) FROM bulks b WHERE b.case_id = ?1
                   AND b.cells <> (SELECT count(*) FROM decisions d WHERE d.bulk = b.id AND d.case_id = b.case_id)";
        let torn: i64 = self.conn.query_row(sql, [case.id.0], |row| row.get(0))?;
        if torn > 0 {
            problems.push(format!("{torn} steps on many cells do not hold as many decisions as they say"));
        }
        Ok(problems)
    }

    /// Whether readings are their reviewer's on their case, each with a sound log of its own, and adjudications settle something.
    pub(super) fn reading_problems(&self, case: &CaseRecord) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for reading in self.readings(case.id)? {
            let mut say = |what: String| problems.push(format!("reading {} {what}", reading.id.0));
            let log = match self.reading_log_since(reading.id, 0) {
                Ok(log) => log,
                Err(e) => {
                    say(format!("cannot be read: {e}"));
                    continue;
                }
            };
            log_problems(&log).into_iter().for_each(&mut say);
            let sql = "SELECT count(*) FROM decisions INDEXED BY decisions_by_cell WHERE case_id = ?1 AND reading = ?2";
            let n: i64 = self.conn.query_row(sql, (case.id.0, reading.id.0), |row| row.get(0))?;
            if n != log.len() as i64 {
                say(format!("has {n} decisions, and {} of them are found", log.len()));
            }
            let sql = "SELECT count(*) FROM decisions d WHERE d.reading = ?1 AND (d.case_id <> ?2 OR d.reviewer <> ?3)";
            let stray: i64 =
                self.conn.query_row(sql, (reading.id.0, case.id.0, &reading.reviewer), |row| row.get(0))?;
            if stray > 0 {
                say(format!("holds {stray} decisions that are not its own"));
            }
        }
        let sql = "SELECT count(*) FROM decisions d JOIN readings r ON r.id = d.adjudicates
                   WHERE d.case_id = ?1 AND (r.case_id <> d.case_id OR r.kind = 'training' OR d.reading IS NOT NULL)";
        let astray: i64 = self.conn.query_row(sql, [case.id.0], |row| row.get(0))?;
        if astray > 0 {
            problems.push(format!("{astray} decisions settle a dispute that is none"));
        }
        Ok(problems)
    }

    /// Whether what a signed version says of two readers is what their readings say.
    pub(super) fn joint_problem(&self, signed: &SignedVersion) -> Result<Option<String>> {
        let Some(readers) = &signed.readers else { return Ok(None) };
        let is = self.comparison(&self.reading(readers.reading)?)?;
        let kappa = is.kappa.map(|k| (k.value, k.ci95));
        let same = (readers.n, readers.agreed, readers.kappa) == (is.n(), is.agreed(), kappa)
            && (&readers.firsts, &readers.second) == (&is.firsts, &is.reading.reviewer)
            && readers.disputes.len() == is.disputes().count();
        Ok((!same).then(|| "does not say of its two readers what their readings say".to_owned()))
    }
}

fn class_code(store: &Store, decision: &Decision) -> Option<String> {
    match decision.action {
        Action::Accept(id) | Action::Reclassify(id) => store.code(id).ok().map(str::to_owned),
        _ => None,
    }
}

/// Whether the counts of a signed version are those of its own cells.
pub(super) fn count_problems(signed: &SignedVersion) -> Vec<String> {
    let mut of_class: HashMap<&str, u64> = HashMap::new();
    let (mut excluded, mut unreviewed) = (0, 0);
    for cell in &signed.cells {
        match &cell.decided {
            None => unreviewed += 1,
            Some(d) => match &d.class {
                None => excluded += 1,
                Some(code) => *of_class.entry(code).or_default() += 1,
            },
        }
    }
    let mut problems = Vec::new();
    for row in &signed.counts {
        let cells = of_class.remove(row.code.as_str()).unwrap_or(0);
        if cells != row.count {
            problems.push(format!("counts {} of {}, and its cells are {cells}", row.count, row.code));
        }
    }
    let mut uncounted: Vec<_> = of_class.into_keys().collect();
    uncounted.sort_unstable();
    problems.extend(uncounted.into_iter().map(|code| format!("has cells of {code} and no count of them")));
    let sum = |wanted: &dyn Fn(&super::SignedCount) -> bool| {
        signed.counts.iter().filter(|r| wanted(r)).map(|r| r.count).sum::<u64>()
    };
    use crate::domain::Role::{Nrbc, Smudge, Unidentified};
    for (what, says, is) in [
        ("WBC", signed.wbc, sum(&|r| r.role.is_wbc())),
        ("blasts", signed.blasts, sum(&|r| r.role.is_wbc() && r.blast)),
        ("nucleated red cells", signed.nrbc, sum(&|r| r.role == Nrbc)),
        ("smudge cells", signed.smudge, sum(&|r| r.role == Smudge)),
        ("unidentified cells", signed.unidentified, sum(&|r| r.role == Unidentified)),
        ("excluded cells", signed.excluded, excluded),
        ("unreviewed cells", signed.unreviewed, unreviewed),
    ] {
        if says != is {
            problems.push(format!("says {says} {what}, and there are {is}"));
        }
    }
    problems
}

/// Whether every undo and redo of a log names a decision that it may name.
pub(super) fn log_problems(log: &[Decision]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut made: HashMap<Seq, (CellId, &str, bool)> = HashMap::new();
    let mut last = (0, "");
    for d in log {
        if d.seq <= last.0 {
            problems.push(format!("decision {} is out of order", d.seq));
        }
        last = (d.seq, d.at.as_str());
        if d.at.parse::<jiff::Timestamp>().is_err() {
            problems.push(format!("decision {} has no time that can be read", d.seq));
        }
        let (target, redo) = match d.action {
            Action::Undo(target) => (target, false),
            Action::Redo(target) => (target, true),
            _ => {
                made.insert(d.seq, (d.cell, &d.reviewer, false));
                continue;
            }
        };
        match made.get_mut(&target) {
            Some((cell, reviewer, undone))
                if *cell == d.cell && same_person(reviewer, &d.reviewer) && *undone == redo =>
            {
                *undone = !redo
            }
            Some(_) => problems.push(format!("decision {} cannot undo or redo decision {target}", d.seq)),
            None => problems
                .push(format!("decision {} names decision {target}, which is not before it in this case", d.seq)),
        }
    }
    problems
}
