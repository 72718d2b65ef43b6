//! Pictures over the frame, any number of them: kitty's protocol, iTerm2's and sixel.
//!
//! An account of what is on the screen is kept; a frame's wishes are set against it, and only the difference is written. Kitty
//! holds pictures under numbers: each is sent once and placed by its number. Pictures of the others are part of the cells below
//! them: blanks erase them.
//!
//! Which of it is [viuer]'s: a picture whose bytes nobody limits (the large view) by iTerm2's protocol and sixel, up to
//! [`VIUERS_PX`], where viuer itself finds that the terminal has them, for then its probes either read the environment alone or
//! are sure of an answer. Larger ones cost its encoder more time than a frame has. Kitty's protocol is written here: viuer 0.11
//! probes for it by reading keys, reads keys again at every picture, gives pictures no number to place or delete them by and
//! sends raw pixels three times as long as PNG. Where the user forces iTerm2 or sixel on a terminal that viuer does not know,
//! viuer would paint half-blocks instead, so these are written here as well.

mod encode;
mod encoder;
mod images;
mod placeholder;
mod plan;
pub(super) mod wire;

use std::{borrow::Cow, collections::HashSet, io};

use image::{DynamicImage, RgbImage};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Capabilities, Graphics, WantedPicture, restore};
pub use encoder::Encoder;
use images::Images;
use plan::{Placed, place};
use wire::Wire;

/// Most px of a picture that viuer paints: its encoders run while the frame waits.
const VIUERS_PX: u32 = 64_000;

/// A picture's name, and its size in px.
type Key = (u64, (u32, u32));

/// The account of the pictures on the screen.
#[derive(Debug)]
pub struct Overlay {
    encoder: Encoder,
    cell_px: (u16, u16),
    cell_px_known: bool,
    shown: Vec<Shown>,
    images: Images,
    /// Bytes that have to go out before the next frame.
    pending: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    None,
    Kitty(Wire),
    Iterm2 { by_viuer: bool, wire: Wire },
    Sixel { by_viuer: bool },
}

impl Protocol {
    fn wire(self) -> Wire {
        match self {
            Self::Kitty(wire) | Self::Iterm2 { wire, .. } => wire,
            Self::None | Self::Sixel { .. } => Wire::Plain,
        }
    }

    fn is_viuers(self, image: &RgbImage, bytes: Option<u32>) -> bool {
        let here = matches!(self, Self::Iterm2 { by_viuer: true, .. } | Self::Sixel { by_viuer: true });
        here && bytes.is_none() && image.width().saturating_mul(image.height()) <= VIUERS_PX
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    key: Key,
    cells: Rect,
    /// Kitty's number of this showing of the picture.
    placement: u32,
}

/// A wish, and where it goes.
struct Next<'a> {
    key: Key,
    image: Cow<'a, RgbImage>,
    placed: Placed,
    bytes: Option<u32>,
}

impl Next<'_> {
    fn is(&self, shown: &Shown) -> bool {
        (self.key, self.placed.cells) == (shown.key, shown.cells)
    }
}

/// What has to be written so that the screen shows what a frame wants.
#[derive(Debug, Default)]
pub struct Change {
    /// Before the frame's text.
    pub before: Vec<u8>,
    /// After it; the cursor moves.
    after: Vec<Paint>,
}

#[derive(Debug)]
enum Paint {
    Bytes(Vec<u8>),
    Viuer { image: RgbImage, placed: Placed, sixel: bool },
}

impl Change {
    /// Bytes that are known before they are written: viuer's are not.
    pub fn bytes(&self) -> usize {
        let after = self.after.iter().map(|paint| if let Paint::Bytes(bytes) = paint { bytes.len() } else { 0 });
        self.before.len() + after.sum::<usize>()
    }

    /// Paints what comes after the frame's text; the cursor is left where it was.
    pub(super) fn paint(&self, write: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if self.after.is_empty() {
            return Ok(());
        }
        write(b"\x1b7")?;
        for paint in &self.after {
            match paint {
                Paint::Bytes(bytes) => write(bytes)?,
                Paint::Viuer { image, placed, sixel } => print(image, *placed, *sixel)?,
            }
        }
        write(b"\x1b8")
    }
}

