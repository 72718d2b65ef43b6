//! CSV: one row a class, then the counts outside the WBC.

use super::{Count, Particulars, Summary};
use crate::domain::{Role, Share};

const HEADER: [&str; 12] = [
    "case",
    "status",
    "version",
    "class",
    "name",
    "count",
    "wbc",
    "percent",
    "ci95_low",
    "ci95_high",
    "per_100_wbc",
    "loinc",
];

/// Percent, both ends of its interval, cells per 100 WBC, LOINC code; empty where there is none.
type Figures = [String; 5];

/// The summary as CSV with a header; figures to twelve digits, empty where there is none.
pub fn to_csv(summary: &Summary, particulars: &Particulars) -> String {
    let mut rows: Vec<(&str, &str, u64, Figures)> =
        summary.counts.iter().map(|c| (c.class.as_str(), c.name.as_str(), c.count, figures(summary, c))).collect();
    let names = summary.blast_names().title();
    if let Some(b) = summary.blasts() {
        let loinc = summary.is_of_blasts_alone().then(|| particulars.loinc.blasts.code.clone());
        rows.push(("", &names, b.count, of_share(&b, loinc.unwrap_or_default())));
    }
    rows.push(("", "excluded", summary.excluded, Figures::default()));
    rows.push(("", "unreviewed", summary.unreviewed, Figures::default()));

    let case = spreadsheet_safe(&summary.case);
    let version = summary.version.map_or_else(String::new, |v| v.to_string());
    let wbc = summary.wbc().to_string();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADER).expect("writing to memory does not fail");
    for (class, name, count, figures) in &rows {
        let loinc = spreadsheet_safe(&figures[4]);
        let (count, class, name) = (count.to_string(), spreadsheet_safe(class), spreadsheet_safe(name));
        let head = [&case, summary.status.name(), &version, &class, &name, &count, &wbc];
        let record = head.into_iter().chain(figures[..4].iter().map(String::as_str)).chain([loinc.as_str()]);
        out.write_record(record).expect("writing to memory does not fail");
    }
    String::from_utf8(out.into_inner().expect("writing to memory does not fail")).expect("made of strings")
}

fn of_share(share: &Share, loinc: String) -> Figures {
    let [low, high] = super::summary::percent(share.ci95);
    [figure(share.percent()), figure(low), figure(high), String::new(), loinc]
}

/// A figure to twelve significant digits, without needless zeros: more of them tell of the arithmetic, not of the count.
pub(super) fn figure(x: f64) -> String {
    format!("{x:.11e}").parse::<f64>().unwrap_or(x).to_string()
}

fn figures(summary: &Summary, c: &Count) -> Figures {
    let loinc = c.loinc.clone().unwrap_or_default();
    if let Some(share) = summary.share(c) {
        return of_share(&share, loinc);
    }
    let per_100 = matches!(c.role, Role::Nrbc | Role::Smudge).then(|| summary.per_100_wbc(c.role)).flatten();
    [String::new(), String::new(), String::new(), per_100.map_or_else(String::new, figure), loinc]
}

/// A text that no spreadsheet takes for a formula: one that begins like a formula, also behind blanks or in full width, gets a leading
/// apostrophe.
pub(super) fn spreadsheet_safe(text: &str) -> String {
    let text = crate::domain::printable(text);
    let begins = text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins { format!("'{text}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::{
        super::summary::tests::{counting, example, particulars},
        *,
    };

    #[test]
    fn figures_have_no_noise_of_arithmetic() {
        assert_eq!(figure(97.49999999999999), "97.5");
        assert_eq!([0.0, 100.0, 0.1 + 0.2, 1e-9, 123456.0].map(figure), ["0", "100", "0.3", "0.000000001", "123456"]);
    }

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (text, safe) in
            [("=1+1", "'=1+1"), (" @x", "' @x"), ("\u{ff1d}1", "'\u{ff1d}1"), ("-", "'-"), ("a=1", "a=1")]
        {
            assert_eq!(spreadsheet_safe(text), safe);
        }
    }

    #[test]
    fn rows_read_back() {
        let mut s = example();
        s.case = "=cmd|' /C calc'!A0, \"x\"".into();
        let text = to_csv(&s, &particulars());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
        let find = |name: &str| rows.iter().find(|r| &r[4] == name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(&find("myeloblast")[0], "'=cmd|' /C calc'!A0, \"x\"");
        assert_eq!((&find("myeloblast")[5], &find("myeloblast")[6]), ("1", "3"));
        assert_eq!(&find("myeloblast")[7], "33.3333333333");
        assert_eq!((&find("erythroblast (NRBC)")[7], &find("erythroblast (NRBC)")[10]), ("", "33.3333333333"));
        assert_eq!((&find("blasts (MYO MOB LBL BLU)")[11], &find("myeloblast")[11]), ("26446-5", "30445-1"));
        assert_eq!((&find("excluded")[5], &find("unreviewed")[5]), ("1", "1"));
    }

    #[test]
    fn a_share_of_blasts_and_equivalents_is_named_so_and_has_no_code_for_blasts() {
        let text = to_csv(&counting(&["MYO", "MOB", "PMO"]), &particulars());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
        let row = rows.iter().find(|r| &r[4] == "blasts and equivalents (MYO MOB PMO)").expect("the row");
        assert_eq!((&row[3], &row[5], &row[6], &row[11]), ("", "1", "3", ""));
    }
}
