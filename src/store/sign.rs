//! Signing a case, and opening it again.

use std::collections::HashMap;

use rusqlite::Transaction;

use super::{
    Result, SignedVersion, Store, StoreError,
    columns::{HashBlob, PathText, now, role_name, said, unlike_columns},
    decisions::remember_network,
};
use crate::domain::{
    BlastSet, CaseId, CaseRecord, CaseState, CellRecord, Ranking, Role, Seq, Sha256Hash, Tally, Unlike, Verdict,
    current,
};

/// The last decision of a case's own record; 0: none.
pub(super) const LAST: &str = "SELECT coalesce(max(seq), 0) FROM decisions WHERE case_id = ?1 AND reading IS NULL";

/// What a signer asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SignRequest {
    /// The case.
    pub case: CaseId,
    /// Who signs.
    pub reviewer: String,
    /// Sign although cells are unreviewed or unidentified.
    pub allow_unreviewed: bool,
    /// The last decision of the log that the signer saw; refused when there are later ones.
    pub expect_last_seq: Option<Seq>,
    /// What the signer saw counted as blasts; refused when it is something else now.
    pub expect_blasts: Option<BlastSet>,
    /// What is to count as a blast from now on; `None`: what does.
    pub blasts: Option<BlastSet>,
    /// The network in use.
    pub network: Option<Sha256Hash>,
}

/// What holds for one cell at the moment of signing.
struct Standing {
    record: CellRecord,
    seq: Option<Seq>,
    verdict: Option<Verdict>,
    predicted: Option<(String, f64)>,
    unlike: Option<Unlike>,
}

