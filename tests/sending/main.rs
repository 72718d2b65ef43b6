//! Signed cases to a laboratory's system that drops, delays, refuses and closes: each arrives once, whatever happens on the way.

#[path = "../common/mod.rs"]
mod common;
mod receiver;

use std::{
    collections::HashSet,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use common::Lab;
use leukoscope::{
    domain::{Action, ClassTable, FoundCase, FoundCell, Layout, Scale, Sha256Hash},
    store::{NewDecision, SignRequest, Store},
};
use receiver::{Mood, Receiver};

const LATE: Duration = Duration::from_millis(500);

/// A lab with `n` signed cases, and the laboratory's file: an impatient sender.
fn lab(n: usize, receiver: &Receiver) -> Lab {
    let lab = Lab::new();
    let text = format!(
        "schema = 1\nname = \"Labor\"\n[mllp]\naddress = \"{}\"\nconnect_s = 2\nanswer_s = 0.25\nretries = 3\nwait_s = 0.01\n\
         longest_wait_s = 0.05\n",
        receiver.address
    );
    std::fs::write(lab.path("laboratory.toml"), text).expect("written");
    // The demo case is drawn once, before anything is timed or killed.
    lab.run(&["history", "demo"]).assert().code(0);
    let table = ClassTable::default();
    let store = Store::open(&lab.path("cases.db"), &table).expect("a database");
    for case in 0..n {
        sign(&store, &table, case);
    }
    lab
}

fn sign(store: &Store, table: &ClassTable, number: usize) {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
    let cell = FoundCell {
        path: PathBuf::from("cell.png"),
        sha256: Sha256Hash(hash),
        width: 360,
        height: 363,
        label: None,
        class: None,
    };
    let found = FoundCase {
        name: format!("Fall {number:03}"),
        name_given: true,
        root: PathBuf::from(format!("/smears/{number}")),
        layout: Layout::Flat,
        scale: Scale::given(0.1),
        cells: vec![cell],
        drawn: 0,
        refused: Vec::new(),
        warnings: Vec::new(),
    };
    let case = store.import(&found).expect("imported").case.id;
    let (cell, class) = (store.cells(case).expect("cells")[0].id, table.by_code("NGS").expect("a class"));
    let (reviewer, action) = ("ada".to_owned(), Action::Reclassify(class));
    store.record(&NewDecision { case, cell, reviewer, action, network: None, suggested: None }).expect("recorded");
    correct(store, case);
}

fn correct(store: &Store, case: leukoscope::domain::CaseId) {
    let request = SignRequest {
        case,
        reviewer: "ada".into(),
        allow_unreviewed: false,
        expect_last_seq: None,
        expect_blasts: None,
        blasts: None,
        network: None,
        no_wbc_reason: None,
    };
    store.sign(&request).expect("signed");
}

/// `send` with the lab's file: exit status, and what was said.
fn send(lab: &Lab, args: &[&str]) -> (i32, String) {
    let file = lab.path("laboratory.toml");
    let mut all = vec!["--laboratory", file.to_str().expect("UTF-8"), "send"];
    all.extend(args);
    if !args.iter().any(|a| ["--patient", "--order"].contains(a)) {
        all.push("--without-patient");
    }
    let output = lab.run(&all).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().expect("an exit status"), said)
}

