//! The library in memory, the drawings where there is none, and the thread.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    app::fixture::loaded,
    domain::{ClassTable, LibrarySource, Sha256Hash},
    intake::{self, Limits},
    model::{DeviceChoice, Imprint, NetworkFile},
    phantom,
    store::LibraryCell,
};

const THIS: Sha256Hash = Sha256Hash([9; 32]);

fn cell(table: &ClassTable, n: u8, code: &str, set: &str, patient: Option<&str>) -> LibraryCell {
    LibraryCell {
        image: Sha256Hash([n; 32]),
        um_per_px: Some(0.1),
        class: table.by_code(code).expect("a code"),
        source: LibrarySource::Labelled,
        set: set.to_owned(),
        patient: patient.map(str::to_owned),
        path: format!("/cells/{n}.jpg").into(),
        size: (360, 363),
    }
}

fn direction(values: [f32; 3]) -> Imprint {
    Imprint::of(&values).expect("a direction")
}

fn store(dir: &Path) -> (Store, ClassTable) {
    let table = ClassTable::default();
    (Store::open(&dir.join("cases.db"), &table).expect("a database"), table)
}

#[test]
fn neither_the_same_image_nor_the_same_patient_is_found_and_the_rest_by_likeness() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, table) = store(dir.path());
    let of = |n: u8, code, patient, values| (cell(&table, n, code, "set", patient), Some(direction(values).bytes()));
    let cells = [
        of(1, "NGS", Some("A"), [1.0, 0.0, 0.0]),
        of(2, "LYT", Some("B"), [0.0, 1.0, 0.0]),
        of(3, "MYO", None, [0.9, 0.1, 0.0]),
        of(4, "MYO", Some("B"), [0.8, 0.3, 0.0]),
    ];
    store.put_library(&THIS, &cells).expect("kept");
    let library = Library::load(&store, &THIS).expect("a library");
    let find = |case: &str, image: u8| {
        let subject = Subject { case, image: Sha256Hash([image; 32]), um_per_px: None };
        let found = library.find(&direction([1.0, 0.0, 0.0]), subject, 3);
        let codes: Vec<_> = found.cells.iter().map(|c| (c.id.0, table.code(c.class).to_owned())).collect();
        (codes, found.left_out)
    };
    let of = |list: &[(i64, &str)]| list.iter().map(|(id, code)| (*id, (*code).to_owned())).collect::<Vec<_>>();
    assert_eq!(find("smear", 77), (of(&[(1, "NGS"), (3, "MYO"), (4, "MYO")]), 0));
    assert_eq!(find("smear", 1), (of(&[(3, "MYO"), (4, "MYO"), (2, "LYT")]), 1), "never itself");
    assert_eq!(find("b", 77), (of(&[(1, "NGS"), (3, "MYO")]), 2), "the patient of that name, in any case of letters");
}

#[test]
fn a_library_of_another_network_is_refused_with_the_remedy() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, table) = store(dir.path());
    assert_eq!(Library::load(&store, &THIS).map(|l| l.cells.len()), Ok(0));
    let other = Sha256Hash([4; 32]);
    let cells = [(cell(&table, 1, "NGS", "set", None), Some(direction([1.0, 0.0, 0.0]).bytes()))];
    store.put_library(&other, &cells).expect("kept");
    let Err(why) = Library::load(&store, &THIS) else { panic!("refused") };
    assert!(why.contains("with network 040404040404") && why.contains("leukoscope library build"), "{why}");
    // Imprints of two widths are no network's.
    let wider = Imprint::of(&[1.0; 5]).expect("a direction").bytes();
    store.put_library(&other, &[(cell(&table, 2, "NGS", "set", None), Some(wider))]).expect("kept");
    assert!(Library::load(&store, &other).is_err_and(|why| why.contains("damaged")));
}

fn settings(dir: &Path) -> ClassifierSettings {
    ClassifierSettings {
        database: dir.join("cases.db"),
        table: ClassTable::default(),
        file: Arc::new(NetworkFile::embedded()),
        device: DeviceChoice::Cpu,
    }
}

