//! Pictures for the screen: read, checked, decoded and shrunk by one thread, kept in a cache on the UI thread.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    fmt,
    path::Path,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use image::{RgbImage, imageops};

use super::{
    cache::PictureCache,
    load::{CaseFolder, Cells, FileLoader, Loader},
};
use crate::{
    domain::{CellId, CellRecord, ClassTable},
    intake,
    ui::{Picture, PictureRequest, Pictures},
};

/// Bytes of pictures that are kept.
const KEPT: usize = 32 << 20;

/// What becomes of a frame before it is shrunk: nothing, or something lies over it.
pub(super) trait Painter: Send {
    /// The frame as it is to be seen.
    ///
    /// # Errors
    /// A sentence for people.
    fn paint<'f>(
        &mut self,
        folder: &CaseFolder,
        frame: &'f RgbImage,
        request: PictureRequest,
    ) -> Result<Cow<'f, RgbImage>, String>;
}

/// What is done with every picture before it is called ready: it is encoded for the terminal. Pictures that go through it are
/// pixels of a graphics protocol, which choose colours for few bytes by themselves.
#[derive(Clone)]
pub struct PrepareHook(Arc<Prepare>);

type Prepare = dyn Fn(PictureRequest, &RgbImage) + Send + Sync;

impl PrepareHook {
    /// A hook that calls `prepare`, on the thread that made the picture.
    pub fn new(prepare: impl Fn(PictureRequest, &RgbImage) + Send + Sync + 'static) -> Self {
        Self(Arc::new(prepare))
    }
}

impl fmt::Debug for PrepareHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrepareHook")
    }
}

/// Leaves frames as they are.
pub(super) struct Plain;

impl Painter for Plain {
    fn paint<'f>(
        &mut self,
        _: &CaseFolder,
        frame: &'f RgbImage,
        _: PictureRequest,
    ) -> Result<Cow<'f, RgbImage>, String> {
        Ok(Cow::Borrowed(frame))
    }
}

/// Which case is open; results for another one are dropped.
type Generation = u64;

/// A request that was carried out, and for which case.
type Done = (Generation, PictureRequest, Result<Arc<RgbImage>, String>);

/// The UI thread's side.
#[derive(Debug)]
pub struct PictureDesk {
    mailbox: Arc<Mailbox>,
    results: Receiver<Done>,
    cache: RefCell<PictureCache>,
    generation: Generation,
}

#[derive(Debug, Default)]
struct Mailbox {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    case: Option<Arc<Case>>,
    prepare: Option<PrepareHook>,
    /// The most wanted first.
    requests: Vec<PictureRequest>,
    /// What the worker is at.
    at_work: Vec<PictureRequest>,
    closed: bool,
}

#[derive(Debug)]
struct Case {
    generation: Generation,
    folder: CaseFolder,
    cells: Cells,
    places: HashMap<CellId, usize>,
}

impl PictureDesk {
    /// Starts the thread; pictures of phantoms come from `database`.
    pub fn start(database: &Path, table: &ClassTable) -> Self {
        Self::with(Box::new(FileLoader::new(database, table)), Box::new(Plain))
    }

