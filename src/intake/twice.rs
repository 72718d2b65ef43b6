//! One image under several labels: it has none that holds.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use crate::domain::{ClassTable, FoundCell, Sha256Hash, printable};

/// The labels of each image, and the files that give them.
#[derive(Default)]
pub(super) struct Twice(HashMap<Sha256Hash, Vec<(PathBuf, String)>>);

impl Twice {
    /// A file of this image, and the label that its folder or the annotation file gives it.
    pub fn add(&mut self, image: Sha256Hash, shown: PathBuf, label: Option<String>) {
        if let Some(label) = label {
            self.0.entry(image).or_default().push((shown, label));
        }
    }

    /// Takes the label of every image that has two of different meanings, and names them; gives an image the label that only
    /// its second file has.
    pub fn settle(&self, cells: &mut [FoundCell], table: &ClassTable, warnings: &mut Vec<String>) {
        for cell in cells {
            let Some(given) = self.0.get(&cell.sha256) else { continue };
            let meanings: HashSet<_> = given.iter().map(|(_, l)| table.by_label(l).ok_or(l)).collect();
            if meanings.len() > 1 {
                (cell.label, cell.class) = (None, None);
                let named = given
                    .iter()
                    .map(|(path, label)| format!("{} as {}", printable(&path.to_string_lossy()), printable(label)));
                let named: Vec<_> = named.collect();
                warnings.push(format!("one image has two labels, and is taken without any: {}", named.join(", ")));
            } else if let (None, Some((_, label))) = (&cell.label, given.first()) {
                (cell.label, cell.class) = (Some(label.clone()), table.by_label(label));
            }
        }
    }
}
