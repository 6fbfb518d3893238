//! What tables hold in the place of values: eight bytes each.
//!
//! Texts and large numbers lie once each in a [`Dictionary`], and a cell names them by their code.
//! Two cells of one dictionary are equal if and only if their values are the same in every respect,
//! so rows are copied, compared and kept for undoing without a look at what they mean.

use alloc::vec::Vec;
use core::cmp::Ordering;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::text::Texts;
use crate::time::TEXT_BYTES;
use crate::{Decimal, Timestamp, Value};

/// A value in a table: what kind it is in the lowest three bits, and above them the value or its
/// code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Cell(u64);

const KIND_BITS: u32 = 3;
const NULL: u64 = 0;
const BOOL: u64 = 1;
/// An integer of up to 61 bits.
const INT: u64 = 2;
/// A decimal of up to 56 bits with its scale in five more.
const DECIMAL: u64 = 3;
/// A text that is a moment as [`Timestamp`] prints it: its microseconds since 1970. Nearly every
/// event brings a new one.
const MOMENT: u64 = 4;
/// The code of a text.
const TEXT: u64 = 5;
/// The code of a number that needs more bits.
const LARGE: u64 = 6;
/// What is in no table.
const NOTHING: u64 = 7;

const SCALE_BITS: u32 = 5;

impl Cell {
    pub(crate) const NULL: Self = Self(NULL);
    pub(crate) const TRUE: Self = Self(1 << KIND_BITS | BOOL);
    pub(crate) const FALSE: Self = Self(BOOL);

    /// In the place of a number that cannot be kept, before a view has read it.
    pub(crate) const UNREADABLE: Self = Self(NOTHING);

    /// The cell of a small count.
    pub(crate) fn of_count(count: usize) -> Self {
        Self::of_code(INT, count)
    }

    const fn kind(self) -> u64 {
        self.0 & ((1 << KIND_BITS) - 1)
    }

    /// What stands above the kind, with its sign.
    const fn content(self) -> i64 {
        self.0.cast_signed() >> KIND_BITS
    }

    /// A cell with this content, if there is room for it.
    fn new(kind: u64, content: i64) -> Option<Self> {
        let cell = Self((content << KIND_BITS).cast_unsigned() | kind);
        (cell.content() == content).then_some(cell)
    }

    fn of_code(kind: u64, index: usize) -> Self {
        Self((index as u64) << KIND_BITS | kind)
    }

    fn code(self) -> usize {
        usize::try_from(self.0 >> KIND_BITS).unwrap_or(usize::MAX)
    }

    /// What has to be added to another cell to come to this one.
    pub(crate) const fn minus(self, before: Self) -> i64 {
        self.0.wrapping_sub(before.0).cast_signed()
    }

    /// The cell that a difference leads to.
    pub(crate) const fn plus(self, difference: i64) -> Self {
        Self(self.0.wrapping_add_signed(difference))
    }

    pub(crate) fn is_null(self) -> bool {
        self == Self::NULL
    }

    /// The integer that it is, unless that needs more than 61 bits.
    pub(crate) fn small_integer(self) -> Option<i64> {
        (self.kind() == INT).then_some(self.content())
    }

    /// The code of the text that it is, unless it names a moment.
    pub(crate) fn text_code(self) -> Option<usize> {
        (self.kind() == TEXT).then(|| self.code())
    }

    /// The microseconds of the moment that it is, written as a [`Timestamp`] is.
    pub(crate) fn micros(self) -> Option<i64> {
        self.is_moment().then_some(self.content())
    }

    /// Whether it is the text of a moment, written as a [`Timestamp`] is.
    pub(crate) fn is_moment(self) -> bool {
        self.kind() == MOMENT
    }

    /// Whether it is a text, or one that names a moment.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind(), TEXT | MOMENT)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        if truth { Self::TRUE } else { Self::FALSE }
    }
}

/// Texts and large numbers, each kept once and for as long as the views are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionary {
    texts: Texts,
    numbers: Vec<Value>,
    number_codes: HashMap<NumberName, usize, FixedState>,
}

/// What tells a number from all that are not the same in every respect: whether it is a decimal,
/// mantissa and scale.
type NumberName = (bool, i128, u32);

fn number_name(number: &Value) -> NumberName {
    let decimal = number.as_decimal().unwrap_or(Decimal::ZERO);
    (matches!(number, Value::Decimal(_)), decimal.mantissa(), decimal.scale())
}

/// What a dictionary held at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    texts: usize,
    numbers: usize,
}

impl Dictionary {
    /// Lets copies share the texts that there are.
    pub(crate) fn share(&mut self) {
        self.texts.share();
    }

