//! Figures on the screen: that they are the cells' own, and never cut.

use std::collections::BTreeSet;

use ratatui::style::Color;

use super::{Shots, listing, shoot, text};
use crate::{
    app::{
        Command, Event, State, Typed,
        fixture::{loaded, others, press, ranking, reviewing},
        reading_fixture::{compared, reading, reading_case},
        update,
    },
    domain::{Action, CaseId, CaseSummary, CellId, Happening, ReadingKind, Share, StopRule, What},
    ui::{ColourDepth, PictureMode},
};

#[test]
fn a_cell_keeps_its_number_whatever_comes_first() {
    let mut state = reviewing(60);
    let doubtful = [41, 17].map(|id| (CellId(id), ranking(&state.table, 0, 0.3)));
    update(&mut state, Event::Predictions(CaseId(7), doubtful.to_vec()));
    press(&mut state, Command::Order);
    update(&mut state, Event::Typed(Typed::Down));
    update(&mut state, Event::Typed(Typed::Enter));
    press(&mut state, Command::First);
    let mut reordered = 0;
    for place in 1..=60 {
        let review = state.review.as_ref().expect("a review");
        let number = review.cells[review.cursor].number.get();
        let shot = text(&state, (80, 24));
        assert!(shot.contains(&format!("cell {number} ({place}/60)")), "{shot}");
        reordered += usize::from(number != place);
        press(&mut state, Command::Next);
    }
    assert!(reordered > 0, "the order is another one");
}

#[test]
fn a_repeat_in_an_order_of_its_own_tells_places_and_no_number() {
    let mut state = reading_case(20, ReadingKind::Repeat, false);
    let review = state.review.as_mut().expect("a review");
    review.reading = Some(crate::domain::Reading { seed: Some(7), ..reading(ReadingKind::Repeat, false) });
    let shot = text(&state, (80, 24));
    assert!(shot.contains("place 1/20") && !shot.contains("cell 1"), "{shot}");
}

/// 101 WBC of ten classes, a third of them blasts.
fn hundred_and_one() -> State {
    let mut state = reviewing(120);
    let counts = [
        ("NGS", 40),
        ("MYO", 33),
        ("LYT", 9),
        ("MON", 8),
        ("EOS", 3),
        ("BAS", 2),
        ("NGB", 2),
        ("MMZ", 2),
        ("MYB", 1),
        ("PMO", 1),
    ];
    let id = |code: &str| state.table.by_code(code).expect("a code");
    let actions = counts.iter().flat_map(|&(code, n)| vec![Action::Reclassify(id(code)); n]);
    let log = (1..).zip(actions).map(|(i, action)| others(i, i, "Bea", action)).collect();
    update(&mut state, Event::LogRefreshed(log));
    state.notice = None;
    state
}

#[test]
fn the_summary_of_a_hundred_and_one_wbc_says_of_how_many_at_80x24() {
    let mut state = hundred_and_one();
    press(&mut state, Command::Sign);
    let shot = text(&state, (80, 24));
    assert!(shot.contains("32.7% (23.7–42.7) 33 of 101"), "{shot}");
}

/// Twelve thousand cells, most classes in the hundreds, and names that are too long for any column.
fn crowded() -> State {
    let mut state = reviewing(0);
    let mut case = loaded(12_345);
    case.record.name = "Müller-Lüdenscheidt 1948-07-16 order 4711081512 slide 20251".to_owned();
    case.record.target = 10_000;
    case.predictions.retain(|cell, _| cell.0 % 40 < 20);
    state.reviewer = "Prof. Dr. med. Wilhelmina van der Oudekerk-Oosterwolde 99".to_owned();
    state.rule = Some(StopRule::CHOICES[0]);
    state.zone = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
    let classes: Vec<_> = state.table.iter().map(|(id, _)| id).collect();
    let ngs = state.table.by_code("NGS").expect("a code");
    let action = |i: usize| match i {
        _ if i.is_multiple_of(97) => Action::Exclude,
        _ if i.is_multiple_of(2) => Action::Reclassify(ngs),
        _ => Action::Reclassify(classes[i / 2 % classes.len()]),
    };
    case.log = (1..=12_001).map(|i| others(i as i64, i as i64, "Bea", action(i))).collect();
    update(&mut state, Event::CaseLoaded(Box::new(case)));
    state
}

/// The figures of a text: runs of digits with the points and commas in them.
fn figures(text: &str) -> BTreeSet<String> {
    let runs = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
    runs.map(|run| run.trim_matches(['.', ',']).to_owned()).filter(|run| run.len() > 1).collect()
}

/// What the gallery says of its groups, those beyond the end of the screen as well.
fn of_groups(state: &State) -> Vec<String> {
    let Some(review) = &state.review else { return Vec::new() };
    let groups = review.gallery.iter().flat_map(|gallery| gallery.groups());
    let counts = groups.flat_map(|(_, cells)| {
        let decided = cells.iter().filter(|&&cell| review.verdict(cell).is_some()).count();
        [cells.len(), decided, cells.len() - decided]
    });
    counts.map(|n| n.to_string()).collect()
}

