//! The update: one event, a new state, and what is to be done outside.

use crate::domain::{CaseRecord, CaseState, Happening, Order, Remark, RemarkKind, to_the_second};

use super::{
    Command, CompareWhich, Disputes, Effect, Event, Gallery, Notice, Popup, Prompt, PromptKind, Review, SignPopup,
    SignedLabel, State, ZOOM_STEPS, alike, blasts, cases,
    decide::{self, Choice},
    enough, export, gallery, prompt, reading, sign, waiting,
};

/// Cells that a screenful moves by in a review.
const PAGE: usize = 10;

/// Takes one event in.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let covered = state.popup.is_some();
    let effects = happen(state, event);
    if let (true, None, Some(review)) = (covered, &state.popup, &mut state.review) {
        // What was under a popup is looked at again before anything is decided.
        review.unpaint();
    }
    effects
}

fn happen(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Command(command) => {
            state.notice = None;
            return self::command(state, command);
        }
        Event::Perhaps(command) => return waiting::perhaps(state, command),
        Event::Settled(pressed) => return waiting::settled(state, pressed),
        Event::Refused(why) => state.notice = Some(why),
        Event::Typed(typed) => {
            state.notice = None;
            return prompt::typed(state, typed);
        }
        Event::Pasted(text) => prompt::paste(state, &text),
        Event::DroppedAhead(n) => state.notice = Some(Notice::TypedAhead(n)),
        Event::Resize(columns, rows) => resize(state, columns, rows),
        Event::Painted(painted) => state.painted(&painted),
        Event::CasesLoaded(rows) => {
            let prefer = state.review.as_ref().map(|r| r.case.id);
            state.cases.replace(rows, prefer);
        }
        Event::CaseLoaded(loaded) => {
            state.popup = None;
            state.network.progress = None;
            state.review = Some(Review::new(&state.table, &state.reviewer, *loaded));
        }
        Event::ReadingsLoaded(readings) => state.cases.readings = readings,
        Event::ReadingEnded(reading) => return reading::ended(state, &reading),
        Event::Compared(loaded, comparison, settling) => {
            state.popup = None;
            state.network.progress = None;
            let mut review = Review::new(&state.table, &state.reviewer, *loaded);
            review.disputes = Some(Disputes::new(*comparison, settling));
            state.review = Some(review);
        }
        Event::Adjudicated(decision) => reading::adjudicated(state, decision),
        Event::Settling(id, settling) => {
            let disputes = state.review.as_mut().and_then(|r| r.disputes.as_mut());
            if let Some(disputes) = disputes.filter(|d| d.comparison.reading.id == id) {
                disputes.settling.extend(settling);
            }
        }
        Event::CaseRefreshed(record, signed) => case_refreshed(state, record, signed),
        Event::Recorded(decision) => decide::recorded(state, decision),
        Event::RecordedStep(decisions) => decide::recorded_step(state, decisions),
        Event::RecordFailed(why) => {
            if let Some(review) = &mut state.review {
                review.pending = false;
                if let Some(cell) = review.settling.pop_front() {
                    // It had been left already.
                    review.settling.clear();
                    review.go_to_cell(cell);
                }
            }
            state.notice = Some(Notice::Failed(why));
        }
        Event::LogRefreshed(decisions) => decide::refreshed(state, decisions),
        Event::NoteAdded(cell, text) => {
            if let Some(review) = &mut state.review {
                review.notes.entry(cell).or_default().push(text);
            }
            state.notice = Some(Notice::NoteKept);
        }
        Event::RemarkAdded(remark) => remarked(state, remark),
        Event::HistoryLoaded(all) => history(state, &all),
        Event::ExportPreview(lines) => export::previewed(state, lines),
        Event::ExportExists(path) => export::exists(state, &path),
        Event::Exported(what) => export::done(state, what),
        Event::TargetSet(case, target) => {
            if let Some(review) = state.review.as_mut().filter(|r| r.case.id == case) {
                review.case.target = target;
            }
            state.notice = Some(Notice::Target(target));
        }
        Event::BlastsSet(case, set) => blasts::chosen(state, case, set),
        Event::Signed(label) => {
            state.popup = None;
            state.notice = Some(Notice::SignedNow(label.version));
            if let Some(review) = &mut state.review {
                review.case.state = CaseState::Signed;
                review.case.version = Some(label.version);
                review.signed = Some(label);
            }
        }
        Event::SignMoved => {
            if let Some(mut summary) = state.summary() {
                summary.moved_on();
                state.popup = Some(Popup::Sign(SignPopup { moved: true, ..summary }));
            }
            state.notice = Some(Notice::FiguresMoved);
        }
        Event::SignFailed(why) | Event::Failed(why) => state.notice = Some(Notice::Failed(why)),
        Event::Reopened => {
            if let Some(review) = &mut state.review {
                review.case.state = CaseState::Reopened;
            }
            state.notice = Some(Notice::Reopened);
        }
        Event::Predictions(case, rankings) => {
            if let Some(review) = state.review.as_mut().filter(|r| r.case.id == case && !r.is_unaided()) {
                review.add_predictions(&state.table, rankings);
            }
        }
        Event::Network(status) => state.network = status,
        Event::Alike(news) => alike::arrived(state, news),
        Event::Said(what) => state.notice = Some(Notice::Said(what)),
    }
    Vec::new()
}

