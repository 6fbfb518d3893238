//! How long failovers take, as the simulator's state machines had it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use everview_core::command::CommandBus;
use everview_core::{Rng, Timestamp};

use crate::sim::{Failover, Fault, Phase, SimConfig, Simulation, Violation};

/// Failovers to draw from, each with the microseconds of its phases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery(Arc<[[i64; Phase::ALL.len()]]>);

/// How long the simulator is given for a failover, and for what comes after it.
const SETTLE_MS: i64 = 6_000;

impl Recovery {
    /// The phases of so many failovers in the simulator, with its default timing and links: three
    /// nodes in three zones whose leader is killed at a random moment. One is made at least.
    ///
    /// # Errors
    ///
    /// If the simulator finds a promise broken: then there is nothing to be studied.
    pub fn measured(seed: u64, failovers: u32) -> Result<Self, Violation> {
        let mut rng = Rng::new(seed);
        let mut found = Vec::new();
        for _ in 0..failovers.max(1) {
            let config = SimConfig { seed: rng.next_u64(), ..SimConfig::default() };
            let mut simulation = Simulation::new(config, |_| None, CommandBus::new);
            let moment = 3_000 + i64::try_from(rng.below(1_000)).unwrap_or(0);
            simulation.advance(Timestamp::from_millis(moment))?;
            if let Some(leader) = simulation.status().leader {
                simulation.inject(Fault::Kill(leader.into()))?;
            }
            simulation.advance(Timestamp::from_millis(moment + SETTLE_MS))?;
            found.extend(simulation.failovers());
        }
        Ok(Self::of(&found).unwrap_or(Self(Arc::new([[0; Phase::ALL.len()]]))))
    }

    /// The phases of these failovers; none if none of them has ended.
    pub fn of(failovers: &[Failover]) -> Option<Self> {
        let phases = |failover: &Failover| {
            let mut micros = [0; Phase::ALL.len()];
            let mut ended = 0;
            for ((_, took), place) in failover.phases().zip(&mut micros) {
                *place = took;
                ended += 1;
            }
            (ended == Phase::ALL.len()).then_some(micros)
        };
        let found: Arc<[_]> = failovers.iter().filter_map(phases).collect();
        (!found.is_empty()).then_some(Self(found))
    }

    /// The microseconds of the phases of each failover, in the order of [`Phase::ALL`].
    pub fn phases(&self) -> &[[i64; Phase::ALL.len()]] {
        &self.0
    }

    /// One of them.
    pub(super) fn draw(&self, rng: &mut Rng) -> [i64; Phase::ALL.len()] {
        let place = usize::try_from(rng.below(self.0.len() as u64)).unwrap_or(0);
        self.0.get(place).copied().unwrap_or_default()
    }
}
