//! Signing a case, and opening it again.

use std::collections::HashMap;

use rusqlite::Transaction;

use super::{
    Result, SignedCell, SignedCount, SignedVerdict, SignedVersion, Store, StoreError,
    clock::now,
    columns::{HashBlob, PathText, role_name, said, unlike_columns},
    decisions::remember_network,
    digest,
};
use crate::domain::{
    BlastSet, CaseId, CaseRecord, CaseState, CellRecord, Decision, Ranking, Role, Seq, Sha256Hash, Tally, TallyRow,
    Unlike, Verdict, current,
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
    /// Why a case without a single WBC is signed; has to be given then, and only then.
    pub no_wbc_reason: Option<String>,
}

/// What holds for one cell at the moment of signing.
struct Standing {
    record: CellRecord,
    decided: Option<SignedVerdict>,
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
        self.check_case(&case)?;
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
        let no_wbc_reason = match (&request.no_wbc_reason, tally.wbc) {
            (None, 0) => return Err(StoreError::NoWbc { case: case.name }),
            (Some(why), 0) => Some(said("the reason why no WBC is counted", why)?.to_owned()),
            (Some(_), wbc) => return Err(StoreError::HasWbc { case: case.name, wbc }),
            (None, _) => None,
        };
        if let Some(network) = request.network {
            remember_network(&tx, network)?;
        }
        let signed = SignedVersion {
            case: case.id,
            version,
            origin: self.identity()?,
            reviewer: reviewer.to_owned(),
            at: now(&tx)?,
            reason,
            network: request.network,
            allow_unreviewed: request.allow_unreviewed,
            last_seq,
            target: case.target,
            wbc: tally.wbc,
            blasts: tally.blasts.map_or(0, |b| b.count),
            nrbc: tally.nrbc,
            smudge: tally.smudge,
            unidentified: tally.unidentified,
            excluded: tally.excluded,
            unreviewed: tally.unreviewed,
            no_wbc_reason,
            counts: self.signed_counts(&tally, blasts),
            cells: cells.into_iter().map(signed_cell).collect(),
            readers: joint,
        };
        let id = write_head(&tx, &signed, &case.uid)?;
        write_counts(&tx, id, &signed.counts)?;
        write_cells(&tx, id, &signed.cells)?;
        if let Some(joint) = &signed.readers {
            self.write_joint(&tx, id, joint)?;
        }
        // Read back as every later reader will, before it is signed for good.
        let written = self.signed(case.id)?.into_iter().find(|s| s.version == version);
        let written = written.ok_or_else(|| StoreError::Damaged("no trace of a version just signed".into()))?;
        tx.commit()?;
        Ok(written)
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
        tx.execute(sql, (case.0, version, reviewer, now(&tx)?, reason))?;
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
                decided: decision.map(|d| self.signed_verdict(d)).transpose()?,
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

    fn signed_verdict(&self, d: &Decision) -> Result<SignedVerdict> {
        let class = match d.action.verdict() {
            Some(Verdict::Class(class)) => Some(self.code(class)?.to_owned()),
            _ => None,
        };
        Ok(SignedVerdict { seq: d.seq, class, by: d.reviewer.clone(), at: d.at.clone(), bulk: d.bulk })
    }

    fn signed_counts(&self, tally: &Tally, blasts: &BlastSet) -> Vec<SignedCount> {
        let count = |row: &TallyRow| {
            let class = self.table.get(row.class);
            SignedCount {
                code: class.code.clone(),
                name: class.name.clone(),
                role: class.role,
                blast: class.role.is_wbc() && blasts.holds(row.class),
                blast_class: class.blast,
                loinc: class.loinc_percent().map(str::to_owned),
                count: row.count,
            }
        };
        tally.rows.iter().map(count).collect()
    }
}

fn signed_cell(c: Standing) -> SignedCell {
    SignedCell {
        cell: c.record.id,
        number: c.record.number,
        path: c.record.path,
        sha256: c.record.sha256,
        decided: c.decided,
        predicted: c.predicted,
        unlike: c.unlike,
    }
}

fn write_head(tx: &Transaction<'_>, s: &SignedVersion, uid: &str) -> Result<i64> {
    tx.execute(
        "INSERT INTO signed (case_id, version, reviewer, at, reason, network, allow_unreviewed, last_seq, target, wbc, blasts, nrbc,
         smudge, unidentified, excluded, unreviewed, origin, no_wbc_reason, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        rusqlite::params![
            s.case.0,
            s.version,
            s.reviewer,
            s.at,
            s.reason,
            s.network.map(HashBlob),
            s.allow_unreviewed,
            s.last_seq,
            s.target as i64,
            s.wbc as i64,
            s.blasts as i64,
            s.nrbc as i64,
            s.smudge as i64,
            s.unidentified as i64,
            s.excluded as i64,
            s.unreviewed as i64,
            s.origin,
            s.no_wbc_reason,
            HashBlob(digest::of(s, uid)),
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

fn write_counts(tx: &Transaction<'_>, id: i64, counts: &[SignedCount]) -> Result<()> {
    let sql = "INSERT INTO signed_counts (signed_id, ordinal, code, name, role, blast, blast_class, loinc, count)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut insert = tx.prepare_cached(sql)?;
    for (i, c) in counts.iter().enumerate() {
        insert.execute((
            id,
            i as i64,
            &c.code,
            &c.name,
            role_name(c.role),
            c.blast,
            c.blast_class,
            &c.loinc,
            c.count as i64,
        ))?;
    }
    Ok(())
}

fn write_cells(tx: &Transaction<'_>, id: i64, cells: &[SignedCell]) -> Result<()> {
    let sql = "INSERT INTO signed_decisions (signed_id, ordinal, cell_id, path, sha256, seq, verdict, class, predicted, predicted_p,
               unlike, flagged) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut insert = tx.prepare_cached(sql)?;
    for c in cells {
        let verdict = c.decided.as_ref().map(|d| if d.class.is_some() { "class" } else { "excluded" });
        let (predicted, p) = c.predicted.as_ref().map(|(code, p)| (code, p)).unzip();
        let (unlike, flagged) = unlike_columns(c.unlike);
        insert.execute(rusqlite::params![
            id,
            c.number.ordinal() as i64,
            c.cell.0,
            PathText::of(&c.path),
            HashBlob(c.sha256),
            c.decided.as_ref().map(|d| d.seq),
            verdict,
            c.decided.as_ref().and_then(|d| d.class.as_ref()),
            predicted,
            p,
            unlike,
            flagged
        ])?;
    }
    Ok(())
}
