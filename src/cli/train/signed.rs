//! The signed cells of this database as images to learn from.

use std::collections::BTreeMap;

use super::{
    super::{Context, Failure, signed::to_learn_from},
    pictures::{Picture, Pictures},
};
use crate::domain::{ClassId, counted};

/// Fewer signed cells than this teach a network nothing that it would not unlearn elsewhere.
const LEAST_CELLS: usize = 100;
/// Fewer cases than this leave none to judge it by.
const LEAST_CASES: usize = 3;
/// A class with fewer cells than this does not count as one of the two that are needed.
const LEAST_OF_CLASS: usize = 10;

/// Adds the cells of every signed case, under the class that was signed; each case stands for a patient. Cells that were
/// taken out of the count, unreviewed ones, drawn ones and classes that networks do not predict are passed over.
pub(super) fn take(context: &Context, pictures: &mut Pictures) -> Result<(), Failure> {
    let store = context.store_as_it_is()?;
    let mut counts: BTreeMap<ClassId, usize> = BTreeMap::new();
    let (mut cases, mut cells) = (0, 0);
    let number = pictures.sets.len() + 1;
    for case in to_learn_from(context, &store)? {
        let Some(signed) = store.signed(case.id).map_err(Failure::usage)?.into_iter().next_back() else { continue };
        let before = cells;
        for cell in &signed.cells {
            let code = cell.decided.as_ref().and_then(|d| d.class.as_deref());
            let Some(class) = code.and_then(|c| context.table.by_code(c)) else { continue };
            if !context.table.get(class).predicted {
                continue;
            }
            *counts.entry(class).or_default() += 1;
            cells += 1;
            pictures.list.push(Picture {
                path: case.root.join(&cell.path),
                name: cell.sha256.to_string(),
                class,
                patient: Some(format!("case/{}", case.name)),
                um_per_px: case.scale.um_per_px,
                set: number,
                added: false,
            });
        }
        cases += usize::from(cells > before);
    }
    let classes = counts.values().filter(|n| **n >= LEAST_OF_CLASS).count();
    if cells < LEAST_CELLS || cases < LEAST_CASES || classes < 2 {
        return Err(Failure::usage(format!(
            "the database holds {cells} signed cells of {cases} cases, and {classes} classes of {LEAST_OF_CLASS} cells or more; \
             too little to learn from: sign at least {LEAST_CELLS} cells of {LEAST_CASES} cases and two such classes"
        )));
    }
    context.say(&format!(
        "{} of {}",
        counted(cells as u64, "signed cell", "signed cells"),
        counted(cases as u64, "case", "cases")
    ));
    pictures.sets.push(format!(
        "{} of {}",
        counted(cells as u64, "signed cell", "signed cells"),
        counted(cases as u64, "case", "cases")
    ));
    Ok(())
}
