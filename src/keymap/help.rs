//! What help, the footer and the README say of the keys: always made from the keymap in use.

use std::fmt::Write as _;

use super::{Keymap, file::written};
use crate::app::{Command, Mode};

/// A line of the help pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    /// The command.
    pub command: Command,
    /// All its keys: `space, enter`.
    pub keys: String,
    /// What it does.
    pub what: String,
}

/// In which order a footer shows what works, as far as it has room: at 80 columns that is up to `sign`.
const FOOTER: [Command; 51] = [
    Command::Confirm,
    Command::Open,
    Command::FirstRight,
    Command::SecondRight,
    Command::Accept,
    Command::AcceptGroup,
    Command::Select,
    Command::Search,
    Command::Exclude,
    Command::Undo,
    Command::Help,
    Command::Next,
    Command::Cancel,
    Command::Quit,
    Command::Sign,
    Command::Cases,
    Command::NextUnreviewed,
    Command::Zoom,
    Command::Explain,
    Command::Alike,
    Command::Beside,
    Command::Gallery,
    Command::Order,
    Command::Filter,
    Command::Target,
    Command::Blasts,
    Command::Note,
    Command::Tag,
    Command::History,
    Command::Export,
    Command::Blind,
    Command::Compare,
    Command::Reopen,
    Command::Redo,
    Command::Previous,
    Command::PreviousUnreviewed,
    Command::PageDown,
    Command::PageUp,
    Command::First,
    Command::Last,
    Command::SelectGroup,
    Command::NextGroup,
    Command::Larger,
    Command::Smaller,
    Command::PreviousGroup,
    Command::Down,
    Command::Up,
    Command::SelectNext,
    Command::SelectPrevious,
    Command::SelectDown,
    Command::SelectUp,
];

impl Keymap {
    /// All keys of `mode`, one line a command, in the order in which commands are declared; classes after `accept`.
    pub fn help(&self, mode: Mode) -> Vec<HelpRow> {
        let classes = self.classes.iter().map(|(id, _)| Command::Class(id));
        let (first, rest) = Command::PLAIN.split_at(1);
        let commands = first.iter().copied().chain(classes).chain(rest.iter().copied());
        let row = |command| {
            let keys = self.keys_for(mode, command).join(", ");
            (!keys.is_empty()).then(|| HelpRow { command, keys, what: self.what(command) })
        };
        commands.filter_map(row).collect()
    }

    /// Key and word of the commands that work now, the most important first; the keys of classes stand beside the
    /// classes, not here.
    pub fn footer(&self, mode: Mode, is_available: &dyn Fn(Command) -> bool) -> Vec<(String, &'static str)> {
        let item = |command: Command| {
            let short = command.doc().short;
            let binding = self.bindings(mode).iter().find(|b| b.command == command)?;
            let label = binding.keys.iter().map(|k| k.label()).collect::<Vec<_>>().join(" ");
            (!short.is_empty()).then_some((label, short))
        };
        FOOTER.into_iter().filter(|&c| is_available(c)).filter_map(item).collect()
    }

    /// The key tables of the README: one for each mode.
    pub fn markdown_table(&self) -> String {
        let mut out = String::new();
        for mode in Mode::ALL {
            let title = match mode {
                Mode::Cases => "In the list of cases",
                Mode::Review => "In the review of a case",
                Mode::Gallery => "In the gallery of a case",
                Mode::Dispute => "Between two readings of a case",
                Mode::Alike => "Beside look-alikes, or another cell",
                Mode::Sign => "Before a signature",
                Mode::Help => "In the help pane",
            };
            let _ = writeln!(out, "**{title}** (`[{}]`)\n\n| Keys | What they do |\n|---|---|", mode.name());
            for row in self.help(mode) {
                let keys: Vec<_> = self.keys_for(mode, row.command).iter().map(|k| code_span(k)).collect();
                let _ = writeln!(out, "| {} | {} |", keys.join(", "), row.what.replace('|', "\\|"));
            }
            out.push('\n');
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    /// The keymap as a keymap file that resolves to the same keys.
    pub fn to_toml(&self) -> String {
        let mut out = String::from("# The keys in use, as `leukoscope keys print` writes them.\n");
        for mode in Mode::ALL {
            let _ = write!(out, "\n[{}]\n", mode.name());
            for row in self.help(mode) {
                for binding in self.bindings(mode).iter().filter(|b| b.command == row.command) {
                    let key = toml::Value::String(written(&binding.keys));
                    let action = toml::Value::String(self.action(row.command));
                    let line = format!("{key} = {action}");
                    let _ = writeln!(out, "{line:<34} # {}", row.what);
                }
            }
        }
        out
    }

    fn action(&self, command: Command) -> String {
        match command {
            Command::Class(id) => format!("class {}", self.classes.code(id)),
            other => other.doc().name.to_owned(),
        }
    }

    fn what(&self, command: Command) -> String {
        match command {
            Command::Class(id) => format!("{}: {}", self.classes.code(id), self.classes.get(id).name),
            other => other.doc().long.to_owned(),
        }
    }
}

/// A key as code in a Markdown table.
fn code_span(key: &str) -> String {
    let key = key.replace('|', "\\|");
    if key.contains('`') { format!("`` {key} ``") } else { format!("`{key}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_footer_knows_every_command() {
        for command in Command::PLAIN {
            assert!(FOOTER.contains(&command), "{command:?}");
        }
    }
}
