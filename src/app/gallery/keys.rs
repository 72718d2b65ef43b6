//! What keys do in the gallery: moving, selecting, and deciding about many cells in one step.

use super::{Gallery, Group};
use crate::{
    app::{Command, Effect, Notice, PaintedCell, Proposal, Review, Sight, State, decide::open_to_decisions},
    domain::{Action, ClassTable, Decision},
};

/// Carries a command out that the gallery knows; `None`: it is the review's.
pub(in crate::app) fn command(state: &mut State, command: Command) -> Option<Vec<Effect>> {
    let (columns, rows) = state.body();
    let State { review: Some(review), table, .. } = state else { return None };
    let mut gallery = review.gallery.take()?;
    let grid = gallery.grid(columns);
    let place = gallery.place(review.cursor).unwrap_or(0);
    let last = gallery.cells.len().saturating_sub(1);
    let mut outcome = None;
    let mut extends = false;
    let mut to = place;
    match command {
        Command::Next => to = (place + 1).min(last),
        Command::Previous => to = place.saturating_sub(1),
        Command::Down => to = grid.below(place, true),
        Command::Up => to = grid.below(place, false),
        Command::First => to = 0,
        Command::Last => to = last,
        Command::PageDown => to = grid.page(place, gallery.top, rows, true),
        Command::PageUp => to = grid.page(place, gallery.top, rows, false),
        Command::NextGroup => to = gallery.group_start(place, true),
        Command::PreviousGroup => to = gallery.group_start(place, false),
        Command::SelectNext => (to, extends) = ((place + 1).min(last), true),
        Command::SelectPrevious => (to, extends) = (place.saturating_sub(1), true),
        Command::SelectDown => (to, extends) = (grid.below(place, true), true),
        Command::SelectUp => (to, extends) = (grid.below(place, false), true),
        Command::Select => {
            gallery.toggle(review.cursor);
            to = (place + 1).min(last);
        }
        Command::SelectGroup => state.notice = gallery.select_group(review, place),
        Command::Larger => gallery.size = (gallery.size + 1).min(super::THUMBS.len() - 1),
        Command::Smaller => gallery.size = gallery.size.saturating_sub(1),
        Command::AcceptGroup => outcome = Some(accepting(&gallery, review, table)),
        Command::Class(id) => outcome = Some(deciding(&gallery, review, table, Action::Reclassify(id))),
        Command::Exclude => outcome = Some(deciding(&gallery, review, table, Action::Exclude)),
        Command::Cancel if gallery.selected() > 0 => gallery.clear(),
        Command::Cancel | Command::Gallery | Command::Open => {
            // What was on the screen was a thumbnail; the cell is looked at anew.
            review.painted = None;
            return Some(Vec::new());
        }
        // Whatever else has a key here means what it means in the review.
        _ => {
            review.gallery = Some(gallery);
            return None;
        }
    }
    let mut effects = Vec::new();
    match outcome {
        None => {}
        Some(Err(why)) => state.notice = Some(why),
        Some(Ok((effect, notice))) => {
            review.pending = true;
            state.notice = notice;
            effects.push(effect);
        }
    }
    if extends {
        gallery.extend(place, to);
    } else if to != place {
        gallery.anchor = None;
    }
    if let Some(&cell) = gallery.cells.get(to) {
        review.go(cell);
    }
    let grid = gallery.grid(columns);
    gallery.top = grid.top_for(to, gallery.top, rows);
    review.gallery = Some(gallery);
    Some(effects)
}

/// Shows the part of the gallery that the cursor is in.
pub(in crate::app) fn follow(state: &mut State) {
    let (columns, rows) = state.body();
    let Some(review) = &mut state.review else { return };
    let at = review.cursor;
    if let Some(gallery) = &mut review.gallery {
        let place = gallery.place(at).unwrap_or(0);
        gallery.top = gallery.grid(columns).top_for(place, gallery.top, rows);
    }
}

/// Decisions are in the database: the cells go to their groups, and the cursor stays where it was, on the cell that
/// comes next. Suggestions that were accepted stay where they are: there the next cell without a decision comes, so that one
/// group after the other is accepted by one key.
pub(in crate::app) fn decided(state: &mut State, place: usize, decisions: &[Decision]) {
    let (columns, rows) = state.body();
    let Some(review) = &mut state.review else { return };
    let Some(mut gallery) = review.gallery.take() else { return };
    let taken_back = decisions.iter().all(|d| matches!(d.action, Action::Undo(_) | Action::Redo(_)));
    gallery.clear();
    let of_first = decisions.first().and_then(|d| review.place_of(d.cell)).and_then(|cell| gallery.place(cell));
    // What was taken back is to be seen; after a decision the next cell is.
    let accepted = decisions.iter().all(|d| matches!(d.action, Action::Accept(_)));
    let is_open = |at: usize| review.verdict(gallery.cells[at]).is_none();
    let around = || (place..gallery.cells.len()).chain(0..place).filter(|&at| is_open(at));
    // Those that can be accepted come before those that the network only guesses at.
    let next_open = || around().find(|&at| !review.is_flagged(gallery.cells[at])).or_else(|| around().next());
    let to = match () {
        () if taken_back => of_first.unwrap_or(place),
        () if accepted => next_open().unwrap_or(place),
        () => place,
    };
    if let Some(&cell) = gallery.cells.get(to.min(gallery.cells.len().saturating_sub(1))) {
        review.go(cell);
    }
    gallery.top = gallery.grid(columns).top_for(to, gallery.top, rows);
    review.gallery = Some(gallery);
}

impl Gallery {
    fn group_at(&self, place: usize) -> Option<usize> {
        let mut end = 0;
        self.groups.iter().position(|(_, cells)| {
            end += cells.len();
            place < end
        })
    }

