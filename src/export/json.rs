//! JSON, schema `leukoscope.case/1`: figures in full precision, keys in a fixed order.

use serde::Serialize;

use super::{
    flags::FlagJson,
    summary::percent,
    {Amendment, Readers, Summary},
};
use crate::domain::{CellNumber, Role, Share};

#[derive(Serialize)]
struct CaseJson<'a> {
    schema: &'static str,
    case: &'a str,
    phantom: bool,
    status: &'static str,
    version: Option<u32>,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_wbc_reason: Option<&'a str>,
    reviewer: Option<&'a str>,
    signed_at: Option<&'a str>,
    model: Option<String>,
    wbc: u64,
    target: u64,
    blasts: BlastsJson,
    blast_classes: Vec<String>,
    counts: Vec<CountJson<'a>>,
    nrbc_per_100_wbc: Option<f64>,
    smudge_per_100_wbc: Option<f64>,
    excluded: u64,
    unidentified: u64,
    unreviewed: u64,
    amends: Option<&'a Amendment>,
    readers: Option<&'a Readers>,
    flags: Vec<FlagJson<'a>>,
    cells: Vec<CellJson<'a>>,
}

#[derive(Serialize)]
struct BlastsJson {
    count: u64,
    percent: Option<f64>,
    ci95: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct CountJson<'a> {
    class: &'a str,
    name: &'a str,
    count: u64,
    percent: Option<f64>,
    ci95: Option<[f64; 2]>,
    loinc: Option<&'a str>,
}

#[derive(Serialize)]
struct CellJson<'a> {
    cell: CellNumber,
    id: i64,
    path: &'a str,
    sha256: String,
    predicted: Option<&'a str>,
    p: Option<f64>,
    unlike: Option<f32>,
    flagged: bool,
    decided: Option<&'a str>,
    by: Option<&'a str>,
    at: Option<&'a str>,
    bulk: Option<i64>,
}

/// The summary as one JSON object, ended by a newline.
///
/// `blasts` are the cells of the classes in `blast_classes`: what counts as a blast in this case, or did when it was signed.
/// `cell` is the cell's number in the case, `id` the one in the database.
/// `percent` and `ci95` are null for classes outside the WBC count and while no WBC is counted; `decided` is a class
/// code, `excluded`, or null. `flags` hold the thresholds that they were raised by. `unlike` is null where the network
/// cannot say how unlike its training data a picture is; `amends` is null for a first version, else what a corrected one
/// (or an open case that was signed before) changed; `readers` is null unless a signed version stands on two readings; `bulk` is a number that the cells of a step have in common, and null
/// for a cell that was decided by itself.
pub fn to_json(summary: &Summary) -> String {
    let blasts = summary.blasts();
    let json = CaseJson {
        schema: "leukoscope.case/1",
        case: &summary.case,
        phantom: summary.phantom,
        status: summary.status.name(),
        version: summary.version,
        reason: summary.reason.as_deref(),
        no_wbc_reason: summary.no_wbc_reason.as_deref(),
        reviewer: summary.reviewer.as_deref(),
        signed_at: summary.signed_at.as_deref(),
        model: summary.model.map(|m| m.to_string()),
        wbc: summary.wbc(),
        target: summary.target,
        blasts: BlastsJson {
            count: blasts.map_or(0, |b| b.count),
            percent: blasts.map(|b| b.percent()),
            ci95: blasts.map(|b| percent(b.ci95)),
        },
        blast_classes: summary.blast_names().codes().to_vec(),
        counts: summary.counts.iter().map(|c| count(summary.share(c), c)).collect(),
        nrbc_per_100_wbc: summary.per_100_wbc(Role::Nrbc),
        smudge_per_100_wbc: summary.per_100_wbc(Role::Smudge),
        excluded: summary.excluded,
        unidentified: summary.unidentified(),
        unreviewed: summary.unreviewed,
        amends: summary.amends.as_ref(),
        readers: summary.readers.as_ref(),
        flags: summary.flags.iter().map(FlagJson::of).collect(),
        cells: summary.cells.iter().map(cell).collect(),
    };
    let mut text = serde_json::to_string_pretty(&json).expect("strings, numbers and lists always serialise");
    text.push('\n');
    escape(&text)
}

