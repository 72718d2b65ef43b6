//! What happened to the case as the page tells it: versions with their reasons, notes and tags.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{
    model::{Banner, Comment, Version},
    words,
};
use crate::{
    domain::{CellId, Happening, What},
    export::{Status, Summary},
};

/// Signed versions and reopenings in order. A version's reason is that of the reopening before it; a reopening that no
/// version followed stands for itself.
pub(super) fn versions(history: &[Happening], shown: Option<u32>, zone: &TimeZone) -> Vec<Version> {
    let mut found: Vec<Version> = Vec::new();
    let mut reopened: Option<Version> = None;
    for h in history {
        let by = h.who.as_deref().map_or_else(String::new, words::safe);
        match &h.what {
            What::Signed { version, wbc, blasts, of } => {
                found.push(Version {
                    name: format!("version {version}"),
                    at: words::when(&h.at, zone),
                    by,
                    counts: format!("{wbc} WBC, {}", words::safe(&of.counted(*blasts))),
                    reason: reopened.take().map_or_else(String::new, |r| r.reason),
                    shown: shown == Some(*version),
                });
            }
            What::Reopened { version, reason } => {
                reopened = Some(Version {
                    name: format!("version {version} reopened"),
                    at: words::when(&h.at, zone),
                    by,
                    counts: String::new(),
                    reason: words::safe(reason),
                    shown: false,
                });
            }
            _ => {}
        }
    }
    found.extend(reopened);
    found
}

/// What must be seen first: that nothing is signed, that what was signed is no longer the last word, that it is a drawing.
pub(super) fn banners(summary: &Summary, history: &[Happening]) -> Vec<Banner> {
    let banner = |word: &str, text: String| Banner { word: word.to_owned(), text };
    let mut found = Vec::new();
    if summary.status == Status::Open {
        let open = match summary.unreviewed {
            0 => "every cell has a decision".to_owned(),
            n => words::counted(n, "cell has no decision yet", "cells have no decision yet"),
        };
        found.push(banner("PRELIMINARY", format!("This differential is not signed and may change; {open}.")));
    } else {
        let shown = summary.version.unwrap_or(1);
        let latest = history.iter().filter_map(|h| match h.what {
            What::Signed { version, .. } => Some(version),
            _ => None,
        });
        let reopening = history.iter().rev().find_map(|h| match &h.what {
            What::Reopened { version, reason } if *version == shown => Some(words::safe(reason)),
            _ => None,
        });
        match (latest.max(), reopening) {
            (Some(latest), _) if latest > shown => {
                let text = format!("Version {latest} has taken the place of this version {shown}.");
                found.push(banner("SUPERSEDED", text));
            }
            (_, Some(reason)) => {
                let text = format!("Version {shown} was reopened and is not valid at present: {reason}");
                found.push(banner("UNDER CORRECTION", text));
            }
            _ => {}
        }
    }
    if summary.phantom {
        found.push(banner("PHANTOM", "Cells drawn by the program; not a patient.".to_owned()));
    }
    found
}

