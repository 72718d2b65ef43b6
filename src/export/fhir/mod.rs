//! FHIR R4: a transaction Bundle that puts a report and everything that it refers to.
//!
//! Ids are name-based UUIDs (version 5) of case and result ([`Ids`]), so that the same record gives the same bytes and a bundle that is
//! sent twice changes nothing. A case that was never signed has the ids of its first version: signing turns its report from
//! `preliminary` into `final`. A correction has them as well: it replaces report and results, `amended` and `corrected`; a result that
//! is no more is `entered-in-error`. What is one version's alone is its Provenance, which names what it revises.

mod node;
mod observation;

use node::{Node, concept, said};
use uuid::Uuid;

use super::{
    Particulars, Status, Summary,
    results::{Ids, Outcome, Unit, comments, effective, gone, moment, named, one_line, outcomes},
};

const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";
/// Codes of the class table, and of what this program counts beside.
const OWN: &str = "urn:leukoscope:class";
const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem";

/// What every resource of a bundle is made from.
struct Maker<'a> {
    s: &'a Summary,
    p: &'a Particulars,
    ids: Ids,
    outcomes: Vec<Outcome<'a>>,
}

fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

fn reference(id: Uuid, display: &str) -> Node {
    [("reference", urn(id).into()), ("display", display.into())].into()
}

/// The case as a FHIR R4 Bundle of type `transaction`, ended by a newline.
///
/// Values are rounded to two decimals; counts and exact intervals are components of each Observation. Interpretations come from
/// the exact values. Where no WBC is counted there is a reason for the absence in place of a value.
pub fn to_fhir(summary: &Summary, particulars: &Particulars) -> String {
    let outcomes = outcomes(summary, particulars);
    let maker = Maker { s: summary, p: particulars, ids: Ids::of(summary), outcomes };
    let mut entries = vec![maker.report()];
    entries.extend(maker.outcomes.iter().map(|o| maker.observation(o)));
    if summary.status == Status::Signed {
        entries.extend(gone(summary, particulars, &maker.outcomes).iter().map(|o| maker.withdrawn(o)));
    }
    entries.extend(maker.specimen());
    entries.extend(maker.organization());
    entries.extend(maker.practitioner());
    entries.extend(maker.network());
    entries.extend(maker.provenance());
    let bundle: Node = [
        ("resourceType", "Bundle".into()),
        ("id", maker.ids.of_version("bundle").to_string().into()),
        ("type", "transaction".into()),
        ("entry", entries.into()),
    ]
    .into();
    let mut json = serde_json::to_string_pretty(&bundle).expect("strings, numbers and lists always serialise");
    json.push('\n');
    super::escape(&json)
}

