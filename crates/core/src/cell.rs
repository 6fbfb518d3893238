//! What tables hold in the place of values: eight bytes each.
//!
//! Texts and large numbers lie once each in a [`Dictionary`], and a cell names them by their code.
//! Two cells of one dictionary are equal if and only if their values are the same in every respect,
//! so rows are copied, compared and kept for undoing without a look at what they mean.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::{BuildHasher as _, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::time::TEXT_BYTES;
use crate::value::is_same_value;
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

const SCALE_BITS: u32 = 5;

impl Cell {
    pub(crate) const NULL: Self = Self(NULL);
    pub(crate) const TRUE: Self = Self(1 << KIND_BITS | BOOL);
    pub(crate) const FALSE: Self = Self(BOOL);

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

    pub(crate) fn is_null(self) -> bool {
        self == Self::NULL
    }

    /// The integer that it is, unless that needs more than 61 bits.
    pub(crate) fn small_integer(self) -> Option<i64> {
        (self.kind() == INT).then_some(self.content())
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
    texts: Coded<Arc<str>>,
    numbers: Coded<Value>,
}

const HASHER: FixedState = FixedState::with_seed(0);

/// Things that are kept once each, numbered from 0 in the order they came.
#[derive(Debug, Clone)]
struct Coded<T> {
    all: Vec<T>,
    codes: HashTable<u32>,
}

impl<T> Default for Coded<T> {
    fn default() -> Self {
        Self { all: Vec::new(), codes: HashTable::new() }
    }
}

impl<T: Hash> Coded<T> {
    /// The code of what has this hash and `is_it`.
    fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<usize> {
        let code = self.codes.find(hash, |code| is_it(&self.all[*code as usize]))?;
        Some(*code as usize)
    }

    /// The same; if nothing is, `new` is kept and gets the next code.
    fn add(&mut self, hash: u64, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
        let all = &mut self.all;
        let entry = self.codes.entry(
            hash,
            |code| is_it(&all[*code as usize]),
            |code| HASHER.hash_one(&all[*code as usize]),
        );
        // More than 2^32 of them do not fit into memory by far.
        let next = || u32::try_from(all.len()).unwrap_or(u32::MAX);
        let code = *entry.or_insert_with(next).get() as usize;
        if code == all.len() {
            all.push(new());
        }
        code
    }
}

impl Dictionary {
    /// The cell of a value.
    pub(crate) fn cell(&mut self, value: &Value) -> Cell {
        match value {
            Value::Text(text) => {
                moment(text).unwrap_or_else(|| self.add_text(text, || Arc::clone(text)))
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {
                small(value).unwrap_or_else(|| self.add_number(value))
            }
        }
    }

    /// The cell of a text.
    pub(crate) fn text(&mut self, text: &str) -> Cell {
        moment(text).unwrap_or_else(|| self.add_text(text, || text.into()))
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
            TEXT => self.texts.all[cell.code()].parse().ok(),
            _ => None,
        }
    }

    /// The cell of a value, if some table may have it.
    pub(crate) fn find(&self, value: &Value) -> Option<Cell> {
        match value {
            Value::Text(text) => moment(text).or_else(|| {
                let code = self.texts.find(HASHER.hash_one(&**text), |known| known == text)?;
                Some(Cell::of_code(TEXT, code))
            }),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => small(value)
                .or_else(|| {
                    let is_it = |known: &Value| is_same_value(known, value);
                    let code = self.numbers.find(HASHER.hash_one(value), is_it)?;
                    Some(Cell::of_code(LARGE, code))
                }),
        }
    }

    fn add_text(&mut self, text: &str, to_keep: impl FnOnce() -> Arc<str>) -> Cell {
        let code = self.texts.add(HASHER.hash_one(text), |known| **known == *text, to_keep);
        Cell::of_code(TEXT, code)
    }

    fn add_number(&mut self, number: &Value) -> Cell {
        let is_it = |known: &Value| is_same_value(known, number);
        let code = self.numbers.add(HASHER.hash_one(number), is_it, || number.clone());
        Cell::of_code(LARGE, code)
    }

    /// The value of a cell.
    pub(crate) fn value(&self, cell: Cell) -> Value {
        match cell.kind() {
            NULL => Value::Null,
            BOOL => Value::Bool(cell == Cell::TRUE),
            INT => Value::Int(cell.content()),
            DECIMAL => Value::Decimal(small_decimal(cell)),
            MOMENT => Value::text(moment_of(cell).write(&mut [0; TEXT_BYTES])),
            TEXT => Value::Text(Arc::clone(&self.texts.all[cell.code()])),
            _ => self.numbers.all[cell.code()].clone(),
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

    /// The order of two values.
    pub(crate) fn compare(&self, a: Cell, b: Cell) -> Ordering {
        match (a.kind(), b.kind()) {
            _ if a == b => Ordering::Equal,
            (INT, INT) => a.content().cmp(&b.content()),
            (MOMENT, MOMENT) if a.content() % 1_000 == 0 && b.content() % 1_000 == 0 => {
                a.content().cmp(&b.content())
            }
            (TEXT, TEXT) => self.texts.all[a.code()].cmp(&self.texts.all[b.code()]),
            _ => self.value(a).cmp(&self.value(b)),
        }
    }

    /// Appends what [`Value::encode`] appends for the cell's value.
    pub(crate) fn encode(&self, cell: Cell, out: &mut Vec<u8>) {
        match cell.kind() {
            TEXT => Value::encode_text(&self.texts.all[cell.code()], out),
            MOMENT => Value::encode_text(moment_of(cell).write(&mut [0; TEXT_BYTES]), out),
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

/// The cell of a text that is a moment, written as a [`Timestamp`] is.
fn moment(text: &str) -> Option<Cell> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', .., b'Z'] = text.as_bytes() else { return None };
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
