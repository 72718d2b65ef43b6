//! The session: the terminal while the interface is on it.

use std::{
    collections::VecDeque,
    fmt, io,
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use ratatui::{Frame, Terminal};

use super::{
    Capabilities, Environment, GraphicsChoice, KeyKind, PictureMode, Signal, TermEvent, WantedPicture,
    capabilities::Graphics,
    incoming,
    input::{Filled, Input},
    overlay::{Encoder, Overlay, is_paintable},
    probe, restore,
    screen::{FrameBackend, FrameBytes, cell_px, terminal_size},
    signals::{self, Signals},
};
use crate::keymap::Key;

/// Begin and end of a synchronised update.
const SYNC: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");
/// Most bytes that are taken for typed ahead in one go, so that a flood cannot keep the loop from drawing.
const READ_AHEAD: usize = 64;

/// Why there is no terminal to work on.
#[derive(Debug, thiserror::Error)]
pub enum TermError {
    /// Standard output or input is no terminal.
    #[error("the interface needs a terminal; in scripts and pipes use `leukoscope decide`, `sign` and `export`")]
    NotATerminal,
    /// It hung up.
    #[error("the terminal is gone; every decision that was shown as done is kept")]
    Gone,
    /// Reading or writing failed.
    #[error("the terminal failed: {0}; every decision that was shown as done is kept, so start again as before")]
    Io(io::Error),
}

impl From<io::Error> for TermError {
    /// EIO is what the kernel answers on a line that hung up.
    fn from(error: io::Error) -> Self {
        const EIO: i32 = 5;
        if error.raw_os_error() == Some(EIO) || error.kind() == io::ErrorKind::BrokenPipe {
            Self::Gone
        } else {
            Self::Io(error)
        }
    }
}

/// The terminal in raw mode on its alternate screen, with a frame, an overlay and events; restored when dropped.
pub struct Session {
    terminal: Terminal<FrameBackend>,
    frame: FrameBytes,
    overlay: Overlay,
    capabilities: Capabilities,
    input: Input,
    events: VecDeque<TermEvent>,
    signals: Signals,
    size: (u16, u16),
    written: u64,
    dropped: usize,
    /// The kernel knows the size of a cell in px as well as the terminal does, and tells when it changes.
    measures: bool,
    /// Events at the head of `events` that were there before the last frame was written.
    before_frame: usize,
    _restore: Restore,
}

/// Gives the terminal back on the way out of scope.
struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        restore::leave();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("capabilities", &self.capabilities)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Takes the terminal and asks it what it can do.
    ///
    /// # Errors
    /// When there is no terminal, or it cannot be used; it is then as it was.
    pub fn enter(graphics: GraphicsChoice) -> Result<Self, TermError> {
        if !io::stdout().is_terminal() {
            return Err(TermError::NotATerminal);
        }
        let environment = Environment::of_process();
        let signals = Signals::watch()?;
        let mut input = Input::open()?;
        let restore = Restore;
        restore::enter()?;
        let mut answers = probe::ask(&mut input, graphics, &environment)?;
        let measured = cell_px();
        answers.cell_px = answers.cell_px.or(measured);
        let capabilities = Capabilities::decide(graphics, &environment, &answers);
        if capabilities.key_events {
            restore::enable_key_events()?;
        }
        let overlay = Overlay::new(&capabilities, answers.fence && answers.sixel);
        let frame = FrameBytes::default();
        let mut terminal =
            Terminal::new(FrameBackend::new(frame.clone(), terminal_size, capabilities.graphics == Graphics::Kitty))?;
        // Whatever a terminal printed of queries that it does not know goes.
        terminal.clear()?;
        let size = terminal.size()?;
        Ok(Self {
            terminal,
            frame,
            overlay,
            capabilities,
            input,
            events: VecDeque::new(),
            signals,
            size: (size.width, size.height),
            written: 0,
            before_frame: 0,
            dropped: answers.dropped,
            measures: measured.is_some() && measured == answers.cell_px,
            _restore: restore,
        })
    }

    /// What the terminal can do.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// How the frame is to show pictures.
    pub fn picture_mode(&self) -> PictureMode {
        match self.capabilities.graphics {
            Graphics::HalfBlock => PictureMode::HalfBlock,
            Graphics::Off => PictureMode::Off,
            Graphics::Kitty | Graphics::Iterm2 | Graphics::Sixel => {
                PictureMode::Overlay { cell_px: self.capabilities.cell_px }
            }
        }
    }

    /// What makes pictures ready for this terminal on other threads; `None`: it is shown none but half-blocks.
    pub fn encoder(&self) -> Option<Encoder> {
        self.overlay.is_active().then(|| self.overlay.encoder())
    }

    /// What the user should know of the start; `None`: nothing.
    pub fn notice(&self) -> Option<String> {
        (self.dropped > 0).then(|| format!("{} typed before the first picture did nothing", keys(self.dropped)))
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Draws a frame and the pictures that it wants in one synchronised update; returns how many bytes that took, of
    /// which there are none when nothing changed.
    ///
    /// # Errors
    /// When the terminal cannot be written to: it is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>) -> Vec<WantedPicture>) -> Result<u64, TermError> {
        let size = self.terminal.size()?;
        if (size.width, size.height) != self.size {
            let event = self.resized()?;
            self.events.push_back(event);
        }
        let overlay = &mut self.overlay;
        let mut change = None;
        self.terminal.draw(|frame| {
            let mut wanted = render(frame);
            wanted.retain(|w| overlay.is_active() && is_paintable(w, frame.area()));
            change = overlay.change(&wanted);
            overlay.underlay(&wanted, frame.buffer_mut());
        })?;
        let frame = self.frame.take();
        if frame.is_empty() && change.is_none() {
            self.before_frame = 0;
            return Ok(0);
        }
        let change = change.unwrap_or_default();
        self.pull()?;
        self.before_frame = self.events.len();
        let before = self.written;
        self.write(&[SYNC.0, &change.before, &frame].concat())?;
        let written = &mut self.written;
        let mut write = |bytes: &[u8]| {
            *written += bytes.len() as u64;
            restore::write(bytes)
        };
        change.paint(&mut write)?;
        self.write(SYNC.1)?;
        Ok(self.written - before)
    }

    /// To be called after a draw that put another cell on screen: keys that were there before its first byte was written
    /// are marked `ahead`. Later ones may answer what was seen: a terminal shows a frame sooner than this is called.
    pub fn mark_typed_ahead(&mut self) {
        for event in self.events.iter_mut().take(self.before_frame) {
            if let TermEvent::Key { ahead, .. } = event {
                *ahead = true;
            }
        }
    }

    /// Reads everything that has been typed so far.
    fn pull(&mut self) -> Result<(), TermError> {
        for _ in 0..READ_AHEAD {
            if self.fill(Duration::ZERO)? != Filled::Some {
                break;
            }
        }
        Ok(())
    }

    /// The next event, waiting at most for `timeout`. Comes back early when a signal came.
    ///
    /// Ctrl-Z stops the program here; when it is continued, a `Resize` comes, for everything has to be drawn again.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn poll(&mut self, timeout: Duration) -> Result<Option<TermEvent>, TermError> {
        let start = Instant::now();
        let mut waited = false;
        loop {
            if self.signals.resized() {
                return self.resized().map(Some);
            }
            if let Some(event) = self.events.pop_front() {
                let ctrl_z = Key::ctrl('z');
                match event {
                    TermEvent::Key { key, kind: KeyKind::Press, .. } if key == ctrl_z => {
                        return self.suspend().map(Some);
                    }
                    event => return Ok(Some(event)),
                }
            }
            if self.signal().is_some() || (waited && start.elapsed() >= timeout) {
                return Ok(None);
            }
            self.fill(timeout.saturating_sub(start.elapsed()))?;
            waited = true;
        }
    }

    /// The signal that asks the program to end, if one came.
    pub fn signal(&self) -> Option<Signal> {
        self.signals.end()
    }

    /// Bytes written since the session began, less those that viuer wrote.
    pub fn bytes_written(&self) -> u64 {
        self.written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TermError> {
        self.written += bytes.len() as u64;
        Ok(restore::write(bytes)?)
    }

    /// Reads what is there.
    fn fill(&mut self, timeout: Duration) -> Result<Filled, TermError> {
        let mut tokens = Vec::new();
        let filled = self.input.fill(timeout, &mut tokens)?;
        self.events.extend(incoming::events(tokens, self.input.arrival()));
        if filled == Filled::Gone { Err(TermError::Gone) } else { Ok(filled) }
    }

    fn resized(&mut self) -> Result<TermEvent, TermError> {
        let size = self.terminal.size()?;
        self.size = (size.width, size.height);
        if let Some(px) = cell_px().filter(|_| self.measures) {
            self.capabilities.cell_px = px;
            self.overlay.set_cell_px(px);
        }
        // Both go out with the next frame, which starts from nothing.
        self.overlay.clear();
        self.terminal.clear()?;
        Ok(TermEvent::Resize(size.width, size.height))
    }

    fn suspend(&mut self) -> Result<TermEvent, TermError> {
        restore::leave();
        signals::stop()?;
        restore::enter()?;
        if self.capabilities.key_events {
            restore::enable_key_events()?;
        }
        self.overlay.forget();
        self.resized()
    }
}

fn keys(n: usize) -> String {
    if n == 1 { "a key".to_owned() } else { format!("{n} keys") }
}
