//! A signed version as the view that exports are written from. Everything comes from the signed record.

use std::collections::HashMap;

use super::{Context, Failure};
use crate::{
    domain::{CaseRecord, CellId, CellNumber, EXCLUDED, printable},
    export::{CellRow, Count, Decided, Dispute, Readers, Status, Summary},
    store::{SignedCell, SignedCount, SignedReaders, SignedVersion, Store},
};

/// The view of a signed version, with what it changed since the one before.
///
/// # Errors
/// When there is no such version, or the database cannot be read.
pub fn version(store: &Store, case: &CaseRecord, version: u32) -> Result<Summary, Failure> {
    let mut signed = store.signed(case.id).map_err(Failure::usage)?;
    signed.retain(|s| s.version <= version);
    let missing = || Failure::usage(format!("{}: there is no signed version {version}", printable(&case.name)));
    let shown = signed.pop().filter(|s| s.version == version).ok_or_else(missing)?;
    let earlier: Vec<Summary> = signed.into_iter().map(|s| summary(s, case)).collect();
    Ok(summary(shown, case).after(&earlier))
}

/// The cases whose signed cells a network or a library may learn: not the demo case, and other drawn cells only where there is
/// no patient's case, so that the program can be tried on them and they never mix.
///
/// # Errors
/// When the database cannot be read.
pub fn to_learn_from(context: &Context, store: &Store) -> Result<Vec<CaseRecord>, Failure> {
    let cases = store.cases().map_err(Failure::usage)?.into_iter().map(|c| c.case);
    let mut cases: Vec<_> = cases.filter(|c| c.has_folder() && c.version.is_some()).collect();
    let before = cases.len();
    if cases.iter().any(|c| !c.is_phantom()) {
        cases.retain(|c| !c.is_phantom());
    }
    if cases.len() < before {
        context.say(&format!("{} signed cases of drawn cells are left out", before - cases.len()));
    }
    Ok(cases)
}

/// The view of `signed`, a version of `case`.
pub fn summary(signed: SignedVersion, case: &CaseRecord) -> Summary {
    let numbers: HashMap<CellId, CellNumber> = signed.cells.iter().map(|c| (c.cell, c.number)).collect();
    let disputed = signed.readers.map(|r| readers(r, &numbers));
    Summary {
        case: case.name.clone(),
        uid: case.uid.clone(),
        first_origin: signed.origin.clone(),
        origin: signed.origin,
        phantom: case.is_phantom(),
        status: Status::Signed,
        version: Some(signed.version),
        reason: signed.reason,
        reviewer: Some(signed.reviewer),
        signed_at: Some(signed.at),
        model: signed.network,
        target: signed.target,
        counts: signed.counts.into_iter().map(count).collect(),
        excluded: signed.excluded,
        unreviewed: signed.unreviewed,
        flags: Vec::new(),
        cells: signed.cells.into_iter().map(cell).collect(),
        amends: None,
        earlier: Vec::new(),
        readers: disputed,
        no_wbc_reason: signed.no_wbc_reason,
    }
}

fn readers(r: SignedReaders, numbers: &HashMap<CellId, CellNumber>) -> Readers {
    let (kappa, interval) = r.kappa.unzip();
    let said = |class: Option<String>| class.unwrap_or_else(|| EXCLUDED.to_owned());
    let dispute = |d: crate::store::SignedDispute| {
        let cell = *numbers.get(&d.cell)?;
        Some(Dispute { cell, first: said(d.first), second: said(d.second), settled: d.settled })
    };
    Readers {
        kind: r.kind.name(),
        first: r.firsts,
        second: r.second,
        suggestions: r.suggestions,
        adjudicators: r.adjudicators,
        n: r.n,
        agreed: r.agreed,
        kappa,
        kappa_ci95: interval.map(|i| [i.lower, i.upper]),
        disputes: r.disputes.into_iter().filter_map(dispute).collect(),
    }
}

fn count(c: SignedCount) -> Count {
    Count {
        class: c.code,
        name: c.name,
        role: c.role,
        blast: c.blast,
        blast_class: c.blast_class,
        count: c.count,
        loinc: c.loinc,
    }
}

fn cell(c: SignedCell) -> CellRow {
    CellRow {
        cell: c.number,
        id: c.cell,
        path: c.path.to_string_lossy().into_owned(),
        sha256: c.sha256,
        predicted: c.predicted,
        unlike: c.unlike,
        bulk: c.decided.as_ref().and_then(|d| d.bulk),
        decided: c.decided.map(|d| (d.class.map_or(Decided::Excluded, Decided::Class), d.by, d.at)),
    }
}
