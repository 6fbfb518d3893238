//! Parts that fail and are repaired.

use everview_core::Rng;

use super::draw::exponential;
use super::{Rate, Rates};
use crate::availability::micros;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Replica { region: u8, zone: u8 },
    Server { region: u8, zone: u8, number: u8 },
    Zone { region: u8, zone: u8 },
    ZoneNetwork { region: u8, zone: u8 },
    Region { region: u8 },
    RegionNetwork { one: u8, other: u8 },
    Release { region: u8 },
}

impl Part {
    fn rate(self, rates: &Rates) -> Rate {
        match self {
            Self::Replica { .. } | Self::Server { .. } => rates.machine,
            Self::Zone { .. } => rates.zone,
            Self::ZoneNetwork { .. } => rates.zone_network,
            Self::Region { .. } => rates.region,
            Self::RegionNetwork { .. } => rates.region_network,
            Self::Release { .. } => rates.release,
        }
    }

    /// A number of its own, the same in every configuration.
    fn code(self) -> u64 {
        let (kind, numbers) = match self {
            Self::Replica { region, zone } => (0, [region, zone, 0]),
            Self::Server { region, zone, number } => (1, [region, zone, number]),
            Self::Zone { region, zone } => (2, [region, zone, 0]),
            Self::ZoneNetwork { region, zone } => (3, [region, zone, 0]),
            Self::Region { region } => (4, [region, 0, 0]),
            Self::RegionNetwork { one, other } => (5, [one, other, 0]),
            Self::Release { region } => (6, [region, 0, 0]),
        };
        numbers.into_iter().fold(kind, |code, number| code << 8 | u64::from(number))
    }
}

/// A part and when it fails or is repaired next.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) part: Part,
    pub(super) is_up: bool,
    pub(super) next: i64,
    between_failures: i64,
    to_repair: i64,
    rng: Rng,
}

impl Unit {
    pub(super) fn new(part: Part, rates: &Rates, seed: u64) -> Self {
        let rate = part.rate(rates);
        let signed = |time| i64::try_from(micros(time)).unwrap_or(i64::MAX);
        let mut unit = Self {
            part,
            is_up: true,
            next: 0,
            between_failures: signed(rate.between_failures),
            to_repair: signed(rate.to_repair),
            rng: Rng::new(Rng::new(seed).next_u64() ^ Rng::new(part.code()).next_u64()),
        };
        unit.plan(0);
        unit
    }

    /// Fails, or is repaired, at `now`.
    pub(super) fn turn(&mut self, now: i64) {
        self.is_up = !self.is_up;
        self.plan(now);
    }

    fn plan(&mut self, now: i64) {
        let mean = if self.is_up { self.between_failures } else { self.to_repair };
        // What never fails needs no luck.
        let after = if mean == i64::MAX { mean } else { exponential(&mut self.rng, mean) };
        self.next = now.saturating_add(after.max(1));
    }
}
