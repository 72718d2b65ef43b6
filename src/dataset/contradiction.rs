//! One image under two labels: which of them is right nobody can tell, so that it is neither learnt from nor counted.

use std::collections::{HashMap, HashSet};

use crate::domain::{ClassId, ClassTable, Sha256Hash, printable};

/// Images whose label is contradicted.
#[derive(Debug, Default, PartialEq)]
pub struct Contradictions {
    /// Hashes of their files.
    pub hashes: HashSet<Sha256Hash>,
    /// A sentence for each, with all places and labels.
    pub said: Vec<String>,
}

/// Finds files of the same content under several labels; each is given by its name, its label and its file's hash.
pub fn contradictions<'a>(
    images: impl Iterator<Item = (&'a str, ClassId, Sha256Hash)>,
    table: &ClassTable,
) -> Contradictions {
    let mut places: HashMap<Sha256Hash, Vec<(&str, ClassId)>> = HashMap::new();
    let mut order = Vec::new();
    for (name, class, hash) in images {
        let of = places.entry(hash).or_default();
        if of.is_empty() {
            order.push(hash);
        }
        of.push((name, class));
    }
    let mut found = Contradictions::default();
    for hash in order {
        let of = &places[&hash];
        if of.iter().all(|(_, class)| *class == of[0].1) {
            continue;
        }
        let all: Vec<_> =
            of.iter().map(|(name, class)| format!("{} as {}", printable(name), table.code(*class))).collect();
        found.said.push(format!("one image under two labels: {}; it is left out, correct one of them", all.join(", ")));
        found.hashes.insert(hash);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_under_two_labels_is_named_with_both_and_one_under_one_label_twice_is_not() {
        let table = ClassTable::default();
        let image = |name: &'static str, code: &str| (name, table.by_code(code).expect("a code"));
        let images = [image("a/1", "MYB"), image("b/1", "MMZ"), image("c/2", "NGS"), image("d/2", "NGS")];
        let hashes = [7, 7, 8, 8].map(|n| Sha256Hash([n; 32]));
        let found = contradictions(images.into_iter().zip(hashes).map(|((n, c), h)| (n, c, h)), &table);
        assert_eq!(found.hashes, HashSet::from([hashes[0]]));
        assert!(found.said.len() == 1 && found.said[0].contains("a/1 as MYB, b/1 as MMZ"), "{:?}", found.said);
    }
}
