//! The reviewer's hand: from what the terminal tells to events of the interface, through the keymap; and which keys decide.
//!
//! One press is one decision. A key decides only if it was typed after the frame that it answers, by itself, pressed and not
//! held ([`HoldGuard`]), and if it is not the key that just closed or opened something. Whatever else comes decides nothing.

mod dead;
mod hold;

use std::time::{Duration, Instant};

use crate::{
    app::{Command, Event, Input, Mode, Notice, Seen, State, Typed},
    keymap::{Key, KeyCode, Keymap, Resolution},
    term::{Arrival, Detail, KeyKind, TermEvent},
    ui::KeyHints,
};

pub use hold::{HoldGuard, Judged, Press};

/// The key that closed or opened something decides nothing for so long after it was pressed last; another key ends that.
const SPENT: Duration = Duration::from_millis(1500);

/// The keymap, what was typed of a sequence, and what is not settled of the last key.
#[derive(Debug)]
pub struct Keyboard {
    keymap: Keymap,
    guard: HoldGuard,
    pending: Vec<Key>,
    /// What speaks against a key of the sequence.
    tainted: Option<Taint>,
    dropped: usize,
    /// Commands that wait for it to show whether their key was pressed, and what was on the screen.
    waiting: Vec<(Event, Seen)>,
    /// The same in the state: decisions that are shown already.
    perhaps: bool,
    /// The last key, when it came, and where it was read.
    last: Option<(Key, Instant, Input)>,
    /// That key closed or opened something.
    spent: bool,
    caps_lock: bool,
}

/// Why a key must not decide, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taint {
    Unsure,
    Spent,
    Held,
    Ahead,
}

impl Keyboard {
    /// Nothing typed yet.
    pub fn new(keymap: Keymap) -> Self {
        Self {
            keymap,
            guard: HoldGuard::default(),
            pending: Vec::new(),
            tainted: None,
            dropped: 0,
            waiting: Vec::new(),
            perhaps: false,
            last: None,
            spent: false,
            caps_lock: false,
        }
    }

    /// Another cell was painted: keys typed ahead are counted from here.
    pub fn marked(&mut self) {
        self.dropped = 0;
    }

