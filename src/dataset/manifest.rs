//! A CSV file that names images and their labels.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use csv::StringRecord;

use super::{
    Dataset, DatasetError, LabelledImage,
    csv_text::{self, CsvText},
};
use crate::domain::{ClassTable, Refusal, printable};

/// Where the columns are.
struct Columns {
    path: usize,
    class: usize,
    patient: Option<usize>,
    split: Option<usize>,
    um_per_px: Option<usize>,
    number: usize,
}

/// Reads the manifest at `file`.
pub(super) fn read(file: &Path, table: &ClassTable) -> Result<Dataset, DatasetError> {
    let CsvText { text, separator } = csv_text::read(file)?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).delimiter(separator).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| DatasetError::new(file, e.to_string()))?;
    let columns = Columns::find(header).map_err(|what| DatasetError::new(file, what))?;
    let records: Vec<StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(|e| DatasetError::new(file, e.to_string()))?;
    let (base, above) = base(file, records.iter().filter_map(|r| r.get(columns.path)));
    let mut set = Dataset::default();
    if above {
        set.warnings.push(format!("{}: its paths start in the folder above it", printable(&file.to_string_lossy())));
    }
    let mut first: HashMap<PathBuf, u64> = HashMap::new();
    for record in &records {
        let line = record.position().map_or(0, csv::Position::line);
        let row = row(record, &columns, &base, table).and_then(|image| match image {
            Some(image) => match first.insert(image.path.clone(), line) {
                Some(earlier) => Err(format!("the image of line {earlier} again")),
                None => Ok(Some(image)),
            },
            None => Ok(None),
        });
        match row {
            Ok(Some(image)) => set.images.push(image),
            Ok(None) => set.unlabelled += 1,
            Err(what) => set.refused.push(Refusal { path: file.to_owned(), reason: format!("line {line}: {what}") }),
        }
    }
    Ok(set)
}

/// So many files are looked for to tell where paths start.
const LOOKED_FOR: usize = 100;

/// The folder in which the paths start, and whether it is not the file's own: manifests that were written for several sets
/// side by side name the set's folder as well.
fn base<'a>(file: &Path, names: impl Iterator<Item = &'a str> + Clone) -> (PathBuf, bool) {
    let own =
        std::path::absolute(file).unwrap_or_else(|_| file.to_owned()).parent().unwrap_or(Path::new("")).to_owned();
    let holds = |base: &Path| names.clone().filter(|n| !n.is_empty()).take(LOOKED_FOR).any(|n| base.join(n).is_file());
    match own.parent() {
        Some(above) if !holds(&own) && holds(above) => (above.to_owned(), true),
        _ => (own, false),
    }
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, String> {
        let at = |name: &str| header.iter().position(|h| h == name);
        let needed = |name: &str| {
            at(name).ok_or_else(|| {
                let found = printable(&header.iter().collect::<Vec<_>>().join(",")).into_owned();
                let shown: String = found.chars().take(120).collect();
                format!("line 1: no column is called `{name}`; a manifest starts with path,class and is separated by commas, this one with `{shown}`")
            })
        };
        let [path, class] = [needed("path")?, needed("class")?];
        let (patient, split, um_per_px) = (at("patient"), at("split"), at("um_per_px"));
        Ok(Self { path, class, patient, split, um_per_px, number: header.len() })
    }
}

/// The image of a row; `None`: it has no label.
fn row(
    record: &StringRecord,
    columns: &Columns,
    base: &Path,
    table: &ClassTable,
) -> Result<Option<LabelledImage>, String> {
    if record.len() != columns.number {
        return Err(format!("{} fields instead of the header's {}", record.len(), columns.number));
    }
    let text = |at: Option<usize>| at.and_then(|i| record.get(i)).filter(|t| !t.is_empty()).map(str::to_owned);
    let name = text(Some(columns.path)).ok_or("names no file")?;
    let Some(code) = text(Some(columns.class)) else { return Ok(None) };
    let class = table.by_code(&code).ok_or_else(|| unknown(&code, table))?;
    let scale = text(columns.um_per_px).map(|t| scale(&t)).transpose()?;
    Ok(Some(LabelledImage {
        path: base.join(&name),
        name: name.replace('\\', "/"),
        class,
        patient: text(columns.patient),
        split: text(columns.split),
        um_per_px: scale,
    }))
}

