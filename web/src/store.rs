//! What the page knows: signals, and the calls to the worker that fill them.

mod commands;
mod definitions;
mod find;
mod futures;
mod line;
mod markers;
mod navigation;
mod opening;
mod past;
mod range;
mod share;
mod storage;
mod timeline;

use everview_protocol::session::{
    ClusterState, ConflictsState, MappingQuestion, Moment, OpenedCapsule, OpeningState, Pace,
    PastCluster, Reply, Request, SearchState, SessionState, Source, StudyState, Update,
};
use leptos::prelude::*;

use crate::backend::Backend;
use crate::model::address::{Address, SourceLink};
use crate::model::line::Stretch;
use crate::model::playback::FIRST_PACE;
use crate::model::seek::SeekQueue;
use crate::wish::Wish;

pub(crate) use commands::{CommandKind, Draft, SentCommand, fresh_key};
pub(crate) use definitions::Applied;
pub(crate) use find::{Finding, Outcome, Reach};
pub(crate) use markers::{Stop, Watched, words};

/// The seed of the cluster that is simulated when nothing else is asked for.
const FIRST_SEED: u64 = 42;

/// Everything that more than one component shows or changes.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    backend: StoredValue<Option<Backend>, LocalStorage>,
    seeks: StoredValue<Seeks>,
    /// What the page shows.
    pub(crate) address: RwSignal<Address>,
    /// What is open, once the worker has said so.
    pub(crate) session: RwSignal<Option<SessionState>>,
    /// How far the list of events has come.
    pub(crate) search: RwSignal<SearchState>,
    /// The file that is being opened.
    pub(crate) opening: RwSignal<Option<OpeningState>>,
    /// The file that waits for its mapping.
    pub(crate) mapping: RwSignal<Option<MappingQuestion>>,
    /// What went wrong last, until it is dismissed.
    pub(crate) notice: RwSignal<Option<String>>,
    /// Why the worker is gone.
    pub(crate) crash: RwSignal<Option<String>>,
    /// Where the playhead stands or is on its way to.
    pub(crate) playhead: RwSignal<u64>,
    /// Whether the playhead moves by itself.
    pub(crate) is_playing: RwSignal<bool>,
    travel: StoredValue<Travel>,
    simulated: StoredValue<Simulated>,
    /// The commands that were sent, the latest first.
    pub(crate) sent: RwSignal<Vec<SentCommand>>,
    /// The command that is being written.
    pub(crate) draft: RwSignal<Draft>,
    /// The definitions as they stand in the editor, once somebody has opened it.
    pub(crate) definitions: RwSignal<Option<String>>,
}

/// Searches through positions, and what is marked there.
#[derive(Clone, Copy)]
pub(crate) struct Travel {
    /// What of the log the time bar shows; none is all of it.
    pub(crate) shown: RwSignal<Option<Stretch>>,
    /// When events happened, while the time bar follows the clock.
    pub(crate) moments: RwSignal<Vec<Moment>>,
    /// How a playing playhead moves.
    pub(crate) pace: RwSignal<Pace>,
    /// The search for a position that is under way.
    pub(crate) finding: RwSignal<Option<Finding>>,
    /// What the last search, stop or mark came to.
    pub(crate) outcome: RwSignal<Option<Outcome>>,
    /// What playing may stop at, with where that is.
    pub(crate) watched: RwSignal<Vec<Watched>>,
    /// Whether playing goes from one mark to the other again and again.
    pub(crate) loops: RwSignal<bool>,
    /// Whether playing stops where something went wrong in the cluster.
    pub(crate) stops_at_faults: Wish,
    /// Whether playing stops where a view sets an event aside.
    pub(crate) stops_aside: Wish,
    /// Whether playing stops where regions wrote without knowing of each other.
    pub(crate) stops_at_conflicts: Wish,
    /// The condition that is being written in a view.
    pub(crate) condition: RwSignal<String>,
    /// Whether it can be seen.
    pub(crate) is_finder_open: RwSignal<bool>,
    /// The condition that holds for the chosen cell.
    pub(crate) cell_condition: RwSignal<Option<String>>,
    /// What came of the capsule that was opened last, until it is dismissed.
    pub(crate) capsule: RwSignal<Option<OpenedCapsule>>,
    /// How many searches there were.
    searches: StoredValue<u32>,
}

