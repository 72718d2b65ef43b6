//! The demo case of a new database, and phantoms in a folder.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{
    Failure, Outcome,
    args::{PhantomLayout, PhantomsArgs},
    context::show,
    output,
};
use crate::{
    domain::{ClassTable, FoundCase, FoundCell, Layout, Scale, Sha256Hash},
    phantom,
    store::{DEMO_ELSEWHERE, Store},
};

/// Name of the demo case.
pub const NAME: &str = "demo";

/// Draws the demo case into a new database.
pub fn install(store: &Store, table: &ClassTable) -> Result<(), Failure> {
    let cells = phantom::demo_case(phantom::DEMO_SEED);
    let mut found = Vec::new();
    let mut pictures = Vec::new();
    for cell in cells {
        let sha256 = Sha256Hash(Sha256::digest(&cell.jpeg).into());
        found.push(FoundCell {
            path: cell.name.into(),
            sha256,
            width: phantom::WIDTH,
            height: phantom::HEIGHT,
            label: Some(cell.code.to_owned()),
            class: table.by_code(cell.code),
        });
        pictures.push((sha256, cell.jpeg));
    }
    store.put_embedded(&pictures).map_err(Failure::midway)?;
    // A folder may have the name already.
    let name = match store.case(NAME) {
        Ok(_) => store.free_name(DEMO_ELSEWHERE).map_err(Failure::midway)?,
        Err(_) => NAME.to_owned(),
    };
    let case = FoundCase {
        name,
        name_given: true,
        root: PathBuf::new(),
        layout: Layout::Phantom,
        scale: Scale::given(phantom::UM_PER_PX),
        drawn: found.len(),
        cells: found,
        refused: Vec::new(),
        warnings: Vec::new(),
    };
    store.import(&case).map_err(Failure::midway)?;
    Ok(())
}

/// `phantoms`: writes drawn cells of every class into a folder.
pub fn write_phantoms(args: &PhantomsArgs) -> Result<Outcome, Failure> {
    if args.dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return Err(Failure::usage(format!("{}: the folder is not empty; name a new one", show(&args.dir))));
    }
    let layout = match args.layout {
        PhantomLayout::Flat => Layout::Flat,
        PhantomLayout::Classes => Layout::Classes,
        PhantomLayout::Lmu => Layout::Lmu,
    };
    let written = phantom::write_folder(&args.dir, args.seed, args.per_class, &layout)
        .map_err(|e| Failure::midway(format!("{}: {e}", show(&args.dir))))?;
    output::print(&format!("{}: {} phantoms\n", show(&args.dir), written.len()))?;
    Ok(Outcome::Done)
}
