//! A value of a row as JavaScript has values.

use std::fmt;

use everview_core::{Decimal, Value};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tsify::Tsify;

/// The largest integer up to which JavaScript's numbers are exact.
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A value of a row. Nothing is rounded on the way: an integer is a `number` as long as that is
/// exact and a `bigint` beyond, and a decimal is a `number` where the number prints the same digits,
/// as it does with up to 15 of them, and else a `string`.
#[derive(Debug, Clone, PartialEq, Eq, Tsify)]
#[tsify(missing_as_null, type = "null | boolean | number | bigint | string")]
pub struct Cell(pub Value);

impl From<&Value> for Cell {
    fn from(value: &Value) -> Self {
        Self(value.clone())
    }
}

impl Cell {
    /// Whether JavaScript's numbers hold an integer exactly.
    pub const fn is_safe(integer: i64) -> bool {
        integer.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Int(number) if Self::is_safe(*number) => serializer.serialize_i64(*number),
            // What is written as 128 bits becomes a bigint.
            Value::Int(number) => serializer.serialize_i128(i128::from(*number)),
            Value::Decimal(number) => match exact_float(*number) {
                Some(float) => serializer.serialize_f64(float),
                None => serializer.collect_str(number),
            },
            Value::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The float that prints as the same digits: the nearest one, unless the next number of as many
/// digits has the same.
#[expect(clippy::cast_precision_loss, reason = "both are below 2^53, or a power of ten")]
fn exact_float(number: Decimal) -> Option<f64> {
    let mantissa = i64::try_from(number.mantissa()).ok()?;
    if mantissa.unsigned_abs() >= MAX_SAFE_INTEGER.unsigned_abs() {
        return None;
    }
    // Both are exact, so the quotient is the nearest float there is.
    let float = |mantissa: i64| mantissa as f64 / 10_i64.pow(number.scale()) as f64;
    let nearest = float(mantissa);
    (float(mantissa - 1) < nearest && nearest < float(mantissa + 1)).then_some(nearest)
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(Self)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, a bigint of 64 bits or a string")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Int).map_err(|_| E::custom("a bigint beyond 64 bits"))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        let text = number.to_string();
        let value = text.parse().map(Value::Int).ok();
        let value = value.or_else(|| text.parse().map(Value::Decimal).ok());
        value.ok_or_else(|| E::custom(format!("the number {number} is not exact")))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }
}

#[cfg(test)]
mod tests {
    use everview_core::{Decimal, Value};
    use proptest::prelude::*;

    use super::{Cell, exact_float};

    #[test]
    fn a_number_crosses_exactly_or_as_its_digits() {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        for (value, json) in [
            (Value::Int(-5), "-5"),
            (decimal("524.96"), "524.96"),
            (decimal("0.000000000000000001"), "1e-18"),
            (decimal("12345678901234567.8"), "\"12345678901234567.8\""),
            (decimal("-4503599627370.497"), "-4503599627370.497"),
            (decimal("8.123456789012345"), "\"8.123456789012345\""),
            (decimal("9007199254740990"), "9007199254740990.0"),
            (decimal("0.333333333333333333"), "\"0.333333333333333333\""),
            (Value::text("1"), "\"1\""),
        ] {
            assert_eq!(serde_json::to_string(&Cell(value)).unwrap(), json);
        }
    }

    proptest! {
        #[test]
        fn a_decimal_that_is_a_number_prints_the_same_digits(
            mantissa in any::<i64>(), shift in 0_u32..60, scale in 0_u32..19,
        ) {
            let number = Decimal::new(i128::from(mantissa >> shift), scale).unwrap();
            if let Some(float) = exact_float(number) {
                prop_assert_eq!(float.to_string(), number.to_string());
            } else {
                prop_assert!(number.to_string().len() > 16, "{number}");
            }
        }
    }

    #[test]
    fn a_cell_reads_back() {
        for value in [Value::Null, true.into(), i64::MIN.into(), "a".into()] {
            let json = serde_json::to_string(&Cell(value.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Cell>(&json).unwrap(), Cell(value));
        }
        let half: Cell = serde_json::from_str("0.5").unwrap();
        assert_eq!(half, Cell(Value::Decimal("0.5".parse().unwrap())));
    }
}
