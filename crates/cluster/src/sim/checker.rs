//! What must hold in every moment of every run.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use everview_core::command::Outcome;
use everview_core::{Epoch, Event, Log, Position};

use super::Endpoint;
use crate::{Entry, NodeId, Serve, Ticket};

/// A promise was broken. The simulation stops where it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Two nodes lead at one epoch.
    #[error("expected {first} alone to lead at {epoch}, found {second} too")]
    TwoLeaders {
        /// The epoch.
        epoch: Epoch,
        /// Who led first.
        first: NodeId,
        /// Who leads too.
        second: NodeId,
    },
    /// A node counts another event as committed than was committed before.
    #[error("expected the committed `{expected}` at {position}, found `{found}` on {node}")]
    CommittedChanged {
        /// The node.
        node: NodeId,
        /// Where.
        position: Position,
        /// The event that was committed.
        expected: String,
        /// The event that is there now; empty when there is none.
        found: String,
    },
    /// A client was told of an event that is not in the committed log.
    #[error(
        "expected the event at {position}, which {ticket:?} was told of, found it not committed"
    )]
    AcknowledgedLost {
        /// The command.
        ticket: Ticket,
        /// Where its event should be.
        position: Position,
    },
    /// A command was done twice.
    #[error("expected the event `{id}` once, found it at {first} and {second}")]
    Doubled {
        /// The event.
        id: String,
        /// Where it was first.
        first: Position,
        /// Where it is too.
        second: Position,
    },
    /// The follower was given an event out of turn.
    #[error("expected the follower to be given {expected}, found {found}")]
    FollowerGap {
        /// What comes next.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// The follower has an event that is not in the committed log.
    #[error("expected the follower to have the committed event at {position}, found `{found}`")]
    FollowerDiffers {
        /// Where.
        position: Position,
        /// What the follower has there.
        found: String,
    },
    /// After everything was mended, somebody does not get to the end of the committed log.
    #[error("expected {who} to get to {expected}, found it at {found}")]
    NotConverged {
        /// Who does not.
        who: Endpoint,
        /// The end of the committed log.
        expected: Position,
        /// Where it is.
        found: Position,
    },
}

/// Sees everything and holds it against the promises.
#[derive(Debug)]
pub(super) struct Checker {
    serve: Serve,
    leaders: BTreeMap<Epoch, NodeId>,
    committed: Log,
    ids: BTreeMap<(String, String), Position>,
    followed: Vec<Entry>,
}

impl Checker {
    pub(super) fn new(serve: Serve) -> Self {
        Self {
            serve,
            leaders: BTreeMap::new(),
            committed: Log::new(),
            ids: BTreeMap::new(),
            followed: Vec::new(),
        }
    }

    pub(super) const fn committed(&self) -> &Log {
        &self.committed
    }

    /// The highest epoch that a node has led at.
    pub(super) fn epoch(&self) -> Epoch {
        self.leaders.last_key_value().map_or(Epoch::default(), |(&epoch, _)| epoch)
    }

    /// The last event that the follower has.
    pub(super) fn followed(&self) -> Position {
        Position::new(self.followed.len() as u64)
    }

    /// One leader per epoch.
    pub(super) fn promoted(&mut self, node: NodeId, epoch: Epoch) -> Result<(), Violation> {
        let first = *self.leaders.entry(epoch).or_insert(node);
        if first == node {
            Ok(())
        } else {
            Err(Violation::TwoLeaders { epoch, first, second: node })
        }
    }

    /// What is committed stays so, on every node that counts it as such.
    pub(super) fn commits(
        &mut self,
        node: NodeId,
        log: &Log,
        before: Position,
        now: Position,
    ) -> Result<(), Violation> {
        for number in before.get() + 1..=now.get() {
            let position = Position::new(number);
            let found = log.get(position);
            match (self.committed.get(position), found) {
                (None, Some(event)) => self.commit(&event)?,
                (Some(expected), Some(event)) if expected == event => {}
                (expected, found) => {
                    return Err(Violation::CommittedChanged {
                        node,
                        position,
                        expected: expected.map_or_else(String::new, |event| event.id.into()),
                        found: found.map_or_else(String::new, |event| event.id.into()),
                    });
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, event: &Event<'_>) -> Result<(), Violation> {
        let (id, position) = (String::from(&*event.id), event.position);
        let first = *self.ids.entry((event.source.into(), id.clone())).or_insert(position);
        if first != position || self.committed.append(event.epoch, &event.to_new()).is_err() {
            return Err(Violation::Doubled { id, first, second: position });
        }
        Ok(())
    }

    /// Nobody forgets what it knows to be committed.
    pub(super) fn rewound(
        &self,
        node: NodeId,
        to: Position,
        committed: Position,
    ) -> Result<(), Violation> {
        match self.committed.get(to.next()) {
            Some(event) if to < committed => Err(Violation::CommittedChanged {
                node,
                position: event.position,
                expected: event.id.into(),
                found: String::new(),
            }),
            _ => Ok(()),
        }
    }

    /// What a client is told of is committed, which is for ever.
    pub(super) fn acknowledges(
        &self,
        ticket: Ticket,
        outcome: &Outcome,
        log: &Log,
    ) -> Result<(), Violation> {
        let Outcome::Accepted { positions, .. } = outcome else { return Ok(()) };
        for &position in positions {
            let committed = self.committed.get(position).map(|event| event.id);
            if committed.is_none() || committed != log.get(position).map(|event| event.id) {
                return Err(Violation::AcknowledgedLost { ticket, position });
            }
        }
        Ok(())
    }

    /// The follower gets every event once, in order, and none that was not committed, unless it
    /// asked for those too.
    pub(super) fn applies(&mut self, entry: &Entry) -> Result<(), Violation> {
        let (expected, found) = (self.followed().next(), entry.position);
        if expected != found {
            return Err(Violation::FollowerGap { expected, found });
        }
        self.followed.push(entry.clone());
        match self.serve {
            Serve::Committed => self.check_followed(found),
            Serve::Appended => Ok(()),
        }
    }

    pub(super) fn rewinds(&mut self, to: Position) {
        self.followed.truncate(index(to.next()));
    }

    fn check_followed(&self, position: Position) -> Result<(), Violation> {
        let Some(entry) = self.followed.get(index(position)) else { return Ok(()) };
        if self.committed.get(position).is_some_and(|event| Entry::from(event) == *entry) {
            return Ok(());
        }
        Err(Violation::FollowerDiffers { position, found: entry.event.id.clone() })
    }

    /// When everything was mended and time enough has passed: all are at the end of one log.
    pub(super) fn settled(
        &self,
        logs: impl Iterator<Item = (NodeId, Position)>,
    ) -> Result<(), Violation> {
        let logs = logs.map(|(node, head)| (Endpoint::Node(node), head));
        let expected = self.committed.head();
        let follower = (Endpoint::Client, self.followed());
        for (who, found) in logs.chain([follower]) {
            if found != expected {
                return Err(Violation::NotConverged { who, expected, found });
            }
        }
        for number in 1..=expected.get() {
            self.check_followed(Position::new(number))?;
        }
        Ok(())
    }
}

/// Where the entry at `position` is in a list that begins with the first one.
fn index(position: Position) -> usize {
    usize::try_from(position.previous().get()).unwrap_or(usize::MAX)
}
