//! What counts as a blast beside every share of them: wide, narrow, in the list, in the summary, in the rule.

use super::*;
use crate::domain::BlastSet;

/// A promyelocytic leukaemia: of 60 cells 40 are promyelocytes, 2 myeloblasts.
fn promyelocytic(codes: &[&str]) -> State {
    let mut state = reviewing(60);
    for (code, n) in [("PMO", 40), ("MYO", 2), ("NGS", 18)] {
        let class = state.table.by_code(code).expect("a code");
        (0..n).for_each(|_| press(&mut state, Command::Class(class)));
    }
    if !codes.is_empty() {
        let blasts = BlastSet::choose(&state.table, codes.iter().copied()).expect("a choice");
        update(&mut state, Event::BlastsSet(CaseId(7), blasts));
    }
    state.notice = None;
    state
}

const CHOSEN: [&str; 5] = ["MYO", "MOB", "LBL", "BLU", "PMO"];

#[test]
fn the_choice_of_what_counts_as_a_blast() {
    let mut state = promyelocytic(&[]);
    press(&mut state, Command::Blasts);
    for typed in ['p', ' '] {
        update(&mut state, Event::Typed(Typed::Char(typed)));
    }
    insta::assert_snapshot!(text(&state, (80, 24)));
}

#[test]
fn every_share_of_blasts_stands_beside_its_classes() {
    for (codes, title, share) in [
        (&[][..], "blasts (MYO MOB LBL BLU)", "3.3%"),
        (&CHOSEN[..], "blasts and equivalents (MYO MOB LBL BLU PMO)", "70.0%"),
    ] {
        let mut state = promyelocytic(codes);
        let short = if codes.is_empty() { "blasts" } else { "blasts+PMO" };
        let list = title.split(['(', ')']).nth(1).expect("classes");
        // In the pane: in full where there is room, else the short name over the classes.
        let wide = text(&state, (200, 60));
        let (whole, below) = (format!("!{title} {share}"), format!("  {list}"));
        assert!(wide.contains(&whole) || (!codes.is_empty() && wide.contains(&below)), "{wide}");
        for size in [(80, 24), (120, 40)] {
            let narrow = text(&state, size);
            let shortest = if codes.is_empty() { "!blasts" } else { "!blasts+" };
            let named = [format!("!{short} {share}"), format!("{shortest} {share}")];
            assert!(named.iter().any(|name| narrow.contains(name)), "{short}\n{narrow}");
            assert!(list.split(' ').all(|code| narrow.contains(code)), "{list}\n{narrow}");
            assert!(narrow.contains(&format!("! {short} {share}")), "the flag\n{narrow}");
        }
        // Enlarged, with the differential out of sight.
        press(&mut state, Command::Zoom);
        for size in [(80, 24), (200, 60)] {
            let said = text(&state, size);
            assert!(said.contains(&format!("{short} {share}")) || said.contains(&format!("{title} {share}")), "{said}");
        }
        // What is signed.
        press(&mut state, Command::Sign);
        for size in [(80, 24), (120, 40)] {
            let said = text(&state, size);
            let (named, listed) = (said.contains(&format!("!{title} {share}")), said.contains(&format!("  {list} ")));
            assert!(named || listed, "{said}");
        }
    }
}

#[test]
fn a_rule_that_is_clear_only_without_promyelocytes_says_so_and_with_them_it_is_clear() {
    let mut state = promyelocytic(&[]);
    state.rule = Some(StopRule::CHOICES[0]);
    let said = text(&state, (200, 60));
    assert!(said.contains("blasts < 20% without PMO (66.7%)") && !said.contains("clear"), "{said}");
    let mut state = promyelocytic(&CHOSEN);
    state.rule = Some(StopRule::CHOICES[0]);
    let said = text(&state, (200, 60));
    assert!(said.contains("blasts+PMO > 20%: clear (70.0%)"), "{said}");
    press(&mut state, Command::Target);
    let said = text(&state, (120, 40));
    assert!(said.contains("how many cells are enough; blasts+PMO"), "{said}");
}

#[test]
fn what_counts_is_marked_as_a_blast_where_it_counts_and_nowhere_else() {
    let marked = |state: &State| text(state, (120, 40)).contains("!PMO");
    assert!(!marked(&promyelocytic(&[])));
    assert!(marked(&promyelocytic(&CHOSEN)));
}

#[test]
fn the_list_says_where_a_share_is_of_other_classes() {
    let mut state = listing();
    let mut rows = state.cases.rows.clone().expect("rows");
    rows[2].case.blasts = BlastSet::choose(&state.table, CHOSEN).expect("a choice");
    rows[3].case.blasts = BlastSet::choose(&state.table, ["PMO", "PMB"]).expect("a choice");
    update(&mut state, Event::CasesLoaded(rows));
    for size in [(80, 24), (120, 40)] {
        let said = text(&state, size);
        assert!(said.contains("+PMO 10.0%") && said.contains("+PMO+PMB-MY… 15.0%"), "{said}");
        let line = |name: &str| said.lines().find(|l| l.contains(name)).expect("a line").to_owned();
        assert!(!line("Patient_04").contains('+'), "{said}");
        let at = |name: &str| line(name).split("2026-11-23").next().map(|before| before.chars().count());
        assert_eq!(at("Patient_01"), at("Patient_04"), "columns stay columns\n{said}");
    }
}
