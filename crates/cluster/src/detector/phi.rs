//! How unlikely it is that a node that is quiet is only late.
//!
//! φ is minus the decimal logarithm of the probability that a heartbeat comes later than this, if
//! the times between heartbeats are distributed normally: at φ = 1 one suspicion in ten is wrong, at
//! φ = 8 one in a hundred million. Whole numbers only, so that every platform decides alike.

use crate::Timing;

/// How phi-accrual failure detection (N. Hayashibara et al., *The φ accrual failure detector*, SRDS
/// 2004) judges.
///
/// The names and what is usual are those of Akka (`threshold` 8, `max-sample-size` 1,000,
/// `min-std-deviation` a tenth of a heartbeat, `acceptable-heartbeat-pause` three of them) and of
/// Cassandra (`phi_convict_threshold` 8, 1,000 samples), for heartbeats of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phi {
    /// A node is taken to be down at this many thousandths of φ; more than 23,000 are never reached.
    pub threshold_milli: u32,
    /// How many of the last times between two heartbeats count; from 2 on, 100 to 1,000 are usual.
    pub window: u16,
    /// The least standard deviation, so that a very regular node is not suspected at the first delay.
    pub deviation_ms: i64,
    /// How long a node may pause, beside what was seen of it: a heartbeat that is lost, say.
    pub pause_ms: i64,
}

impl Phi {
    /// What is usual for a heartbeat every so many milliseconds: φ of 8, 200 samples, and one
    /// heartbeat may be lost.
    ///
    /// ```
    /// use everview_cluster::Phi;
    ///
    /// let phi = Phi::usual(250);
    /// assert_eq!((phi.threshold_milli, phi.deviation_ms, phi.pause_ms), (8_000, 50, 250));
    /// ```
    pub const fn usual(heartbeat_ms: i64) -> Self {
        Self {
            threshold_milli: 8_000,
            window: 200,
            deviation_ms: heartbeat_ms / 5,
            pause_ms: heartbeat_ms,
        }
    }
}

/// How a node that is down is told from one that is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detection {
    /// It has been quiet for [`Timing::suspicion_ms`].
    Deadline,
    /// It has been quiet for longer than is likely after what was heard of it, or for
    /// [`Timing::suspicion_ms`], whatever comes first.
    Phi(Phi),
}

impl Detection {
    pub(crate) const fn usual(heartbeat_ms: i64) -> Self {
        Self::Phi(Phi::usual(heartbeat_ms))
    }
}

/// The lowest z in [`TAIL`], in thousandths.
const LOWEST: i64 = -3_000;

/// How far two neighbours in [`TAIL`] are apart, in thousandths.
const STEP: i64 = 250;

/// Millionths of φ at z standard deviations: minus log₁₀ of the upper tail of the normal distribution.
/// Between two of them a straight line is less than four thousandths off.
const TAIL: [u32; 53] = [
    587, 1_296, 2_705, 5_342, 9_994, 17_756, 30_029, 48_492, 75_026, 111_611, 160_231, 222_786,
    301_030, 396_538, 510_692, 644_688, 799_546, 976_131, 1_175_177, 1_397_298, 1_643_016,
    1_912_770, 2_206_932, 2_525_818, 2_869_699, 3_238_805, 3_633_336, 4_053_463, 4_499_335,
    4_971_082, 5_468_818, 5_992_644, 6_542_646, 7_118_903, 7_721_485, 8_350_454, 9_005_864,
    9_687_767, 10_396_206, 11_131_223, 11_892_854, 12_681_132, 13_496_088, 14_337_750, 15_206_143,
    16_101_290, 17_023_213, 17_971_932, 18_947_464, 19_949_828, 20_979_038, 22_035_108, 23_118_053,
];

/// Thousandths of φ at so many thousandths of standard deviations; beyond both ends as at the end.
pub(super) fn phi_milli(z_milli: i64) -> u32 {
    let above = z_milli.saturating_sub(LOWEST).max(0);
    let index = usize::try_from(above / STEP).unwrap_or(usize::MAX);
    let Some([low, high]) = TAIL.get(index..).and_then(|rest| rest.first_chunk()) else {
        return TAIL[TAIL.len() - 1] / 1_000;
    };
    let (low, high) = (i64::from(*low), i64::from(*high));
    let micro = low + (high - low) * (above % STEP) / STEP;
    u32::try_from(micro / 1_000).unwrap_or(u32::MAX)
}

/// At how many thousandths of standard deviations φ is so many thousandths; none if it never is.
pub(super) fn z_milli(phi_milli: u32) -> Option<i64> {
    let micro = i64::from(phi_milli) * 1_000;
    let index = TAIL.partition_point(|&tail| i64::from(tail) < micro);
    let high = i64::from(*TAIL.get(index)?);
    let Some(before) = index.checked_sub(1) else { return Some(LOWEST) };
    let low = i64::from(TAIL[before]);
    let steps = i64::try_from(before).ok()?;
    Some(LOWEST + steps * STEP + (micro - low) * STEP / (high - low))
}

/// What phi-accrual goes by besides the times that it is told.
impl Timing {
    pub(super) const fn phi(&self) -> Option<Phi> {
        match self.detection {
            Detection::Deadline => None,
            Detection::Phi(phi) => Some(phi),
        }
    }
}
