//! What stands on the page: data only, in the words and the order in which it is read. Templates see these fields.

use serde::Serialize;

/// The report of a case. All texts are safe to show; figures are given as text, rounded, and as numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// BCP 47 tag of the language that it is written in.
    pub lang: String,
    /// Title of the document.
    pub title: String,
    /// Name of the laboratory; empty: none was configured.
    pub laboratory: String,
    /// Its address, line by line.
    pub address: Vec<String>,
    /// Name of the case.
    pub case: String,
    /// What must be seen before anything else.
    pub banners: Vec<Banner>,
    /// Case, patient, specimen and slide, reviewers, dates.
    pub fields: Vec<Field>,
    /// How it was made: pictures, network, program.
    pub origin: Vec<Field>,
    /// Classes of the WBC that a healthy smear holds or that were counted, in the table's order.
    pub rows: Vec<Row>,
    /// All blast classes together.
    pub blasts: Row,
    /// The right end of the bars' axis, in percent.
    pub axis: f64,
    /// Its marks, in percent.
    pub ticks: Vec<f64>,
    /// The axis as SVG.
    pub axis_svg: String,
    /// WBC counted: the denominator.
    pub wbc: u64,
    /// WBC that were to be counted.
    pub target: u64,
    /// Where the reference ranges come from; empty: none are used.
    pub ranges_source: String,
    /// A row has a verdict that its interval does not bear out.
    pub uncertain: bool,
    /// The classes of the WBC of which no cell was found, in one sentence; empty: all were.
    pub not_found: String,
    /// Erythroblasts and smudge cells.
    pub per_hundred: Vec<PerHundred>,
    /// Cells outside every denominator, by name and number; excluded, unidentified and unreviewed ones among them.
    pub outside: Vec<(String, u64)>,
    /// What stands out: where it was found, and a sentence.
    pub flags: Vec<(String, String)>,
    /// Notes and tags.
    pub comments: Vec<Comment>,
    /// Cells that stand for their class, blasts first.
    pub gallery: Vec<Group>,
    /// The line below the gallery's heading.
    pub gallery_note: String,
    /// How far decisions and suggestions agree.
    pub agreement: Agreement,
    /// Signed versions and reopenings, oldest first.
    pub versions: Vec<Version>,
    /// What the version shown changed against the one before, line by line.
    pub amends: Vec<String>,
    /// The last line.
    pub footer: String,
    /// When the record was signed or last changed, RFC 3339: the date of the document.
    pub dated: String,
}

/// A word in capitals and what it means here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// `PRELIMINARY`.
    pub word: String,
    /// `not signed; ...`
    pub text: String,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// What was given.
    pub value: String,
}

/// A line of the differential.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Class code; empty for sums.
    pub code: String,
    /// Class name.
    pub name: String,
    /// Cells.
    pub count: u64,
    /// Percent of the WBC; empty while no WBC is counted.
    pub percent: String,
    /// Exact 95% interval: `16.2 to 24.3`.
    pub interval: String,
    /// Reference range: `40 to 75`; empty: there is none.
    pub reference: String,
    /// `within`, `above`, `below`; with `, uncertain` where the interval reaches into the range; empty: no range.
    pub verdict: String,
    /// It is outside its reference range.
    pub outside: bool,
    /// Percent, both ends of the interval, both of the range; `None`: not known.
    pub values: Values,
    /// The bar as SVG.
    pub bar_svg: String,
}

/// The numbers of a row, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Values {
    /// The share.
    pub percent: Option<f64>,
    /// Its interval.
    pub ci95: Option<[f64; 2]>,
    /// The reference range.
    pub reference: Option<[f64; 2]>,
}

/// Cells that are given per 100 WBC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerHundred {
    /// What they are.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Per 100 WBC, to one decimal; `-` while no WBC is counted.
    pub per_100: String,
    /// Reference range and verdict; empty: there is none.
    pub reference: String,
}

/// A note, or a tag and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// `case`, `cell 12`.
    pub on: String,
    /// What it says.
    pub text: String,
    /// Who wrote it and when; empty for tags.
    pub by: String,
}

/// Cells that stand for a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Class code.
    pub code: String,
    /// Class name.
    pub name: String,
    /// Whether it is a blast class.
    pub blast: bool,
    /// Cells of the class in the case.
    pub count: u64,
    /// The cells shown.
    pub shots: Vec<Shot>,
}

/// One cell of the gallery.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shot {
    /// Its place in the case, counted from 1.
    pub number: u32,
    /// What it shows, in words.
    pub alt: String,
    /// The picture as a `data:` URI; empty: there is none.
    pub src: String,
    /// Side of the picture in px.
    pub px: u32,
    /// Why there is no picture.
    pub missing: String,
    /// The network takes the picture for unlike its training data.
    pub flagged: bool,
    /// The JPEG file itself, for PDF.
    #[serde(skip)]
    pub jpeg: std::sync::Arc<Vec<u8>>,
}

/// How far decisions and suggestions agree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Agreement {
    /// One sentence.
    pub sentence: String,
    /// Kinds of change, most frequent first.
    pub changes: Vec<Change>,
    /// Decided cells that have a suggestion.
    pub compared: u64,
    /// Of those, decided as suggested.
    pub kept: u64,
}

/// Cells that were suggested as one class and decided as another, or excluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Code suggested.
    pub from: String,
    /// Code decided, or `excluded`.
    pub to: String,
    /// Cells.
    pub count: u64,
}

/// A signed version, or a reopening that has not been signed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// `version 1`, `reopened`.
    pub name: String,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// `200 WBC, 42 blasts`; empty for a reopening.
    pub counts: String,
    /// Why it was made; empty for the first.
    pub reason: String,
    /// It is the one that is shown.
    pub shown: bool,
}
