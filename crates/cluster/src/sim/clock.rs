//! A machine's clock, which may be wrong and may run too fast or too slow.

use everview_core::Timestamp;

const MILLION: i128 = 1_000_000;

/// What a machine takes for the time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// The time since when it has run as it does now, and what it showed then.
    since: Timestamp,
    showed: Timestamp,
    /// How many microseconds more than a million it counts in a second.
    drift_ppm: i64,
}

impl Clock {
    /// A clock that is right at `now`.
    pub(super) const fn right(now: Timestamp) -> Self {
        Self { since: now, showed: now, drift_ppm: 0 }
    }

    /// What it shows at a time.
    pub(super) fn at(self, time: Timestamp) -> Timestamp {
        if self.drift_ppm == 0 {
            return moved(self.showed, time.micros() - self.since.micros());
        }
        let passed = i128::from(time.micros() - self.since.micros());
        let counted = passed * (MILLION + i128::from(self.drift_ppm)) / MILLION;
        moved(self.showed, i64::try_from(counted).unwrap_or(i64::MAX))
    }

    /// When it will show this.
    pub(super) fn when(self, shown: Timestamp) -> Timestamp {
        if self.drift_ppm == 0 {
            return moved(self.since, shown.micros().saturating_sub(self.showed.micros()));
        }
        let to_count = i128::from(shown.micros()) - i128::from(self.showed.micros());
        let rate = MILLION + i128::from(self.drift_ppm);
        // Rounded up: at that time it has got there.
        let passes = (to_count * MILLION + (rate - 1) * i128::from(to_count > 0)) / rate;
        moved(self.since, i64::try_from(passes).unwrap_or(i64::MAX))
    }

    /// It is set on or back by so much.
    pub(super) fn skew(&mut self, now: Timestamp, millis: i64) {
        self.showed = self.at(now).plus_millis(millis);
        self.since = now;
    }

    /// It runs so much faster from now on.
    pub(super) fn drift(&mut self, now: Timestamp, ppm: i64) {
        self.showed = self.at(now);
        self.since = now;
        self.drift_ppm = ppm.clamp(-900_000, 900_000);
    }

    /// Whether it counts seconds as long as they are.
    pub(super) const fn is_steady(self) -> bool {
        self.drift_ppm == 0
    }

    /// Moves what it shows by so much, as if that time had not been.
    pub(super) fn shift(&mut self, millis: i64) {
        self.since = self.since.plus_millis(millis);
        self.showed = self.showed.plus_millis(millis);
    }
}

fn moved(time: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(time.micros().saturating_add(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_clock_that_is_set_back_shows_the_same_time_twice() {
        let mut clock = Clock::right(at(0));
        clock.skew(at(1_000), -400);

        assert_eq!(clock.at(at(1_400)), at(1_000));
        assert_eq!(clock.when(at(1_000)), at(1_400));
    }

    #[test]
    fn a_clock_that_drifts_keeps_what_it_showed_when_it_is_mended() {
        let mut clock = Clock::right(at(0));
        clock.drift(at(1_000), 100_000);
        assert_eq!(clock.at(at(2_000)), at(2_100));
        clock.drift(at(2_000), 0);

        assert_eq!(clock.at(at(3_000)), at(3_100));
        assert!(clock.is_steady());
    }

    #[test]
    fn when_a_clock_is_to_show_a_time_it_does() {
        for ppm in [-250_000, -3, 0, 7, 333_333] {
            let mut clock = Clock::right(at(5));
            clock.drift(at(10), ppm);
            for shown in [11, 12, 999, 123_456] {
                let when = clock.when(at(shown));
                assert!(at(shown) <= clock.at(when), "{ppm} {shown}");
            }
        }
    }
}
