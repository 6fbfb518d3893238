//! The simulated cluster that is the source when no file is open.

mod beliefs;
mod chaos;
mod past;
mod seen;
mod sla;

use everview_cluster::sim::{Script, Simulation, Work};
use everview_cluster::{FollowerOutput, Ticket};
use everview_core::command::Command;
use everview_core::{Definitions, Engine, Outcome, Position, Timestamp};
use everview_protocol::session::{CommandOutcome, CommandResult, DigestCheck};

use chaos::Chaos;
use past::Past;
use sla::Observer;

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

/// A cluster, what people asked of it, and a fold of its log to compare the client's views with.
pub(super) struct Cluster {
    simulation: Simulation,
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
    /// Events were taken back, and others may have been added.
    Rewind,
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
        while cluster.simulation.committed_log().head().get() < HISTORY
            && cluster.violation.is_none()
        {
            cluster.pass(HISTORY_STEP, HISTORY_STEP);
        }
        cluster
    }

    /// The cluster that a scenario tells of, about to start.
    pub(super) fn of(script: Script) -> Self {
        Self {
            simulation: script.simulation(None),
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
    pub(super) fn is_shop(&self) -> bool {
        self.chaos.is_shop()
    }

    /// Lets so many milliseconds pass.
    pub(super) fn advance(&mut self, milliseconds: i64) {
        self.pass(milliseconds.min(LONGEST_TICK), LOOK);
    }

    /// Lets time pass, and looks at the client as often as it is told to.
    fn pass(&mut self, milliseconds: i64, look_every: i64) {
        let to = self.simulation.now().plus_millis(milliseconds);
        while self.violation.is_none() {
            let look = self.simulation.now().plus_millis(look_every).min(to);
            match self.chaos.advance(&mut self.simulation, look) {
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
        let status = self.simulation.status();
        if let Some(follower) = status.followers.first() {
            self.observer.look(status.now, follower.health);
        }
        self.past.note(&status);
    }

    /// Does to an engine what the follower of the cluster says.
    pub(super) fn feed(&mut self, engine: &mut Engine) -> News {
        let mut news = News::Nothing;
        for change in self.simulation.drain() {
            match change {
                FollowerOutput::Apply(entry) => {
                    news = news.max(News::Events);
                    // The follower hands on each event once and in order, so nothing is refused.
                    let appended = engine.append(entry.epoch, &entry.event);
                    debug_assert_eq!(appended, Ok(entry.position));
                }
                FollowerOutput::Rewind(position) => {
                    news = News::Rewind;
                    engine.rewind(position);
                }
                FollowerOutput::Restore(snapshot) => {
                    news = News::Rewind;
                    if let Err(problem) = snapshot.restore(engine) {
                        let position = snapshot.at.position;
                        self.violation = Some(format!("the snapshot at {position}: {problem}"));
                    }
                }
                FollowerOutput::Forget => {
                    news = News::Rewind;
                    // They were taken before.
                    let cleared = engine.clear();
                    debug_assert_eq!(cleared, Ok(()));
                }
                FollowerOutput::Connect { .. }
                | FollowerOutput::Refuse { .. }
                | FollowerOutput::WaitUntil(_) => {}
            }
        }
        let passed = self.simulation.now().millis_since(self.simulation.start_time());
        self.chaos.note(passed, engine.head());
        news
    }

    /// Begins to compare views of these definitions, which snapshots are of from now on too.
    pub(super) fn define(&mut self, definitions: &Definitions) {
        self.witness = Engine::default();
        // The engine of the page has taken them already.
        let defined = self.witness.define(definitions);
        debug_assert_eq!(defined, Ok(()));
        let defined = self.simulation.define(definitions);
        debug_assert_eq!(defined, Ok(()));
        self.check = None;
    }

    /// Compares an engine's views with a fold of the committed log up to the same position.
    pub(super) fn compare(&mut self, engine: &Engine) {
        for event in self.simulation.committed_log().after(self.witness.head()) {
            let appended = self.witness.append(event.epoch, &event.to_new());
            debug_assert_eq!(appended, Ok(event.position));
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
    pub(super) fn dispatch(&mut self, id: u32, command: Command) {
        let head = self.simulation.committed_log().head();
        let ticket = self.simulation.submit(command);
        self.asked.push(Asked { id, ticket, at: self.simulation.now(), head });
    }

    /// What came of commands since this was last asked, by the number of their request.
    pub(super) fn decided(&mut self) -> Vec<(u32, CommandOutcome)> {
        if self.asked.is_empty() {
            return Vec::new();
        }
        let now = self.simulation.now();
        // Which server decided it, the client is not told.
        let leader = self.simulation.status().leader.filter(|_| !self.chaos.has_servers());
        let node = leader.map(|leader| leader.to_string());
        let mut decided = Vec::new();
        self.asked.retain(|asked| {
            let result = match self.simulation.decided(asked.ticket) {
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
        let step = Chaos::step(&self.simulation, text)?;
        if let Err(violation) = self.chaos.happen(&mut self.simulation, step) {
            self.violation = Some(violation.to_string());
        }
        self.advance(0);
        Ok(())
    }

    /// The script of all that went wrong so far.
    pub(super) fn script(&self) -> String {
        self.chaos.script(&self.simulation).to_string()
    }
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
