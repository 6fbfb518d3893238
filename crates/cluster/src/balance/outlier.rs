//! Leaving out a target whose answers are worse than they should be, for a while.

use alloc::vec::Vec;

use everview_core::Timestamp;

use super::Balancer;
use super::member::Member;
use crate::ServerId;

/// When a target is left out because of its answers, and for how long: the rules and, where it has
/// them, the defaults of Envoy's outlier detection (`consecutive_5xx`, `failure_percentage`).
///
/// Other than there, no time is spent on comparing success rates by their standard deviation, the
/// last target that serves is never ejected, and requests are never sent to targets that are
/// known to be unwell ("panic mode"): they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ejection {
    /// So many failures in a row eject it. With 0, none do.
    pub failures_in_a_row: u32,
    /// How often the answers of an interval are looked at.
    pub interval_ms: i64,
    /// So many failures in a hundred answers of an interval eject it. With 0, none do.
    pub failure_percent: u8,
    /// If there were at least so many answers in the interval.
    pub least_answers: u32,
    /// How long it is left out the first time. The second time in a row is twice as long, and so on.
    pub base_ms: i64,
    /// The longest that it is left out.
    pub longest_ms: i64,
    /// The most targets that are left out at once, in a hundred. One always may be.
    pub most_percent: u8,
}

impl Default for Ejection {
    /// Five failures in a row, or 85 % of at least 50 answers in 10 s; left out for 30 s, 60 s, … up
    /// to 5 minutes; at most a tenth of the targets.
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            interval_ms: 10_000,
            failure_percent: 85,
            least_answers: 50,
            base_ms: 30_000,
            longest_ms: 300_000,
            most_percent: 10,
        }
    }
}

impl Balancer {
    /// Looks at the answers of the interval, if one has ended. For each interval that a target was
    /// not ejected in, it is forgiven one ejection.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        let interval_ms = self.config.ejection.interval_ms.max(1);
        let due = *self.sweep_at.get_or_insert(now.plus_millis(interval_ms));
        if now < due {
            return;
        }
        let begun = due.plus_millis(-interval_ms);
        let ended = begun.plus_millis(now.millis_since(begun) / interval_ms * interval_ms);
        self.sweep_at = Some(ended.plus_millis(interval_ms));
        let failing = self.members.iter().filter(|member| self.fails(member));
        let failing: Vec<ServerId> = failing.map(Member::server).collect();
        for member in &mut self.members {
            (member.answers, member.failures) = (0, 0);
            let since = member.ejected_until.map_or(begun, |until| until.max(begun));
            let forgiven = (ended.millis_since(since) / interval_ms).max(0);
            let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX);
            member.ejections = member.ejections.saturating_sub(forgiven);
        }
        for server in failing {
            self.eject(now, server);
        }
    }

    fn fails(&self, member: &Member) -> bool {
        let Ejection { failure_percent, least_answers, .. } = self.config.ejection;
        let (answers, failures) = (u64::from(member.answers), u64::from(member.failures));
        0 < failure_percent
            && u64::from(least_answers.max(1)) <= answers
            && u64::from(failure_percent) * answers <= 100 * failures
    }

    /// Whether `server` has failed too many times in a row.
    pub(super) fn is_outlier(&self, server: ServerId) -> bool {
        let limit = self.config.ejection.failures_in_a_row;
        let member = self.members.iter().find(|member| member.server() == server);
        0 < limit && member.is_some_and(|member| limit <= member.failures_in_a_row)
    }

    /// Leaves `server` out for a while, unless too many are or no other serves.
    pub(super) fn eject(&mut self, now: Timestamp, server: ServerId) {
        let (config, ejection) = (self.config, self.config.ejection);
        let is_out = |member: &Member| member.ejected_until.is_some_and(|until| now < until);
        let out = self.members.iter().filter(|member| is_out(member)).count();
        let most = (self.members.len() * usize::from(ejection.most_percent) / 100).max(1);
        let others = self.members.iter().filter(|member| member.server() != server);
        let is_last = !others.into_iter().any(|member| member.standing(now, &config).serves());
        if most <= out || is_last {
            return;
        }
        let Some(member) = self.member_mut(server).filter(|member| !is_out(member)) else {
            return;
        };
        member.ejections = member.ejections.saturating_add(1);
        let length = ejection.base_ms.saturating_mul(i64::from(member.ejections));
        let length = length.min(ejection.longest_ms.max(ejection.base_ms));
        member.ejected_until = Some(now.plus_millis(length));
        member.failures_in_a_row = 0;
    }
}
