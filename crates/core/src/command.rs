//! Commands: requests that may be refused, and the bus that decides them.

mod decider;
mod keys;
mod message;
mod middleware;
mod outbox;
mod past;
mod store;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Json, JsonError};
use crate::{AppendError, Epoch, Event, NewEvent, Position, Timestamp};

use keys::Keys;

pub use decider::{AnyDecider, Decider, Decision, Draft};
pub use message::{Fields, Message, MessageError, ObjectWriter};
pub use middleware::{Middleware, Next};
pub use outbox::{Outbox, Pending};
pub use past::Past;
pub use store::{EventStore, StoreError};

/// The longest idempotency key, in bytes.
const LONGEST_KEY: usize = 255;

/// A request that something be done to one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is asked, such as `PayOrder`.
    pub command_type: String,
    /// The stream that it is about.
    pub stream: String,
    /// What is to be known about it: JSON text.
    pub data: String,
    /// A name for this request, the same when it is sent again: it is then done once.
    pub idempotency_key: Option<String>,
    /// The version the stream must have, if whoever asks wants nobody to have been faster.
    pub expected_version: Option<u64>,
}

impl Command {
    /// A typed command for a stream, without key and expected version.
    pub fn new<M: Message>(stream: impl Into<String>, command: &M) -> Self {
        Self {
            command_type: command.type_name().into(),
            stream: stream.into(),
            data: command.data(),
            idempotency_key: None,
            expected_version: None,
        }
    }

    /// The same command with an idempotency key.
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Accepted {
        /// The positions of its events; none if there was nothing to do.
        positions: Vec<Position>,
        /// The version of the stream after them.
        version: u64,
    },
    /// The rules do not allow it, and this is why. Nothing was appended.
    Rejected(String),
}

