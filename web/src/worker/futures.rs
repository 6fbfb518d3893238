//! The log that is open and its other futures, one of which is looked at.

use everview_core::command::{Command, CommandBus, Past};
use everview_core::orders::Orders;
use everview_core::{
    CompareError, Diff, DispatchError, Edit, Engine, ForkError, ForkPlan, Forks, NewEvent, Outcome,
    Position,
};
use everview_protocol::session::{ForkState, WhatIf};

/// The source of events that only another future has.
const SOURCE: &str = "/what-if";

/// How the ids of events begin that a command decided on which only another future has.
const COMMAND: &str = "command/what-if-";

/// An engine with its forks.
#[derive(Debug, Default)]
pub(super) struct Futures {
    root: Engine,
    forks: Forks,
    /// The fork that is looked at; none looks at the log itself.
    current: Option<u64>,
    /// How many events and commands were made up, each of which has a name of its own.
    made_up: u64,
}

/// Why there is no such future.
#[derive(Debug, thiserror::Error)]
pub(super) enum WhatIfError {
    /// There is no event.
    #[error("there is no event #{position}")]
    NoEvent {
        /// Where it should be.
        position: u64,
    },
    /// The log does not take it.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// There is no decision on the command.
    #[error(transparent)]
    Undecided(#[from] DispatchError),
    /// The rules do not allow the command there.
    #[error("the command is rejected after #{after}: {reason}")]
    Rejected {
        /// Where.
        after: u64,
        /// Why.
        reason: String,
    },
    /// The command has nothing to do there.
    #[error("the command has nothing to do after #{after}")]
    Nothing {
        /// Where.
        after: u64,
    },
}

impl Futures {
    /// Those of an engine, which has none yet.
    pub(super) fn new(root: Engine) -> Self {
        Self { root, ..Self::default() }
    }

    /// The engine that is looked at.
    pub(super) fn engine(&self) -> &Engine {
        self.current
            .and_then(|number| self.forks.get(number))
            .map_or(&self.root, |fork| &fork.engine)
    }

    /// The same, to go about in.
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        match self.current.and_then(|number| self.forks.get_mut(number)) {
            Some(fork) => &mut fork.engine,
            None => &mut self.root,
        }
    }

    /// The engine of the log itself.
    pub(super) fn root(&self) -> &Engine {
        &self.root
    }

    /// The same, to put events into.
    pub(super) fn root_mut(&mut self) -> &mut Engine {
        &mut self.root
    }

    /// The fork that is looked at.
    pub(super) fn current(&self) -> Option<u64> {
        self.current
    }

    /// Looks at a fork or the log itself. Returns whether there is such a fork.
    pub(super) fn look_at(&mut self, number: Option<u64>) -> bool {
        let is_there = number.is_none_or(|number| self.forks.get(number).is_some());
        if is_there {
            self.current = number;
        }
        is_there
    }

    /// Forks what is looked at, and looks at the fork.
    ///
    /// # Errors
    ///
    /// When there is no such event, or the log does not take what comes.
    pub(super) fn fork(&mut self, what: &WhatIf) -> Result<(), WhatIfError> {
        let (edit, name) = self.edit(what)?;
        let number = self.forks.fork(&mut self.root, self.current, &name, &[edit])?;
        self.current = Some(number);
        Ok(())
    }

    fn edit(&mut self, what: &WhatIf) -> Result<(Edit, String), WhatIfError> {
        let log = self.engine().log();
        let event = |position: u64| {
            log.get(Position::new(position)).ok_or(WhatIfError::NoEvent { position })
        };
        Ok(match what {
            WhatIf::Without { position } => {
                let name = format!("without #{position} {}", event(*position)?.event_type);
                (Edit::drop(Position::new(*position)), name)
            }
            WhatIf::Changed { position, data } => {
                let event = event(*position)?;
                let name = format!("#{position} {} changed", event.event_type);
                let changed = NewEvent { data: data.clone(), ..event.to_new() };
                (Edit::change(Position::new(*position), changed), name)
            }
            WhatIf::Added { after, event_type, stream, data } => {
                // It happens when the one before it did: none knows better.
                let time = log.get(Position::new(*after)).and_then(|event| event.time);
                self.made_up += 1;
                let added = NewEvent {
                    id: self.made_up.to_string(),
                    source: SOURCE.into(),
                    event_type: event_type.clone(),
                    subject: stream.clone(),
                    time,
                    data: data.clone(),
                };
                let name = format!("{event_type} after #{after}");
                (Edit::add(Position::new(*after), vec![added]), name)
            }
            WhatIf::Commanded { after, command_type, stream, data } => {
                self.made_up += 1;
                let command = Command {
                    command_type: command_type.clone(),
                    stream: stream.clone(),
                    data: data.clone(),
                    idempotency_key: Some(format!("what-if-{}", self.made_up)),
                    expected_version: None,
                };
                let edit = decided(self.engine(), *after, &command)?;
                (edit, format!("{command_type} {stream} after #{after}"))
            }
        })
    }

