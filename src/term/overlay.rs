//! Pictures over the frame: kitty's protocol, iTerm2's and sixel.
//!
//! Which of it is [viuer]'s: iTerm2 and sixel, where viuer itself finds that the terminal has them, for then its probes
//! either read the environment alone or are sure of an answer. Kitty's protocol is written here: viuer 0.11 probes for it
//! by reading keys, reads keys again at every picture, gives pictures no number to delete them by and sends raw pixels
//! three times as long as PNG. Where the user forces iTerm2 or sixel on a terminal that viuer does not know, viuer would
//! paint half-blocks instead, so these two are written here as well.

mod encode;
mod plan;

use std::io;

use image::{DynamicImage, RgbImage};
use ratatui::layout::Rect;

use super::{Capabilities, Graphics, WantedPicture, restore};
use plan::{Placed, place};

/// Paints wanted pictures, each once.
#[derive(Debug)]
pub(super) struct Overlay {
    protocol: Protocol,
    cell_px: (u16, u16),
    cell_px_known: bool,
    shown: Option<Shown>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    None,
    Kitty,
    Iterm2 { by_viuer: bool },
    Sixel { by_viuer: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    id: u64,
    area: Rect,
}

impl Overlay {
    /// An overlay for that terminal. `sixel_answered`: its device attributes came and name sixel.
    pub fn new(capabilities: &Capabilities, sixel_answered: bool) -> Self {
        let protocol = match capabilities.graphics {
            Graphics::HalfBlock | Graphics::Off => Protocol::None,
            Graphics::Kitty => Protocol::Kitty,
            // Looks at the environment only.
            Graphics::Iterm2 => Protocol::Iterm2 { by_viuer: viuer::is_iterm_supported() },
            // Asks for the device attributes and waits for them without end: only where they were answered a moment ago.
            Graphics::Sixel => Protocol::Sixel { by_viuer: sixel_answered && viuer::is_sixel_supported() },
        };
        Self { protocol, cell_px: capabilities.cell_px, cell_px_known: capabilities.cell_px_known, shown: None }
    }

    /// Whether pictures are painted at all.
    pub fn is_active(&self) -> bool {
        self.protocol != Protocol::None
    }

    /// What is on screen is gone, or about to be: a resize, a cleared screen.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The bytes that have to precede the frame: they take away what is shown and no longer wanted.
    ///
    /// `None`: the picture that is wanted is on screen already.
    pub fn erase(&mut self, wanted: Option<&WantedPicture>) -> Option<Vec<u8>> {
        let next = wanted.map(|w| Shown { id: w.id, area: w.area });
        if next == self.shown {
            return None;
        }
        let mut bytes = Vec::new();
        if let Some(shown) = self.shown.take() {
            if self.protocol == Protocol::Kitty {
                bytes.extend_from_slice(restore::DELETE_KITTY_PICTURES.as_bytes());
            }
            bytes.extend_from_slice(&plan::blanks(shown.area));
        }
        if let Some(next) = next {
            // The cells below are marked skip: nobody else blanks them.
            bytes.extend_from_slice(&plan::blanks(next.area));
        }
        Some(bytes)
    }

    /// Paints; the cursor is left where it was. Bytes that viuer writes are not in the count that comes back.
    pub fn paint(&mut self, wanted: &WantedPicture, write: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.shown = Some(Shown { id: wanted.id, area: wanted.area });
        let Some((image, placed)) = place(&wanted.image, wanted.area, self.cell_px) else { return Ok(()) };
        write(b"\x1b7")?;
        match self.protocol {
            Protocol::None => {}
            Protocol::Kitty => {
                restore::kitty_pictures_shown();
                let cells = (!self.cell_px_known).then_some(placed.cells);
                write(&encode::at(placed.cells, encode::kitty(&image, cells)?))?;
            }
            Protocol::Iterm2 { by_viuer: false } => write(&encode::at(placed.cells, encode::iterm2(&image, placed.cells)?))?,
            Protocol::Sixel { by_viuer: false } => write(&encode::at(placed.cells, encode::sixel(&image)?))?,
            Protocol::Iterm2 { by_viuer: true } | Protocol::Sixel { by_viuer: true } => self.print(&image, placed)?,
        }
        write(b"\x1b8")
    }

    /// Through viuer, which writes to standard output itself.
    fn print(&self, image: &RgbImage, placed: Placed) -> io::Result<()> {
        let sixel = matches!(self.protocol, Protocol::Sixel { .. });
        // viuer takes a cell for 6 x 12 px when it makes sixels; asked for more cells, it makes the pixels that fill ours.
        let (width, height) = if sixel {
            ((placed.px.0 / 6).max(1), (placed.px.1 / 12).max(1))
        } else {
            (u32::from(placed.cells.width), u32::from(placed.cells.height))
        };
        let config = viuer::Config {
            absolute_offset: true,
            x: placed.cells.x,
            y: i16::try_from(placed.cells.y).unwrap_or(i16::MAX),
            width: Some(width),
            height: Some(height),
            use_kitty: false,
            use_iterm: !sixel,
            use_sixel: sixel,
            truecolor: true,
            ..viuer::Config::default()
        };
        viuer::print(&DynamicImage::ImageRgb8(image.clone()), &config).map_err(io::Error::other)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::Rgb;

    use super::*;

    fn overlay(protocol: Protocol) -> Overlay {
        Overlay { protocol, cell_px: (10, 20), cell_px_known: true, shown: None }
    }

    fn picture(id: u64, area: Rect) -> WantedPicture {
        WantedPicture { area, image: Arc::new(RgbImage::from_pixel(200, 200, Rgb([200, 100, 150]))), id }
    }

    /// One frame's bytes of the overlay.
    fn frame(overlay: &mut Overlay, wanted: Option<&WantedPicture>) -> String {
        let mut bytes = Vec::new();
        if let Some(erase) = overlay.erase(wanted) {
            bytes.extend(erase);
            if let Some(wanted) = wanted {
                let mut write = |b: &[u8]| {
                    bytes.extend_from_slice(b);
                    Ok(())
                };
                overlay.paint(wanted, &mut write).expect("memory does not fail");
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn a_picture_is_painted_once_and_taken_away_once() {
        let area = Rect::new(2, 1, 20, 10);
        for protocol in [Protocol::Kitty, Protocol::Iterm2 { by_viuer: false }, Protocol::Sixel { by_viuer: false }] {
            let mut overlay = overlay(protocol);
            let first = picture(1, area);
            assert!(frame(&mut overlay, Some(&first)).len() > 200, "{protocol:?}");
            assert_eq!(frame(&mut overlay, Some(&first)), "", "unchanged");
            assert!(!frame(&mut overlay, Some(&picture(2, area))).is_empty(), "another picture");
            let moved = Rect { x: 4, ..area };
            assert!(!frame(&mut overlay, Some(&picture(2, moved))).is_empty(), "another place");
            let gone = frame(&mut overlay, None);
            assert_eq!(gone.contains("a=d,d=A"), protocol == Protocol::Kitty);
            assert!(gone.contains(&" ".repeat(20)), "blanked");
            assert_eq!(frame(&mut overlay, None), "");
        }
    }

    #[test]
    fn after_a_cleared_screen_it_is_painted_again() {
        let mut overlay = overlay(Protocol::Kitty);
        let wanted = picture(1, Rect::new(0, 0, 20, 10));
        frame(&mut overlay, Some(&wanted));
        overlay.forget();
        assert!(frame(&mut overlay, Some(&wanted)).contains("a=T"));
    }
}
