//! Predictions: one thread that loads the network when it is first needed, looks at the cells near the cursor first,
//! and keeps what it finds in the database. A failing network is reported; nothing waits for it.

use std::{
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use image::RgbImage;

use super::load::{CaseFolder, FileLoader, Loader};
use crate::{
    domain::{CaseId, CaseRecord, CellId, CellRecord, ClassTable, Ranking, Sha256Hash},
    model::{DeviceChoice, Input, Network, NetworkFile, available_devices, preprocess},
    store::Store,
};

/// Cells that are classified together: few, so that the ones in sight soon have their rankings.
const BATCH: usize = 8;

/// What the thread needs.
#[derive(Debug, Clone)]
pub struct ClassifierSettings {
    /// Where results are kept.
    pub database: PathBuf,
    /// The classes in use.
    pub table: ClassTable,
    /// The network.
    pub file: Arc<NetworkFile>,
    /// What it shall run on.
    pub device: DeviceChoice,
}

/// What the thread has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// The network runs on this.
    Device(String),
    /// Rankings of some cells of a case; cells done, and cells of the case.
    Some(CaseId, Vec<(CellId, Ranking)>, (usize, usize)),
    /// Every cell that can be looked at has been.
    Done(CaseId),
    /// It cannot go on with this case.
    Trouble(String),
}

/// The UI thread's side.
#[derive(Debug)]
pub struct Classifier {
    mailbox: Arc<Mailbox>,
    reports: Receiver<Report>,
    busy: bool,
}

#[derive(Debug, Default)]
struct Mailbox {
    order: Mutex<Order>,
    news: Condvar,
    /// A case is waiting, or the thread shall end: stop what is at work between two batches.
    stop: AtomicBool,
    cursor: AtomicUsize,
}

#[derive(Debug, Default)]
struct Order {
    case: Option<Case>,
    closed: bool,
}

#[derive(Debug)]
struct Case {
    record: CaseRecord,
    cells: Vec<CellRecord>,
}

impl Classifier {
    /// Starts the thread; it does nothing before the first case.
    pub fn start(settings: ClassifierSettings) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let (send, reports) = channel();
        let theirs = mailbox.clone();
        thread::spawn(move || work(&theirs, &settings, &send));
        Self { mailbox, reports, busy: false }
    }

    /// Look at the cells of this case that the database knows nothing of; the case before is left as it is.
    pub fn classify(&mut self, record: CaseRecord, cells: Vec<CellRecord>) {
        self.mailbox.lock().case = Some(Case { record, cells });
        self.mailbox.stop.store(true, Ordering::Relaxed);
        self.mailbox.news.notify_one();
        self.busy = true;
    }

    /// Leave the rest.
    pub fn cancel(&mut self) {
        self.mailbox.lock().case = None;
        self.mailbox.stop.store(true, Ordering::Relaxed);
        self.busy = false;
    }

    /// The reviewer looks at the cell at this index.
    pub fn look_at(&self, index: usize) {
        self.mailbox.cursor.store(index, Ordering::Relaxed);
    }

    /// Whether reports are to be expected.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// The next report.
    pub fn report(&mut self) -> Option<Report> {
        let report = self.reports.try_recv().ok()?;
        if matches!(report, Report::Done(_) | Report::Trouble(_)) {
            self.busy = self.mailbox.lock().case.is_some();
        }
        Some(report)
    }
}

impl Drop for Classifier {
    fn drop(&mut self) {
        self.mailbox.lock().closed = true;
        self.mailbox.stop.store(true, Ordering::Relaxed);
        self.mailbox.news.notify_one();
    }
}

