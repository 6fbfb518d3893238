//! What the dashboard's page and its worker say to each other.
//!
//! The page sends a [`Request`] with a number; the worker answers each one with one [`Reply`] of the
//! same number, and sends an [`Update`] whenever something changed that people see. All of it is
//! plain data: what has a type of its own inside (a position, a digest) crosses as the number or
//! text that is shown.

mod capsule;
mod cluster;
mod command;
mod diff;
mod event;
mod fork;
mod opening;
mod regions;
mod row;
mod sla;
mod storage;
mod study;
mod travel;
mod view;

use serde::{Deserialize, Serialize};

pub use capsule::{OpenedCapsule, SharedCapsule, SharedPlace, Verdict};
pub use cluster::{
    BalancerState, BeliefState, BelievedRole, ChaosState, ClusterState, DigestCheck, FailoverState,
    FaultState, Leadership, NodeRole, NodeState, ObserverCondition, ObserverState, PastCluster,
    Phase, ServerState, Standing, StepState, TermState,
};
pub use command::{CommandOutcome, CommandResult};
pub use diff::{DiffCell, DiffPage, DiffQuery, DiffRow, RowChange};
pub use event::{EventDetail, EventPage, EventRow, Exported, Filter, SearchState};
pub use fork::{ForkState, WhatIf};
pub use opening::{
    FieldMapping, InputFormat, MappingQuestion, OpeningState, RefusedRecord, SampleRecord,
};
pub use regions::{
    ConflictState, ConflictsState, LinkState, RegionRow, RegionState, RegionsRequest, RegionsState,
    VersionState,
};
pub use row::{
    CauseRow, ContributionRow, HistoryPage, HistoryQuery, SourceRow, Version, VersionCell, WhyPage,
    WhyQuery,
};
pub use sla::{AlertState, SlaState};
pub use storage::{Keeping, KeptSession, KeptSessions, MemoryState};
pub use study::{DesignState, DesignVerdict, StudyRow, StudyState};
pub use travel::{FindQuery, Found, Goal, Moment, OnsetQuery, Onsets, Pace};
pub use view::{
    CellKind, Column, MissingRow, QuarantinedEvent, Sort, ViewPage, ViewQuery, ViewSummary,
};

/// A request and the number that its reply will carry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Chosen by the page, never used twice.
    pub id: u32,
    /// What the page wants.
    pub request: Request,
}

