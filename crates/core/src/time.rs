//! Time as a number that is told, never asked for.

use alloc::string::{String, ToString as _};
use core::fmt;

/// A moment: microseconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
///
/// Digits finer than a microsecond are cut off when a text is read; the event keeps its own text.
///
/// ```
/// use everview_core::Timestamp;
///
/// let time: Timestamp = "2011-10-11 13:45:40.276000+02:00".parse()?;
/// assert_eq!(time.to_string(), "2011-10-11T11:45:40.276Z");
/// # Ok::<(), everview_core::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Timestamp {
    /// The first moment of the year 0000.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// The last microsecond of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The moment that many milliseconds after 1970-01-01T00:00:00Z, held within
    /// [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub const fn from_millis(millis: i64) -> Self {
        // That no number overflows is found out by comparing: WebAssembly multiplies 64 bits only.
        if millis < Self::MIN.millis() {
            Self::MIN
        } else if millis > Self::MAX.millis() {
            Self::MAX
        } else {
            Self(millis * 1_000)
        }
    }

    /// The moment that many microseconds after 1970-01-01T00:00:00Z, held within
    /// [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Whole milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment that many milliseconds later.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_micros(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// Milliseconds from `earlier` to this moment; negative when this one is the earlier.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000)
    }
}

/// A text that is no date and time. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-11-22T10:00:00Z, found `{found}`")]
pub struct TimestampError {
    /// The text.
    pub found: String,
}

impl core::str::FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339, also with a space for the `T`, without seconds' fraction, offset or time of
    /// day (then UTC and midnight are meant).
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        Self::from_bytes(text.as_bytes()).ok_or_else(|| TimestampError { found: text.to_string() })
    }
}

impl Timestamp {
    /// The same of bytes, if they are such a text.
    #[inline]
    pub(crate) fn from_bytes(text: &[u8]) -> Option<Self> {
        match text.try_into() {
            Ok(text) => usual(text).or_else(|| parse(text)),
            Err(_) => parse(text),
        }
    }
}

/// The moment of a text such as `2026-11-22T10:00:00.000Z`, as most are.
#[inline]
fn usual(text: &[u8; 24]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', rest @ ..] = *text else { return None };
    let [h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] = rest else { return None };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, f1, f2, f3];
    let digits = digits.map(|digit| digit.wrapping_sub(b'0'));
    if digits.iter().fold(0, |highest, digit| highest.max(*digit)) > 9 {
        return None;
    }
    let [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, f1, f2, f3] =
        digits.map(i32::from);
    let (year, month) = (((y1 * 10 + y2) * 10 + y3) * 10 + y4, m1 * 10 + m2);
    let (day, hour) = (d1 * 10 + d2, h1 * 10 + h2);
    let (minute, second) = (n1 * 10 + n2, s1 * 10 + s2);
    let millis = (f1 * 10 + f2) * 10 + f3;
    // The last days of months and leap seconds are looked at more closely.
    if !(1..=12).contains(&month)
        || !(1..=28).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let days = days_from_civil(year.into(), month.into(), day.into());
    let seconds = i64::from((hour * 60 + minute) * 60 + second);
    Some(Timestamp(days * MICROS_PER_DAY + seconds * 1_000_000 + i64::from(millis) * 1_000))
}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let year = number(text, 0, 4)?;
    let month = number(text, 5, 2)?;
    let day = number(text, 8, 2)?;
    if text[4] != b'-' || text[7] != b'-' || !(1..=12).contains(&month) {
        return None;
    }
    if day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let midnight = days_from_civil(year, month, day) * MICROS_PER_DAY;
    let micros = match text.get(10) {
        None => midnight,
        Some(b'T' | b't' | b' ') => midnight.checked_add(time_of_day(text.get(11..)?)?)?,
        Some(_) => return None,
    };
    (Timestamp::MIN.0..=Timestamp::MAX.0).contains(&micros).then_some(Timestamp(micros))
}

