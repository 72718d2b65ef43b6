//! `review`: the terminal interface. The loop that polls events, carries out effects and draws when something changed.
//!
//! What happens on a key is decided in [`crate::app`], what is seen in [`crate::ui`]; here they meet the terminal, the
//! database and the jobs.

mod export;
mod world;

use std::time::{Duration, Instant};

use super::{Context, Failure, Outcome, args::ReviewArgs, blasts, context, keys};
use crate::{
    app::{Command, Effect, Event, Review, State, update},
    domain::CellId,
    jobs::PrepareHook,
    keyboard::Keyboard,
    keymap::Keymap,
    term::{Session, Signal, TermError},
    ui::{self, Drawn, Theme, View},
};
use world::World;

/// Longest wait for an event while the picture of the cell under review is on its way.
const SOON: Duration = Duration::from_millis(8);
/// Longest wait while other work is going on.
const BUSY: Duration = Duration::from_millis(30);
/// Longest wait while nothing is going on.
const IDLE: Duration = Duration::from_millis(250);
/// Longest that a frame waits for its picture: mostly that is sooner there than a frame without it.
const PICTURE: Duration = Duration::from_millis(12);
/// The same for the first frame, which nobody waits behind yet.
const FIRST_PICTURE: Duration = Duration::from_millis(80);
/// Longest that events are taken in without a frame between.
const UNSEEN: Duration = Duration::from_millis(40);

/// Opens the interface, on a case or on the list of cases.
pub fn run(context: &Context, args: &ReviewArgs) -> Result<Outcome, Failure> {
    let keymap = keys::load(args.keymap.as_deref(), &context.table)?;
    keys::keymap_path(args.keymap.as_deref()).iter().for_each(|path| context.inputs.add(path, "the keymap in use"));
    let reviewer = context::reviewer(&args.reviewer)?;
    let device = context::device(&args.network)?;
    let blasts = blasts::option(&context.table, &args.blasts)?;
    let store = context.new_store()?;
    let case = args.case.as_deref().map(|name| context.case(&store, name)).transpose()?;
    let file = context.network_file(args.network.model.as_deref())?;
    if let (Some(case), Some(blasts)) = (&case, &blasts) {
        store.set_blasts(case.id, Some(&reviewer), blasts).map_err(context::refused)?;
    }
    let world = World::new(store, context, &reviewer, file, device);
    let start = case.map_or(Effect::LoadCases, |case| Effect::LoadCase(case.id));
    let state = State {
        flag_rules: context.flags.clone(),
        forms: export::forms(),
        particulars: export::particulars(&context.laboratory),
        blinded: args.blinded,
        zone: context.zone.clone(),
        ..State::new(context.table.clone(), reviewer)
    };
    let session = Session::enter(args.graphics).map_err(|e| match e {
        TermError::NotATerminal => Failure::usage(e),
        e => Failure::midway(e),
    })?;
    let mut interface = Interface::new(session, world, state, keymap);
    let ended = interface.run(start);
    // The terminal is given back before anything is said on it.
    drop(interface);
    match ended.map_err(Failure::midway)? {
        None => Ok(Outcome::Done),
        Some(signal) => {
            Err(Failure::midway(format!("ended by {signal:?}; every decision that was shown as done is kept")))
        }
    }
}

struct Interface {
    session: Session,
    world: World,
    state: State,
    keyboard: Keyboard,
    theme: Theme,
    /// Something changed since the last frame.
    dirty: bool,
    /// The next frame shows something that keys typed before it cannot have meant.
    fresh: bool,
    shown: Option<CellId>,
    drawn: Drawn,
    quit: bool,
}

impl Interface {
    fn new(session: Session, world: World, state: State, keymap: Keymap) -> Self {
        let theme = Theme::from_env(session.capabilities().colours, &|name| std::env::var(name).ok());
        let keyboard = Keyboard::new(keymap);
        if let Some(encoder) = session.encoder() {
            world.desk.prepare_with(&PrepareHook::new(move |request, image| {
                encoder.prepare(request.id(), image, request.thrift.map(|t| t.bytes));
            }));
        }
        Self {
            session,
            world,
            state,
            keyboard,
            theme,
            dirty: true,
            fresh: true,
            shown: None,
            drawn: Drawn::default(),
            quit: false,
        }
    }