impl Overlay {
    /// An overlay for that terminal. `sixel_answered`: its device attributes came and name sixel.
    pub(super) fn new(capabilities: &Capabilities, sixel_answered: bool) -> Self {
        let wire = if capabilities.multiplexer == Some("tmux") { Wire::Tmux } else { Wire::Plain };
        let protocol = match capabilities.graphics {
            Graphics::HalfBlock | Graphics::Off => Protocol::None,
            Graphics::Kitty => Protocol::Kitty(wire),
            // Looks at the environment only, and knows no way through tmux.
            Graphics::Iterm2 => Protocol::Iterm2 { by_viuer: wire == Wire::Plain && viuer::is_iterm_supported(), wire },
            // Asks for the device attributes and waits for them without end: only where they were answered a moment ago.
            Graphics::Sixel => Protocol::Sixel { by_viuer: sixel_answered && viuer::is_sixel_supported() },
        };
        Self { cell_px_known: capabilities.cell_px_known, ..Self::speaking(protocol, capabilities.cell_px) }
    }

    /// An overlay that writes one protocol to whatever takes it, without a terminal and without viuer: for tests and
    /// measurements of bytes.
    pub fn of(graphics: Graphics, cell_px: (u16, u16)) -> Self {
        let protocol = match graphics {
            Graphics::HalfBlock | Graphics::Off => Protocol::None,
            Graphics::Kitty => Protocol::Kitty(Wire::Plain),
            Graphics::Iterm2 => Protocol::Iterm2 { by_viuer: false, wire: Wire::Plain },
            Graphics::Sixel => Protocol::Sixel { by_viuer: false },
        };
        Self::speaking(protocol, cell_px)
    }

    fn speaking(protocol: Protocol, cell_px: (u16, u16)) -> Self {
        Self {
            encoder: Encoder::new(protocol),
            cell_px,
            cell_px_known: true,
            shown: Vec::new(),
            images: Images::new(protocol.wire()),
            pending: Vec::new(),
        }
    }

    /// Whether pictures are painted at all.
    pub fn is_active(&self) -> bool {
        self.encoder.protocol() != Protocol::None
    }

    /// What makes pictures ready for this overlay on other threads.
    pub fn encoder(&self) -> Encoder {
        self.encoder.clone()
    }

    /// The terminal's cells have another size now.
    pub(super) fn set_cell_px(&mut self, cell_px: (u16, u16)) {
        self.cell_px = cell_px;
    }

    /// The screen is about to be cleared: takes away what that leaves. Goes out with the next frame.
    pub(super) fn clear(&mut self) {
        let shown = std::mem::take(&mut self.shown);
        if let Protocol::Kitty(wire @ Wire::Plain) = self.encoder.protocol() {
            for Shown { key, placement, .. } in shown {
                let id = self.images.get(&key);
                self.pending.extend(id.into_iter().flat_map(|id| wire.remove(id, placement)));
            }
        }
    }

    /// The terminal was given back in between: nothing of what it had is there any more.
    pub(super) fn forget(&mut self) {
        self.shown.clear();
        self.images.forget();
        self.pending.clear();
    }

    /// What has to be written for a frame that wants these pictures; `None`: they are what is on the screen.
    pub fn change(&mut self, wanted: &[WantedPicture]) -> Option<Change> {
        let next: Vec<Next<'_>> = wanted
            .iter()
            .filter_map(|w| {
                let (image, placed) = place(&w.image, w.area, self.cell_px)?;
                Some(Next { key: (w.id, image.dimensions()), image, placed, bytes: w.bytes })
            })
            .collect();
        let (kept, gone): (Vec<_>, Vec<_>) = self.shown.iter().partition(|s| next.iter().any(|n| n.is(s)));
        let new: Vec<_> = next.iter().filter(|n| !self.shown.iter().any(|s| n.is(s))).collect();
        if gone.is_empty() && new.is_empty() && self.pending.is_empty() {
            return None;
        }
        self.shown = kept;
        let mut change = Change { before: std::mem::take(&mut self.pending), after: Vec::new() };
        match self.encoder.protocol() {
            Protocol::None => {}
            Protocol::Kitty(wire) => {
                let keep = next.iter().map(|n| n.key).collect();
                self.kitty(wire, gone, &new, &keep, &mut change);
            }
            protocol => self.raster(protocol, &gone, &new, &mut change),
        }
        Some(change)
    }

    /// Makes the cells below the pictures blank, or what stands for the pictures there. To be called after [`Overlay::change`].
    pub fn underlay(&mut self, wanted: &[WantedPicture], buf: &mut Buffer) {
        for position in wanted.iter().flat_map(|w| w.area.positions()) {
            if let Some(cell) = buf.cell_mut(position) {
                cell.reset();
            }
        }
        if self.encoder.protocol() == Protocol::Kitty(Wire::Tmux) {
            for Shown { key, cells, .. } in &self.shown {
                if let Some(id) = self.images.get(key) {
                    placeholder::fill(buf, *cells, id);
                }
            }
        }
    }

