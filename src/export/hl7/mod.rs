//! HL7 v2.5.1: an ORU^R01 message.
//!
//! MSH, PID where a patient's identifier was passed in, one OBR with what there is to say as NTE, an OBX for each result with an NTE
//! that says what it stands on, and SPM where a specimen was named. Sending it is not here (`mllp`, `cli/send.rs`).

mod segment;

use segment::{Segment, time};
use uuid::Uuid;

use super::{
    Particulars, Status, Summary,
    results::{Ids, Outcome, Unit, comments, one_line, outcomes},
};
use crate::domain::Against;

/// The coding system of this program's own codes; local systems begin with 99 (HL7 table 0396).
const OWN: &str = "99LEU";

/// The case as one message, its segments ended by carriage returns.
///
/// The same record gives the same bytes: the time of the message is the record's, and its control id is [`control_id`] for a signed
/// version, else a name of the content. A message about drawn cells is marked as training (MSH-11 `T`).
pub fn to_hl7(summary: &Summary, particulars: &Particulars) -> String {
    let body = body(summary, particulars);
    let control = control_id(summary).unwrap_or_else(|| short(Uuid::new_v5(&Ids::of(summary).case, body.as_bytes())));
    header(summary, particulars, &control) + &body
}

/// The control id (MSH-10) of a signed version: the same whenever it is sent, so that a receiver knows a repetition for one. 20
/// characters, as v2.5.1 allows; `None` for an open case.
pub fn control_id(summary: &Summary) -> Option<String> {
    (summary.status == Status::Signed).then(|| short(Ids::of(summary).id("message")))
}

/// The first 100 bits of a UUID in the 32 digits and letters of Crockford's alphabet.
fn short(id: Uuid) -> String {
    let digit = |i: u32| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(id.as_u128() >> (123 - 5 * i)) as usize & 31];
    (0..20).map(|i| char::from(digit(i))).collect()
}

fn header(s: &Summary, p: &Particulars, control: &str) -> String {
    let mllp = &p.laboratory.mllp;
    // A facility's name is short (HD.1 has 20 characters): a longer name of the laboratory is in OBX-23 alone.
    let name = Some(p.laboratory.name.as_str()).filter(|name| name.chars().count() <= 20).unwrap_or_default();
    let facility = if mllp.sending_facility.is_empty() { name } else { &mllp.sending_facility };
    Segment::msh()
        .text(3, &mllp.sending_application)
        .text(4, facility)
        .text(5, &mllp.receiving_application)
        .text(6, &mllp.receiving_facility)
        .raw(7, time(s.as_of(&p.imported_at)))
        .raw(9, "ORU^R01^ORU_R01")
        .text(10, control)
        .raw(11, if s.phantom { "T" } else { "P" })
        .raw(12, "2.5.1")
        .raw(18, "UNICODE UTF-8")
        .line()
}

fn body(s: &Summary, p: &Particulars) -> String {
    let mut message = String::new();
    if let Some(patient) = &p.patient {
        message += &patient_segment(patient, p).line();
    }
    message += &request(s, p).line();
    for (i, comment) in (1..).zip(comments(s, p)) {
        message += &note(i, &comment);
    }
    let mut number = 0;
    for o in outcomes(s, p) {
        number += 1;
        message += &result(number, &o, s, p).line();
        for (i, said) in (1..).zip(o.basis().iter().chain(&o.note)) {
            message += &note(i, said);
        }
    }
    for (field, value) in p.fields.iter().filter(|(f, _)| f.id != "specimen") {
        number += 1;
        let segment = Segment::new("OBX").raw(1, number.to_string()).raw(2, "ST");
        let segment = segment.parts(3, &[&field.id, &field.label, OWN]).text(5, value);
        message += &segment.raw(11, status(s, false)).line();
    }
    if let Some(specimen) = p.field("specimen") {
        message += &Segment::new("SPM").raw(1, "1").text(2, specimen).raw(4, "BLD^Whole blood^HL70487").line();
    }
    message
}

