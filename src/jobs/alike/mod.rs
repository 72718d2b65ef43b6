//! Look-alikes: one thread that loads network and library when they are first asked for, and searches for the newest cell
//! that was asked about. What it finds is in [`library`], the drawings where there is no library in [`drawn`].

mod drawn;
mod library;
mod loader;

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use super::{
    ClassifierSettings,
    load::{CaseFolder, FileLoader, Loader},
};
use crate::{
    app::{NEAREST, Search, SearchNews},
    domain::{CaseRecord, CellNumber, CellRecord, LookAlikes},
    store::Store,
};

pub use library::{Cell, Library, LookAlikeFinder, Subject};
pub(super) use loader::LibraryLoader;

/// What the thread has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct FinderReport {
    /// For the interface.
    pub news: SearchNews,
    /// Where the pictures of the look-alikes are; their numbers are those of the library.
    pub pictures: Vec<CellRecord>,
}

/// The UI thread's side.
#[derive(Debug)]
pub struct Finder {
    mailbox: Arc<Mailbox>,
    reports: Receiver<FinderReport>,
}

#[derive(Debug, Default)]
struct Mailbox {
    order: Mutex<Order>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Order {
    asked: Option<Question>,
    at_work: bool,
    closed: bool,
}

#[derive(Debug)]
struct Question {
    case: CaseRecord,
    cell: CellRecord,
}

impl Finder {
    /// Starts the thread; it does nothing before the first question.
    pub fn start(settings: ClassifierSettings) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let (send, reports) = channel();
        let theirs = mailbox.clone();
        thread::spawn(move || work(&theirs, &settings, &send));
        Self { mailbox, reports }
    }

    /// What looks like this cell? A question that waits is replaced.
    pub fn ask(&self, case: CaseRecord, cell: CellRecord) {
        self.mailbox.lock().asked = Some(Question { case, cell });
        self.mailbox.news.notify_one();
    }

    /// Whether reports are to be expected.
    pub fn is_busy(&self) -> bool {
        let order = self.mailbox.lock();
        order.at_work || order.asked.is_some()
    }

    /// The next report.
    pub fn report(&self) -> Option<FinderReport> {
        self.reports.try_recv().ok()
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.mailbox.lock().closed = true;
        self.mailbox.news.notify_one();
    }
}

impl Mailbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, Order> {
        // Both sides only ever replace whole values under the lock.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Question> {
        let mut order = self.lock();
        loop {
            order.at_work = false;
            if order.closed {
                return None;
            }
            if let Some(question) = order.asked.take() {
                order.at_work = true;
                return Some(question);
            }
            order = self.news.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(mailbox: &Mailbox, settings: &ClassifierSettings, reports: &Sender<FinderReport>) {
    let mut loader = FileLoader::new(&settings.database, &settings.table);
    let mut finder = LookAlikeFinder::new(settings.file.clone(), &settings.table, settings.device);
    while let Some(Question { case, cell }) = mailbox.next() {
        let say = |search, pictures| {
            let news = SearchNews { case: case.id, cell: cell.id, search };
            reports.send(FinderReport { news, pictures }).is_ok()
        };
        let mut progress = |said: String| !mailbox.lock().closed && say(Search::Waiting(said), Vec::new());
        let found = answer(settings, &mut loader, &mut finder, &case, &cell, &mut progress);
        let told = match found {
            Ok((found, pictures)) => say(Search::Found(found), pictures),
            Err(why) => say(Search::Failed(why), Vec::new()),
        };
        if !told {
            return;
        }
    }
}

fn answer(
    settings: &ClassifierSettings,
    loader: &mut dyn Loader,
    finder: &mut LookAlikeFinder,
    case: &CaseRecord,
    cell: &CellRecord,
    progress: &mut dyn FnMut(String) -> bool,
) -> Result<(LookAlikes, Vec<CellRecord>), String> {
    let store = Store::open(&settings.database, &settings.table).map_err(|e| e.to_string())?;
    let frame = loader.load(&CaseFolder::of(case), cell)?;
    let subject = Subject { case: &case.name, image: cell.sha256, um_per_px: case.scale.um_per_px };
    let found = finder.find(&store, &frame, subject, NEAREST, progress)?;
    let mut pictures = Vec::new();
    for alike in &found.cells {
        // One that somebody has just taken out of the library has no picture.
        if let Some(there) = store.library_cell(alike.id).map_err(|e| e.to_string())? {
            let (width, height) = there.size;
            let number = CellNumber::after(pictures.len());
            let (id, path, sha256) = (alike.picture(), there.path, there.image);
            pictures.push(CellRecord { id, number, path, sha256, width, height });
        }
    }
    Ok((found, pictures))
}

#[cfg(test)]
mod tests;