/// Microseconds from midnight UTC of `13:45:40.276+02:00`.
fn time_of_day(text: &[u8]) -> Option<i64> {
    let hour = number(text, 0, 2)?;
    let minute = number(text, 3, 2)?;
    if text[2] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let mut at = 5;
    let mut second = 0;
    let mut micros = 0;
    if text.get(at) == Some(&b':') {
        second = number(text, 6, 2)?;
        at = 8;
        if text.get(at) == Some(&b'.') {
            let digits = text[9..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let kept = digits.min(6);
            micros = number(text, 9, kept)? * 10_i64.pow(6 - u32::try_from(kept).ok()?);
            at = 9 + digits;
        }
    }
    // A leap second is read as the last second of its minute: the scale has none.
    if second > 60 {
        return None;
    }
    let offset = offset_minutes(&text[at..])?;
    Some(((hour * 60 + minute - offset) * 60 + second.min(59)) * 1_000_000 + micros)
}

fn offset_minutes(text: &[u8]) -> Option<i64> {
    match text {
        [] | [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let hours = number(rest, 0, 2)?;
            let minutes = match rest.len() {
                2 => 0,
                4 => number(rest, 2, 2)?,
                5 if rest[2] == b':' => number(rest, 3, 2)?,
                _ => return None,
            };
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = hours * 60 + minutes;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

#[inline]
fn number(text: &[u8], start: usize, digits: usize) -> Option<i64> {
    let mut number = 0;
    for byte in text.get(start..start + digits)? {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(number)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted from March so that the leap
/// day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Of the days of any number of microseconds. Dividing numbers of 32 bits is much quicker.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = i32::try_from(days + 719_468).unwrap_or_default();
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097).cast_unsigned();
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = (shifted_month + 2) % 12 + 1;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let year = i64::from(era) * 400 + i64::from(year_of_era + u32::from(month <= 2));
    (year, month.into(), day.into())
}

/// A date with the time of its day, in UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    /// Microseconds since midnight.
    pub(crate) micros: i64,
}

impl Civil {
    /// The date of so many microseconds since 1970.
    pub(crate) fn of(micros: i64) -> Self {
        let (year, month, day) = civil_from_days(micros.div_euclid(MICROS_PER_DAY));
        Self { year, month, day, micros: micros.rem_euclid(MICROS_PER_DAY) }
    }

    fn days(self) -> i64 {
        days_from_civil(self.year, self.month, self.day)
    }

    /// Microseconds since 1970.
    pub(crate) fn micros_since_1970(self) -> i64 {
        self.days() * MICROS_PER_DAY + self.micros
    }

    /// From Sunday, which is 0.
    pub(crate) fn weekday(self) -> i64 {
        (self.days() + 4).rem_euclid(7)
    }

    /// From the first of January, which is 1.
    pub(crate) fn day_of_year(self) -> i64 {
        self.days() - days_from_civil(self.year, 1, 1) + 1
    }
}

/// The longest text of a moment: with microseconds.
pub(crate) const TEXT_BYTES: usize = 27;

impl Timestamp {
    /// The moment as it is printed, in `text`.
    pub(crate) fn write(self, text: &mut [u8; TEXT_BYTES]) -> &str {
        let days = self.0.div_euclid(MICROS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let micros = self.0 - days * MICROS_PER_DAY;
        let seconds = micros / 1_000_000;
        // Written digit by digit: views read the time of many an event.
        let [year, month, day, fraction, seconds] =
            [year, month, day, micros - seconds * 1_000_000, seconds]
                .map(|number| u32::try_from(number).unwrap_or_default());
        *text = *b"0000-00-00T00:00:00.000000Z";
        let mut write = |at: usize, digits: usize, mut number: u32| {
            for place in text[at..at + digits].iter_mut().rev() {
                *place = b'0' + (number % 10).to_le_bytes()[0];
                number /= 10;
            }
        };
        write(0, 4, year);
        write(5, 2, month);
        write(8, 2, day);
        write(11, 2, seconds / 3_600);
        write(14, 2, seconds / 60 % 60);
        write(17, 2, seconds % 60);
        write(20, 6, fraction);
        let mut length = text.len();
        if fraction % 1_000 == 0 {
            length -= 3;
            text[length - 1] = b'Z';
        }
        core::str::from_utf8(&text[..length]).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; TEXT_BYTES]))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use alloc::string::ToString as _;

    #[test]
    fn a_time_is_printed_as_it_was_read() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_writings_mean_the_same_moment() {
        let moment: Timestamp = "2011-10-11T11:45:00.000Z".parse().unwrap();
        for text in [
            "2011-10-11 13:45+02:00",
            "2011-10-11T11:45",
            "2011-10-11t13:45:00.0+0200",
            "2011-10-11T12:45:00+01",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Ok(moment), "{text}");
        }
        assert_eq!(
            "2011-10-11".parse::<Timestamp>().unwrap().to_string(),
            "2011-10-11T00:00:00.000Z"
        );
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_text() {
        for text in [
            "",
            "today",
            "2023-02-29",
            "2011-13-01",
            "2011-10-11T24:00",
            "2011-10-11T10:00:00.Z",
            "2011-10-11T10:00:00+2",
            "0000-01-01T00:00:00+01:00",
            "２011-10-11",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap_err().found, text);
        }
    }
}