fn states(lab: &Lab) -> Vec<serde_json::Value> {
    let text = lab.output(&["send", "--list", "--json"], 0);
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[test]
fn two_hundred_messages_arrive_once_each_whatever_the_receiver_does() {
    const CASES: usize = 200;
    let receiver = Receiver::start(Mood::Random, 20261125, LATE);
    let lab = lab(CASES, &receiver);
    let (mut runs, mut killed) = (0, 0);
    loop {
        runs += 1;
        assert!(runs < 60, "it never ends: {:?}", send(&lab, &["--all", "--again"]));
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("leukoscope"))
            .args([
                "--laboratory",
                lab.path("laboratory.toml").to_str().expect("UTF-8"),
                "send",
                "--all",
                "--again",
                "--without-patient",
                "-q",
            ])
            .env("LEUKOSCOPE_DB", lab.path("cases.db"))
            .env("LEUKOSCOPE_REVIEWER", "tester")
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // kill -9 in the midst of the first runs.
        if runs <= 8 {
            let until = Instant::now() + Duration::from_millis(300 + 170 * runs);
            while Instant::now() < until && child.try_wait().expect("a state").is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            if child.try_wait().expect("a state").is_none() {
                child.kill().expect("killed");
                killed += 1;
            }
        }
        if child.wait().expect("it ends").code() == Some(0) {
            break;
        }
    }
    let names = receiver.look(|book| {
        assert_eq!(book.taken.len(), CASES, "each once, by its control id");
        assert!(book.changed.is_empty(), "a repetition is the same message, byte for byte: {:?}", book.changed);
        assert!(book.all_arrivals() > CASES + 20, "the receiver did not misbehave: {}", book.all_arrivals());
        let name = |m: &Vec<u8>| {
            let text = String::from_utf8(m.clone()).expect("UTF-8");
            let obr = text.split('\r').find(|s| s.starts_with("OBR|")).expect("a request").to_owned();
            obr.split('|').nth(3).expect("a case").to_owned()
        };
        book.taken.values().map(name).collect::<HashSet<_>>()
    });
    assert_eq!(names.len(), CASES, "no case under two control ids");
    let states = states(&lab);
    assert!(states.len() == CASES && states.iter().all(|s| s["state"] == "accepted"), "{states:?}");
    let before = receiver.look(|book| book.all_arrivals());
    assert_eq!(send(&lab, &["--all", "--again"]).0, 0);
    assert_eq!(receiver.look(|book| book.all_arrivals()), before, "what was accepted is never sent again");
    println!("{runs} runs, {killed} of them killed, {before} messages came in for {CASES}");
    lab.run(&["verify"]).assert().code(0);
}

#[test]
fn what_is_refused_is_kept_with_its_reason_and_not_sent_again_by_itself() {
    let receiver = Receiver::start(Mood::Reject, 1, LATE);
    let lab = lab(1, &receiver);
    let (code, said) = send(&lab, &["Fall 000", "--patient", "wrong"]);
    assert!(code == 1 && said.contains("AR said the receiver") && said.contains("--again"), "{code}: {said}");
    let (code, said) = send(&lab, &["Fall 000"]);
    assert!(code == 2 && said.contains("was refused"), "{code}: {said}");
    assert_eq!(send(&lab, &["--all"]).0, 0);
    assert_eq!(receiver.look(|b| b.all_arrivals()), 1, "a rejection is not sent again");
    let refused = &states(&lab)[0];
    assert_eq!((&refused["state"], &refused["detail"]), (&"refused".into(), &"AR said the receiver".into()));
    // By hand, made anew, under the same control id.
    receiver.set(Mood::Kind);
    assert_eq!(send(&lab, &["Fall 000", "--again", "--patient", "4711"]).0, 0);
    let state = &states(&lab)[0];
    assert_eq!((&state["state"], &state["control_id"]), (&"accepted".into(), &refused["control_id"]));
    let message = receiver.look(|b| b.taken.values().next().cloned()).expect("a message");
    assert!(String::from_utf8(message).expect("UTF-8").contains("\rPID|1||4711^^^^PI||^^^^^^U\r"));
    let (code, said) = send(&lab, &["Fall 000"]);
    assert!(code == 0 && said.contains("not sent again"), "{said}");
    assert_eq!(receiver.look(|b| b.all_arrivals()), 2);
    let history = lab.output(&["history", "Fall 000"], 0);
    let told = ["queued", "sent", "refused: AR said the receiver", "queued", "sent", "accepted"];
    let lines = history.lines().filter(|l| l.contains("message of version 1"));
    let pairs: Vec<_> = lines.zip(told).collect();
    assert!(pairs.len() == told.len() && pairs.iter().all(|(l, t)| l.contains(t)), "{history}");
}

#[test]
fn application_errors_are_repeated_as_often_as_the_file_says() {
    let receiver = Receiver::start(Mood::Error, 1, LATE);
    let lab = lab(1, &receiver);
    assert_eq!(send(&lab, &["--all"]).0, 1);
    assert_eq!(receiver.look(|b| b.all_arrivals()), 1);
    let file = std::fs::read_to_string(lab.path("laboratory.toml")).expect("a file") + "refused_retries = 2\n";
    std::fs::write(lab.path("laboratory.toml"), file).expect("written");
    assert_eq!(send(&lab, &["--all", "--again"]).0, 1);
    assert_eq!(receiver.look(|b| b.all_arrivals()), 4, "once, and two repetitions");
}

