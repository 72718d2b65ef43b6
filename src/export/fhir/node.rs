//! JSON with its keys in the order that they are written in, and without what is empty: FHIR has no empty text, list or object.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Nothing: left out where it stands.
    Nothing,
    /// Text.
    Text(String),
    /// A number; a whole one is written as such.
    Number(f64),
    /// Values.
    List(Vec<Node>),
    /// Named values.
    Object(Vec<(&'static str, Node)>),
}

impl Node {
    fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.is_empty(),
            Self::Number(_) => false,
            Self::List(list) => list.iter().all(Self::is_nothing),
            Self::Object(fields) => fields.iter().all(|(_, v)| v.is_nothing()),
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Node {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Node {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<Vec<Self>> for Node {
    fn from(list: Vec<Self>) -> Self {
        Self::List(list)
    }
}

impl<const N: usize> From<[(&'static str, Self); N]> for Node {
    fn from(fields: [(&'static str, Self); N]) -> Self {
        Self::Object(fields.into())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => serializer.serialize_i64(*n as i64),
            Self::Number(n) => serializer.serialize_f64(*n),
            Self::List(list) => serializer.collect_seq(list.iter().filter(|n| !n.is_nothing())),
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in fields.iter().filter(|(_, v)| !v.is_nothing()) {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// An object with one coding and a text.
pub(super) fn concept(system: &str, code: &str, display: Option<&str>) -> Node {
    let coding = [("system", system.into()), ("code", code.into()), ("display", display.into())];
    [("coding", vec![coding.into()].into())].into()
}

/// A concept that is only said in words.
pub(super) fn said(text: &str) -> Node {
    [("text", text.into())].into()
}
