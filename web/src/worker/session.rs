//! What is open, and the answers to what the page asks of it.

mod arriving;
mod simulated;

use everview_core::{ColdStorage, Command, Definitions, Event, Position, Progress, ViewDefinition};
use everview_protocol::definitions;
use everview_protocol::session::{
    BuildingState, EventDetail, IntakeState, Keeping, Pace, RefusedRecord, Reply, Request,
    SearchState, SessionState, Source, Told, TypeCount, Update, ViewQuery,
};

use super::budget::Budget;
use super::cluster::Cluster;
use super::density::density;
use super::diff::DiffCache;
use super::export::export;
use super::find::{find, onsets, set_aside};
use super::futures::Futures;
use super::kept::{Parcel, capsule};
use super::list::{EventList, gap, later, row};
use super::moments::moments;
use super::opening::Opened;
use super::row::{history, why};
use super::rows::{RowCache, summaries};
use super::study::StudyRun;
use crate::model::playback::Playback;
use simulated::RegionsPage;

/// The most event types that are told: nobody picks from a longer list.
const TYPES: usize = 300;

/// How many events views that are being built take in before somebody looks at the time.
const BUILT: usize = 5_000;

/// Why there is no capsule.
const TOO_MANY: &str = "there are too many events to put into it, and nobody else has them";

/// Why views cannot be defined now.
const ASIDE: &str = "another future is looked at: go back to the log itself to define its views";

/// The most refused records that are told at once.
const REFUSED: usize = 500;

/// An engine with its source, its playhead, and what the page looks at.
pub(super) struct Session {
    source: Source,
    cluster: Option<Cluster>,
    futures: Futures,
    definitions: String,
    /// What views are being built by.
    building: Option<String>,
    /// What the views were defined by before.
    previous: Option<String>,
    is_following: bool,
    /// Whether the rest of what is open is still read.
    is_arriving: bool,
    generation: u32,
    rewinds: u32,
    playback: Playback,
    list: EventList,
    rows: RowCache,
    diff: DiffCache,
    budget: Budget,
    /// Whether the page knows that something cannot be read back that was spilled.
    has_failed: bool,
    keeping: Keeping,
    /// What of it the browser does not keep yet.
    unkept: Unkept,
    /// What the page was told last, so that it is told only what is new.
    told: Option<(SessionState, SearchState)>,
    regions: RegionsPage,
    study: Option<StudyRun>,
    outbox: Vec<Told>,
}

/// What of a session has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unkept {
    Nothing,
    /// What is said of the events.
    About,
    /// The events too.
    Events,
}

impl Session {
    /// One in which nothing is open yet.
    pub(super) fn new() -> Self {
        Self {
            source: Source::Simulation { seed: 0 },
            cluster: None,
            futures: Futures::default(),
            definitions: String::new(),
            building: None,
            previous: None,
            is_following: true,
            is_arriving: false,
            generation: 0,
            rewinds: 0,
            playback: Playback::default(),
            list: EventList::default(),
            rows: RowCache::default(),
            diff: DiffCache::default(),
            budget: Budget::default(),
            has_failed: false,
            keeping: Keeping::Never,
            unkept: Unkept::Nothing,
            told: None,
            regions: RegionsPage::default(),
            study: None,
            outbox: Vec::new(),
        }
    }

    /// Puts what was opened in the place of what is open.
    pub(super) fn open(&mut self, opened: Opened) {
        self.source = opened.source;
        self.futures = Futures::new(opened.engine);
        self.futures.restore(opened.forks);
        self.definitions = opened.definitions;
        (self.building, self.previous) = (None, None);
        self.cluster = None;
        (self.is_following, self.is_arriving) = (true, false);
        self.generation += 1;
        self.list = EventList::default();
        self.rows.clear();
        self.diff.clear();
        let is_kept = matches!(self.source, Source::File { url: None, .. });
        (self.keeping, self.unkept) = match is_kept {
            false => (Keeping::Never, Unkept::Nothing),
            true if opened.is_stored => (Keeping::Kept, Unkept::About),
            true => (Keeping::Writing, Unkept::Events),
        };
        self.budget.begin();
        self.keep_budget();
        self.outbox.push(Told::Update(Update::Opening(None)));
    }

