//! Two reviewers on one database through two pseudo-terminals: a blinded second reading, killed on the way, and an adjudicated
//! count that both sign for.

use std::time::Duration;

use super::{
    common::Lab,
    emulator::Emulator,
    harness::{GAP, Pty, REST},
    review::launch,
};

/// What the first reader is called, wrote and tagged, and a class that the second never names.
const OF_THE_FIRST: [&str; 5] = ["Quentin", "cytoplasm", "hushed", "EOS", "eosinophil"];

/// A case of six drawn cells.
fn six_cells() -> Lab {
    let lab = Lab::new();
    let folder = lab.path("small");
    let folder = folder.to_str().expect("UTF-8");
    lab.run(&["phantoms", folder, "--layout", "flat", "--per-class", "1"]).assert().success();
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    files[6..].iter().for_each(|file| std::fs::remove_file(file).expect("removed"));
    lab.run(&["import", folder]).assert().success();
    lab
}

fn start(lab: &Lab, args: &[&str]) -> Pty {
    let args: Vec<_> = ["review"].iter().chain(args).chain(&["--graphics", "half"]).copied().collect();
    launch(lab, &args, &[], Emulator::AttributesOnly, (24, 80))
}

/// Presses a key until the screen says `answer`; one that comes between a frame and the mark behind it is refused as typed
/// ahead, and a person would press it again.
fn press(pty: &Pty, key: &str, answer: &str) {
    for _ in 0..20 {
        pty.wait_quiet(GAP);
        let before = pty.bytes();
        pty.send(key);
        pty.wait_until_written(before);
        pty.wait_quiet(Duration::from_millis(80));
        let contents = pty.contents();
        if contents.contains(answer) {
            return;
        }
        // What opened or closed something has to rest before it is pressed again.
        if contents.contains("has just closed or opened") {
            pty.wait_quiet(REST);
            continue;
        }
        let refused = contents.contains("dropped") || contents.contains("nothing decided");
        if !refused {
            return pty.wait_for(answer);
        }
    }
    panic!("never {answer:?} after {key:?}; the screen is\n{}", pty.contents());
}

/// Nothing of the first reader's is on the screen, nor was it ever sent.
fn assert_blind(pty: &Pty) {
    let (contents, raw) = (pty.contents(), pty.raw());
    for hidden in OF_THE_FIRST {
        assert!(!contents.contains(hidden) && !raw.contains(hidden), "{hidden} in\n{contents}");
    }
}

