//! From terminal events to events of the interface, through the keymap; and the keymap's names for the screen.

use crate::{
    app::{Command, Event, Input, Mode, State, Typed},
    keymap::{Key, KeyCode, Keymap, Resolution},
    term::{KeyKind, TermEvent},
    ui::KeyHints,
};

/// The keymap, and what was typed of a sequence.
#[derive(Debug)]
pub(super) struct Keyboard {
    keymap: Keymap,
    pending: Vec<Key>,
    /// A key of the sequence was held, or came before the frame.
    tainted: Option<Taint>,
    dropped: usize,
}

/// Why a key must not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taint {
    Held,
    Ahead,
}

impl Keyboard {
    pub fn new(keymap: Keymap) -> Self {
        Self { keymap, pending: Vec::new(), tainted: None, dropped: 0 }
    }

    /// Another cell was painted: keys typed ahead are counted from here.
    pub fn marked(&mut self) {
        self.dropped = 0;
    }

    /// What a terminal event means in this state.
    pub fn translate(&mut self, event: TermEvent, state: &State) -> Vec<Event> {
        match event {
            TermEvent::Resize(columns, rows) => vec![Event::Resize(columns, rows)],
            TermEvent::Paste(text) => vec![Event::Pasted(text)],
            TermEvent::Key { kind: KeyKind::Release, .. } => Vec::new(),
            TermEvent::Key { key, kind, ahead } => {
                let taint = if ahead { Some(Taint::Ahead) } else { (kind == KeyKind::Repeat).then_some(Taint::Held) };
                match state.input() {
                    Input::Text => self.text(key, taint),
                    Input::Keys(mode) => self.command(key, taint, mode),
                }
            }
        }
    }

    fn text(&mut self, key: Key, taint: Option<Taint>) -> Vec<Event> {
        self.pending.clear();
        let typed = match key.code {
            KeyCode::Char('c' | 'g') if key.ctrl => Typed::Esc,
            KeyCode::Char('u') if key.ctrl => Typed::Clear,
            KeyCode::Char('p') if key.ctrl => Typed::Up,
            KeyCode::Char('n') if key.ctrl => Typed::Down,
            KeyCode::Char(c) if !key.ctrl && !key.alt => Typed::Char(c),
            KeyCode::Backspace => Typed::Backspace,
            KeyCode::Up => Typed::Up,
            KeyCode::Down | KeyCode::Tab => Typed::Down,
            // Enter may decide or sign: a held one, or one from before the frame, does neither.
            KeyCode::Enter if taint.is_none() => Typed::Enter,
            KeyCode::Esc => Typed::Esc,
            _ => return Vec::new(),
        };
        vec![Event::Typed(typed)]
    }

    fn command(&mut self, key: Key, taint: Option<Taint>, mode: Mode) -> Vec<Event> {
        self.pending.push(key);
        self.tainted = self.tainted.max(taint);
        let mut resolution = self.keymap.resolve(mode, &self.pending);
        if resolution == Resolution::None && self.pending.len() > 1 {
            // No such sequence: its last key stands for itself.
            self.pending = vec![key];
            self.tainted = taint;
            resolution = self.keymap.resolve(mode, &self.pending);
        }
        if resolution == Resolution::Prefix {
            return Vec::new();
        }
        self.pending.clear();
        let taint = self.tainted.take();
        let Resolution::Command(command) = resolution else {
            return Vec::new();
        };
        // Search leads to a decision, and confirming is one in all but name.
        let decides = command.doc().decides || matches!(command, Command::Search | Command::Confirm);
        match taint.filter(|_| decides) {
            None => vec![Event::Command(command)],
            Some(Taint::Held) => Vec::new(),
            Some(Taint::Ahead) => {
                self.dropped += 1;
                vec![Event::DroppedAhead(self.dropped)]
            }
        }
    }
}

impl KeyHints for Keyboard {
    fn key(&self, mode: Mode, command: Command) -> Option<String> {
        let binding = self.keymap.bindings(mode).iter().find(|b| b.command == command)?;
        Some(binding.keys.iter().map(|k| k.label()).collect::<Vec<_>>().join(" "))
    }

    fn footer(&self, mode: Mode, available: &dyn Fn(Command) -> bool) -> Vec<(String, String)> {
        self.keymap.footer(mode, available).into_iter().map(|(keys, what)| (keys, what.to_owned())).collect()
    }

    fn help(&self, mode: Mode) -> Vec<(String, String)> {
        self.keymap.help(mode).into_iter().map(|row| (row.keys, row.what)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::fixture::reviewing, domain::ClassTable};

    fn keyboard() -> Keyboard {
        Keyboard::new(Keymap::load(None, &ClassTable::default()).expect("the default keymap"))
    }

    fn press(key: Key, kind: KeyKind, ahead: bool) -> TermEvent {
        TermEvent::Key { key, kind, ahead }
    }

    #[test]
    fn held_released_and_early_keys_decide_nothing() {
        let (mut keyboard, state) = (keyboard(), reviewing(3));
        let space = Key::char(' ');
        let mut press = |key, kind, ahead| keyboard.translate(press(key, kind, ahead), &state);
        assert_eq!(press(space, KeyKind::Press, false), [Event::Command(Command::Accept)]);
        assert_eq!(press(space, KeyKind::Repeat, false), []);
        assert_eq!(press(space, KeyKind::Release, false), []);
        assert_eq!(press(space, KeyKind::Press, true), [Event::DroppedAhead(1)]);
        assert_eq!(press(Key::char('/'), KeyKind::Press, true), [Event::DroppedAhead(2)]);
        let right = Key::plain(KeyCode::Right);
        for (kind, ahead) in [(KeyKind::Repeat, false), (KeyKind::Press, true)] {
            assert_eq!(press(right, kind, ahead), [Event::Command(Command::Next)], "moving is no decision");
        }
    }

    #[test]
    fn a_pasted_text_is_no_key() {
        let (mut keyboard, state) = (keyboard(), reviewing(3));
        assert_eq!(keyboard.translate(TermEvent::Paste("  ".to_owned()), &state), [Event::Pasted("  ".to_owned())]);
    }

    #[test]
    fn sequences_wait_for_their_end_and_a_broken_one_leaves_its_last_key() {
        let mut keyboard = keyboard();
        let state = State::new(ClassTable::default(), "Ann");
        let mut type_in = |c| keyboard.translate(press(Key::char(c), KeyKind::Press, false), &state);
        assert_eq!(type_in('g'), []);
        assert_eq!(type_in('g'), [Event::Command(Command::First)]);
        assert_eq!(type_in('g'), []);
        assert_eq!(type_in('j'), [Event::Command(Command::Next)]);
    }

    #[test]
    fn in_a_prompt_letters_are_text() {
        let mut keyboard = keyboard();
        let mut state = reviewing(3);
        crate::app::fixture::press(&mut state, Command::Note);
        let mut type_in = |key| keyboard.translate(press(key, KeyKind::Press, false), &state);
        assert_eq!(type_in(Key::char('x')), [Event::Typed(Typed::Char('x'))]);
        assert_eq!(type_in(Key::ctrl('u')), [Event::Typed(Typed::Clear)]);
        assert_eq!(type_in(Key::plain(KeyCode::Enter)), [Event::Typed(Typed::Enter)]);
    }
}
