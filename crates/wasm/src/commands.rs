//! Commands that are shown before the server has decided them.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use everview_core::command::{AnyDecider, CommandBus, Decision, Draft, Outbox, Past};
use everview_core::json::{Json, quote};
use everview_core::{self as core, DispatchError, Event, command};
use everview_protocol::javascript::{self, Command, Outcome, Pending};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::engine::{Engine, number, place};
use crate::error::{Code, message, with_code};
use crate::values::out;

/// Commands that were confirmed and not asked for are forgotten beyond so many.
const MOST_CONFIRMED: usize = 1_000;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** An event of a stream, as a decider is given it. */
export interface DecidedEvent {
    /** What happened. */
    readonly type: string;
    /** Its number in its stream, from 1. */
    readonly version: number;
    /** What is to be known about it. */
    readonly data: any;
}

/**
 * Decides commands from the events of one stream. Its functions must be pure: the same events and the
 * same command give the same answer, here and on the server.
 */
export interface Decider<State = any> {
    /** The `source` of its events, such as `/shop`. */
    source: string;
    /** The state of a stream without events. */
    initial(): State;
    /** The state after an event; also of types that it does not know. */
    evolve(state: State, event: DecidedEvent): State;
    /** For each type of command, a function that gives the events it causes, or why it is rejected. */
    decide: Readonly<Record<
        string,
        (state: State, data: any) => readonly { type: string; data?: unknown }[] | { rejected: string }
    >>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A decider as the program gives it.
    #[wasm_bindgen(typescript_type = "Decider")]
    #[derive(Debug)]
    pub type DeciderDefinition;
}

#[wasm_bindgen(module = "/src/decider.js")]
extern "C" {
    /// The JavaScript side of a decider.
    #[wasm_bindgen(js_name = Decider)]
    type Functions;

    #[wasm_bindgen(constructor, catch, js_class = "Decider")]
    fn new(definition: &DeciderDefinition) -> Result<Functions, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn source(this: &Functions) -> String;

    #[wasm_bindgen(method, getter)]
    fn types(this: &Functions) -> Vec<String>;

    #[wasm_bindgen(method, catch)]
    fn decide(
        this: &Functions,
        stream: &str,
        command_type: &str,
        data: &str,
    ) -> Result<String, JsValue>;
}

/// The commands of an engine that are pending, and who decides them.
#[derive(Debug)]
pub(crate) struct Commands {
    bus: CommandBus,
    outbox: Outbox,
    /// Those that were confirmed and not asked for since.
    confirmed: Vec<command::Pending>,
}

