//! Checks of a keymap as a whole: what is hidden, and what has no key.

use super::{Binding, DEFAULT_NAME, Key, Place, Problem, file::File, file::written};
use crate::{
    app::{Command, Mode},
    domain::ClassTable,
};

/// The files that a keymap was made of.
pub(super) struct Sources<'a> {
    pub default: &'a File,
    /// The user's file and its name.
    pub user: Option<(&'a File, &'a str)>,
}

impl Sources<'_> {
    fn name(&self, user: bool) -> &str {
        match self.user {
            Some((_, name)) if user => name,
            _ => DEFAULT_NAME,
        }
    }

    /// Where to put the blame for something that is missing in `mode`: the user's line that took the default's key away,
    /// else the user's table, else the user's file, else the default's table.
    fn blame(&self, mode: Mode, command: Command) -> (&str, Place) {
        let Some((user, name)) = self.user else {
            return (DEFAULT_NAME, self.default.tables.get(&mode).copied().unwrap_or(Place::START));
        };
        let had = |keys: &[Key]| {
            self.default.entries.iter().any(|e| e.mode == mode && e.command == Some(command) && e.keys == keys)
        };
        let taken = user.entries.iter().find(|e| e.mode == mode && had(&e.keys)).map(|e| e.place);
        (name, taken.or_else(|| user.tables.get(&mode).copied()).unwrap_or(Place::START))
    }
}

/// Every problem of the bindings of one mode.
pub(super) fn check(mode: Mode, bindings: &[Binding], classes: &ClassTable, sources: &Sources<'_>) -> Vec<Problem> {
    let mut problems = hidden(mode, bindings, sources);
    let has_key = |command| bindings.iter().any(|b| b.command == command);
    for command in Command::PLAIN {
        let doc = command.doc();
        if doc.required.contains(&mode) && !has_key(command) {
            let (file, place) = sources.blame(mode, command);
            let free = free_key(doc.name, bindings);
            let message = format!(
                "`{name}` has no key in [{mode}], and cannot do without one; add for example \"{free}\" = \"{name}\"",
                name = doc.name,
                mode = mode.name()
            );
            problems.push(Problem::new(file, place, message));
        }
    }
    for (id, class) in classes.iter() {
        let command = Command::Class(id);
        if command.doc().required.contains(&mode) && !has_key(command) {
            let (file, place) = sources.blame(mode, command);
            let free = free_key(&format!("{}{}", class.name, class.code), bindings);
            let message = format!(
                "class {code} ({name}) has no key in [{mode}]; add for example \"{free}\" = \"class {code}\"",
                code = class.code,
                name = class.name,
                mode = mode.name()
            );
            problems.push(Problem::new(file, place, message));
        }
    }
    problems
}

fn hidden(mode: Mode, bindings: &[Binding], sources: &Sources<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for long in bindings {
        let hiding = |short: &&Binding| short.keys.len() < long.keys.len() && long.keys.starts_with(&short.keys);
        for short in bindings.iter().filter(hiding) {
            // The user can only change their own file, so the blame goes there.
            let blamed = if short.user && !long.user { short } else { long };
            let other = if short.user && !long.user { long } else { short };
            let message = format!(
                "`{long}` in [{mode}] is never reached, for `{short}` is bound by itself ({file}:{line}); unbind one of the two with \"none\"",
                long = written(&long.keys),
                short = written(&short.keys),
                mode = mode.name(),
                file = sources.name(other.user),
                line = other.place.line,
            );
            problems.push(Problem::new(sources.name(blamed.user), blamed.place, message));
        }
    }
    problems
}

/// A key that is free: a letter of `text` if there is one, else any letter or digit, else a key with Alt.
fn free_key(text: &str, bindings: &[Binding]) -> Key {
    let letters = text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase());
    let any = ('a'..='z').chain('0'..='9').chain('A'..='Z');
    let mut candidates = letters.chain(any).map(Key::char).chain((1..=12).map(|n| Key::plain(super::KeyCode::F(n))));
    let free = candidates.find(|key| bindings.iter().all(|b| b.keys.first() != Some(key)));
    free.unwrap_or(Key { alt: true, ..Key::char('a') })
}
