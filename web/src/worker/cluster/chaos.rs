//! What goes wrong on purpose: the steps of a scenario, and what somebody does by hand.

use everview_cluster::sim::{Action, Edits, Fault, Script, Step, Violation, Work};
use everview_core::{Position, Timestamp};
use everview_protocol::session::{ChaosState, FaultState, StepState};

use super::world::World;

/// The most steps to come that are told.
const NEXT: usize = 20;

/// The most steps that were done that are told.
const DONE: usize = 200;

/// How long everybody has to agree after everything was mended, at the end of a script, in
/// milliseconds.
const PEACE: i64 = 10_000;

/// A script that is played, and that grows by what somebody does.
#[derive(Debug)]
pub(super) struct Chaos {
    /// With the steps that happened only.
    played: Script,
    /// The steps to come, the last one first.
    next: Vec<Step>,
    /// The page's client had these events when the steps happened and ended.
    places: Vec<Places>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Places {
    begun: Option<Position>,
    ended: Option<Position>,
}

impl Chaos {
    pub(super) fn new(mut script: Script) -> Self {
        let mut next = std::mem::take(&mut script.steps);
        next.reverse();
        Self { played: script, next, places: Vec::new() }
    }

    pub(super) const fn is_shop(&self) -> bool {
        matches!(self.played.work, Work::Orders { .. })
    }

    pub(super) const fn has_servers(&self) -> bool {
        !self.played.config.servers.is_empty()
    }

    /// Lets time pass, and happen what is due.
    pub(super) fn advance(&mut self, world: &mut World, to: Timestamp) -> Result<(), Violation> {
        let start = world.start_time();
        let due = |step: &Step| start.plus_millis(step.at.millis());
        while let Some(at) = self.next.last().map(due).filter(|at| *at <= to) {
            world.advance(at)?;
            if let Some(step) = self.next.pop() {
                self.happen(world, step)?;
            }
        }
        world.advance(to)
    }

    /// Lets a step happen now.
    pub(super) fn happen(&mut self, world: &mut World, step: Step) -> Result<(), Violation> {
        let happened = world.happen(&step);
        self.played.steps.push(step);
        self.places.push(Places::default());
        happened
    }

    /// Notes which events the client had when steps happened or ended: those that it has now.
    pub(super) fn note(&mut self, passed_ms: i64, head: Position) {
        for (step, places) in self.played.steps.iter().zip(&mut self.places).rev().take(DONE) {
            places.begun.get_or_insert(head);
            let is_over = end(step).is_some_and(|end| end <= passed_ms);
            if is_over {
                places.ended.get_or_insert(head);
            }
        }
    }

    /// Puts steps where they belong in a log whose events are in the order of the time at which they were
    /// made.
    pub(super) fn relocate(&mut self, passed_ms: i64, position_at: impl Fn(i64) -> Position) {
        for (step, places) in self.played.steps.iter().zip(&mut self.places).rev().take(DONE) {
            places.begun = Some(position_at(step.at.millis()));
            let end = end(step).filter(|end| *end <= passed_ms);
            places.ended = end.map(&position_at);
        }
    }

    /// All that happened so far, with an end in which all have to agree.
    pub(super) fn script(&self, passed_ms: i64) -> Script {
        let now = Timestamp::from_millis(passed_ms);
        let end = now.plus_millis(PEACE);
        let mut script = self.played.clone();
        script.work = match script.work {
            Work::Orders { pace, until } => {
                Work::Orders { pace, until: Some(until.map_or(now, |until| until.min(now))) }
            }
            Work::Regions(Some(edits)) => {
                Work::Regions(Some(Edits { until: edits.until.min(now), ..edits }))
            }
            other => other,
        };
        if !script.steps.is_empty() {
            script.steps.push(Step { at: now, action: Action::Fault(Fault::Mend), for_ms: None });
        }
        script.until = end;
        script
    }

    /// As the page shows it.
    pub(super) fn state(&self) -> ChaosState {
        let about = self.played.about.join("\n");
        let latest = self.played.steps.iter().zip(&self.places).rev().take(DONE);
        ChaosState {
            about: (!about.is_empty()).then_some(about),
            next: self.next.iter().rev().take(NEXT).map(told).collect(),
            queued: self.next.len() as u64,
            done: latest.map(|(step, places)| fault(step, *places)).collect(),
        }
    }
}

/// When a step ends by itself, in milliseconds since the start.
fn end(step: &Step) -> Option<i64> {
    step.for_ms.map(|lasts| step.at.millis().saturating_add(lasts))
}

fn told(step: &Step) -> StepState {
    let line = step.to_string();
    // All but `at 1.5 s `.
    let text = line.splitn(4, ' ').nth(3).unwrap_or_default().to_owned();
    StepState { at_ms: whole(step.at.millis()), text }
}

fn fault(step: &Step, places: Places) -> FaultState {
    FaultState {
        step: told(step),
        position: places.begun.unwrap_or_default().get(),
        until_ms: end(step).map(whole),
        until_position: places.ended.map(Position::get),
        mends: mends(&step.action),
        is_write: matches!(
            step.action,
            Action::Pay { .. } | Action::Edit { .. } | Action::Restore { .. }
        ),
    }
}

const fn mends(action: &Action) -> bool {
    matches!(
        action,
        Action::Fault(
            Fault::Restart(_)
                | Fault::Thaw(_)
                | Fault::ResumeDisk(_)
                | Fault::Drift(_, 0)
                | Fault::Undrain(_)
                | Fault::Heal
                | Fault::Calm
                | Fault::Mend
        )
    )
}

fn whole(millis: i64) -> u64 {
    u64::try_from(millis).unwrap_or(0)
}