    fn kitty(&mut self, wire: Wire, mut gone: Vec<Shown>, new: &[&Next<'_>], keep: &HashSet<Key>, change: &mut Change) {
        let (mut removed, mut placed) = (Vec::new(), Vec::new());
        for next in new {
            let cells = next.placed.cells;
            let id = match self.images.get(&next.key) {
                Some(id) => id,
                None => {
                    let Some(png) = self.encoder.encoded(next.key, &next.image, next.bytes) else { continue };
                    let Some((id, given_up)) = self.images.add(next.key, keep) else { continue };
                    // Sent before the frame's text: what it replaces stands until it is there.
                    given_up.into_iter().for_each(|id| change.before.extend(wire.delete(id)));
                    change.before.extend(wire.transmit(id, &png));
                    if wire == Wire::Tmux {
                        change.before.extend(wire.place_virtually(id, cells));
                    }
                    id
                }
            };
            let placement = match gone.iter().position(|g| g.key == next.key) {
                // Moved.
                Some(at) => gone.swap_remove(at).placement,
                None => {
                    let mine = self.shown.iter().filter(|s| s.key == next.key);
                    mine.map(|s| s.placement).max().unwrap_or(0) + 1
                }
            };
            if wire == Wire::Plain {
                let stretch = (!self.cell_px_known).then_some(cells);
                placed.extend(encode::at(cells, &wire.place(id, placement, stretch)));
            }
            self.shown.push(Shown { key: next.key, cells, placement });
        }
        if wire == Wire::Plain {
            // Those that were given up are gone already.
            let left = gone.iter().filter_map(|g| Some((self.images.get(&g.key)?, g.placement)));
            left.for_each(|(id, placement)| removed.extend(wire.remove(id, placement)));
        }
        removed.extend(placed);
        if !removed.is_empty() {
            change.after.push(Paint::Bytes(removed));
        }
        restore::kitty_pictures_sent(self.images.range(), wire);
    }

    fn raster(&mut self, protocol: Protocol, gone: &[Shown], new: &[&Next<'_>], change: &mut Change) {
        restore::pictures_in_cells();
        // One that is covered whole by the next one needs no blanks, which could be seen.
        let uncovered = gone.iter().filter(|g| !new.iter().any(|n| n.placed.cells == g.cells));
        let blanks: Vec<u8> = uncovered.flat_map(|g| plan::blanks(g.cells)).collect();
        if !blanks.is_empty() {
            change.before.extend([b"\x1b7", blanks.as_slice(), b"\x1b8"].concat());
        }
        for next in new {
            let (key, Placed { cells, .. }) = (next.key, next.placed);
            if protocol.is_viuers(&next.image, next.bytes) {
                let sixel = matches!(protocol, Protocol::Sixel { .. });
                change.after.push(Paint::Viuer { image: next.image.clone().into_owned(), placed: next.placed, sixel });
            } else if let Some(bytes) = self.encoder.encoded(key, &next.image, next.bytes) {
                let bytes = match protocol {
                    Protocol::Iterm2 { wire, .. } => {
                        wire.wrap(&encode::at(cells, &encode::iterm2_command(&bytes, cells)))
                    }
                    _ => encode::at(cells, &bytes),
                };
                change.after.push(Paint::Bytes(bytes));
            } else {
                continue;
            }
            self.shown.push(Shown { key, cells, placement: 0 });
        }
    }
}

/// Whether there is a cell to paint on, all of it on screen, and a free row below.
pub(super) fn is_paintable(wanted: &WantedPicture, screen: Rect) -> bool {
    let area = wanted.area;
    !area.is_empty() && area.intersection(screen) == area && area.bottom() < screen.bottom()
}

/// Through viuer, which writes to standard output itself.
fn print(image: &RgbImage, placed: Placed, sixel: bool) -> io::Result<()> {
    // viuer takes a cell for 6 x 12 px when it makes sixels; asked for more cells, it makes the pixels that fill ours.
    let (width, height) = if sixel {
        ((placed.px.0 / 6).max(1), (placed.px.1 / 12).max(1))
    } else {
        (u32::from(placed.cells.width), u32::from(placed.cells.height))
    };
    let Position { x, y } = placed.cells.as_position();
    let config = viuer::Config {
        absolute_offset: true,
        x,
        y: i16::try_from(y).unwrap_or(i16::MAX),
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

#[cfg(test)]
mod tests;