impl Mailbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, Order> {
        // Both sides only ever replace whole values under the lock.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Case> {
        let mut order = self.lock();
        loop {
            if order.closed {
                return None;
            }
            if let Some(case) = order.case.take() {
                self.stop.store(false, Ordering::Relaxed);
                return Some(case);
            }
            order = self.news.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Something that ranks inputs: the network, and in tests a stand-in.
trait Ranks {
    fn input(&self, frame: &RgbImage, um_per_px: Option<f64>) -> Input;
    fn rank(&self, inputs: &[Input]) -> Result<Vec<Option<Ranking>>, String>;
}

impl Ranks for Network {
    fn input(&self, frame: &RgbImage, um_per_px: Option<f64>) -> Input {
        preprocess(frame, um_per_px, &self.info().input)
    }

    fn rank(&self, inputs: &[Input]) -> Result<Vec<Option<Ranking>>, String> {
        let rankings = self.predict_each(inputs).map_err(|e| e.to_string())?;
        // An output that is no prediction is none for this cell; the others stand.
        Ok(rankings.into_iter().map(Result::ok).collect())
    }
}

fn work(mailbox: &Mailbox, settings: &ClassifierSettings, reports: &Sender<Report>) {
    if let Some(device) = expected_device(settings.device) {
        let _ = reports.send(Report::Device(device));
    }
    let mut network: Option<Network> = None;
    let mut loader = FileLoader::new(&settings.database, &settings.table);
    while let Some(case) = mailbox.next() {
        let outcome = classify(mailbox, settings, &mut network, &mut loader, &case, reports);
        let last = match outcome {
            Ok(()) => Report::Done(case.record.id),
            Err(why) => Report::Trouble(why),
        };
        if reports.send(last).is_err() {
            return;
        }
    }
}

/// What the network is going to run on, as far as that is known before it is loaded: it may never have to be.
fn expected_device(choice: DeviceChoice) -> Option<String> {
    let mut found = available_devices().into_iter();
    match choice {
        DeviceChoice::Auto => found.next(),
        DeviceChoice::Cpu => found.find(|name| name.starts_with("CPU")),
        DeviceChoice::Cuda(_) | DeviceChoice::Metal => None,
    }
}

fn classify(
    mailbox: &Mailbox,
    settings: &ClassifierSettings,
    network: &mut Option<Network>,
    loader: &mut dyn Loader,
    case: &Case,
    reports: &Sender<Report>,
) -> Result<(), String> {
    let store = Store::open(&settings.database, &settings.table).map_err(|e| e.to_string())?;
    let hash = settings.file.info.sha256;
    let missing = store.missing_predictions(case.record.id, &hash).map_err(|e| e.to_string())?;
    if missing.is_empty() {
        return Ok(());
    }
    let network = match network {
        Some(network) => network,
        None => {
            network.insert(Network::load(&settings.file, &settings.table, settings.device).map_err(|e| e.to_string())?)
        }
    };
    let _ = reports.send(Report::Device(network.device_name()));
    let missing: Vec<CellId> = missing.into_iter().map(|c| c.id).collect();
    let keep = |rankings: &[(Sha256Hash, Option<f64>, Ranking)]| {
        store.put_predictions(&hash, rankings).map_err(|e| e.to_string())
    };
    batches(mailbox, network, loader, case, missing, keep, reports)
}

/// Ranks the missing cells, a batch at a time, those after the cursor first.
fn batches(
    mailbox: &Mailbox,
    network: &dyn Ranks,
    loader: &mut dyn Loader,
    case: &Case,
    missing: Vec<CellId>,
    keep: impl Fn(&[(Sha256Hash, Option<f64>, Ranking)]) -> Result<(), String>,
    reports: &Sender<Report>,
) -> Result<(), String> {
    let all = case.cells.len();
    let wanted: std::collections::HashSet<CellId> = missing.into_iter().collect();
    let mut left: Vec<usize> = (0..all).filter(|&i| wanted.contains(&case.cells[i].id)).collect();
    let mut done = all - left.len();
    let folder = CaseFolder::of(&case.record);
    let scale = case.record.scale.um_per_px;
    while !left.is_empty() && !mailbox.stop.load(Ordering::Relaxed) {
        let cursor = mailbox.cursor.load(Ordering::Relaxed);
        // `left` is in order: the batch begins at the cursor and goes on around the end.
        let from = left.partition_point(|&i| i < cursor) % left.len();
        left.rotate_left(from);
        let batch: Vec<usize> = left.drain(..BATCH.min(left.len())).collect();
        left.sort_unstable();
        // A picture that cannot be read has no prediction; the screen says so in its place.
        let frames = batch.iter().filter_map(|&i| Some((i, loader.load(&folder, &case.cells[i]).ok()?)));
        let (cells, inputs): (Vec<usize>, Vec<Input>) = frames.map(|(i, f)| (i, network.input(&f, scale))).unzip();
        let rankings = if inputs.is_empty() { Vec::new() } else { network.rank(&inputs)? };
        let ranked: Vec<(&CellRecord, Ranking)> =
            cells.iter().zip(rankings).filter_map(|(&i, ranking)| Some((&case.cells[i], ranking?))).collect();
        let kept: Vec<_> = ranked.iter().map(|(cell, r)| (cell.sha256, scale, r.clone())).collect();
        keep(&kept)?;
        done += batch.len();
        let found = ranked.into_iter().map(|(cell, r)| (cell.id, r)).collect();
        if reports.send(Report::Some(case.record.id, found, (done, all))).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{loaded, ranking};

    struct Blank;

    impl Loader for Blank {
        fn load(&mut self, _: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String> {
            if cell.id.0 == 3 { Err("gone".to_owned()) } else { Ok(RgbImage::new(2, 2)) }
        }
    }

    /// Ranks everything alike; fails at inputs beyond so many.
    struct StandIn {
        table: ClassTable,
        spec: crate::model::InputSpec,
        fails: bool,
    }

    impl Ranks for StandIn {
        fn input(&self, frame: &RgbImage, um_per_px: Option<f64>) -> Input {
            preprocess(frame, um_per_px, &self.spec)
        }

        fn rank(&self, inputs: &[Input]) -> Result<Vec<Option<Ranking>>, String> {
            let one = || Some(ranking(&self.table, 0, 0.9));
            if self.fails { Err("the device failed".to_owned()) } else { Ok(inputs.iter().map(|_| one()).collect()) }
        }
    }

    fn run(cursor: usize, missing: impl Iterator<Item = i64>, fails: bool) -> (Result<(), String>, Vec<Report>, usize) {
        let mailbox = Mailbox::default();
        mailbox.cursor.store(cursor, Ordering::Relaxed);
        let (size, mean, std) = (16, [0.0; 3], [1.0; 3]);
        let spec = crate::model::InputSpec { size, field_um: 20.0, mean, std, colour: crate::model::Colour::AsIs };
        let stand_in = StandIn { table: ClassTable::default(), spec, fails };
        let case = loaded(30);
        let case = Case { record: case.record, cells: case.cells };
        let (send, reports) = channel();
        let kept = std::cell::Cell::new(0);
        let keep = |r: &[(Sha256Hash, Option<f64>, Ranking)]| {
            kept.set(kept.get() + r.len());
            Ok(())
        };
        let outcome = batches(&mailbox, &stand_in, &mut Blank, &case, missing.map(CellId).collect(), keep, &send);
        drop(send);
        (outcome, reports.iter().collect(), kept.get())
    }

    #[test]
    fn the_cells_after_the_cursor_come_first_and_each_cell_once() {
        let (outcome, reports, kept) = run(20, 1..=30, false);
        assert_eq!((outcome, kept), (Ok(()), 29));
        let order: Vec<i64> = reports
            .iter()
            .flat_map(|r| {
                if let Report::Some(_, found, _) = r { found.iter().map(|f| f.0.0).collect() } else { Vec::new() }
            })
            .collect();
        assert_eq!(order[..10], [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((sorted.len(), order.len(), sorted.contains(&3)), (29, 29, false), "the unreadable one has none");
        assert!(matches!(reports.last(), Some(Report::Some(_, _, (30, 30)))));
    }

    #[test]
    fn what_is_known_is_not_computed_again_and_a_failing_network_is_told() {
        let (_, reports, kept) = run(0, [4, 9].into_iter(), false);
        assert_eq!(kept, 2);
        assert!(matches!(&reports[..], [Report::Some(_, found, (30, 30))] if found.len() == 2));
        let (outcome, reports, kept) = run(0, 1..=30, true);
        assert_eq!((outcome, reports.len(), kept), (Err("the device failed".to_owned()), 0, 0));
    }
}
