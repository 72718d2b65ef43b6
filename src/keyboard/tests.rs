//! From terminal events to commands, with the real keymap and the real reducer.

use super::*;
use crate::{
    app::{
        DeadKey, Effect,
        fixture::{commit, loaded, painted, reviewing},
        update,
    },
    domain::{CellId, ClassTable, Verdict},
};

/// A reviewer at the keyboard: frames are painted at once, decisions are kept at once, and time is told.
struct Desk {
    keyboard: Keyboard,
    state: State,
    now: Instant,
    effects: Vec<Effect>,
}

impl Desk {
    fn new(state: State) -> Self {
        let keymap = Keymap::load(None, &ClassTable::default()).expect("the default keymap");
        let mut desk = Self { keyboard: Keyboard::new(keymap), state, now: Instant::now(), effects: Vec::new() };
        desk.paint();
        desk
    }

    fn paint(&mut self) {
        if self.state.review.is_some() {
            let mut shown = painted(&self.state);
            if self.state.popup.is_some() {
                shown.hide();
            }
            update(&mut self.state, Event::Painted(shown));
        }
    }

    fn events(&mut self, events: Vec<Event>) {
        for event in events {
            for effect in update(&mut self.state, event) {
                self.effects.push(effect.clone());
                commit(&mut self.state, effect);
            }
        }
        self.paint();
    }

    fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        let events = self.keyboard.expire(self.now, &self.state);
        self.events(events);
    }

    fn event(&mut self, event: TermEvent) {
        let events = self.keyboard.translate(event, &self.state);
        self.events(events);
    }

    fn key_with(&mut self, key: Key, kind: KeyKind, ahead: bool, detail: Detail) {
        let at = Arrival::at(self.now);
        self.event(TermEvent::Key { key, kind, ahead, detail, at });
    }

    /// Keys as `keymap.toml` writes them, that many ms after each other.
    fn keys_each(&mut self, ms: u64, keys: &str) {
        for key in keys.split_whitespace() {
            self.key_with(key.parse().expect("a key"), KeyKind::Press, false, Detail::default());
            self.wait(ms);
        }
    }

    fn keys(&mut self, keys: &str) {
        self.keys_each(300, keys);
    }

    /// The codes of what was decided, cell by cell; `-`: nothing.
    fn decided(&self) -> String {
        let review = self.state.review.as_ref().expect("a case");
        let code = |i| match review.verdict(i) {
            None => "-".to_owned(),
            Some(Verdict::Excluded) => "x".to_owned(),
            Some(Verdict::Class(id)) => self.state.table.code(id).to_owned(),
        };
        (0..review.cells.len()).map(code).collect::<Vec<_>>().join(" ")
    }

    fn cursor(&self) -> usize {
        self.state.review.as_ref().expect("a case").cursor
    }

    fn waiting(&self) -> usize {
        self.state.review.as_ref().expect("a case").waiting()
    }
}

#[test]
fn held_released_early_and_crowded_keys_decide_nothing() {
    let mut desk = Desk::new(reviewing(5));
    let s = Key::char('s');
    let crowded = Detail { crowded: true, ..Detail::default() };
    desk.key_with(s, KeyKind::Repeat, false, Detail::default());
    assert_eq!(desk.state.notice, Some(Notice::Held));
    desk.key_with(s, KeyKind::Release, false, Detail::default());
    desk.key_with(s, KeyKind::Press, true, Detail::default());
    assert_eq!(desk.state.notice, Some(Notice::TypedAhead(1)));
    desk.key_with(Key::char('/'), KeyKind::Press, true, Detail::default());
    assert_eq!(desk.state.notice, Some(Notice::TypedAhead(2)));
    desk.key_with(Key::char('l'), KeyKind::Press, false, crowded);
    assert_eq!(desk.state.notice, Some(Notice::TypedAhead(3)));
    desk.event(TermEvent::Paste("s s".to_owned()));
    desk.event(TermEvent::Broken);
    assert_eq!((desk.decided().as_str(), desk.cursor()), ("- - - - -", 0));
    // Moving is no decision.
    let right = Key::plain(KeyCode::Right);
    for (kind, ahead) in [(KeyKind::Repeat, false), (KeyKind::Press, true)] {
        desk.key_with(right, kind, ahead, crowded);
    }
    assert_eq!(desk.cursor(), 2);
}

