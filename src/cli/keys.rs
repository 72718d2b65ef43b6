//! `keys`: the keymap's problems, and the keymap that holds.

use std::path::{Path, PathBuf};

use super::{
    Context, Failure, Outcome,
    args::{KeysAction, KeysArgs},
    context::{default_folder, read_text, show},
    output,
};
use crate::{domain::ClassTable, keymap::Keymap};

/// Checks or prints the keymap.
pub fn run(context: &Context, args: &KeysArgs) -> Result<Outcome, Failure> {
    match &args.action {
        KeysAction::Check { keymap } => {
            load(keymap.as_deref(), &context.table)?;
            let whose = keymap_path(keymap.as_deref()).map_or_else(|| "the default keymap".into(), |p| show(&p));
            output::print(&format!("{whose}: no problems\n"))?;
        }
        KeysAction::Print { keymap, markdown } => {
            let keymap = load(keymap.as_deref(), &context.table)?;
            output::print(&if *markdown { keymap.markdown_table() } else { keymap.to_toml() })?;
        }
    }
    Ok(Outcome::Done)
}

/// The keymap that holds: the default, with the user's file merged over it.
///
/// # Errors
/// With every problem of the file, a line each.
pub fn load(path: Option<&Path>, table: &ClassTable) -> Result<Keymap, Failure> {
    let user = keymap_path(path).map(|p| read_text(&p).map(|text| (p, text))).transpose()?;
    let user = user.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
    Keymap::load(user, table)
        .map_err(|problems| Failure::usage(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// The file named, else the user's file where there is one.
pub fn keymap_path(path: Option<&Path>) -> Option<PathBuf> {
    path.map(Path::to_owned).or_else(|| default_folder(|d| d.config_dir().join("keymap.toml")).filter(|p| p.exists()))
}
