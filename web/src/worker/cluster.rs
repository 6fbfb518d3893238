//! The simulated cluster that is the source when no file is open.

mod beliefs;
mod chaos;
mod conflicts;
mod past;
mod reader;
mod seen;
mod sla;
mod world;

use everview_cluster::sim::{Script, Simulation, Step, Work};
use everview_cluster::{FollowerOutput, Ticket};
use everview_core::command::Command;
use everview_core::{Definitions, Engine, Outcome, Position, Timestamp};
use everview_protocol::session::{CommandOutcome, CommandResult, DigestCheck};

use chaos::Chaos;
use past::{Observed, Past};
use sla::Observer;
use world::World;

/// How many times faster than its customers' clocks the shop is busy, so that something happens
/// every second.
const PACE: u32 = 4;

/// How much happened before the page was opened, in events.
const HISTORY: u64 = 3_000;

/// A step of the time before the page was opened, in milliseconds.
const HISTORY_STEP: i64 = 1_000;

/// The most milliseconds that are simulated at once: a page that slept does not catch up.
const LONGEST_TICK: i64 = 1_000;

/// How often it is looked whether the client is served, in milliseconds.
const LOOK: i64 = 50;

/// How long a command may be undecided before that is said, in milliseconds.
const PATIENCE: i64 = 10_000;

/// How many events of a log that was put in another order are folded anew at once.
const FOLDED: usize = 5_000;

/// A cluster, what people asked of it, and a fold of its log to compare the client's views with.
pub(super) struct Cluster {
    world: World,
    chaos: Chaos,
    past: Past,
    asked: Vec<Asked>,
    witness: Engine,
    check: Option<DigestCheck>,
    violation: Option<String>,
    observer: Observer,
}

/// What became of the log that the client has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum News {
    /// Nothing.
    Nothing,
    /// Events were added.
    Events,
    /// Events were taken back to this one, and others may have been added.
    Rewind(Position),
}

/// A command that is not decided yet.
struct Asked {
    id: u32,
    ticket: Ticket,
    at: Timestamp,
    /// The end of the log when it was asked: what was done before is not done again.
    head: Position,
}

impl Cluster {
    /// The cluster of a seed with some history.
    pub(super) fn shop(seed: u64) -> Self {
        let mut script =
            Script { work: Work::Orders { pace: PACE, until: None }, ..Script::default() };
        script.config.seed = seed;
        let mut cluster = Self::of(script);
        while cluster.committed() < Position::new(HISTORY) && cluster.violation.is_none() {
            cluster.pass(HISTORY_STEP, HISTORY_STEP);
        }
        cluster
    }

    /// The cluster that a scenario tells of, about to start.
    pub(super) fn of(script: Script) -> Self {
        Self {
            world: World::of(&script),
            chaos: Chaos::new(script),
            past: Past::default(),
            asked: Vec::new(),
            witness: Engine::default(),
            check: None,
            violation: None,
            observer: Observer::new(),
        }
    }

    /// Whether a shop sends it orders.
    pub(super) const fn is_shop(&self) -> bool {
        self.chaos.is_shop()
    }

    /// The end of the log that cannot be lost any more; of regions, nobody can say where that is.
    fn committed(&self) -> Position {
        match &self.world {
            World::OneLog(simulation) => simulation.committed_log().head(),
            World::PerRegion(..) => Position::START,
        }
    }

    /// What there is to see at this moment.
    fn observed(&self) -> Observed {
        match &self.world {
            World::OneLog(simulation) => Observed::OneLog(simulation.status()),
            World::PerRegion(regions, reader) => Observed::PerRegion(reader.seen(regions)),
        }
    }

    /// Lets so many milliseconds pass.
    pub(super) fn advance(&mut self, milliseconds: i64) {
        self.pass(milliseconds.min(LONGEST_TICK), LOOK);
        if let World::PerRegion(regions, reader) = &mut self.world {
            reader.resolve(regions);
        }
    }