#[test]
fn sequences_wait_for_their_end_and_a_broken_one_leaves_its_last_key() {
    let mut desk = Desk::new(State::new(ClassTable::default(), "Ann"));
    let mut typed = |key: &str| {
        let at = Arrival::at(desk.now);
        desk.now += Duration::from_millis(200);
        let key = key.parse().expect("a key");
        let event = TermEvent::Key { key, kind: KeyKind::Press, ahead: false, detail: Detail::default(), at };
        desk.keyboard.translate(event, &desk.state)
    };
    assert_eq!(typed("g"), []);
    assert_eq!(typed("g"), [Event::Command(Command::First)]);
    assert_eq!(typed("g"), []);
    assert_eq!(typed("j"), [Event::Command(Command::Next)]);
}

#[test]
fn in_a_prompt_letters_are_text_as_they_are_typed() {
    let mut desk = Desk::new(reviewing(3));
    desk.keys("N x ctrl-u");
    // Caps Lock: text is what it types, a command is not.
    let caps = Detail { text: Some('L'), caps_lock: true, ..Detail::default() };
    desk.key_with(Key::char('l'), KeyKind::Press, false, caps);
    let Some(crate::app::Popup::Prompt(prompt)) = &desk.state.popup else { panic!("{:?}", desk.state.popup) };
    assert_eq!(prompt.text, "L");
    desk.keys("esc");
    desk.key_with(Key::char('l'), KeyKind::Press, false, caps);
    assert_eq!(desk.decided(), "LYT - -");
}

#[test]
fn the_same_class_again_and_again_goes_on_at_once_and_is_kept_when_it_is_clear() {
    let mut desk = Desk::new(reviewing(6));
    desk.keys_each(0, "s");
    assert_eq!((desk.decided().as_str(), desk.cursor(), desk.waiting()), ("NGS - - - - -", 1, 0));
    desk.wait(166);
    desk.keys_each(0, "s");
    assert_eq!((desk.cursor(), desk.waiting()), (2, 1), "the next cell is shown, and the decision waits");
    assert_eq!(desk.decided(), "NGS - - - - -", "no count has it");
    desk.wait(166);
    assert_eq!((desk.decided().as_str(), desk.cursor(), desk.waiting()), ("NGS NGS - - - -", 2, 0));
    // What waits is kept before what another key does.
    desk.keys_each(0, "s l u");
    assert_eq!((desk.decided().as_str(), desk.cursor()), ("NGS NGS NGS - - -", 3));
    desk.wait(500);
    desk.keys_each(100, "s s s");
    desk.wait(500);
    assert_eq!(desk.decided(), "NGS NGS NGS NGS NGS NGS");
    assert_eq!(desk.state.notice, Some(Notice::AllReviewed(6)));
}

#[test]
fn a_held_key_leads_back_to_where_it_was_held_and_nothing_of_it_is_kept() {
    for key in ["s", "space", "x"] {
        let mut desk = Desk::new(reviewing(6));
        desk.keys_each(500, key);
        let before = desk.decided();
        desk.keys_each(33, &[key; 12].join(" "));
        desk.wait(1_000);
        assert_eq!((desk.decided(), desk.cursor()), (before, 1), "{key}");
        assert_eq!(desk.state.notice, Some(Notice::Held), "and that is said");
        assert_eq!(desk.effects.len(), 1, "{key}: {:?}", desk.effects);
    }
}

#[test]
fn undo_redo_and_what_is_decided_elsewhere_wait_until_it_is_clear() {
    let mut desk = Desk::new(reviewing(6));
    desk.keys("s l b");
    assert_eq!(desk.decided(), "NGS LYT NGB - - -");
    desk.keys_each(500, "u");
    desk.keys_each(33, "u u u u u");
    desk.wait(1_000);
    assert_eq!(desk.decided(), "NGS LYT - - - -", "held: once");
    desk.keys_each(250, "u u");
    assert_eq!(desk.decided(), "- - - - - -", "pressed: each time");
    desk.keys_each(500, "V x");
    desk.keys_each(33, "x x x x");
    desk.wait(1_000);
    let excluded = desk.decided().matches('x').count();
    assert_eq!(excluded, 1, "in the gallery as well: {}", desk.decided());
}

