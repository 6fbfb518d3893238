//! Deciding commands from the events of one stream.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Display;

use super::{DispatchError, Message};
use crate::Event;
use crate::json::Json;

/// Decides commands, purely: the same events and the same command give the same answer.
///
/// The state is only what the decision needs; it is folded from the stream each time and never
/// stored. `everview_core::testkit` (feature `testkit`) tests one in a sentence.
pub trait Decider {
    /// What the decisions depend on; its default is a stream without events.
    type State: Default;
    /// The events of its streams.
    type Event: Message;
    /// The commands it decides.
    type Command: Message;
    /// Why it says no, for the person who asked.
    type Rejection: Display;

    /// The `source` of its events, such as `/shop`.
    const SOURCE: &'static str;

    /// Folds one event into the state.
    fn evolve(&self, state: &mut Self::State, event: &Self::Event);

    /// The events that a command causes; none if everything is as it asks already.
    ///
    /// # Errors
    ///
    /// Why the rules do not allow it.
    fn decide(
        &self,
        state: &Self::State,
        command: Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;
}

/// The events that were decided on, or the reason for a no.
pub type Decision = Result<Vec<Draft>, String>;

/// An event that was decided on and has no name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub event_type: Cow<'static, str>,
    /// What is to be known about it: JSON text.
    pub data: String,
}

/// A decider whose messages are type names and JSON text, as where another language decides. Every
/// [`Decider`] is one.
pub trait AnyDecider {
    /// The types of the commands that it decides.
    fn command_types(&self) -> Vec<Cow<'static, str>>;

    /// The `source` of its events, such as `/shop`.
    fn source(&self) -> &str;

    /// Decides a command from the events of its stream and the JSON of its data.
    ///
    /// # Errors
    ///
    /// Why there is no decision, such as [`DispatchError::Undecided`].
    fn decide(
        &self,
        stream: &[Event<'_>],
        command_type: &str,
        data: Json<'_>,
    ) -> Result<Decision, DispatchError>;
}

impl<D: Decider> AnyDecider for D {
    fn command_types(&self) -> Vec<Cow<'static, str>> {
        D::Command::TYPES.iter().copied().map(Cow::Borrowed).collect()
    }

    fn source(&self) -> &str {
        D::SOURCE
    }

    fn decide(
        &self,
        stream: &[Event<'_>],
        command_type: &str,
        data: Json<'_>,
    ) -> Result<Decision, DispatchError> {
        let command = D::Command::read(command_type, data).map_err(|error| {
            DispatchError::InvalidCommand { command_type: command_type.into(), error }
        })?;
        let mut state = D::State::default();
        for event in stream {
            if let Some(event) = read_event::<D::Event>(event)? {
                self.evolve(&mut state, &event);
            }
        }
        let decided = Decider::decide(self, &state, command);
        Ok(decided.map_err(|reason| reason.to_string()).map(|events| {
            let draft = |event: &D::Event| Draft {
                event_type: Cow::Borrowed(event.type_name()),
                data: event.data(),
            };
            events.iter().map(draft).collect()
        }))
    }
}

/// The typed event; none if it is of a type that the decider does not know, since others may write
/// to a stream too.
fn read_event<E: Message>(event: &Event<'_>) -> Result<Option<E>, DispatchError> {
    if !E::TYPES.contains(&event.event_type) {
        return Ok(None);
    }
    let unreadable = |problem: String| DispatchError::UnreadableEvent {
        position: event.position,
        event_type: event.event_type.into(),
        problem,
    };
    let data = Json::parse(&event.data).map_err(|error| unreadable(error.to_string()))?;
    E::read(event.event_type, data).map(Some).map_err(|error| unreadable(error.to_string()))
}