    /// Forgets a fork and its own. One that is looked at gives way to what it was forked from.
    pub(super) fn discard(&mut self, number: u64) {
        let parent = self.forks.get(number).and_then(|fork| fork.plan.parent);
        self.forks.discard(number);
        if self.current.is_some_and(|current| self.forks.get(current).is_none()) {
            self.current = parent;
        }
    }

    /// Makes all forks again, when the views of the log itself are others.
    pub(super) fn make_again(&mut self) {
        let plans = self.plans();
        self.restore(plans);
    }

    /// What the forks are made from.
    pub(super) fn plans(&self) -> Vec<(u64, ForkPlan)> {
        self.forks.iter().map(|(number, fork)| (number, fork.plan.clone())).collect()
    }

    /// Makes forks, unless the log is not that of which they were made: then there are none.
    pub(super) fn restore(&mut self, plans: Vec<(u64, ForkPlan)>) {
        let edits = plans.iter().flat_map(|(_, plan)| &plan.edits);
        let numbers = edits.flat_map(|edit| &edit.events).filter_map(number_of);
        self.made_up = numbers.max().unwrap_or_default();
        self.forks = Forks::of_plans(&mut self.root, plans).unwrap_or_default();
        self.look_at(self.current.filter(|number| self.forks.get(*number).is_some()));
    }

    /// Every fork in a line, each after its parent.
    pub(super) fn states(&self) -> Vec<ForkState> {
        let state = |(number, fork): (u64, &everview_core::Fork)| ForkState {
            number,
            name: fork.plan.name.clone(),
            parent: fork.plan.parent,
            parting: fork.parting().get(),
            head: fork.engine.head().get(),
        };
        self.forks.iter().map(state).collect()
    }

    /// What differs between a view in what the current fork was forked from and in the fork itself at
    /// a position. Nothing if no fork is looked at.
    pub(super) fn diff_with_parent(
        &mut self,
        view: &str,
        position: Position,
    ) -> Option<Result<Diff, CompareError>> {
        let number = self.current?;
        let plan = &self.forks.get(number)?.plan;
        let (parent, before) = (plan.parent, before(plan, position));
        let sides = ((parent, before), (Some(number), position));
        Some(self.forks.diff(&mut self.root, view, sides.0, sides.1))
    }
}

/// Where somebody is in what a fork was made of who is at a position of the fork.
fn before(plan: &ForkPlan, position: Position) -> Position {
    // How many events a place of the fork lies behind that of its parent, and how many ahead.
    let (mut behind, mut ahead) = (0, 0);
    for edit in &plan.edits {
        let begin = edit.after.get() + ahead - behind;
        let Some(inside) = position.get().checked_sub(begin) else { break };
        let added = edit.events.len() as u64;
        if inside < added {
            return Position::new(edit.after.get() + inside.min(edit.dropped));
        }
        (behind, ahead) = (behind + edit.dropped, ahead + added);
    }
    Position::new((position.get() + behind - ahead).min(plan.head.get()))
}

/// What a command does after a position, as an edit. It happens when the event before it did.
fn decided(engine: &Engine, after: u64, command: &Command) -> Result<Edit, WhatIfError> {
    let (log, position) = (engine.log(), Position::new(after));
    let mut bus = CommandBus::new();
    let registered = bus.register(Orders);
    debug_assert_eq!(registered, Ok(()), "there is no other decider");
    let (mut past, epoch) = (Past::new(log, position), log.epoch_at(position));
    let time = log.time(position).unwrap_or_default();
    if let Outcome::Rejected(reason) = bus.dispatch(&mut past, epoch, time, command)? {
        return Err(WhatIfError::Rejected { after, reason });
    }
    let events = past.into_events();
    if events.is_empty() {
        Err(WhatIfError::Nothing { after })
    } else {
        Ok(Edit::add(position, events))
    }
}

/// The number of what an event was made up by.
fn number_of(event: &NewEvent) -> Option<u64> {
    if event.source == SOURCE {
        return event.id.parse().ok();
    }
    event.id.strip_prefix(COMMAND)?.split('/').next()?.parse().ok()
}