    /// Until the user quits, or a signal ends it.
    fn run(&mut self, start: Effect) -> Result<Option<Signal>, TermError> {
        let (columns, rows) = self.session.size();
        self.event(Event::Resize(columns, rows));
        self.event(Event::Network(self.world.network_status()));
        self.effects(vec![start]);
        if let Some(notice) = self.session.notice() {
            self.event(Event::Said(notice));
        }
        while !self.quit {
            if let Some(signal) = self.session.signal() {
                return Ok(Some(signal));
            }
            self.news();
            if self.dirty {
                self.frame()?;
            }
            self.input()?;
        }
        Ok(None)
    }

    /// What workers and other connections have to tell.
    fn news(&mut self) {
        let wants = !self.drawn.wanted.is_empty() || !self.drawn.wanted_library.is_empty();
        if self.world.desk.collect() && wants {
            self.dirty = true;
        }
        for event in self.world.news(&self.state) {
            self.event(event);
        }
    }

    fn frame(&mut self) -> Result<(), TermError> {
        let mode = self.session.picture_mode();
        if let Some(main) = ui::main_request(self.session.size(), &self.state, mode) {
            self.world.desk.want([main]);
            self.world.desk.wait_for(main, if self.shown.is_some() { PICTURE } else { FIRST_PICTURE });
        }
        self.dirty = false;
        let view =
            View { state: &self.state, keys: &self.keyboard, theme: &self.theme, pictures: &self.world.desk, mode };
        let mut drawn = Drawn::default();
        self.session.draw(|frame| {
            drawn = ui::draw(frame, &view);
            std::mem::take(&mut drawn.pictures)
        })?;
        let painted = drawn.painted.clone();
        let cell = painted.cell.map(|c| c.cell);
        let another = cell.is_some() && (self.fresh || cell != self.shown);
        let summary = painted.summary.is_some() && painted.summary != self.drawn.painted.summary;
        if another || summary {
            self.session.mark_typed_ahead();
            self.keyboard.marked();
        }
        if another {
            self.shown = cell;
            self.fresh = false;
        }
        update(&mut self.state, Event::Painted(painted));
        self.drawn = drawn;
        self.world.prefetch(&self.state, &self.drawn);
        Ok(())
    }

    /// Takes events in until a frame is due.
    fn input(&mut self) -> Result<(), TermError> {
        let mut timeout = match (self.drawn.wanted.is_empty(), self.world.is_busy()) {
            (false, _) => SOON,
            (true, true) => BUSY,
            (true, false) => IDLE,
        };
        // A key that may be held is decided as soon as that is clear.
        if let Some(deadline) = self.keyboard.deadline() {
            timeout = timeout.min(deadline.saturating_duration_since(Instant::now()));
        }
        let mut since: Option<Instant> = None;
        while let Some(event) = self.session.poll(timeout)? {
            since.get_or_insert_with(Instant::now);
            for event in self.keyboard.translate(event, &self.state) {
                self.event(event);
            }
            // What a key opened or decided is seen before the next key is read.
            let opened = self.state.popup.is_some();
            if self.quit || self.fresh || opened || since.is_some_and(|s| s.elapsed() >= UNSEEN) {
                return Ok(());
            }
            timeout = Duration::ZERO;
        }
        // Nothing is left to be read.
        for event in self.keyboard.expire(Instant::now(), &self.state) {
            self.event(event);
        }
        Ok(())
    }

    fn event(&mut self, event: Event) {
        self.dirty = true;
        let covered = self.state.popup.is_some();
        // A decision that had been waiting changes nothing about what is looked at.
        let settles = self.state.review.as_ref().is_some_and(Review::is_settling);
        self.fresh |= matches!(event, Event::Recorded(_)) && !settles;
        self.fresh |= matches!(
            event,
            Event::RecordedStep(_)
                | Event::RecordFailed(_)
                | Event::Perhaps(_)
                | Event::Settled(false)
                | Event::CaseLoaded(_)
                | Event::Compared(..)
                | Event::Adjudicated(_)
                // The cell may be the one that was shown last, elsewhere.
                | Event::Command(Command::Open)
        );
        let effects = update(&mut self.state, event);
        self.fresh |= covered && self.state.popup.is_none();
        self.effects(effects);
    }

    fn effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if effect == Effect::Quit {
                self.quit = true;
                return;
            }
            for event in self.world.carry_out(effect, &self.state) {
                self.event(event);
            }
        }
    }
}