    /// What it holds now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { texts: self.texts.len(), numbers: self.numbers.len() }
    }

    /// Forgets what came after a mark, of which no table has a cell.
    pub(crate) fn forget_since(&mut self, mark: Mark) {
        self.texts.truncate(mark.texts);
        for number in self.numbers.drain(mark.numbers..) {
            self.number_codes.remove(&number_name(&number));
        }
    }

    /// The cell of a value.
    pub(crate) fn cell(&mut self, value: &Value) -> Cell {
        match value {
            Value::Text(text) => self.text(text),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {
                small(value).unwrap_or_else(|| self.add_number(value))
            }
        }
    }

    /// The cell of a text.
    pub(crate) fn text(&mut self, text: &str) -> Cell {
        moment(text).unwrap_or_else(|| Cell::of_code(TEXT, self.texts.add(text)))
    }

    /// The cell of a text by its bytes.
    #[inline]
    pub(crate) fn text_bytes(&mut self, text: &[u8]) -> Cell {
        if looks_like_moment(text) {
            return self.text(core::str::from_utf8(text).unwrap_or_default());
        }
        Cell::of_code(TEXT, self.texts.add_bytes(text))
    }

    /// The cell of an integer.
    pub(crate) fn integer(&mut self, number: i64) -> Cell {
        Cell::new(INT, number).unwrap_or_else(|| self.add_number(&Value::Int(number)))
    }

    /// The cell of a moment's text.
    pub(crate) fn moment(time: Timestamp) -> Cell {
        // Ten thousand years in microseconds take 60 bits.
        Cell::new(MOMENT, time.micros()).unwrap_or(Cell::NULL)
    }

    /// The moment that a text names, however it is written.
    pub(crate) fn time(&self, cell: Cell) -> Option<Timestamp> {
        match cell.kind() {
            MOMENT => Some(moment_of(cell)),
            TEXT => self.texts.get(cell.code()).parse().ok(),
            _ => None,
        }
    }

    /// The cell of a value, if some table may have it.
    pub(crate) fn find(&self, value: &Value) -> Option<Cell> {
        match value {
            Value::Text(text) => {
                moment(text).or_else(|| Some(Cell::of_code(TEXT, self.texts.find(text)?)))
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {
                let known = || self.number_codes.get(&number_name(value));
                small(value).or_else(|| Some(Cell::of_code(LARGE, *known()?)))
            }
        }
    }

    fn add_number(&mut self, number: &Value) -> Cell {
        let Self { numbers, number_codes, .. } = self;
        let code = *number_codes.entry(number_name(number)).or_insert(numbers.len());
        if code == numbers.len() {
            numbers.push(number.clone());
        }
        Cell::of_code(LARGE, code)
    }

    /// The bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.texts.memory()
            + self.numbers.capacity() * size_of::<Value>()
            + self.number_codes.allocation_size()
    }

    /// The value of a cell.
    pub(crate) fn value(&self, cell: Cell) -> Value {
        match cell.kind() {
            NULL => Value::Null,
            BOOL => Value::Bool(cell == Cell::TRUE),
            INT => Value::Int(cell.content()),
            DECIMAL => Value::Decimal(small_decimal(cell)),
            MOMENT => Value::text(moment_of(cell).write(&mut [0; TEXT_BYTES])),
            TEXT => Value::text(self.texts.get(cell.code())),
            _ => self.numbers[cell.code()].clone(),
        }
    }

    /// The values of a row.
    pub(crate) fn values<T: FromIterator<Value>>(&self, cells: &[Cell]) -> T {
        cells.iter().map(|cell| self.value(*cell)).collect()
    }

    /// The one of a cell's equals that stands for all: the integer for a decimal that is one.
    pub(crate) fn canonical(&mut self, cell: Cell) -> Cell {
        if !matches!(cell.kind(), DECIMAL | LARGE) {
            return cell;
        }
        let canonical = self.value(cell).canonical();
        self.cell(&canonical)
    }

    /// Whether it is a decimal, be it whole or not.
    pub(crate) fn is_decimal(&self, cell: Cell) -> bool {
        let is_large = || matches!(self.numbers[cell.code()], Value::Decimal(_));
        cell.kind() == DECIMAL || cell.kind() == LARGE && is_large()
    }

    /// The order of two values.
    pub(crate) fn compare(&self, a: Cell, b: Cell) -> Ordering {
        match (a.kind(), b.kind()) {
            _ if a == b => Ordering::Equal,
            (INT, INT) => a.content().cmp(&b.content()),
            (MOMENT, MOMENT) if a.content() % 1_000 == 0 && b.content() % 1_000 == 0 => {
                a.content().cmp(&b.content())
            }
            (TEXT, TEXT) => self.texts.get(a.code()).cmp(self.texts.get(b.code())),
            _ => self.value(a).cmp(&self.value(b)),
        }
    }

    /// Appends what [`Value::encode`] appends for the cell's value.
    pub(crate) fn encode(&self, cell: Cell, out: &mut Vec<u8>) {
        match cell.kind() {
            TEXT => Value::encode_text(self.texts.get(cell.code()), out),
            MOMENT => Value::encode_text(moment_of(cell).write(&mut [0; TEXT_BYTES]), out),
            INT => Value::encode_integer(cell.content(), out),
            _ => self.value(cell).encode(out),
        }
    }
}