impl Commands {
    pub(crate) fn beside(engine: &core::Engine) -> Self {
        Self { bus: CommandBus::new(), outbox: Outbox::new(engine), confirmed: Vec::new() }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Adds a decider for all its types of commands.
    ///
    /// Throws `argument-invalid`, also if one of the types has a decider.
    #[wasm_bindgen(js_name = registerDecider)]
    pub fn register_decider(&mut self, decider: &DeciderDefinition) -> Result<(), JsValue> {
        let functions = Functions::new(decider)
            .map_err(|error| Code::ArgumentInvalid.error(message(&error)))?;
        let decider = Decider { source: functions.source(), functions };
        self.commands.bus.register(decider).map_err(with_code(Code::ArgumentInvalid))
    }

    /// Decides a command as the server will presumably do, and shows its events at once, behind those
    /// that were read. Unless it is rejected, it is pending from then on: it is decided anew whenever
    /// events are read, and is confirmed when the server's events of it are among them. `now`, as
    /// `Date.now()` has it, is when its events happen.
    ///
    /// Throws `dispatch-failed` if there is no decision.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arguments over")]
    pub fn dispatch(&mut self, command: Ts<Command>, now: f64) -> Result<Ts<Outcome>, JsValue> {
        let command = argument::read(&command.js_value(), Command::from_json)?;
        let now = javascript::moment(now);
        self.follow();
        let (engine, Commands { bus, outbox, .. }) = self.parts();
        let outcome = outbox.dispatch(engine, bus, now, &command);
        self.check()?;
        out(&Outcome::from(outcome.map_err(with_code(Code::DispatchFailed))?))
    }

    /// Another future, in which a command was dispatched after a position: its events come there, and
    /// what happened later happens all the same. `command.key` is one that no other command has. Nobody
    /// decides the commands of the fork until its deciders are registered.
    ///
    /// Throws `dispatch-failed` if there is no decision, and `fork-refused` if the command is rejected
    /// there or the log does not hold the position.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arguments over")]
    #[wasm_bindgen(js_name = forkWith)]
    pub fn fork_with(
        &mut self,
        after: f64,
        command: Ts<Command>,
        now: f64,
    ) -> Result<Self, JsValue> {
        let command = argument::read(&command.js_value(), Command::from_json)?;
        let (after, now) = (place(after), javascript::moment(now));
        self.follow();
        let (engine, Commands { bus, .. }) = self.parts();
        let mut past = Past::new(engine.log(), after);
        let outcome = bus.decide(&mut past, engine.log().epoch_at(after), now, &command);
        let edit = core::Edit::add(after, past.into_events());
        self.check()?;
        match outcome.map_err(with_code(Code::DispatchFailed))? {
            command::Outcome::Rejected(reason) => Err(Code::ForkRefused.error(reason)),
            command::Outcome::Accepted { .. } => self.fork_of(&[edit]),
        }
    }

    /// The commands that are pending, in the order in which they were dispatched. One that the rules
    /// do not allow any more stays among them, without events, until the server refuses it too.
    pub fn pending(&self) -> Result<Vec<Ts<Pending>>, JsValue> {
        self.commands.outbox.pending().map(|pending| out(&Pending::from(pending))).collect()
    }

    /// The commands that turned out to be confirmed since this was last asked, the latest 1,000.
    #[wasm_bindgen(js_name = drainConfirmed)]
    pub fn drain_confirmed(&mut self) -> Result<Vec<Ts<Pending>>, JsValue> {
        self.commands.confirmed.drain(..).map(|pending| out(&Pending::from(&pending))).collect()
    }

    /// The last position that was read; what is behind it is the events of pending commands.
    /// `queryAt` that position answers with confirmed rows only.
    #[wasm_bindgen(getter)]
    pub fn confirmed(&self) -> f64 {
        number(self.commands.outbox.position())
    }

    /// Notes that the server accepted a command, and where its events are. They stay as they were
    /// guessed until events up to there are read. Says whether the command is settled with that.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arrays over")]
    pub fn accepted(&mut self, key: &str, positions: Vec<f64>) -> Result<bool, JsValue> {
        let positions: Vec<_> = positions.iter().copied().map(place).collect();
        let (engine, Commands { bus, outbox, .. }) = self.parts();
        let is_settled = outbox.accepted(engine, bus, (key, &positions)).is_some();
        self.check()?;
        Ok(is_settled)
    }

    /// Takes back what a command did here, since the server refused it, and decides those behind it
    /// anew. Says whether it was pending.
    pub fn refused(&mut self, key: &str) -> Result<bool, JsValue> {
        let (engine, Commands { bus, outbox, .. }) = self.parts();
        let was_pending = outbox.refused(engine, bus, key).is_some();
        self.check()?;
        Ok(was_pending)
    }
}

impl Engine {
    /// Takes the log from what was confirmed so far to what is confirmed now.
    pub(crate) fn take<T>(
        &mut self,
        take: impl FnOnce(&mut core::Engine) -> T,
    ) -> Result<T, JsValue> {
        let (engine, Commands { bus, outbox, confirmed }) = self.parts();
        let (taken, more) = outbox.confirmed(engine, bus, take);
        confirmed.extend(more);
        confirmed.drain(..confirmed.len().saturating_sub(MOST_CONFIRMED));
        self.check()?;
        Ok(taken)
    }
}

/// Decides by calling JavaScript.
struct Decider {
    source: String,
    functions: Functions,
}

impl fmt::Debug for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decider").field("source", &self.source).finish_non_exhaustive()
    }
}

impl AnyDecider for Decider {
    fn command_types(&self) -> Vec<Cow<'static, str>> {
        self.functions.types().into_iter().map(Cow::Owned).collect()
    }

    fn source(&self) -> &str {
        &self.source
    }

    fn decide(
        &self,
        stream: &[Event<'_>],
        command_type: &str,
        data: Json<'_>,
    ) -> Result<Decision, DispatchError> {
        let decided = self.functions.decide(&written(stream), command_type, data.text());
        decided.map_err(|error| message(&error)).and_then(|decided| read(&decided)).map_err(
            |problem| DispatchError::Undecided { command_type: command_type.to_owned(), problem },
        )
    }
}

/// The events of a stream as one JSON text.
fn written(stream: &[Event<'_>]) -> String {
    let mut out = String::from("[");
    for event in stream {
        out.push_str(if out.len() > 1 { ",{\"type\":" } else { "{\"type\":" });
        quote(event.event_type, &mut out);
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"version\":{},\"data\":{}}}", event.version, event.data);
    }
    out.push(']');
    out
}

/// What the functions answer.
fn read(decided: &str) -> Result<Decision, String> {
    let decided = Json::parse(decided).map_err(|error| error.to_string())?;
    if let Some(reason) = decided.as_str() {
        return Ok(Err(reason.into_owned()));
    }
    let draft = |event: Json<'_>| {
        let mut parts = event.elements();
        let event_type = parts.next()?.as_str()?.into_owned();
        Some(Draft { event_type: event_type.into(), data: parts.next()?.text().to_owned() })
    };
    Ok(Ok(decided.elements().filter_map(draft).collect()))
}
