//! A region: who leads its log, and which servers requests are sent to.

use alloc::vec;
use alloc::vec::Vec;

use everview_core::Rng;

use super::Recovery;
use crate::sim::Phase;

/// What works of a region at a moment.
#[derive(Debug, Clone)]
pub(super) struct Health {
    /// Of each zone, whether its replica can be reached.
    pub(super) replicas: Vec<bool>,
    /// Of each server, whether it can be reached.
    pub(super) servers: Vec<bool>,
    /// Whether the release that is out works.
    pub(super) is_sound: bool,
}

/// Who leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leadership {
    /// The one that led last.
    Led,
    /// Nobody yet: this replica will.
    Failover { to: usize, until: i64, phases: [i64; Phase::ALL.len()] },
    /// Nobody can: too few replicas.
    Waiting,
}

/// What happened when a region looked at its health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Happened {
    /// A failover ended, with these phases.
    pub(super) recovered: Option<[i64; Phase::ALL.len()]>,
    /// And it is another one that leads now.
    pub(super) by_another: bool,
}

/// The conditions under which a region looks at its health.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    /// How many replicas it takes to go on.
    pub(super) quorum: usize,
    /// Whether clients send to servers.
    pub(super) has_servers: bool,
    pub(super) recovery: &'a Recovery,
}

#[derive(Debug, Clone)]
pub(super) struct Region {
    leadership: Leadership,
    /// Who led last.
    leader: usize,
    /// Of each server that cannot be reached, until when requests are still sent to it.
    missed_at: Vec<Option<i64>>,
    /// Since when it takes no writes.
    failing_since: Option<i64>,
    rng: Rng,
}

impl Region {
    pub(super) fn new(servers: usize, rng: Rng) -> Self {
        Self {
            leadership: Leadership::Led,
            leader: 0,
            missed_at: vec![None; servers],
            failing_since: None,
            rng,
        }
    }

    pub(super) fn is_led(&self) -> bool {
        self.leadership == Leadership::Led
    }

    /// Whether it has taken no writes for so long that clients are sent to others.
    pub(super) fn is_avoided(&self, now: i64, after: i64) -> bool {
        self.failing_since.is_some_and(|since| since.saturating_add(after) <= now)
    }

    /// How many servers requests are sent to, and how many of those answer.
    pub(super) fn servers(&self, now: i64, health: &Health) -> (u64, u64) {
        let all = self.missed_at.iter().zip(&health.servers);
        let is_tried =
            |(missed, up): &(&Option<i64>, &bool)| **up || missed.is_some_and(|at| now < at);
        let answering = health.servers.iter().filter(|up| **up).count();
        (all.filter(is_tried).count() as u64, answering as u64)
    }

    /// When it has to be looked at again if nothing fails before.
    pub(super) fn next(&self, now: i64, avoided_after: i64) -> i64 {
        let failover = match self.leadership {
            Leadership::Failover { until, .. } => Some(until),
            Leadership::Led | Leadership::Waiting => None,
        };
        let avoided = self.failing_since.map(|since| since.saturating_add(avoided_after));
        let missed = self.missed_at.iter().flatten().copied();
        missed.chain(failover).chain(avoided).filter(|at| now < *at).min().unwrap_or(i64::MAX)
    }

    /// Takes note of what works at `now`.
    pub(super) fn look(&mut self, now: i64, health: &Health, rules: Rules<'_>) -> Happened {
        for (missed, up) in self.missed_at.iter_mut().zip(&health.servers) {
            match (*missed, up) {
                (_, true) => *missed = None,
                (None, false) => *missed = Some(now + rules.recovery.draw_missed(&mut self.rng)),
                (Some(_), false) => {}
            }
        }
        let happened = self.lead(now, health, rules);
        let has_servers = health.servers.is_empty() || health.servers.contains(&true);
        if self.is_led() && health.is_sound && has_servers {
            self.failing_since = None;
        } else {
            self.failing_since.get_or_insert(now);
        }
        happened
    }

    fn lead(&mut self, now: i64, health: &Health, rules: Rules<'_>) -> Happened {
        let has_quorum = rules.quorum <= health.replicas.iter().filter(|up| **up).count();
        let is_up = |replica: usize| health.replicas[replica];
        match self.leadership {
            Leadership::Led if is_up(self.leader) && has_quorum => {}
            Leadership::Failover { to, until, phases } if is_up(to) && has_quorum => {
                if until <= now {
                    let by_another = to != self.leader;
                    (self.leader, self.leadership) = (to, Leadership::Led);
                    return Happened { recovered: Some(phases), by_another };
                }
            }
            // Somebody has to notice first, or the leader finds that it has no quorum.
            Leadership::Led | Leadership::Failover { .. } => {
                self.fail_over(now, health, rules, true);
            }
            Leadership::Waiting if has_quorum => self.fail_over(now, health, rules, false),
            Leadership::Waiting => {}
        }
        Happened::default()
    }

    /// Begins a failover to the first replica that can be reached, if enough can.
    fn fail_over(&mut self, now: i64, health: &Health, rules: Rules<'_>, unnoticed: bool) {
        let reached = || (0..health.replicas.len()).filter(|replica| health.replicas[*replica]);
        let another = reached().find(|replica| *replica != self.leader);
        self.leadership = match another.or_else(|| reached().next()) {
            Some(to) if rules.quorum <= reached().count() => {
                let mut phases = rules.recovery.draw(rules.has_servers, &mut self.rng);
                if !unnoticed {
                    phases[Phase::Detect as usize] = 0;
                }
                Leadership::Failover { to, until: now + phases.iter().sum::<i64>(), phases }
            }
            _ => Leadership::Waiting,
        };
    }
}