/// What the page may ask of its worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Makes the simulated cluster of this seed the source.
    Simulate {
        /// The same seed gives the same history.
        seed: u64,
    },
    /// Opens the file that is posted beside this message.
    OpenFile {
        /// Its name, as it is shown.
        name: String,
    },
    /// Opens what an address answers.
    OpenUrl {
        /// An absolute address.
        url: String,
    },
    /// Opens a session that the browser keeps.
    Reopen {
        /// Its name.
        name: String,
    },
    /// The sessions that the browser keeps.
    Kept,
    /// A capsule of what is open.
    Capsule(SharedPlace),
    /// Opens a capsule. Nothing of it is dispatched.
    OpenCapsule {
        /// The capsule.
        bytes: Vec<u8>,
    },
    /// What the engine takes of the computer's memory.
    Memory,
    /// Lets the engine give up what it can do without when it takes more memory.
    Budget {
        /// Than so many bytes.
        bytes: u64,
    },
    /// Deletes a session that the browser keeps. If it is open, it stays open.
    Forget {
        /// Its name.
        name: String,
    },
    /// Goes on with the file that waits for its mapping.
    ConfirmMapping(FieldMapping),
    /// Opens what has come of the file that is being opened. The rest is read into it.
    ShowOpening,
    /// Gives up the file that is being opened; what was open before stays, and so does what has come
    /// if it is shown already.
    CancelOpening,
    /// Moves the playhead.
    Seek {
        /// Where to; beyond the head means the head.
        position: u64,
    },
    /// Moves the playhead to the head and keeps it there.
    Follow,
    /// Moves the playhead to the next event that the filter lets through.
    Step {
        /// Towards the head, else towards the start.
        forward: bool,
    },
    /// Moves the playhead on by what is due after some time.
    Play {
        /// Milliseconds that have passed.
        elapsed_ms: u32,
        /// How they become events.
        pace: Pace,
        /// A position that is not passed.
        limit: Option<u64>,
    },
    /// Moves the playhead by recorded time.
    StepTime {
        /// By so many milliseconds, back if they are negative.
        milliseconds: i64,
    },
    /// Looks for a position, one stretch of the way.
    Find(FindQuery),
    /// Looks for where a breakpoint stops, one stretch of the way.
    Onsets(OnsetQuery),
    /// Where views set events aside, one stretch of the way.
    SetAside {
        /// The position before the first event that is looked at.
        after: u64,
    },
    /// Where regions with a log each wrote without knowing of each other, as far as that is known.
    Conflicts {
        /// The position before the first event that is looked at.
        after: u64,
    },
    /// Why a cell is what it is at the playhead.
    Why(WhyQuery),
    /// What became of a row up to the playhead.
    History(HistoryQuery),
    /// Starts to look for the events that the list shall show.
    Filter(Filter),
    /// Stops looking; what was found stays.
    StopFilter,
    /// Some rows of the list of events.
    Events {
        /// The first row's place in the list, from 0.
        first: u64,
        /// How many.
        count: u32,
    },
    /// The place in the list of the last event at or before a position.
    RowOf {
        /// The position.
        position: u64,
    },
    /// One event with its data.
    Event {
        /// Where it is.
        position: u64,
    },
    /// How dense the events are in stretches of the log.
    Density {
        /// Where each stretch ends and the next one begins, in order; no more than a few thousand.
        edges: Vec<u64>,
    },
    /// When the events of the log happened.
    Moments {
        /// From one event to another one, where more shall be told than elsewhere.
        closer: Option<(u64, u64)>,
    },
    /// Events as lines of CloudEvents, one stretch of the way.
    Export {
        /// The first event.
        from: u64,
        /// The last one; beyond the head means the head.
        to: u64,
    },
    /// Some rows of a view.
    View(ViewQuery),
    /// Some rows of a view that differ between two positions.
    Diff(DiffQuery),
    /// Makes another future of what is looked at, and looks at that.
    Fork(WhatIf),
    /// Looks at another future, or at the log itself.
    LookAt {
        /// Its number; none for the log itself.
        fork: Option<u64>,
    },
    /// Forgets another future and those that were made of it.
    Discard {
        /// Its number.
        fork: u64,
    },
    /// The text of the definitions: of those that views are being built by, if any are.
    Definitions,
    /// Begins to build views by other definitions, which take over once they are built.
    Define {
        /// A definitions file.
        text: String,
    },
    /// Gives up the views that are being built.
    CancelDefine,
    /// Begins to build the views by the definitions before.
    UndoDefine,
    /// The records that were refused.
    Refused,
    /// Sends a command to the leader of the simulated cluster.
    Dispatch {
        /// A repeated key is answered with the first result.
        key: String,
        /// The stream that decides it.
        stream: String,
        /// Its type.
        command_type: String,
        /// What it says, as JSON text.
        data: String,
    },
    /// Makes the cluster that a scenario tells of the source, and lets happen what it says.
    Scenario {
        /// A script of the simulator.
        text: String,
    },
    /// Lets a fault happen in the simulated cluster now, or mends one.
    Inject {
        /// A step of a script without its time, such as `kill A for 5 s`.
        text: String,
    },
    /// The script of all that went wrong so far.
    Script,
    /// The simulated cluster as it was when its client had an event as the last one.
    ClusterAt {
        /// The event.
        position: u64,
        /// When, in simulated milliseconds; none means when the event came.
        at_ms: Option<u64>,
    },
    /// Something of regions with a log each: of the scenario that is played, if it has some, else of
    /// some that are simulated beside what is open.
    Regions(RegionsRequest),
    /// Begins a study of so many years of each design, in place of one that is under way.
    Study {
        /// From 1 to 10,000.
        years: u32,
    },
    /// Gives up the study that is under way; what was found stays.
    CancelStudy,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done, or begun; an [`Update`] tells what came of it.
    Done,
    /// To [`Request::Events`].
    Events(EventPage),
    /// To [`Request::RowOf`], [`Request::Step`] and the like: the place, when there is one.
    Place(Option<u64>),
    /// To [`Request::Find`].
    Found(Found),
    /// To [`Request::Onsets`], [`Request::SetAside`] and [`Request::Conflicts`].
    Onsets(Onsets),
    /// To [`Request::Why`].
    Why(WhyPage),
    /// To [`Request::History`].
    History(HistoryPage),
    /// To [`Request::Event`]: nothing when the log ends before it.
    Event(Option<EventDetail>),
    /// To [`Request::Density`]: events a second of each stretch, on a logarithmic scale from 0 to 1.
    Density(Vec<f32>),
    /// To [`Request::Moments`]: positions in order, those that tell the most of where time passed.
    Moments(Vec<Moment>),
    /// To [`Request::Export`].
    Exported(Exported),
    /// To [`Request::View`]: nothing when there is no view of that name.
    View(Option<ViewPage>),
    /// To [`Request::Diff`]: nothing when there is no view of that name.
    Diff(Option<DiffPage>),
    /// To [`Request::Definitions`].
    Definitions(String),
    /// To [`Request::Define`], [`Request::Scenario`] and [`Request::Inject`] when the text is not valid:
    /// why, with the place.
    Invalid(String),
    /// To [`Request::Script`]; none when there is no simulated cluster.
    Script(Option<String>),
    /// To [`Request::ClusterAt`]; none when there is no simulated cluster.
    Cluster(Option<Box<PastCluster>>),
    /// To [`Request::Refused`].
    Refused(Vec<RefusedRecord>),
    /// To [`Request::Kept`].
    Kept(KeptSessions),
    /// To [`Request::Capsule`].
    Capsule(SharedCapsule),
    /// To [`Request::Memory`] and [`Request::Budget`].
    Memory(MemoryState),
    /// To [`Request::Dispatch`].
    Command(CommandOutcome),
    /// It cannot be done now: why.
    Impossible(String),
}

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// The answer to a request.
    Reply {
        /// The request's number.
        id: u32,
        /// The answer.
        reply: Reply,
    },
    /// News.
    Update(Update),
}

