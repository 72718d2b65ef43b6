//! A small interface for the session's tests: this test binary starts itself as the program on the pseudo-terminal.
//!
//! Space decides on the numbered cell that is painted, `n` moves on, and a few keys end it in all the ways there are.

use std::{io::Write as _, sync::Arc, time::Duration};

use image::{Rgb, RgbImage};
use leukoscope::{
    keymap::{Key, KeyCode},
    term::{GraphicsChoice, HalfBlock, KeyKind, PictureMode, Session, TermError, TermEvent, WantedPicture},
};
use ratatui::{Frame, layout::Rect, text::Line, widgets::Widget as _};

/// Set where the child runs; its value is the choice of graphics.
pub const VARIABLE: &str = "LEUKOSCOPE_PTY_CHILD";
/// The test that is the child.
pub const TEST: &str = "child::the_child";

#[derive(Default)]
struct Counts {
    cell: u64,
    decided: u64,
    ahead: u64,
    keys: u64,
    held: u64,
    pasted: usize,
}

/// What the loop is left with.
enum End {
    Quit,
    Failed,
    Signal,
}

#[test]
fn the_child() {
    let Some(choice) = std::env::var_os(VARIABLE) else { return };
    let choice: GraphicsChoice = choice.to_str().expect("UTF-8").parse().expect("a choice");
    let mut counts = Counts::default();
    let end = run(choice, &mut counts);
    let code = match end {
        Ok(End::Quit) => 0,
        Ok(End::Failed) => 2,
        Ok(End::Signal) => 1,
        Err(error) => {
            // The line may be dead: nothing that panics then.
            let _ = writeln!(std::io::stderr(), "child: {error}");
            3
        }
    };
    std::process::exit(code);
}

fn run(choice: GraphicsChoice, counts: &mut Counts) -> Result<End, TermError> {
    let mut session = Session::enter(choice)?;
    let mut painted = None;
    let mut changed = true;
    while session.signal().is_none() {
        if changed {
            let facts = facts(&session);
            let (mode, depth) = (session.picture_mode(), session.capabilities().colours);
            session.draw(|frame| draw(frame, counts, &facts, |frame, area, id| show(frame, area, id, mode, depth)))?;
            if painted.replace(counts.cell) != Some(counts.cell) {
                session.mark_typed_ahead();
            }
        }
        let event = session.poll(Duration::from_millis(30))?;
        changed = event.is_some();
        match event {
            Some(TermEvent::Key { key, kind, ahead, .. }) => {
                counts.keys += 1;
                counts.held += u64::from(kind == KeyKind::Repeat);
                if kind != KeyKind::Press {
                    continue;
                }
                match key.code {
                    KeyCode::Char(' ') if ahead => counts.ahead += 1,
                    KeyCode::Char(' ') => {
                        counts.decided += 1;
                        counts.cell += 1;
                    }
                    KeyCode::Char('n') => counts.cell += 1,
                    KeyCode::Char('q') => return Ok(End::Quit),
                    KeyCode::Char('f') => return Ok(End::Failed),
                    KeyCode::Char('p') => panic!("on purpose,\x1b[31m in two\nlines"),
                    KeyCode::Char('t') => drop(std::thread::spawn(|| panic!("in a worker")).join()),
                    _ => assert_ne!(key, Key::ctrl('z'), "the session keeps it"),
                }
            }
            Some(TermEvent::Paste(text)) => counts.pasted += text.len(),
            Some(TermEvent::Resize(..) | TermEvent::Broken) | None => {}
        }
    }
    Ok(End::Signal)
}

fn facts(session: &Session) -> String {
    let can = session.capabilities();
    let notice = session.notice().unwrap_or_default();
    format!("{} {:?} events {} answered {}\n{notice}", can.graphics, can.colours, can.key_events, can.answered)
}

fn draw(
    frame: &mut Frame<'_>,
    counts: &Counts,
    facts: &str,
    mut show: impl FnMut(&mut Frame<'_>, Rect, u64) -> Option<WantedPicture>,
) -> Vec<WantedPicture> {
    let size = frame.area();
    let Counts { cell, decided, ahead, keys, held, pasted } = counts;
    let lines = [
        format!("cell {cell}; {decided} decided; {ahead} ahead; {keys} keys; {held} held; {pasted} pasted;"),
        format!("{}x{};", size.width, size.height),
        facts.to_owned(),
    ];
    for (y, line) in (0..).zip(lines.iter().flat_map(|l| l.lines())) {
        let row = Rect { y, height: 1, ..size }.intersection(size);
        frame.render_widget(Line::from(line), row);
    }
    let places = [Rect::new(2, 4, 20, 10), Rect::new(30, 4, 8, 4), Rect::new(45, 4, 8, 4)];
    // A large picture of the cell, and small ones of the next two, which move when the cell changes.
    places
        .into_iter()
        .zip([*cell, 1_001 + cell, 1_002 + cell])
        .filter_map(|(place, id)| show(frame, place.intersection(size), id))
        .collect()
}

/// A picture of its own for each cell.
fn show(
    frame: &mut Frame<'_>,
    area: Rect,
    cell: u64,
    mode: PictureMode,
    depth: leukoscope::term::ColourDepth,
) -> Option<WantedPicture> {
    let (width, height) = mode.pixels(area.width, area.height)?;
    let image =
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 11 + cell as u32) as u8, (y * 7) as u8, (x + y) as u8]));
    if mode == PictureMode::HalfBlock && cell > 1_000 {
        return None;
    }
    if mode == PictureMode::HalfBlock {
        HalfBlock::new(&image, depth).render(area, frame.buffer_mut());
        return None;
    }
    let bytes = (cell > 1_000).then_some(4_000);
    Some(WantedPicture { area, image: Arc::new(image), id: cell, bytes })
}
