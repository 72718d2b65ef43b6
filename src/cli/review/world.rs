//! What the interface asks of the world: the database, the pictures, the network. Effects in, events out.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Context, export};
use crate::{
    app::{CompareWhich, Effect, Event, LoadedCase, NetworkStatus, OpenReading, Proposal, Review, SignedLabel, State},
    cli::read,
    domain::{CaseId, CaseRecord, CaseState, Reading, ReadingId, ReadingKind, Seq},
    jobs::{CaseFolder, Classifier, ClassifierSettings, Desks, Finder, Report},
    model::{DeviceChoice, NetworkFile},
    store::{NewDecision, NewReading, NewStep, SignRequest, Store, StoreError},
    ui::{Drawn, PictureRequest},
};

/// How often the database is asked whether somebody else wrote to it.
const OTHERS: Duration = Duration::from_millis(500);
/// Cells whose pictures are made ready before they are looked at.
const AHEAD: usize = 4;

pub(super) struct World {
    store: Store,
    context: Context,
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
            context: context.clone(),
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
            return self.list();
        };
        self.refresh(review)
    }

    /// The case's log and standing, as far as they changed.
    fn refresh(&self, review: &Review) -> Result<Vec<Event>, StoreError> {
        let mut events = Vec::new();
        if let Some(reading) = &review.reading {
            // A reading knows nothing but itself; the same reader may go on with it elsewhere.
            let new = self.store.reading_log_since(reading.id, review.synced().unwrap_or(0))?;
            events.extend(Some(new).filter(|new| !new.is_empty()).map(Event::LogRefreshed));
            return Ok(events);
        }
        let new = self.store.log_since(review.case.id, review.synced().unwrap_or(0))?;
        if let (false, Some(disputes)) = (new.is_empty(), &review.disputes) {
            let id = disputes.comparison.reading.id;
            events.push(Event::Settling(id, self.store.adjudications(id)?));
        }
        if !new.is_empty() {
            events.push(Event::LogRefreshed(new));
        }
        let record = self.store.case_by_id(review.case.id)?;
        let standing = |case: &CaseRecord| (case.state, case.version, case.target, case.blasts.clone());
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
        if self.unclassified.take() == Some(review.case.id) && !review.is_unaided() {
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
                // From here on a copy of the file alone holds what was decided; where it cannot be, the log does.
                self.store.checkpoint().and_then(|()| self.list())
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
            Effect::PreviewExport(case) => Ok(export::preview(&self.context, &self.store, case)),
            Effect::Export { case, form, path, replace, said } => {
                Ok(export::write(&self.context, &self.store, case, form, &path, replace, said.as_ref()))
            }
            Effect::SetTarget { case, target } => {
                self.store.set_target(case, target).map(|()| vec![Event::TargetSet(case, target)])
            }
            Effect::SetBlasts { case, blasts } => self
                .store
                .set_blasts(case, Some(&self.reviewer), &blasts)
                .map(|()| vec![Event::BlastsSet(case, blasts)]),
            Effect::Sign { case, expect_last_seq, allow_incomplete } => {
                Ok(self.sign(case, expect_last_seq, allow_incomplete, state))
            }
            Effect::Reopen { case, reason } => {
                self.store.reopen(case, &self.reviewer, &reason).map(|()| vec![Event::Reopened])
            }
            Effect::BeginReading { case, kind, suggestions } => self.begin(case, kind, suggestions),
            Effect::EndReading { reading, finished } => {
                let end = if finished { Store::finish_reading } else { Store::give_up_reading };
                end(&self.store, reading, &self.reviewer).map(|reading| vec![Event::ReadingEnded(reading)])
            }
            Effect::Compare { case, which } => self.compare(case, which),
            Effect::Adjudicate { reading, proposal } => {
                Ok(match self.store.adjudicate(reading, &self.decision(proposal)) {
                    Ok(decision) => vec![Event::Adjudicated(decision)],
                    Err(error) => self.not_recorded(&error, state),
                })
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

    /// The list of cases, and before it which of them are read blinded: what must not be seen is never shown.
    fn list(&self) -> Result<Vec<Event>, StoreError> {
        let open = |(reading, decided)| OpenReading { reading, decided };
        let readings = self.store.open_readings(&self.reviewer)?.into_iter().map(open).collect();
        let archived = self.store.archived()?;
        let mut cases = self.store.cases()?;
        cases.retain(|c| !archived.contains(&c.case.id));
        let unsound = self.store.unsound_cases(&cases)?;
        // Neither counted nor hidden: opening it says what is damaged.
        for case in cases.iter_mut().filter(|c| unsound.iter().any(|(id, _)| *id == c.case.id)) {
            (case.reviewed, case.blasts) = (0, None);
        }
        let mut events = vec![Event::ReadingsLoaded(readings), Event::CasesLoaded(cases)];
        events.extend(unsound.into_iter().map(|(_, why)| Event::Failed(why.to_string())));
        Ok(events)
    }

    fn begin(&mut self, case: CaseId, kind: ReadingKind, suggestions: bool) -> Result<Vec<Event>, StoreError> {
        let reviewer = self.reviewer.clone();
        self.store.begin_reading(&NewReading { case, reviewer, kind, suggestions, seed: read::seed(kind) })?;
        let mut events = self.list()?;
        events.push(Event::CaseLoaded(Box::new(self.load(case)?)));
        Ok(events)
    }

    fn compare(&mut self, case: CaseId, which: CompareWhich) -> Result<Vec<Event>, StoreError> {
        let all: Vec<ReadingId> = self.store.comparable(case, &self.reviewer)?.into_iter().map(|r| r.id).collect();
        let found = match which {
            CompareWhich::This(id) => Some(id),
            CompareWhich::Before(id) => all.iter().copied().find(|r| *r < id).or(all.first().copied()),
            CompareWhich::Latest => all.first().copied(),
        };
        let Some(id) = found else {
            let name = self.store.case_by_id(case)?.name;
            let why = "no second reading of it is finished yet".to_owned();
            return Err(StoreError::Reading { case: name, why });
        };
        // Refused to whoever is blinded, before anything of the record is read.
        let comparison = self.store.compare(id, &self.reviewer)?;
        let (loaded, settling) = (self.load_record(case)?, self.store.adjudications(id)?);
        Ok(vec![Event::Compared(Box::new(loaded), Box::new(comparison), settling)])
    }

    /// The reading that the reviewer has open of a case, else its record.
    fn load(&mut self, id: CaseId) -> Result<LoadedCase, StoreError> {
        match self.store.open_reading(id, &self.reviewer)? {
            Some(reading) => self.load_reading(reading),
            None => self.load_record(id),
        }
    }

    /// A reading: of the case its pictures, of the network what the reading is to see, and of people its own decisions.
    fn load_reading(&mut self, reading: Reading) -> Result<LoadedCase, StoreError> {
        let record = self.store.case_by_id(reading.case)?;
        self.store.check_case(&record)?;
        let cells = self.store.reading_cells(&reading)?;
        self.desk.open(CaseFolder::of(&record), &cells);
        let predictions = match reading.suggestions {
            true => self.store.predictions(record.id, &self.file.info.sha256)?,
            false => HashMap::new(),
        };
        self.status.progress = None;
        self.classifier.cancel();
        self.unclassified = Some(record.id);
        Ok(LoadedCase {
            signed: None,
            log: self.store.reading_log_since(reading.id, 0)?,
            references: HashMap::new(),
            predictions,
            notes: HashMap::new(),
            remarks: Vec::new(),
            cells,
            record: CaseRecord { state: CaseState::Open, version: None, ..record },
            reading: Some(reading),
        })
    }

    fn load_record(&mut self, id: CaseId) -> Result<LoadedCase, StoreError> {
        let record = self.store.case_by_id(id)?;
        self.store.check_case(&record)?;
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
            reading: None,
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
        let decision = self.decision(proposal);
        let recorded = match reading(state) {
            Some(reading) => self.store.record_in(reading, &decision),
            None => self.store.record(&decision),
        };
        match recorded {
            Ok(decision) => vec![Event::Recorded(decision)],
            Err(error) => self.not_recorded(&error, state),
        }
    }

    fn record_step(&mut self, proposals: Vec<Proposal>, visible: usize, shown: String, state: &State) -> Vec<Event> {
        let decisions = proposals.into_iter().map(|p| self.decision(p)).collect();
        let step = NewStep { decisions, visible, shown };
        let recorded = match reading(state) {
            Some(reading) => self.store.record_step_in(reading, &step),
            None => self.store.record_step(&step),
        };
        match recorded {
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
            // What counted in the figures that were shown: an open summary is shown anew when that changes.
            expect_blasts: state.review.as_ref().map(|r| r.case.blasts.clone()),
            blasts: None,
            network: self.status.hash,
            no_wbc_reason: None,
        };
        match self.store.sign(&request) {
            Ok(s) => vec![Event::Signed(SignedLabel { version: s.version, reviewer: s.reviewer, at: s.at })],
            Err(error) => {
                let mut events = self.refreshed(state);
                events.push(match error {
                    StoreError::ChangedSince { .. } | StoreError::BlastsChanged { .. } => Event::SignMoved,
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

/// The reading that is on the screen: its decisions go there and nowhere else.
fn reading(state: &State) -> Option<ReadingId> {
    state.review.as_ref()?.reading.as_ref().map(|r| r.id)
}
