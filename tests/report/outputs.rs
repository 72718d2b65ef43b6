//! What is written where: nothing that is read is ever replaced, and what is there keeps what it is.

use std::{
    fs,
    io::Read,
    os::unix::fs::{FileTypeExt, PermissionsExt, symlink},
    path::Path,
};

use super::common::Lab;

/// A lab with a case of drawn cells called `smear`.
fn lab() -> Lab {
    let lab = Lab::new();
    let smear = lab.phantoms("smear", 1);
    lab.run(&["import", smear.to_str().expect("UTF-8")]).assert().code(0);
    lab
}

fn said(lab: &Lab, args: &[&str], code: i32) -> String {
    let done = lab.run(args).assert().code(code);
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn an_export_never_takes_the_place_of_the_database_or_of_an_image() {
    let lab = lab();
    let database = lab.path("cases.db");
    let image = lab.path("smear/MYO/MYO_0001.jpg");
    let (before, picture) = (fs::read(&database).expect("read"), fs::read(&image).expect("read"));
    symlink(&database, lab.path("link.json")).expect("linked");
    fs::hard_link(&database, lab.path("twin.json")).expect("linked");
    fs::hard_link(&image, lab.path("twin.jpg")).expect("linked");
    symlink(lab.path("smear"), lab.path("other")).expect("linked");
    fs::copy(&database, lab.path("old-backup.db")).expect("copied");
    let places = [
        "cases.db",
        "link.json",
        "twin.json",
        "cases.db-wal",
        "cases.db-shm",
        "cases.db-journal",
        "old-backup.db",
        "smear/MYO/MYO_0001.jpg",
        "smear/../smear/MYO/MYO_0001.jpg",
        "other/MYO/MYO_0001.jpg",
        "twin.jpg",
    ];
    for place in places {
        let place = text(&lab.path(place));
        let why = said(&lab, &["export", "demo", "-o", &place], 2);
        assert!(why.contains("name another file"), "{place}: {why}");
        let why = said(&lab, &["export", "smear", "--format", "pdf", "-o", &place], 2);
        assert!(why.contains("name another file"), "{place}: {why}");
    }
    let wal = text(&lab.path("cases.db-wal"));
    fs::remove_file(&wal).ok();
    assert!(said(&lab, &["backup", &wal], 2).contains("belongs to it"));
    assert!(!Path::new(&wal).exists() || fs::metadata(&wal).expect("a file").len() == 0);
    assert_eq!(fs::read(&image).expect("read"), picture);
    assert_eq!(fs::read(&database).expect("read")[..16], before[..16]);
    lab.run(&["verify"]).assert().code(0);
}

#[test]
fn an_export_never_takes_the_place_of_what_it_is_made_with() {
    let lab = lab();
    let shipped = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    for (option, name) in [
        ("--classes", "classes.toml"),
        ("--flags", "flags.toml"),
        ("--ranges", "ranges.toml"),
        ("--laboratory", "laboratory.toml"),
    ] {
        fs::copy(shipped(name), lab.path(name)).expect("copied");
        let file = text(&lab.path(name));
        let why = said(&lab, &[option, &file, "export", "smear", "-o", &file], 2);
        assert!(why.contains("in use; name another file"), "{option}: {why}");
        assert_eq!(fs::read(lab.path(name)).expect("read"), fs::read(shipped(name)).expect("read"));
    }
    let (network, template) = (text(&lab.path("n.safetensors")), text(&lab.path("report.html")));
    fs::copy(shipped("default.safetensors"), &network).expect("copied");
    fs::copy(shipped("report.html"), &template).expect("copied");
    assert!(said(&lab, &["export", "smear", "--model", &network, "-o", &network], 2).contains("the network in use"));
    let why = said(&lab, &["export", "smear", "--format", "html", "--template", &template, "-o", &template], 2);
    assert!(why.contains("the template in use"), "{why}");
    assert_eq!(fs::read(&template).expect("read"), fs::read(shipped("report.html")).expect("read"));

    // The other commands that write files.
    let (manifest, image) = (text(&lab.path("cells.csv")), text(&lab.path("smear/MYO/MYO_0001.jpg")));
    fs::write(&manifest, "path,class\nsmear/MYO/MYO_0001.jpg,MYO\nsmear/NGS/NGS_0001.jpg,NGS\n").expect("written");
    let card = format!("{manifest}#x");
    assert!(said(&lab, &["evaluate", &manifest, "--card", &card], 2).contains("the data that is read"));
    for place in [&manifest, &image, &text(&lab.path("cases.db"))] {
        let out = text(&lab.path("mine.safetensors"));
        let why = said(&lab, &["train", &manifest, "-o", &out, "--doubts", place], 2);
        assert!(why.contains("name another file"), "{why}");
    }
    let why = said(&lab, &["train", &manifest, "-o", &network, "--doubts", &network], 2);
    assert!(why.contains("the file of the network"), "{why}");
    let maps = lab.path("maps");
    fs::create_dir(&maps).expect("made");
    fs::copy(&image, maps.join("a.saliency.png")).expect("copied");
    fs::copy(&image, maps.join("a.png")).expect("copied");
    let (one, two) = (text(&maps.join("a.png")), text(&maps.join("a.saliency.png")));
    assert!(said(&lab, &["explain", &one, &two, "-o", &text(&maps)], 2).contains("one of the images"));
}

#[test]
fn pipes_and_devices_are_written_through_and_a_file_keeps_its_mode() {
    let lab = lab();
    let wanted = lab.output(&["export", "smear", "--format", "csv"], 0);
    let export = |place: &str| lab.run(&["export", "smear", "--format", "csv", "-o", place]).assert().code(0);
    assert_eq!(String::from_utf8_lossy(&export("/dev/stdout").get_output().stdout), wanted);
    assert_eq!(String::from_utf8_lossy(&export("-").get_output().stdout), wanted);
    assert!(!lab.path("-").exists());
    export("/dev/null");
    assert!(fs::metadata("/dev/null").expect("a device").file_type().is_char_device());

    let pipe = lab.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut text = String::new();
            fs::File::open(pipe).and_then(|mut f| f.read_to_string(&mut text)).map(|_| text)
        }
    });
    export(&text(&pipe));
    assert_eq!(reader.join().expect("read").expect("UTF-8"), wanted);
    assert!(fs::metadata(&pipe).expect("a pipe").file_type().is_fifo());

    let (file, link) = (lab.path("smear.csv"), lab.path("link.csv"));
    fs::write(&file, "old").expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
    symlink(&file, &link).expect("linked");
    export(&text(&link));
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o644);
    assert_eq!(fs::read_to_string(&file).expect("read"), wanted);

    // Behind what a file holds that the shell appends to.
    let line = format!(
        "'{}' export smear --format csv -o /dev/stdout >> '{}'",
        assert_cmd::cargo::cargo_bin("leukoscope").display(),
        file.display()
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &line]).env("LEUKOSCOPE_DB", lab.path("cases.db")).env("HOME", lab.dir.path());
    assert!(shell.status().expect("a shell").success());
    assert_eq!(fs::read_to_string(&file).expect("read"), wanted.repeat(2));
}

