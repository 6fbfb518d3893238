//! What stands around every dispatch.

use alloc::boxed::Box;

use super::{Command, DispatchError, Outcome};
use crate::Timestamp;

/// Something that sees every command before it is decided, and its result after: validation,
/// authorisation, a rate limit, a trace.
///
/// ```
/// use everview_core::command::{Command, DispatchError, Middleware, Next, Outcome};
///
/// /// Lets nobody write to the streams of others.
/// struct OwnStreams {
///     prefix: String,
/// }
///
/// impl Middleware for OwnStreams {
///     fn dispatch(&mut self, command: &Command, next: Next<'_>) -> Result<Outcome, DispatchError> {
///         if command.stream.starts_with(&self.prefix) {
///             return next.run(command);
///         }
///         Err(DispatchError::Refused { reason: format!("{} is not yours", command.stream) })
///     }
/// }
/// ```
pub trait Middleware {
    /// Passes the command on with [`Next::run`], changed or not, or answers in its place.
    ///
    /// # Errors
    ///
    /// What `next` says, or [`DispatchError::Refused`].
    fn dispatch(&mut self, command: &Command, next: Next<'_>) -> Result<Outcome, DispatchError>;
}

/// The rest of the way to the decider.
pub struct Next<'a> {
    pub(super) rest: &'a mut [Box<dyn Middleware>],
    pub(super) now: Timestamp,
    pub(super) decide: &'a mut dyn FnMut(&Command) -> Result<Outcome, DispatchError>,
}

impl Next<'_> {
    /// Goes on to the next middleware, or to the decider.
    ///
    /// # Errors
    ///
    /// Why there is no outcome.
    pub fn run(self, command: &Command) -> Result<Outcome, DispatchError> {
        match self.rest.split_first_mut() {
            Some((first, rest)) => {
                first.dispatch(command, Next { rest, now: self.now, decide: self.decide })
            }
            None => (self.decide)(command),
        }
    }

    /// The time of the dispatch.
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

impl core::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Next").field("left", &self.rest.len()).finish_non_exhaustive()
    }
}