#[test]
fn two_reviewers_read_one_case_blinded_and_sign_an_adjudicated_count() {
    let lab = six_cells();
    let first = start(&lab, &["small", "--reviewer", "Quentin"]);
    first.wait_for("reviewed 0/6");
    for (i, key) in ["s", "s", "e", "l", "l"].iter().enumerate() {
        press(&first, key, &format!("reviewed {}/6", i + 1));
    }
    press(&first, "N", "note on this cell");
    first.send("cytoplasm\r");
    first.wait_for("note kept");
    press(&first, "#", "tag of this cell");
    first.send("hushed\r");
    first.wait_for("tagged #hushed");

    // The second reader comes to read blinded, and is told nothing, not even in the list.
    let second = start(&lab, &["--blinded", "--reviewer", "Rosa"]);
    second.wait_for("small");
    assert!(!second.contents().contains("5/6"), "{}", second.contents());
    press(&second, "\x1b[F", "small");
    press(&second, "\r", "blinded second reading, no suggestions");
    second.wait_quiet(REST);
    second.send("\r");
    second.wait_for("BLINDED SECOND READING");
    press(&second, "s", "decided 1/6");
    press(&second, "s", "decided 2/6");
    // The first reader ends meanwhile; a second one is not told of that either.
    press(&first, "e", "reviewed 6/6");
    second.wait_quiet(Duration::from_millis(1200));
    assert_blind(&second);
    for (i, key) in ["N", "H", "D"].into_iter().enumerate() {
        press(&second, key, "nothing of the record");
        // The next refusal reads the same: moving takes this one away.
        let (arrow, cell) = if i % 2 == 0 { ("\x1b[C", "cell 4/6") } else { ("\x1b[D", "cell 3/6") };
        press(&second, arrow, cell);
    }
    press(&second, " ", "no suggestion to accept");
    assert_blind(&second);
    // Pulled out of the wall, and on again where it stood.
    second.signal("KILL");
    second.wait_exit();
    let second = start(&lab, &["small", "--reviewer", "Rosa"]);
    second.wait_for("decided 2/6");
    for (i, key) in ["l", "l", "l", "x"].iter().enumerate() {
        press(&second, key, &format!("decided {}/6", i + 3));
        assert_blind(&second);
    }
    press(&second, "S", "finish the blinded second reading of small");
    assert_blind(&second);
    second.wait_quiet(Duration::from_millis(200));
    second.send("y");
    second.wait_for("finished");

    // Alike are NGS 2 and LYT 2 of 6. Margins NGS 2/2, LYT 2/3, EOS 2/0, excluded 0/1: chance 10/36, kappa 7/13.
    press(&first, "D", "4 of 6 alike");
    assert!(
        first.contents().contains("kappa 0.54") && first.contents().contains("2 of 2 open"),
        "{}",
        first.contents()
    );
    let compared = lab.json(&["compare", "small", "--reviewer", "Quentin", "--json"]);
    let kappa = compared["kappa"].as_f64().expect("a number");
    assert!((kappa - 7.0 / 13.0).abs() < 1e-12, "{compared}");
    assert_eq!((&compared["n"], &compared["agreed"], &compared["suggestions"]), (&6.into(), &4.into(), &false.into()));
    // One cell as the first reader has it, one as the second: neither by a key that says less than that.
    press(&first, "\r", "1 of 2 in dispute");
    first.send(" ");
    first.wait_for("does nothing here");
    assert!(first.contents().contains("1 of 2 in dispute"), "the space bar decides nothing here");
    press(&first, "1", "2 of 2 in dispute");
    press(&first, "2", "all 2 cells in dispute are settled");
    press(&first, "S", "readers Quentin and Rosa: 4 of 6 alike");
    first.wait_quiet(Duration::from_millis(200));
    first.send("y");
    first.wait_for("signed as version 1");
    let export = lab.json(&["export", "small"]);
    let count = |code: &str| {
        let rows = export["counts"].as_array().expect("a list");
        rows.iter().find(|r| r["class"] == code).map_or(0, |r| r["count"].as_u64().expect("a number"))
    };
    assert_eq!((count("NGS"), count("LYT"), count("EOS"), &export["excluded"]), (2, 2, 1, &1.into()), "{export}");
    let readers = &export["readers"];
    assert_eq!((&readers["first"][0], &readers["second"]), (&"Quentin".into(), &"Rosa".into()));
    assert_eq!((&readers["adjudicators"][0], &readers["kappa"]), (&"Quentin".into(), &compared["kappa"]));
    let settled: Vec<_> = readers["disputes"].as_array().expect("a list").iter().map(|d| &d["settled"]).collect();
    assert_eq!(settled, [&serde_json::Value::from(true); 2]);
    lab.run(&["verify"]).assert().success();
    for pty in [&first, &second] {
        pty.send("q");
        pty.assert_restored(0);
    }
}

