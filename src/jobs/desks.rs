//! Pictures from three threads: plain ones, those with a map over them, which take longer and hold nobody up, and those of
//! the library.

use std::{path::Path, sync::Arc, time::Duration};

use super::{
    alike::LibraryLoader,
    explained::Explained,
    load::{CaseFolder, FileLoader},
    pictures::{PictureDesk, Plain, PrepareHook},
};
use crate::{
    domain::{CellRecord, ClassTable},
    model::NetworkFile,
    ui::{Picture, PictureRequest, Pictures},
};

/// The UI thread's side of all of them.
#[derive(Debug)]
pub struct Desks {
    plain: PictureDesk,
    explained: PictureDesk,
    library: PictureDesk,
}

impl Desks {
    /// Starts the threads; pictures of phantoms come from `database`, maps are of the network of `file`.
    pub fn start(database: &Path, table: &ClassTable, file: Arc<NetworkFile>) -> Self {
        let loader = Box::new(FileLoader::new(database, table));
        let explained = PictureDesk::with(loader, Box::new(Explained::new(file, table)));
        let library = PictureDesk::with(Box::new(LibraryLoader), Box::new(Plain));
        Self { plain: PictureDesk::start(database, table), explained, library }
    }

    /// Has every picture made ready for a graphics protocol by its thread, before it is called ready.
    pub fn prepare_with(&self, hook: &PrepareHook) {
        self.plain.prepare_with(hook.clone());
        self.explained.prepare_with(hook.clone());
        self.library.prepare_with(hook.clone());
    }

    /// Another case: nothing of the one before is shown any more.
    pub fn open(&mut self, folder: CaseFolder, cells: &[CellRecord]) {
        self.plain.open(folder.clone(), cells);
        self.explained.open(folder, cells);
    }

    /// Other cells of the library: their pictures can be asked for now.
    pub fn open_library(&mut self, cells: &[CellRecord]) {
        self.library.open(CaseFolder::default(), cells);
    }

    /// These of the library are wanted now.
    pub fn want_library(&self, requests: impl IntoIterator<Item = PictureRequest>) {
        self.library.want(requests);
    }

    /// These are wanted now, the first ones most; what was waiting before is not wanted any more.
    pub fn want(&self, requests: impl IntoIterator<Item = PictureRequest>) {
        let (explained, plain): (Vec<_>, Vec<_>) = requests.into_iter().partition(|r| r.explain.is_some());
        self.plain.want(plain);
        self.explained.want(explained);
    }

    /// Whether something is being worked on.
    pub fn is_busy(&self) -> bool {
        self.plain.is_busy() || self.explained.is_busy() || self.library.is_busy()
    }

    /// Takes over what is ready; whether anything was.
    pub fn collect(&mut self) -> bool {
        // All: a picture must not wait for the next time.
        let got = [self.plain.collect(), self.explained.collect(), self.library.collect()];
        got.contains(&true)
    }

    /// Waits for one plain picture, but not for long.
    pub fn wait_for(&mut self, request: PictureRequest, at_most: Duration) {
        self.plain.wait_for(request, at_most);
    }
}

impl Pictures for Desks {
    fn picture(&self, request: PictureRequest) -> Picture {
        let desk = if request.explain.is_some() { &self.explained } else { &self.plain };
        desk.picture(request)
    }

    fn library(&self, request: PictureRequest) -> Picture {
        self.library.picture(request)
    }
}
