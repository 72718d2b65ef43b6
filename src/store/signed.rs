//! Signed versions: what a report says, as it was written down when it was signed.

use std::path::PathBuf;

use rusqlite::{Connection, Row};

use super::{
    Result, Store,
    cases::number,
    columns::{HashBlob, PathText, role_of, unlike_of},
    joint::{SignedReaders, readers_within},
};
use crate::domain::{BlastNames, Bulk, CaseId, CellId, CellNumber, Role, Seq, Sha256Hash, Share, Unlike};

/// A signed differential. Everything that an export says of it is in here; classes are codes and names of the table that
/// was in use then, whatever table is in use now.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedVersion {
    /// The case.
    pub case: CaseId,
    /// Counted from 1 in each case.
    pub version: u32,
    /// The identity of the database in which it was signed (see [`Store::identity`]).
    pub origin: String,
    /// Who signed.
    pub reviewer: String,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// Why the version before was reopened; `None` for the first.
    pub reason: Option<String>,
    /// The network in use when it was signed.
    pub network: Option<Sha256Hash>,
    /// Whether the signer allowed unreviewed and unidentified cells.
    pub allow_unreviewed: bool,
    /// The last decision of the case at that time; 0: none.
    pub last_seq: Seq,
    /// WBC that the reviewer aimed at.
    pub target: u64,
    /// Leukocytes: the denominator of every percentage.
    pub wbc: u64,
    /// Cells of all classes that counted as blasts.
    pub blasts: u64,
    /// Nucleated red cells.
    pub nrbc: u64,
    /// Smudge cells.
    pub smudge: u64,
    /// Cells decided as unidentified.
    pub unidentified: u64,
    /// Cells taken out of every count.
    pub excluded: u64,
    /// Cells without a decision.
    pub unreviewed: u64,
    /// One row per class of the table, in its order.
    pub counts: Vec<SignedCount>,
    /// Why a differential without a single WBC was signed; `None`: it has some.
    pub no_wbc_reason: Option<String>,
    /// Every cell of the case at that time, in its order.
    pub cells: Vec<SignedCell>,
    /// The two readers that it stands on; `None`: nobody read the case beside its record.
    pub readers: Option<SignedReaders>,
}

/// A class of a signed differential.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedCount {
    /// The class's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How it entered the differential.
    pub role: Role,
    /// Whether it counted towards the blasts.
    pub blast: bool,
    /// Whether the class table called it a blast.
    pub blast_class: bool,
    /// LOINC code of the percentage.
    pub loinc: Option<String>,
    /// Cells of it.
    pub count: u64,
}

/// A cell of a signed case.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedCell {
    /// The cell.
    pub cell: CellId,
    /// Its number in the case.
    pub number: CellNumber,
    /// Where its image was, as [`crate::domain::CellRecord::path`].
    pub path: PathBuf,
    /// SHA-256 of the image.
    pub sha256: Sha256Hash,
    /// What held; `None`: unreviewed.
    pub decided: Option<SignedVerdict>,
    /// What was suggested, by code, and how probable the network found it.
    pub predicted: Option<(String, f64)>,
    /// How unlike its training data the network in use found the image; `None`: it could not say.
    pub unlike: Option<Unlike>,
}

/// What held for a cell of a signed case, and by which decision.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedVerdict {
    /// The deciding decision.
    pub seq: Seq,
    /// The class's code; `None`: taken out of every count.
    pub class: Option<String>,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: String,
    /// The step that it was part of, where many cells were decided at once.
    pub bulk: Option<Bulk>,
}

impl SignedVersion {
    /// The share of a class; `None` for classes outside the WBC count, or when no WBC was counted.
    pub fn share(&self, row: &SignedCount) -> Option<Share> {
        if row.role.is_wbc() { Share::new(row.count, self.wbc) } else { None }
    }

    /// The share of the blasts; `None` when no WBC was counted.
    pub fn blast_share(&self) -> Option<Share> {
        Share::new(self.blasts, self.wbc)
    }

    /// What counted as a blast.
    pub fn blast_names(&self) -> BlastNames {
        let in_wbc = self.counts.iter().filter(|c| c.role.is_wbc());
        BlastNames::of(in_wbc.map(|c| (c.code.as_str(), c.blast, c.blast_class)))
    }

    /// A count per 100 WBC; `None` when no WBC was counted.
    pub fn per_100_wbc(&self, count: u64) -> Option<f64> {
        (self.wbc > 0).then(|| 100.0 * count as f64 / self.wbc as f64)
    }
}

impl Store {
    /// All signed versions of a case, the first one first. Each is held against what was signed.
    ///
    /// # Errors
    /// [`super::StoreError::Unsound`] when one of them is not what was signed; when the database cannot be read.
    pub fn signed(&self, case: CaseId) -> Result<Vec<SignedVersion>> {
        let tx = if self.conn.is_autocommit() { Some(self.read()?) } else { None };
        let versions = self.sound_versions(case);
        drop(tx);
        versions
    }

