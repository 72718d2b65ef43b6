//! Links and things that are no files: nothing is followed out of the folder, and nothing is waited for.

#![cfg(unix)]

use std::{fs, os::unix::fs::symlink, process::Command};

use crate::{Folder, paths, reason};

#[test]
fn links_are_not_followed_out_of_the_folder() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    let outside = folder.0.path().join("outside");
    fs::create_dir(&outside).expect("made");
    fs::copy(folder.path().join("a.jpg"), outside.join("secret.jpg")).expect("copied");
    fs::write(outside.join("notes.txt"), "x").expect("written");
    let link = |target: &std::path::Path, name: &str| {
        symlink(target, folder.path().join(name)).expect("linked");
        folder.path().join(name)
    };
    let out = [
        link(&outside.join("secret.jpg"), "secret.jpg"),
        link(std::path::Path::new("../outside/secret.jpg"), "relative"),
        link(&outside, "Monocyte"),
    ];
    let broken = link(std::path::Path::new("nowhere.jpg"), "broken.jpg");
    link(&outside.join("notes.txt"), "notes");
    link(&folder.path().join("a.jpg"), "again.jpg");
    link(&folder.path(), "loop");
    let case = folder.case();
    assert_eq!(paths(&case), ["a.jpg"]);
    for path in &out {
        assert!(reason(&case, path).contains("leads out"), "{}: {}", path.display(), reason(&case, path));
    }
    assert!(reason(&case, &broken).contains("not there"));
    assert_eq!(case.refused.len(), 4, "{:#?}", case.refused);
    let within: Vec<_> = case.warnings.iter().filter(|w| w.contains("a link within the folder")).collect();
    assert_eq!(within.len(), 2, "{:?}", case.warnings);
}

#[test]
fn a_folder_that_the_user_names_may_be_a_link() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    let link = folder.0.path().join("current");
    symlink(folder.path(), &link).expect("linked");
    let cases =
        leukoscope::intake::scan(&[link], &Default::default(), &Default::default(), &leukoscope::intake::Silent);
    let case = cases.expect("scanned").remove(0);
    assert_eq!((case.name.as_str(), case.cells.len()), ("smear", 1));
    assert_eq!(case.root, folder.path().canonicalize().expect("a path"));
}

#[test]
fn pipes_are_never_opened() {
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    for name in ["pipe.jpg", "pipe"] {
        let made = Command::new("mkfifo").arg(folder.path().join(name)).status();
        if !made.is_ok_and(|s| s.success()) {
            return eprintln!("skipped: no mkfifo");
        }
    }
    let case = folder.case();
    assert_eq!(paths(&case), ["a.jpg"]);
    assert!(reason(&case, &folder.path().join("pipe.jpg")).contains("not a regular file"));
    let read = leukoscope::intake::read_image(&folder.path().join("pipe"), &Default::default());
    assert_eq!(read, Err(leukoscope::intake::Reason::NotAFile));
}

#[test]
fn what_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.cell("a.jpg", 1);
    let closed = folder.cell("closed.jpg", 2);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("closed");
    if fs::File::open(&closed).is_ok() {
        return eprintln!("skipped: this user may read everything");
    }
    assert!(reason(&folder.case(), &closed).contains("cannot be read"));
}