fn unknown(code: &str, table: &ClassTable) -> String {
    let meant = table.by_label(code).map_or_else(String::new, |id| format!("; write {}", table.code(id)));
    format!("`{}` is no class code of the table{meant}", printable(code))
}

fn scale(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|s| (0.005..=5.0).contains(s));
    value.ok_or_else(|| format!("um_per_px `{}` is no scale; a camera on a microscope has 0.005 to 5", printable(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Result<Dataset, DatasetError> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("cells.csv");
        std::fs::write(&file, text).expect("written");
        read(&file, &ClassTable::default())
    }

    #[test]
    fn columns_are_found_by_name_and_empty_classes_counted() {
        let text = "\u{feff}patient, source_label,path,class,split,um_per_px\r\np1,\"Blast, no lineage spec\",a/b.jpg,MYO,val,\np1,IG,c.jpg,,val,\n,x,d.jpg,NGS,,0.133\n";
        let set = set(text).expect("a manifest");
        assert_eq!((set.images.len(), set.unlabelled, set.refused.len()), (2, 1, 0));
        let (a, d) = (&set.images[0], &set.images[1]);
        assert!(a.path.ends_with("a/b.jpg") && a.path.is_absolute());
        assert_eq!((a.name.as_str(), a.patient.as_deref(), a.split.as_deref()), ("a/b.jpg", Some("p1"), Some("val")));
        assert_eq!((d.patient.as_deref(), d.split.as_deref(), d.um_per_px), (None, None, Some(0.133)));
    }

    #[test]
    fn bad_rows_are_named_by_line_and_the_rest_is_read() {
        let text = "path,class,um_per_px\na.jpg,MYO,\nb.jpg,Myeloblast,\nc.jpg\n,NGS,\na.jpg,NGS,\nd.jpg,NGS,13\ne.jpg,CAT,\nf.jpg,NGS,\n";
        let set = set(text).expect("a manifest");
        assert_eq!(set.images.len(), 2);
        let says: Vec<_> = set.refused.iter().map(|r| r.reason.as_str()).collect();
        assert!(
            says[0].starts_with("line 3: `Myeloblast` is no class code") && says[0].ends_with("write MYO"),
            "{says:?}"
        );
        assert!(says[1].starts_with("line 4: 1 fields") && says[2].starts_with("line 5: names no file"), "{says:?}");
        assert!(says[3].starts_with("line 6: the image of line 2") && says[4].contains("`13` is no scale"), "{says:?}");
        assert!(says[5].starts_with("line 8: `CAT`") && says.len() == 6);
    }

    #[test]
    fn paths_start_beside_the_file_or_above_it_where_the_images_are() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(dir.path().join("a/cells")).expect("made");
        std::fs::write(dir.path().join("a/cells/1.jpg"), "i").expect("written");
        let file = dir.path().join("a/cells.csv");
        for (name, warnings) in [("cells/1.jpg", 0), ("a/cells/1.jpg", 1)] {
            std::fs::write(&file, format!("path,class\nno.jpg,NGS\n{name},NGS\n")).expect("written");
            let set = read(&file, &ClassTable::default()).expect("a manifest");
            assert!(set.images[1].path.is_file());
            assert_eq!((set.images[1].name.as_str(), set.warnings.len()), (name, warnings));
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused_as_a_whole() {
        for (text, says) in [
            ("path|class\na|MYO\n", "no column is called `path`"),
            ("path,label\na,MYO\n", "no column is called `class`"),
            ("", "is empty"),
        ] {
            let error = set(text).expect_err("no manifest").to_string();
            assert!(error.contains(says) && error.contains("cells.csv"), "{error}");
        }
    }
}
