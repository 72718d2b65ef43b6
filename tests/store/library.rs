//! The reference library: added once, ranked by source, seen by networks, pruned and cleared; nothing half-kept.

use std::{collections::BTreeMap, path::PathBuf};

use leukoscope::{
    domain::{LibraryId, LibrarySource, Sha256Hash},
    store::{LibraryCell, LibraryChange, LibraryStanding, Store},
};

use super::{Bench, hash};

const ONE: Sha256Hash = Sha256Hash([1; 32]);
const TWO: Sha256Hash = Sha256Hash([2; 32]);

impl Bench {
    fn library_cell(&self, n: u32, code: &str, source: LibrarySource) -> LibraryCell {
        LibraryCell {
            image: hash(9, n),
            um_per_px: Some(0.1),
            class: self.class(code),
            source,
            set: "set".into(),
            patient: Some("P".into()),
            path: PathBuf::from(format!("/cells/{n}.jpg")),
            size: (360, 363),
        }
    }

    fn put(&self, network: Sha256Hash, cells: &[LibraryCell]) -> Vec<LibraryChange> {
        let cells: Vec<_> = cells.iter().map(|c| (c.clone(), Some(vec![127, c.image.0[7], network.0[0]]))).collect();
        self.store.put_library(&network, &cells).expect("kept")
    }
}

fn read(store: &Store, network: Sha256Hash, drawn: bool) -> Vec<(i64, LibraryCell, Vec<u8>)> {
    let mut all = Vec::new();
    store
        .library(&network, drawn, |LibraryId(id), cell, imprint| all.push((id, cell, imprint.to_vec())))
        .expect("read");
    all
}