fn count(share: Option<Share>, c: &super::Count) -> CountJson<'_> {
    CountJson {
        class: &c.class,
        name: &c.name,
        count: c.count,
        percent: share.map(|s| s.percent()),
        ci95: share.map(|s| percent(s.ci95)),
        loinc: c.loinc.as_deref(),
    }
}

fn cell(c: &super::CellRow) -> CellJson<'_> {
    let decided = c.decided.as_ref();
    CellJson {
        cell: c.cell,
        id: c.id.0,
        path: &c.path,
        sha256: c.sha256.to_string(),
        predicted: c.predicted.as_ref().map(|p| p.0.as_str()),
        p: c.predicted.as_ref().map(|p| p.1),
        unlike: c.unlike.map(|u| u.score),
        flagged: c.is_flagged(),
        decided: decided.map(|(d, ..)| d.code()),
        by: decided.map(|d| d.1.as_str()),
        at: decided.map(|d| d.2.as_str()),
        bulk: c.bulk,
    }
}

/// JSON text with the controls that JSON allows unescaped (DEL, C1, bidirectional marks) escaped: they occur in strings
/// only, and a terminal would obey them.
pub fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && crate::domain::steers(c) {
            // Two of them for what is not in the basic plane.
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::summary::tests::example, *};

    #[test]
    fn the_export_reads_back_with_exact_figures() {
        let text = to_json(&example());
        assert!(!text.contains('\x1b'));
        let v: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(v["case"], "Patient\x1b[2J 7");
        assert_eq!((&v["wbc"], &v["excluded"], &v["unreviewed"]), (&3.into(), &1.into(), &1.into()));
        let myo = v["counts"].as_array().expect("a list").iter().find(|c| c["class"] == "MYO").expect("MYO");
        assert_eq!(myo["percent"].as_f64(), Some(100.0 / 3.0));
        // SciPy: beta.ppf(.025, 1, 3), beta.ppf(.975, 2, 2).
        assert!((myo["ci95"][0].as_f64().expect("a number") - 0.8403758659612636).abs() < 1e-9, "{myo}");
        assert!((myo["ci95"][1].as_f64().expect("a number") - 90.57006759497538).abs() < 1e-9, "{myo}");
        let ebo = v["counts"].as_array().expect("a list").iter().find(|c| c["class"] == "EBO").expect("EBO");
        assert!(ebo["percent"].is_null() && ebo["count"] == 1);
        let decided: Vec<_> = v["cells"].as_array().expect("a list").iter().map(|c| c["decided"].as_str()).collect();
        assert_eq!(decided, [Some("MYO"), Some("NGS"), Some("NGS"), Some("EBO"), Some("excluded"), None]);
        assert_eq!(v["cells"][0]["predicted"], "MYO");
        assert_eq!((&v["cells"][0]["unlike"], &v["cells"][0]["flagged"]), (&0.75.into(), &true.into()));
        let flags: Vec<_> = v["flags"].as_array().expect("a list").iter().map(|f| (&f["name"], &f["origin"])).collect();
        // The only suggestion is flagged as unlike the training data, and raises nothing; 3 WBC are too few for a share.
        assert_eq!(flags, [(&"blasts".into(), &"decided".into())]);
        let finding = &v["flags"][0]["findings"][0];
        assert_eq!((&finding["count"], &finding["wbc"], &finding["limit"]["cells"]), (&1.into(), &3.into(), &1.into()));
        assert!(v["cells"][1]["unlike"].is_null() && v["cells"][1]["flagged"] == false);
    }

    #[test]
    fn controls_that_json_lets_through_are_escaped() {
        assert_eq!(escape("\u{1fffe}\u{fffe}"), "\\ud83f\\udffe\\ufffe");
        assert_eq!(escape("\"a\u{9b}b\u{202e}\u{7f}\"\n"), "\"a\\u009bb\\u202e\\u007f\"\n");
    }
}
