//! Sets of values, as a condition on one column leaves them over.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::Value;
use crate::cell::{Cell, Dictionary};
use crate::order;
use crate::sql::Operator;

/// A place between two values in the order of all values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Below(Cell),
    Above(Cell),
    End,
}

impl Cut {
    const START: Self = Self::Below(Cell::NULL);
    const ABOVE_NULL: Self = Self::Above(Cell::NULL);

    pub(super) fn compare(self, other: Self, dictionary: &Dictionary) -> Ordering {
        let (a, b) = match (self, other) {
            (Self::End, Self::End) => return Ordering::Equal,
            (Self::End, _) => return Ordering::Greater,
            (_, Self::End) => return Ordering::Less,
            (Self::Below(a) | Self::Above(a), Self::Below(b) | Self::Above(b)) => (a, b),
        };
        let side = |cut: Self| matches!(cut, Self::Above(_));
        dictionary.compare(a, b).then(side(self).cmp(&side(other)))
    }

    /// Whether a value lies before it.
    pub(super) fn is_after(self, cell: Cell, dictionary: &Dictionary) -> bool {
        match self {
            Self::Below(bound) => dictionary.compare(cell, bound).is_lt(),
            Self::Above(bound) => dictionary.compare(cell, bound).is_le(),
            Self::End => true,
        }
    }
}

/// The values between two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: Cut,
    pub(super) high: Cut,
}

impl Interval {
    /// Every value, NULL too.
    pub(super) const WHOLE: Self = Self { low: Cut::START, high: Cut::End };

    const fn point(cell: Cell) -> Self {
        Self { low: Cut::Below(cell), high: Cut::Above(cell) }
    }

    /// The value, if it is one and its equals only.
    pub(super) fn value(self) -> Option<Cell> {
        match (self.low, self.high) {
            (Cut::Below(low), Cut::Above(high)) if low == high => Some(low),
            _ => None,
        }
    }

    pub(super) fn is_empty(self, dictionary: &Dictionary) -> bool {
        self.low.compare(self.high, dictionary).is_ge()
    }

    /// What is left of it from `low` on.
    pub(super) fn from(self, low: Cut, dictionary: &Dictionary) -> Self {
        let keep = self.low.compare(low, dictionary).is_ge();
        Self { low: if keep { self.low } else { low }, ..self }
    }

    /// What is left of it up to `high`.
    pub(super) fn up_to(self, high: Cut, dictionary: &Dictionary) -> Self {
        let keep = self.high.compare(high, dictionary).is_le();
        Self { high: if keep { self.high } else { high }, ..self }
    }
}

/// Intervals in order, none of which touches another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intervals(pub(super) Vec<Interval>);

impl Intervals {
    pub(super) fn whole() -> Self {
        Self(vec![Interval::WHOLE])
    }

    pub(super) fn is_whole(&self) -> bool {
        *self.0 == [Interval::WHOLE]
    }

    /// NULL alone, or all but NULL.
    pub(super) fn null(is_null: bool) -> Self {
        let some = Interval { low: Cut::ABOVE_NULL, high: Cut::End };
        Self(vec![if is_null { Interval::point(Cell::NULL) } else { some }])
    }

    /// The values for which a comparison with a constant holds, as expressions compare: a boolean
    /// beside a number counts as 0 or 1. In the order of values booleans come before the numbers,
    /// so they have intervals of their own.
    pub(super) fn compared(
        operator: Operator,
        constant: Cell,
        dictionary: &mut Dictionary,
    ) -> Option<Self> {
        let holds = operator.comparison()?;
        let mut intervals = Vec::new();
        let first = match dictionary.value(constant) {
            Value::Null => return Some(Self(intervals)),
            Value::Text(_) => Cut::ABOVE_NULL,
            value => {
                let number = value.as_decimal();
                for truth in [false, true] {
                    let boolean = Value::Bool(truth).as_decimal();
                    if holds(boolean.cmp(&number)) {
                        intervals.push(Interval::point(truth.into()));
                    }
                }
                Cut::Above(Cell::TRUE)
            }
        };
        let constant = match constant {
            Cell::FALSE => dictionary.integer(0),
            Cell::TRUE => dictionary.integer(1),
            other => other,
        };
        let (below, above) = (Cut::Below(constant), Cut::Above(constant));
        let between = |low, high| Interval { low, high };
        match (holds(Ordering::Less), holds(Ordering::Equal), holds(Ordering::Greater)) {
            (true, false, true) => {
                intervals.extend([between(first, below), between(above, Cut::End)]);
            }
            (true, false, false) => intervals.push(between(first, below)),
            (true, true, _) => intervals.push(between(first, above)),
            (false, false, _) => intervals.push(between(above, Cut::End)),
            (false, true, true) => intervals.push(between(below, Cut::End)),
            (false, true, false) => intervals.push(Interval::point(constant)),
        }
        Some(Self(intervals).tidy(dictionary))
    }

