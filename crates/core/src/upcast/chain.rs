//! Checking that the versions of events lead from one to the next.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;

use super::{Lift, Unusable, UpcasterProblem, wrong};

/// The name and the number of a version such as `OrderPlaced.v1`.
pub(super) fn numbered(version: &str) -> Option<(&str, u64)> {
    let (name, number) = version.rsplit_once(".v")?;
    let is_written_so = number == "0" || !number.starts_with('0');
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && is_written_so).then(|| Some((name, number.parse().ok()?)))?
}

pub(super) fn check(steps: &[Lift]) -> Result<(), Unusable> {
    let mut next: BTreeMap<&str, &str> = BTreeMap::new();
    for Lift { from, to, .. } in steps {
        if next.insert(from, to).is_some() {
            let problem = UpcasterProblem::Again;
            return Err(Unusable { from: from.clone(), wrong: wrong(problem) });
        }
    }
    for &from in next.keys() {
        check_end(from, &next)?;
    }
    check_gaps(steps)
}

/// Follows a version to its end.
fn check_end(first: &str, next: &BTreeMap<&str, &str>) -> Result<(), Unusable> {
    let mut at = first;
    let mut passed = BTreeSet::new();
    while let Some(&to) = next.get(at) {
        if !passed.insert(at) {
            let problem = UpcasterProblem::Cycle { from: at.into(), to: to.into() };
            return Err(Unusable { from: first.into(), wrong: wrong(problem) });
        }
        at = to;
    }
    Ok(())
}

/// From the first of an event's numbered versions to the last one, an upcaster begins at each.
fn check_gaps(steps: &[Lift]) -> Result<(), Unusable> {
    let mut begun: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut known: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for step in steps {
        if let Some((name, number)) = numbered(&step.from) {
            begun.entry(name).or_default().insert(number);
            known.entry(name).or_default().insert(number);
        }
        if let Some((name, number)) = numbered(&step.to) {
            known.entry(name).or_default().insert(number);
        }
    }
    for (name, begun) in &begun {
        let mut expected = begun.first().copied().unwrap_or_default();
        let last = known.get(name).and_then(BTreeSet::last).copied().unwrap_or_default();
        while begun.contains(&expected) {
            expected += 1;
        }
        if expected < last {
            let after = known.get(name).and_then(|known| known.range(expected + 1..).next());
            let version = |number: u64| format!("{name}.v{number}");
            let to = version(after.copied().unwrap_or(last));
            let problem = UpcasterProblem::Gap { from: version(expected), to };
            return Err(Unusable { from: version(expected - 1), wrong: wrong(problem) });
        }
    }
    Ok(())
}
