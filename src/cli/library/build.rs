//! Filling the library: which cells, from where, and what the network makes of them. What is done stays done: a batch is kept
//! before the next one is read, and a cell that the network has seen is not computed again.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::atomic::Ordering,
};

use rayon::prelude::*;

use super::super::{
    Context, Failure, Outcome,
    args::NetworkArgs,
    context::show,
    evaluate::complain,
    frame, output,
    progress::{Progress, interruption},
    signed::to_learn_from,
    train::{Source, short},
};
use crate::{
    dataset::Dataset,
    domain::{ClassId, LibrarySource, Role, Scale, Sha256Hash, counted},
    intake::{self, CellImage, Limits},
    model::{Imprint, Input, Network, Precision, preprocess},
    store::{LibraryCell, LibraryChange, Store},
};

/// Cells that are read, seen and kept together.
const BATCH: usize = 64;

/// A cell that shall be in the library.
struct Wanted {
    path: PathBuf,
    /// The image that was signed, where it was.
    image: Option<Sha256Hash>,
    um_per_px: Option<f64>,
    class: ClassId,
    source: LibrarySource,
    set: String,
    patient: Option<String>,
}

/// A cell that was read, and what the network shall see of it; `None`: it has.
type Ready = (LibraryCell, Option<Input>);

/// A cell, and what the network makes of it, as bytes to keep; `None`: that is kept already.
type Seen = (LibraryCell, Option<Vec<u8>>);

/// `library build`: the cells of all signed cases; and whatever else of the library the network has not seen.
pub(super) fn from_signed(context: &Context, args: &NetworkArgs) -> Result<Outcome, Failure> {
    let store = context.new_store_as_it_is()?;
    let signed = signed_cells(context, &store)?;
    let hash = context.network_file(args.model.as_deref())?.info.sha256;
    let known = store.library_cells(&hash).map_err(Failure::usage)?;
    let unseen = known.values().filter(|(cell, seen)| !seen && cell.source == LibrarySource::Labelled);
    let mut wanted: Vec<Wanted> = unseen.map(|(cell, _)| again(cell)).collect();
    if signed.is_empty() && wanted.is_empty() && !known.values().any(|(c, _)| c.source != LibrarySource::Drawn) {
        let remedy = "sign a case, or add labelled images: leukoscope library add DATA";
        return Err(Failure::usage(format!("there are no signed cells to build a library of; {remedy}")));
    }
    let keep: HashSet<Sha256Hash> = signed.iter().filter_map(|w| w.image).collect();
    let gone =
        store.prune_library(LibrarySource::Signed, |cell| keep.contains(&cell.image)).map_err(Failure::midway)?;
    if gone > 0 {
        let were = counted(
            gone,
            "cell is no longer signed under a class, and was",
            "cells are no longer signed under a class, and were",
        );
        context.say(&format!("{were} taken out"));
    }
    wanted.extend(signed);
    fill(context, &store, args, wanted, &known, 0)
}

/// `library add`: labelled images.
pub(super) fn from_data(context: &Context, data: &[String], args: &NetworkArgs) -> Result<Outcome, Failure> {
    let (mut wanted, mut refused) = (Vec::new(), 0);
    for text in data {
        let source = Source::parse(text)?;
        let set = Dataset::read(&source.path, &context.table, source.part.as_deref()).map_err(Failure::usage)?;
        complain(context, &source.path, &set);
        refused += set.refused.len();
        let name = short(&source);
        wanted.extend(set.images.into_iter().map(|image| Wanted {
            // The library outlives the folder that the command was given in.
            path: std::path::absolute(&image.path).unwrap_or(image.path),
            image: None,
            um_per_px: image.um_per_px.or(source.um_per_px),
            class: image.class,
            source: LibrarySource::Labelled,
            set: name.clone(),
            patient: image.patient,
        }));
    }
    let store = context.new_store_as_it_is()?;
    let hash = context.network_file(args.model.as_deref())?.info.sha256;
    let known = store.library_cells(&hash).map_err(Failure::usage)?;
    fill(context, &store, args, wanted, &known, refused)
}

/// A cell of the library that another network has seen.
fn again(cell: &LibraryCell) -> Wanted {
    Wanted {
        path: cell.path.clone(),
        image: Some(cell.image),
        um_per_px: cell.um_per_px,
        class: cell.class,
        source: cell.source,
        set: cell.set.clone(),
        patient: cell.patient.clone(),
    }
}

/// The cells of every signed case under the class that was signed, but for those that nobody could identify; of an image that
/// two cases hold the later signature. Drawn cells never mix with patients'.
fn signed_cells(context: &Context, store: &Store) -> Result<Vec<Wanted>, Failure> {
    let mut latest: HashMap<Sha256Hash, (String, Wanted)> = HashMap::new();
    for case in to_learn_from(context, store)? {
        let Some(signed) = store.signed(case.id).map_err(Failure::usage)?.pop() else { continue };
        for cell in signed.cells {
            let code = cell.decided.as_ref().and_then(|d| d.class.as_deref());
            let Some(class) = code.and_then(|c| context.table.by_code(c)) else { continue };
            if context.table.get(class).role == Role::Unidentified {
                continue;
            }
            let wanted = Wanted {
                path: case.root.join(&cell.path),
                image: Some(cell.sha256),
                um_per_px: case.scale.um_per_px,
                class,
                source: LibrarySource::Signed,
                set: case.name.clone(),
                patient: Some(case.name.clone()),
            };
            if latest.get(&cell.sha256).is_none_or(|(at, _)| *at < signed.at) {
                latest.insert(cell.sha256, (signed.at.clone(), wanted));
            }
        }
    }
    let mut all: Vec<Wanted> = latest.into_values().map(|(_, wanted)| wanted).collect();
    // Always in the same order, so that equals are found in the same order.
    all.sort_by(|a, b| (&a.set, &a.path).cmp(&(&b.set, &b.path)));
    Ok(all)
}