    /// Lets the engine take no more memory than it may, if it can.
    fn keep_budget(&mut self) {
        if self.budget.keep(self.futures.root_mut()) {
            self.previous = None;
        }
    }

    /// Has a place to spill to, where the engine is to take less memory.
    pub(super) fn spill_to(&mut self, storage: ColdStorage) {
        self.budget.spill_to(storage);
        self.keep_budget();
    }

    /// What the browser shall keep of it, unless it keeps it already.
    pub(super) fn parcel(&mut self) -> Option<Parcel> {
        if self.is_arriving {
            return None;
        }
        let unkept = std::mem::replace(&mut self.unkept, Unkept::Nothing);
        let Source::File { name, .. } = &self.source else { return None };
        if let Some(error) = self.futures.root().failure() {
            self.keeping = Keeping::Failed { reason: error.to_string() };
            return None;
        }
        (unkept != Unkept::Nothing).then(|| {
            let is_whole = unkept == Unkept::Events;
            Parcel::of(name, &self.definitions, &mut self.futures, is_whole)
        })
    }

    /// Notes what became of what the browser should keep, unless something else is open by now.
    pub(super) fn note_keeping(&mut self, name: &str, keeping: Keeping) {
        if matches!(&self.source, Source::File { name: open, url: None } if open == name) {
            self.keeping = keeping;
        }
    }

    /// What the page has to be told, the oldest first.
    pub(super) fn drain(&mut self) -> Vec<Told> {
        self.tell_news();
        std::mem::take(&mut self.outbox)
    }

    /// Lets milliseconds pass for what is simulated.
    pub(super) fn advance(&mut self, milliseconds: i64) {
        self.advance_cluster(milliseconds);
        if self.regions.is_watched {
            if !self.is_regional() {
                self.regions_shown().advance(milliseconds);
            }
            self.tell_regions();
        }
    }

    /// Builds views and looks for events until `is_due` says that it is time for something else.
    /// Returns whether there is more to do.
    pub(super) fn work(&mut self, is_due: &mut dyn FnMut() -> bool) -> bool {
        while self.is_building() && !is_due() {
            self.build();
        }
        let log = self.futures.engine().log();
        self.list.work(log, is_due);
        let is_busy = self.is_building() || self.list.is_busy(log);
        self.study_on(is_due) || is_busy
    }

    /// Answers a request, now or, for a command, once it is decided. Files are not opened here.
    pub(super) fn answer(&mut self, id: u32, request: Request) {
        if let Some(reply) = self.reply(id, request) {
            // News first: who asked for a change shall see it when the reply comes.
            self.tell_news();
            self.outbox.push(Told::Reply { id, reply });
        }
    }