/// What is simulated.
#[derive(Clone, Copy, Default)]
pub(crate) struct Simulated {
    /// The cluster, while it is the source.
    pub(crate) cluster: RwSignal<Option<ClusterState>>,
    /// The cluster as it was, while somebody looks at the past of it.
    pub(crate) past: RwSignal<Option<PastCluster>>,
    /// Which moment of an event's time somebody looks at: the event, and simulated milliseconds.
    pub(crate) moment: RwSignal<Option<(u64, u64)>>,
    /// What regions with a log each show.
    pub(crate) regions: RwSignal<Option<ConflictsState>>,
    /// The study that was begun last.
    pub(crate) study: RwSignal<Option<StudyState>>,
}

impl Travel {
    fn new() -> Self {
        Self {
            shown: RwSignal::new(None),
            moments: RwSignal::new(Vec::new()),
            pace: RwSignal::new(FIRST_PACE),
            finding: RwSignal::new(None),
            outcome: RwSignal::new(None),
            watched: RwSignal::new(Vec::new()),
            loops: RwSignal::new(false),
            stops_at_faults: Wish::kept("everview-stops-at-faults"),
            stops_aside: Wish::kept("everview-stops-aside"),
            stops_at_conflicts: Wish::kept("everview-stops-at-conflicts"),
            condition: RwSignal::new(String::new()),
            is_finder_open: RwSignal::new(false),
            cell_condition: RwSignal::new(None),
            capsule: RwSignal::new(None),
            searches: StoredValue::new(0),
        }
    }
}

/// Whether something of a kind can be asked of the worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing is under way.
    #[default]
    Free,
    /// One request is.
    Asked,
    /// One is, and its answer will not be what is wanted by then.
    AskAgain,
}

/// Where the playhead shall go.
struct Seeks {
    queue: SeekQueue,
    /// The address that somebody came with, until what it names is open.
    wanted: Option<Address>,
    /// Whether the address bar is to lead back to where the playhead was.
    is_jump: bool,
}

impl Store {
    /// Starts the worker and opens what the address names.
    pub(crate) fn start() -> Self {
        let address = Address::from(navigation::hash().as_str());
        let store = Self {
            backend: StoredValue::new_local(None),
            seeks: StoredValue::new(Seeks {
                queue: SeekQueue::default(),
                wanted: Some(address.clone()),
                is_jump: false,
            }),
            address: RwSignal::new(address),
            session: RwSignal::new(None),
            search: RwSignal::new(SearchState::default()),
            opening: RwSignal::new(None),
            mapping: RwSignal::new(None),
            notice: RwSignal::new(None),
            crash: RwSignal::new(None),
            playhead: RwSignal::new(0),
            is_playing: RwSignal::new(false),
            travel: StoredValue::new(Travel::new()),
            simulated: StoredValue::new(Simulated::default()),
            sent: RwSignal::new(Vec::new()),
            draft: RwSignal::new(Draft::default()),
            definitions: RwSignal::new(None),
        };
        match Backend::start(move |update| store.hear(update)) {
            Ok(backend) => store.backend.set_value(Some(backend)),
            Err(error) => store.crash.set(Some(format!("the browser starts no worker: {error:?}"))),
        }
        store.restore_budget();
        store.open_first();
        store.keep_address();
        store.keep_playing();
        store.keep_watching();
        store.keep_past();
        store.keep_zoom();
        store.keep_moments();
        store.keep_in_sight();
        store
    }

    /// Sends a request whose reply nobody waits for.
    pub(crate) fn send(self, request: Request) {
        self.backend.with_value(|backend| {
            if let Some(backend) = backend {
                backend.send(request);
            }
        });
    }

    /// Sends a request; `answer` is called with its reply.
    pub(crate) fn ask(self, request: Request, answer: impl FnOnce(Reply) + 'static) {
        self.backend.with_value(|backend| {
            if let Some(backend) = backend {
                backend.ask(request, answer);
            }
        });
    }

    /// The position of the snapshot that the open log begins after; 0 where all events are there.
    pub(crate) fn base(self) -> u64 {
        self.session.with(|session| session.as_ref().map_or(0, |session| session.base))
    }

    /// Asks for what is wanted now, one request at a time: what becomes wanted while one is under way is
    /// asked for once, after it.
    pub(crate) fn ask_in_turn<W, A>(self, turn: StoredValue<Turn>, want: W)
    where
        W: Fn() -> (Request, A) + 'static,
        A: FnOnce(Reply) + 'static,
    {
        if turn.get_value() != Turn::Free {
            return turn.set_value(Turn::AskAgain);
        }
        turn.set_value(Turn::Asked);
        let (request, answer) = want();
        self.ask(request, move |reply| {
            answer(reply);
            if turn.try_update_value(std::mem::take) == Some(Turn::AskAgain) {
                self.ask_in_turn(turn, want);
            }
        });
    }