/// News from the worker, unasked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// The worker listens from now on.
    Ready,
    /// What is open and where the playhead stands.
    Session(SessionState),
    /// How far the search for the list has come.
    Search(SearchState),
    /// What regions with a log each show, while somebody looks at it.
    Regions(ConflictsState),
    /// The study.
    Study(StudyState),
    /// The simulated cluster.
    Cluster(Box<ClusterState>),
    /// How far the file that is being opened has come; nothing when it is over.
    Opening(Option<OpeningState>),
    /// The file that is being opened is not CloudEvents: somebody has to say what is what.
    Mapping(MappingQuestion),
    /// The file could not be opened, or not be read to its end. What is open stays open.
    OpeningFailed {
        /// The file's name.
        name: String,
        /// Why, in a sentence.
        reason: String,
        /// Whether what had come of it is what is open.
        is_shown: bool,
    },
    /// A capsule was opened.
    Capsule(OpenedCapsule),
    /// The worker has panicked and answers no more.
    Crashed {
        /// The panic's message.
        message: String,
    },
}

/// Where the open events come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The simulated cluster.
    Simulation {
        /// Its seed.
        seed: u64,
    },
    /// The simulated cluster of a scenario.
    Scenario {
        /// Its script.
        text: String,
    },
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its address, when it was opened from one.
        url: Option<String>,
    },
}

impl Source {
    /// Whether it is a simulated cluster, which goes on by itself and takes commands.
    pub const fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulation { .. } | Self::Scenario { .. })
    }

    /// What a scenario is about, in a line.
    pub fn title(text: &str) -> &str {
        let about = text.lines().next().and_then(|line| line.strip_prefix('#'));
        about.map_or("a scenario", str::trim)
    }
}

/// What is open and where the playhead stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionState {
    /// Where the events come from.
    pub source: Source,
    /// The position of the snapshot that the views went on from: the events up to it are not there. 0
    /// where all are.
    pub base: u64,
    /// The last position.
    pub head: u64,
    /// The playhead: what the views are true at.
    pub position: u64,
    /// Whether the playhead stays at the head.
    pub is_following: bool,
    /// The type of the event at the playhead.
    pub event_type: Option<String>,
    /// The time of the event at the playhead, in milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// Milliseconds from the event before to the one at the playhead.
    pub gap_ms: Option<i64>,
    /// The epoch at the playhead.
    pub epoch: u64,
    /// The digest of all views.
    pub digest: String,
    /// The views, in the order of their definitions.
    pub views: Vec<ViewSummary>,
    /// The event types, most frequent first.
    pub types: Vec<TypeCount>,
    /// How many streams there are.
    pub streams: u64,
    /// What became of the records that were read.
    pub intake: IntakeState,
    /// Grows whenever the views are defined anew, or another source or another future is looked at.
    pub generation: u32,
    /// Grows whenever events were taken back: the same position may be another event.
    pub rewinds: u32,
    /// How far views that are being built have come, if any are.
    pub building: Option<BuildingState>,
    /// Whether there are definitions from before to go back to.
    pub can_go_back: bool,
    /// Whether it will be there again.
    pub keeping: Keeping,
    /// The future that is looked at; none is the log itself.
    pub fork: Option<u64>,
    /// The other futures, each after the one that it was made of.
    pub forks: Vec<ForkState>,
}

/// How far views that are being built have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildingState {
    /// Events that are folded.
    pub done: u64,
    /// Events to fold.
    pub total: u64,
}

/// An event type and how often it occurs in the open log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeCount {
    /// The type.
    pub name: String,
    /// How many events have it.
    pub count: u64,
}

/// What became of the records that were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeState {
    /// Recorded as events.
    pub accepted: u64,
    /// Dropped, since an event of the same source and id was there.
    pub duplicates: u64,
    /// Not readable as an event.
    pub refused: u64,
    /// Places where the numbers that the records carry leave some out or step back.
    pub gaps: u64,
}
