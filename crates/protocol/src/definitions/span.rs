//! Spans of time as people write them: `30 days`.

use core::time::Duration;

/// The units with their seconds, the largest first.
const UNITS: [(&str, u64); 5] =
    [("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

/// Reads a whole number and a unit.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a span such as `30 days` or `12 hours`, found `{text}`");
    let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let unit = unit.trim();
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(*seconds).filter(|seconds| 0 < *seconds).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}

/// Writes a span in the largest unit that it is a whole number of.
pub(super) fn write(span: Duration) -> String {
    let seconds = span.as_secs();
    let fits = |(_, unit): &&(&str, u64)| seconds.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().find(fits).unwrap_or(&("second", 1));
    let number = seconds / unit;
    format!("{number} {name}{}", if number == 1 { "" } else { "s" })
}