    /// The texts that begin with `prefix`.
    pub(super) fn prefixed(prefix: &str, dictionary: &mut Dictionary) -> Self {
        let low = Cut::Below(dictionary.text(prefix));
        let high = after_prefix(prefix).map_or(Cut::End, |text| Cut::Below(dictionary.text(&text)));
        Self(vec![Interval { low, high }])
    }

    /// The values in either.
    pub(super) fn or(mut self, other: Self, dictionary: &Dictionary) -> Self {
        self.0.extend(other.0);
        self.tidy(dictionary)
    }

    /// The values in both.
    pub(super) fn and(&self, other: &Self, dictionary: &Dictionary) -> Self {
        let both = |a: &Interval, b: &Interval| a.from(b.low, dictionary).up_to(b.high, dictionary);
        let all = self.0.iter().flat_map(|a| other.0.iter().map(move |b| both(a, b))).collect();
        Self(all).tidy(dictionary)
    }

    fn tidy(self, dictionary: &Dictionary) -> Self {
        let mut all = self.0;
        all.retain(|interval| !interval.is_empty(dictionary));
        order::sort(&mut all, |a, b| a.low.compare(b.low, dictionary));
        let mut tidy: Vec<Interval> = Vec::with_capacity(all.len());
        for next in all {
            match tidy.last_mut() {
                Some(last) if last.high.compare(next.low, dictionary).is_ge() => {
                    if last.high.compare(next.high, dictionary).is_lt() {
                        last.high = next.high;
                    }
                }
                _ => tidy.push(next),
            }
        }
        Self(tidy)
    }

    /// Whether it is one value at most.
    pub(super) fn is_single(&self) -> bool {
        self.is_points() && self.0.len() <= 1
    }

    /// Whether it is one value at most in a column that has not both booleans and numbers, of which
    /// `1` is equal to `true`.
    pub(super) fn may_be_single(&self) -> bool {
        let is_boolean =
            |interval: &Interval| matches!(interval.value(), Some(Cell::TRUE | Cell::FALSE));
        self.is_single()
            || self.is_points()
                && self.0.len() == 2
                && is_boolean(&self.0[0])
                && !is_boolean(&self.0[1])
    }

    /// Whether it is single values only.
    pub(super) fn is_points(&self) -> bool {
        self.0.iter().all(|interval| interval.value().is_some())
    }
}

/// The first text after all that begin with `prefix`; none where there is none.
fn after_prefix(prefix: &str) -> Option<alloc::string::String> {
    let mut rest = prefix.chars();
    while let Some(last) = rest.next_back() {
        // The numbers of characters have a gap.
        let next =
            if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            return Some(rest.chain([next]).collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Intervals, after_prefix};
    use crate::Value;
    use crate::cell::{Cell, Dictionary};
    use crate::sql::{Operator, binary};
    use alloc::vec::Vec;

    fn contains(intervals: &Intervals, cell: Cell, dictionary: &Dictionary) -> bool {
        intervals.0.iter().any(|interval| {
            !interval.low.is_after(cell, dictionary) && interval.high.is_after(cell, dictionary)
        })
    }

    #[test]
    fn an_interval_holds_what_the_comparison_holds_for() {
        let mut dictionary = Dictionary::default();
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        let values = [
            Value::Null,
            false.into(),
            true.into(),
            (-1).into(),
            0.into(),
            decimal("0.5"),
            1.into(),
            decimal("1.0"),
            i64::MAX.into(),
            "".into(),
            "a".into(),
            "2026-01-02T03:04:05.678Z".into(),
            "b".into(),
        ];
        let cells: Vec<Cell> = values.iter().map(|value| dictionary.cell(value)).collect();
        for operator in [
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
        ] {
            for constant in &cells {
                let intervals = Intervals::compared(operator, *constant, &mut dictionary).unwrap();
                for cell in &cells {
                    let holds = binary(operator, *cell, *constant, &mut dictionary).unwrap();
                    let (x, y) = (dictionary.value(*cell), dictionary.value(*constant));
                    assert_eq!(
                        contains(&intervals, *cell, &dictionary),
                        holds == Cell::TRUE,
                        "{x} {} {y}: {intervals:?}",
                        operator.symbol()
                    );
                }
            }
        }
    }

    #[test]
    fn a_prefix_ends_before_the_next_text_that_does_not_begin_with_it() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix(""), None);
    }
}