impl Store {
    /// Signs a case: counts the decisions that hold and writes them down for good, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotReady`] with the cells that are unreviewed or unidentified, unless they are allowed;
    /// [`StoreError::InDispute`] with the cells of two readers that nobody settled, unless they are allowed;
    /// [`StoreError::ChangedSince`] when the log moved on; [`StoreError::BlastsChanged`] when something else counts as a blast; [`StoreError::AlreadySigned`] when it was not reopened.
    pub fn sign(&self, request: &SignRequest) -> Result<SignedVersion> {
        let reviewer = said("the reviewer's name", &request.reviewer)?;
        let tx = self.write()?;
        let case = self.case_by_id(request.case)?;
        self.sighted(&case, reviewer)?;
        let (version, reason) = self.next_version(&tx, &case)?;
        let last_seq: Seq = tx.query_row(LAST, [case.id.0], |row| row.get(0))?;
        if let Some(seen) = request.expect_last_seq.filter(|&seen| seen != last_seq) {
            return Err(StoreError::ChangedSince { case: case.name, seen, last_seq });
        }
        if let Some(seen) = request.expect_blasts.as_ref().filter(|&seen| *seen != case.blasts) {
            let [seen, now] = [seen, &case.blasts].map(|set| set.names(&self.table).title());
            return Err(StoreError::BlastsChanged { case: case.name, seen, now });
        }
        let blasts = request.blasts.as_ref().unwrap_or(&case.blasts);
        self.choose_blasts(&tx, &case, Some(reviewer), blasts)?;
        let cells = self.standing(&tx, case.id, request.network)?;
        let tally = Tally::of(&self.table, blasts, cells.iter().map(|c| c.verdict));
        self.check_ready(&case, &cells, &tally, request.allow_unreviewed)?;
        let joint = self.joint(&case, request.allow_unreviewed)?;
        if let Some(network) = request.network {
            remember_network(&tx, network)?;
        }
        tx.execute(
            "INSERT INTO signed (case_id, version, reviewer, at, reason, network, allow_unreviewed, last_seq, target, wbc,
             blasts, nrbc, smudge, unidentified, excluded, unreviewed, origin)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            rusqlite::params![
                case.id.0,
                version,
                reviewer,
                now(),
                reason,
                request.network.map(HashBlob),
                request.allow_unreviewed,
                last_seq,
                case.target as i64,
                tally.wbc as i64,
                tally.blasts.map_or(0, |b| b.count) as i64,
                tally.nrbc as i64,
                tally.smudge as i64,
                tally.unidentified as i64,
                tally.excluded as i64,
                tally.unreviewed as i64,
                self.identity()?,
            ],
        )?;
        let id = tx.last_insert_rowid();
        self.write_counts(&tx, id, &tally, blasts)?;
        self.write_cells(&tx, id, &cells)?;
        if let Some(joint) = &joint {
            self.write_joint(&tx, id, joint)?;
        }
        tx.commit()?;
        let signed = self.signed(case.id)?.into_iter().find(|s| s.version == version);
        signed.ok_or_else(|| StoreError::Damaged("no trace of a version just signed".into()))
    }

    /// Opens a signed case again; the version that follows carries the reason.
    ///
    /// # Errors
    /// When the case is not signed, or the reason says nothing.
    pub fn reopen(&self, case: CaseId, reviewer: &str, reason: &str) -> Result<()> {
        let (reviewer, reason) =
            (said("the reviewer's name", reviewer)?, said("the reason for reopening a case", reason)?);
        let tx = self.write()?;
        let record = self.case_by_id(case)?;
        let (CaseState::Signed, Some(version)) = (record.state, record.version) else {
            return Err(StoreError::NotSigned { case: record.name });
        };
        let sql = "INSERT INTO reopenings (case_id, version, reviewer, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, (case.0, version, reviewer, now(), reason))?;
        Ok(tx.commit()?)
    }

    fn next_version(&self, tx: &Transaction<'_>, case: &CaseRecord) -> Result<(u32, Option<String>)> {
        match (case.state, case.version) {
            (CaseState::Signed, Some(version)) => Err(StoreError::AlreadySigned { case: case.name.clone(), version }),
            (_, None) => Ok((1, None)),
            (_, Some(version)) => {
                let sql = "SELECT reason FROM reopenings WHERE case_id = ?1 AND version = ?2";
                let reason = tx.query_row(sql, (case.id.0, version), |row| row.get(0))?;
                Ok((version + 1, Some(reason)))
            }
        }
    }

    /// What holds for every cell. What was predicted is what the decision was made in sight of; for a cell where no
    /// suggestion was on screen, it is the stored prediction of the network in use.
    fn standing(&self, tx: &Transaction<'_>, case: CaseId, network: Option<Sha256Hash>) -> Result<Vec<Standing>> {
        let rankings = network.map_or_else(|| Ok(HashMap::new()), |n| self.predictions_within(tx, case, &n))?;
        let log = self.log(case)?;
        let held = current(&log);
        let mut cells = Vec::new();
        for record in self.cells(case)? {
            let decision = held.get(&record.id);
            let ranking = rankings.get(&record.id);
            let predicted = decision.and_then(|d| d.suggested).or_else(|| ranking.map(Ranking::top));
            let named = |(id, p)| self.code(id).map(|code| (code.to_owned(), f64::from(p)));
            cells.push(Standing {
                seq: decision.map(|d| d.seq),
                verdict: decision.and_then(|d| d.action.verdict()),
                predicted: predicted.map(named).transpose()?,
                unlike: ranking.and_then(|r| r.unlike),
                record,
            });
        }
        Ok(cells)
    }

    fn check_ready(&self, case: &CaseRecord, cells: &[Standing], tally: &Tally, allowed: bool) -> Result<()> {
        if cells.is_empty() {
            return Err(StoreError::NoCells { case: case.name.clone() });
        }
        if allowed || (tally.unreviewed == 0 && tally.unidentified == 0) {
            return Ok(());
        }
        let open = |c: &&Standing| match c.verdict {
            None => true,
            Some(Verdict::Class(id)) => self.table.get(id).role == Role::Unidentified,
            Some(Verdict::Excluded) => false,
        };
        Err(StoreError::NotReady {
            case: case.name.clone(),
            unreviewed: tally.unreviewed,
            unidentified: tally.unidentified,
            cells: cells.iter().filter(open).map(|c| c.record.id).collect(),
        })
    }

    fn write_counts(&self, tx: &Transaction<'_>, id: i64, tally: &Tally, blasts: &BlastSet) -> Result<()> {
        let sql = "INSERT INTO signed_counts (signed_id, ordinal, code, name, role, blast, blast_class, loinc, count)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let mut insert = tx.prepare_cached(sql)?;
        for (i, row) in tally.rows.iter().enumerate() {
            let c = self.table.get(row.class);
            insert.execute((
                id,
                i as i64,
                &c.code,
                &c.name,
                role_name(c.role),
                c.role.is_wbc() && blasts.holds(row.class),
                c.blast,
                c.loinc_percent(),
                row.count as i64,
            ))?;
        }
        Ok(())
    }

    fn write_cells(&self, tx: &Transaction<'_>, id: i64, cells: &[Standing]) -> Result<()> {
        let sql = "INSERT INTO signed_decisions (signed_id, ordinal, cell_id, path, sha256, seq, verdict, class, predicted, predicted_p,
                   unlike, flagged) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let mut insert = tx.prepare_cached(sql)?;
        for c in cells {
            let (verdict, class) = match c.verdict {
                None => (None, None),
                Some(Verdict::Excluded) => (Some("excluded"), None),
                Some(Verdict::Class(class)) => (Some("class"), Some(self.code(class)?)),
            };
            let (predicted, p) = c.predicted.as_ref().map(|(code, p)| (code, p)).unzip();
            let (path, sha256) = (PathText::of(&c.record.path), HashBlob(c.record.sha256));
            let (unlike, flagged) = unlike_columns(c.unlike);
            insert.execute(rusqlite::params![
                id,
                c.record.number.ordinal() as i64,
                c.record.id.0,
                path,
                sha256,
                c.seq,
                verdict,
                class,
                predicted,
                p,
                unlike,
                flagged
            ])?;
        }
        Ok(())
    }
}