    /// Lets time pass, and looks at the client as often as it is told to.
    fn pass(&mut self, milliseconds: i64, look_every: i64) {
        let to = self.world.now().plus_millis(milliseconds);
        while self.violation.is_none() {
            let look = self.world.now().plus_millis(look_every).min(to);
            match self.chaos.advance(&mut self.world, look) {
                Ok(()) => self.look(),
                Err(violation) => self.violation = Some(violation.to_string()),
            }
            if to <= look {
                break;
            }
        }
    }

    /// Takes note of how everything is, and whether the page's client is served.
    fn look(&mut self) {
        if let World::PerRegion(regions, reader) = &mut self.world {
            reader.look(regions);
        }
        let observed = self.observed();
        if let Some(health) = observed.health() {
            self.observer.look(observed.now(), health);
        }
        self.past.note(observed);
    }

    /// Does to an engine what the follower of the cluster says, or what became of the log of the region
    /// that is read.
    pub(super) fn feed(&mut self, engine: &mut Engine) -> News {
        let start = self.world.start_time();
        let passed = self.world.passed_ms();
        match &mut self.world {
            World::OneLog(simulation) => {
                let (news, problem) = follow(simulation, engine);
                self.violation = self.violation.take().or(problem);
                self.chaos.note(passed, engine.head());
                news
            }
            World::PerRegion(regions, reader) => {
                let news = reader.feed(regions, engine);
                self.chaos.relocate(passed, |at| reader.position_at(start.plus_millis(at)));
                if news != News::Nothing {
                    self.past.relocate(|time| reader.position_at(time));
                }
                if matches!(news, News::Rewind(_)) {
                    // What was folded stands in another order now.
                    self.begin_witness(&self.witness.definitions().clone());
                }
                news
            }
        }
    }

    /// Begins to compare views of these definitions, which snapshots are of from now on too.
    pub(super) fn define(&mut self, definitions: &Definitions) {
        self.begin_witness(definitions);
        if let World::OneLog(simulation) = &mut self.world {
            let defined = simulation.define(definitions);
            debug_assert_eq!(defined, Ok(()));
        }
        self.check = None;
    }

    fn begin_witness(&mut self, definitions: &Definitions) {
        self.witness = Engine::default();
        // The engine of the page has taken them already.
        let defined = self.witness.define(definitions);
        debug_assert_eq!(defined, Ok(()));
    }

    /// Compares an engine's views with a fold up to the same position of the committed log, or of the
    /// merged log of the region that is read.
    pub(super) fn compare(&mut self, engine: &Engine) {
        match &self.world {
            World::OneLog(simulation) => {
                for event in simulation.committed_log().after(self.witness.head()) {
                    let appended = self.witness.append(event.epoch, &event.to_new());
                    debug_assert_eq!(appended, Ok(event.position));
                }
            }
            World::PerRegion(_, reader) => reader.fold(&mut self.witness, FOLDED),
        }
        let position = engine.position();
        if self.witness.head() < position {
            return;
        }
        self.witness.seek(position);
        self.check = Some(DigestCheck {
            position: position.get(),
            views: engine.digest().to_string(),
            log: self.witness.digest().to_string(),
        });
        self.witness.seek(self.witness.head());
    }

