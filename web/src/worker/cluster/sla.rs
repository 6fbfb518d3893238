//! How available the cluster is, as the page's own client sees it.

use std::time::Duration;

use everview_cluster::Health;
use everview_cluster::availability::{Alert, Meter, Objective, Seen, Severity, Tally, Watch};
use everview_core::Timestamp;
use everview_protocol::session::{AlertState, SlaState};

/// Looks at the client's follower again and again.
///
/// Clients are served while they follow a leader that is heard. What was before they first did is
/// no outage: nothing was promised yet.
#[derive(Debug)]
pub(super) struct Observer {
    watch: Watch,
    has_begun: bool,
}

impl Observer {
    /// One that remembers minutes for as long as the longest alert looks back.
    pub(super) fn new() -> Self {
        let longest = Alert::WORKBOOK.into_iter().map(|alert| alert.long).max();
        let meter = Meter::new(Duration::from_mins(1), longest.unwrap_or_default());
        Self { watch: Watch::new(meter), has_begun: false }
    }

    /// Notes how the follower is at a moment.
    pub(super) fn look(&mut self, now: Timestamp, health: Health) {
        self.has_begun |= health == Health::Live;
        let seen = match health {
            Health::Live => Seen::Up,
            Health::Stale { .. } | Health::Reconnecting { .. } | Health::Restoring { .. } => {
                if self.has_begun { Seen::Down } else { Seen::Unknown }
            }
        };
        self.watch.see(now, seen);
    }

    /// What was promised, measured and left at a moment.
    pub(super) fn state(&self, now: Timestamp) -> SlaState {
        let objective = Objective::default();
        let measured = Tally::from(&self.watch);
        let budget = objective.budget_of_time(Duration::from_micros(measured.bad));
        let availability = measured.availability();
        SlaState {
            objective: objective.to_string(),
            availability: availability.map(|measured| format!("{measured:.4}")),
            measured_ms: measured.total() / 1_000,
            down_ms: measured.bad / 1_000,
            outages: self.watch.outages(),
            between_failures_ms: self.watch.mean_time_between_failures().map(milliseconds),
            to_repair_ms: self.watch.mean_time_to_repair().map(milliseconds),
            allowed_ms: milliseconds(objective.allowed_time()),
            left_ms: milliseconds(budget.time_left()),
            spent: format!("{:.2}", budget.spent_share()),
            alerts: Alert::WORKBOOK.iter().map(|alert| self.alert(alert, objective, now)).collect(),
        }
    }

    fn alert(&self, alert: &Alert, objective: Objective, now: Timestamp) -> AlertState {
        let rates = alert.rates(objective, self.watch.meter(), now);
        let [long_rate, short_rate] = rates.map(|rate| rate.map(|rate| rate.to_string()));
        AlertState {
            long_ms: milliseconds(alert.long),
            short_ms: milliseconds(alert.short),
            limit: alert.rate.to_string(),
            long_rate,
            short_rate,
            fires: alert.fires(objective, self.watch.meter(), now),
            pages: alert.severity == Severity::Page,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
