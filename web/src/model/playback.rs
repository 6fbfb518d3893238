//! Playing a log at a speed.

#[cfg(test)]
mod tests;

/// How many events a second are played, slowest first.
pub(crate) const SPEEDS: [u32; 8] = [1, 5, 20, 50, 100, 500, 1_000, 10_000];

/// The speed a dashboard begins with.
pub(crate) const FIRST_SPEED: u32 = 50;

/// The next faster or slower speed.
pub(crate) fn other_speed(speed: u32, is_faster: bool) -> u32 {
    let at = SPEEDS.iter().position(|&known| known == speed).unwrap_or(0);
    let next = if is_faster { at + 1 } else { at.saturating_sub(1) };
    SPEEDS.get(next).copied().unwrap_or(speed)
}

/// Turns the time between two frames into whole events.
#[derive(Debug, Default)]
pub(crate) struct Playback {
    /// Thousandths of an event that are due and not yet played.
    due: u64,
}

impl Playback {
    /// The number of events to play after so many milliseconds.
    ///
    /// A frame that comes late is not made up for beyond a quarter of a second: a tab that was in
    /// the background does not jump.
    pub(crate) fn advance(&mut self, milliseconds: u32, events_per_second: u32) -> u64 {
        self.due += u64::from(milliseconds.min(250)) * u64::from(events_per_second);
        let events = self.due / 1_000;
        self.due %= 1_000;
        events
    }
}
