//! Reads the terminal: waits, notices when it is gone, and decodes.
//!
//! Bytes are read here and not by crossterm, whose reader spins for ever on a terminal that has hung up, blocks inside
//! half a sequence, and takes a late graphics reply for keys (crossterm 0.29). Elsewhere than on Unix there are no bytes
//! to read, and crossterm's events are used.

use std::time::Duration;

use super::{Arrival, decode::Token, session::TermError};

/// How reading went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Something was read.
    Some,
    /// Nothing came in time.
    Nothing,
    /// A signal came.
    Interrupted,
    /// The terminal hung up.
    Gone,
}

#[cfg(unix)]
pub(super) use unix::Input;

#[cfg(not(unix))]
pub(super) use events::Input;

#[cfg(unix)]
mod unix {
    use std::{
        fs::File,
        io::IsTerminal,
        os::fd::{AsFd, BorrowedFd},
        time::Instant,
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
    };

    use super::{super::decode::Decoder, Arrival, Duration, Filled, TermError, Token};

    /// The terminal as a source of tokens.
    #[derive(Debug)]
    pub struct Input {
        /// `None`: standard input is the terminal.
        tty: Option<File>,
        decoder: Decoder,
        /// There was nothing to read then.
        empty: Instant,
        arrival: Arrival,
    }

    impl Input {
        /// Whether queries are answered here.
        pub const ANSWERS: bool = true;

        /// The terminal on standard input, else the controlling one.
        pub fn open() -> Result<Self, TermError> {
            let tty = if std::io::stdin().is_terminal() {
                None
            } else {
                Some(File::options().read(true).write(true).open("/dev/tty").map_err(|_| TermError::NotATerminal)?)
            };
            let now = Instant::now();
            Ok(Self { tty, decoder: Decoder::default(), empty: now, arrival: Arrival::at(now) })
        }

        /// Waits for bytes, at most for `timeout`, and adds what they mean.
        pub fn fill(&mut self, timeout: Duration, out: &mut Vec<Token>) -> Result<Filled, TermError> {
            // What lies there already came while something else was done; what comes from now on comes when it is read.
            let now = Instant::now();
            match self.wait(Duration::ZERO)? {
                Filled::Some => return self.read(self.empty, out),
                Filled::Nothing => self.empty = now,
                other => return Ok(other),
            }
            let patience = self.decoder.deadline().map(|d| d.saturating_duration_since(now));
            match self.wait(patience.map_or(timeout, |p| p.min(timeout)))? {
                Filled::Some => {
                    self.empty = Instant::now();
                    self.read(self.empty, out)
                }
                Filled::Nothing => {
                    self.arrival = Arrival::at(Instant::now());
                    let before = out.len();
                    self.decoder.expire(self.arrival.to, out);
                    Ok(if out.len() > before { Filled::Some } else { Filled::Nothing })
                }
                other => Ok(other),
            }
        }

        /// When what was added last came.
        pub fn arrival(&self) -> Arrival {
            self.arrival
        }

        fn fd(tty: Option<&File>) -> BorrowedFd<'_> {
            match tty {
                Some(file) => file.as_fd(),
                None => rustix::stdio::stdin(),
            }
        }

        fn wait(&self, timeout: Duration) -> Result<Filled, TermError> {
            let fd = Self::fd(self.tty.as_ref());
            let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
            let timeout = Timespec::try_from(timeout).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
            match poll(&mut fds, Some(&timeout)) {
                Ok(0) => Ok(Filled::Nothing),
                Ok(_) if fds[0].revents().contains(PollFlags::IN) => Ok(Filled::Some),
                // Hung up, and nothing left to read.
                Ok(_) => Ok(Filled::Gone),
                Err(Errno::INTR) => Ok(Filled::Interrupted),
                Err(error) => Err(TermError::Io(error.into())),
            }
        }

        fn read(&mut self, from: Instant, out: &mut Vec<Token>) -> Result<Filled, TermError> {
            let mut bytes = [0_u8; 4096];
            match rustix::io::read(Self::fd(self.tty.as_ref()), &mut bytes) {
                Ok(0) | Err(Errno::IO) => Ok(Filled::Gone),
                Ok(n) => {
                    self.arrival = Arrival { from, to: Instant::now() };
                    if n < bytes.len() {
                        self.empty = self.arrival.to;
                    }
                    self.decoder.push(&bytes[..n], self.arrival.to, out);
                    Ok(Filled::Some)
                }
                Err(Errno::INTR | Errno::AGAIN) => Ok(Filled::Interrupted),
                Err(error) => Err(TermError::Io(error.into())),
            }
        }
    }
}

#[cfg(not(unix))]
mod events {
    use crossterm::event::{Event, KeyCode as Code, KeyEventKind, KeyModifiers, poll, read};

    use super::{
        super::{Detail, KeyKind, decode::Stroke},
        Arrival, Duration, Filled, TermError, Token,
    };
    use crate::keymap::{Key, KeyCode};

    /// The terminal as a source of tokens.
    #[derive(Debug)]
    pub struct Input;

    impl Input {
        /// Whether queries are answered here.
        pub const ANSWERS: bool = false;

        /// The console.
        pub fn open() -> Result<Self, TermError> {
            Ok(Self)
        }

        /// Waits for an event, at most for `timeout`, and adds what it means.
        pub fn fill(&mut self, timeout: Duration, out: &mut Vec<Token>) -> Result<Filled, TermError> {
            if !poll(timeout).map_err(TermError::from)? {
                return Ok(Filled::Nothing);
            }
            match read().map_err(TermError::from)? {
                Event::Key(event) => out.extend(token(event.code, event.modifiers, event.kind)),
                Event::Paste(text) => out.push(Token::Paste(text)),
                _ => {}
            }
            Ok(Filled::Some)
        }

        /// When what was added last came.
        pub fn arrival(&self) -> Arrival {
            Arrival::at(std::time::Instant::now())
        }
    }

    fn token(code: Code, modifiers: KeyModifiers, kind: KeyEventKind) -> Option<Token> {
        let code = match code {
            Code::Char(c) => KeyCode::Char(c),
            Code::Enter => KeyCode::Enter,
            Code::Esc => KeyCode::Esc,
            Code::Tab => KeyCode::Tab,
            Code::BackTab => KeyCode::BackTab,
            Code::Backspace => KeyCode::Backspace,
            Code::Delete => KeyCode::Delete,
            Code::Insert => KeyCode::Insert,
            Code::Home => KeyCode::Home,
            Code::End => KeyCode::End,
            Code::PageUp => KeyCode::PageUp,
            Code::PageDown => KeyCode::PageDown,
            Code::Up => KeyCode::Up,
            Code::Down => KeyCode::Down,
            Code::Left => KeyCode::Left,
            Code::Right => KeyCode::Right,
            Code::F(n @ 1..=12) => KeyCode::F(n),
            _ => return None,
        };
        let has = |m| modifiers.contains(m);
        let key = Key {
            code,
            ctrl: has(KeyModifiers::CONTROL),
            alt: has(KeyModifiers::ALT),
            shift: has(KeyModifiers::SHIFT),
        };
        let kind = match kind {
            KeyEventKind::Press => KeyKind::Press,
            KeyEventKind::Repeat => KeyKind::Repeat,
            KeyEventKind::Release => KeyKind::Release,
        };
        let key = Key { shift: key.shift && code != KeyCode::BackTab, ..key }.normalised();
        Some(Token::Key(Stroke { key, kind, detail: Detail::default() }))
    }
}
