//! What the interface asks of the world: the database, the pictures, the network. Effects in, events out.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::Context;
use crate::{
    app::{Effect, Event, LoadedCase, NetworkStatus, Proposal, Review, SignedLabel, State},
    domain::{CaseId, CaseRecord, Seq},
    jobs::{CaseFolder, Classifier, ClassifierSettings, Desks, Finder, Report},
    model::{DeviceChoice, NetworkFile},
    store::{NewDecision, NewStep, SignRequest, Store, StoreError},
    ui::{Drawn, PictureRequest},
};

/// How often the database is asked whether somebody else wrote to it.
const OTHERS: Duration = Duration::from_millis(500);
/// Cells whose pictures are made ready before they are looked at.
const AHEAD: usize = 4;

pub(super) struct World {
    store: Store,
    reviewer: String,
    file: Arc<NetworkFile>,
    pub desk: Desks,
    classifier: Classifier,
    finder: Finder,
    status: NetworkStatus,
    /// The case and its images, until the first frame is out: classifying must not delay that.
    unclassified: Option<CaseId>,
    version: Option<i64>,
    asked: Instant,
}

impl World {
    pub fn new(store: Store, context: &Context, reviewer: &str, file: NetworkFile, device: DeviceChoice) -> Self {
        let file = Arc::new(file);
        let settings = ClassifierSettings {
            database: store.path().to_owned(),
            table: context.table.clone(),
            file: file.clone(),
            device,
        };
        Self {
            desk: Desks::start(store.path(), &context.table, file.clone()),
            finder: Finder::start(settings.clone()),
            classifier: Classifier::start(settings),
            status: NetworkStatus { hash: Some(file.info.sha256), ..NetworkStatus::default() },
            version: store.data_version().ok(),
            store,
            reviewer: reviewer.to_owned(),
            file,
            unclassified: None,
            asked: Instant::now(),
        }
    }

    pub fn network_status(&self) -> NetworkStatus {
        self.status.clone()
    }

    /// Whether events are to be expected soon.
    pub fn is_busy(&self) -> bool {
        self.classifier.is_busy() || self.desk.is_busy() || self.finder.is_busy()
    }

