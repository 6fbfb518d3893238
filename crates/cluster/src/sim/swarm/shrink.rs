//! The shortest script that still shows what was broken.

use alloc::vec::Vec;
use core::mem::discriminant;

use super::super::script::{Action, Payments, Step, Work};
use super::super::{Fault, Script, Violation, Weakness};
use super::run;

/// How many scripts are tried at most.
const TRIES: u32 = 1_500;

/// The shortest script found that still breaks the same promise as this one: with fewer faults, which
/// end sooner, and no longer than it takes. The script itself, if it breaks none.
pub fn shrunk(script: &Script, weakness: Option<Weakness>) -> Script {
    let Some(broken) = run(script, weakness).broken else { return script.clone() };
    let mut search = Search { weakness, violation: broken.violation, left: TRIES };
    let mut best = script.clone();
    search.cut_end(&mut best, broken.at.millis());
    search.drop_steps(&mut best);
    search.shorten(&mut best);
    best
}

struct Search {
    weakness: Option<Weakness>,
    violation: Violation,
    left: u32,
}

impl Search {
    /// Takes a script if it still breaks the promise.
    fn try_out(&mut self, best: &mut Script, candidate: Script) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let broken = run(&candidate, self.weakness).broken;
        let is_same =
            broken.is_some_and(|one| discriminant(&one.violation) == discriminant(&self.violation));
        if is_same {
            *best = candidate;
        }
        is_same
    }

    /// Nothing that comes after the promise was broken matters, if it was not broken at the end.
    fn cut_end(&mut self, best: &mut Script, broken_ms: i64) {
        let mut candidate = best.clone();
        candidate.steps.retain(|step| is_mending(step) || step.at.millis() <= broken_ms);
        candidate.until = candidate.until.min(everview_core::Timestamp::from_millis(broken_ms));
        if let Work::Payments(Payments { until, .. }) = &mut candidate.work {
            *until = (*until).min(candidate.until);
        }
        if candidate.until < best.until {
            candidate.steps.retain(|step| step.at <= candidate.until);
        }
        self.try_out(best, candidate);
    }

    /// Leaves out as many steps as it can: first halves, then smaller parts, at last one by one.
    fn drop_steps(&mut self, best: &mut Script) {
        let mut size = best.steps.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            let mut dropped = false;
            while from < best.steps.len() {
                let to = (from + size).min(best.steps.len());
                let mut candidate = best.clone();
                let kept: Vec<Step> = candidate.steps.drain(from..to).filter(is_mending).collect();
                let is_less = kept.len() < to - from;
                candidate.steps.splice(from..from, kept);
                if is_less && self.try_out(best, candidate) {
                    dropped = true;
                } else {
                    from = to;
                }
            }
            if size == 1 && !dropped || self.left == 0 {
                return;
            }
            size = if size == 1 { 1 } else { size.div_ceil(2) };
        }
    }

    /// Ends faults sooner.
    fn shorten(&mut self, best: &mut Script) {
        for index in 0..best.steps.len() {
            while let Some(millis) = best.steps[index].for_ms.filter(|millis| 20 <= *millis) {
                let mut candidate = best.clone();
                candidate.steps[index].for_ms = Some(millis / 2);
                if !self.try_out(best, candidate) {
                    break;
                }
            }
        }
    }
}

/// What everybody needs to agree in the end is never left out.
fn is_mending(step: &Step) -> bool {
    matches!(step.action, Action::Fault(Fault::Mend))
}