    /// When [`Keyboard::expire`] has something to say if no key comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.guard.deadline()
    }

    /// What has become of unsure keys by now. To be called when nothing is left to be read.
    pub fn expire(&mut self, now: Instant, state: &State) -> Vec<Event> {
        let settled = self.guard.expire(now);
        self.settled(settled, state)
    }

    /// What a terminal event means in this state.
    pub fn translate(&mut self, event: TermEvent, state: &State) -> Vec<Event> {
        match event {
            TermEvent::Resize(columns, rows) => vec![Event::Resize(columns, rows)],
            TermEvent::Paste(text) => vec![Event::Pasted(text)],
            TermEvent::Broken => vec![Event::Refused(Notice::BrokenSequence)],
            TermEvent::Key { key, kind: KeyKind::Release, .. } => {
                self.guard.released(key);
                Vec::new()
            }
            TermEvent::Key { key, kind: KeyKind::Repeat, detail, .. } => {
                let settled = self.guard.repeats(key);
                let mut events = self.settled(settled, state);
                events.extend(self.key(key, detail, Some(Taint::Held), state, false));
                events
            }
            TermEvent::Key { key, kind: KeyKind::Press, ahead, detail, at } => {
                self.pressed(key, ahead, detail, at, state)
            }
        }
    }

    fn pressed(&mut self, key: Key, ahead: bool, detail: Detail, at: Arrival, state: &State) -> Vec<Event> {
        let judged = self.guard.press(key, at);
        let mut events = self.settled(judged.before, state);
        let input = state.input();
        let again = self.last.replace((key, at.to, input)).filter(|(last, ..)| *last == key);
        self.spent = again.is_some_and(|(_, then, before)| {
            let recent = at.from.saturating_duration_since(then) < SPENT;
            recent && (self.spent || before != input)
        });
        let taint = match judged.press {
            _ if ahead => Some(Taint::Ahead),
            Press::Held => Some(Taint::Held),
            _ if self.spent => Some(Taint::Spent),
            Press::Unsure => Some(Taint::Unsure),
            Press::Sure => None,
        };
        events.extend(self.key(key, detail, taint, state, true));
        if judged.regular {
            events.push(Event::Refused(Notice::PerhapsHeld(key.label())));
        }
        if std::mem::replace(&mut self.caps_lock, detail.caps_lock) != detail.caps_lock && detail.caps_lock {
            events.push(Event::Refused(Notice::CapsLock));
        }
        events
    }

    /// Unsure keys were pressed, or held.
    fn settled(&mut self, pressed: Option<bool>, state: &State) -> Vec<Event> {
        let Some(pressed) = pressed else { return Vec::new() };
        let mut events = Vec::new();
        if std::mem::take(&mut self.perhaps) {
            events.push(Event::Settled(pressed));
        }
        for (event, seen) in std::mem::take(&mut self.waiting) {
            events.push(match pressed {
                // It was meant for what was on the screen then.
                true if seen == state.seen() && events.is_empty() => event,
                true => self.ahead(),
                false => Event::Refused(Notice::Held),
            });
        }
        events
    }

    fn key(&mut self, key: Key, detail: Detail, taint: Option<Taint>, state: &State, pressed: bool) -> Vec<Event> {
        match state.input() {
            Input::Text => self.text(key, detail, taint, state),
            Input::Keys(mode) => self.command(key, detail, taint, mode, state, pressed),
        }
    }

    fn text(&mut self, key: Key, detail: Detail, taint: Option<Taint>, state: &State) -> Vec<Event> {
        self.pending.clear();
        let typed = match key.code {
            KeyCode::Char('c' | 'g') if key.ctrl => Typed::Esc,
            KeyCode::Char('u') if key.ctrl => Typed::Clear,
            KeyCode::Char('p') if key.ctrl => Typed::Up,
            KeyCode::Char('n') if key.ctrl => Typed::Down,
            KeyCode::Char(c) if !key.ctrl && !key.alt => Typed::Char(detail.text.unwrap_or(c)),
            KeyCode::Backspace => Typed::Backspace,
            KeyCode::Up => Typed::Up,
            KeyCode::Down | KeyCode::Tab => Typed::Down,
            KeyCode::Enter => Typed::Enter,
            KeyCode::Esc => Typed::Esc,
            _ => return Vec::new(),
        };
        // Enter may decide, sign or overwrite: a held one, or one from before the frame, does none of it.
        match taint.filter(|_| typed == Typed::Enter) {
            None => vec![Event::Typed(typed)],
            Some(Taint::Unsure) => {
                self.waiting.push((Event::Typed(typed), state.seen()));
                Vec::new()
            }
            Some(Taint::Held | Taint::Spent | Taint::Ahead) => Vec::new(),
        }
    }

    fn command(
        &mut self,
        key: Key,
        detail: Detail,
        taint: Option<Taint>,
        mode: Mode,
        state: &State,
        pressed: bool,
    ) -> Vec<Event> {
        self.pending.push(key);
        self.tainted = self.tainted.max(taint);
        let mut resolution = self.keymap.resolve(mode, &self.pending);
        if resolution == Resolution::None && self.pending.len() > 1 {
            // No such sequence: its last key stands for itself.
            self.pending = vec![key];
            self.tainted = taint;
            resolution = self.keymap.resolve(mode, &self.pending);
        }
        if let (Resolution::None, Some(base)) = (resolution, detail.base.filter(|_| !is_ascii(key))) {
            // The same key on a Latin keyboard.
            self.pending = vec![base];
            resolution = self.keymap.resolve(mode, &self.pending);
        }
        if resolution == Resolution::Prefix {
            return Vec::new();
        }
        self.pending.clear();
        let taint = self.tainted.take();
        let Resolution::Command(command) = resolution else {
            let said = pressed && !detail.crowded && matches!(taint, None | Some(Taint::Unsure | Taint::Spent));
            return said.then(|| Event::Refused(dead::why(&self.keymap, mode, key))).into_iter().collect();
        };
        // Search leads to a decision, and confirming is one in all but name.
        let decides = command.doc().decides || matches!(command, Command::Search | Command::Confirm);
        if !decides {
            return vec![Event::Command(command)];
        }
        match taint {
            _ if detail.crowded => vec![self.ahead()],
            None => vec![Event::Command(command)],
            Some(Taint::Unsure) if mode == Mode::Review && command.is_of_one_cell() => {
                self.perhaps = true;
                vec![Event::Perhaps(command)]
            }
            Some(Taint::Unsure) => {
                self.waiting.push((Event::Command(command), state.seen()));
                Vec::new()
            }
            Some(Taint::Spent) => vec![Event::Refused(Notice::Spent(key.label()))],
            Some(Taint::Held) => vec![Event::Refused(Notice::Held)],
            Some(Taint::Ahead) => vec![self.ahead()],
        }
    }

    fn ahead(&mut self) -> Event {
        self.dropped += 1;
        Event::DroppedAhead(self.dropped)
    }
}

fn is_ascii(key: Key) -> bool {
    !matches!(key.code, KeyCode::Char(c) if !c.is_ascii())
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
mod tests;