/// Notes in order, then the tags that are on. What was written after the signature says so: it was not signed.
pub(super) fn comments(summary: &Summary, history: &[Happening], zone: &TimeZone) -> Vec<Comment> {
    let place = |id: CellId| summary.cells.iter().position(|c| c.id == id);
    let on = |cell: &Option<CellId>| match cell {
        None => "case".to_owned(),
        Some(id) => place(*id).map_or_else(
            || "a cell".to_owned(),
            |i| {
                let code = summary.cells[i]
                    .decided
                    .as_ref()
                    .map_or_else(String::new, |d| format!(" ({})", words::safe(d.0.code())));
                format!("cell {}{code}", summary.cells[i].cell)
            },
        ),
    };
    let mut found = Vec::new();
    let mut tags: BTreeMap<&str, Vec<Option<CellId>>> = BTreeMap::new();
    for h in history {
        match &h.what {
            What::Note { cell, text } => {
                let who = h.who.as_deref().map_or_else(String::new, words::safe);
                let late = summary.signed_at.as_ref().is_some_and(|signed| h.at > *signed);
                let late = if late { ", after the signature" } else { "" };
                let by = format!("{who}, {}{late}", words::when(&h.at, zone));
                found.push(Comment { on: on(cell), text: words::safe(text), by });
            }
            What::Tag { cell, on: true, text } => tags.entry(text).or_default().push(*cell),
            What::Tag { cell, on: false, text } => {
                if let Some(cells) = tags.get_mut(text.as_str()) {
                    cells.retain(|c| c != cell);
                }
            }
            _ => {}
        }
    }
    for (tag, mut cells) in tags.into_iter().filter(|t| !t.1.is_empty()) {
        cells.sort_by_key(|c| c.and_then(place));
        cells.dedup();
        let on = cells.iter().map(on).collect::<Vec<_>>().join(", ");
        found.push(Comment { on, text: words::safe(&format!("#{tag}")), by: String::new() });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::summary::tests::example;

    fn happened(at: &str, what: What) -> Happening {
        Happening { at: format!("2026-11-2{at}:00.000Z"), who: Some("anna".into()), what }
    }

    fn signed(version: u32) -> What {
        What::Signed { version, wbc: 100, blasts: 1, of: Default::default() }
    }

    #[test]
    fn a_version_has_the_reason_of_the_reopening_before_it() {
        let reopened = |version| What::Reopened { version, reason: format!("mistake {version}") };
        let history = [
            happened("3T10:00", signed(1)),
            happened("4T10:00", reopened(1)),
            happened("4T11:00", signed(2)),
            happened("5T10:00", reopened(2)),
        ];
        let found = versions(&history, Some(1), &TimeZone::UTC);
        let said: Vec<_> = found.iter().map(|v| (v.name.as_str(), v.reason.as_str(), v.shown)).collect();
        let expected =
            [("version 1", "", true), ("version 2", "mistake 1", false), ("version 2 reopened", "mistake 2", false)];
        assert_eq!(said, expected);
        let word = |version, history: &[Happening]| {
            let summary = Summary { status: Status::Signed, version: Some(version), ..example() };
            banners(&summary, history).first().map(|b| b.word.clone())
        };
        assert_eq!(word(1, &history).as_deref(), Some("SUPERSEDED"));
        assert_eq!(word(2, &history).as_deref(), Some("UNDER CORRECTION"));
        assert_eq!(word(2, &history[..3]), None);
        assert_eq!(banners(&example(), &[])[0].word, "PRELIMINARY");
    }

    #[test]
    fn notes_and_tags_are_told_with_their_place() {
        let note = |cell: Option<i64>, text: &str| What::Note { cell: cell.map(CellId), text: text.into() };
        let tag = |cell: i64, on| What::Tag { cell: Some(CellId(cell)), on, text: "auer-rod".into() };
        let history = [
            happened("3T10:00", note(None, "old <smear>")),
            happened("3T10:01", tag(2, true)),
            happened("3T10:02", tag(1, true)),
            happened("3T10:03", tag(2, false)),
            happened("3T10:04", note(Some(1), "a\x07b")),
        ];
        let summary = Summary { signed_at: Some("2026-11-23T10:03:00.000Z".into()), ..example() };
        let found = comments(&summary, &history, &TimeZone::UTC);
        let said: Vec<_> = found.iter().map(|c| (c.on.as_str(), c.text.as_str(), c.by.as_str())).collect();
        let expected = [
            ("case", "old <smear>", "anna, 2026-11-23 10:00 UTC"),
            ("cell 1 (MYO)", "a\\u{7}b", "anna, 2026-11-23 10:04 UTC, after the signature"),
            ("cell 1 (MYO)", "#auer-rod", ""),
        ];
        assert_eq!(said, expected);
    }
}