    /// The first place of the next group, or of the one before; of this one first, when the cursor is further down in it.
    fn group_start(&self, place: usize, forward: bool) -> usize {
        let Some(at) = self.group_at(place) else { return place };
        let start = |group: usize| self.groups[..group].iter().map(|(_, cells)| cells.len()).sum::<usize>();
        match forward {
            true if at + 1 < self.groups.len() => start(at + 1),
            true => self.cells.len().saturating_sub(1),
            false if start(at) < place => start(at),
            false => start(at.saturating_sub(1)),
        }
    }

    fn toggle(&mut self, cell: usize) {
        if !self.selected.remove(&cell) {
            self.selected.insert(cell);
        }
        self.anchor = None;
    }

    fn clear(&mut self) {
        self.selected.clear();
        self.anchor = None;
    }

    /// A range from where it was begun to `to`; what it held before and holds no more is let go.
    fn extend(&mut self, from: usize, to: usize) {
        let anchor = *self.anchor.get_or_insert(from);
        let range = |a: usize, b: usize| a.min(b)..=a.max(b);
        for place in range(anchor, from) {
            self.selected.remove(&self.cells[place]);
        }
        self.selected.extend(range(anchor, to).map(|place| self.cells[place]));
    }

    /// Selects the cells of a group that have been on the screen; says how many have not.
    fn select_group(&mut self, review: &Review, place: usize) -> Option<Notice> {
        let (_, cells) = self.groups.get(self.group_at(place)?)?;
        let (seen, unseen): (Vec<usize>, Vec<usize>) =
            cells.iter().partition(|&&cell| self.seen.contains_key(&review.cells[cell].id));
        self.anchor = None;
        self.selected.extend(seen);
        (!unseen.is_empty()).then_some(Notice::NotShownYet(unseen.len()))
    }

    fn seen(&self, review: &Review, cell: usize) -> Option<&PaintedCell> {
        self.seen.get(&review.cells.get(cell)?.id)
    }
}

/// What is to be recorded, and what is to be said besides; or why nothing is.
type Outcome = Result<(Effect, Option<Notice>), Notice>;

/// A decision about the selected cells, or else the one under the cursor.
fn deciding(gallery: &Gallery, review: &Review, table: &ClassTable, action: Action) -> Outcome {
    open_to_decisions(review)?;
    let targets: Vec<usize> =
        if gallery.selected.is_empty() { vec![review.cursor] } else { gallery.selected.iter().copied().collect() };
    let propose = |&cell: &usize| {
        let painted = gallery.seen(review, cell).ok_or(Notice::NotPainted)?;
        if painted.sight == Sight::Message && action != Action::Exclude {
            return Err(Notice::NoPicture);
        }
        Ok(Proposal::on(painted, review.case.id, action))
    };
    let proposals = targets.iter().map(propose).collect::<Result<Vec<_>, _>>()?;
    let what = match action {
        Action::Reclassify(id) => format!("to {}", table.code(id)),
        _ => "excluded".to_owned(),
    };
    Ok((effect(gallery, review, proposals, format!("{} selected cells {what}", targets.len())), None))
}

/// Takes the suggestions for the selected cells, or else the group under the cursor: where they are undecided and have
/// been seen with just that suggestion. Says how many of the group have not.
fn accepting(gallery: &Gallery, review: &Review, table: &ClassTable) -> Outcome {
    open_to_decisions(review)?;
    let place = gallery.place(review.cursor).ok_or(Notice::NotPainted)?;
    let (group, of_group) = gallery.group_at(place).map(|g| &gallery.groups[g]).ok_or(Notice::NotPainted)?;
    let all = gallery.selected.is_empty();
    let targets: Vec<usize> = if all { of_group.clone() } else { gallery.selected.iter().copied().collect() };
    let undecided: Vec<usize> = targets.into_iter().filter(|&cell| review.verdict(cell).is_none()).collect();
    let suggested = |cell: usize| review.ranking(cell).filter(|r| !r.is_flagged()).map(|r| r.top().0);
    let (mut proposals, mut unseen) = (Vec::new(), 0);
    for &cell in undecided.iter().filter(|&&cell| suggested(cell).is_some()) {
        match gallery.seen(review, cell) {
            Some(painted @ PaintedCell { sight: Sight::Picture, suggested: Some(s), .. })
                if !s.flagged && Some(s.class) == suggested(cell) =>
            {
                proposals.push(Proposal::on(painted, review.case.id, Action::Accept(s.class)));
            }
            _ => unseen += 1,
        }
    }
    if proposals.is_empty() {
        return Err(if unseen > 0 { Notice::NotShownYet(unseen) } else { Notice::NothingToAccept });
    }
    let shown = match (all, group) {
        (true, Group::Class(id)) => format!("group {}: {} suggestions accepted", table.code(*id), proposals.len()),
        _ => format!("{} selected suggestions accepted", proposals.len()),
    };
    let notice = (unseen > 0).then_some(Notice::NotShownYet(unseen));
    Ok((effect(gallery, review, proposals, shown), notice))
}

/// One cell is decided as in the review; more are one step.
fn effect(gallery: &Gallery, review: &Review, mut proposals: Vec<Proposal>, shown: String) -> Effect {
    if proposals.len() == 1
        && let Some(one) = proposals.pop()
    {
        return Effect::Record(one);
    }
    let visible = proposals.iter().filter(|p| gallery.visible.contains(&p.cell)).count();
    let filter = review.sequence().filter().text();
    let only = if filter.is_empty() { String::new() } else { format!(", only {filter}") };
    let shown = format!("{shown}; gallery {}{only}", review.sequence().order().name());
    Effect::RecordStep { proposals, visible, shown }
}
