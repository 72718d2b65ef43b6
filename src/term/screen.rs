//! ratatui's backend: a frame is collected whole, an unchanged one is not a single byte.
//!
//! ratatui's own crossterm backend writes resets and hides the cursor at every frame, and asks the terminal where the
//! cursor is when it clears; neither happens here.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// The size that is taken where the terminal has none.
const USUAL: Size = Size { width: 80, height: 24 };

/// The bytes of the frame in the making, shared by the backend and the session.
#[derive(Debug, Clone, Default)]
pub(super) struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl FrameBytes {
    /// Takes them out.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Nothing leaves before the frame is complete.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The backend.
#[derive(Debug)]
pub(super) struct FrameBackend {
    inner: CrosstermBackend<FrameBytes>,
    size: fn() -> Option<Size>,
    /// Kitty forgets pictures that were sent when the whole screen is erased at once.
    line_by_line: bool,
    cursor_shown: bool,
    cursor: Option<Position>,
}

impl FrameBackend {
    /// A backend for a screen that was just entered: empty, its cursor hidden.
    ///
    /// `keeps_pictures`: clearing the screen takes no picture away that the terminal holds for later.
    pub fn new(bytes: FrameBytes, size: fn() -> Option<Size>, keeps_pictures: bool) -> Self {
        let inner = CrosstermBackend::new(bytes);
        Self { inner, size, line_by_line: keeps_pictures, cursor_shown: false, cursor: None }
    }
}

/// The size of the terminal; `None` where it does not say.
///
/// Asked of the kernel alone: crossterm starts `tput` when that does not know.
#[cfg(unix)]
pub(super) fn terminal_size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some(Size { width: size.ws_col, height: size.ws_row })
}

#[cfg(not(unix))]
pub(super) fn terminal_size() -> Option<Size> {
    crossterm::terminal::size().ok().map(|(width, height)| Size { width, height })
}

/// The size of a character cell in px, as the kernel knows it; `None` where it does not.
pub(super) fn cell_px() -> Option<(u16, u16)> {
    #[cfg(unix)]
    {
        let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
        let side = |px: u16, cells: u16| px.checked_div(cells).filter(|px| (1..=255).contains(px));
        Some((side(size.ws_xpixel, size.ws_col)?, side(size.ws_ypixel, size.ws_row)?))
    }
    #[cfg(not(unix))]
    None
}

/// Columns of the terminal on stderr, for progress beside an output that goes elsewhere; `None` where there is none.
pub fn error_columns() -> Option<u16> {
    #[cfg(unix)]
    let columns = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok().map(|size| size.ws_col);
    #[cfg(not(unix))]
    let columns = terminal_size().map(|size| size.width);
    columns.filter(|c| *c > 0)
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        // Drawing moves the cursor.
        self.cursor = None;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.cursor_shown) { self.inner.hide_cursor() } else { Ok(()) }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.cursor_shown, true) { Ok(()) } else { self.inner.show_cursor() }
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor.replace(position) == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.cursor = None;
        if clear_type == ClearType::All && self.line_by_line {
            self.inner.set_cursor_position(Position::ORIGIN)?;
            return self.inner.clear_region(ClearType::AfterCursor);
        }
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok((self.size)().unwrap_or(USUAL))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, text::Line};

    use super::*;

    fn terminal() -> (Terminal<FrameBackend>, FrameBytes) {
        let bytes = FrameBytes::default();
        let backend = FrameBackend::new(bytes.clone(), || Some(Size { width: 40, height: 5 }), false);
        (Terminal::new(backend).expect("it has a size"), bytes)
    }

    #[test]
    fn an_unchanged_frame_is_no_byte_and_a_changed_cell_few() {
        let (mut terminal, bytes) = terminal();
        let mut draw = |text: &str| {
            terminal.draw(|f| f.render_widget(Line::from(text.to_owned()), f.area())).expect("memory does not fail");
            bytes.take()
        };
        let first = draw("hello");
        assert!(String::from_utf8_lossy(&first).contains("hello"));
        assert_eq!(draw("hello"), b"");
        let changed = draw("hallo");
        assert!(changed.len() < 40, "{}", String::from_utf8_lossy(&changed));
    }

    #[test]
    fn a_screen_that_keeps_pictures_is_not_erased_at_once() {
        for (keeps, erase) in [(false, "\x1b[2J"), (true, "\x1b[1;1H\x1b[J")] {
            let bytes = FrameBytes::default();
            let mut backend = FrameBackend::new(bytes.clone(), || None, keeps);
            backend.clear().expect("memory does not fail");
            assert_eq!(String::from_utf8_lossy(&bytes.take()), erase);
        }
    }

    #[test]
    fn a_resting_cursor_is_no_byte_either() {
        let (mut terminal, bytes) = terminal();
        let mut draw = || {
            terminal
                .draw(|f| {
                    f.render_widget(Line::from("note"), f.area());
                    f.set_cursor_position((4, 0));
                })
                .expect("memory does not fail");
            bytes.take()
        };
        assert!(String::from_utf8_lossy(&draw()).contains("\x1b[?25h"));
        assert_eq!(draw(), b"");
    }
}
