//! What an evaluation is of: the data and the network, in words and numbers.

use std::collections::BTreeMap;

/// What was evaluated on what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    /// The data sets as the user named them.
    pub data: Vec<String>,
    /// The part of them.
    pub split: Option<String>,
    /// How its pictures were changed before the network saw them.
    pub shift: Option<String>,
    /// The network's name, where it was run here.
    pub network: Option<String>,
    /// SHA-256 of the network; several where each fold has its own.
    pub models: Vec<String>,
    /// Images of each class that the network was trained on, where its record says so; else empty.
    pub images_per_class: BTreeMap<String, u64>,
    /// Rows without a label: skipped.
    pub unlabelled: usize,
    /// Rows and images that could not be used.
    pub refused: usize,
}

impl Subject {
    /// The network for people: its name, if it is known, and the first 12 digits of its hash.
    pub fn network(&self) -> String {
        let short: Vec<_> = self.models.iter().map(|m| m.get(..12).unwrap_or(m)).collect();
        let name = self.network.as_ref().map_or_else(String::new, |n| format!("{n} "));
        format!("{name}{}", short.join(", "))
    }

    /// The data for people.
    pub fn data(&self) -> String {
        let part = self.split.as_ref().map_or_else(String::new, |s| format!(", part {s}"));
        let shift = self.shift.as_ref().map_or_else(String::new, |s| format!(", shifted by {s}"));
        format!("{}{part}{shift}", self.data.join(", "))
    }
}
