//! Refusing some requests so that the others are answered.
//!
//! What the serving targets can carry shrinks when one is lost. Requests are then refused in the
//! order of their priority: of each priority, requests are admitted up to its share of the
//! capacity, so the last part is there for the critical ones alone.

/// How much a request matters. What matters less is refused first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Nobody waits for it: prefetching, reports, backfills. Refused first.
    Sheddable,
    /// Somebody waits for it. Refused next.
    #[default]
    Normal,
    /// Others depend on it: payments, health of the cluster. Refused last.
    Critical,
}

/// How much of the capacity requests of each priority may fill, in a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Admitted while less than this is in flight.
    pub sheddable: u8,
    /// Admitted while less than this is in flight.
    pub normal: u8,
    /// Admitted while less than this is in flight.
    pub critical: u8,
}

impl Default for Shares {
    /// 70 %, 90 % and all of it.
    fn default() -> Self {
        Self { sheddable: 70, normal: 90, critical: 100 }
    }
}

/// A request was not sent anywhere. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No target serves, or none has a share.
    #[error("no target serves")]
    NoTarget,
    /// The targets that serve have too much to do for a request of this priority.
    #[error("expected fewer than {limit} requests in flight, found {in_flight}")]
    Overloaded {
        /// How many there may be for this priority.
        limit: u64,
        /// How many there are.
        in_flight: u64,
    },
}

impl Shares {
    const fn of(self, priority: Priority) -> u8 {
        match priority {
            Priority::Sheddable => self.sheddable,
            Priority::Normal => self.normal,
            Priority::Critical => self.critical,
        }
    }
}

/// Whether there is room for a request, given how many are in flight and how many can be.
pub(super) fn admit(shares: Shares, priority: Priority, load: (u64, u64)) -> Result<(), Refusal> {
    let (in_flight, capacity) = load;
    if capacity == 0 {
        return Err(Refusal::NoTarget);
    }
    // Rounded up: a target that can carry one request carries one of any priority.
    let limit = (capacity * u64::from(shares.of(priority).min(100))).div_ceil(100);
    if limit <= in_flight { Err(Refusal::Overloaded { limit, in_flight }) } else { Ok(()) }
}
