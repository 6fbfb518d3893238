//! What is simulated: nodes that keep one log, or regions with a log each.

use everview_cluster::sim::regions::{Regions, deed};
use everview_cluster::sim::{Action, MachineState, Script, Simulation, Step, Violation};
use everview_core::Timestamp;

use super::reader::Reader;

/// What is simulated.
pub(super) enum World {
    /// Nodes that keep one log, and their clients.
    OneLog(Box<Simulation>),
    /// Regions with a log each, and the page's reading of them.
    PerRegion(Box<Regions>, Reader),
}

impl World {
    /// What a script tells of, about to start.
    pub(super) fn of(script: &Script) -> Self {
        if script.is_regional() {
            Self::PerRegion(Box::new(script.regions(None)), Reader::default())
        } else {
            Self::OneLog(Box::new(script.simulation(None)))
        }
    }

    pub(super) const fn now(&self) -> Timestamp {
        match self {
            Self::OneLog(simulation) => simulation.now(),
            Self::PerRegion(regions, _) => regions.now(),
        }
    }

    pub(super) const fn start_time(&self) -> Timestamp {
        match self {
            Self::OneLog(simulation) => simulation.start_time(),
            Self::PerRegion(regions, _) => regions.start_time(),
        }
    }

    /// How long after its start it is.
    pub(super) const fn passed_ms(&self) -> i64 {
        self.now().millis_since(self.start_time())
    }

    pub(super) fn advance(&mut self, to: Timestamp) -> Result<(), Violation> {
        match self {
            Self::OneLog(simulation) => simulation.advance(to),
            Self::PerRegion(regions, _) => regions.advance(to),
        }
    }

    pub(super) fn happen(&mut self, step: &Step) -> Result<(), Violation> {
        match self {
            Self::OneLog(simulation) => step.happen(simulation),
            Self::PerRegion(regions, _) => step.happen_to_regions(regions),
        }
    }

    /// Why a step that somebody wants would do nothing here, if it is clear that it would.
    pub(super) fn refusal(&self, step: &Step) -> Option<String> {
        match (self, &step.action) {
            (Self::OneLog(_), Action::Edit { .. } | Action::Restore { .. }) => {
                Some("expected regions with a log each, found one log: it takes `pay`".into())
            }
            (Self::PerRegion(..), Action::Pay { .. }) => {
                Some("expected one log, found one per region: they take `edit`".into())
            }
            (Self::PerRegion(regions, _), Action::Edit { node, field, value, .. }) => {
                let status = regions.status();
                let is_up =
                    status.iter().any(|one| one.id == *node && one.state == MachineState::Up);
                let is_taken = is_up && deed(field, value).is_some();
                (!is_taken).then(|| {
                    format!("expected {node} to run and {field} to take it, found `{value}`")
                })
            }
            (Self::PerRegion(regions, _), Action::Restore { node, region, number }) => {
                let is_known = regions.stamp(*node, *region, *number).is_some();
                (!is_known)
                    .then(|| format!("expected {node} to run and to know of {number} of {region}"))
            }
            _ => None,
        }
    }
}
