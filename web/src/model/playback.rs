//! Playing a log: by count, or as its events happened.

use everview_protocol::session::Pace;

#[cfg(test)]
mod tests;

/// The paces, slowest first in each of the three groups.
pub(crate) const PACES: [&[Pace]; 3] = [
    &[
        Pace::Count(1),
        Pace::Count(5),
        Pace::Count(20),
        Pace::Count(50),
        Pace::Count(100),
        Pace::Count(500),
        Pace::Count(1_000),
        Pace::Count(10_000),
        Pace::Count(100_000),
    ],
    &[
        Pace::Time(10),
        Pace::Time(25),
        Pace::Time(50),
        Pace::Time(100),
        Pace::Time(200),
        Pace::Time(500),
        Pace::Time(1_000),
        Pace::Time(5_000),
    ],
    &[
        Pace::RealTime(10),
        Pace::RealTime(25),
        Pace::RealTime(50),
        Pace::RealTime(100),
        Pace::RealTime(200),
        Pace::RealTime(500),
        Pace::RealTime(1_000),
        Pace::RealTime(5_000),
    ],
];

/// The pace a dashboard begins with.
pub(crate) const FIRST_PACE: Pace = Pace::Count(50);

/// Nothing happening for longer than this is idle time, in milliseconds.
const IDLE: i64 = 2_000;

/// How long idle time is played, in milliseconds. So is the time before an event that has none.
const SHORTENED: i64 = 500;

/// The longest time that is played at once, in milliseconds: a tab that was in the background does
/// not jump.
const LONGEST: u32 = 250;

/// The most events that are played at once, however many happened in one moment.
const MOST: u64 = 10_000;

/// The next faster or slower pace of the same group.
pub(crate) fn other_pace(pace: Pace, is_faster: bool) -> Pace {
    let group = PACES.into_iter().find(|group| group.contains(&pace)).unwrap_or_default();
    let at = group.iter().position(|&known| known == pace).unwrap_or(0);
    let next = if is_faster { at + 1 } else { at.saturating_sub(1) };
    group.get(next).copied().unwrap_or(pace)
}

/// A pace as the value of a choice.
pub(crate) fn pace_value(pace: Pace) -> String {
    match pace {
        Pace::Count(number) => format!("count:{number}"),
        Pace::Time(percent) => format!("time:{percent}"),
        Pace::RealTime(percent) => format!("real:{percent}"),
    }
}

/// The pace of a value.
pub(crate) fn pace_from_value(value: &str) -> Option<Pace> {
    PACES.into_iter().flatten().copied().find(|pace| pace_value(*pace) == value)
}

/// Turns the time between two frames into whole events.
#[derive(Debug, Default)]
pub(crate) struct Playback {
    /// What is due and not yet played: thousandths of an event, or hundredths of a millisecond of
    /// recorded time.
    due: u64,
    /// Where and how it was played last. Elsewhere nothing is due.
    last: Option<(u64, Pace)>,
}

impl Playback {
    /// The number of events to play after a position when so many milliseconds have passed.
    ///
    /// `gap` is the recorded time between an event and the one before it, in milliseconds, if both
    /// have one; it is asked for the event of a position.
    pub(crate) fn advance(
        &mut self,
        elapsed_ms: u32,
        (at, pace): (u64, Pace),
        gap: impl Fn(u64) -> Option<i64>,
    ) -> u64 {
        if self.last != Some((at, pace)) {
            self.due = 0;
        }
        let elapsed = u64::from(elapsed_ms.min(LONGEST));
        let events = match pace {
            Pace::Count(number) => {
                self.due += elapsed * u64::from(number);
                let events = self.due / 1_000;
                self.due %= 1_000;
                events
            }
            Pace::Time(percent) => self.happen(elapsed * u64::from(percent), at, |position| {
                gap(position).filter(|&gap| gap <= IDLE).unwrap_or(SHORTENED)
            }),
            Pace::RealTime(percent) => self.happen(elapsed * u64::from(percent), at, |position| {
                gap(position).unwrap_or(SHORTENED)
            }),
        };
        self.last = Some((at + events, pace));
        events
    }

    /// Lets recorded time pass, in hundredths of a millisecond.
    fn happen(&mut self, time: u64, at: u64, gap: impl Fn(u64) -> i64) -> u64 {
        self.due += time;
        let mut events = 0;
        while events < MOST {
            let wait = u64::try_from(gap(at + events + 1)).unwrap_or(0) * 100;
            if self.due < wait {
                break;
            }
            self.due -= wait;
            events += 1;
        }
        events
    }
}
