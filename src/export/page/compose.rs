//! From a case's record and what the caller knows beside it to the page.

use std::collections::BTreeMap;

use super::{
    BAR_UM, FIELD_UM, Picture, agreement, bars, gallery, history,
    model::{Field, Group, Page, PerHundred, Row, Values},
    words,
};
use crate::{
    domain::{Against, Happening, RefRange, Role, Scale, ScaleSource, Share},
    export::{Amendment, Count, Particulars, Status, Summary},
};

/// What the page needs beside the record of the case.
pub struct Material<'a> {
    /// Everything that happened to the case, oldest first.
    pub history: &'a [Happening],
    /// The laboratory, patient and specimen, reference ranges.
    pub particulars: &'a Particulars,
    /// Name of the network, where it is known.
    pub network: Option<&'a str>,
    /// Scale of the case's pictures.
    pub scale: Scale,
    /// Width and height of its frames in px, where they are all alike.
    pub frame: Option<(u32, u32)>,
    /// The picture of a cell by its index in [`Summary::cells`], or why there is none.
    pub picture: &'a dyn Fn(usize) -> Result<Picture, String>,
}

impl Page {
    /// The page of a case.
    pub fn of(s: &Summary, material: &Material<'_>) -> Self {
        let shown = |c: &&Count| c.role.is_wbc() && (c.count > 0 || c.role == Role::WbcNormal);
        let (ranges, laboratory) = (&material.particulars.ranges, &material.particulars.laboratory);
        let values = |share: Option<Share>, range: Option<&RefRange>| Values {
            percent: share.map(|s| s.percent()),
            ci95: share.map(|s| super::super::summary::percent(s.ci95)),
            // No percentage is below 0 or above 100.
            reference: range.map(|r| [r.low.unwrap_or(0.0), r.high.unwrap_or(100.0)]),
        };
        let rows: Vec<(&Count, Values)> =
            s.counts.iter().filter(shown).map(|c| (c, values(s.share(c), ranges.classes(&[&c.class])))).collect();
        let blasts = values(s.blasts(), ranges.blasts());
        let ends =
            |v: &Values| [v.ci95.map(|c| c[1]), v.reference.map(|r| r[1])].into_iter().flatten().fold(0.0, f64::max);
        let axis = bars::axis(rows.iter().map(|r| ends(&r.1)).chain([ends(&blasts)]).fold(0.0, f64::max));
        let rows: Vec<Row> =
            rows.into_iter().map(|(c, v)| row(&c.class, &c.name, c.count, s.share(c), v, axis)).collect();
        let blasts = row("", &s.blast_names().title(), s.all_blasts(), s.blasts(), blasts, axis);
        let uncertain = rows.iter().chain([&blasts]).any(|r| r.verdict.ends_with("uncertain"));
        let (gallery, zone) = (gallery::groups(s, material.picture), &material.particulars.zone);
        let versions = history::versions(material.history, s.version.filter(|_| s.status == Status::Signed), zone);
        Self {
            lang: "en".to_owned(),
            title: format!("Differential blood count, {}", words::safe(&s.case)),
            laboratory: words::safe(&laboratory.name),
            address: laboratory.address.iter().map(|line| words::safe(line)).collect(),
            case: words::safe(&s.case),
            banners: history::banners(s, material.history),
            fields: fields(s, material),
            origin: origin(s, material),
            uncertain,
            not_found: not_found(s),
            per_hundred: vec![
                per_hundred(s, "erythroblasts (NRBC)", Role::Nrbc, ranges.nrbc()),
                per_hundred(s, "smudge cells", Role::Smudge, ranges.smudge()),
            ],
            outside: outside(s),
            flags: s.flags.iter().map(|f| (f.origin.name().to_owned(), words::safe(&f.sentence()))).collect(),
            comments: history::comments(s, material.history, zone),
            gallery_note: gallery_note(s, material, &gallery),
            gallery,
            agreement: agreement::of(s),
            amends: s.amends.as_ref().map_or_else(Vec::new, amends),
            versions,
            axis,
            ticks: bars::ticks(axis),
            axis_svg: bars::axis_svg(axis),
            wbc: s.wbc(),
            target: s.target,
            ranges_source: words::safe(&ranges.sources().join("; ")),
            footer: format!("Made with leukoscope {}, which is not a medical device.", env!("CARGO_PKG_VERSION")),
            dated: s.as_of(&material.particulars.imported_at).to_owned(),
            rows,
            blasts,
        }
    }
}