    /// What workers and other connections have to tell.
    pub fn news(&mut self, state: &State) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(report) = self.classifier.report() {
            self.report(report, &mut events);
        }
        while let Some(report) = self.finder.report() {
            if !report.pictures.is_empty() {
                self.desk.open_library(&report.pictures);
            }
            events.push(Event::Alike(report.news));
        }
        if self.asked.elapsed() >= OTHERS {
            self.asked = Instant::now();
            match self.others(state) {
                Ok(more) => events.extend(more),
                Err(error) => events.push(Event::Failed(error.to_string())),
            }
        }
        events
    }

    fn report(&mut self, report: Report, events: &mut Vec<Event>) {
        match report {
            Report::Device(device) => self.status.device = Some(device),
            Report::Some(case, rankings, progress) => {
                self.status.progress = Some(progress);
                events.push(Event::Predictions(case, rankings));
            }
            Report::Done(_) => self.status.progress = None,
            Report::Trouble(why) => {
                self.status.progress = None;
                self.status.trouble = Some(why.clone());
                events.push(Event::Failed(format!("no more suggestions: {why}")));
            }
        }
        events.push(Event::Network(self.status.clone()));
    }

    /// What other connections wrote.
    fn others(&mut self, state: &State) -> Result<Vec<Event>, StoreError> {
        let version = Some(self.store.data_version()?);
        if std::mem::replace(&mut self.version, version) == version {
            return Ok(Vec::new());
        }
        let Some(review) = &state.review else {
            return Ok(vec![Event::CasesLoaded(self.store.cases()?)]);
        };
        self.refresh(review)
    }

    /// The case's log and standing, as far as they changed.
    fn refresh(&self, review: &Review) -> Result<Vec<Event>, StoreError> {
        let mut events = Vec::new();
        let new = self.store.log_since(review.case.id, review.synced().unwrap_or(0))?;
        if !new.is_empty() {
            events.push(Event::LogRefreshed(new));
        }
        let record = self.store.case_by_id(review.case.id)?;
        let standing = |case: &CaseRecord| (case.state, case.version, case.target);
        if standing(&record) != standing(&review.case) {
            let signed = self.signed(record.id, record.version)?;
            events.push(Event::CaseRefreshed(record, signed));
        }
        Ok(events)
    }

    /// The pictures that the frame lacked, and those that will be wanted next.
    pub fn prefetch(&mut self, state: &State, drawn: &Drawn) {
        let Some(review) = &state.review else {
            return;
        };
        self.classifier.look_at(review.cursor);
        if self.unclassified.take() == Some(review.case.id) {
            self.classifier.classify(review.case.clone(), review.cells.clone());
        }
        self.desk.want_library(drawn.wanted_library.iter().copied());
        let ahead = drawn.ahead.iter().copied();
        let next = drawn.main.into_iter().flat_map(|main| {
            let cells = review.upcoming(AHEAD).into_iter().map(|i| review.cells[i].id);
            cells.map(move |cell| PictureRequest { cell, ..main })
        });
        self.desk.want(drawn.wanted.iter().copied().chain(next).chain(ahead));
    }

    pub fn carry_out(&mut self, effect: Effect, state: &State) -> Vec<Event> {
        let done = match effect {
            Effect::LoadCases => {
                self.classifier.cancel();
                self.status.progress = None;
                self.store.cases().map(|rows| vec![Event::CasesLoaded(rows)])
            }
            Effect::LoadCase(id) => self.load(id).map(|case| vec![Event::CaseLoaded(Box::new(case))]),
            Effect::Record(proposal) => Ok(self.record(proposal, state)),
            Effect::RecordStep { proposals, visible, shown } => Ok(self.record_step(proposals, visible, shown, state)),
            Effect::AddNote { cell, text } => {
                self.store.add_note(cell, &self.reviewer, &text).map(|note| vec![Event::NoteAdded(cell, note.text)])
            }
            Effect::AddRemark { case, cell, kind, text } => {
                let added = self.store.add_remark(case, cell, &self.reviewer, kind, &text);
                added.map(|remark| vec![Event::RemarkAdded(remark)])
            }
            Effect::LoadHistory(case) => self.store.history(case).map(|all| vec![Event::HistoryLoaded(all)]),
            Effect::SetTarget { case, target } => {
                self.store.set_target(case, target).map(|()| vec![Event::TargetSet(case, target)])
            }
            Effect::Sign { case, expect_last_seq, allow_incomplete } => {
                Ok(self.sign(case, expect_last_seq, allow_incomplete, state))
            }
            Effect::Reopen { case, reason } => {
                self.store.reopen(case, &self.reviewer, &reason).map(|()| vec![Event::Reopened])
            }
            Effect::FindAlike { case, cell } => {
                let review = state.review.as_ref().filter(|r| r.case.id == case);
                if let Some((review, place)) = review.and_then(|r| Some((r, r.place_of(cell)?))) {
                    self.finder.ask(review.case.clone(), review.cells[place].clone());
                }
                Ok(Vec::new())
            }
            Effect::Quit => Ok(Vec::new()),
        };
        done.unwrap_or_else(|error| vec![Event::Failed(error.to_string())])
    }

    fn load(&mut self, id: CaseId) -> Result<LoadedCase, StoreError> {
        let record = self.store.case_by_id(id)?;
        let cells = self.store.cells(id)?;
        self.desk.open(CaseFolder::of(&record), &cells);
        let mut notes: HashMap<_, Vec<String>> = HashMap::new();
        for note in self.store.notes(id)? {
            notes.entry(note.cell).or_default().push(note.text);
        }
        let case = LoadedCase {
            signed: self.signed(id, record.version)?,
            log: self.store.log(id)?,
            references: self.store.reference_labels(id)?,
            predictions: self.store.predictions(id, &self.file.info.sha256)?,
            notes,
            remarks: self.store.remarks(id)?,
            cells,
            record,
        };
        self.status.progress = None;
        self.unclassified = Some(id);
        Ok(case)
    }

    fn signed(&self, case: CaseId, version: Option<u32>) -> Result<Option<SignedLabel>, StoreError> {
        if version.is_none() {
            return Ok(None);
        }
        let latest = self.store.signed(case)?.pop();
        Ok(latest.map(|s| SignedLabel { version: s.version, reviewer: s.reviewer, at: s.at }))
    }

    fn record(&mut self, proposal: Proposal, state: &State) -> Vec<Event> {
        match self.store.record(&self.decision(proposal)) {
            Ok(decision) => vec![Event::Recorded(decision)],
            Err(error) => self.not_recorded(&error, state),
        }
    }

    fn record_step(&mut self, proposals: Vec<Proposal>, visible: usize, shown: String, state: &State) -> Vec<Event> {
        let decisions = proposals.into_iter().map(|p| self.decision(p)).collect();
        match self.store.record_step(&NewStep { decisions, visible, shown }) {
            Ok(decisions) => vec![Event::RecordedStep(decisions)],
            Err(error) => self.not_recorded(&error, state),
        }
    }

    fn decision(&self, proposal: Proposal) -> NewDecision {
        let Proposal { case, cell, action, network, suggested } = proposal;
        NewDecision { case, cell, reviewer: self.reviewer.clone(), action, network, suggested }
    }

    fn not_recorded(&self, error: &StoreError, state: &State) -> Vec<Event> {
        // Somebody may have signed, or taken the decision back, since the log was read.
        let mut events = self.refreshed(state);
        events.push(Event::RecordFailed(format!("nothing decided: {error}")));
        events
    }

    fn sign(&mut self, case: CaseId, expect: Option<Seq>, allow_unreviewed: bool, state: &State) -> Vec<Event> {
        let request = SignRequest {
            case,
            reviewer: self.reviewer.clone(),
            allow_unreviewed,
            // 0: no decision at all was shown.
            expect_last_seq: Some(expect.unwrap_or(0)),
            network: self.status.hash,
        };
        match self.store.sign(&request) {
            Ok(s) => vec![Event::Signed(SignedLabel { version: s.version, reviewer: s.reviewer, at: s.at })],
            Err(error) => {
                let mut events = self.refreshed(state);
                events.push(match error {
                    StoreError::ChangedSince { .. } => Event::SignMoved,
                    error => Event::SignFailed(format!("not signed: {error}")),
                });
                events
            }
        }
    }

    fn refreshed(&self, state: &State) -> Vec<Event> {
        let events = state.review.as_ref().map(|review| self.refresh(review));
        // Should this fail as well, the error that led here says enough.
        events.and_then(Result::ok).unwrap_or_default()
    }
}