/// The same without the interface, and a training beside it.
#[test]
fn readings_work_without_the_interface() {
    let lab = six_cells();
    let decide = |args: &[&str], lines: &[(i64, &str)]| {
        let input: String = lines.iter().map(|(cell, what)| format!("{{\"cell\":{cell},{what}}}\n")).collect();
        let all: Vec<_> = ["decide", "small"].iter().chain(args).copied().collect();
        lab.run(&all).write_stdin(input).assert()
    };
    let export = lab.json(&["export", "small"]);
    let cells: Vec<i64> =
        export["cells"].as_array().expect("a list").iter().map(|c| c["cell"].as_i64().expect("a number")).collect();
    let named = |codes: [&str; 6]| -> Vec<(i64, String)> {
        cells
            .iter()
            .zip(codes)
            .map(|(&c, code)| (c, format!("\"action\":\"reclassify\",\"class\":\"{code}\"")))
            .collect()
    };
    let lines = |named: &[(i64, String)]| -> Vec<(i64, String)> { named.to_vec() };
    let first = lines(&named(["NGS", "NGS", "MYO", "LYT", "LYT", "MYO"]));
    let first: Vec<_> = first.iter().map(|(c, s)| (*c, s.as_str())).collect();
    decide(&["--reviewer", "ann"], &first).success();
    let read = lab.json(&["read", "small", "--reviewer", "bea", "--no-suggestions"]);
    assert_eq!((&read["kind"], &read["left"], &read["suggestions"]), (&"second".into(), &6.into(), &false.into()));
    lab.run(&["read", "small", "--reviewer", "ann"]).assert().code(2);
    let second = lines(&named(["NGS", "NGS", "LYT", "LYT", "LYT", "MON"]));
    let second: Vec<_> = second.iter().map(|(c, s)| (*c, s.as_str())).collect();
    // Blinded: no look at the record, not into it, and nothing to accept.
    for command in [["export", "small"], ["history", "small"]] {
        lab.run(&[command[0], command[1], "--reviewer", "bea"]).assert().code(2);
        lab.run(&[command[0], command[1], "--reviewer", "dora"]).assert().code(0);
    }
    decide(&["--reviewer", "bea"], &second[..1]).code(1);
    decide(&["--reviewer", "bea", "--reading"], &[(cells[0], "\"action\":\"accept\"")]).code(1);
    decide(&["--reviewer", "bea", "--reading"], &second).success();
    decide(&["--reviewer", "bea", "--reading"], &[(cells[5], "\"action\":\"undo\"")]).success();
    lab.run(&["read", "small", "--reviewer", "bea", "--finish"]).assert().code(2);
    decide(&["--reviewer", "bea", "--reading"], &[(cells[5], "\"action\":\"exclude\"")]).success();
    decide(&["--reviewer", "dora", "--adjudicate"], &[(cells[2], "\"action\":\"first\"")]).code(2);
    assert_eq!(lab.json(&["read", "small", "--reviewer", "bea", "--finish"])["state"], "finished");
    let compared = lab.json(&["compare", "small", "--reviewer", "dora", "--json"]);
    assert_eq!((&compared["n"], &compared["agreed"]), (&6.into(), &4.into()));
    lab.run(&["sign", "small", "--reviewer", "ann"]).assert().code(2);
    decide(&["--reviewer", "dora", "--adjudicate"], &[(cells[0], "\"action\":\"exclude\"")]).code(1);
    let settle = [(cells[2], "\"action\":\"first\""), (cells[5], "\"action\":\"second\"")];
    decide(&["--reviewer", "dora", "--adjudicate"], &settle).success();
    let page = lab.run(&["compare", "small", "--reviewer", "ann"]).assert().success().get_output().stdout.clone();
    let page = String::from_utf8(page).expect("UTF-8");
    assert!(page.contains("6 cells, 4 alike") && page.contains("settled as MYO by dora"), "{page}");
    lab.run(&["sign", "small", "--reviewer", "ann"]).assert().success();
    let readers = lab.json(&["export", "small"])["readers"].clone();
    assert_eq!((&readers["adjudicators"][0], &readers["n"]), (&"dora".into(), &6.into()));
    let text = lab.run(&["export", "small", "--format", "text"]).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.contains("Read by ann; read blinded, without suggestions by bea"), "{text}");
    assert!(text.contains("Cells in dispute: 2, adjudicated 2 by dora"), "{text}");
    // The demo case's cells have labels: a training on them is scored, and the record knows nothing of it.
    let training = lab.json(&["read", "demo", "--reviewer", "eva", "--training", "--no-suggestions"]);
    let all = training["cells"].as_array().expect("a list");
    let input: String =
        all.iter().map(|c| format!("{{\"cell\":{c},\"action\":\"reclassify\",\"class\":\"MYO\"}}\n")).collect();
    lab.run(&["decide", "demo", "--reviewer", "eva", "--reading"]).write_stdin(input).assert().success();
    lab.run(&["read", "demo", "--reviewer", "eva", "--finish"]).assert().success();
    let score = lab.json(&["compare", "demo", "--reviewer", "eva", "--json"]);
    assert_eq!((&score["kind"], &score["n"], &score["agreed"]), (&"training".into(), &62.into(), &16.into()));
    assert_eq!(lab.json(&["export", "demo"])["unreviewed"], 62);
    lab.run(&["compare", "demo", "--reviewer", "ann"]).assert().code(2);
    lab.run(&["verify"]).assert().success();
}
