//! The laboratory that reports: its name, the fields of its reports, and the receiver of its messages. The file that says
//! so, and every problem in it with its place. Pure; the settings are data (`data/laboratory.toml`, or a laboratory's own file).

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{FileProblem, printable, problem::Problems, steers};

/// The file that ships with the program.
const SHIPPED: &str = include_str!("../../data/laboratory.toml");
/// Longest name of an application, a facility or an authority, in characters (HL7 v2.5.1, HD.1).
const LONGEST_HD: usize = 20;
/// What a reader is pointed to.
const SEE: &str = "data/laboratory.toml";

/// An identifier, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// URI of who gave it; empty: not said.
    #[serde(default)]
    pub system: String,
    /// The identifier.
    pub value: String,
}

/// A field that a report may carry: `Specimen`, `Slide`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What is typed.
    pub id: String,
    /// What stands on the report.
    pub label: String,
}

/// The receiver of HL7 messages, and how patiently it is talked to.
#[derive(Debug, Clone, PartialEq)]
pub struct Mllp {
    /// `HOST:PORT`; empty: nothing is sent.
    pub address: String,
    /// MSH-3.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long an acknowledgement may take.
    pub answer: Duration,
    /// Times that a message is sent again in one run after a lost connection or acknowledgement.
    pub retries: u32,
    /// Times that it is sent again in one run after an application error.
    pub refused_retries: u32,
    /// The wait before the first repetition; doubled for each further one.
    pub wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Mllp {
    /// The wait before repetition `n`, counted from 1.
    pub fn wait_before(&self, n: u32) -> Duration {
        let doubled = 2_u32.checked_pow(n.saturating_sub(1)).and_then(|times| self.wait.checked_mul(times));
        doubled.unwrap_or(self.longest_wait).min(self.longest_wait)
    }
}

/// The laboratory. The form of its file is explained at the head of `data/laboratory.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Laboratory {
    /// Its name; empty: not said.
    pub name: String,
    /// The lines of its address.
    pub address: Vec<String>,
    /// Its identifier.
    pub identifier: Option<Identifier>,
    /// URI of who gives patients' identifiers; empty: not said.
    pub patient_system: String,
    /// The same as a short name for HL7; empty: not said.
    pub patient_authority: String,
    /// What kind of identifier a patient's is, by HL7's table 0203 (PID-3.5): `PI`, `MR`.
    pub patient_type: String,
    /// What a report may carry, in the order that it is shown in.
    pub fields: Vec<Field>,
    /// The receiver of its messages.
    pub mllp: Mllp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<u32>,
    #[serde(default)]
    name: Option<Spanned<String>>,
    #[serde(default)]
    address: Vec<Spanned<String>>,
    identifier: Option<Spanned<Identifier>>,
    patient: Option<Spanned<PatientTable>>,
    #[serde(default)]
    field: Vec<FieldTable>,
    mllp: Option<Spanned<MllpTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PatientTable {
    system: String,
    authority: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Default for PatientTable {
    /// A patient's internal identifier.
    fn default() -> Self {
        Self { system: String::new(), authority: String::new(), kind: "PI".to_owned() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    id: Spanned<String>,
    label: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MllpTable {
    address: String,
    sending_application: String,
    sending_facility: String,
    receiving_application: String,
    receiving_facility: String,
    connect_s: f64,
    answer_s: f64,
    retries: u32,
    refused_retries: u32,
    wait_s: f64,
    longest_wait_s: f64,
}

impl Default for MllpTable {
    fn default() -> Self {
        Self {
            address: String::new(),
            sending_application: "LEUKOSCOPE".to_owned(),
            sending_facility: String::new(),
            receiving_application: String::new(),
            receiving_facility: String::new(),
            connect_s: 5.0,
            answer_s: 20.0,
            retries: 5,
            refused_retries: 0,
            wait_s: 1.0,
            longest_wait_s: 60.0,
        }
    }
}

impl Laboratory {
    /// The file that ships with the program: no name, the fields `specimen` and `slide`, no receiver.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("data/laboratory.toml is checked by a test")
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// All problems at once, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<FileProblem>> {
        let file: File = toml::from_str(text).map_err(|e| vec![FileProblem::of_toml(text, &e, SEE)])?;
        let mut reader = Reader { problems: Problems::of(text) };
        reader.problems.check_schema(&file.schema);
        let name = file.name.map_or_else(String::new, |n| reader.plain(n));
        let address = file.address.into_iter().map(|line| reader.plain(line)).collect();
        let identifier = file.identifier.and_then(|i| reader.identifier(i));
        let patient = file.patient.map_or_else(PatientTable::default, |p| reader.patient(p));
        let fields = reader.fields(file.field);
        let mllp = reader.mllp(file.mllp.unwrap_or_else(|| Spanned::new(0..0, MllpTable::default())));
        let PatientTable { system: patient_system, authority: patient_authority, kind: patient_type } = patient;
        reader.problems.unless_any(Self {
            name,
            address,
            identifier,
            patient_system,
            patient_authority,
            patient_type,
            fields,
            mllp,
        })
    }

    /// The fields that were given as `id=value`, in the order of the laboratory's list.
    ///
    /// # Errors
    /// One sentence that names the text, the reason and the remedy.
    pub fn fill(&self, given: &[String]) -> Result<Vec<(Field, String)>, String> {
        let mut found: Vec<(usize, String)> = Vec::new();
        for text in given {
            let shown = printable(text);
            let Some((id, value)) = text.split_once('=') else {
                return Err(format!("--field {shown}: write it as ID=VALUE; {}", self.known_fields()));
            };
            let Some(place) = self.fields.iter().position(|f| f.id == id) else {
                let near = self.fields.iter().map(|f| (strsim::jaro_winkler(&f.id, id), &f.id));
                let near = near.filter(|n| n.0 > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
                let remedy = near.map_or_else(|| self.known_fields(), |(_, id)| format!("did you mean `{id}`?"));
                return Err(format!("--field {shown}: there is no field `{}`; {remedy}", printable(id)));
            };
            let value = value.trim();
            if value.is_empty() || value.chars().any(steers) {
                return Err(format!("--field {shown}: give a value of plain characters"));
            }
            if found.iter().any(|(p, _)| *p == place) {
                return Err(format!("--field {shown}: `{id}` is given twice; leave one out"));
            }
            found.push((place, value.to_owned()));
        }
        found.sort_by_key(|f| f.0);
        Ok(found.into_iter().map(|(place, value)| (self.fields[place].clone(), value)).collect())
    }

    fn known_fields(&self) -> String {
        let ids: Vec<_> = self.fields.iter().map(|f| format!("`{}`", f.id)).collect();
        match ids.as_slice() {
            [] => "the laboratory's file lists no field".to_owned(),
            ids => format!("the laboratory's file lists {}", ids.join(", ")),
        }
    }
}

struct Reader<'a> {
    problems: Problems<'a>,
}

impl Reader<'_> {
    fn plain(&mut self, text: Spanned<String>) -> String {
        if text.get_ref().chars().any(steers) {
            self.problems.add(text.span(), "use plain characters on one line");
        }
        text.into_inner().trim().to_owned()
    }

    fn identifier(&mut self, table: Spanned<Identifier>) -> Option<Identifier> {
        let span = table.span();
        let Identifier { system, value } = table.into_inner();
        if !is_uri(&system) {
            self.problems.add(span.clone(), "`system` is a URI without spaces, such as urn:oid:1.2.3, or \"\"");
        }
        if value.chars().any(steers) {
            self.problems.add(span, "use plain characters on one line");
        }
        let value = value.trim().to_owned();
        (!value.is_empty()).then_some(Identifier { system, value })
    }

    fn patient(&mut self, table: Spanned<PatientTable>) -> PatientTable {
        let span = table.span();
        let table = table.into_inner();
        if !is_uri(&table.system) {
            self.problems.add(span.clone(), "`system` is a URI without spaces, such as urn:oid:1.2.3, or \"\"");
        }
        if table.authority.chars().any(steers) || table.authority.chars().count() > LONGEST_HD {
            self.problems.add(span.clone(), "`authority` has at most 20 plain characters");
        }
        if !(2..=5).contains(&table.kind.len()) || !table.kind.chars().all(|c| c.is_ascii_uppercase()) {
            self.problems.add(span, "`type` is a code of HL7's table 0203, such as PI or MR");
        }
        table
    }

    fn fields(&mut self, tables: Vec<FieldTable>) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for FieldTable { id, label } in tables {
            let span = id.span();
            let id = id.into_inner();
            if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
                self.problems.add(span, "a field's id has ASCII letters, digits, - and _ only");
            } else if fields.iter().any(|f| f.id == id) {
                self.problems.add(span, "two fields have this id; rename one");
            }
            if label.get_ref().trim().is_empty() {
                self.problems.add(label.span(), "a field needs a label, as it stands on the report");
            }
            fields.push(Field { id, label: self.plain(label) });
        }
        fields
    }

    fn mllp(&mut self, table: Spanned<MllpTable>) -> Mllp {
        let span = table.span();
        let t = table.into_inner();
        let port = Some(t.address.as_str()).filter(|a| !a.chars().any(steers));
        let port = port.and_then(|a| a.rsplit_once(':')).filter(|(host, _)| !host.is_empty());
        let port = port.map(|(_, port)| port.parse::<u16>());
        if !t.address.is_empty() && !matches!(port, Some(Ok(1..))) {
            self.problems.add(span.clone(), "`address` is HOST:PORT, such as lis.example:2575, or \"\"");
        }
        let names = [&t.sending_application, &t.sending_facility, &t.receiving_application, &t.receiving_facility];
        if names.iter().any(|n| n.chars().any(steers) || n.chars().count() > LONGEST_HD) {
            self.problems.add(span.clone(), "applications and facilities have at most 20 plain characters");
        }
        let mut seconds = |s: f64, least: f64| {
            if !(least..=3600.0).contains(&s) {
                let say = "connect_s and answer_s are from 0.01 to 3600 seconds, wait_s and longest_wait_s from 0 on";
                self.problems.add(span.clone(), say);
            }
            Duration::try_from_secs_f64(s).unwrap_or_default()
        };
        let (connect, answer) = (seconds(t.connect_s, 0.01), seconds(t.answer_s, 0.01));
        let (wait, longest_wait) = (seconds(t.wait_s, 0.0), seconds(t.longest_wait_s, 0.0));
        if t.retries > 1000 || t.refused_retries > 1000 {
            self.problems.add(span, "retries and refused_retries are at most 1000");
        }
        Mllp {
            address: t.address,
            sending_application: t.sending_application,
            sending_facility: t.sending_facility,
            receiving_application: t.receiving_application,
            receiving_facility: t.receiving_facility,
            connect,
            answer,
            retries: t.retries,
            refused_retries: t.refused_retries,
            wait,
            longest_wait,
        }
    }
}

/// Whether a text can stand where FHIR wants a URI; empty: not said.
fn is_uri(text: &str) -> bool {
    text.is_empty() || (text.contains(':') && !text.chars().any(|c| c.is_whitespace() || steers(c)))
}

#[cfg(test)]
mod tests;
