//! What is said of a key that means nothing here.

use crate::{
    app::{Command, DeadKey, Mode, Notice},
    keymap::{Key, KeyCode, Keymap, Resolution},
};

/// Why a key does nothing in `mode`.
pub(super) fn why(keymap: &Keymap, mode: Mode, key: Key) -> Notice {
    if key.code == KeyCode::Esc {
        return Notice::NothingToClose;
    }
    Notice::Dead(dead(keymap, mode, key))
}

fn dead(keymap: &Keymap, mode: Mode, key: Key) -> DeadKey {
    let means = |mode, key: Key| match keymap.resolve(mode, &[key]) {
        Resolution::Command(command) => Some(command),
        Resolution::Prefix | Resolution::None => None,
    };
    let name = key.label();
    let KeyCode::Char(c) = key.code else { return elsewhere(&means, mode, key, name) };
    if c.is_alphabetic() && !c.is_ascii() {
        return DeadKey::Layout(name);
    }
    let small = Key { code: KeyCode::Char(c.to_ascii_lowercase()), ..key };
    match means(mode, small).filter(|_| c.is_ascii_uppercase()) {
        Some(command) => DeadKey::CapsLock { key: name, small: small.label(), command },
        None => elsewhere(&means, mode, key, name),
    }
}

fn elsewhere(means: &dyn Fn(Mode, Key) -> Option<Command>, mode: Mode, key: Key, name: String) -> DeadKey {
    let other = [Mode::Review, Mode::Cases, Mode::Gallery, Mode::Dispute].into_iter().filter(|m| *m != mode);
    match other.into_iter().find_map(|m| Some((m, means(m, key)?))) {
        Some((mode, command)) => DeadKey::Elsewhere { key: name, mode, command },
        None => DeadKey::Nowhere(name),
    }
}