fn remarked(state: &mut State, remark: Remark) {
    state.notice = Some(match remark.kind {
        RemarkKind::Note => Notice::NoteKept,
        RemarkKind::Tag => Notice::Tagged(remark.text.clone(), true),
        RemarkKind::Untag => Notice::Tagged(remark.text.clone(), false),
    });
    if let Some(review) = &mut state.review {
        review.add_remark(remark);
    }
}

fn history(state: &mut State, all: &[Happening]) {
    let Some(review) = &state.review else { return };
    let number = |cell| review.place_of(cell).map(|place| review.cells[place].number);
    let when = |at: &str| to_the_second(at, &state.zone);
    let line = |h: &Happening| [when(&h.at), h.who.clone().unwrap_or_default(), h.what.describe(&state.table, &number)];
    // The latest is what one asks for: the pane opens at its end.
    state.popup = Some(Popup::History { scroll: usize::from(u16::MAX), lines: all.iter().map(line).collect() });
}

fn resize(state: &mut State, columns: u16, rows: u16) {
    state.size = (columns, rows);
    // What was painted may lie elsewhere now, or nowhere.
    if let Some(review) = &mut state.review {
        review.unpaint();
    }
    gallery::follow(state);
    if let Some(Popup::Sign(summary)) = &mut state.popup {
        summary.painted = None;
    }
}

fn case_refreshed(state: &mut State, record: CaseRecord, signed: Option<SignedLabel>) {
    let Some(review) = state.review.as_mut().filter(|r| r.case.id == record.id) else {
        return;
    };
    let was_signed = review.is_signed();
    // The target and what counts as a blast are signed as well: they have to be seen again.
    let moved = record.target != review.case.target || record.blasts != review.case.blasts;
    let other = Some(record.blasts.clone()).filter(|set| *set != review.case.blasts);
    let case = record.id;
    review.case = record;
    review.signed = signed;
    let now_signed = (review.is_signed() && !was_signed).then(|| review.case.version.unwrap_or(1));
    if let Some(set) = other {
        blasts::chosen(state, case, set);
    }
    if moved {
        sign::moved(state);
    }
    if let Some(version) = now_signed {
        state.popup = None;
        state.notice = Some(Notice::Signed(version));
    }
}

fn command(state: &mut State, command: Command) -> Vec<Effect> {
    match (command, &mut state.popup) {
        (Command::Quit, None) => return vec![Effect::Quit],
        (Command::Help | Command::Cancel, Some(Popup::Help { over, .. })) => {
            // The summary has to be seen again before it is signed.
            state.popup = over.map(|summary| Popup::Sign(SignPopup { painted: None, ..summary }));
        }
        (Command::Cancel | Command::Help, Some(Popup::History { .. })) => state.popup = None,
        (Command::Cancel, Some(_)) => state.popup = None,
        (Command::Help, Some(Popup::Sign(summary))) => {
            state.popup = Some(Popup::Help { scroll: 0, over: Some(*summary) })
        }
        (Command::Confirm, Some(Popup::Sign(_))) => return sign::confirm(state),
        (moves, Some(Popup::Help { scroll, .. } | Popup::History { scroll, .. })) => match moves {
            Command::Next => *scroll += 1,
            Command::Previous => *scroll = scroll.saturating_sub(1),
            Command::PageDown => *scroll += PAGE,
            Command::PageUp => *scroll = scroll.saturating_sub(PAGE),
            Command::First => *scroll = 0,
            // The pane shows its last page for any greater number.
            Command::Last => *scroll = usize::from(u16::MAX),
            _ => {}
        },
        (Command::Help, None) => state.popup = Some(Popup::Help { scroll: 0, over: None }),
        // Under a summary or a prompt, the screen beneath takes no command.
        (_, Some(_)) => {}
        (_, None) if state.review.is_some() => return review_command(state, command),
        (_, None) => return cases::command(state, command),
    }
    Vec::new()
}

