//! One result as an Observation.

use super::{
    Maker, OWN, TERMINOLOGY,
    node::{Node, concept, said},
    quantity, reference,
};
use crate::{
    domain::Against,
    export::{
        Status,
        results::{Outcome, Unit, effective, moment, one_line, rounded},
    },
};

impl Maker<'_> {
    /// The entry of one result.
    pub(super) fn observation(&self, o: &Outcome<'_>) -> Node {
        let category = concept(&format!("{TERMINOLOGY}/observation-category"), "laboratory", Some("Laboratory"));
        let code = self.code(o);
        let absent = concept(&format!("{TERMINOLOGY}/data-absent-reason"), "not-performed", Some("Not Performed"));
        let performers: Vec<Node> = self.signer().into_iter().chain(self.laboratory()).collect();
        let members = o.members.iter().map(|key| reference(self.ids.id(key), key));
        let fields = vec![
            ("basedOn", self.order()),
            ("status", self.observation_status(o).into()),
            ("category", vec![category].into()),
            ("code", code),
            ("subject", self.subject()),
            ("effectiveDateTime", effective(self.s, self.p).into()),
            ("issued", moment(self.s.as_of(&self.p.imported_at)).into()),
            ("performer", performers.into()),
            ("valueQuantity", o.rounded().map(|value| quantity(value, o.unit)).into()),
            ("dataAbsentReason", if o.value.is_none() { absent } else { Node::Nothing }),
            ("interpretation", o.against().map(|a| Node::from(vec![interpretation(a)])).into()),
            ("note", o.note.as_deref().map(|n| Node::from(vec![[("text", one_line(n).into())].into()])).into()),
            ("specimen", self.specimen_reference().into()),
            ("device", self.network_reference().into()),
            ("referenceRange", range(o)),
            ("hasMember", members.collect::<Vec<_>>().into()),
            ("component", components(o).into()),
        ];
        self.entry("Observation", self.ids.id(&o.key), fields)
    }

    /// The entry of a result that an earlier version had and this one has not: the receiver takes it back.
    pub(super) fn withdrawn(&self, o: &Outcome<'_>) -> Node {
        let text = format!("Version {} of this report has no such result.", self.s.version.unwrap_or(1));
        let note: Node = [("text", text.into())].into();
        let fields = vec![
            ("status", "entered-in-error".into()),
            ("code", self.code(o)),
            ("subject", self.subject()),
            ("issued", moment(self.s.as_of(&self.p.imported_at)).into()),
            ("note", vec![note].into()),
        ];
        self.entry("Observation", self.ids.id(&o.key), fields)
    }

    /// LOINC's code where there is one, and this program's own.
    fn code(&self, o: &Outcome<'_>) -> Node {
        let own: Node =
            [("system", OWN.into()), ("code", o.key.as_str().into()), ("display", one_line(&o.name).into())].into();
        match &o.loinc {
            Some((code, display)) => self.loinc(code, display.as_deref(), Some(own), &o.name),
            None => [("coding", vec![own].into()), ("text", one_line(&o.name).into())].into(),
        }
    }

    /// Of an amended report the results that are other ones are `corrected`, the others stay `final`.
    fn observation_status(&self, o: &Outcome<'_>) -> &'static str {
        match self.s.status {
            Status::Open => "preliminary",
            Status::Signed if o.changed => "corrected",
            Status::Signed => "final",
        }
    }
}

fn interpretation(against: Against) -> Node {
    let (code, display) = match against {
        Against::Low => ("L", "Low"),
        Against::Within => ("N", "Normal"),
        Against::High => ("H", "High"),
    };
    concept(&format!("{TERMINOLOGY}/v3-ObservationInterpretation"), code, Some(display))
}

fn range(o: &Outcome<'_>) -> Node {
    let Some(range) = o.range else { return Node::Nothing };
    let end = |value: Option<f64>| -> Node { value.map(|v| quantity(v, o.unit)).into() };
    let text = format!("{} {} ({})", range.text(), o.unit.text(), one_line(&range.source));
    Node::from(vec![[("low", end(range.low)), ("high", end(range.high)), ("text", text.into())].into()])
}

/// What the value stands on: cells, WBC and the exact interval.
fn components(o: &Outcome<'_>) -> Vec<Node> {
    if o.unit == Unit::Cells {
        return Vec::new();
    }
    let cells = |text: &str, n: u64| -> Node {
        [("code", said(text)), ("valueQuantity", quantity(n as f64, Unit::Cells))].into()
    };
    let interval = o.ci95.map(|[low, high]| {
        let ends = [("low", quantity(rounded(low), o.unit)), ("high", quantity(rounded(high), o.unit))];
        Node::from([("code", said("exact 95% interval (Clopper-Pearson)")), ("valueRange", ends.into())])
    });
    [cells("cells counted", o.count), cells("leukocytes counted", o.wbc)].into_iter().chain(interval).collect()
}
