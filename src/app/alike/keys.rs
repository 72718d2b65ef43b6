//! What keys do beside a cell: opening, moving among look-alikes, one of them large, and back. No key decides.

use super::{Beside, Panel, Search, SearchNews, Spread};
use crate::app::{Command, Effect, Notice, Review, Sight, State};

/// Carries a command out that opens or belongs to what is shown beside a cell; `None`: it is the review's or the gallery's.
pub(in crate::app) fn command(state: &mut State, command: Command) -> Option<Vec<Effect>> {
    let body = state.body();
    let review = state.review.as_mut()?;
    let Some(beside) = &mut review.beside else {
        return match command {
            Command::Alike => Some(open(review).unwrap_or_else(|why| refused(&mut state.notice, why))),
            Command::Beside => {
                state.notice = compare(review).err();
                Some(Vec::new())
            }
            _ => None,
        };
    };
    let Beside::Alike(panel) = beside else {
        if matches!(command, Command::Cancel | Command::Beside | Command::Open) {
            leave(review);
        }
        return Some(Vec::new());
    };
    let spread = Spread::of(body);
    let n = panel.found().map_or(0, |found| found.cells.len()).min(spread.shown());
    let at = panel.cursor.min(n.saturating_sub(1));
    match command {
        Command::Cancel if panel.large => panel.large = false,
        Command::Cancel | Command::Alike => leave(review),
        Command::Open if n > 0 => panel.large = !panel.large,
        Command::Next => panel.cursor = (at + 1).min(n.saturating_sub(1)),
        Command::Previous => panel.cursor = at.saturating_sub(1),
        // Large, there are no rows.
        Command::Down | Command::Up if !panel.large => panel.cursor = spread.below(at, n, command == Command::Down),
        Command::First => panel.cursor = 0,
        Command::Last => panel.cursor = n.saturating_sub(1),
        _ => {}
    }
    Some(Vec::new())
}

fn refused(notice: &mut Option<Notice>, why: Notice) -> Vec<Effect> {
    *notice = Some(why);
    Vec::new()
}

/// Whether the cell under review has been seen, and how.
fn seen(review: &Review) -> Result<(), Notice> {
    match review.painted {
        None => Err(Notice::NotPainted),
        Some(painted) if painted.sight == Sight::Message => Err(Notice::NothingToCompare),
        Some(_) => Ok(()),
    }
}

/// Look-alikes of the cell under review, once it has been seen: they tell what the network makes of it.
fn open(review: &mut Review) -> Result<Vec<Effect>, Notice> {
    seen(review)?;
    let Some(cell) = review.current() else { return Ok(Vec::new()) };
    let effect = Effect::FindAlike { case: review.case.id, cell: cell.id };
    review.beside = Some(Beside::Alike(Panel::default()));
    review.painted = None;
    Ok(vec![effect])
}

/// Marks the cell under review; on another cell than the marked one both are shown, on the marked one it is let go.
fn compare(review: &mut Review) -> Result<(), Notice> {
    seen(review)?;
    let cell = review.current().map(|c| c.id);
    match review.marked.and_then(|marked| review.place_of(marked)) {
        Some(place) if place == review.cursor => {
            review.marked = None;
            Err(Notice::Unmarked)
        }
        Some(place) => {
            review.beside = Some(Beside::Cell(place));
            review.painted = None;
            Ok(())
        }
        None => {
            review.marked = cell;
            Err(Notice::Marked(review.cell_name(review.cursor)))
        }
    }
}

fn leave(review: &mut Review) {
    review.beside = None;
    // The cell is looked at anew.
    review.painted = None;
}

/// News of a search: those of another cell than the one whose look-alikes are shown come too late.
pub(in crate::app) fn arrived(state: &mut State, news: SearchNews) {
    let Some(review) = state.review.as_mut().filter(|r| r.case.id == news.case) else { return };
    if review.current().map(|c| c.id) != Some(news.cell) {
        return;
    }
    if let Some(Beside::Alike(panel)) = &mut review.beside {
        // Progress after the end is of a search before.
        if !matches!((&panel.search, &news.search), (Search::Found(_), Search::Waiting(_))) {
            panel.search = news.search;
        }
    }
}
