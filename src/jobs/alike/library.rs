//! The library in memory, and the search in it: of which network it is, and which cells are left out.

use std::{collections::HashSet, sync::Arc};

use image::RgbImage;

use super::drawn;
use crate::{
    domain::{ClassId, ClassTable, LibraryId, LibrarySource, LookAlike, LookAlikes, Sha256Hash},
    model::{DeviceChoice, Imprint, Nearest, Network, NetworkFile, preprocess},
    store::{LibraryCell, Store},
};

/// A cell of the library, as far as a search needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its number.
    pub id: LibraryId,
    /// SHA-256 of its file.
    pub image: Sha256Hash,
    /// Its class.
    pub class: ClassId,
    /// Where its class is from.
    pub source: LibrarySource,
    /// The case, or the data set.
    pub set: Arc<str>,
    /// Whose cell it is, where that is known.
    pub patient: Option<Arc<str>>,
    um_per_px: Option<f64>,
    size: (u32, u32),
}

/// Everything that one network has seen of the library.
#[derive(Debug, Default)]
pub struct Library {
    /// In the order of [`Library::nearest`].
    pub cells: Vec<Cell>,
    /// What the network makes of them.
    pub nearest: Option<Nearest>,
    /// A cell of it was written by another program.
    damaged: usize,
    revision: i64,
}

/// The cell that something is to be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject<'a> {
    /// The name of its case: cells of a patient of that name are left out.
    pub case: &'a str,
    /// SHA-256 of its file: the same image is left out.
    pub image: Sha256Hash,
    /// Micrometres per pixel; `None`: unknown.
    pub um_per_px: Option<f64>,
}

impl Library {
    /// What `network` has seen of the library of a database: the cells that people gave their class, or else, where there is
    /// none, the program's drawings.
    ///
    /// # Errors
    /// A sentence for people: the library was made with another network only, or the database cannot be read.
    pub fn load(store: &Store, network: &Sha256Hash) -> Result<Self, String> {
        let said = |e: crate::store::StoreError| e.to_string();
        // Before the cells: what changes meanwhile is read again.
        let revision = store.library_revision().map_err(said)?;
        let standing = store.library_standing(network).map_err(said)?;
        if standing.cells > 0 && standing.seen == 0 {
            let made = standing.other.map_or_else(String::new, |n| format!(" with network {}", n.short()));
            return Err(format!(
                "the library was made{made}, and this is {}; make it again with this one: leukoscope library build",
                network.short()
            ));
        }
        let room = standing.seen as usize;
        let mut library = Self { revision, cells: Vec::with_capacity(room), ..Self::default() };
        let mut names: HashSet<Arc<str>> = HashSet::new();
        let mut name = |text: &str| match names.get(text) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<str> = text.into();
                names.insert(new.clone());
                new
            }
        };
        let each = |id, cell: LibraryCell, bytes: &[u8]| {
            let nearest = &mut library.nearest;
            let added = Imprint::from_bytes(bytes)
                .is_some_and(|i| nearest.get_or_insert_with(|| Nearest::new(bytes.len(), room)).push(&i));
            if !added {
                library.damaged += 1;
                return;
            }
            library.cells.push(Cell {
                id,
                image: cell.image,
                class: cell.class,
                source: cell.source,
                set: name(&cell.set),
                patient: cell.patient.as_deref().map(&mut name),
                um_per_px: cell.um_per_px,
                size: cell.size,
            });
        };
        store.library(network, standing.cells == 0, each).map_err(said)?;
        if library.damaged > 0 {
            return Err(format!(
                "{} cells of the library are damaged; clear it and build it again: leukoscope library clear",
                library.damaged
            ));
        }
        Ok(library)
    }

    /// The `k` cells that are most like `imprint`: no other copy of the subject's image, and none of its own patient, whose
    /// cells would only echo what was decided in the same smear.
    pub fn find(&self, imprint: &Imprint, subject: Subject<'_>, k: usize) -> LookAlikes {
        let apart: Vec<bool> = self.cells.iter().map(|c| !c.is_of(subject)).collect();
        let found = self.nearest.as_ref().map_or_else(Vec::new, |n| n.search(imprint, k, |i| apart[i]));
        let cells = found.into_iter().map(|neighbour| {
            let cell = &self.cells[neighbour.index];
            LookAlike {
                id: cell.id,
                class: cell.class,
                similarity: neighbour.similarity,
                source: cell.source,
                set: cell.set.to_string(),
                patient: cell.patient.as_deref().map(str::to_owned),
                um_per_px: cell.um_per_px,
                size: cell.size,
            }
        });
        let cells = cells.collect();
        LookAlikes { cells, library: self.cells.len(), left_out: apart.iter().filter(|apart| !**apart).count() }
    }
}

impl Cell {
    /// Whether it is the subject's own image, or of a patient who is called like the subject's case.
    fn is_of(&self, subject: Subject<'_>) -> bool {
        let same = |name: &str| name.eq_ignore_ascii_case(subject.case);
        self.image == subject.image || self.patient.as_deref().is_some_and(same)
    }
}

/// A network and what it has seen of the library, both loaded when they are first needed.
pub struct LookAlikeFinder {
    file: Arc<NetworkFile>,
    table: ClassTable,
    device: DeviceChoice,
    network: Option<Network>,
    library: Option<Library>,
}

impl LookAlikeFinder {
    /// Of the network of `file`.
    pub fn new(file: Arc<NetworkFile>, table: &ClassTable, device: DeviceChoice) -> Self {
        Self { file, table: table.clone(), device, network: None, library: None }
    }

    /// The `k` cells of the library of `store` that look most like a frame. Where there is no library, the program's own is
    /// drawn first; `progress` is told how far that is, and answers whether to go on.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn find(
        &mut self,
        store: &Store,
        frame: &RgbImage,
        subject: Subject<'_>,
        k: usize,
        progress: &mut dyn FnMut(String) -> bool,
    ) -> Result<LookAlikes, String> {
        let network = match &mut self.network {
            Some(network) => network,
            none => none.insert(Network::load(&self.file, &self.table, self.device).map_err(|e| e.to_string())?),
        };
        let input = preprocess(frame, subject.um_per_px, &network.info().input);
        let imprint = network.imprints(&[input]).map_err(|e| e.to_string())?.into_iter().next().flatten();
        let imprint = imprint.ok_or("the network makes nothing of this picture, so nothing is like it")?;
        let revision = store.library_revision().map_err(|e| e.to_string())?;
        if self.library.as_ref().is_none_or(|l| l.revision != revision) {
            self.library = None;
            let hash = network.info().sha256;
            if store.library_standing(&hash).map_err(|e| e.to_string())?.cells == 0 {
                drawn::complete(store, network, &self.table, progress)?;
            }
            self.library = Some(Library::load(store, &hash)?);
        }
        let library = self.library.as_ref();
        Ok(library.map(|library| library.find(&imprint, subject, k)).unwrap_or_default())
    }
}