    fn reply(&mut self, id: u32, request: Request) -> Option<Reply> {
        let log = self.futures.engine().log();
        Some(match request {
            Request::Events { first, count } => Reply::Events(self.list.page(log, first, count)),
            Request::RowOf { position } => Reply::Place(self.list.place(log, position)),
            Request::Step { forward } => {
                let place = self.list.step(log, self.futures.engine().position().get(), forward);
                if let Some(position) = place {
                    self.change(Request::Seek { position });
                }
                Reply::Place(place)
            }
            Request::Event { position } => {
                Reply::Event(log.get(Position::new(position)).and_then(|event| self.detail(&event)))
            }
            Request::Density { edges } => Reply::Density(density(log, &edges)),
            Request::Moments { closer } => Reply::Moments(moments(log, closer)),
            Request::Export { from, to } => Reply::Exported(export(log, from, to)),
            Request::View(query) => self.view(&query),
            Request::Diff(query) => Reply::Diff(self.diff.page(&mut self.futures, &query)),
            Request::Play { elapsed_ms, pace, limit } => {
                Reply::Place(Some(self.play(elapsed_ms, pace, limit)))
            }
            Request::StepTime { milliseconds } => {
                let place = later(log, self.futures.engine().position(), milliseconds);
                if let Some(position) = place {
                    self.change(Request::Seek { position });
                }
                Reply::Place(place)
            }
            Request::Find(query) => match find(self.futures.engine_mut(), &query) {
                Ok(found) => Reply::Found(found),
                Err(error) => Reply::Impossible(error.to_string()),
            },
            Request::Onsets(query) => match onsets(self.futures.engine_mut(), &query) {
                Ok(onsets) => Reply::Onsets(onsets),
                Err(error) => Reply::Impossible(error.to_string()),
            },
            Request::SetAside { after } => Reply::Onsets(set_aside(self.futures.engine(), after)),
            Request::Conflicts { after } => Reply::Onsets(self.conflicts_after(after)),
            Request::Why(query) => match why(self.futures.engine_mut(), &query) {
                Ok(why) => Reply::Why(why),
                Err(error) => Reply::Impossible(error.to_string()),
            },
            Request::History(query) => match history(self.futures.engine_mut(), &query) {
                Some(history) => Reply::History(history),
                None => Reply::Impossible(format!("no view `{}`", query.view)),
            },
            Request::Definitions => {
                Reply::Definitions(self.building.as_ref().unwrap_or(&self.definitions).clone())
            }
            Request::Script => Reply::Script(self.cluster.as_ref().map(Cluster::script)),
            Request::ClusterAt { position, at_ms } => {
                let cluster = self.cluster.as_ref();
                let past = cluster.and_then(|cluster| cluster.state_at(position, at_ms));
                Reply::Cluster(past.map(Box::new))
            }
            Request::Refused => Reply::Refused(self.refused()),
            Request::Capsule(place) => {
                match capsule(&self.source, &self.definitions, &mut self.futures, place) {
                    Some(capsule) => Reply::Capsule(capsule),
                    None => Reply::Impossible(TOO_MANY.into()),
                }
            }
            Request::Memory => Reply::Memory(self.budget.state(self.futures.root())),
            Request::Budget { bytes } => {
                self.budget.set(bytes);
                self.keep_budget();
                Reply::Memory(self.budget.state(self.futures.root()))
            }
            Request::Dispatch { key, stream, command_type, data } => {
                let idempotency_key = Some(key);
                let expected_version = None;
                let command =
                    Command { command_type, stream, data, idempotency_key, expected_version };
                return self.dispatch(id, command);
            }
            request => self.change(request),
        })
    }

    fn change(&mut self, request: Request) -> Reply {
        match request {
            Request::Simulate { seed }
                if !self.is_open() || self.source != (Source::Simulation { seed }) =>
            {
                self.simulate(seed);
            }
            Request::Seek { position } => {
                self.futures.engine_mut().seek(Position::new(position));
                // A file has no news: its end is its head.
                self.set_following(self.cluster.is_none() && self.is_at_head());
            }
            Request::Follow => {
                let engine = self.futures.engine_mut();
                engine.seek(engine.head());
                self.set_following(true);
            }
            Request::Fork(what) => {
                if let Err(error) = self.futures.fork(&what) {
                    return Reply::Impossible(error.to_string());
                }
                self.turn_aside(true);
            }
            Request::LookAt { fork } => {
                if !self.futures.look_at(fork) {
                    return Reply::Impossible("there is no such future any more".into());
                }
                self.turn_aside(false);
            }
            Request::Discard { fork } => {
                self.futures.discard(fork);
                self.turn_aside(true);
            }
            Request::Filter(filter) => self.list.narrow(filter),
            Request::StopFilter => self.list.stop(),
            Request::Define { text } => return self.define(text),
            Request::CancelDefine => {
                self.futures.root_mut().cancel_define();
                self.building = None;
            }
            Request::UndoDefine => return self.undo_define(),
            Request::Scenario { text } => return self.play_scenario(text),
            Request::Inject { text } => return self.inject(&text),
            Request::Regions(request) => return self.change_regions(request),
            Request::Study { years } => self.study = Some(StudyRun::new(years)),
            Request::CancelStudy => {
                if let Some(study) = &mut self.study {
                    study.cancel();
                }
            }
            _ => {}
        }
        Reply::Done
    }