    /// The last position of the open log.
    pub(crate) fn head(self) -> u64 {
        self.session.with(|session| session.as_ref().map_or(0, |session| session.head))
    }

    /// Whether the playhead stays at the head.
    pub(crate) fn is_following(self) -> bool {
        self.session.with(|session| session.as_ref().is_none_or(|session| session.is_following))
    }

    /// Whether the simulated cluster is the source, which alone accepts commands.
    pub(crate) fn is_simulation(self) -> bool {
        self.session
            .with(|session| session.as_ref().is_none_or(|session| session.source.is_simulated()))
    }

    /// Whether the source is regions with a log each, of which none leads.
    pub(crate) fn is_regional(self) -> bool {
        self.simulated()
            .cluster
            .with(|cluster| cluster.as_ref().is_some_and(|now| now.regions.is_some()))
    }

    /// What is simulated.
    pub(crate) fn simulated(self) -> Simulated {
        self.simulated.get_value()
    }

    /// Searches through positions, and what is marked there.
    pub(crate) fn travel(self) -> Travel {
        self.travel.get_value()
    }

    /// Something that is another whenever what a position stands for may be another.
    pub(crate) fn history(self) -> Memo<(u32, u32)> {
        Memo::new(move |_| {
            self.session.with(|session| {
                session.as_ref().map_or((0, 0), |session| (session.generation, session.rewinds))
            })
        })
    }

    /// A number that is another one whenever the rows of a list may be others.
    pub(crate) fn version(self) -> Memo<(u32, u64)> {
        Memo::new(move |_| {
            self.session.with(|session| {
                session.as_ref().map_or((0, 0), |session| (session.generation, session.head))
            })
        })
    }

    fn open_first(self) {
        let source = self.address.with_untracked(|address| address.source.clone());
        match source {
            Some(SourceLink::File(name)) => self.reopen(name),
            Some(SourceLink::Capsule(text)) => self.open_capsule(&text),
            Some(SourceLink::Url(url)) => {
                self.send(Request::Simulate { seed: FIRST_SEED });
                self.open_url(&url);
            }
            Some(SourceLink::Scenario(text)) => {
                self.send(Request::Simulate { seed: FIRST_SEED });
                self.play_scenario(text);
            }
            Some(SourceLink::Simulation(seed)) => self.begin_simulation(seed),
            None => self.begin_simulation(FIRST_SEED),
        }
    }

    fn begin_simulation(self, seed: u64) {
        self.send(Request::Simulate { seed });
        self.restore_playhead();
    }

    fn hear(self, update: Update) {
        match update {
            Update::Ready => {}
            Update::Session(session) => self.hear_session(session),
            Update::Search(search) => self.search.set(search),
            Update::Regions(regions) => self.simulated().regions.set(Some(regions)),
            Update::Study(study) => self.simulated().study.set(Some(study)),
            Update::Cluster(cluster) => self.simulated().cluster.set(Some(*cluster)),
            Update::Opening(opening) => self.opening.set(opening),
            Update::Mapping(question) => self.mapping.set(Some(question)),
            Update::OpeningFailed { name, reason, is_shown: true } => {
                let text =
                    format!("{name} was not read to its end: {reason}. What had come is open.");
                self.notice.set(Some(text));
            }
            Update::OpeningFailed { name, reason, .. } => self.hear_failure(&name, &reason),
            Update::Capsule(capsule) => self.hear_capsule(capsule),
            Update::Crashed { message } => self.crash.set(Some(message)),
        }
    }

    fn hear_session(self, session: SessionState) {
        let before = self.session.with_untracked(|before| {
            before.as_ref().map(|before| (before.generation, before.source.clone()))
        });
        let is_first = before.is_none();
        let is_another = before.is_some_and(|(_, source)| source != session.source);
        let (source, fork) = (session.source.clone(), session.fork);
        self.session.set(Some(session));
        if is_another {
            self.forget_place(&source);
        } else if is_first && matches!(source, Source::File { .. }) {
            self.restore_playhead();
        }
        self.note_fork(fork);
        if !self.seeks.with_value(|seeks| seeks.queue.is_busy()) {
            self.show_playhead();
        }
    }
}