#[test]
fn cells_are_added_once_and_read_back_as_they_were() {
    let bench = Bench::new(1);
    let mut cells = vec![
        bench.library_cell(1, "NGS", LibrarySource::Labelled),
        bench.library_cell(2, "MYO", LibrarySource::Signed),
        bench.library_cell(3, "LYT", LibrarySource::Drawn),
    ];
    cells[0].um_per_px = None;
    cells[0].patient = None;
    let revision = bench.store.library_revision().expect("a number");
    assert_eq!(bench.put(ONE, &cells), [LibraryChange::Added; 3]);
    assert_eq!(bench.put(ONE, &cells), [LibraryChange::Kept; 3]);
    assert!(bench.store.library_revision().expect("a number") > revision);
    let given = read(&bench.again(), ONE, false);
    assert_eq!(given.iter().map(|g| &g.1).collect::<Vec<_>>(), [&cells[0], &cells[1]]);
    assert_eq!((given[1].2.clone(), given[1].0 > given[0].0), (vec![127, 2, 1], true));
    assert_eq!(read(&bench.store, ONE, true).len(), 1);
    assert_eq!(bench.store.library_cell(LibraryId(given[1].0)).expect("read"), Some(cells[1].clone()));
    assert_eq!(bench.store.library_cell(LibraryId(99)).expect("read"), None);
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_signature_outranks_a_label_and_a_new_word_of_the_same_rank_holds() {
    let bench = Bench::new(1);
    let cell = |code, source| bench.library_cell(1, code, source);
    use LibraryChange::{Added, Changed, Kept};
    use LibrarySource::{Drawn, Labelled, Signed};
    for (code, source, change, holds) in [
        ("NGS", Drawn, Added, "NGS"),
        ("NGB", Labelled, Changed, "NGB"),
        ("MYB", Drawn, Kept, "NGB"),
        ("MMZ", Labelled, Changed, "MMZ"),
        ("MYO", Signed, Changed, "MYO"),
        ("NGS", Labelled, Kept, "MYO"),
        ("MON", Signed, Changed, "MON"),
    ] {
        assert_eq!(bench.put(ONE, &[cell(code, source)]), [change], "{code}");
        let all = bench.store.library_cells(&ONE).expect("read");
        let (there, seen) = &all[&hash(9, 1)];
        assert_eq!((there.class, *seen), (bench.class(holds), true), "{code}");
    }
    // At another scale the network has not seen it, and is asked again.
    let mut scaled = cell("MON", Signed);
    scaled.um_per_px = Some(0.2);
    assert_eq!(bench.store.put_library(&ONE, &[(scaled, None)]).expect("kept"), [Changed]);
    assert_eq!(bench.store.library_standing(&ONE).expect("read"), LibraryStanding { cells: 1, seen: 0, other: None });
}

#[test]
fn each_network_has_seen_its_own_and_the_standing_says_so() {
    let bench = Bench::new(1);
    let cells: Vec<_> = (1..=5).map(|n| bench.library_cell(n, "NGS", LibrarySource::Labelled)).collect();
    bench.put(ONE, &cells);
    bench.put(TWO, &cells[..2]);
    bench.put(TWO, &[bench.library_cell(8, "NGS", LibrarySource::Drawn)]);
    let standing = |n| bench.store.library_standing(n).expect("read");
    assert_eq!(standing(&ONE), LibraryStanding { cells: 5, seen: 5, other: None });
    assert_eq!(standing(&TWO), LibraryStanding { cells: 5, seen: 2, other: Some(ONE) });
    assert_eq!(standing(&Sha256Hash([3; 32])), LibraryStanding { cells: 5, seen: 0, other: Some(ONE) });
    assert_eq!((read(&bench.store, TWO, false).len(), read(&bench.store, TWO, true).len()), (2, 1));
}

#[test]
fn cells_are_pruned_by_their_source_and_all_can_be_cleared_without_touching_a_record() {
    let bench = Bench::new(3);
    bench.decide("ada", 0, "NGS");
    let cells: Vec<_> = (1..=4)
        .map(|n| bench.library_cell(n, "NGS", if n % 2 == 0 { LibrarySource::Signed } else { LibrarySource::Labelled }))
        .collect();
    bench.put(ONE, &cells);
    let gone = bench.store.prune_library(LibrarySource::Signed, |c| c.image == hash(9, 2)).expect("pruned");
    assert_eq!((gone, read(&bench.store, ONE, false).len()), (1, 3));
    let before = bench.store.library_revision().expect("a number");
    assert_eq!(bench.store.clear_library().expect("cleared"), 3);
    assert_eq!(read(&bench.store, ONE, false), []);
    assert!(bench.store.library_revision().expect("a number") > before);
    assert_eq!(bench.store.log(bench.case).expect("a log").len(), 1);
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn imprints_of_one_network_that_differ_in_length_are_a_problem() {
    let bench = Bench::new(1);
    bench.put(ONE, &[bench.library_cell(1, "NGS", LibrarySource::Labelled)]);
    let other = (bench.library_cell(2, "NGS", LibrarySource::Labelled), Some(vec![127; 9]));
    bench.store.put_library(&TWO, std::slice::from_ref(&other)).expect("kept");
    assert_eq!(bench.store.verify().expect("checked"), Vec::<String>::new());
    bench.store.put_library(&ONE, &[other]).expect("kept");
    let problems = bench.store.verify().expect("checked");
    assert!(problems.len() == 1 && problems[0].contains("network 010101010101"), "{problems:?}");
}

#[test]
fn a_batch_that_cannot_be_kept_leaves_nothing_behind() {
    let bench = Bench::new(1);
    let good = bench.library_cell(1, "NGS", LibrarySource::Labelled);
    let bad = LibraryCell { set: String::new(), ..bench.library_cell(2, "NGS", LibrarySource::Labelled) };
    let cells = [(good.clone(), Some(vec![127])), (bad, Some(vec![127]))];
    assert!(bench.store.put_library(&ONE, &cells).is_err());
    assert_eq!(bench.store.library_cells(&ONE).expect("read").len(), 0);
    assert_eq!(bench.put(ONE, &[good]), [LibraryChange::Added]);
}

#[test]
fn two_connections_fill_it_at_a_time() {
    let bench = Bench::new(1);
    let path = bench.path();
    let classes: BTreeMap<u32, _> =
        (0..60).map(|n| (n, bench.library_cell(n, "NGS", LibrarySource::Labelled))).collect();
    std::thread::scope(|scope| {
        for half in 0..2_u32 {
            let (path, table, classes) = (path.clone(), bench.table.clone(), &classes);
            scope.spawn(move || {
                let store = Store::open(&path, &table).expect("opens");
                // Both put every third cell.
                for (n, cell) in classes.iter().filter(|(n, _)| **n % 3 == 0 || **n % 2 == half) {
                    store.put_library(&ONE, &[(cell.clone(), Some(vec![127, *n as u8]))]).expect("kept");
                }
            });
        }
    });
    let all = read(&bench.store, ONE, false);
    assert_eq!(all.len(), 60);
    assert!(all.iter().all(|(_, cell, imprint)| *cell == classes[&u32::from(imprint[1])]));
}