#[test]
fn a_key_that_waits_for_something_else_than_is_on_the_screen_now_is_dropped() {
    let mut desk = Desk::new(reviewing(6));
    desk.keys("s l b");
    desk.keys_each(0, "u");
    desk.wait(60_000);
    desk.keys_each(0, "u");
    // Somebody else decides meanwhile: what would be taken back was not what was seen.
    let last = desk.state.review.as_ref().and_then(|r| r.last_seq()).expect("a log");
    let other = crate::app::fixture::others(last + 1, 6, "Bea", crate::domain::Action::Exclude);
    desk.events(vec![Event::LogRefreshed(vec![other])]);
    desk.wait(200);
    assert_eq!(desk.state.notice, Some(Notice::TypedAhead(1)));
    assert_eq!(desk.decided(), "NGS LYT - - - x");
}

#[test]
fn a_resize_or_a_refusal_leaves_what_waits_to_the_cell_that_it_was_pressed_for() {
    let mut desk = Desk::new(reviewing(6));
    desk.keys_each(300, "s");
    desk.keys_each(0, "s");
    desk.event(TermEvent::Resize(100, 30));
    desk.wait(200);
    assert_eq!((desk.decided().as_str(), desk.cursor()), ("NGS NGS - - - -", 2));
    // The database refuses: back to the cell, and it has no decision.
    desk.keys_each(0, "s");
    let key = Key::char('l');
    let at = Arrival::at(desk.now);
    let events = desk.keyboard.translate(
        TermEvent::Key { key, kind: KeyKind::Press, ahead: false, detail: Detail::default(), at },
        &desk.state,
    );
    let effects = update(&mut desk.state, events[0].clone());
    assert!(matches!(effects[..], [Effect::Record(_)]));
    update(&mut desk.state, Event::RecordFailed("nothing decided: full".to_owned()));
    assert_eq!((desk.decided().as_str(), desk.cursor()), ("NGS NGS - - - -", 2));
}

#[test]
fn the_key_that_closed_or_opened_something_decides_nothing_right_after() {
    // Keys, how fast, and what they decide of the first cell.
    for (keys, decided) in [
        ("N x enter enter", "-"),
        ("N x enter enter enter", "-"),
        ("N x enter space", "NGS"),
        ("? ? s", "NGS"),
        ("S n n", "-"),
        ("S y y", "-"),
        ("O enter enter", "-"),
        ("E esc enter enter", "NGS"),
        ("V enter enter", "-"),
        ("V enter space", "NGS"),
    ] {
        for ms in [200, 400, 1_000, 1_400] {
            let mut state = reviewing(3);
            // The first suggestion is NGS.
            let mut case = loaded(3);
            let ngs = state.table.by_code("NGS").expect("a class");
            let at = state.table.iter().filter(|(_, c)| c.predicted).position(|(id, _)| id == ngs).expect("predicted");
            case.predictions.insert(CellId(1), crate::app::fixture::ranking(&state.table, at, 0.9));
            update(&mut state, Event::CaseLoaded(Box::new(case)));
            let mut desk = Desk::new(state);
            desk.keys_each(ms, keys);
            desk.wait(1_000);
            assert_eq!(
                desk.decided().split(' ').next(),
                Some(decided),
                "{keys}, each {ms} ms: {:?}",
                desk.state.notice
            );
        }
    }
    let mut desk = Desk::new(reviewing(3));
    desk.keys("N x enter enter");
    assert_eq!(desk.state.notice, Some(Notice::Spent("enter".to_owned())), "and that is said");
    desk.wait(2_000);
    desk.keys("enter");
    assert_ne!(desk.decided(), "- - -", "after a pause it is meant");
}

#[test]
fn a_held_key_confirms_and_answers_nothing() {
    let mut desk = Desk::new(reviewing(1));
    desk.keys("s S");
    desk.keys_each(500, "y");
    desk.keys_each(33, "y y y y y y");
    desk.wait(1_000);
    let signs = desk.effects.iter().filter(|e| matches!(e, Effect::Sign { .. })).count();
    assert_eq!(signs, 1, "{:?}", desk.effects);
    // Held from the list into the review: the second press of it is a repeat there.
    let mut desk = Desk::new(reviewing(3));
    desk.keys_each(500, "N x enter");
    desk.keys_each(33, "enter enter enter enter enter");
    desk.wait(1_000);
    assert_eq!(desk.decided(), "- - -");
}