fn note(number: usize, text: &str) -> String {
    Segment::new("NTE").raw(1, number.to_string()).raw(2, "L").text(3, text).line()
}

/// The patient by the identifier alone: the name is said to be unspecified (table 0200, `U`).
fn patient_segment(patient: &str, p: &Particulars) -> Segment {
    let laboratory = &p.laboratory;
    let oid = laboratory.patient_system.strip_prefix("urn:oid:");
    let authority = match (laboratory.patient_authority.as_str(), oid) {
        (name, Some(oid)) => format!("{}&{}&ISO", segment::escaped(name), segment::escaped(oid)),
        (name, None) => segment::escaped(name),
    };
    let id = segment::escaped(patient);
    let id = if authority.is_empty() { id } else { format!("{id}^^^{authority}") };
    Segment::new("PID").raw(1, "1").raw(3, id).raw(5, "^^^^^^U")
}

fn request(s: &Summary, p: &Particulars) -> Segment {
    let panel = &p.loinc.panel;
    let report = match (s.status, s.version) {
        (Status::Open, _) => "P",
        (Status::Signed, Some(2..)) => "C",
        (Status::Signed, _) => "F",
    };
    let segment = Segment::new("OBR")
        .raw(1, "1")
        .parts(3, &[&one_line(&s.case), &p.laboratory.mllp.sending_application])
        .parts(4, &[&panel.code, &panel.name, "LN"])
        .raw(22, time(s.as_of(&p.imported_at)))
        .raw(24, "HM")
        .raw(25, report);
    match &s.reviewer {
        Some(who) => segment.raw(32, format!("&{}", segment::escaped(&one_line(who)))),
        None => segment,
    }
}

/// OBX-11: of a correction the results that are other ones are `C`, the others stay `F`.
fn status(s: &Summary, changed: bool) -> &'static str {
    match s.status {
        Status::Open => "P",
        Status::Signed if changed => "C",
        Status::Signed => "F",
    }
}

fn result(number: usize, o: &Outcome<'_>, s: &Summary, p: &Particulars) -> Segment {
    let name = one_line(&o.name);
    let code = match &o.loinc {
        Some((code, display)) => {
            vec![code.as_str(), display.as_deref().unwrap_or(&name), "LN", &o.key, &name, OWN]
        }
        None => vec![o.key.as_str(), &name, OWN],
    };
    let unit = match o.unit {
        Unit::Percent => ["%", "percent", "UCUM"],
        unit => [unit.ucum(), unit.text(), "UCUM"],
    };
    let flag = o.against().map_or("", |against| match against {
        Against::Low => "L",
        Against::Within => "N",
        Against::High => "H",
    });
    // Table 0085: I, results pending; X, results cannot be obtained.
    let status = match (o.value, s.status) {
        (Some(_), _) => status(s, o.changed),
        (None, Status::Open) => "I",
        (None, Status::Signed) => "X",
    };
    let segment = Segment::new("OBX")
        .raw(1, number.to_string())
        .raw(2, "NM")
        .parts(3, &code)
        .raw(5, o.rounded().map_or_else(String::new, |v| v.to_string()))
        .parts(6, &unit)
        .text(7, &o.range.map_or_else(String::new, |r| r.text()))
        .raw(8, flag)
        .raw(11, status)
        .raw(19, time(s.as_of(&p.imported_at)));
    let segment = match &s.reviewer {
        Some(who) => segment.parts(16, &["", &one_line(who)]),
        None => segment,
    };
    let segment = match s.model {
        Some(sha256) => segment.parts(18, &[&sha256.to_string(), "leukoscope network"]),
        None => segment,
    };
    let laboratory = &p.laboratory;
    if laboratory.name.is_empty() {
        return segment;
    }
    let lines: Vec<&str> = laboratory.address.iter().map(String::as_str).collect();
    segment.text(23, &laboratory.name).parts(24, &lines[..lines.len().min(2)])
}

#[cfg(test)]
mod tests;
