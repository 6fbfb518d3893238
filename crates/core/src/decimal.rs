//! Exact decimal numbers.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// The most digits after the point that are kept; a finer number is refused when read, and a
/// quotient is rounded there.
const MAX_SCALE: u32 = 18;

/// A decimal number: up to 38 digits, up to 18 of them after the point, never rounded but in a
/// division.
///
/// ```
/// use everview_core::Decimal;
///
/// let sum = "0.1".parse::<Decimal>()?.checked_add("0.2".parse()?).unwrap();
/// assert_eq!(sum.to_string(), "0.3");
/// # Ok::<(), everview_core::DecimalError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The bytes of an `i128`, little end first: they keep [`crate::Value`] at 24 bytes, where an
    /// aligned `i128` would make it 32.
    mantissa: [u8; 16],
    /// Digits after the point, as few as the number needs, so that equal numbers are equal bytes.
    scale: u8,
}

/// A text that is no number that can be kept exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of at most 38 digits, 18 after the point")]
pub struct DecimalError;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: [0; 16], scale: 0 };

    /// `mantissa` divided by ten to the power of `scale`; none if `scale` is over 18 with digits
    /// that would be lost.
    pub fn new(mut mantissa: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale > MAX_SCALE {
            return None;
        }
        Some(Self { mantissa: mantissa.to_le_bytes(), scale: u8::try_from(scale).ok()? })
    }

    /// The number without its point.
    pub const fn mantissa(self) -> i128 {
        i128::from_le_bytes(self.mantissa)
    }

    /// Digits after the point.
    pub fn scale(self) -> u32 {
        u32::from(self.scale)
    }

    /// The integer it is, if it is one of 64 bits.
    pub fn to_i64(self) -> Option<i64> {
        if self.scale == 0 { i64::try_from(self.mantissa()).ok() } else { None }
    }

    /// Both mantissas at the larger of the two scales.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale().max(other.scale());
        let lift = |number: Self| {
            number.mantissa().checked_mul(10_i128.checked_pow(scale - number.scale())?)
        };
        Some((lift(self)?, lift(other)?, scale))
    }

    /// The sum; none on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_add(b)?, scale)
    }

    /// The difference; none on overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_sub(b)?, scale)
    }

    /// The product; none on overflow or when it needs more than 18 digits after the point.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::new(self.mantissa().checked_mul(other.mantissa())?, self.scale() + other.scale())
    }

    /// The quotient, rounded half to even at 18 digits after the point or, where 38 digits do not
    /// reach so far, at the most they do reach (6 at least); none on overflow or division by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        let (a, b, _) = self.aligned(other)?;
        if b == 0 {
            return None;
        }
        (6..=MAX_SCALE).rev().find_map(|scale| {
            let lifted = a.checked_mul(10_i128.checked_pow(scale)?)?;
            let (quotient, rest) = (lifted / b, (lifted % b).unsigned_abs());
            let half = rest.cmp(&(b.unsigned_abs() - rest));
            let away = half == Ordering::Greater || half == Ordering::Equal && quotient % 2 != 0;
            let step = if (a < 0) == (b < 0) { 1 } else { -1 };
            Self::new(if away { quotient + step } else { quotient }, scale)
        })
    }

    /// The remainder with the sign of the dividend; none on overflow or division by zero.
    pub fn checked_rem(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_rem(b)?, scale)
    }

    /// The number without what stands after its point.
    pub fn trunc(self) -> Self {
        Self { mantissa: (self.mantissa() / 10_i128.pow(self.scale())).to_le_bytes(), scale: 0 }
    }

    /// The number with `digits` after the point, rounded half away from zero as SQL's `round` does.
    pub fn round(self, digits: u32) -> Self {
        if digits >= self.scale() {
            return self;
        }
        let unit = 10_i128.pow(self.scale() - digits);
        let half = if self.mantissa() < 0 { -(unit / 2) } else { unit / 2 };
        Self::new((self.mantissa() + half) / unit, digits).unwrap_or(self)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self { mantissa: i128::from(number).to_le_bytes(), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads a number as JSON writes it, exponent included.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse(text).ok_or(DecimalError)
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let (digits, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.trim_start_matches('-').is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let negative = whole.starts_with('-');
    let mut mantissa: i128 = 0;
    for byte in whole.trim_start_matches('-').bytes().chain(fraction.bytes()) {
        let digit = char::from(byte).to_digit(10)?;
        mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    if negative {
        mantissa = -mantissa;
    }
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    match u32::try_from(scale) {
        Ok(scale) => Decimal::new(mantissa, scale),
        Err(_) => {
            Decimal::new(mantissa.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, 0)
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((a, b, _)) = self.aligned(*other) {
            return a.cmp(&b);
        }
        // One of them has no room for the other's digits after the point, so it is the larger in
        // magnitude and its whole part alone decides.
        let whole = |number: &Self| number.mantissa() / 10_i128.pow(number.scale());
        whole(self).cmp(&whole(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mantissa = self.mantissa();
        if self.scale == 0 {
            return write!(f, "{mantissa}");
        }
        let unit = 10_u128.pow(self.scale());
        let sign = if mantissa < 0 { "-" } else { "" };
        let magnitude = mantissa.unsigned_abs();
        let (whole, fraction) = (magnitude / unit, magnitude % unit);
        write!(f, "{sign}{whole}.{fraction:0width$}", width = usize::from(self.scale))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use alloc::string::ToString as _;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_is_printed_as_short_as_it_is_exact() {
        for (text, printed) in [
            ("1.50", "1.5"),
            ("-0.05", "-0.05"),
            ("1e3", "1000"),
            ("12.5E-3", "0.0125"),
            ("0.000", "0"),
            ("-0", "0"),
            ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
        ] {
            assert_eq!(decimal(text).to_string(), printed);
        }
    }

    #[test]
    fn what_cannot_be_kept_exactly_is_refused() {
        for text in
            ["", "-", "1e400", "1e-400", "1e99999999999", "0.1234567890123456789", "x", "1.2.3"]
        {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(decimal("0.1").checked_add(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("1").checked_sub(decimal("0.01")), Some(decimal("0.99")));
        assert_eq!(decimal("-1.5").checked_mul(decimal("2.5")), Some(decimal("-3.75")));
        assert_eq!(decimal("7.5").checked_rem(decimal("2")), Some(decimal("1.5")));
        assert_eq!(Decimal::new(i128::MAX, 0).unwrap().checked_add(decimal("1")), None);
    }

    #[test]
    fn a_quotient_is_rounded_half_to_even_and_never_by_zero() {
        assert_eq!(decimal("1").checked_div(decimal("3")), Some(decimal("0.333333333333333333")));
        assert_eq!(decimal("-2").checked_div(decimal("3")), Some(decimal("-0.666666666666666667")));
        assert_eq!(decimal("5").checked_div(decimal("2")), Some(decimal("2.5")));
        assert_eq!(decimal("1").checked_div(Decimal::ZERO), None);
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        assert_eq!(decimal("2.345").round(2), decimal("2.35"));
        assert_eq!(decimal("-2.5").round(0), decimal("-3"));
        assert_eq!(decimal("2.5").round(4), decimal("2.5"));
    }

    #[test]
    fn numbers_far_apart_are_ordered() {
        let large = Decimal::new(i128::MAX, 0).unwrap();
        assert!(large > decimal("0.000000000000000001"));
        assert!(Decimal::new(i128::MIN + 1, 0).unwrap() < decimal("-0.5"));
        assert!(decimal("1.10") == decimal("1.1") && decimal("-1") < decimal("-0.9"));
    }
}
