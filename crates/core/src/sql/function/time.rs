//! Functions of moments: texts that are dates and times, which count in UTC.

use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use super::super::evaluate::EvaluateError;
use super::Function;
use crate::cell::{Cell, Dictionary};
use crate::time::TEXT_BYTES;
use crate::{Civil, Timestamp, Value};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A length of time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(i64);

impl Span {
    /// Reads `1 hour 30 minutes`. Months and years are no lengths: they differ.
    pub(in crate::sql) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let mut total: Option<i64> = None;
        while let Some(number) = words.next() {
            let number: i64 = number.parse().ok()?;
            let unit = match words.next()?.to_ascii_lowercase().trim_end_matches('s') {
                "microsecond" => 1,
                "millisecond" => 1_000,
                "second" => SECOND,
                "minute" => 60 * SECOND,
                "hour" => 3_600 * SECOND,
                "day" => DAY,
                "week" => 7 * DAY,
                _ => return None,
            };
            total = Some(total.unwrap_or(0).checked_add(number.checked_mul(unit)?)?);
        }
        total.map(Self)
    }

    pub(crate) const fn micros(self) -> i64 {
        self.0
    }

    pub(in crate::sql) fn negated(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The start of the window of this length that a moment lies in; one starts at 1970.
    pub(crate) const fn start(self, micros: i64) -> i64 {
        micros - micros.rem_euclid(self.0)
    }
}

/// A part of a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Dow,
    Doy,
    Epoch,
}

impl Unit {
    pub(in crate::sql) fn find(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "quarter" => Self::Quarter,
            "month" => Self::Month,
            "week" => Self::Week,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "millisecond" | "milliseconds" => Self::Millisecond,
            "dow" => Self::Dow,
            "doy" => Self::Doy,
            "epoch" => Self::Epoch,
            _ => return None,
        })
    }

    /// Whether its name is also the name of a function.
    pub(super) const fn is_function(self) -> bool {
        matches!(
            self,
            Self::Year | Self::Month | Self::Day | Self::Hour | Self::Minute | Self::Second
        )
    }

    /// Whether `date_trunc` knows it.
    pub(in crate::sql) const fn truncates(self) -> bool {
        !matches!(self, Self::Dow | Self::Doy | Self::Epoch)
    }

    /// Whether `extract` knows it.
    pub(in crate::sql) const fn is_part(self) -> bool {
        !matches!(self, Self::Week | Self::Millisecond)
    }

    fn part(self, micros: i64) -> i64 {
        let civil = Civil::of(micros);
        match self {
            Self::Year => civil.year,
            Self::Quarter => (civil.month + 2) / 3,
            Self::Month => civil.month,
            Self::Day => civil.day,
            Self::Hour => civil.micros / (3_600 * SECOND),
            Self::Minute => civil.micros / (60 * SECOND) % 60,
            Self::Second => civil.micros / SECOND % 60,
            Self::Dow => civil.weekday(),
            Self::Doy => civil.day_of_year(),
            Self::Week | Self::Millisecond | Self::Epoch => micros.div_euclid(SECOND),
        }
    }

    fn truncate(self, micros: i64) -> i64 {
        let civil = Civil::of(micros);
        let month = match self {
            Self::Year => 1,
            Self::Quarter => (civil.month - 1) / 3 * 3 + 1,
            Self::Month => civil.month,
            Self::Week => {
                // Weeks begin on Monday; 1970 began on a Thursday.
                return Span(7 * DAY).start(micros + 3 * DAY) - 3 * DAY;
            }
            Self::Hour => return Span(3_600 * SECOND).start(micros),
            Self::Minute => return Span(60 * SECOND).start(micros),
            Self::Second => return Span(SECOND).start(micros),
            Self::Millisecond => return Span(1_000).start(micros),
            Self::Day | Self::Dow | Self::Doy | Self::Epoch => return Span(DAY).start(micros),
        };
        Civil { month, day: 1, micros: 0, ..civil }.micros_since_1970()
    }
}

impl Function {
    /// The moment that a cell names.
    pub(crate) fn micros(self, cell: Cell, dictionary: &Dictionary) -> Result<i64, EvaluateError> {
        if let Some(time) = dictionary.time(cell) {
            return Ok(time.micros());
        }
        let value = dictionary.value(cell);
        Err(match &value {
            Value::Text(text) => self.misread("a time such as 2026-11-22T10:00:00Z", text),
            _ => self.wrong("a time", &value),
        })
    }

