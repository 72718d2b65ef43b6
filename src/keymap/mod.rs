//! Which key does what: the keymap file, its problems, and what help says.
//!
//! The default is `keymap.toml` at the root of the repository, built into the program. A user's file is laid over it, key
//! by key. Nothing here reads files or the terminal; what a command does is the business of [`crate::app`].

mod check;
mod file;
mod help;
mod key;
mod problem;

use std::path::Path;

pub use help::HelpRow;
pub use key::{Key, KeyCode, KeyError};
pub use problem::{Place, Problem};

use crate::{
    app::{Command, Mode},
    domain::ClassTable,
};

/// The default keymap.
const DEFAULT_TEXT: &str = include_str!("../../keymap.toml");
/// What problems call it.
const DEFAULT_NAME: &str = "keymap.toml";

/// Keys, and the command that they stand for in one mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Typed one after the other.
    pub keys: Vec<Key>,
    /// What they do.
    pub command: Command,
    /// Whether the user's own file has it.
    pub user: bool,
    /// Where in its file it stands.
    pub place: Place,
}

/// What the keys typed so far stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// This command.
    Command(Command),
    /// The start of longer sequences.
    Prefix,
    /// Nothing.
    None,
}

/// The keys in use.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// By mode, in the order of [`Mode::ALL`].
    modes: [Vec<Binding>; Mode::ALL.len()],
    classes: ClassTable,
}

impl Keymap {
    /// The default keymap with the user's file, a path and its text, laid over it.
    ///
    /// # Errors
    /// All problems at once, in the order of the file, when there are any.
    pub fn load(user: Option<(&Path, &str)>, classes: &ClassTable) -> Result<Self, Vec<Problem>> {
        let default = file::read(DEFAULT_NAME, DEFAULT_TEXT, classes, file::ForeignClass::Skip);
        let name = user.map(|(path, _)| path.display().to_string()).unwrap_or_default();
        let own = user.map(|(_, text)| file::read(&name, text, classes, file::ForeignClass::Report));

        let mut modes = Mode::ALL.map(|mode| merged(mode, &default, own.as_ref()));
        share_classes(&mut modes);
        let sources = check::Sources { default: &default, user: own.as_ref().map(|file| (file, name.as_str())) };
        let whole =
            Mode::ALL.iter().zip(&modes).flat_map(|(&mode, bindings)| check::check(mode, bindings, classes, &sources));
        let mut problems: Vec<_> = whole.collect();
        problems.extend(own.iter().chain([&default]).flat_map(|f| f.problems.iter().cloned()));
        if problems.is_empty() {
            return Ok(Self { modes, classes: classes.clone() });
        }
        // The user's own file first, for that is what they can mend.
        problems.sort_by_key(|p| (p.file != name, p.place));
        problems.dedup();
        Err(problems)
    }

    /// What the keys typed so far stand for in `mode`.
    pub fn resolve(&self, mode: Mode, pending: &[Key]) -> Resolution {
        if pending.is_empty() {
            return Resolution::None;
        }
        let mut started = self.bindings(mode).iter().filter(|b| b.keys.starts_with(pending));
        match started.next() {
            Some(binding) if binding.keys.len() == pending.len() => Resolution::Command(binding.command),
            Some(_) => Resolution::Prefix,
            None => Resolution::None,
        }
    }

    /// The bindings of a mode: the user's own first, then the default's, each in the order of its file.
    pub fn bindings(&self, mode: Mode) -> &[Binding] {
        let index = Mode::ALL.iter().position(|&m| m == mode).expect("ALL holds every mode");
        &self.modes[index]
    }

    /// The keys of a command in `mode`, as the file writes them.
    pub fn keys_for(&self, mode: Mode, command: Command) -> Vec<String> {
        self.bindings(mode).iter().filter(|b| b.command == command).map(|b| file::written(&b.keys)).collect()
    }
}

/// The default's bindings of a mode with the user's laid over them.
fn merged(mode: Mode, default: &file::File, own: Option<&file::File>) -> Vec<Binding> {
    let entries = |file: &file::File| file.entries.iter().filter(|e| e.mode == mode).cloned().collect::<Vec<_>>();
    let own = own.map(entries).unwrap_or_default();
    let overridden = |entry: &file::Entry| own.iter().any(|e| e.keys == entry.keys);
    let rest: Vec<_> = entries(default).into_iter().filter(|e| !overridden(e)).collect();
    let binding = |user: bool| {
        move |e: file::Entry| e.command.map(|command| Binding { keys: e.keys, command, user, place: e.place })
    };
    own.into_iter().filter_map(binding(true)).chain(rest.into_iter().filter_map(binding(false))).collect()
}

/// The keys of classes mean the same in the gallery and between two readings as in the review, unless these have a use of
/// their own for them.
fn share_classes(modes: &mut [Vec<Binding>; Mode::ALL.len()]) {
    let place = |mode| Mode::ALL.iter().position(|&m| m == mode).expect("ALL holds every mode");
    let classes: Vec<Binding> =
        modes[place(Mode::Review)].iter().filter(|b| matches!(b.command, Command::Class(_))).cloned().collect();
    for mode in [Mode::Gallery, Mode::Dispute] {
        let own = &mut modes[place(mode)];
        let free = |b: &&Binding| own.iter().all(|own| own.keys != b.keys && own.command != b.command);
        let shared: Vec<Binding> = classes.iter().filter(free).cloned().collect();
        own.extend(shared);
    }
}

#[cfg(test)]
mod tests;
