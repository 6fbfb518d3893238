//! Which commands were answered already.
//!
//! An accepted command is remembered by the log itself: the ids of its events are made from its
//! key, so that the answer survives a restart and a failover, and is gone exactly when its events
//! are. What leaves no event (a no, or nothing to do) is remembered here, for the latest keys,
//! with the end of the stream it was decided at: a rewind that takes that away takes away the
//! answer.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;

use xxhash_rust::xxh3::Xxh3;

use super::{Command, Outcome};
use crate::{Epoch, Event, Position};

/// How many of the latest keys are remembered.
pub(super) const KEPT: usize = 1 << 16;

/// The last event of a stream. No two histories have different events of one epoch at one
/// position.
pub(super) type End = Option<(Position, Epoch)>;

#[derive(Debug, Default)]
pub(super) struct Keys {
    answers: BTreeMap<String, Answer>,
    /// The keys from the oldest to the latest.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Answer {
    /// What the command was, to tell a retry from another use of its key.
    command: u128,
    /// The outcome and the end it was decided at; none if the log remembers it.
    outcome: Option<(Outcome, End)>,
}

impl Keys {
    /// Whether the key was used by a command of another type, stream or data.
    pub(super) fn is_reused(&self, key: &str, command: &Command) -> bool {
        self.answers.get(key).is_some_and(|answer| answer.command != fingerprint(command))
    }

    /// The first outcome of a command that left no event, if `stream` still has the end that it
    /// was decided at.
    pub(super) fn outcome(&self, key: &str, stream: &[Event<'_>]) -> Option<Outcome> {
        let (outcome, end) = self.answers.get(key)?.outcome.as_ref()?;
        let is_there = end.is_none_or(|end| stream.iter().any(|event| end == place(event)));
        is_there.then(|| outcome.clone())
    }

    pub(super) fn remember(
        &mut self,
        key: &str,
        command: &Command,
        outcome: Option<(Outcome, End)>,
    ) {
        let answer = Answer { command: fingerprint(command), outcome };
        if self.answers.insert(key.into(), answer).is_none() {
            self.order.push_back(key.into());
        }
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

pub(super) fn end(stream: &[Event<'_>]) -> End {
    stream.last().map(place)
}

fn place(event: &Event<'_>) -> (Position, Epoch) {
    (event.position, event.epoch)
}

fn fingerprint(command: &Command) -> u128 {
    let mut hasher = Xxh3::new();
    for part in [&command.command_type, &command.stream, &command.data] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.digest128()
}
