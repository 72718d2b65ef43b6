//! Frames of readings and of two of them beside each other.

use super::{listing, shoot, text};
use crate::{
    app::{
        Command, Event, OpenReading,
        fixture::press,
        reading_fixture::{compared, reading, reading_case},
        update,
    },
    domain::{CaseId, ReadingKind},
    ui::{ColourDepth, PictureMode, tests::Shots},
};

#[test]
fn a_reading_names_itself_and_shows_its_own_progress_only() {
    let mut state = reading_case(20, ReadingKind::Second, false);
    let ngs = Command::Class(state.table.by_code("NGS").expect("a code"));
    press(&mut state, ngs);
    let shot = text(&state, (80, 24));
    insta::assert_snapshot!(shot);
    // The class stands in the name of the blasts that are counted, and nowhere else.
    assert_eq!(shot.matches("MYO").count(), 1, "{shot}");
    for hidden in ["label", "83.0%", "cell_0", "cpu", "signed"] {
        assert!(!shot.contains(hidden), "{hidden} in\n{shot}");
    }
    press(&mut state, Command::Sign);
    assert!(text(&state, (80, 24)).contains("type: give up"));
}

#[test]
fn a_case_that_is_read_blinded_has_no_figures_in_the_list() {
    let mut state = listing();
    let open = OpenReading {
        reading: crate::domain::Reading { case: CaseId(1), ..reading(ReadingKind::Second, false) },
        decided: 5,
    };
    let line = |state: &crate::app::State| {
        let shot = text(state, (100, 24));
        shot.lines().find(|l| l.contains("Patient_01")).expect("its line").to_owned()
    };
    assert!(line(&state).contains("signed v1") && line(&state).contains('%'));
    update(&mut state, Event::ReadingsLoaded(vec![open]));
    let masked = line(&state);
    assert!(masked.contains("second") && masked.contains("5/120"), "{masked}");
    assert!(!masked.contains("signed") && !masked.contains('%') && !masked.contains("37/120"), "{masked}");
    state.blinded = true;
    let all = text(&state, (100, 24));
    assert!(!all.contains('%') && !all.contains("signed v"), "{all}");
    update(&mut state, Event::ReadingsLoaded(Vec::new()));
    update(&mut state, Event::Command(Command::Blind));
    insta::assert_snapshot!(text(&state, (80, 24)));
}

const CODES: [(&str, &str); 9] = [
    ("NGS", "NGS"),
    ("MYO", "LYT"),
    ("LYT", "LYT"),
    ("NGS", "x"),
    ("MON", "MOB"),
    ("MYO", "MYO"),
    ("EBO", "EBO"),
    ("NGS", "NGB"),
    ("PMO", "PMO"),
];

#[test]
fn two_readings_are_a_table_and_a_cell_with_both_classes() {
    let mut state = compared(ReadingKind::Second, &CODES);
    insta::assert_snapshot!(text(&state, (80, 24)));
    press(&mut state, Command::Open);
    press(&mut state, Command::SecondRight);
    insta::assert_snapshot!(text(&state, (80, 24)));
    press(&mut state, Command::Sign);
    let shot = text(&state, (80, 24));
    assert!(shot.contains("readers Ann and Bea: 5 of 9 alike"), "{shot}");
    assert!(shot.contains("not ready: 3 of 4 cells in dispute are not settled"), "{shot}");
}

#[test]
fn a_training_shows_its_score_and_neither_keys_nor_the_record() {
    let mut state = compared(ReadingKind::Training, &CODES);
    let table = text(&state, (80, 24));
    assert!(table.contains("sensitivity") && table.contains("4 wrong") && !table.contains("Ann"), "{table}");
    press(&mut state, Command::Open);
    let one = text(&state, (80, 24));
    assert!(one.contains("reference label") && !one.contains("is right") && !one.contains("Ann"), "{one}");
}

#[test]
fn no_size_of_the_screen_is_too_odd() {
    for (w, h) in [(80, 24), (81, 25), (100, 30), (120, 40), (200, 60), (260, 90), (79, 24), (20, 5)] {
        for zoom in 0..3 {
            for kind in ReadingKind::ALL {
                let mut state = compared(kind, &CODES);
                for _ in 0..zoom {
                    press(&mut state, Command::Zoom);
                }
                for _ in 0..2 {
                    shoot(&state, (w, h), ColourDepth::Mono, Shots::None, PictureMode::Off);
                    press(&mut state, Command::Open);
                }
                let state = reading_case(3, kind, true);
                shoot(&state, (w, h), ColourDepth::Mono, Shots::Lost, PictureMode::HalfBlock);
            }
        }
    }
}