#[test]
fn a_correction_is_a_message_of_its_own_and_an_open_case_is_not_sent() {
    let receiver = Receiver::start(Mood::Kind, 1, LATE);
    let lab = lab(1, &receiver);
    assert_eq!(send(&lab, &["Fall 000"]).0, 0);
    let table = ClassTable::default();
    let store = Store::open(&lab.path("cases.db"), &table).expect("a database");
    let case = store.case("Fall 000").expect("a case").id;
    store.reopen(case, "ada", "misread").expect("reopened");
    let (code, said) = send(&lab, &["Fall 000"]);
    assert!(code == 2 && said.contains("reopened"), "{said}");
    correct(&store, case);
    assert_eq!(send(&lab, &["Fall 000"]).0, 0);
    assert_eq!(receiver.look(|b| b.taken.len()), 2);
    let (code, said) = send(&lab, &["demo"]);
    assert!(code == 2 && said.contains("not signed"), "{said}");
    let (code, said) = send(&lab, &["Fall 000", "--field", "specimn=1"]);
    assert!(code == 2 && said.contains("specimn"), "{said}");
    let without = lab.run(&["send", "Fall 000"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&without.stderr).into_owned();
    assert!(without.status.code() == Some(2) && said.contains("[mllp]"), "{said}");
}

#[test]
fn a_dead_receiver_leaves_messages_queued_and_a_silent_one_unacknowledged() {
    let receiver = Receiver::start(Mood::Silent, 1, LATE);
    let lab = lab(1, &receiver);
    // A port that nobody listens on.
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    let (code, said) = send(&lab, &["--all", "--to", &nobody]);
    assert!(code == 3 && said.contains("1 waiting in the outbox"), "{said}");
    assert_eq!(states(&lab)[0]["state"], "queued");
    let (code, said) = send(&lab, &["--all"]);
    assert!(code == 3 && said.contains("no acknowledgement within 0.25 s"), "{said}");
    let state = &states(&lab)[0];
    assert_eq!((&state["state"], &state["sends"]), (&"sent-unacknowledged".into(), &4.into()));
    receiver.set(Mood::Kind);
    assert_eq!(send(&lab, &["--all"]).0, 0);
    receiver.look(|b| assert!(b.taken.len() == 1 && b.changed.is_empty()));
}

/// Ctrl-C ends a wait at once and leaves the message in the outbox.
#[cfg(unix)]
#[test]
fn an_interruption_is_heeded_while_it_waits() {
    let receiver = Receiver::start(Mood::Silent, 1, LATE);
    let lab = lab(1, &receiver);
    let file = std::fs::read_to_string(lab.path("laboratory.toml")).expect("a file").replace("0.25", "60");
    std::fs::write(lab.path("laboratory.toml"), file).expect("written");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("leukoscope"))
        .args([
            "--laboratory",
            lab.path("laboratory.toml").to_str().expect("UTF-8"),
            "send",
            "--all",
            "--without-patient",
        ])
        .env("LEUKOSCOPE_DB", lab.path("cases.db"))
        .env("LEUKOSCOPE_REVIEWER", "tester")
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let until = Instant::now() + Duration::from_secs(60);
    while receiver.look(|b| b.taken.is_empty()) {
        assert!(Instant::now() < until, "nothing was sent");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pressed = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(3));
    assert!(pressed.elapsed() < Duration::from_secs(20), "it did not wait for the answer");
    assert_eq!(states(&lab)[0]["state"], "sent-unacknowledged");
}

