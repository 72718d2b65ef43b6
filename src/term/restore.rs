//! Puts the terminal into our hands and gives it back, whatever happens: a drop, a panic in any thread, a dead line.
//!
//! State is process-wide, as the terminal is.

use std::{
    io::{self, Write as _},
    panic::PanicHookInfo,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::overlay::wire::Wire;
use crate::domain::printable;

/// The terminal is ours.
static ACTIVE: AtomicBool = AtomicBool::new(false);
/// It reports key events because we asked it to.
static KEY_EVENTS: AtomicBool = AtomicBool::new(false);
/// Numbers of the pictures that a terminal of kitty's protocol may hold: their base, and how many come after it; 0: none.
static KITTY_PICTURES: AtomicU64 = AtomicU64::new(0);
/// They were sent through tmux.
static KITTY_IN_TMUX: AtomicBool = AtomicBool::new(false);
/// Pictures that are part of the cells below them may be on screen.
static PICTURES_IN_CELLS: AtomicBool = AtomicBool::new(false);

/// Alternate screen, cursor hidden, bracketed paste.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// End of a synchronised update, paste, attributes, cursor, main screen.
const LEAVE: &str = "\x1b[?2026l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";
/// Disambiguated keys (1), their repeats and releases (2), the same key on other layouts (4), all of this for letters,
/// Enter and space as well (8), and what they type (16), pushed; the stack belongs to the alternate screen.
const PUSH_KEY_EVENTS: &str = "\x1b[>31u";
const POP_KEY_EVENTS: &str = "\x1b[<1u";
/// Erases what is on screen, and what is part of it.
const ERASE_SCREEN: &str = "\x1b[2J";
/// All pictures on the alternate screen, which is ours, with their data; no answer.
const DELETE_KITTY_PICTURES: &str = "\x1b_Ga=d,d=A,q=2\x1b\\";

/// Writes bytes to the terminal at once.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Raw mode and the alternate screen.
pub(super) fn enter() -> io::Result<()> {
    install_panic_hook();
    crossterm::terminal::enable_raw_mode()?;
    // From here on there is something to give back, even when the next write fails.
    ACTIVE.store(true, Ordering::SeqCst);
    write(ENTER.as_bytes())
}

/// Asks for key events; only for terminals that know them.
pub(super) fn enable_key_events() -> io::Result<()> {
    KEY_EVENTS.store(true, Ordering::SeqCst);
    write(PUSH_KEY_EVENTS.as_bytes())
}

/// Notes the numbers of pictures of kitty's protocol that have to be deleted: those after a base, so many.
pub(super) fn kitty_pictures_sent((base, many): (u32, u32), wire: Wire) {
    KITTY_IN_TMUX.store(wire == Wire::Tmux, Ordering::SeqCst);
    KITTY_PICTURES.store((u64::from(base) << 32) | u64::from(many), Ordering::SeqCst);
}

/// Notes that pictures have to be erased with the cells that they are part of.
pub(super) fn pictures_in_cells() {
    PICTURES_IN_CELLS.store(true, Ordering::SeqCst);
}

/// What takes every picture of kitty's protocol away: those on the screen, and those that the terminal keeps for later.
fn delete_kitty_pictures() -> Vec<u8> {
    let noted = KITTY_PICTURES.swap(0, Ordering::SeqCst);
    let (base, many) = ((noted >> 32) as u32, noted as u32);
    if many == 0 {
        return Vec::new();
    }
    // Behind tmux there may be other programs' pictures on the screen.
    let (wire, mut bytes) = if KITTY_IN_TMUX.load(Ordering::SeqCst) {
        (Wire::Tmux, Vec::new())
    } else {
        (Wire::Plain, DELETE_KITTY_PICTURES.as_bytes().to_vec())
    };
    (1..=many).for_each(|n| bytes.extend(wire.delete(base | n)));
    bytes
}

/// Gives the terminal back as it was; does nothing the second time.
///
/// Errors are of no interest: when the line is dead, there is nothing to give back.
pub(super) fn leave() {
    if !ACTIVE.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = delete_kitty_pictures();
    if PICTURES_IN_CELLS.swap(false, Ordering::SeqCst) {
        bytes.extend_from_slice(ERASE_SCREEN.as_bytes());
    }
    if KEY_EVENTS.swap(false, Ordering::SeqCst) {
        bytes.extend_from_slice(POP_KEY_EVENTS.as_bytes());
    }
    bytes.extend_from_slice(LEAVE.as_bytes());
    let _ = write(&bytes);
    let _ = crossterm::terminal::disable_raw_mode();
}

/// A panic in any thread while the terminal is ours restores it, says so in one sentence and ends the program with 3.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !ACTIVE.load(Ordering::SeqCst) {
                return before(info);
            }
            leave();
            let _ = writeln!(io::stderr(), "{}", sentence(info));
            if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
                before(info);
            }
            std::process::exit(3);
        }));
    });
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = message.unwrap_or("no message").replace(['\r', '\n'], " ");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    format!(
        "leukoscope: internal error at {}: {}; every decision that was shown as done is kept, so start again as before, and report \
         this line with the output of `leukoscope doctor`",
        printable(&place),
        printable(&message),
    )
}
