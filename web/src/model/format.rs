//! Numbers as people read them.

use everview_core::Timestamp;

#[cfg(test)]
mod tests;

/// What people call a fork, or the log itself.
pub(crate) fn fork_name(number: Option<u64>) -> String {
    number.map_or_else(|| "the log".to_owned(), |number| format!("w{number}"))
}

/// A number with its thousands apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A position: `#12,345`.
pub(crate) fn position(position: u64) -> String {
    format!("#{}", grouped(position))
}

/// A number of things: `1 event`, `2 events`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A size: `312 B`, `1.4 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (size, unit) in UNITS {
        if size <= bytes {
            return format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size);
        }
    }
    format!("{bytes} B")
}

/// A length of time in its two greatest units: `26 ms`, `8.4 s`, `4 m 19 s`, `3 d 2 h`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if 0 < days {
        format!("{} d {} h", grouped(days), hours % 24)
    } else if 0 < hours {
        format!("{hours} h {} m", minutes % 60)
    } else if 0 < minutes {
        format!("{minutes} m {} s", seconds % 60)
    } else if 0 < seconds {
        format!("{seconds}.{} s", milliseconds % 1_000 / 100)
    } else {
        format!("{milliseconds} ms")
    }
}

/// A length of time in its greatest unit, cut: `26 ms`, `8 s`, `3 h`.
pub(crate) fn rough(milliseconds: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let unit = units.into_iter().find(|(length, _)| *length <= milliseconds);
    let (length, unit) = unit.unwrap_or((1, "ms"));
    format!("{} {unit}", grouped(milliseconds / length))
}

/// The time since the event before: `+26 ms`, or `−3.0 s` when it steps back.
pub(crate) fn gap(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { '−' } else { '+' };
    format!("{sign}{}", duration(milliseconds.unsigned_abs()))
}

/// A moment to the millisecond, in UTC or so many minutes ahead of it: `2019-05-20 07:07:47.000 UTC`,
/// `2019-05-20 09:07:47.000 +02:00`.
pub(crate) fn moment(milliseconds: i64, offset: Option<i32>) -> String {
    let ahead = offset.unwrap_or(0);
    let shown = milliseconds.saturating_add(i64::from(ahead) * 60_000);
    let shown = Timestamp::from_millis(shown).to_string().trim_end_matches('Z').replace('T', " ");
    let Some(offset) = offset else { return format!("{shown} UTC") };
    let (sign, minutes) = (if offset < 0 { '−' } else { '+' }, offset.unsigned_abs());
    format!("{shown} {sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The first digits of a digest, enough to compare by eye.
pub(crate) fn short_digest(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// A part of a whole in percent, for a bar.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    part.min(whole).saturating_mul(100).checked_div(whole).unwrap_or(0)
}
