//! CSV: one row a class, then the counts outside the WBC.

use super::{Count, Summary};
use crate::domain::Role;

/// The summary as CSV with a header; figures in full precision, empty where there is none.
pub fn to_csv(summary: &Summary) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    let header = [
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
    let version = summary.version.map_or_else(String::new, |v| v.to_string());
    let wbc = summary.wbc();
    let mut write = |class: &str, name: &str, count: u64, figures: [String; 5]| {
        let [percent, low, high, per_100, loinc] = figures;
        let row = [
            spreadsheet_safe(&summary.case),
            summary.status.name().to_owned(),
            version.clone(),
            class.to_owned(),
            name.to_owned(),
            count.to_string(),
            wbc.to_string(),
            percent,
            low,
            high,
            per_100,
            loinc,
        ];
        out.write_record(row).expect("writing to memory does not fail");
    };
    write_header(&mut write, summary);
    let rows = out.into_inner().expect("writing to memory does not fail");
    let mut text = header.join(",") + "\n";
    text.push_str(&String::from_utf8(rows).expect("made of strings"));
    text
}

fn write_header(write: &mut impl FnMut(&str, &str, u64, [String; 5]), summary: &Summary) {
    for c in &summary.counts {
        write(&c.class, &c.name, c.count, figures(summary, c));
    }
    if let Some(b) = summary.blasts() {
        let [low, high] = super::summary::percent(b.ci95);
        write(
            "",
            "all blasts",
            b.count,
            [b.percent().to_string(), low.to_string(), high.to_string(), String::new(), "26446-5".into()],
        );
    }
    write("", "excluded", summary.excluded, Default::default());
    write("", "unreviewed", summary.unreviewed, Default::default());
}

fn figures(summary: &Summary, c: &Count) -> [String; 5] {
    let loinc = c.loinc.clone().unwrap_or_default();
    if let Some(share) = summary.share(c) {
        let [low, high] = super::summary::percent(share.ci95);
        return [share.percent().to_string(), low.to_string(), high.to_string(), String::new(), loinc];
    }
    let per_100 = matches!(c.role, Role::Nrbc | Role::Smudge).then(|| summary.per_100_wbc(c.role)).flatten();
    [String::new(), String::new(), String::new(), per_100.map_or_else(String::new, |p| p.to_string()), loinc]
}

/// A text that no spreadsheet takes for a formula: one that begins like a formula gets a leading apostrophe.
fn spreadsheet_safe(text: &str) -> String {
    let text = crate::domain::printable(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::{super::summary::tests::example, *};

    #[test]
    fn rows_read_back() {
        let mut s = example();
        s.case = "=cmd|' /C calc'!A0, \"x\"".into();
        let text = to_csv(&s);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
        let find = |name: &str| rows.iter().find(|r| &r[4] == name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(&find("myeloblast")[0], "'=cmd|' /C calc'!A0, \"x\"");
        assert_eq!((&find("myeloblast")[5], &find("myeloblast")[6]), ("1", "3"));
        assert_eq!(find("myeloblast")[7].parse::<f64>().ok(), Some(100.0 / 3.0));
        assert_eq!(
            (&find("erythroblast (NRBC)")[7], find("erythroblast (NRBC)")[10].parse::<f64>().ok()),
            ("", Some(100.0 / 3.0))
        );
        assert_eq!((&find("excluded")[5], &find("unreviewed")[5]), ("1", "1"));
    }
}
