//! Choosing what counts as a blast in the case under review, from the classes that the class table offers.

use super::{Effect, Notice, Popup, Prompt, PromptKind, State};
use crate::domain::{BlastSet, CaseId, ClassId, ClassTable};

/// The classes to choose from: those on offer, and those in use that are not.
pub fn blast_choices(table: &ClassTable, in_use: &BlastSet) -> Vec<ClassId> {
    let offered = BlastSet::offered(table);
    let more = in_use.classes().iter().copied().filter(|id| !offered.contains(id)).collect::<Vec<_>>();
    offered.into_iter().chain(more).collect()
}

/// What the line of the prompt says: the codes that are chosen.
pub fn blasts_chosen(table: &ClassTable, text: &str) -> BlastSet {
    BlastSet::of(text.split_whitespace().filter_map(|code| table.by_code(code)))
}

/// Opens the list with what counts now marked.
pub(super) fn open(state: &mut State) {
    let Some(review) = &state.review else { return };
    if review.is_signed() {
        state.notice = Some(Notice::Signed(review.case.version.unwrap_or(1)));
        return;
    }
    let text = said(&state.table, &review.case.blasts);
    state.popup = Some(Popup::Prompt(Prompt { text, ..Prompt::new(PromptKind::Blasts) }));
}

fn said(table: &ClassTable, blasts: &BlastSet) -> String {
    blasts.codes(table).join(" ")
}

/// Space takes the marked class in or out; a letter goes to the next class whose code or name begins with it.
pub(super) fn typed(table: &ClassTable, in_use: &BlastSet, prompt: &mut Prompt, c: char) {
    let choices = blast_choices(table, in_use);
    if c == ' ' {
        if let Some(&marked) = choices.get(prompt.marked) {
            prompt.text = said(table, &blasts_chosen(table, &prompt.text).toggled(marked));
        }
        return;
    }
    let begins = |text: &str| text.chars().next().is_some_and(|first| first.to_lowercase().eq(c.to_lowercase()));
    let fits = |i: &usize| {
        let class = table.get(choices[*i]);
        begins(&class.code) || begins(&class.name)
    };
    let after = (prompt.marked + 1..choices.len()).chain(0..=prompt.marked.min(choices.len().saturating_sub(1)));
    if let Some(next) = after.filter(|&i| i < choices.len()).find(fits) {
        prompt.marked = next;
    }
}

/// Back to what the class table says.
pub(super) fn reset(table: &ClassTable, prompt: &mut Prompt) {
    prompt.text = said(table, &BlastSet::of_table(table));
}

/// Keeps the choice, if it is one and another one than before.
pub(super) fn choose(state: &mut State) -> Vec<Effect> {
    let (Some(Popup::Prompt(prompt)), Some(review)) = (&state.popup, &state.review) else {
        return Vec::new();
    };
    let blasts = blasts_chosen(&state.table, &prompt.text);
    if blasts.classes().is_empty() {
        state.notice = Some(Notice::NoBlastClass);
        return Vec::new();
    }
    let (case, same, painted) = (review.case.id, blasts == review.case.blasts, prompt.painted);
    state.popup = None;
    match (same, painted) {
        (true, _) => Vec::new(),
        (_, false) => {
            state.notice = Some(Notice::NotPainted);
            Vec::new()
        }
        _ => vec![Effect::SetBlasts { case, blasts }],
    }
}