/// A command came to no decision. Nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// Nobody decides commands of this type.
    #[error("no decider is registered for the command type `{command_type}`")]
    NoDecider {
        /// The type.
        command_type: String,
    },
    /// The data of the command is not JSON.
    #[error("the data of the command `{command_type}` is not JSON: {error}")]
    InvalidJson {
        /// Its type.
        command_type: String,
        /// Where and why.
        error: JsonError,
    },
    /// The data of the command is not what its type needs.
    #[error("the command `{command_type}` cannot be read: {error}")]
    InvalidCommand {
        /// Its type.
        command_type: String,
        /// The field.
        error: MessageError,
    },
    /// A command is shown before the server has decided it, and has no idempotency key by which it
    /// would be recognised when it has.
    #[error("expected an idempotency key of 1 to {LONGEST_KEY} bytes, found none")]
    NoKey,
    /// The idempotency key is empty or too long.
    #[error("expected an idempotency key of 1 to {LONGEST_KEY} bytes, found one of {found}")]
    KeyLength {
        /// Its length in bytes.
        found: usize,
    },
    /// The idempotency key was used for another command.
    #[error("the idempotency key `{key}` was used for another command")]
    KeyReused {
        /// The key.
        key: String,
    },
    /// The stream is not at the version that the command expects.
    #[error("expected `{stream}` at version {expected}, found it at {found}")]
    Conflict {
        /// The stream.
        stream: String,
        /// The version the command expects.
        expected: u64,
        /// The version the stream has.
        found: u64,
    },
    /// The log does not hold the whole stream, as after a restore, so nothing can be decided.
    #[error("expected {expected} events of `{stream}`, the log holds {found} of them")]
    IncompleteStream {
        /// The stream.
        stream: String,
        /// Its version.
        expected: u64,
        /// How many of its events there are.
        found: u64,
    },
    /// An event of the stream is not what its type needs.
    #[error("the event `{event_type}` at {position} cannot be read: {problem}")]
    UnreadableEvent {
        /// Its position.
        position: Position,
        /// Its type.
        event_type: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The decider itself failed.
    #[error("the command `{command_type}` was not decided: {problem}")]
    Undecided {
        /// Its type.
        command_type: String,
        /// What the decider says.
        problem: String,
    },
    /// A middleware does not let the command pass.
    #[error("refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// The log does not take the events.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// A command type has a decider already. The bus is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a decider for the command type `{command_type}` is registered already")]
pub struct RegisterError {
    /// The type.
    pub command_type: String,
}

/// Who decides commands of which type.
type Deciders = BTreeMap<Cow<'static, str>, Rc<dyn AnyDecider>>;

/// Takes commands to the deciders registered for their types, and what they decide to a log.
///
/// A command that is sent again with its idempotency key is answered as the first time. This also
/// holds on another node, since the ids of a command's events follow from its key.
#[derive(Default)]
pub struct CommandBus {
    deciders: Deciders,
    middleware: Vec<Box<dyn Middleware>>,
    keys: Keys,
}

impl CommandBus {
    /// A bus without deciders.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a decider for all its command types.
    ///
    /// # Errors
    ///
    /// When one of them has a decider; then none is registered.
    pub fn register(&mut self, decider: impl AnyDecider + 'static) -> Result<(), RegisterError> {
        let types = decider.command_types();
        if let Some(known) = types.iter().find(|name| self.deciders.contains_key(*name)) {
            return Err(RegisterError { command_type: known.clone().into_owned() });
        }
        let decider: Rc<dyn AnyDecider> = Rc::new(decider);
        self.deciders.extend(types.into_iter().map(|name| (name, Rc::clone(&decider))));
        Ok(())
    }

    /// Adds a middleware inside of those added before it: the first one added sees a command first
    /// and its outcome last.
    pub fn wrap(&mut self, middleware: impl Middleware + 'static) {
        self.middleware.push(Box::new(middleware));
    }

    /// Decides a command and appends its events to `log`, as happened at `now`.
    ///
    /// # Errors
    ///
    /// Why there was no decision. A command that the rules refuse is no error but an
    /// [`Outcome::Rejected`].
    pub fn dispatch(
        &mut self,
        log: &mut dyn EventStore,
        epoch: Epoch,
        now: Timestamp,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        let Self { deciders, middleware, keys } = self;
        let mut decide = |command: &Command| {
            Desk { keys, log: &mut *log, epoch, now }.dispatch(deciders, command)
        };
        Next { rest: middleware, now, decide: &mut decide }.run(command)
    }

    /// Decides a command as [`CommandBus::dispatch`] does and remembers nothing of it, but for what is
    /// in the log: for whoever decides on a copy, and has to decide again when the copy was behind.
    ///
    /// # Errors
    ///
    /// The same.
    ///
    /// ```
    /// use everview_core::command::{CommandBus, Outcome, Past};
    /// use everview_core::orders::{OrderStream, Orders};
    /// use everview_core::{Epoch, Log};
    ///
    /// let mut bus = CommandBus::new();
    /// bus.register(Orders)?;
    /// let placed = OrderStream::new(7).next().unwrap();
    /// let log = Log::new();
    /// let mut copy = Past::new(&log, log.head());
    /// let outcome = bus.decide(&mut copy, Epoch::new(1), placed.time, &placed.to_command())?;
    /// assert!(matches!(outcome, Outcome::Accepted { version: 1, .. }));
    /// assert_eq!(copy.into_events().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide(
        &mut self,
        log: &mut dyn EventStore,
        epoch: Epoch,
        now: Timestamp,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        self.predict(log, epoch, now, command).1
    }

    /// Decides a command ahead of who really decides it, so that its key is not used up; and the
    /// command as middleware passed it on, if it did.
    fn predict(
        &mut self,
        log: &mut dyn EventStore,
        epoch: Epoch,
        now: Timestamp,
        command: &Command,
    ) -> (Option<Command>, Result<Outcome, DispatchError>) {
        let Self { deciders, middleware, .. } = self;
        let mut passed = None;
        let mut decide = |command: &Command| {
            passed = Some(command.clone());
            ahead(deciders, &mut *log, epoch, now, command)
        };
        let outcome = Next { rest: middleware, now, decide: &mut decide }.run(command);
        (passed, outcome)
    }

    /// The same again for a command that middleware has passed.
    fn decide_again(
        &self,
        log: &mut dyn EventStore,
        epoch: Epoch,
        now: Timestamp,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        ahead(&self.deciders, log, epoch, now, command)
    }
}

/// Decides a command without a memory of earlier decisions, but for what is in the log.
fn ahead(
    deciders: &Deciders,
    log: &mut dyn EventStore,
    epoch: Epoch,
    now: Timestamp,
    command: &Command,
) -> Result<Outcome, DispatchError> {
    Desk { keys: &mut Keys::default(), log, epoch, now }.dispatch(deciders, command)
}

impl core::fmt::Debug for CommandBus {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let types: Vec<_> = self.deciders.keys().collect();
        f.debug_struct("CommandBus").field("command_types", &types).finish_non_exhaustive()
    }
}

/// Where one command is decided.
struct Desk<'a> {
    keys: &'a mut Keys,
    log: &'a mut dyn EventStore,
    epoch: Epoch,
    now: Timestamp,
}

