//! The program itself: `export --format html` and `pdf`.

use std::{fs, process::Command};

use super::common::Lab;

/// A lab with a case of drawn cells, half of them decided, called `case`.
fn lab(case: &str) -> Lab {
    let lab = Lab::new();
    let smear = lab.phantoms("smear", 2);
    lab.run(&["import", smear.to_str().expect("UTF-8"), "--case", case]).assert().code(0);
    let cells = lab.json(&["export", case]);
    let decide = |cell: &serde_json::Value| {
        let path = cell["path"].as_str().expect("a path");
        let class = path.split('/').next().expect("a folder");
        format!("{{\"cell\":{},\"action\":\"reclassify\",\"class\":\"{class}\"}}\n", cell["cell"])
    };
    let lines: String = cells["cells"].as_array().expect("cells").iter().step_by(2).map(decide).collect();
    lab.run(&["decide", case]).write_stdin(lines).assert().code(0);
    lab
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let case = "Ümit <1> & \"co\"";
    let lab = lab(case);
    for (format, mark) in [("html", "PRELIMINARY"), ("pdf", "%PDF-1.7")] {
        let write = |name: &str| {
            let path = lab.path(name);
            lab.run(&["export", case, "--format", format, "--patient", "P<1>", "--field", "slide=A", "-o"])
                .arg(&path)
                .assert()
                .code(0);
            fs::read(path).expect("an export")
        };
        let first = write("first");
        // Longer than any clock's second.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert_eq!(first, write("second"), "{format}");
        assert!(first.len() < 1_000_000 && String::from_utf8_lossy(&first).contains(mark));
        if format == "html" {
            let text = String::from_utf8(first).expect("UTF-8");
            assert!(
                text.contains("<dd>Ümit &lt;1&gt; &amp; &quot;co&quot;</dd>") && text.contains("<dd>P&lt;1&gt;</dd>")
            );
        }
    }
    lab.run(&["sign", case, "--allow-unreviewed"]).assert().code(0);
    let signed = lab.output(&["export", case, "--format", "html"], 0);
    assert!(!signed.contains("PRELIMINARY") && signed.contains("by tester, "), "a signed case is not preliminary");
}

#[test]
fn a_picture_that_changed_or_is_gone_is_named_in_its_place() {
    let lab = lab("smear");
    let cells = lab.json(&["export", "smear"]);
    let decided: Vec<&str> = cells["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .filter(|c| {
            !c["decided"].is_null() && c["path"].as_str().is_some_and(|p| p.starts_with("MYO") || p.starts_with("EOS"))
        })
        .map(|c| c["path"].as_str().expect("a path"))
        .collect();
    let [first, .., last] = decided.as_slice() else { panic!("two cells") };
    let smear = lab.path("smear");
    fs::remove_file(smear.join(first)).expect("removed");
    fs::copy(smear.join("KSC/KSC_0001.jpg"), smear.join(last)).expect("changed");
    for format in ["html", "pdf"] {
        let out = lab.path("report");
        let done = lab.run(&["export", "smear", "--format", format, "-o"]).arg(&out).assert().code(1);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(first) && said.contains("not found"), "{said}");
        assert!(said.contains(last) && said.contains("has changed"), "{said}");
        let bytes = fs::read(&out).expect("written all the same");
        if format == "html" {
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert_eq!(text.matches("class=\"gone\"").count(), 2);
            assert!(text.contains(&format!("{}: file not found", first.replace('/', "&#x2f;"))));
        }
    }
}

#[test]
fn a_case_without_a_decision_has_a_report_too() {
    let lab = Lab::new();
    let html = lab.output(&["export", "demo", "--format", "html"], 0);
    assert!(html.contains("PRELIMINARY") && html.contains("PHANTOM") && html.contains("62 cells have no decision yet"));
    assert!(html.contains("0 WBC counted") && !html.contains("NaN") && !html.contains("<td class=\"n\"></td>"));
    let pdf = lab.run(&["export", "demo", "--format", "pdf"]).assert().code(0).get_output().stdout.clone();
    assert!(pdf.starts_with(b"%PDF-1.7"));
}

#[test]
fn all_cases_have_a_report_each() {
    let lab = lab("smear");
    lab.run(&["export", "--all", "--with-open", "--format", "html", "-o"]).arg(lab.path("all")).assert().code(0);
    for (name, cells) in [("smear", "myeloblast, 1 of 1"), ("demo", "0 WBC counted")] {
        let html = fs::read_to_string(lab.path(&format!("all/{name}.html"))).expect("a report");
        assert!(html.contains(cells), "{name}");
    }
    fs::remove_dir_all(lab.path("smear/MYO")).expect("removed");
    let done =
        lab.run(&["export", "--all", "--with-open", "--format", "pdf", "-o"]).arg(lab.path("all")).assert().code(1);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("smear: ") && said.contains("not found"), "{said}");
    assert!(lab.path("all/smear.pdf").exists() && lab.path("all/demo.pdf").exists());
}

#[test]
fn a_template_with_a_problem_writes_nothing() {
    let lab = lab("smear");
    let (template, out) = (lab.path("own.html"), lab.path("report.html"));
    fs::write(&template, "<p>\n{{ page.nonsense }}\n").expect("written");
    let run = |code| {
        let done =
            lab.run(&["export", "smear", "--format", "html", "--template"]).arg(&template).arg("-o").arg(&out).assert();
        String::from_utf8_lossy(&done.code(code).get_output().stderr).into_owned()
    };
    let said = run(2);
    assert!(said.contains("own.html:2: ") && said.contains("undefined"), "{said}");
    assert!(!out.exists());
    fs::write(&template, "{{ page.case }}, {{ page.wbc }} WBC\n").expect("written");
    run(0);
    assert!(fs::read_to_string(&out).expect("a report").starts_with("smear, "));
}

/// A file system of 64 KiB, seen by one shell only.
#[test]
fn a_disk_that_fills_up_leaves_the_old_file() {
    let lab = lab("smear");
    let disk = lab.path("disk");
    fs::create_dir(&disk).expect("a folder");
    let script = r#"
        mount -t tmpfs -o size=64k tmpfs "$DISK" || exit 99
        echo old > "$DISK/report.html"
        "$LEUKOSCOPE" export smear --format html -o "$DISK/report.html"
        echo "status $?"
        cat "$DISK/report.html"
        ls -A "$DISK"
    "#;
    let mut shell = Command::new("unshare");
    shell.args(["-rm", "sh", "-c", script]).env("DISK", &disk).env("LEUKOSCOPE_DB", lab.path("cases.db"));
    shell.env("LEUKOSCOPE", assert_cmd::cargo::cargo_bin("leukoscope")).env("HOME", lab.dir.path());
    let done = match shell.output() {
        Ok(done) if done.status.code() != Some(99) && !done.stdout.is_empty() => done,
        other => {
            eprintln!("skipped: no small file system can be mounted here ({other:?})");
            return;
        }
    };
    let (out, said) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(out, "status 3\nold\nreport.html\n", "{said}");
    assert!(said.contains("the file is as it was"), "{said}");
}