/// Every screen with figures, by name.
fn screens() -> Vec<(&'static str, State)> {
    let base = crowded();
    let with = |commands: &[Command]| {
        let mut state = base.clone();
        commands.iter().for_each(|&c| press(&mut state, c));
        state.notice = None;
        state
    };
    let mut history = base.clone();
    let happened = |what| Happening { at: "2026-10-25T00:30:00.000Z".into(), who: Some(base.reviewer.clone()), what };
    let step = What::Step { shown: "NGS of 11987 cells together, after 10456 were looked at one by one".into() };
    update(
        &mut history,
        Event::HistoryLoaded(vec![
            happened(step),
            happened(What::Signed { version: 1000, wbc: 11_111, blasts: 10_222, of: Default::default() }),
        ]),
    );
    let mut cases = listing();
    let mut record = loaded(0).record;
    record.name = base.review.as_ref().expect("a review").case.name.clone();
    let row = CaseSummary { case: record, cells: 12_345, reviewed: 12_001, blasts: Share::new(10_999, 11_001) };
    update(&mut cases, Event::CasesLoaded(vec![row]));
    let codes: Vec<(&str, &str)> = [("NGS", "NGS"); 1_234].into_iter().chain([("MYO", "LYT"); 1_011]).collect();
    vec![
        ("review", base.clone()),
        ("zoomed", with(&[Command::Zoom])),
        ("gallery", with(&[Command::Gallery])),
        ("summary", with(&[Command::Sign])),
        ("target", with(&[Command::Target])),
        ("filter", with(&[Command::Filter])),
        ("history", history),
        ("cases", cases),
        ("two readings", compared(ReadingKind::Second, &codes)),
        ("training", compared(ReadingKind::Training, &codes)),
    ]
}

#[test]
fn no_screen_of_any_size_cuts_a_figure() {
    let shot = |state: &State, size| shoot(state, size, ColourDepth::Palette256, Shots::All, PictureMode::Off).text;
    for (name, state) in screens() {
        // As wide as a screen gets, with room for everything.
        let mut truth = figures(&shot(&state, (400, 120)));
        truth.extend(of_groups(&state));
        assert!(truth.len() > 3, "{name}: {truth:?}");
        for columns in [80, 81, 86, 93, 100, 109, 110, 121, 137, 159, 160, 181, 200, 220, 231] {
            for rows in [24, 30, 41, 60] {
                let said = shot(&state, (columns, rows));
                // What is counted by the page, of what the page has no room for.
                let lines =
                    said.lines().filter(|l| ![" more", " of the group", " flags: "].iter().any(|w| l.contains(w)));
                for found in lines.flat_map(figures) {
                    let part = truth.iter().find(|t| t.len() > found.len() && t.starts_with(&found));
                    let cut = part.filter(|_| !truth.contains(&found));
                    assert_eq!(cut, None, "{name} at {columns}x{rows}: {found} is a part of a figure\n{said}");
                }
            }
        }
    }
}

#[test]
fn an_unreviewed_case_under_the_cursor_has_no_coloured_bar() {
    let mut state = listing();
    let row = CaseSummary { case: loaded(0).record, cells: 62, reviewed: 0, blasts: None };
    update(&mut state, Event::CasesLoaded(vec![row]));
    let shot = shoot(&state, (100, 24), ColourDepth::Palette256, Shots::All, PictureMode::Off);
    let line = shot.text.lines().position(|l| l.contains("0/62")).expect("the case") as u16;
    let buffer = shot.terminal.backend().buffer();
    let end = (0..100).find(|&x| (x..x + 4).map(|x| buffer[(x, line)].symbol()).collect::<String>() == "0/62");
    let bar: Vec<Color> =
        (end.expect("its count") - 24..end.expect("its count")).map(|x| buffer[(x, line)].fg).collect();
    let plain = buffer[(end.expect("its count"), line)].fg;
    assert!(bar.iter().rev().take(18).all(|c| *c == plain), "{bar:?}");
}

#[test]
fn the_lower_bars_stay_in_the_columns_of_the_ranking() {
    for columns in [80, 120, 200, 220, 230, 300] {
        let shot = text(&reviewing(3), (columns, 60));
        let column = |line: &str| line.find('%').map(|at| line[..at].chars().count());
        let top = shot.lines().find(|l| l.contains("83.0%") && l.contains('█')).and_then(column);
        let blast = shot.lines().find(|l| l.contains(" blast ") && l.contains('%')).and_then(column);
        assert!(top.is_some() && top == blast, "{columns}: {top:?} and {blast:?}\n{shot}");
    }
}

#[test]
fn the_list_tells_no_percentage_of_a_few_cells_where_its_interval_has_no_room() {
    let mut state = listing();
    let mut list = |blasts| {
        let row = CaseSummary { case: loaded(0).record, cells: 62, reviewed: 49, blasts };
        update(&mut state, Event::CasesLoaded(vec![row]));
        [80, 110].map(|columns| text(&state, (columns, 24)))
    };
    let [narrow, wide] = list(Share::new(1, 1));
    assert!(
        narrow.contains(" 1/1 ") && !narrow.contains('%') && wide.contains("100.0% (2.5–100.0)"),
        "{narrow}\n{wide}"
    );
    assert!(list(Share::new(5, 50))[0].contains("10.0%"));
}
