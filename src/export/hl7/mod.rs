//! HL7 v2.5.1: an ORU^R01 message.
//!
//! MSH, PID where a patient's identifier was passed in, ORC where an order's number was, one OBR with what there is to say as NTE, an OBX for each result with an NTE
//! that says what it stands on, and SPM where a specimen was named. Sending it is not here (`mllp`, `cli/send.rs`).

mod segment;

use segment::{Segment, time};
use uuid::Uuid;

use super::{
    Particulars, Status, Summary,
    results::{Ids, Outcome, Unit, comments, effective, one_line, outcomes, withdrawn},
};
use crate::domain::Against;

/// The coding system of this program's own codes; local systems begin with 99 (HL7 table 0396).
const OWN: &str = "99LEU";

/// The case as one message, its segments ended by carriage returns.
///
/// The same record gives the same bytes: the time of the message is the record's, and its control id is [`control_id`] for a signed
/// version (or the one that it was queued under before), else a name of the content. A message about drawn cells is marked as training (MSH-11 `T`).
pub fn to_hl7(summary: &Summary, particulars: &Particulars) -> String {
    let body = body(summary, particulars);
    let ids = Ids::of(summary);
    let queued = particulars.outgoing.as_ref().and_then(|o| o.control_id.clone());
    let control = queued.or_else(|| control_id(summary));
    let control = control.unwrap_or_else(|| short(Uuid::new_v5(&ids.of_version("message"), body.as_bytes())));
    header(summary, particulars, &control) + &body
}

/// The control id (MSH-10) of a signed version: the same whenever it is sent, so that a receiver knows a repetition for one. 20
/// characters, as v2.5.1 allows; `None` for an open case.
pub fn control_id(summary: &Summary) -> Option<String> {
    (summary.status == Status::Signed).then(|| short(Ids::of(summary).of_version("message")))
}

/// Whether a message says whose it is: by a patient's identifier (PID-3) or an order's number (OBR-2).
pub fn names_whom(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    let has = |segment: &str, name: &str, field: usize| {
        let mut fields = segment.split('|');
        fields.next() == Some(name) && fields.nth(field - 1).is_some_and(|f| !f.is_empty())
    };
    text.split('\r').any(|s| has(s, "PID", 3) || has(s, "OBR", 2))
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
    if let Some(order) = &p.order {
        message += &Segment::new("ORC").raw(1, "RE").text(2, order).raw(3, filler(s, p)).line();
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
    if let Some((code, loinc)) = withdrawn(s, p).filter(|_| corrects(s, p)) {
        number += 1;
        // Table 0085: D, deletes what was sent.
        let segment = Segment::new("OBX").raw(1, number.to_string()).raw(2, "NM");
        let segment = segment.parts(3, &[&code.code, &code.name, if loinc { "LN" } else { OWN }]).raw(11, "D");
        message += &segment.line();
        message += &note(1, &format!("Withdrawn: this version reports {}.", s.blast_names().title()));
    }
    for (field, value) in p.fields.iter().filter(|(f, _)| f.id != "specimen") {
        number += 1;
        let segment = Segment::new("OBX").raw(1, number.to_string()).raw(2, "ST");
        let segment = segment.parts(3, &[&field.id, &field.label, OWN]).text(5, value);
        message += &segment.raw(11, status(s, p, false)).raw(14, observed(s, p)).line();
    }
    if let Some(specimen) = p.field("specimen") {
        let segment = Segment::new("SPM").raw(1, "1").text(2, specimen).raw(4, "BLD^Whole blood^HL70487");
        message += &segment.raw(17, p.collected.as_deref().map_or_else(String::new, time)).line();
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
    let kind = segment::escaped(&laboratory.patient_type);
    Segment::new("PID").raw(1, "1").raw(3, format!("{id}^^^{authority}^{kind}")).raw(5, "^^^^^^U")
}

/// What this program calls what it reports: the case, told apart from others of its name by its identity.
fn filler(s: &Summary, p: &Particulars) -> String {
    let application = segment::escaped(&p.laboratory.mllp.sending_application);
    format!("{}^{application}^{}^UUID", segment::escaped(&one_line(&s.case)), Ids::of(s).case)
}

/// When what is told of was so.
fn observed(s: &Summary, p: &Particulars) -> String {
    effective(s, p).map_or_else(String::new, time)
}

/// Whether this corrects what the receiver has: not if it was sent no earlier version.
fn corrects(s: &Summary, p: &Particulars) -> bool {
    s.version > Some(1) && !p.outgoing.as_ref().is_some_and(|o| o.is_first)
}

fn request(s: &Summary, p: &Particulars) -> Segment {
    let panel = &p.loinc.panel;
    let report = match s.status {
        Status::Open => "P",
        Status::Signed if corrects(s, p) => "C",
        Status::Signed => "F",
    };
    let segment = Segment::new("OBR")
        .raw(1, "1")
        .text(2, p.order.as_deref().unwrap_or_default())
        .raw(3, filler(s, p))
        .parts(4, &[&panel.code, &panel.name, "LN"])
        .raw(7, observed(s, p))
        .raw(22, time(s.as_of(&p.imported_at)))
        .raw(24, "HM")
        .raw(25, report);
    match &s.reviewer {
        Some(who) => segment.raw(32, format!("&{}", segment::escaped(&one_line(who)))),
        None => segment,
    }
}

/// OBX-11: of a correction the results that are other ones are `C`, the others stay `F`.
fn status(s: &Summary, p: &Particulars, changed: bool) -> &'static str {
    match s.status {
        Status::Open => "P",
        Status::Signed if changed && corrects(s, p) => "C",
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
        (Some(_), _) => status(s, p, o.changed),
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
        .raw(14, observed(s, p))
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
