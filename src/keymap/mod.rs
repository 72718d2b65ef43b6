//! Which key does what: the keymap file, its problems, and what help says.
//!
//! Planned interface (being filled in):
//!
//! ```text
//! Keymap::load(user: Option<(&Path, &str)>, &ClassTable) -> Result<Keymap, Vec<Problem>>
//! keymap.resolve(mode, &[Key]) -> Resolution{Command(c), Prefix, None}
//! keymap.keys_for(mode, command) -> Vec<String>
//! keymap.help(mode) -> Vec<HelpRow{command, keys: String, what: String}>
//! keymap.footer(mode, &dyn Fn(Command) -> bool) -> Vec<(String, &'static str)>
//! keymap.markdown_table() -> String;  keymap.to_toml() -> String
//! ```

mod key;

pub use key::{Key, KeyCode, KeyError};
