//! A run that is killed or interrupted goes on and ends with the very network that it would have ended with.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::School;

/// Starts a run that keeps a checkpoint after every step.
fn start(school: &School, output: &str, resume: bool) -> std::process::Child {
    let mut more = vec!["--checkpoint-every", "0"];
    if resume {
        more.push("--resume");
    }
    Command::new(assert_cmd::cargo::cargo_bin("leukoscope"))
        .args(school.args(output, &more))
        .env("LEUKOSCOPE_DB", school.path("cases.db"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn wait_for(file: &str) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !fs::exists(file).unwrap_or(false) {
        assert!(Instant::now() < deadline, "{file} does not appear");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let school = School::new(6);
    let whole = school.train("whole.safetensors", &[]);
    let output = school.path("killed.safetensors");
    let checkpoint = format!("{output}.checkpoint");
    let mut kills = 0;
    for wait in [30, 90, 200, 400, 800] {
        let mut child = start(&school, &output, kills > 0);
        wait_for(&checkpoint);
        std::thread::sleep(Duration::from_millis(wait));
        if child.try_wait().expect("a state").is_some() {
            break;
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        kills += 1;
    }
    assert!(kills > 0, "it was never killed");
    if !fs::exists(&output).expect("a folder") {
        school.lab.run(&school.args(&output, &["--resume"])).assert().code(0);
    }
    assert!(whole == fs::read(&output).expect("the network"), "after {kills} kills it is another network");
    assert!(!fs::exists(&checkpoint).expect("a folder"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_run_and_says_how_to_go_on() {
    let school = School::new(6);
    let output = school.path("a.safetensors");
    let child = start(&school, &output, false);
    wait_for(&format!("{output}.checkpoint"));
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    let ended = child.wait_with_output().expect("ended");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.code() == Some(0) {
        panic!("the run was over before it was interrupted: {said}");
    }
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(said.contains("interrupted") && said.contains("--resume"), "{said}");
    assert!(!fs::exists(&output).expect("a folder"));
    // Neither begun anew by accident, nor gone on with under other settings.
    let anew = school.lab.run(&school.args(&output, &[])).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&anew).contains("--resume"));
    let other = school.lab.run(&school.args(&output, &["--resume", "--seed", "9"])).assert().code(2);
    assert!(String::from_utf8_lossy(&other.get_output().stderr).contains("other settings"));
    school.lab.run(&school.args(&output, &["--resume"])).assert().code(0);
}