impl Maker<'_> {
    /// A resource as an entry of the bundle. What tells of drawn cells is labelled as test data, each resource for itself, so that
    /// a server that takes them apart still knows (FHIR R4, security labels); the laboratory, its people and the network are real.
    fn entry(&self, kind: &str, id: Uuid, fields: Vec<(&'static str, Node)>) -> Node {
        let mut resource = vec![("resourceType", kind.into()), ("id", id.to_string().into())];
        if self.s.phantom && !matches!(kind, "Organization" | "Practitioner" | "Device") {
            let label: Node = [
                ("system", format!("{TERMINOLOGY}/v3-ActReason").into()),
                ("code", "HTEST".into()),
                ("display", "test health data".into()),
            ]
            .into();
            resource.push(("meta", [("security", vec![label].into())].into()));
        }
        resource.extend(fields);
        let request = [("method", "PUT".into()), ("url", format!("{kind}/{id}").into())];
        [("fullUrl", urn(id).into()), ("resource", Node::Object(resource)), ("request", request.into())].into()
    }

    fn report(&self) -> Node {
        let (s, p) = (self.s, self.p);
        let own = |id: Uuid| -> Node { [("system", "urn:ietf:rfc:3986".into()), ("value", urn(id).into())].into() };
        let case: Node = [("type", said("case")), ("value", one_line(&s.case).into())].into();
        let report = self.ids.id("report");
        let keys = self.outcomes.iter().map(|o| (self.ids.id(&o.key), &o.name));
        let category = concept(&format!("{TERMINOLOGY}/v2-0074"), "HM", Some("Hematology"));
        let panel = &p.loinc.panel;
        let comments: Vec<_> = comments(s, p).iter().map(|c| one_line(c)).collect();
        let fields = vec![
            ("text", self.narrative()),
            ("identifier", vec![own(report), own(self.ids.case), case].into()),
            ("basedOn", self.order()),
            ("status", self.report_status().into()),
            ("category", vec![category].into()),
            ("code", self.loinc(&panel.code, Some(&panel.name), None, &panel.name)),
            ("subject", self.subject()),
            ("effectiveDateTime", effective(s, p).into()),
            ("issued", moment(s.as_of(&p.imported_at)).into()),
            ("performer", self.laboratory().into_iter().collect::<Vec<_>>().into()),
            ("resultsInterpreter", self.signer().into_iter().collect::<Vec<_>>().into()),
            ("specimen", self.specimen_reference().into_iter().collect::<Vec<_>>().into()),
            ("result", keys.map(|(id, name)| reference(id, &one_line(name))).collect::<Vec<_>>().into()),
            ("conclusion", comments.join("\n").into()),
        ];
        self.entry("DiagnosticReport", report, fields)
    }

    fn report_status(&self) -> &'static str {
        match (self.s.status, self.s.version) {
            (Status::Open, _) => "preliminary",
            (Status::Signed, Some(2..)) => "amended",
            (Status::Signed, _) => "final",
        }
    }

    /// The page for people, as it is exported as text.
    fn narrative(&self) -> Node {
        let page = super::to_text(self.s, &jiff::tz::TimeZone::UTC)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><pre>{page}</pre></div>");
        [("status", "generated".into()), ("div", div.into())].into()
    }

    /// A code of LOINC, with this program's own beside it where there is one.
    fn loinc(&self, code: &str, display: Option<&str>, own: Option<Node>, text: &str) -> Node {
        let loinc = [
            ("system", LOINC.into()),
            ("version", self.p.loinc_version.clone().into()),
            ("code", code.into()),
            ("display", display.into()),
        ];
        let codings: Vec<Node> = [loinc.into()].into_iter().chain(own).collect();
        [("coding", codings.into()), ("text", one_line(text).into())].into()
    }

    /// The patient, by nothing but the identifier that was passed in.
    fn subject(&self) -> Node {
        let Some(patient) = &self.p.patient else { return Node::Nothing };
        let identifier =
            [("system", self.p.laboratory.patient_system.as_str().into()), ("value", patient.as_str().into())];
        [("type", "Patient".into()), ("identifier", identifier.into())].into()
    }

    /// The order that is answered, by the number that was passed in.
    fn order(&self) -> Node {
        let Some(order) = &self.p.order else { return Node::Nothing };
        let kind = concept(&format!("{TERMINOLOGY}/v2-0203"), "PLAC", Some("Placer Identifier"));
        let identifier = [("type", kind), ("value", order.as_str().into())];
        let request = [("type", "ServiceRequest".into()), ("identifier", identifier.into())];
        Node::from(vec![request.into()])
    }

    fn laboratory_id(&self) -> Uuid {
        let laboratory = &self.p.laboratory;
        let by =
            laboratory.identifier.as_ref().map_or(laboratory.name.clone(), |i| format!("{}\n{}", i.system, i.value));
        named("laboratory", &by)
    }

    fn laboratory(&self) -> Option<Node> {
        let name = self.p.laboratory.name.as_str();
        (!name.is_empty()).then(|| reference(self.laboratory_id(), name))
    }

    fn organization(&self) -> Option<Node> {
        let laboratory = &self.p.laboratory;
        self.laboratory()?;
        let identifier = laboratory
            .identifier
            .as_ref()
            .map(|i| Node::from([("system", i.system.as_str().into()), ("value", i.value.as_str().into())]));
        let lines: Vec<Node> = laboratory.address.iter().map(|l| l.as_str().into()).collect();
        let address: Node = [("line", lines.into()), ("text", laboratory.address.join("\n").into())].into();
        let fields = vec![
            ("identifier", identifier.into_iter().collect::<Vec<_>>().into()),
            ("name", laboratory.name.as_str().into()),
            ("address", if laboratory.address.is_empty() { Node::Nothing } else { vec![address].into() }),
        ];
        Some(self.entry("Organization", self.laboratory_id(), fields))
    }

    /// Who signed; people of one name in two laboratories are two.
    fn practitioner_id(&self, name: &str) -> Uuid {
        named("reviewer", &format!("{}\n{name}", self.laboratory_id()))
    }

    fn signer(&self) -> Option<Node> {
        let name = one_line(self.s.reviewer.as_deref()?);
        Some(reference(self.practitioner_id(&name), &name))
    }

    fn practitioner(&self) -> Option<Node> {
        let name = one_line(self.s.reviewer.as_deref()?);
        let id = self.practitioner_id(&name);
        let name: Node = [("text", name.into())].into();
        Some(self.entry("Practitioner", id, vec![("name", vec![name].into())]))
    }

    fn specimen_reference(&self) -> Option<Node> {
        (!self.p.fields.is_empty()).then(|| reference(self.ids.id("specimen"), "blood smear"))
    }

    fn specimen(&self) -> Option<Node> {
        self.specimen_reference()?;
        let identifiers = self
            .p
            .fields
            .iter()
            .map(|(field, value)| Node::from([("type", said(&field.label)), ("value", value.as_str().into())]));
        let accession = self.p.field("specimen").map(|value| Node::from([("value", value.into())]));
        let collected = self.p.collected.as_deref().map(|at| Node::from([("collectedDateTime", at.into())]));
        let fields = vec![
            ("identifier", identifiers.collect::<Vec<_>>().into()),
            ("accessionIdentifier", accession.into()),
            ("type", said("blood smear")),
            ("subject", self.subject()),
            ("collection", collected.into()),
        ];
        Some(self.entry("Specimen", self.ids.id("specimen"), fields))
    }

    fn network_reference(&self) -> Option<Node> {
        let sha256 = self.s.model?;
        Some(reference(named("network", &sha256.to_string()), &format!("leukoscope network {}", sha256.short())))
    }

    /// The network whose suggestions stood beside the decisions.
    fn network(&self) -> Option<Node> {
        let sha256 = self.s.model?;
        let identifier = [("system", "urn:leukoscope:network-sha256".into()), ("value", sha256.to_string().into())];
        let name = [("name", format!("leukoscope network {}", sha256.short()).into()), ("type", "model-name".into())];
        let version = [("value", sha256.to_string().into())];
        let note = [("text", "Suggests a class for each cell; a person decides. Not a medical device.".into())];
        let fields = vec![
            ("identifier", vec![identifier.into()].into()),
            ("deviceName", vec![name.into()].into()),
            ("type", said("neural network")),
            ("version", vec![version.into()].into()),
            ("note", vec![note.into()].into()),
        ];
        Some(self.entry("Device", named("network", &sha256.to_string()), fields))
    }

    /// Who signed what, when, with which network's suggestions, and which version it revises.
    fn provenance(&self) -> Option<Node> {
        let (s, signed_at) = (self.s, self.s.signed_at.as_deref().and_then(moment)?);
        let participant = |code: &str, who: Option<Node>| -> Option<Node> {
            let kind = concept(&format!("{TERMINOLOGY}/provenance-participant-type"), code, None);
            Some([("type", kind), ("who", who?)].into())
        };
        let agents: Vec<Node> =
            [participant("verifier", self.signer()), participant("assembler", self.network_reference())]
                .into_iter()
                .flatten()
                .collect();
        let revised = s.amends.as_ref().map(|before| {
            let id = urn(self.ids.id("report"));
            let identifier = [("system", "urn:ietf:rfc:3986".into()), ("value", id.into())];
            let by =
                before.reviewer.as_deref().map_or_else(String::new, |who| format!(", signed by {}", one_line(who)));
            let at = before.signed_at.as_deref().and_then(moment).map_or_else(String::new, |at| format!(" at {at}"));
            let what = [
                ("type", "DiagnosticReport".into()),
                ("identifier", identifier.into()),
                ("display", format!("version {}{by}{at}", before.version).into()),
            ];
            Node::from([("role", "revision".into()), ("what", what.into())])
        });
        let (code, display) = if s.version > Some(1) { ("UPDATE", "revise") } else { ("CREATE", "create") };
        let fields = vec![
            ("target", vec![reference(self.ids.id("report"), "differential count")].into()),
            ("recorded", signed_at.into()),
            ("reason", s.reason.as_deref().map(|r| Node::from(vec![said(&one_line(r))])).into()),
            ("activity", concept(&format!("{TERMINOLOGY}/v3-DataOperation"), code, Some(display))),
            ("agent", agents.into()),
            ("entity", revised.into_iter().collect::<Vec<_>>().into()),
        ];
        Some(self.entry("Provenance", self.ids.of_version("provenance"), fields))
    }
}

/// A quantity in a unit of UCUM.
fn quantity(value: f64, unit: Unit) -> Node {
    [("value", value.into()), ("unit", unit.text().into()), ("system", UCUM.into()), ("code", unit.ucum().into())]
        .into()
}

#[cfg(test)]
mod tests;
