//! Golden exports of the drawn demo case, as it would be signed and corrected; and files that are whole or the old ones.

mod common;

use std::collections::HashMap;

use common::Lab;
use leukoscope::{
    domain::{
        Action, BlastSet, CaseId, CaseRecord, CaseState, CellId, CellNumber, CellRecord, ClassTable, Decision,
        FlagRules, Laboratory, Layout, Ranges, Ranking, Scale, Sha256Hash,
    },
    export::{CaseNote, Format, Particulars, Status, Summary},
    phantom,
};

/// Reviewers, times and the network are made up; cells and classes are those of the demo case.
fn demo(version: u32) -> Summary {
    let table = ClassTable::default();
    let drawn = phantom::demo_case(phantom::DEMO_SEED);
    let id = |code: &str| table.by_code(code).expect("a code");
    let number = |i: usize| CellId(i as i64 + 1);
    let cell = |(i, c): (usize, &phantom::DemoCell)| CellRecord {
        id: number(i),
        number: CellNumber::after(i),
        path: c.name.clone().into(),
        sha256: Sha256Hash([i as u8; 32]),
        width: phantom::WIDTH,
        height: phantom::HEIGHT,
    };
    let decision = |(i, c): (usize, &phantom::DemoCell)| Decision {
        seq: i as i64 + 1,
        cell: number(i),
        reviewer: "Ana Núñez".into(),
        at: format!("2026-11-25T10:{:02}:{:02}.000Z", i / 60, i % 60),
        // The first version calls the monoblast a monocyte.
        action: Action::Reclassify(id(if version == 1 && c.code == "MOB" { "MON" } else { c.code })),
        network: None,
        suggested: None,
        bulk: None,
    };
    let ranking = |(i, c): (usize, &phantom::DemoCell)| {
        let class = table.get(id(c.code));
        let pairs = [(id(if class.predicted { c.code } else { "MYO" }), 0.75), (id("KSC"), 0.25)];
        Some((number(i), Ranking::new(&table, &pairs).ok()?))
    };
    let cells: Vec<_> = drawn.iter().enumerate().map(cell).collect();
    let log: Vec<_> = drawn.iter().enumerate().map(decision).collect();
    let predictions: HashMap<_, _> = drawn.iter().enumerate().filter_map(ranking).collect();
    let case = CaseRecord {
        id: CaseId(1),
        uid: "c".repeat(32),
        name: "demo".into(),
        root: "".into(),
        layout: Layout::Phantom,
        scale: Scale::given(phantom::UM_PER_PX),
        target: 100,
        blasts: BlastSet::of_table(&table),
        state: CaseState::Open,
        version: None,
        imported_at: "2026-11-25T09:00:00.000Z".into(),
    };
    let open = Summary::open(&table, &case, &cells, &log, &predictions, Some(Sha256Hash([0x3f; 32])));
    let open = open.with_flags(&FlagRules::shipped(&table));
    let signed = Summary {
        status: Status::Signed,
        version: Some(version),
        reason: (version > 1).then(|| "a monoblast was called a monocyte".into()),
        reviewer: Some("Ana Núñez".into()),
        signed_at: Some(format!("2026-11-25T11:00:0{version}.000Z")),
        ..open
    };
    let signed = signed.in_database(&"d".repeat(32));
    if version > 1 { signed.after(&[demo(version - 1)]) } else { signed }
}

fn particulars() -> Particulars {
    let table = ClassTable::default();
    let laboratory = Laboratory::parse(
        "schema = 1\nname = \"Labor für Hämatologie\"\naddress = [\"Musterweg 1\", \"80331 München\"]\n[identifier]\nsystem = \"urn:oid:1.2.3.4\"\n\
         value = \"LAB-7\"\n[patient]\nsystem = \"urn:oid:1.2.3.5\"\nauthority = \"KLINIK\"\n[[field]]\nid = \"specimen\"\nlabel = \"Probe\"\n\
         [[field]]\nid = \"slide\"\nlabel = \"Objektträger\"\n[mllp]\nsending_facility = \"LABOR\"\nreceiving_application = \"LIS\"\n",
    )
    .expect("a laboratory");
    let fields = laboratory.fill(&["specimen=S-17".into(), "slide=2".into()]).expect("fields");
    let note = CaseNote {
        at: "2026-11-25T10:30:00.000Z".into(),
        reviewer: "bea".into(),
        text: "Auer rods | see cell 3".into(),
    };
    let of = Particulars::new(&table, Ranges::shipped(&table), laboratory);
    Particulars { patient: Some("4711".into()), fields, notes: vec![note], ..of }
}

#[test]
fn every_format_of_the_demo_case_is_as_it_was() {
    let (first, second) = (demo(1), demo(2));
    for format in [Format::Json, Format::Csv, Format::Text, Format::Fhir, Format::Hl7] {
        let write = |case: &_| format.write(case, &particulars()).expect("no report");
        let bytes = write(&first);
        assert_eq!(bytes, write(&demo(1)), "the same record, the same bytes: {}", format.name());
        let text = String::from_utf8(bytes).expect("UTF-8").replace('\r', "\n");
        insta::assert_snapshot!(format!("demo_{}", format.name()), text);
    }
    // Of the correction the message for another system alone: it says in few lines what is another.
    let text = String::from_utf8(Format::Hl7.write(&second, &particulars()).expect("a message"));
    let text = text.expect("UTF-8").replace('\r', "\n");
    insta::assert_snapshot!("demo_corrected_hl7", text);
}

#[test]
fn the_same_record_is_exported_twice_as_the_same_bytes() {
    let lab = Lab::new();
    for format in Format::ALL {
        let (one, two) = (lab.path("one"), lab.path("two"));
        for path in [&one, &two] {
            let path = path.to_str().expect("UTF-8");
            lab.run(&["export", "demo", "--format", format.name(), "--patient", "4711", "-o", path]).assert().code(0);
        }
        let (one, two) = (std::fs::read(one).expect("read"), std::fs::read(two).expect("read"));
        assert!(!one.is_empty() && one == two, "{}", format.name());
    }
    let refused = lab.run(&["export", "demo", "--field", "specimn=1"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("did you mean `specimen`?"));
}

/// A limit on the size of files stands for a disk that is full: writing fails in the midst of the file.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_the_old_file() {
    let lab = Lab::new();
    lab.run(&["history", "demo"]).assert().code(0);
    let (program, file) = (assert_cmd::cargo::cargo_bin("leukoscope"), lab.path("case.fhir.json"));
    std::fs::write(&file, "the old one").expect("written");
    // 64 blocks, of 512 or 1024 bytes by the shell: enough for the files beside the database, less than the bundle.
    let line = format!(
        "trap '' XFSZ; ulimit -f 64; exec '{}' export demo --format fhir -o '{}'",
        program.display(),
        file.display()
    );
    let mut run = std::process::Command::new("sh");
    run.args(["-c", &line]).env("LEUKOSCOPE_DB", lab.path("cases.db")).env("HOME", lab.dir.path());
    let output = run.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && said.contains("the file is as it was"), "{:?}: {said}", output.status);
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), "the old one");
    let left = std::fs::read_dir(lab.dir.path()).expect("a folder").flatten();
    assert!(
        left.into_iter().all(|e| !e.file_name().to_string_lossy().starts_with(".leukoscope-")),
        "nothing is left behind"
    );
}