fn fill(
    context: &Context,
    store: &Store,
    args: &NetworkArgs,
    wanted: Vec<Wanted>,
    known: &HashMap<Sha256Hash, (LibraryCell, bool)>,
    mut refused: usize,
) -> Result<Outcome, Failure> {
    let network = context.network(args, Precision::F32)?;
    let hash = network.info().sha256;
    let cancel = interruption();
    let progress = Progress::new("cells taken into the library", context.quiet);
    progress.more(wanted.len() as u64);
    let (mut added, mut changed, mut kept, mut whole) = (0, 0, 0, None);
    let interrupted = 'batches: {
        for batch in wanted.chunks(BATCH) {
            if cancel.load(Ordering::Relaxed) {
                break 'batches true;
            }
            let read: Vec<Result<Ready, String>> = batch.par_iter().map(|w| ready(w, known, &network)).collect();
            let mut cells = Vec::with_capacity(batch.len());
            for (wanted, read) in batch.iter().zip(read) {
                match read {
                    Ok(ready) => {
                        if ready.0.um_per_px.is_none() && whole.is_none() {
                            progress.complain(&frame::no_scale(&wanted.path, "write DATA@UM_PER_PX"));
                            whole = Some(());
                        }
                        cells.push(ready);
                    }
                    Err(why) => {
                        refused += 1;
                        progress.complain(&format!("{}: {why}", show(&wanted.path)));
                    }
                }
            }
            let cells = seen(&network, cells)?;
            for change in store.put_library(&hash, &cells).map_err(Failure::midway)? {
                *match change {
                    LibraryChange::Added => &mut added,
                    LibraryChange::Changed => &mut changed,
                    LibraryChange::Kept => &mut kept,
                } += 1;
            }
            progress.add(batch.len() as u64);
        }
        false
    };
    progress.finish();
    let standing = store.library_standing(&hash).map_err(Failure::midway)?;
    output::print(&format!(
        "{} added, {changed} changed, {kept} there already, {refused} refused; the library has {} now\n",
        counted(added as u64, "cell", "cells"),
        counted(standing.cells, "cell", "cells")
    ))?;
    if interrupted {
        return Err(Failure::midway("interrupted; what was taken in is kept, run the command again for the rest"));
    }
    Ok(Outcome::refused(refused > 0))
}

/// Reads a cell, and prepares what the network has not seen.
fn ready(
    wanted: &Wanted,
    known: &HashMap<Sha256Hash, (LibraryCell, bool)>,
    network: &Network,
) -> Result<Ready, String> {
    let limits = Limits::default();
    let read = intake::read_image(&wanted.path, &limits).map_err(|e| e.to_string())?;
    if wanted.image.is_some_and(|image| image != read.sha256) {
        return Err("has changed since it was signed or labelled, and is left out".into());
    }
    let known = known.get(&read.sha256).filter(|(cell, seen)| {
        let same_scale = wanted.um_per_px.is_none() || wanted.um_per_px == cell.um_per_px;
        *seen && same_scale
    });
    let cell = |size: (u32, u32), um_per_px: Option<f64>| LibraryCell {
        image: read.sha256,
        um_per_px,
        class: wanted.class,
        source: wanted.source,
        set: wanted.set.clone(),
        patient: wanted.patient.clone(),
        path: wanted.path.clone(),
        size,
    };
    if let Some((there, _)) = known {
        return Ok((cell(there.size, there.um_per_px), None));
    }
    let CellImage { picture: frame, um_per_px: stated, .. } =
        intake::load(&wanted.path, &limits).map_err(|e| e.to_string())?;
    let um_per_px = Scale::known(wanted.um_per_px, stated, frame.dimensions()).um_per_px;
    let input = preprocess(&frame, um_per_px, &network.info().input);
    Ok((cell(frame.dimensions(), um_per_px), Some(input)))
}

/// What the network makes of those that it has not seen. A cell that it makes nothing of is in the library without being found.
fn seen(network: &Network, cells: Vec<Ready>) -> Result<Vec<Seen>, Failure> {
    let fresh: Vec<Input> = cells.iter().filter_map(|(_, input)| input.clone()).collect();
    let mut imprints = network.imprints(&fresh).map_err(Failure::midway)?.into_iter();
    let with = |(cell, input): Ready| {
        let imprint = input.and_then(|_| imprints.next().flatten()).map(|i: Imprint| i.bytes());
        (cell, imprint)
    };
    Ok(cells.into_iter().map(with).collect())
}
