//! What a study found, as people read it.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::rates::Time;
use super::{Load, Rates, Spread, StudyConfig, Summary};
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

/// Under which conditions the figures hold, a line each: every rate and the load, and where it is from.
///
/// ```
/// use everview_cluster::study::{Recovery, StudyConfig, conditions};
///
/// let config = StudyConfig::new(Recovery::measured(1, 1)?);
/// assert_eq!(conditions(&config)[0], "machine 657d/10min: Dean 2009; the repair is assumed");
/// # Ok::<(), everview_cluster::sim::Violation>(())
/// ```
pub fn conditions(config: &StudyConfig) -> Vec<String> {
    let (mut rates, mut usual) = (config.rates, Rates::default());
    let all = rates.named().into_iter().zip(usual.named()).zip(Rates::SOURCES);
    let rate = all.map(|(((name, rate), (_, usual)), source)| {
        let source = if *rate == *usual { source } else { "as it was set" };
        format!("{name} {rate}: {source}")
    });
    let Load { writes_per_second, reads_percent, same_row_one_in, .. } = config.load;
    let Load { replication_lag, exchange_lag, reroute_after, .. } = config.load;
    let source = if config.load == Load::default() { "assumed" } else { "in part as it was set" };
    let load = format!(
        "load {writes_per_second} writes a second, {reads_percent} % reads, asynchronous replicas {} \
         behind, regions {} apart, one pair of writes in {same_row_one_in} to the same row, another \
         region after {}: {source}",
        Time(replication_lag),
        Time(exchange_lag),
        Time(reroute_after),
    );
    let recovery = &config.recovery;
    let measured = format!(
        "measured in the simulator: {} failovers to a leader that clients follow, {} behind servers, and \
         {} dead servers that were still sent to for {}, median | 1 in 20",
        recovery.phases().len(),
        recovery.phases_behind_servers().len(),
        recovery.missed().len(),
        times(Spread::of(recovery.missed().iter().copied())),
    );
    rate.chain([load, measured]).collect()
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
