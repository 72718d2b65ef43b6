//! Reads one keymap file: TOML to bindings with their places, and every problem that one file alone can have.

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::{
    Key, Place, Problem,
    key::{did_you_mean, nearest},
};
use crate::{
    app::{Command, Mode},
    domain::ClassTable,
};

/// The name of the action that unbinds a key.
const UNBIND: &str = "none";

/// One line of a keymap file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub mode: Mode,
    pub keys: Vec<Key>,
    /// `None`: the key is unbound.
    pub command: Option<Command>,
    pub place: Place,
}

/// A keymap file as read.
#[derive(Debug, Default)]
pub(super) struct File {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// Where the tables of the modes start.
    pub tables: HashMap<Mode, Place>,
    pub problems: Vec<Problem>,
}

/// What to do about a class that the class table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForeignClass {
    /// Name it: the user wrote it.
    Report,
    /// Leave the line out: the default keymap is for the default class table.
    Skip,
}

/// Reads a keymap file called `name`.
pub(super) fn read(name: &str, text: &str, classes: &ClassTable, foreign: ForeignClass) -> File {
    let mut reader = Reader { name, text, classes, foreign, file: File::default() };
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut last_line = 0;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let place = Place::of(text, span.start);
        // One slip often makes the parser stumble several times over the same line.
        if place.line != last_line {
            let what = text.get(span).unwrap_or_default();
            let message = match error.message() {
                "duplicate key" => {
                    format!("duplicate key `{what}`: it stands in this table before; remove one of the two")
                }
                other => format!("not TOML: {other}; write a line as \"key\" = \"action\""),
            };
            reader.problem(place, message);
        }
        last_line = place.line;
    }
    let mut syntax = std::mem::take(&mut reader.file.problems);
    reader.document(document.get_ref());
    // What could be recovered of a broken line says nothing of its own.
    reader.file.problems.retain(|p| syntax.iter().all(|s| s.place.line != p.place.line));
    reader.file.problems.append(&mut syntax);
    reader.file
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    classes: &'a ClassTable,
    foreign: ForeignClass,
    file: File,
}

impl Reader<'_> {
    fn problem(&mut self, place: Place, message: impl std::fmt::Display) {
        self.file.problems.push(Problem::new(self.name, place, message));
    }

    fn document(&mut self, document: &DeTable<'_>) {
        let mut tables: Vec<_> = document.iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in tables {
            let place = Place::of(self.text, name.span().start);
            let title: &str = name.get_ref();
            let mode = Mode::ALL.into_iter().find(|m| m.name() == title);
            match (mode, value.get_ref()) {
                (Some(mode), DeValue::Table(table)) => {
                    self.file.tables.insert(mode, place);
                    self.mode(mode, table);
                }
                (None, DeValue::Table(_)) => {
                    let near = nearest(title, Mode::ALL.map(|m| m.name().to_owned()));
                    let hint = match &near {
                        Some(_) => did_you_mean(near.map(|n| format!("[{n}]")).as_deref()),
                        None => format!("; the tables are {}", modes(&Mode::ALL)),
                    };
                    self.problem(place, format!("unknown table `[{title}]`{hint}"));
                }
                _ => self.problem(
                    place,
                    format!("`{title}` stands outside of the tables; put it under one of {}", modes(&Mode::ALL)),
                ),
            }
        }
    }

    fn mode(&mut self, mode: Mode, table: &DeTable<'_>) {
        let mut lines: Vec<_> = table.iter().collect();
        lines.sort_by_key(|(key, _)| key.span().start);
        let mut seen: HashMap<Vec<Key>, Place> = HashMap::new();
        for (key, value) in lines {
            let place = Place::of(self.text, key.span().start);
            let keys = self.keys(key.get_ref(), place);
            let at = Place::of(self.text, value.span().start);
            let command = match value.get_ref() {
                DeValue::String(action) => self.action(mode, action, at),
                _ => {
                    self.problem(
                        at,
                        "an action is a text in quotes; write \"key\" = \"action\", and keys in quotes as well",
                    );
                    None
                }
            };
            let Some(keys) = keys else { continue };
            if let Some(first) = seen.insert(keys.clone(), place) {
                let written = written(&keys);
                let table = mode.name();
                self.problem(
                    place,
                    format!(
                        "`{written}` is bound twice in [{table}], in line {} already; remove one of the two",
                        first.line
                    ),
                );
                continue;
            }
            if let Some(command) = command {
                self.file.entries.push(Entry { mode, keys, command, place });
            }
        }
    }

    fn keys(&mut self, text: &str, place: Place) -> Option<Vec<Key>> {
        if text == " " {
            return Some(vec![Key::char(' ')]);
        }
        let mut keys = Vec::new();
        let mut good = true;
        for word in text.split_whitespace() {
            match word.parse() {
                Ok(key) => keys.push(key),
                Err(error) => {
                    good = false;
                    self.problem(place, error);
                }
            }
        }
        if text.trim().is_empty() {
            good = false;
            self.problem(place, "an empty text is no key; the space bar is written `space`");
        }
        good.then_some(keys)
    }

    /// `None`: not to be used; `Some(None)`: the key is unbound.
    fn action(&mut self, mode: Mode, text: &str, place: Place) -> Option<Option<Command>> {
        let mut words = text.split_whitespace();
        let (name, code, more) = (words.next().unwrap_or_default(), words.next(), words.next());
        if (name, code) == (UNBIND, None) {
            return Some(None);
        }
        if name == "class" {
            return self.class(mode, code.filter(|_| more.is_none()), text, place).map(Some);
        }
        let Some(command) = Command::PLAIN.into_iter().find(|c| c.doc().name == text.trim()) else {
            let words = Command::PLAIN
                .map(|c| c.doc().name.to_owned())
                .into_iter()
                .chain([UNBIND.to_owned(), "class CODE".to_owned()]);
            let near = nearest(text.trim(), words)
                .or_else(|| self.classes.by_label(text).map(|id| format!("class {}", self.classes.code(id))));
            self.problem(place, format!("unknown action `{text}`{}", did_you_mean(near.as_deref())));
            return None;
        };
        self.works_in(mode, command, place).then_some(Some(command))
    }

    fn class(&mut self, mode: Mode, code: Option<&str>, text: &str, place: Place) -> Option<Command> {
        let Some(code) = code else {
            self.problem(place, format!("`{text}` is no class; write `class CODE` with a code of the class table"));
            return None;
        };
        let Some(id) = self.classes.by_code(code) else {
            if self.foreign == ForeignClass::Report {
                let by_label = self.classes.by_label(code).map(|id| self.classes.code(id).to_owned());
                let near = by_label.or_else(|| nearest(code, self.classes.iter().map(|(_, c)| c.code.clone())));
                let hint = near.map(|code| format!("class {code}"));
                self.problem(place, format!("the class table has no class `{code}`{}", did_you_mean(hint.as_deref())));
            }
            return None;
        };
        let command = Command::Class(id);
        self.works_in(mode, command, place).then_some(command)
    }

    fn works_in(&mut self, mode: Mode, command: Command, place: Place) -> bool {
        let doc = command.doc();
        let works = doc.modes.contains(&mode);
        if !works {
            self.problem(
                place,
                format!("`{}` does not work in [{}]; it works in {}", doc.name, mode.name(), modes(doc.modes)),
            );
        }
        works
    }
}

fn modes(modes: &[Mode]) -> String {
    modes.iter().map(|m| format!("[{}]", m.name())).collect::<Vec<_>>().join(", ")
}

/// A sequence of keys as the file writes it.
pub(super) fn written(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
}