    /// Plays what is due, up to a limit. Returns where the playhead stands then.
    fn play(&mut self, elapsed_ms: u32, pace: Pace, limit: Option<u64>) -> u64 {
        let log = self.futures.engine().log();
        let at = self.futures.engine().position().get();
        let time = |position| log.time(Position::new(position));
        let gap = |position: u64| {
            // Before the first event there is nothing to wait for.
            if position <= 1 {
                return Some(0);
            }
            Some(time(position)?.millis_since(time(position - 1)?))
        };
        let events = self.playback.advance(elapsed_ms, (at, pace), gap);
        let end = limit.map_or(log.head().get(), |limit| limit.min(log.head().get()).max(at));
        let position = (at + events).min(end);
        if at < position {
            self.futures.engine_mut().seek(Position::new(position));
        }
        self.set_following(false);
        position
    }

    /// Whether the log itself is followed. Nobody adds to another future, so there is nothing to follow.
    fn set_following(&mut self, is_following: bool) {
        if self.futures.current().is_none() {
            self.is_following = is_following;
        }
    }

    /// Another future is looked at. Positions mean other events in it.
    fn turn_aside(&mut self, is_new: bool) {
        self.generation += 1;
        self.list.restart();
        self.rows.clear();
        self.diff.clear();
        if is_new {
            self.keep_again();
        }
    }

    /// What is said of the events has changed: what is kept is to say so too.
    fn keep_again(&mut self) {
        if self.keeping == Keeping::Kept && self.unkept == Unkept::Nothing {
            self.unkept = Unkept::About;
        }
    }

    fn is_at_head(&self) -> bool {
        let engine = self.futures.engine();
        engine.position() == engine.head()
    }

    fn view(&mut self, query: &ViewQuery) -> Reply {
        let all = self.futures.engine().definitions();
        let definition = all.views.iter().find(|(name, _)| *name == query.view);
        let definition = definition.map(|view| definition_text(view, all));
        Reply::View(self.rows.page(self.futures.engine(), query, definition.unwrap_or_default()))
    }

    fn define(&mut self, text: String) -> Reply {
        let parsed = match definitions::parse(&text) {
            Ok(parsed) => parsed,
            Err(error) => return Reply::Invalid(error.to_string()),
        };
        if self.futures.current().is_some() {
            return Reply::Invalid(ASIDE.into());
        }
        if let Err(error) = self.futures.root_mut().begin_define(&parsed) {
            return Reply::Invalid(error.to_string());
        }
        self.building = Some(text);
        // Over a short log that is all.
        self.build();
        Reply::Done
    }

    fn undo_define(&mut self) -> Reply {
        if self.futures.current().is_some() {
            return Reply::Impossible(ASIDE.into());
        }
        let engine = self.futures.root_mut();
        let Some(text) = self.previous.clone().filter(|_| engine.undo_define()) else {
            return Reply::Impossible("the views were never defined otherwise".into());
        };
        self.building = Some(text);
        self.build();
        Reply::Done
    }

    fn is_building(&self) -> bool {
        self.building.is_some() && self.futures.root().failure().is_none()
    }

    /// Takes events into the views that are being built. Once there are no more, those are the views.
    fn build(&mut self) {
        let engine = self.futures.root_mut();
        engine.build(BUILT);
        if engine.building().is_some() {
            return;
        }
        let Some(text) = self.building.take() else { return };
        self.previous = Some(std::mem::replace(&mut self.definitions, text));
        self.keep_again();
        self.futures.make_again();
        self.keep_budget();
        self.generation += 1;
        self.rows.clear();
        self.diff.clear();
        if let Some(cluster) = &mut self.cluster {
            cluster.define(self.futures.root().definitions());
            cluster.compare(self.futures.root());
        }
    }