    /// All signed versions of a case as they lie in the database.
    pub(super) fn signed_rows(&self, case: CaseId) -> Result<Vec<SignedRow>> {
        rows(&self.conn, case)
    }
}

/// A signed version as it lies in the database, and what it is to be held against.
pub(super) struct SignedRow {
    pub version: SignedVersion,
    /// `None`: signed before there were digests.
    pub digest: Option<Sha256Hash>,
    /// Of the case.
    pub uid: String,
}

fn rows(tx: &Connection, case: CaseId) -> Result<Vec<SignedRow>> {
    let uid: String = tx.query_row("SELECT uid FROM cases WHERE id = ?1", [case.0], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
            "SELECT id, case_id, version, reviewer, at, reason, network, allow_unreviewed, last_seq, target, wbc, blasts, nrbc,
             smudge, unidentified, excluded, unreviewed, coalesce(origin, (SELECT uid FROM identity ORDER BY id LIMIT 1)),
             no_wbc_reason, digest FROM signed WHERE case_id = ?1 ORDER BY version",
        )?;
    let digest = |row: &Row<'_>| -> rusqlite::Result<_> { Ok(row.get::<_, Option<HashBlob>>(19)?.map(|h| h.0)) };
    let heads = statement.query_map([case.0], |row| Ok((row.get(0)?, head(row)?, digest(row)?)))?;
    let heads = heads.collect::<rusqlite::Result<Vec<(i64, SignedVersion, Option<Sha256Hash>)>>>()?;
    let fill = |(id, head, digest): (i64, SignedVersion, Option<Sha256Hash>)| {
        let (counts, cells, readers) = (counts(tx, id)?, cells(tx, id)?, readers_within(tx, id)?);
        Ok(SignedRow { version: SignedVersion { counts, cells, readers, ..head }, digest, uid: uid.clone() })
    };
    heads.into_iter().map(fill).collect()
}

fn head(row: &Row<'_>) -> rusqlite::Result<SignedVersion> {
    let count = |i: usize| row.get::<_, i64>(i).map(|n| n as u64);
    Ok(SignedVersion {
        case: CaseId(row.get(1)?),
        version: row.get(2)?,
        origin: row.get(17)?,
        reviewer: row.get(3)?,
        at: row.get(4)?,
        reason: row.get(5)?,
        network: row.get::<_, Option<HashBlob>>(6)?.map(|h| h.0),
        allow_unreviewed: row.get(7)?,
        last_seq: row.get(8)?,
        target: count(9)?,
        wbc: count(10)?,
        blasts: count(11)?,
        nrbc: count(12)?,
        smudge: count(13)?,
        unidentified: count(14)?,
        excluded: count(15)?,
        unreviewed: count(16)?,
        no_wbc_reason: row.get(18)?,
        counts: Vec::new(),
        cells: Vec::new(),
        readers: None,
    })
}

fn counts(tx: &Connection, id: i64) -> Result<Vec<SignedCount>> {
    let sql = "SELECT code, name, role, blast, loinc, count, coalesce(blast_class, blast) FROM signed_counts WHERE signed_id = ?1 ORDER BY ordinal";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push(SignedCount {
            code: row.get(0)?,
            name: row.get(1)?,
            role: role_of(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?,
            blast: row.get(3)?,
            blast_class: row.get(6)?,
            loinc: row.get(4)?,
            count: row.get::<_, i64>(5)? as u64,
        });
    }
    Ok(counts)
}

fn cells(tx: &Connection, id: i64) -> Result<Vec<SignedCell>> {
    let sql = "SELECT s.cell_id, s.path, s.sha256, s.seq, s.class, d.reviewer, d.at, s.predicted, s.predicted_p,
               s.unlike, s.flagged, d.bulk, s.ordinal
               FROM signed_decisions s LEFT JOIN decisions d ON d.seq = s.seq WHERE s.signed_id = ?1 ORDER BY s.ordinal";
    let mut statement = tx.prepare_cached(sql)?;
    let cells = statement.query_map([id], |row| {
        let decided = match row.get::<_, Option<Seq>>(3)? {
            Some(seq) => {
                Some(SignedVerdict { seq, class: row.get(4)?, by: row.get(5)?, at: row.get(6)?, bulk: row.get(11)? })
            }
            None => None,
        };
        Ok(SignedCell {
            cell: CellId(row.get(0)?),
            number: number(row, 12)?,
            path: row.get::<_, PathText>(1)?.0,
            sha256: row.get::<_, HashBlob>(2)?.0,
            decided,
            predicted: row.get::<_, Option<String>>(7)?.zip(row.get(8)?),
            unlike: unlike_of(row, 9)?,
        })
    })?;
    Ok(cells.collect::<rusqlite::Result<_>>()?)
}