impl Desk<'_> {
    fn dispatch(
        &mut self,
        deciders: &Deciders,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        let decider = deciders.get(command.command_type.as_str()).ok_or_else(|| {
            DispatchError::NoDecider { command_type: command.command_type.clone() }
        })?;
        let stream = self.log.stream(&command.stream);
        let version = self.log.version(&command.stream);
        if let Some(key) = &command.idempotency_key
            && let Some(outcome) = self.first_outcome(decider.source(), key, command, &stream)?
        {
            return Ok(outcome);
        }
        check_stream(command, &stream, version)?;
        let data = Json::parse(&command.data).map_err(|error| DispatchError::InvalidJson {
            command_type: command.command_type.clone(),
            error,
        })?;
        let decision = decider.decide(&stream, &command.command_type, data)?;
        let end = keys::end(&stream);
        let outcome = match decision {
            Err(reason) => Outcome::Rejected(reason),
            Ok(drafts) => self.append(decider.source(), command, version, drafts)?,
        };
        if let Some(key) = &command.idempotency_key {
            let has_events =
                matches!(&outcome, Outcome::Accepted { positions, .. } if !positions.is_empty());
            let kept = (!has_events).then(|| (outcome.clone(), end));
            self.keys.remember(key, command, kept);
        }
        Ok(outcome)
    }

    /// What a command with this key was answered before.
    fn first_outcome(
        &self,
        source: &str,
        key: &str,
        command: &Command,
        stream: &[Event<'_>],
    ) -> Result<Option<Outcome>, DispatchError> {
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(DispatchError::KeyLength { found: key.len() });
        }
        if self.keys.is_reused(key, command) {
            return Err(DispatchError::KeyReused { key: key.into() });
        }
        let is_from_it = |event: &&Event<'_>| event.source == source && is_event_of(key, &event.id);
        let events: Vec<&Event<'_>> = stream.iter().filter(is_from_it).collect();
        Ok(match events.last() {
            Some(last) => Some(Outcome::Accepted {
                positions: events.iter().map(|event| event.position).collect(),
                version: last.version,
            }),
            None => self.keys.outcome(key, stream),
        })
    }

    fn append(
        &mut self,
        source: &str,
        command: &Command,
        version: u64,
        drafts: Vec<Draft>,
    ) -> Result<Outcome, DispatchError> {
        let events: Vec<NewEvent> = (1..)
            .zip(drafts)
            .map(|(number, draft)| NewEvent {
                id: event_id(command, version, number),
                source: source.into(),
                event_type: draft.event_type.into_owned(),
                subject: command.stream.clone(),
                time: Some(self.now),
                data: draft.data,
            })
            .collect();
        match self.log.append_all(self.epoch, version, &events) {
            Ok(positions) => {
                Ok(Outcome::Accepted { positions, version: version + events.len() as u64 })
            }
            Err(StoreError::Append(error)) => Err(error.into()),
            Err(StoreError::Version { expected, found }) => {
                Err(DispatchError::Conflict { stream: command.stream.clone(), expected, found })
            }
        }
    }
}

fn check_stream(
    command: &Command,
    stream: &[Event<'_>],
    version: u64,
) -> Result<(), DispatchError> {
    let found = stream.len() as u64;
    if found != version {
        let stream = command.stream.clone();
        return Err(DispatchError::IncompleteStream { stream, expected: version, found });
    }
    match command.expected_version {
        Some(expected) if expected != version => Err(DispatchError::Conflict {
            stream: command.stream.clone(),
            expected,
            found: version,
        }),
        _ => Ok(()),
    }
}

/// The id of the event that a command causes as its `number`th, from 1. Two commands never share
/// one, and one command has the same on every node: with a key they follow from it, without from
/// the place in the stream.
fn event_id(command: &Command, version: u64, number: u64) -> String {
    match &command.idempotency_key {
        Some(key) => format!("command/{key}/{number}"),
        None => format!("stream/{}/{}", command.stream, version + number),
    }
}

/// Whether an event with this id is one that a command with this idempotency key causes.
///
/// ```
/// use everview_core::command::is_event_of;
///
/// assert!(is_event_of("order-1-0", "command/order-1-0/2"));
/// assert!(!is_event_of("order-1", "command/order-1-0/2"));
/// ```
pub fn is_event_of(key: &str, id: &str) -> bool {
    let rest = id.strip_prefix("command/").and_then(|id| id.strip_prefix(key)?.strip_prefix('/'));
    rest.is_some_and(|number| !number.contains('/'))
}
