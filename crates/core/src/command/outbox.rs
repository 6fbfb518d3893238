//! Commands that are shown before the server has decided them.

use alloc::vec::Vec;

use super::{Command, CommandBus, DispatchError, Outcome};
use crate::{Engine, Position, Timestamp};

/// The commands that a client has sent and not heard of yet. What they will do is decided here too,
/// ahead of the server, and shown at once: their events stand at the end of the engine's log, behind
/// those that are confirmed.
///
/// Whatever the server says is taken in by [`Outbox::confirmed`]: the log is rewound to what was
/// confirmed, goes on from there as the server has it, and the commands that are still pending are
/// decided anew. So nothing of what was guessed is left, whether the guess was right or not. A
/// command is known to be confirmed by the ids of its events, which follow from its idempotency key
/// on every node, or by the server's answer ([`Outbox::accepted`], [`Outbox::refused`]).
///
/// What rows are pending is the [`Engine::diff`] from [`Outbox::position`] to the head, and
/// [`Engine::query_at`] that position shows confirmed rows only.
///
/// ```
/// use everview_core::command::{Fields, Message, MessageError, ObjectWriter, Outbox};
/// use everview_core::json::Json;
/// use everview_core::{Command, CommandBus, Decider, Engine, Outcome, Position, Timestamp};
///
/// /// A seat that is taken by the first who asks; command and event look the same here.
/// struct Seats;
/// struct Taken(String);
///
/// impl Message for Taken {
///     const TYPES: &'static [&'static str] = &["Take"];
///     fn type_name(&self) -> &'static str {
///         "Take"
///     }
///     fn data(&self) -> String {
///         ObjectWriter::new().text("by", &self.0).finish()
///     }
///     fn read(_: &str, data: Json<'_>) -> Result<Self, MessageError> {
///         Fields::of(data).text("by").map(|by| Self(by.into()))
///     }
/// }
///
/// impl Decider for Seats {
///     type State = Option<String>;
///     type Event = Taken;
///     type Command = Taken;
///     type Rejection = String;
///     const SOURCE: &'static str = "/seats";
///     fn evolve(&self, state: &mut Self::State, event: &Taken) {
///         *state = Some(event.0.clone());
///     }
///     fn decide(&self, state: &Self::State, command: Taken) -> Result<Vec<Taken>, String> {
///         match state {
///             Some(by) => Err(format!("taken by {by}")),
///             None => Ok(vec![command]),
///         }
///     }
/// }
///
/// let mut bus = CommandBus::new();
/// bus.register(Seats)?;
/// let mut engine = Engine::default();
/// let mut outbox = Outbox::new(&engine);
/// let now = Timestamp::from_millis(0);
/// let take = Command::new("seat-1", &Taken("me".into())).with_key("k1");
/// let outcome = outbox.dispatch(&mut engine, &mut bus, now, &take)?;
/// assert_eq!(outcome, Outcome::Accepted { positions: vec![Position::new(1)], version: 1 });
/// assert_eq!((engine.head(), outbox.position()), (Position::new(1), Position::START));
///
/// // Somebody else was faster.
/// let other = everview_core::NewEvent {
///     id: "command/k2/1".into(),
///     source: "/seats".into(),
///     event_type: "Take".into(),
///     subject: "seat-1".into(),
///     time: None,
///     data: r#"{"by":"you"}"#.into(),
/// };
/// let take = |engine: &mut Engine| engine.append(engine.log().epoch(), &other);
/// outbox.confirmed(&mut engine, &mut bus, take).0?;
/// let pending = outbox.pending().next().unwrap();
/// assert_eq!(pending.prediction, Ok(Outcome::Rejected("taken by you".into())));
/// outbox.refused(&mut engine, &mut bus, "k1");
/// assert_eq!(outbox.pending().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Outbox {
    position: Position,
    pending: Vec<Pending>,
}

/// A command that the server has not decided yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The command, with its idempotency key: it is sent with the same one as often as need be.
    pub command: Command,
    /// When it was dispatched, which is when its events happen.
    pub now: Timestamp,
    /// What would become of it as the log is now. Only what is accepted here is worth sending again;
    /// for what is not, this says why it is not shown.
    pub prediction: Result<Outcome, DispatchError>,
    /// The command as middleware passed it on.
    decided: Command,
    /// Where the server has put its events, if it has said so.
    until: Option<Position>,
}