#[test]
fn without_a_library_the_program_draws_one_once_and_says_how_far_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, table) = store(dir.path());
    let mut case = loaded(1);
    let jpeg = phantom::demo_case(phantom::DEMO_SEED).into_iter().find(|c| c.code == "EOS").expect("one").jpeg;
    let frame = intake::decode(&jpeg, &Limits::default()).expect("our own JPEG");
    case.cells[0].sha256 = intake_hash(&jpeg);
    store.put_embedded(&[(case.cells[0].sha256, jpeg)]).expect("kept");
    let finder = Finder::start(settings(dir.path()));
    finder.ask(case.record.clone(), case.cells[0].clone());
    let start = Instant::now();
    let (mut waited, mut last) = (0, None);
    while last.is_none() {
        assert!(start.elapsed() < Duration::from_secs(120));
        match finder.report() {
            Some(FinderReport { news: SearchNews { search: Search::Waiting(said), .. }, .. }) => {
                assert!(said.contains("drawn to compare with"), "{said}");
                waited += 1;
            }
            Some(report) => last = Some(report),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
    let FinderReport { news, pictures } = last.expect("an answer");
    let Search::Found(found) = news.search else { panic!("{news:?}") };
    let all = phantom::reference_cells().count();
    assert_eq!((news.cell, found.library, found.left_out), (case.cells[0].id, all, 0));
    assert!(found.is_drawn() && waited == all.div_ceil(16), "{waited}");
    assert_eq!((found.cells.len(), pictures.len()), (NEAREST, NEAREST));
    let eosinophils = found.cells.iter().take(5).filter(|c| table.code(c.class) == "EOS").count();
    assert!(eosinophils >= 4, "{}", found.summary(&table, 5));
    assert!(found.cells.is_sorted_by(|a, b| a.similarity >= b.similarity));
    for picture in &pictures[..2] {
        assert_eq!(
            LibraryLoader.load(&CaseFolder::of(&case.record), picture).expect("drawn").dimensions().0,
            picture.width
        );
    }
    // A second time nothing is drawn.
    let mut again = LookAlikeFinder::new(Arc::new(NetworkFile::embedded()), &table, DeviceChoice::Cpu);
    let subject = Subject { case: "Demo", image: case.cells[0].sha256, um_per_px: Some(0.1) };
    let second = again.find(&store, &frame, subject, NEAREST, &mut |said| panic!("{said}")).expect("found");
    assert_eq!(second, found);
}

fn intake_hash(bytes: &[u8]) -> Sha256Hash {
    use sha2::{Digest, Sha256};
    Sha256Hash(Sha256::digest(bytes).into())
}

#[test]
fn the_newest_question_is_answered_and_a_missing_picture_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(store(dir.path()));
    let case = loaded(3);
    let finder = Finder::start(settings(dir.path()));
    for cell in &case.cells {
        finder.ask(case.record.clone(), cell.clone());
    }
    assert!(finder.is_busy());
    let start = Instant::now();
    while finder.is_busy() {
        assert!(start.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(2));
    }
    // Whatever it had to say is there before it is idle; the first questions may have been answered as well.
    let news = std::iter::from_fn(|| finder.report()).last().expect("an answer").news;
    assert_eq!(news.cell, case.cells[2].id);
    assert!(matches!(news.search, Search::Failed(why) if why.contains("not in the database")));
}

#[test]
fn a_file_of_the_library_that_is_gone_or_changed_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut record = loaded(1).cells.remove(0);
    let folder = CaseFolder::of(&loaded(1).record);
    let load = |record: &CellRecord| LibraryLoader.load(&folder, record).map(|f| f.dimensions());
    record.path = dir.path().join("a.jpg");
    assert!(load(&record).is_err_and(|e| e.contains("no longer where it was")));
    let jpeg = phantom::reference_cell("NGS", 1).expect("a drawing");
    std::fs::write(&record.path, &jpeg).expect("written");
    assert!(load(&record).is_err_and(|e| e.contains("has changed")));
    record.sha256 = intake_hash(&jpeg);
    assert_eq!(load(&record), Ok((phantom::WIDTH, phantom::HEIGHT)));
    record.path = "NGS/99".into();
    assert!(load(&record).is_err_and(|e| e.contains("another version")));
}