    /// Starts the thread with what reads frames and what paints over them.
    pub(super) fn with(loader: Box<dyn Loader>, painter: Box<dyn Painter>) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let (send, results) = channel();
        let theirs = mailbox.clone();
        thread::spawn(move || work(&theirs, loader, painter, &send));
        Self { mailbox, results, cache: RefCell::new(PictureCache::new(KEPT)), generation: 0 }
    }

    /// Has every picture that is made from now on made ready by `hook`.
    pub fn prepare_with(&self, hook: PrepareHook) {
        self.mailbox.lock().prepare = Some(hook);
    }

    /// Another case: nothing of the one before is shown any more.
    pub fn open(&mut self, folder: CaseFolder, cells: &[CellRecord]) {
        self.generation += 1;
        self.cache.get_mut().clear();
        let places = cells.iter().enumerate().map(|(i, c)| (c.id, i)).collect();
        let case = Case { generation: self.generation, folder, cells: cells.into(), places };
        let mut waiting = self.mailbox.lock();
        waiting.case = Some(Arc::new(case));
        waiting.requests.clear();
    }

    /// These are wanted now, the first one most; what was waiting before is not wanted any more.
    pub fn want(&self, requests: impl IntoIterator<Item = PictureRequest>) {
        let cache = self.cache.borrow();
        let mut waiting = self.mailbox.lock();
        waiting.requests =
            requests.into_iter().filter(|r| !cache.contains(r) && !waiting.at_work.contains(r)).collect();
        if !waiting.requests.is_empty() {
            self.mailbox.news.notify_one();
        }
    }

    /// Whether something is being worked on.
    pub fn is_busy(&self) -> bool {
        let waiting = self.mailbox.lock();
        !waiting.requests.is_empty() || !waiting.at_work.is_empty()
    }

    /// Takes over what is ready; whether anything was.
    pub fn collect(&mut self) -> bool {
        let mut any = false;
        while let Ok(done) = self.results.try_recv() {
            any |= self.take(done);
        }
        any
    }

    /// Waits for one picture, but not for long: mostly it is decoded sooner than a frame without it would be drawn.
    pub fn wait_for(&mut self, request: PictureRequest, at_most: Duration) {
        let until = Instant::now() + at_most;
        while !self.cache.get_mut().contains(&request) {
            let left = until.saturating_duration_since(Instant::now());
            match self.results.recv_timeout(left) {
                Ok(done) => _ = self.take(done),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, (generation, request, result): Done) -> bool {
        let ours = generation == self.generation;
        if ours {
            self.cache.get_mut().put(request, result);
        }
        ours
    }
}

impl Drop for PictureDesk {
    fn drop(&mut self) {
        self.mailbox.lock().closed = true;
        self.mailbox.news.notify_one();
    }
}

impl Pictures for PictureDesk {
    fn picture(&self, request: PictureRequest) -> Picture {
        self.cache.borrow_mut().get(&request)
    }
}

impl Mailbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // Both sides only ever replace whole values under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next cell and everything that is wanted of it, so that it is decoded once; `None`: closed.
    fn next(&self) -> Option<(Arc<Case>, Option<PrepareHook>, Vec<PictureRequest>)> {
        let mut waiting = self.lock();
        waiting.at_work.clear();
        loop {
            if waiting.closed {
                return None;
            }
            if let (Some(case), Some(first)) = (waiting.case.clone(), waiting.requests.first().copied()) {
                let (now, later) = waiting.requests.iter().partition(|r| r.cell == first.cell);
                waiting.requests = later;
                waiting.at_work = now;
                return Some((case, waiting.prepare.clone(), waiting.at_work.clone()));
            }
            waiting = self.news.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(mailbox: &Mailbox, mut loader: Box<dyn Loader>, mut painter: Box<dyn Painter>, results: &Sender<Done>) {
    while let Some((case, prepare, requests)) = mailbox.next() {
        let Some(first) = requests.first() else { continue };
        let frame = match case.places.get(&first.cell) {
            Some(&place) => loader.load(&case.folder, &case.cells[place]),
            None => Err("this cell is not in the case".to_owned()),
        };
        for request in requests {
            let picture = frame.as_ref().map_err(Clone::clone);
            let picture = picture.and_then(|frame| painter.paint(&case.folder, frame, request));
            let picture = picture.map(|frame| match &prepare {
                None => Arc::new(shrink(&frame, request)),
                Some(PrepareHook(prepare)) => {
                    let small = shrink(&frame, PictureRequest { thrift: None, ..request });
                    prepare(request, &small);
                    Arc::new(small)
                }
            });
            if results.send((case.generation, request, picture)).is_err() {
                return;
            }
        }
    }
}

/// The wanted part of the frame, in its own shape inside the wanted size.
fn shrink(frame: &RgbImage, request: PictureRequest) -> RgbImage {
    let part;
    let frame = if request.percent < 100 {
        let shown = |side: u32| (side * u32::from(request.percent) / 100).max(1).min(side);
        let (width, height) = (shown(frame.width()), shown(frame.height()));
        let (x, y) = ((frame.width() - width) / 2, (frame.height() - height) / 2);
        part = imageops::crop_imm(frame, x, y, width, height).to_image();
        &part
    } else {
        frame
    };
    let (width, height) = (f64::from(frame.width().max(1)), f64::from(frame.height().max(1)));
    let scale = (f64::from(request.size.0) / width).min(f64::from(request.size.1) / height);
    let side = |px: f64, most: u32| ((px * scale).round() as u32).clamp(1, most.max(1));
    let small = intake::thumbnail(frame, side(width, request.size.0), side(height, request.size.1));
    match request.thrift {
        Some(thrift) => thrift.apply(&small),
        None => small,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::fixture::loaded,
        ui::{ColourDepth, Thrift},
    };

    /// Frames of 8 x 4 px in the colour of their cell; the third is missing. Each takes a while.
    struct Slow(Arc<Mutex<Vec<i64>>>);

    impl Loader for Slow {
        fn load(&mut self, _: &CaseFolder, cell: &CellRecord) -> Result<RgbImage, String> {
            thread::sleep(Duration::from_millis(20));
            self.0.lock().expect("no panic").push(cell.id.0);
            if cell.id.0 == 3 {
                Err("gone".to_owned())
            } else {
                Ok(RgbImage::from_pixel(8, 4, image::Rgb([cell.id.0 as u8; 3])))
            }
        }
    }

    fn desk() -> (PictureDesk, Arc<Mutex<Vec<i64>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut desk = PictureDesk::with(Box::new(Slow(seen.clone())), Box::new(Plain));
        let case = loaded(30);
        desk.open(CaseFolder::of(&case.record), &case.cells);
        (desk, seen)
    }

    fn request(cell: i64) -> PictureRequest {
        PictureRequest { cell: CellId(cell), size: (4, 4), percent: 100, explain: None, thrift: None }
    }

    #[test]
    fn the_newest_wish_replaces_those_that_wait() {
        let (mut desk, seen) = desk();
        for cell in 4..25 {
            desk.want([request(cell)]);
            thread::sleep(Duration::from_millis(1));
        }
        desk.wait_for(request(24), Duration::from_secs(5));
        assert!(matches!(desk.picture(request(24)), Picture::Ready(_)));
        assert!(seen.lock().expect("no panic").len() < 8, "wishes that were replaced were not carried out");
    }

    #[test]
    fn a_frame_is_decoded_once_for_all_its_sizes_and_keeps_its_shape() {
        let (mut desk, seen) = desk();
        let small = PictureRequest { size: (2, 2), ..request(1) };
        desk.want([request(1), request(2), small]);
        desk.wait_for(request(2), Duration::from_secs(5));
        assert_eq!(*seen.lock().expect("no panic"), [1, 2]);
        for (request, shape) in [(request(1), (4, 2)), (small, (2, 1))] {
            let Picture::Ready(image) = desk.picture(request) else { panic!("ready by now") };
            assert_eq!(image.dimensions(), shape);
        }
    }

    #[test]
    fn a_picture_is_made_ready_before_it_is_called_so_and_keeps_its_colours() {
        let (mut desk, _) = desk();
        let prepared = Arc::new(Mutex::new(Vec::new()));
        let theirs = prepared.clone();
        desk.prepare_with(PrepareHook::new(move |request, image| {
            theirs.lock().expect("no panic").push((request.id(), image.dimensions()));
        }));
        let thrifty =
            PictureRequest { thrift: Some(Thrift { bytes: 1, depth: ColourDepth::Palette256 }), ..request(7) };
        desk.want([thrifty]);
        desk.wait_for(thrifty, Duration::from_secs(5));
        let Picture::Ready(image) = desk.picture(thrifty) else { panic!("ready by now") };
        assert_eq!(*prepared.lock().expect("no panic"), [(thrifty.id(), (4, 2))]);
        assert!(image.pixels().all(|p| p.0 == [7; 3]), "no colour of a palette");
    }

    #[test]
    fn a_part_is_taken_from_the_middle() {
        let mut frame = RgbImage::from_pixel(10, 10, image::Rgb([255; 3]));
        for (x, y) in (3..7).flat_map(|x| (3..7).map(move |y| (x, y))) {
            frame.put_pixel(x, y, image::Rgb([0; 3]));
        }
        let of = |percent| shrink(&frame, PictureRequest { percent, ..request(1) });
        assert!(of(40).pixels().all(|p| p.0 == [0; 3]), "only the middle");
        assert!(of(100).get_pixel(0, 0).0[0] > 200);
        assert_eq!(shrink(&RgbImage::new(1, 1), PictureRequest { percent: 50, ..request(1) }).dimensions(), (4, 4));
    }

    #[test]
    fn a_missing_file_is_a_message_and_another_case_forgets_everything() {
        let (mut desk, _) = desk();
        desk.want([request(3)]);
        desk.wait_for(request(3), Duration::from_secs(5));
        assert!(matches!(desk.picture(request(3)), Picture::Failed(why) if why == "gone"));
        desk.want([request(5)]);
        let case = loaded(30);
        desk.open(CaseFolder::of(&case.record), &case.cells);
        thread::sleep(Duration::from_millis(60));
        assert!(!desk.collect(), "a late picture of the case before is dropped");
        assert!(matches!(desk.picture(request(3)), Picture::Waiting));
    }
}
