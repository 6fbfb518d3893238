//! A study as a table: a column for each design.

use std::io::{self, Write};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, Table, presets};
use everview_cluster::availability::Objective;
use everview_cluster::sim::Phase;
use everview_cluster::study::{Spread, Summary};

pub(super) fn write(
    summaries: &[Summary],
    objective: Objective,
    mut out: impl Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let names = summaries.iter().map(|one| one.name.clone());
    table.set_header([String::new()].into_iter().chain(names));
    for (label, figures) in rows(summaries, objective) {
        let figure = |text| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(label)].into_iter().chain(figures.into_iter().map(figure)));
    }
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// Each row: what it is about, and a figure for each design.
fn rows(summaries: &[Summary], objective: Objective) -> Vec<(String, Vec<String>)> {
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