fn row(code: &str, name: &str, count: u64, share: Option<Share>, values: Values, axis: f64) -> Row {
    let (verdict, outside) = verdict(&values);
    let reference = values.reference.map_or_else(String::new, range);
    let figures = share.map(|s| (words::percent(s.percent()), words::interval(s.ci95)));
    let (percent, interval) = figures.unwrap_or_default();
    let mut said = format!("{percent}%, 95% interval {interval}");
    if !reference.is_empty() {
        said.push_str(&format!(", reference {reference}, {verdict}"));
    }
    Row {
        code: words::safe(code),
        name: words::safe(name),
        count,
        bar_svg: bars::svg(&values, axis, &said),
        percent,
        interval,
        reference,
        verdict: verdict.to_owned(),
        outside,
        values,
    }
}

fn range([low, high]: [f64; 2]) -> String {
    match (low > 0.0, high < 100.0) {
        (_, true) if low >= high => words::bound(high),
        (true, false) => format!("at least {}", words::bound(low)),
        _ => format!("{} to {}", words::bound(low), words::bound(high)),
    }
}

/// Where a share lies, and whether it is outside: uncertain while its interval reaches into the range.
fn verdict(values: &Values) -> (&'static str, bool) {
    let (Some(x), Some([low, high])) = (values.percent, values.reference) else { return ("", false) };
    let reaches = values.ci95.is_some_and(|[from, to]| from <= high && to >= low);
    match (x < low, x > high, reaches) {
        (true, _, false) => ("below", true),
        (true, _, true) => ("below, uncertain", true),
        (_, true, false) => ("above", true),
        (_, true, true) => ("above, uncertain", true),
        _ => ("within", false),
    }
}

fn per_hundred(s: &Summary, name: &str, role: Role, range: Option<&RefRange>) -> PerHundred {
    let count = s.counts.iter().filter(|c| c.role == role).map(|c| c.count).sum();
    let per_100 = s.per_100_wbc(role);
    let reference = match (per_100, range) {
        (Some(x), Some(r)) => {
            let verdict = match r.against(x) {
                Against::Low => "below",
                Against::Within => "within",
                Against::High => "above",
            };
            // Cells per 100 WBC have no upper end.
            let ends = [r.low.unwrap_or(0.0), r.high.unwrap_or(f64::INFINITY)];
            format!("reference {}, {verdict}", self::range(ends))
        }
        _ => String::new(),
    };
    PerHundred { name: name.to_owned(), count, per_100: per_100.map_or_else(|| "-".into(), words::percent), reference }
}

fn not_found(s: &Summary) -> String {
    let missing = |c: &&Count| c.role.is_wbc() && c.count == 0 && c.role != Role::WbcNormal;
    let names: Vec<String> = s.counts.iter().filter(missing).map(|c| words::safe(&c.name)).collect();
    match Share::new(0, s.wbc()) {
        Some(none) if !names.is_empty() => format!(
            "Not found among {} WBC (each 0.0%, exact 95% interval {}%): {}.",
            s.wbc(),
            words::interval(none.ci95),
            names.join("; ")
        ),
        _ => String::new(),
    }
}

fn outside(s: &Summary) -> Vec<(String, u64)> {
    let apart = |c: &&Count| matches!(c.role, Role::Outside | Role::Unidentified) && c.count > 0;
    let mut found: Vec<_> = s.counts.iter().filter(apart).map(|c| (words::safe(&c.name), c.count)).collect();
    found.push(("excluded".to_owned(), s.excluded));
    found.push(("without a decision".to_owned(), s.unreviewed));
    found
}

fn fields(s: &Summary, material: &Material<'_>) -> Vec<Field> {
    let mut found = vec![("Case".to_owned(), s.case.clone())];
    found.extend(material.particulars.patient.iter().map(|id| ("Patient".to_owned(), id.clone())));
    found.extend(material.particulars.fields.iter().map(|(f, value)| (f.label.clone(), value.clone())));
    let mut reviewers: BTreeMap<&str, u64> = BTreeMap::new();
    for cell in &s.cells {
        if let Some((_, who, _)) = &cell.decided {
            *reviewers.entry(who).or_default() += 1;
        }
    }
    let mut reviewers: Vec<_> = reviewers.into_iter().collect();
    reviewers.sort_by_key(|r| std::cmp::Reverse(r.1));
    let said = |(who, n): &(&str, u64)| format!("{who} ({})", words::counted(*n, "cell", "cells"));
    let reviewers: Vec<String> = reviewers.iter().map(said).collect();
    let none = || "nobody yet".to_owned();
    let label = if reviewers.len() > 1 { "Reviewers" } else { "Reviewer" };
    found.push((label.to_owned(), if reviewers.is_empty() { none() } else { reviewers.join(", ") }));
    match (s.status, &s.reviewer, &s.signed_at) {
        (Status::Signed, Some(who), Some(at)) => {
            let version = s.version.unwrap_or(1);
            found.push((
                "Signed".to_owned(),
                format!("by {who}, {}, version {version}", words::when(at, &material.particulars.zone)),
            ));
        }
        _ => found.push((
            "Last change".to_owned(),
            words::when(s.as_of(&material.particulars.imported_at), &material.particulars.zone),
        )),
    }
    if let Some(reason) = s.reason.as_ref().filter(|_| s.status == Status::Signed) {
        found.push(("Correction".to_owned(), reason.clone()));
    }
    if let Some(reason) = &s.no_wbc_reason {
        found.push(("No WBC counted".to_owned(), reason.clone()));
    }
    found.into_iter().map(field).collect()
}