    /// Sends a command. [`Cluster::decided`] tells what came of it.
    ///
    /// # Errors
    ///
    /// If each region has a log of its own: they take changes of rows.
    pub(super) fn dispatch(&mut self, id: u32, command: Command) -> Result<(), &'static str> {
        let (head, at) = (self.committed(), self.world.now());
        let World::OneLog(simulation) = &mut self.world else {
            return Err("these regions take changes of rows, under Cluster, Conflicts");
        };
        let ticket = simulation.submit(command);
        self.asked.push(Asked { id, ticket, at, head });
        Ok(())
    }

    /// What came of commands since this was last asked, by the number of their request.
    pub(super) fn decided(&mut self) -> Vec<(u32, CommandOutcome)> {
        let World::OneLog(simulation) = &self.world else { return Vec::new() };
        if self.asked.is_empty() {
            return Vec::new();
        }
        let now = simulation.now();
        // Which server decided it, the client is not told.
        let leader = simulation.status().leader.filter(|_| !self.chaos.has_servers());
        let node = leader.map(|leader| leader.to_string());
        let mut decided = Vec::new();
        self.asked.retain(|asked| {
            let result = match simulation.decided(asked.ticket) {
                Some(Ok(outcome)) => result(outcome, asked.head),
                Some(Err(error)) => CommandResult::Rejected { reason: error.to_string() },
                None if PATIENCE < now.millis_since(asked.at) => undecided(),
                None => return true,
            };
            decided.push((asked.id, CommandOutcome { node: node.clone(), result }));
            false
        });
        decided
    }

    /// Lets happen what a step of a script says, without its time.
    ///
    /// # Errors
    ///
    /// What is wrong with the step.
    pub(super) fn inject(&mut self, text: &str) -> Result<(), String> {
        let now = Timestamp::from_millis(self.world.passed_ms());
        let step = Step::parse(now, text).map_err(|problem| problem.to_string())?;
        if let Some(problem) = self.world.refusal(&step) {
            return Err(problem);
        }
        if let Err(violation) = self.chaos.happen(&mut self.world, step) {
            self.violation = Some(violation.to_string());
        }
        self.advance(0);
        Ok(())
    }

    /// The script of all that went wrong so far.
    pub(super) fn script(&self) -> String {
        self.chaos.script(self.world.passed_ms()).to_string()
    }
}

/// Does to an engine what the page's follower says; what came of it, and what could not be done.
fn follow(simulation: &mut Simulation, engine: &mut Engine) -> (News, Option<String>) {
    let (mut has_events, mut rewound, mut problem) = (false, None::<Position>, None);
    for change in simulation.drain() {
        match change {
            FollowerOutput::Apply(entry) => {
                has_events = true;
                // The follower hands on each event once and in order, so nothing is refused.
                let appended = engine.append(entry.epoch, &entry.event);
                debug_assert_eq!(appended, Ok(entry.position));
            }
            FollowerOutput::Rewind(position) => {
                rewound = Some(rewound.map_or(position, |to| to.min(position)));
                engine.rewind(position);
            }
            FollowerOutput::Restore(snapshot) => {
                rewound = Some(Position::START);
                if let Err(error) = snapshot.restore(engine) {
                    problem = Some(format!("the snapshot at {}: {error}", snapshot.at.position));
                }
            }
            FollowerOutput::Forget => {
                rewound = Some(Position::START);
                // They were taken before.
                let cleared = engine.clear();
                debug_assert_eq!(cleared, Ok(()));
            }
            FollowerOutput::Connect { .. }
            | FollowerOutput::Refuse { .. }
            | FollowerOutput::WaitUntil(_) => {}
        }
    }
    let news = match (rewound, has_events) {
        (Some(to), _) => News::Rewind(to),
        (None, true) => News::Events,
        (None, false) => News::Nothing,
    };
    (news, problem)
}

fn result(outcome: &Outcome, head: Position) -> CommandResult {
    match outcome {
        Outcome::Accepted { positions, .. } => {
            let first = positions.first().map_or(0, |position| position.get());
            let last = positions.last().map_or(0, |position| position.get());
            if last <= head.get() {
                CommandResult::Repeated { first, last }
            } else {
                CommandResult::Accepted { first, last }
            }
        }
        Outcome::Rejected(reason) => CommandResult::Rejected { reason: reason.clone() },
    }
}

fn undecided() -> CommandResult {
    CommandResult::Unavailable {
        reason:
            "nobody has decided it for 10 s; it may still be done. Send it again with the same \
                 key: it is done once"
                .into(),
    }
}