#[test]
fn a_place_that_takes_no_file_is_said_before_anything_is_made() {
    let lab = lab();
    for (place, says) in
        [("smear", "is a folder"), ("none/x.json", "folder is not there"), ("none/", "add a file's name")]
    {
        let place = text(&lab.path(place));
        let why = said(&lab, &["export", "smear", "-o", &place], 2);
        assert!(why.contains(says), "{place}: {why}");
    }
}

#[test]
fn files_that_never_end_are_refused_with_their_name_wherever_a_text_is_read() {
    let lab = lab();
    let pipe = text(&lab.path("pipe"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let large = text(&lab.path("large"));
    fs::File::create(&large).and_then(|f| f.set_len(1 << 30)).expect("made");
    let folder = text(&lab.path("smear"));
    for file in ["/dev/zero", &pipe, &large, &folder] {
        for args in [
            &["--classes", file, "cases"][..],
            &["--flags", file, "cases"],
            &["--ranges", file, "cases"],
            &["--laboratory", file, "cases"],
            &["keys", "check", "--keymap", file],
            &["export", "smear", "--format", "html", "--template", file],
            &["train", &folder, "--dry-run", "--recipe", file],
            &["evaluate", &folder, "--predictions", file],
        ] {
            let why = said(&lab, args, 2);
            assert!(why.contains(file) && why.lines().count() == 1, "{args:?}: {why}");
        }
        if file != folder {
            assert!(said(&lab, &["evaluate", file], 2).contains(file));
            assert!(said(&lab, &["raters", file], 2).contains(file));
            assert!(said(&lab, &["model", "info", "--model", file], 2).contains(file));
        }
    }
}

#[test]
fn a_template_that_would_never_end_or_eat_the_memory_is_refused_in_one_sentence() {
    let lab = lab();
    let template = lab.path("own.html");
    for bad in [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}.{% endfor %}{% endfor %}{% endfor %}",
        "{{ '%2000000000d'|format(1) }}",
        "{{ 'x' * 1000000000 }}",
        "{% set x = 'x' * 1000 %}{{ x * 1000 * 1000 }}",
        "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
        "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    ] {
        fs::write(&template, bad).expect("written");
        let out = text(&lab.path("smear.html"));
        let args = ["export", "smear", "--format", "html", "--template", &text(&template), "-o", &out];
        let why = said(&lab, &args, 2);
        assert!(why.contains("own.html:") && why.lines().count() == 1, "{bad}: {why}");
        assert!(!lab.path("smear.html").exists());
    }
}

#[test]
fn two_databases_with_the_same_images_and_a_restored_backup_never_use_one_id_for_two_records() {
    let one = lab();
    let other = Lab::new();
    other.run(&["import", &text(&one.path("smear"))]).assert().code(0);
    let sign = |lab: &Lab, class: &str| {
        let cells = lab.json(&["export", "smear"])["cells"].as_array().expect("cells").clone();
        let line = |c: &serde_json::Value| {
            format!("{{\"cell\":{},\"action\":\"reclassify\",\"class\":\"{class}\"}}\n", c["cell"])
        };
        lab.run(&["decide", "smear"]).write_stdin(cells.iter().map(line).collect::<String>()).assert().code(0);
        lab.run(&["sign", "smear"]).assert().code(0);
    };
    let control = |lab: &Lab| {
        lab.output(&["export", "smear", "--format", "hl7"], 0).split('|').nth(9).expect("MSH-10").to_owned()
    };
    let report = |lab: &Lab| {
        let bundle = lab.json(&["export", "smear", "--format", "fhir"]);
        bundle["entry"][0]["fullUrl"].as_str().expect("a URL").to_owned()
    };
    sign(&one, "NGS");
    sign(&other, "MYO");
    assert_ne!(control(&one), control(&other));
    assert_ne!(report(&one), report(&other));
    // A copy of a record has its ids.
    one.run(&["backup", &text(&one.path("copy.db"))]).assert().code(0);
    let copied =
        |format: &str| one.output(&["--db", &text(&one.path("copy.db")), "export", "smear", "--format", format], 0);
    for format in ["hl7", "fhir"] {
        assert_eq!(copied(format), one.output(&["export", "smear", "--format", format], 0));
    }
}

#[test]
fn every_case_has_a_file_of_its_own_whatever_it_is_called() {
    let lab = Lab::new();
    let smears = ["a/b", "a_b", "A_B", "M\u{fc}ller", "CON", &"n".repeat(250), &"\u{e9}".repeat(127)];
    for (i, case) in smears.iter().enumerate() {
        let folder = text(&lab.path(&format!("smear{i}")));
        lab.run(&["phantoms", &folder, "--layout", "flat", "--per-class", "1", "--seed", &i.to_string()])
            .assert()
            .code(0);
        lab.run(&["import", &folder, "--case", case]).assert().code(0);
    }
    let files = |folder: &str, format: &str| {
        lab.run(&["export", "--all", "--with-open", "--format", format, "-o", &text(&lab.path(folder))])
            .assert()
            .code(0);
        let entries = fs::read_dir(lab.path(folder)).expect("a folder").map(|e| e.expect("an entry").path());
        let mut found: Vec<(String, Vec<u8>)> = entries
            .map(|p| (p.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(p).expect("read")))
            .collect();
        found.sort();
        found
    };
    let json = files("all", "json");
    assert_eq!(json.len(), smears.len() + 1, "and the demo case");
    let mut cases: Vec<String> = json
        .iter()
        .map(|(_, bytes)| {
            serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON")["case"]
                .as_str()
                .expect("a case")
                .to_owned()
        })
        .collect();
    cases.sort();
    cases.dedup();
    assert_eq!(cases.len(), json.len(), "each case once");
    assert_eq!(files("all", "json"), json, "the same again");
    // What is imported later takes nobody's file.
    let late = text(&lab.path("late"));
    lab.run(&["phantoms", &late, "--layout", "flat", "--per-class", "1", "--seed", "99"]).assert().code(0);
    lab.run(&["import", &late, "--case", "a:b"]).assert().code(0);
    let more = files("all", "json");
    assert!(more.len() == json.len() + 1 && json.iter().all(|file| more.contains(file)));
    assert_eq!(files("fhir", "fhir").len(), more.len());
}

#[test]
fn a_case_that_is_read_blinded_is_left_out_of_tables_and_files_and_its_blasts_of_the_list() {
    let lab = lab();
    lab.run(&["read", "smear", "--reviewer", "carl"]).assert().code(0);
    let line = "{\"cell\":\"MYO/MYO_0001.jpg\",\"action\":\"reclassify\",\"class\":\"MYO\"}\n";
    lab.run(&["decide", "smear"]).write_stdin(line).assert().code(0);
    for format in ["csv", "json"] {
        let folder = text(&lab.path(format));
        let args = ["export", "--all", "--with-open", "--format", format, "--reviewer", "carl", "-o", &folder];
        assert!(said(&lab, &args, 1).contains("smear"), "named");
        let files = fs::read_dir(&folder).expect("a folder").map(|e| fs::read_to_string(e.expect("an entry").path()));
        assert!(files.flatten().all(|text| !text.contains("smear,") && !text.contains("\"smear\"")), "{format}");
    }
    let blasts = |who: &str| {
        let list = lab.json(&["cases", "--json", "--reviewer", who]);
        list.as_array().expect("a list").iter().find(|c| c["case"] == "smear").expect("the case")["blasts"].clone()
    };
    assert!(blasts("carl").is_null() && blasts("tester").is_number());
}

#[test]
fn a_mark_for_spreadsheets_is_in_front_of_csv_and_of_nothing_else() {
    let lab = lab();
    let plain = lab.output(&["export", "smear", "--format", "csv"], 0);
    assert_eq!(lab.output(&["export", "smear", "--format", "csv", "--bom"], 0), format!("\u{feff}{plain}"));
    assert!(said(&lab, &["export", "smear", "--bom"], 2).contains("--bom"));
    let folder = text(&lab.path("study"));
    lab.run(&["export", "--all", "--with-open", "--format", "csv", "--bom", "-o", &folder]).assert().code(0);
    for file in fs::read_dir(&folder).expect("a folder") {
        let bytes = fs::read(file.expect("an entry").path()).expect("read");
        assert!(bytes.starts_with(b"\xef\xbb\xbf") && !bytes[3..].starts_with(b"\xef\xbb\xbf"));
    }
}

#[test]
fn characters_that_no_document_may_hold_are_shown_as_escapes_in_every_form() {
    let lab = Lab::new();
    let smear = lab.phantoms("smear", 1);
    let case = "a\u{fffe}b\u{1b}c\u{202e}d";
    lab.run(&["import", smear.to_str().expect("UTF-8"), "--case", case]).assert().code(0);
    for format in ["html", "pdf", "fhir", "hl7", "text", "csv", "json"] {
        let done = lab.run(&["export", case, "--format", format]).assert().code(0);
        let bytes = &done.get_output().stdout;
        assert!(!bytes.windows(3).any(|w| w == "\u{fffe}".as_bytes()), "{format}");
    }
}