fn field((label, value): (String, String)) -> Field {
    Field { label: words::safe(&label), value: words::safe(&value) }
}

fn origin(s: &Summary, material: &Material<'_>) -> Vec<Field> {
    let frames = material.frame.map_or_else(String::new, |(w, h)| format!(" of {w} x {h} px"));
    let scale = match (material.scale.um_per_px, material.scale.source) {
        (Some(x), ScaleSource::Profile) => format!("{} \u{b5}m per px (told by the frames' size)", words::bound(x)),
        (Some(x), ScaleSource::File) => format!("{} \u{b5}m per px (stated by the files)", words::bound(x)),
        (Some(x), _) => format!("{x} \u{b5}m per px"),
        (None, _) => "scale unknown".to_owned(),
    };
    let pictures = format!("{}{frames}, {scale}", words::counted(s.cells.len() as u64, "picture", "pictures"));
    let network = match (s.model, material.network) {
        (None, _) => "none".to_owned(),
        (Some(hash), Some(name)) => format!("{name}, SHA-256 {}", hash.short()),
        (Some(hash), None) => format!("SHA-256 {}", hash.short()),
    };
    let imported = words::when(&material.particulars.imported_at, &material.particulars.zone);
    [("Pictures", pictures), ("Imported", imported), ("Network", network)]
        .map(|(label, value)| field((label.to_owned(), value)))
        .into()
}

fn gallery_note(s: &Summary, material: &Material<'_>, gallery: &[Group]) -> String {
    let scale = match material.scale.um_per_px {
        Some(_) => format!("Each picture is {FIELD_UM} \u{b5}m wide; the bar is {BAR_UM} \u{b5}m."),
        None => "The scale of these pictures is not known; each is shown whole.".to_owned(),
    };
    let drawn = if s.phantom { " They are drawings." } else { "" };
    let unlike = match gallery.iter().flat_map(|group| &group.shots).any(|shot| shot.flagged) {
        true => " Unlike: the network finds the picture unlike its training data.",
        false => "",
    };
    format!("{scale} The number is the cell's place in the case.{unlike}{drawn}")
}

fn amends(a: &Amendment) -> Vec<String> {
    let cells = words::counted(a.cells.len() as u64, "cell was", "cells were");
    let mut lines = vec![format!("Against version {}: {cells} decided otherwise.", a.version)];
    let counts: Vec<String> =
        a.counts.iter().map(|c| format!("{} {} \u{2192} {}", words::safe(&c.class), c.before, c.now)).collect();
    if !counts.is_empty() {
        lines.push(format!("Counts: {}; WBC {} \u{2192} {}.", counts.join(", "), a.wbc[0], a.wbc[1]));
    }
    lines.extend(a.other_blasts().map(|said| words::safe(&format!("Otherwise {said}."))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_judged_by_its_range_and_by_its_interval() {
        let at = |percent, ci95, reference| {
            verdict(&Values { percent: Some(percent), ci95: Some(ci95), reference: Some(reference) })
        };
        assert_eq!(at(50.0, [40.0, 60.0], [40.0, 75.0]), ("within", false));
        assert_eq!(at(40.0, [30.0, 50.0], [40.0, 75.0]), ("within", false), "a bound is within");
        assert_eq!(at(80.0, [76.0, 90.0], [40.0, 75.0]), ("above", true));
        assert_eq!(at(80.0, [75.0, 90.0], [40.0, 75.0]), ("above, uncertain", true));
        assert_eq!(at(1.0, [0.0, 5.0], [2.0, 4.0]), ("below, uncertain", true));
        assert_eq!(at(1.0, [0.5, 1.9], [2.0, 4.0]), ("below", true));
        assert_eq!(verdict(&Values::default()), ("", false));
        let words = [[40.0, 75.0], [0.0, 5.5], [0.0, 0.0], [2.0, 100.0]].map(range);
        assert_eq!(words, ["40 to 75", "0 to 5.5", "0", "at least 2"]);
    }
}