fn review_command(state: &mut State, command: Command) -> Vec<Effect> {
    if let Some(effects) = reading::command(state, command) {
        return effects;
    }
    if let Some(why) = state.review.as_ref().and_then(|review| reading::refused(review, command)) {
        state.notice = Some(why);
        return Vec::new();
    }
    if let Some(effects) = alike::command(state, command) {
        return effects;
    }
    if let Some(effects) = gallery::command(state, command) {
        return effects;
    }
    let Some(review) = &mut state.review else {
        return Vec::new();
    };
    let prompt = |kind| Some(Popup::Prompt(Prompt::new(kind)));
    match command {
        Command::Accept => return decide::decide(state, Choice::Accept),
        Command::Class(id) => return decide::decide(state, Choice::Class(id)),
        Command::Exclude => return decide::decide(state, Choice::Exclude),
        Command::Undo => return decide::decide(state, Choice::Undo),
        Command::Redo => return decide::decide(state, Choice::Redo),
        Command::Next => review.step(1),
        Command::Previous => review.step(-1),
        Command::First => review.go_to_end(false),
        Command::Last => review.go_to_end(true),
        Command::PageDown => review.step(PAGE as isize),
        Command::PageUp => review.step(-(PAGE as isize)),
        Command::Order => {
            // It opens on the order in use.
            let marked = Order::ALL.iter().position(|o| *o == review.sequence().order()).unwrap_or(0);
            state.popup = Some(Popup::Prompt(Prompt { marked, ..Prompt::new(PromptKind::Order) }));
        }
        Command::Filter => {
            let text = review.sequence().filter().text().to_owned();
            state.popup = Some(Popup::Prompt(Prompt { text, ..Prompt::new(PromptKind::Filter) }));
        }
        Command::NextUnreviewed | Command::PreviousUnreviewed => {
            match review.unreviewed(command == Command::NextUnreviewed) {
                Some(index) => review.go(index),
                None => state.notice = Some(decide::all_reviewed(review)),
            }
        }
        Command::Explain if review.explain => review.explain = false,
        Command::Explain if review.suggestion().is_none() => state.notice = Some(Notice::NothingToExplain),
        // The plain picture comes first: see `Review::explain`.
        Command::Explain if review.painted.is_none() => state.notice = Some(Notice::NotPainted),
        Command::Explain => review.explain = true,
        Command::Zoom => review.zoom = (review.zoom + 1) % ZOOM_STEPS,
        Command::Search if review.is_signed() => state.notice = Some(Notice::Signed(review.case.version.unwrap_or(1))),
        Command::Search if review.painted.is_none() => state.notice = Some(Notice::NotPainted),
        Command::Search => state.popup = prompt(PromptKind::Search),
        Command::Tag if review.painted.is_none() => state.notice = Some(Notice::NotPainted),
        Command::Tag => state.popup = prompt(PromptKind::Tag),
        Command::History => return vec![Effect::LoadHistory(review.case.id)],
        Command::Export => export::open(state),
        Command::Note if review.painted.is_none() => state.notice = Some(Notice::NotPainted),
        Command::Note => state.popup = prompt(PromptKind::Note),
        Command::Target => enough::open(state),
        Command::Blasts => blasts::open(state),
        Command::Sign if review.reading.is_some() => reading::finish(state),
        Command::Compare => return vec![Effect::Compare { case: review.case.id, which: CompareWhich::Latest }],
        Command::Sign if review.is_signed() => state.notice = Some(Notice::Signed(review.case.version.unwrap_or(1))),
        Command::Sign => state.popup = Some(Popup::Sign(SignPopup::default())),
        Command::Reopen if review.is_signed() => state.popup = prompt(PromptKind::Reason),
        Command::Reopen => state.notice = Some(Notice::NotSigned),
        Command::Cases => return state.leave_case(),
        Command::Gallery => {
            review.painted = None;
            review.gallery = Some(Gallery::of(review));
            gallery::follow(state);
        }
        // The gallery's own, or a popup's, or what is carried out before.
        Command::Alike
        | Command::Beside
        | Command::Open
        | Command::Confirm
        | Command::Blind
        | Command::FirstRight
        | Command::SecondRight
        | Command::Cancel
        | Command::Help
        | Command::Quit
        | Command::Up
        | Command::Down
        | Command::NextGroup
        | Command::PreviousGroup
        | Command::Select
        | Command::SelectNext
        | Command::SelectPrevious
        | Command::SelectUp
        | Command::SelectDown
        | Command::SelectGroup
        | Command::AcceptGroup
        | Command::Larger
        | Command::Smaller => {}
    }
    Vec::new()
}
