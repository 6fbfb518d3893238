//! Random times, by whole numbers only.

use everview_core::Rng;

/// The natural logarithm of 2, in parts of 2^32.
const LN_2: u128 = 2_977_044_472;

/// A time from the exponential distribution with this mean, in microseconds: what passes until
/// something happens that may happen at any moment.
pub(super) fn exponential(rng: &mut Rng, mean: i64) -> i64 {
    // A number above 0 and up to 1, in parts of 2^64, and minus its logarithm.
    let uniform = rng.next_u64() | 1;
    let nepers = (u128::from(minus_log2(uniform)) * LN_2) >> 32;
    let drawn = nepers.saturating_mul(u128::from(mean.max(0).unsigned_abs())) >> 32;
    i64::try_from(drawn).unwrap_or(i64::MAX)
}

/// Minus the logarithm to base 2 of a number of parts of 2^64, in parts of 2^32.
fn minus_log2(parts: u64) -> u64 {
    let leading = u64::from(parts.leading_zeros());
    // From 1 to 2, in parts of 2^63; each squaring brings out one binary digit of the logarithm.
    let mut mantissa = parts << leading;
    let mut digits: u64 = 0;
    for _ in 0..32 {
        let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
        let is_two = square >> 64 != 0;
        digits = digits << 1 | u64::from(is_two);
        let kept = if is_two { square >> 1 } else { square };
        mantissa = u64::try_from(kept).unwrap_or(u64::MAX);
    }
    ((leading + 1) << 32) - digits
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use everview_core::Rng;

    use super::{exponential, minus_log2};

    #[test]
    fn logarithms_are_right_to_nine_digits() {
        for (parts, expected) in
            [(1 << 63, 1_u64 << 32), (1 << 62, 2 << 32), (3 << 62, 1_782_572_486), (1, 64 << 32)]
        {
            assert!(minus_log2(parts).abs_diff(expected) < 5, "{} {expected}", minus_log2(parts));
        }
    }

    #[test]
    fn drawn_times_have_the_mean_and_the_median_of_the_distribution() {
        let mut rng = Rng::new(1);
        let mut drawn: Vec<i64> = (0..100_000).map(|_| exponential(&mut rng, 1_000_000)).collect();
        drawn.sort_unstable();

        let mean = drawn.iter().sum::<i64>() / 100_000;
        assert!((990_000..1_010_000).contains(&mean), "{mean}");
        let median = drawn[50_000];
        assert!((683_000..703_000).contains(&median), "{median} is near ln 2");
    }
}