/// The choice is in the database, ours or another reviewer's.
pub(super) fn chosen(state: &mut State, case: CaseId, blasts: BlastSet) {
    let title = blasts.names(&state.table).title();
    if let Some(review) = state.review.as_mut().filter(|r| r.case.id == case) {
        review.count_as_blasts(&state.table, blasts);
        state.notice = Some(Notice::Blasts(title));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Command, Event, Typed,
        fixture::{loaded, painted, press, reviewing},
        update,
    };
    use super::*;

    fn text(state: &State) -> String {
        let Some(Popup::Prompt(prompt)) = &state.popup else { panic!("{:?}", state.popup) };
        prompt.text.clone()
    }

    fn key(state: &mut State, typed: Typed) -> Vec<Effect> {
        let shown = painted(state);
        update(state, Event::Painted(shown));
        update(state, Event::Typed(typed))
    }

    fn class(state: &State, code: &str) -> Command {
        Command::Class(state.table.by_code(code).expect("a code"))
    }

    /// Promyelocytes, a myeloblast and three neutrophils.
    fn promyelocytic() -> State {
        let mut state = reviewing(12);
        for code in ["PMO", "PMO", "PMO", "PMO", "PMO", "PMO", "MYO", "NGS", "NGS", "NGS"] {
            let command = class(&state, code);
            press(&mut state, command);
        }
        state
    }

    fn blasts(state: &State) -> Option<(u64, u64)> {
        state.review.as_ref().and_then(|r| r.tally().blasts).map(|b| (b.count, b.of))
    }

    fn choose_promyelocytes(state: &mut State) -> Vec<Effect> {
        press(state, Command::Blasts);
        for typed in [Typed::Char('p'), Typed::Char(' ')] {
            assert_eq!(key(state, typed), []);
        }
        assert_eq!(text(state), "MYO MOB LBL BLU PMO");
        key(state, Typed::Enter)
    }

    #[test]
    fn a_choice_counts_once_it_is_in_the_database_and_flags_and_figures_follow() {
        let mut state = promyelocytic();
        assert_eq!(blasts(&state), Some((1, 10)));
        let effects = choose_promyelocytes(&mut state);
        let [Effect::SetBlasts { case, blasts: set }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(blasts(&state), Some((1, 10)), "not before it is kept");
        update(&mut state, Event::BlastsSet(*case, set.clone()));
        assert_eq!(blasts(&state), Some((7, 10)));
        let said = state.notice.as_ref().map(|n| n.text(&|_| None));
        assert_eq!(said.as_deref(), Some("counted in this case: blasts and equivalents (MYO MOB LBL BLU PMO)"));
        assert_eq!(state.flags()[0].short, "blasts+PMO 7 of 10 WBC");
        // Decisions go on being counted so.
        let command = class(&state, "PMO");
        press(&mut state, command);
        assert_eq!(blasts(&state), Some((8, 11)));
    }

    #[test]
    fn classes_are_taken_in_and_out_by_the_space_bar_and_found_by_their_letters() {
        let mut state = reviewing(1);
        press(&mut state, Command::Blasts);
        assert_eq!(text(&state), "MYO MOB LBL BLU", "what counts is what it opens with");
        key(&mut state, Typed::Char(' '));
        key(&mut state, Typed::Down);
        key(&mut state, Typed::Char(' '));
        assert_eq!(text(&state), "LBL BLU");
        // The promyelocytes and the promonocyte, one after the other, and round again.
        for code in ["PMO", "PMB", "PRM", "PMO"] {
            key(&mut state, Typed::Char('P'));
            let Some(Popup::Prompt(prompt)) = &state.popup else { panic!() };
            let choices = blast_choices(&state.table, &BlastSet::of_table(&state.table));
            assert_eq!(state.table.code(choices[prompt.marked]), code);
        }
        key(&mut state, Typed::Char('x'));
        key(&mut state, Typed::Backspace);
        update(&mut state, Event::Pasted("MYO MOB".to_owned()));
        assert_eq!(text(&state), "LBL BLU", "nothing is typed or pasted here");
        key(&mut state, Typed::Clear);
        assert_eq!(text(&state), "MYO MOB LBL BLU");
        assert_eq!(key(&mut state, Typed::Enter), [], "the same again is no choice");
        assert_eq!(state.popup, None);
    }

    #[test]
    fn no_class_at_all_is_no_choice_and_a_signed_case_offers_none() {
        let mut state = reviewing(1);
        press(&mut state, Command::Blasts);
        for _ in 0..4 {
            key(&mut state, Typed::Char(' '));
            key(&mut state, Typed::Down);
        }
        assert_eq!(key(&mut state, Typed::Enter), []);
        assert_eq!(state.notice, Some(Notice::NoBlastClass));
        assert!(state.popup.is_some());
        key(&mut state, Typed::Esc);
        let label = super::super::SignedLabel { version: 1, reviewer: "Ann".to_owned(), at: String::new() };
        update(&mut state, Event::Signed(label));
        press(&mut state, Command::Blasts);
        assert_eq!((state.popup.clone(), state.notice.clone()), (None, Some(Notice::Signed(1))));
    }

    #[test]
    fn another_choice_is_seen_before_it_is_signed_also_where_yes_is_being_typed() {
        for incomplete in [false, true] {
            let mut state = reviewing(2);
            press(&mut state, Command::Accept);
            if !incomplete {
                press(&mut state, Command::Accept);
            }
            press(&mut state, Command::Sign);
            if incomplete {
                press(&mut state, Command::Confirm);
                "yes".chars().for_each(|c| drop(key(&mut state, Typed::Char(c))));
            } else {
                let shown = painted(&state);
                update(&mut state, Event::Painted(shown));
            }
            let mut record = loaded(2).record;
            record.blasts = BlastSet::choose(&state.table, ["PMO"]).expect("a choice");
            update(&mut state, Event::CaseRefreshed(record.clone(), None));
            assert!(state.summary().is_some_and(|s| s.moved && s.painted.is_none()), "{incomplete}");
            let effects = update(&mut state, Event::Typed(Typed::Enter));
            assert_eq!(effects, [], "{incomplete}");
            assert_eq!(update(&mut state, Event::Command(Command::Confirm)), [], "{incomplete}");
            assert_eq!(state.review.as_ref().map(|r| r.case.blasts.clone()), Some(record.blasts));
        }
    }

    #[test]
    fn an_order_and_a_filter_that_ask_for_blasts_follow_the_choice() {
        let mut state = promyelocytic();
        press(&mut state, Command::Filter);
        "blast".chars().for_each(|c| drop(key(&mut state, Typed::Char(c))));
        key(&mut state, Typed::Enter);
        let shown = |state: &State| state.review.as_ref().map(|r| r.sequence().cells().len());
        let before = shown(&state);
        let effects = choose_promyelocytes(&mut state);
        let [Effect::SetBlasts { case, blasts: set }] = &effects[..] else { panic!("{effects:?}") };
        update(&mut state, Event::BlastsSet(*case, set.clone()));
        assert_eq!(shown(&state), before.map(|n| n + 6), "and the promyelocytes");
    }
}
