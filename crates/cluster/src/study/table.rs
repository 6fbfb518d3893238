//! What a study found, as people read it.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::{Spread, Summary};
use crate::availability::Objective;
use crate::sim::Phase;

/// What was found, as the rows of a table: what each is about, and a figure for each design.
pub fn table(summaries: &[Summary], objective: Objective) -> Vec<(String, Vec<String>)> {
    let wanted = objective.availability;
    let row = |label: &str, of: &dyn Fn(&Summary) -> String| {
        (label.to_owned(), summaries.iter().map(of).collect::<Vec<_>>())
    };
    let down = |one: &Summary| shown_time(one.availability.median.downtime(objective.period));
    let mut rows = vec![
        row("machines paid for", &|one| one.machines.to_string()),
        row("of these in use", &|one| format!("{:.1}", one.used)),
        row("availability, median year", &|one| format!("{:.4}", one.availability.median)),
        row("availability, 1 year in 20", &|one| format!("{:.4}", one.availability.low)),
        row("down in the median year", &down),
        row("failovers a year", &|one| tenths(one.failovers, one.years)),
        row("time to recover, median | 1 in 20", &|one| times(one.recovery)),
    ];
    for phase in Phase::ALL {
        let figure = |one: &Summary| times(one.phases.map(|phases| phases[phase as usize]));
        rows.push(row(&format!("  {}", phase.name()), &figure));
    }
    rows.extend([
        row("writes lost, median | 1 in 20", &|one| counts(one.writes_lost)),
        row("writes seen late, median | 1 in 20", &|one| counts(one.writes_late)),
        row("conflicts, median | 1 in 20", &|one| counts(one.conflicts)),
        row(&format!("years with {wanted}"), &|one| format!("{} of {}", one.met, one.years)),
        row(&format!("reaches {wanted}"), &|one| one.verdict.to_string()),
    ]);
    rows
}

fn counts(spread: Spread<u64>) -> String {
    format!("{} | {}", spread.median, spread.high)
}

fn times(spread: Option<Spread<i64>>) -> String {
    let shown = |micros: i64| {
        let millis = micros / 1_000;
        format!("{}.{:03} s", millis / 1_000, millis % 1_000)
    };
    spread.map_or_else(
        || "–".to_owned(),
        |all| format!("{} | {}", shown(all.median), shown(all.high)),
    )
}

/// A count divided by another, to a tenth, rounded down.
fn tenths(count: usize, by: usize) -> String {
    let tenths = (count * 10).checked_div(by).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn shown_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{}.{:01} s", seconds, time.subsec_millis() / 100),
        (0, _) => format!("{minutes} min {:02} s", seconds % 60),
        _ => format!("{hours} h {minutes:02} min"),
    }
}
