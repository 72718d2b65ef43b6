//! The library of a laboratory that has none yet: drawings of every class, seen by the network in use and kept in the
//! database.

use std::{collections::HashSet, path::PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    domain::{ClassTable, LibrarySource, Sha256Hash},
    intake::{self, Limits},
    model::{Network, preprocess},
    phantom,
    store::{LibraryCell, Store},
};

/// Drawings that are seen and kept together.
const BATCH: usize = 16;

/// A drawing's place in the set, where others have a path.
fn path_of(code: &str, number: u32) -> PathBuf {
    PathBuf::from(format!("{code}/{number}"))
}

/// Draws what the network has not seen of the set yet. Interrupted, what was kept stays.
pub(super) fn complete(
    store: &Store,
    network: &Network,
    table: &ClassTable,
    progress: &mut dyn FnMut(String) -> bool,
) -> Result<(), String> {
    let hash = network.info().sha256;
    let said = |e: crate::store::StoreError| e.to_string();
    // Drawings of another version of the program.
    store.prune_library(LibrarySource::Drawn, |cell| cell.set == phantom::REFERENCE_SET).map_err(said)?;
    let known = store.library_cells(&hash).map_err(said)?;
    let seen: HashSet<PathBuf> = known.into_values().filter(|(_, seen)| *seen).map(|(cell, _)| cell.path).collect();
    let all: Vec<_> = phantom::reference_cells().filter(|(code, _)| table.by_code(code).is_some()).collect();
    let missing: Vec<_> = all.iter().filter(|(code, n)| !seen.contains(&path_of(code, *n))).copied().collect();
    let mut done = all.len() - missing.len();
    for batch in missing.chunks(BATCH) {
        if !progress(format!("no library yet: {done} of {} cells drawn to compare with", all.len())) {
            return Err("interrupted".to_owned());
        }
        let drawn: Vec<_> = batch.par_iter().filter_map(|&(code, number)| draw(table, code, number)).collect();
        let inputs: Vec<_> =
            drawn.iter().map(|(cell, frame)| preprocess(frame, cell.um_per_px, &network.info().input)).collect();
        let imprints = network.imprints(&inputs).map_err(|e| e.to_string())?;
        let cells: Vec<_> =
            drawn.into_iter().zip(imprints).filter_map(|((cell, _), i)| Some((cell, Some(i?.bytes())))).collect();
        store.put_library(&hash, &cells).map_err(said)?;
        done += batch.len();
    }
    Ok(())
}

fn draw(table: &ClassTable, code: &str, number: u32) -> Option<(LibraryCell, image::RgbImage)> {
    let jpeg = phantom::reference_cell(code, number)?;
    let frame = intake::decode(&jpeg, &Limits::default()).ok()?;
    let cell = LibraryCell {
        image: Sha256Hash(Sha256::digest(&jpeg).into()),
        um_per_px: Some(phantom::UM_PER_PX),
        class: table.by_code(code)?,
        source: LibrarySource::Drawn,
        set: phantom::REFERENCE_SET.to_owned(),
        patient: None,
        path: path_of(code, number),
        size: frame.dimensions(),
    };
    Some((cell, frame))
}