#[test]
fn a_key_that_means_nothing_says_so_and_what_may_be_the_matter() {
    let said = |state: State, keys: &str| {
        let mut desk = Desk::new(state);
        desk.keys(keys);
        let place = desk.state.place();
        let keyboard = &desk.keyboard;
        desk.state.notice.as_ref().map(|n| n.text(&|c| KeyHints::key(keyboard, place, c))).unwrap_or_default()
    };
    let list = || State::new(ClassTable::default(), "Ann");
    for (text, keys, words) in [
        (said(list(), "S"), "S", "S does nothing here: sign belongs to the review of a case; enter opens one"),
        (
            said(list(), "space"),
            "space",
            "space does nothing here: accept belongs to the review of a case; enter opens one",
        ),
        (said(list(), "R"), "R", "R does nothing here: reopen belongs to the review of a case; enter opens one"),
        (said(list(), "esc"), "esc", "nothing to close here; q leaves the program"),
        (said(reviewing(2), "esc esc"), "esc esc", "nothing to close here: Q goes back to the list of cases"),
        (said(reviewing(2), "L"), "L", "L does nothing here: is Caps Lock on? l decides for a class"),
        (
            said(reviewing(2), "ы"),
            "ы",
            "ы does nothing here: the keyboard seems to be on another layout, switch it to Latin letters",
        ),
        (
            said(reviewing(2), "é"),
            "é",
            "é does nothing here: the keyboard seems to be on another layout, switch it to Latin letters",
        ),
        (said(reviewing(2), "f9"), "f9", "f9 does nothing here; ? shows the keys"),
    ] {
        assert_eq!(text.replace("; q leaves", ": q leaves").replace(": q leaves", "; q leaves"), words, "{keys}");
    }
    let mut desk = Desk::new(reviewing(2));
    desk.keys("esc esc esc");
    assert!(desk.state.review.is_some(), "Esc never leaves a case");
    desk.keys("Q");
    assert!(desk.state.review.is_none());
}

#[test]
fn with_caps_lock_on_no_class_is_taken_for_another() {
    // Told by the terminal: keys are read as if it were off, and that is said once.
    let mut desk = Desk::new(reviewing(5));
    for (key, text) in [('l', 'L'), ('m', 'M'), ('p', 'P'), ('g', 'G')] {
        let caps = Detail { text: Some(text), caps_lock: true, ..Detail::default() };
        desk.key_with(Key::char(key), KeyKind::Press, false, caps);
        if key == 'l' {
            assert_eq!(desk.state.notice, Some(Notice::CapsLock));
        }
        desk.wait(300);
    }
    assert_eq!(desk.decided(), "LYT MON PMO GPL -");
    // Not told: no capital is a class, and a capital that could be one says so.
    let mut desk = Desk::new(reviewing(5));
    desk.keys("L M P G");
    assert_eq!(desk.decided(), "- - - - -");
    assert!(matches!(desk.state.notice, Some(Notice::Dead(DeadKey::CapsLock { .. }))), "{:?}", desk.state.notice);
    let keymap = Keymap::load(None, &ClassTable::default()).expect("the default keymap");
    for binding in keymap.bindings(Mode::Review).iter().filter(|b| matches!(b.command, Command::Class(_))) {
        let capital = |k: &Key| matches!(k.code, KeyCode::Char(c) if c.is_uppercase());
        assert!(!binding.keys.iter().any(capital), "{binding:?}");
    }
    // The rarer relatives: a comma before.
    desk.keys(", l , m , p , g");
    assert_eq!(desk.decided(), "PRL PRM PMB PLT -");
}

#[test]
fn another_layout_has_its_keys_where_the_terminal_knows_them() {
    let mut desk = Desk::new(reviewing(3));
    for (typed, base) in [('ы', 's'), ('д', 'l'), ('и', 'b')] {
        let detail = Detail { base: Some(Key::char(base)), ..Detail::default() };
        desk.key_with(Key::char(typed), KeyKind::Press, false, detail);
        desk.wait(300);
    }
    assert_eq!(desk.decided(), "NGS LYT NGB");
    // A letter that is a key by itself is that key.
    let mut desk = Desk::new(reviewing(3));
    let detail = Detail { base: Some(Key::char('q')), ..Detail::default() };
    desk.key_with(Key::char('a'), KeyKind::Press, false, detail);
    assert_eq!(desk.decided(), "ART - -");
}