/// `send` as it is typed, without anything said of patients: exit status, and what was said.
fn typed(lab: &Lab, args: &[&str]) -> (i32, String) {
    let file = lab.path("laboratory.toml");
    let output = lab.run(&[&["--laboratory", file.to_str().expect("UTF-8"), "send"], args].concat()).output();
    let output = output.expect("it runs");
    (output.status.code().expect("an exit status"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_message_says_whose_it_is_unless_it_was_said_that_it_need_not() {
    let receiver = Receiver::start(Mood::Kind, 1, LATE);
    let lab = lab(3, &receiver);
    let (code, said) = typed(&lab, &["--all"]);
    assert!(code == 1 && said.contains("Fall 000: not sent") && said.contains("Fall 002: not sent"), "{code}: {said}");
    let (code, said) = typed(&lab, &["Fall 000"]);
    assert!(code == 2 && said.contains("--patient ID") && said.contains("--without-patient"), "{said}");
    assert_eq!((receiver.look(|b| b.all_arrivals()), states(&lab).len()), (0, 0), "nothing was queued");
    assert_eq!(typed(&lab, &["Fall 001", "--order", "A-17", "--collected", "2026-11-25"]).0, 0);
    assert_eq!(typed(&lab, &["Fall 002", "--without-patient"]).0, 0);

    // A message that waits can be given a patient, keeps it, and is not sent without one.
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    assert_eq!(typed(&lab, &["Fall 000", "--without-patient", "--to", &nobody]).0, 3);
    let control = states(&lab).into_iter().find(|s| s["case"] == "Fall 000").expect("queued")["control_id"].clone();
    let (code, said) = typed(&lab, &["--all"]);
    assert!(code == 1 && said.contains("Fall 000: not sent"), "{said}");
    assert_eq!(typed(&lab, &["Fall 000", "--patient", "4711", "--to", &nobody]).0, 3);
    assert_eq!(typed(&lab, &["Fall 000"]).0, 0, "what waits stays as it was made");
    receiver.look(|book| {
        assert_eq!(book.taken.len(), 3);
        let message = &book.taken[control.as_str().expect("an id")];
        assert!(String::from_utf8_lossy(message).contains("\rPID|1||4711^^^^PI|"));
        let ordered = book.taken.values().filter(|m| String::from_utf8_lossy(m).contains("\rORC|RE|A-17|"));
        assert_eq!(ordered.count(), 1);
    });
    assert_eq!(typed(&lab, &["--all"]).0, 0);
}

#[test]
fn a_refusal_that_names_no_message_and_an_answer_without_its_last_byte_are_read() {
    let receiver = Receiver::start(Mood::Nameless, 1, LATE);
    let lab = lab(2, &receiver);
    let (code, said) = send(&lab, &["Fall 000"]);
    assert!(code == 1 && said.contains("AR no such patient 204^Unknown key"), "{code}: {said}");
    assert_eq!(receiver.look(|b| b.all_arrivals()), 1);
    let refused = &states(&lab)[0];
    assert_eq!(
        (&refused["state"], &refused["detail"]),
        (&"refused".into(), &"AR no such patient 204^Unknown key".into())
    );
    receiver.set(Mood::Bare);
    let (code, said) = send(&lab, &["Fall 001"]);
    assert!(code == 0 && receiver.look(|b| b.all_arrivals()) == 2, "{code}: {said}");
}

#[test]
fn a_correction_of_what_never_went_out_is_final_and_one_of_what_did_corrects() {
    let receiver = Receiver::start(Mood::Kind, 1, LATE);
    let lab = lab(1, &receiver);
    let table = ClassTable::default();
    let store = Store::open(&lab.path("cases.db"), &table).expect("a database");
    let case = store.case("Fall 000").expect("a case").id;
    let mut controls = HashSet::new();
    for (version, status) in [(2, "F"), (3, "C")] {
        store.reopen(case, "ada", "misread").expect("reopened");
        correct(&store, case);
        assert_eq!(send(&lab, &["Fall 000"]).0, 0);
        let state = states(&lab).pop().expect("a message");
        assert_eq!(state["version"], version);
        let control = state["control_id"].as_str().expect("an id").to_owned();
        let message = receiver.look(|b| String::from_utf8_lossy(&b.taken[&control]).into_owned());
        let obr = message.split('\r').find(|s| s.starts_with("OBR|")).expect("a request").to_owned();
        assert_eq!(obr.split('|').nth(25), Some(status), "version {version}");
        controls.insert(control);
    }
    assert_eq!(controls.len(), 2);
}