    /// The first bytes of a moment's text, which is the most that is ever asked of one.
    pub(super) fn of_moment_text(
        self,
        arguments: &[Cell],
        dictionary: &mut Dictionary,
    ) -> Option<Cell> {
        let (Self::Substr, [moment, start, length]) = (self, arguments) else { return None };
        let time = Timestamp::from_micros(moment.micros()?);
        let (1, length) = (start.small_integer()?, usize::try_from(length.small_integer()?).ok()?)
        else {
            return None;
        };
        let mut buffer = [0; TEXT_BYTES];
        let text = time.write(&mut buffer);
        Some(dictionary.text(text.get(..length).unwrap_or(text)))
    }

    /// What it makes of a moment, if it is a function of moments.
    pub(super) fn of_moment(
        self,
        arguments: &[Cell],
        dictionary: &mut Dictionary,
    ) -> Result<Option<Cell>, EvaluateError> {
        let last = arguments[arguments.len() - 1];
        let moment = |dictionary: &Dictionary| self.micros(last, dictionary);
        Ok(Some(match self {
            Self::Tumble(size) => self.within(size.start(moment(dictionary)?))?,
            Self::DateTrunc(unit) => self.within(unit.truncate(moment(dictionary)?))?,
            Self::Shift(span) => {
                let overflow = EvaluateError::Overflow { operation: self.name() };
                self.within(moment(dictionary)?.checked_add(span.0).ok_or(overflow)?)?
            }
            Self::DatePart(unit) => {
                let part = unit.part(moment(dictionary)?);
                dictionary.integer(part)
            }
            Self::UnixEpoch => {
                let part = Unit::Epoch.part(moment(dictionary)?);
                dictionary.integer(part)
            }
            Self::Date | Self::DateTime | Self::Time => {
                let format = match self {
                    Self::Date => "%Y-%m-%d",
                    Self::Time => "%H:%M:%S",
                    _ => "%Y-%m-%d %H:%M:%S",
                };
                let text = self.format(format, moment(dictionary)?)?;
                dictionary.text(&text)
            }
            Self::Strftime => {
                let format = dictionary.value(arguments[0]);
                let text = self.format(self.text(&format)?, moment(dictionary)?)?;
                dictionary.text(&text)
            }
            _ => return Ok(None),
        }))
    }

    /// The cell of a moment, if it is of the years 0000 to 9999.
    pub(crate) fn within(self, micros: i64) -> Result<Cell, EvaluateError> {
        let time = Timestamp::from_micros(micros);
        if time.micros() != micros {
            return Err(EvaluateError::Overflow { operation: self.name() });
        }
        Ok(Dictionary::moment(time))
    }

    fn format(self, format: &str, micros: i64) -> Result<String, EvaluateError> {
        let part = |unit: Unit| unit.part(micros);
        let mut out = String::new();
        let mut rest = format.chars();
        while let Some(c) = rest.next() {
            super::fits(self.name(), out.len() + 8)?;
            if c != '%' {
                out.push(c);
                continue;
            }
            let letter = rest.next();
            // Writing to a String cannot fail.
            let _ = match letter {
                Some('Y') => write!(out, "{:04}", part(Unit::Year)),
                Some('m') => write!(out, "{:02}", part(Unit::Month)),
                Some('d') => write!(out, "{:02}", part(Unit::Day)),
                Some('H') => write!(out, "{:02}", part(Unit::Hour)),
                Some('M') => write!(out, "{:02}", part(Unit::Minute)),
                Some('S') => write!(out, "{:02}", part(Unit::Second)),
                Some('f') => {
                    let millis = micros.rem_euclid(SECOND) / 1_000;
                    write!(out, "{:02}.{millis:03}", part(Unit::Second))
                }
                Some('j') => write!(out, "{:03}", part(Unit::Doy)),
                Some('w') => write!(out, "{}", part(Unit::Dow)),
                Some('s') => write!(out, "{}", part(Unit::Epoch)),
                Some('F') => {
                    let (month, day) = (part(Unit::Month), part(Unit::Day));
                    write!(out, "{:04}-{month:02}-{day:02}", part(Unit::Year))
                }
                Some('T') => {
                    let (minute, second) = (part(Unit::Minute), part(Unit::Second));
                    write!(out, "{:02}:{minute:02}:{second:02}", part(Unit::Hour))
                }
                Some('%') => out.write_char('%'),
                other => {
                    let found = other.map_or("%".into(), |c| format!("%{c}"));
                    let expected = "%Y %m %d %H %M %S %f %j %w %s %F %T or %%";
                    return Err(self.misread(expected, &found));
                }
            };
        }
        Ok(out)
    }
}
