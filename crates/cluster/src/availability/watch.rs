//! Whether clients are served, as somebody sees it who looks again and again.

use core::time::Duration;

use everview_core::Timestamp;

use super::{Meter, Tally};

/// What somebody saw who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Clients are served.
    Up,
    /// They are not.
    Down,
    /// It cannot be told.
    Unknown,
}

/// Turns what was seen at moments into time up and time down, and counts the outages.
///
/// What was seen holds until the next look. Time before the first look, and time of which nothing
/// is known, is neither up nor down.
///
/// ```
/// use core::time::Duration;
/// use everview_cluster::availability::{Meter, Seen, Watch};
/// use everview_core::Timestamp;
///
/// let mut watch = Watch::new(Meter::new(Duration::from_mins(1), Duration::from_hours(24)));
/// for (second, seen) in [(0, Seen::Up), (60, Seen::Down), (63, Seen::Up), (100, Seen::Up)] {
///     watch.see(Timestamp::from_millis(second * 1_000), seen);
/// }
/// assert_eq!(watch.outages(), 1);
/// assert_eq!(watch.mean_time_to_repair(), Some(Duration::from_secs(3)));
/// assert_eq!(watch.meter().total().availability().unwrap().to_string(), "97 %");
/// ```
#[derive(Debug, Clone)]
pub struct Watch {
    meter: Meter,
    last: Option<(Timestamp, Seen)>,
    outages: u64,
}

impl Watch {
    /// A watch that counts microseconds in `meter`.
    pub const fn new(meter: Meter) -> Self {
        Self { meter, last: None, outages: 0 }
    }

    /// Notes what is seen at `now`. A look that is earlier than the one before it is ignored.
    pub fn see(&mut self, now: Timestamp, seen: Seen) {
        if let Some((since, held)) = self.last {
            if now < since {
                return;
            }
            if held != Seen::Unknown {
                self.meter.count_time(since, now, held == Seen::Up);
            }
        }
        let was_down = self.last.is_some_and(|(_, held)| held == Seen::Down);
        self.outages += u64::from(seen == Seen::Down && !was_down);
        self.last = Some((now, seen));
    }

    /// The time that was counted, up to the last look.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// How many outages began.
    pub const fn outages(&self) -> u64 {
        self.outages
    }

    /// The time up for each outage; none before the first.
    pub fn mean_time_between_failures(&self) -> Option<Duration> {
        self.mean(self.meter.total().good)
    }

    /// The time down for each outage; none before the first.
    pub fn mean_time_to_repair(&self) -> Option<Duration> {
        self.mean(self.meter.total().bad)
    }

    fn mean(&self, micros: u64) -> Option<Duration> {
        micros.checked_div(self.outages).map(Duration::from_micros)
    }
}

impl From<&Watch> for Tally {
    fn from(watch: &Watch) -> Self {
        watch.meter.total()
    }
}