impl Pending {
    fn key(&self) -> &str {
        self.command.idempotency_key.as_deref().unwrap_or_default()
    }
}

impl Outbox {
    /// An empty one beside an engine whose log is as the server has it.
    pub fn new(engine: &Engine) -> Self {
        Self { position: engine.head(), pending: Vec::new() }
    }

    /// The last position that is confirmed.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The commands that the server has not decided yet, in the order in which they were dispatched.
    pub fn pending(&self) -> impl ExactSizeIterator<Item = &Pending> {
        self.pending.iter()
    }

    /// Decides a command as the server will presumably do, and shows its events. It is pending then,
    /// unless it is rejected: such a command need not be sent. One that is pending already is
    /// answered as it stands.
    ///
    /// # Errors
    ///
    /// When it has no idempotency key or one of another pending command, or why there was no
    /// decision. The command is not pending then.
    pub fn dispatch(
        &mut self,
        engine: &mut Engine,
        bus: &mut CommandBus,
        now: Timestamp,
        command: &Command,
    ) -> Result<Outcome, DispatchError> {
        let Some(key) = &command.idempotency_key else { return Err(DispatchError::NoKey) };
        if let Some(pending) = self.pending.iter().find(|pending| pending.key() == key) {
            let is_same = pending.command == *command;
            let reused = Err(DispatchError::KeyReused { key: key.clone() });
            return if is_same { pending.prediction.clone() } else { reused };
        }
        let epoch = engine.log().epoch();
        let (decided, outcome) = bus.predict(engine, epoch, now, command);
        let outcome = outcome?;
        if let Outcome::Accepted { positions, .. } = &outcome
            && !self.are_confirmed(positions)
        {
            self.pending.push(Pending {
                command: command.clone(),
                now,
                prediction: Ok(outcome.clone()),
                decided: decided.unwrap_or_else(|| command.clone()),
                until: None,
            });
        }
        Ok(outcome)
    }

    /// Runs something that takes the engine's log from what was confirmed so far to what is confirmed
    /// now: it may append, rewind, read bytes, or only store what there is. Then the commands that
    /// are still pending are decided anew. The commands that turned out to be confirmed come along,
    /// each with what the server made of it.
    ///
    /// A playhead among the events of pending commands goes to the head.
    pub fn confirmed<T>(
        &mut self,
        engine: &mut Engine,
        bus: &mut CommandBus,
        take: impl FnOnce(&mut Engine) -> T,
    ) -> (T, Vec<Pending>) {
        if self.position < engine.head() {
            engine.rewind(self.position);
        }
        let taken = take(engine);
        if engine.failure().is_none() {
            self.position = engine.head();
        }
        let mut confirmed = Vec::new();
        for mut pending in core::mem::take(&mut self.pending) {
            if pending.until.is_some_and(|until| until <= self.position) {
                confirmed.push(pending);
                continue;
            }
            let epoch = engine.log().epoch();
            pending.prediction = bus.decide_again(engine, epoch, pending.now, &pending.decided);
            match &pending.prediction {
                Ok(Outcome::Accepted { positions, .. }) if self.are_confirmed(positions) => {
                    confirmed.push(pending);
                }
                _ => self.pending.push(pending),
            }
        }
        (taken, confirmed)
    }

    /// Notes that the server accepted a command and where its events are in the log. They stay as
    /// they were guessed until the log is confirmed up to there. The command, if it is settled with
    /// that.
    pub fn accepted(
        &mut self,
        engine: &mut Engine,
        bus: &mut CommandBus,
        (key, positions): (&str, &[Position]),
    ) -> Option<Pending> {
        let until = positions.iter().copied().max().unwrap_or_default();
        let pending = self.pending.iter_mut().find(|pending| pending.key() == key)?;
        pending.until = Some(until);
        if self.position < until {
            return None;
        }
        self.refused(engine, bus, key)
    }

    /// Takes back what a command did here, since the server refused it, and decides those behind it
    /// anew. The command, if it was pending.
    pub fn refused(
        &mut self,
        engine: &mut Engine,
        bus: &mut CommandBus,
        key: &str,
    ) -> Option<Pending> {
        let number = self.pending.iter().position(|pending| pending.key() == key)?;
        let pending = self.pending.remove(number);
        self.confirmed(engine, bus, |_| ());
        Some(pending)
    }

    fn are_confirmed(&self, positions: &[Position]) -> bool {
        !positions.is_empty() && positions.iter().all(|position| *position <= self.position)
    }
}
