//! The digest of a signed version: all that it says in one order and one form, under SHA-256. It is written down at the signature and
//! held against the version whenever that is read, for SQLite itself does not notice a changed byte.

use sha2::{Digest, Sha256};

use super::{SignedReaders, SignedVersion};
use crate::domain::Sha256Hash;

/// Which serialisation; what is signed under one stays under it.
const FORM: &[u8] = b"leukoscope.signed/1";

/// The digest of `version`, which is one of the case `uid`.
pub(super) fn of(version: &SignedVersion, uid: &str) -> Sha256Hash {
    let mut all = Canonical(Sha256::new());
    all.bytes(FORM);
    all.text(uid);
    all.number(u64::from(version.version));
    all.text(&version.origin);
    all.text(&version.reviewer);
    all.text(&version.at);
    all.maybe(version.reason.as_deref(), Canonical::text);
    all.maybe(version.network, |c, n| c.bytes(&n.0));
    all.number(u64::from(version.allow_unreviewed));
    all.number(version.last_seq as u64);
    all.maybe(version.no_wbc_reason.as_deref(), Canonical::text);
    let v = version;
    for n in [v.target, v.wbc, v.blasts, v.nrbc, v.smudge, v.unidentified, v.excluded, v.unreviewed] {
        all.number(n);
    }
    all.number(version.counts.len() as u64);
    for row in &version.counts {
        all.text(&row.code);
        all.text(&row.name);
        all.text(super::columns::role_name(row.role));
        all.number(u64::from(row.blast));
        all.number(u64::from(row.blast_class));
        all.maybe(row.loinc.as_deref(), Canonical::text);
        all.number(row.count);
    }
    all.number(version.cells.len() as u64);
    for cell in &version.cells {
        all.number(cell.cell.0 as u64);
        all.number(cell.number.ordinal() as u64);
        all.bytes(cell.path.as_os_str().as_encoded_bytes());
        all.bytes(&cell.sha256.0);
        all.maybe(cell.decided.as_ref(), |c, d| {
            c.number(d.seq as u64);
            c.maybe(d.class.as_deref(), Canonical::text);
            c.text(&d.by);
            c.text(&d.at);
            c.maybe(d.bulk, |c, bulk| c.number(bulk as u64));
        });
        all.maybe(cell.predicted.as_ref(), |c, (code, p)| {
            c.text(code);
            c.number(p.to_bits());
        });
        all.maybe(cell.unlike, |c, u| {
            c.number(u64::from(u.score.to_bits()));
            c.number(u64::from(u.flagged));
        });
    }
    all.maybe(version.readers.as_ref(), readers);
    Sha256Hash(all.0.finalize().into())
}

fn readers(all: &mut Canonical, r: &SignedReaders) {
    all.number(r.reading.0 as u64);
    all.text(r.kind.name());
    all.number(u64::from(r.suggestions));
    all.names(&r.firsts);
    all.text(&r.second);
    all.names(&r.adjudicators);
    all.number(r.n);
    all.number(r.agreed);
    all.maybe(r.kappa, |c, (kappa, interval)| {
        for x in [kappa, interval.lower, interval.upper] {
            c.number(x.to_bits());
        }
    });
    all.number(r.disputes.len() as u64);
    for d in &r.disputes {
        all.number(d.cell.0 as u64);
        all.maybe(d.first.as_deref(), Canonical::text);
        all.maybe(d.second.as_deref(), Canonical::text);
        all.number(u64::from(d.settled));
    }
}

/// Every value behind its length, so that no two versions are the same bytes.
struct Canonical(Sha256);

impl Canonical {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, n: u64) {
        self.0.update(n.to_le_bytes());
    }

    fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    /// Names in one order, whatever order they came in.
    fn names(&mut self, names: &[String]) {
        let mut names: Vec<_> = names.iter().collect();
        names.sort();
        self.number(names.len() as u64);
        names.into_iter().for_each(|n| self.text(n));
    }
}
