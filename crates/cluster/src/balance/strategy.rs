//! Which of several targets gets a request.

use core::cmp::Reverse;

use everview_core::{Rng, Timestamp};

use super::BalancerConfig;
use super::member::Member;
use crate::ServerId;

/// How a target is chosen among those that serve and have room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Each in turn, whatever its weight.
    #[default]
    RoundRobin,
    /// Each in turn, as often as its weight says and evenly spread: weights of 3 and 1 give
    /// `A A B A`, not `A A A B`.
    Weighted,
    /// The one with the fewest requests in flight for its weight, the one that had to wait longest
    /// among equals.
    LeastLoaded,
    /// The same one for the same key (rendezvous hashing): each target draws lots for the key, as
    /// many as its weight, and the highest wins. When a target goes, only its keys move; when one
    /// comes, only the keys that it gets. A target without room passes a key on to the next. A
    /// request without a key goes by weight.
    Affinity,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::RoundRobin, Self::Weighted, Self::LeastLoaded, Self::Affinity];

    /// Its name, as scenarios have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundRobin => "round-robin",
            Self::Weighted => "weighted",
            Self::LeastLoaded => "least-loaded",
            Self::Affinity => "affinity",
        }
    }

    /// The place of the one chosen in `candidates`, all of which have a share; none if there are
    /// none.
    pub(super) fn choose(
        self,
        now: Timestamp,
        config: &BalancerConfig,
        candidates: &mut [&mut Member],
        key: Option<u64>,
    ) -> Option<usize> {
        let share = |member: &Member| member.share(now, config);
        let weight = |member: &Member| u32::from(member.target.weight);
        match (self, key) {
            (Self::RoundRobin, _) => in_turn(candidates, |member| share(member) / weight(member)),
            (Self::LeastLoaded, _) => {
                let places = 0..candidates.len();
                places.min_by(|a, b| {
                    let (a, b) = (&*candidates[*a], &*candidates[*b]);
                    // (in flight + 1) / share, crosswise.
                    let load = |one: &Member, other: &Member| {
                        u64::from(one.in_flight + 1) * u64::from(share(other))
                    };
                    load(a, b).cmp(&load(b, a)).then(a.last_turn.cmp(&b.last_turn))
                })
            }
            (Self::Affinity, Some(key)) => {
                let lot = |member: &Member| {
                    let lots = share(member).div_ceil(100);
                    (0..lots).map(|lot| draw(key, member.server(), lot)).max()
                };
                let places = 0..candidates.len();
                places.max_by_key(|place| (lot(candidates[*place]), Reverse(*place)))
            }
            (Self::Weighted | Self::Affinity, _) => in_turn(candidates, share),
        }
    }
}

/// Smooth weighting: everybody is credited with its share, the one with the most credit is chosen
/// and pays what all were credited with.
fn in_turn(candidates: &mut [&mut Member], share: impl Fn(&Member) -> u32) -> Option<usize> {
    let mut total = 0;
    for member in &mut *candidates {
        let share = i64::from(share(member));
        member.credit += share;
        total += share;
    }
    let places = 0..candidates.len();
    let best = places.max_by_key(|place| (candidates[*place].credit, Reverse(*place)))?;
    candidates[best].credit -= total;
    Some(best)
}

/// One of the lots that a server draws for a key.
const fn draw(key: u64, server: ServerId, lot: u32) -> u64 {
    let ticket = (server.get() as u64 + 1) << 32 | lot as u64;
    Rng::new(Rng::new(key).next_u64() ^ Rng::new(ticket).next_u64()).next_u64()
}