/// The cell of a value that needs no dictionary.
fn small(value: &Value) -> Option<Cell> {
    match value {
        Value::Null => Some(Cell::NULL),
        Value::Bool(truth) => Some((*truth).into()),
        Value::Int(number) => Cell::new(INT, *number),
        Value::Decimal(number) => {
            let mantissa = i64::try_from(number.mantissa()).ok()?;
            let shifted = mantissa.checked_mul(1 << SCALE_BITS)?;
            Cell::new(DECIMAL, shifted | i64::from(number.scale()))
        }
        Value::Text(_) => None,
    }
}

fn small_decimal(cell: Cell) -> Decimal {
    let scale = u32::try_from(cell.content() & ((1 << SCALE_BITS) - 1)).unwrap_or(0);
    Decimal::new(i128::from(cell.content() >> SCALE_BITS), scale).unwrap_or(Decimal::ZERO)
}

fn moment_of(cell: Cell) -> Timestamp {
    Timestamp::from_micros(cell.content())
}

#[inline]
fn looks_like_moment(text: &[u8]) -> bool {
    matches!(text, [_, _, _, _, b'-', _, _, b'-', _, _, b'T', .., b'Z'])
}

/// The cell of a text that is a moment, written as a [`Timestamp`] is.
fn moment(text: &str) -> Option<Cell> {
    if !looks_like_moment(text.as_bytes()) {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    if time.write(&mut [0; TEXT_BYTES]) != text {
        return None;
    }
    Some(Dictionary::moment(time))
}

#[cfg(test)]
mod tests {
    use super::{Cell, Dictionary};
    use crate::Value;
    use alloc::vec::Vec;

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.parse().unwrap())
    }

    #[test]
    fn values_come_back_the_same_and_are_equal_as_cells_only_if_they_are() {
        let mut dictionary = Dictionary::default();
        let values = [
            Value::Null,
            false.into(),
            true.into(),
            0.into(),
            (-1).into(),
            i64::MAX.into(),
            i64::MIN.into(),
            ((1 << 60) - 1).into(),
            (1 << 60).into(),
            decimal("1.0"),
            decimal("0.5"),
            decimal("-12.34"),
            decimal("36028797018963967.5"),
            decimal("0.000000000000000001"),
            "".into(),
            "a".into(),
            "2026-01-02T03:04:05.678Z".into(),
            "2026-01-02T03:04:05.678900Z".into(),
            "2026-01-02T03:04:05.678001Z".into(),
            "2026-01-02T03:04:05Z".into(),
            "2026-01-02T03:04:60.000Z".into(),
            "2026-01-02t03:04:05.678Z".into(),
        ];
        let cells: Vec<Cell> = values.iter().map(|value| dictionary.cell(value)).collect();
        for (index, (cell, value)) in cells.iter().zip(&values).enumerate() {
            let back = dictionary.value(*cell);
            assert_eq!((back.kind(), &back), (value.kind(), value));
            assert_eq!(dictionary.cell(value), *cell);
            assert_eq!(dictionary.find(value), Some(*cell));
            assert_eq!(cells.iter().position(|other| other == cell), Some(index), "{value}");
            let (mut encoded, mut expected) = (Vec::new(), Vec::new());
            dictionary.encode(*cell, &mut encoded);
            value.encode(&mut expected);
            assert_eq!(encoded, expected);
        }
        for (a, x) in cells.iter().zip(&values) {
            for (b, y) in cells.iter().zip(&values) {
                assert_eq!(dictionary.compare(*a, *b), x.cmp(y), "{x} and {y}");
            }
        }
    }

    #[test]
    fn what_came_after_a_mark_is_forgotten() {
        let mut dictionary = Dictionary::default();
        let kept = [dictionary.text("a"), dictionary.integer(i64::MAX)];
        let mark = dictionary.mark();
        for number in 0..100 {
            dictionary.text(&alloc::format!("text {number}"));
            dictionary.integer(i64::MIN + number);
        }
        dictionary.forget_since(mark);
        assert_eq!(dictionary.find(&"text 7".into()), None);
        assert_eq!(dictionary.find(&i64::MIN.into()), None);
        let found = [&"a".into(), &i64::MAX.into()].map(|value| dictionary.find(value));
        assert_eq!(found, kept.map(Some));
        let next = dictionary.text("b");
        assert_eq!(dictionary.value(next), "b".into());
    }

    #[test]
    fn what_no_table_has_is_not_found() {
        let dictionary = Dictionary::default();
        assert_eq!(dictionary.find(&"a".into()), None);
        assert_eq!(dictionary.find(&i64::MAX.into()), None);
        assert_eq!(dictionary.find(&1.into()), Some(Dictionary::default().integer(1)));
    }

    #[test]
    fn equal_numbers_have_one_canonical_cell() {
        let mut dictionary = Dictionary::default();
        let one = dictionary.integer(1);
        let decimal = dictionary.cell(&decimal("1.0"));
        assert_ne!(decimal, one);
        assert_eq!(dictionary.canonical(decimal), one);
        assert!(dictionary.compare(decimal, one).is_eq());
    }
}