    fn dispatch(&mut self, id: u32, command: Command) -> Option<Reply> {
        let Some(cluster) = &mut self.cluster else {
            return Some(Reply::Impossible("events from a file take no commands".into()));
        };
        if self.futures.current().is_some() {
            return Some(Reply::Impossible("another future takes no commands".into()));
        }
        if !self.is_following {
            return Some(Reply::Impossible("the playhead is in the past".into()));
        }
        let sent = cluster.dispatch(id, command);
        sent.err().map(|problem| Reply::Impossible(problem.into()))
    }

    fn detail(&self, event: &Event<'_>) -> Option<EventDetail> {
        Some(EventDetail {
            row: row(self.futures.engine().log(), event.position.get())?,
            id: (*event.id).into(),
            source: event.source.into(),
            version: event.version,
            epoch: event.epoch.get(),
            time: event.time.map(|time| time.to_string()),
            data: (*event.data).into(),
            json: event.to_json(),
        })
    }

    fn refused(&self) -> Vec<RefusedRecord> {
        let record = |refused: &everview_core::Refused| RefusedRecord {
            line: refused.line,
            offset: refused.offset,
            reason: refused.reason.to_string(),
        };
        self.futures.engine().intake().refusals.iter().take(REFUSED).map(record).collect()
    }

    fn is_open(&self) -> bool {
        0 < self.generation
    }

    fn tell_news(&mut self) {
        if !self.is_open() {
            return;
        }
        if let Some(error) = self.budget.failure().filter(|_| !self.has_failed) {
            let message = format!("{error}; the rows are still those of their position");
            self.outbox.push(Told::Update(Update::Crashed { message }));
            self.has_failed = true;
        }
        let now = (self.state(), self.list.state(self.futures.engine().log()));
        if self.told.as_ref().is_none_or(|told| told.1 != now.1) {
            self.outbox.push(Told::Update(Update::Search(now.1)));
        }
        if self.told.as_ref().is_none_or(|told| told.0 != now.0) {
            self.outbox.push(Told::Update(Update::Session(now.0.clone())));
        }
        self.told = Some(now);
    }

    pub(super) fn state(&self) -> SessionState {
        let engine = self.futures.engine();
        let log = engine.log();
        let at = log.get(engine.position());
        let intake = engine.intake();
        let mut types: Vec<TypeCount> =
            log.types().map(|(name, count)| TypeCount { name: name.into(), count }).collect();
        types.sort_by(|left, right| right.count.cmp(&left.count).then(left.name.cmp(&right.name)));
        types.truncate(TYPES);
        SessionState {
            source: self.source.clone(),
            base: log.base().get(),
            head: log.head().get(),
            position: engine.position().get(),
            is_following: match self.futures.current() {
                Some(_) => self.is_at_head(),
                None => self.is_following,
            },
            event_type: at.as_ref().map(|event| event.event_type.into()),
            time_ms: at.as_ref().and_then(|event| event.time).map(everview_core::Timestamp::millis),
            gap_ms: gap(log, engine.position()),
            epoch: at.as_ref().map_or(0, |event| event.epoch.get()),
            digest: engine.digest().to_string(),
            views: summaries(engine),
            types,
            streams: log.streams().count() as u64,
            intake: IntakeState {
                accepted: intake.accepted,
                duplicates: intake.duplicates,
                refused: intake.refused,
                gaps: intake.gap_count,
            },
            generation: self.generation,
            rewinds: self.rewinds,
            building: self
                .futures
                .root()
                .building()
                .map(|Progress { done, total }| BuildingState { done, total }),
            can_go_back: self.previous.is_some(),
            keeping: self.keeping.clone(),
            fork: self.futures.current(),
            forks: self.futures.states(),
        }
    }
}

fn definition_text(view: &(String, ViewDefinition), all: &Definitions) -> String {
    let indexes = all.indexes.iter().filter(|index| index.view == view.0).cloned().collect();
    definitions::to_toml(&Definitions {
        views: vec![view.clone()],
        indexes,
        ..Definitions::default()
    })
}
