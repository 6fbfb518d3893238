//! Testing a decider in a sentence: given these events, when this command, then those events.
//!
//! ```
//! use everview_core::orders::{OrderCommand, OrderEvent, Orders};
//! use everview_core::testkit::given;
//!
//! let placed = OrderEvent::OrderPlaced { customer: "ada".into(), region: "north".into() };
//! given(&Orders, [placed.clone()])
//!     .when(OrderCommand::CancelOrder { reason: "changed my mind".into() })
//!     .then([OrderEvent::OrderCancelled { reason: "changed my mind".into() }]);
//!
//! given(&Orders, [placed])
//!     .when(OrderCommand::ShipOrder { carrier: "pigeon".into() })
//!     .then_rejected("expected the order to be paid, found it placed");
//! ```

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt::Debug;

use crate::command::Decider;

/// A decider and the state that past events put a stream in.
#[must_use = "nothing is checked before `then`"]
pub struct Given<'a, D: Decider> {
    decider: &'a D,
    state: D::State,
}

/// What a decider made of a command.
#[must_use = "nothing is checked before `then`"]
pub struct Decided<D: Decider>(Result<Vec<D::Event>, D::Rejection>);

/// Starts with a stream of these events.
pub fn given<D: Decider>(decider: &D, events: impl IntoIterator<Item = D::Event>) -> Given<'_, D> {
    let mut state = D::State::default();
    for event in events {
        decider.evolve(&mut state, &event);
    }
    Given { decider, state }
}

impl<D: Decider> Given<'_, D> {
    /// Lets the command be decided.
    pub fn when(self, command: D::Command) -> Decided<D> {
        Decided(self.decider.decide(&self.state, command))
    }
}

impl<D: Decider<Event: Debug + PartialEq>> Decided<D> {
    /// Expects exactly these events.
    ///
    /// # Panics
    ///
    /// When there were others, or a rejection.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = D::Event>) {
        let expected: Vec<D::Event> = events.into_iter().collect();
        match self.0 {
            Ok(found) => assert_eq!(found, expected, "other events were decided on"),
            Err(reason) => panic!("expected {expected:?}, found a rejection: {reason}"),
        }
    }

    /// Expects a rejection with this reason.
    ///
    /// # Panics
    ///
    /// When the reason was another, or there were events.
    #[track_caller]
    pub fn then_rejected(self, reason: &str) {
        match self.0 {
            Ok(found) => panic!("expected the rejection `{reason}`, found {found:?}"),
            Err(found) => assert_eq!(found.to_string(), reason, "the reason was another"),
        }
    }
}

impl<D: Decider> Debug for Given<'_, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Given").finish_non_exhaustive()
    }
}

impl<D: Decider> Debug for Decided<D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decided").field("accepted", &self.0.is_ok()).finish()
    }
}
