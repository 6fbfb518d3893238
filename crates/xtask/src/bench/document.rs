//! The figures in docs/measured.md: of what stands between two markers, each section that was measured
//! again is replaced, and the others stay as they are.

use std::fmt::Write as _;
use std::fs;
use std::thread;

use anyhow::{Context as _, Result};

use super::report::{Report, Row};
use super::{Size, simulator, timeline};
use crate::{project, shell};

const FILE: &str = "docs/measured.md";
const BEGIN: &str = "<!-- Written by `cargo xtask bench --document`. -->\n";
const END: &str = "<!-- The end of what is written. -->\n";

/// What is written of a kind of figures; nothing if none of them is in the report.
type Body = fn(&Report) -> String;

/// The sections, in their order.
const SECTIONS: [(&str, Body); 6] = [
    ("Order events into the four order views", folding),
    ("The same views declared and written in Rust", declared),
    ("Keeping derived views up, nanoseconds a changed row", derived),
    ("Going about in the past", timeline),
    ("Simulated clusters", simulator),
    ("Sizes", sizes),
];

/// Puts the figures into the document.
pub(super) fn write(report: &Report, size: Size) -> Result<()> {
    let text = project::read(FILE)?;
    let (before, rest) = text.split_once(BEGIN).context("the begin marker is missing")?;
    let (written, after) = rest.split_once(END).context("the end marker is missing")?;
    let how = how(size)?;
    let sections = SECTIONS.map(|(title, body)| match body(report) {
        body if body.is_empty() => section(written, title).to_owned(),
        body => format!("## {title}\n\n{how}\n\n{body}\n"),
    });
    let text = format!("{before}{BEGIN}\n{}{END}{after}", sections.concat());
    fs::write(project::path(FILE), text).with_context(|| format!("cannot write {FILE}"))
}

/// When and how it is measured.
fn how(Size { events, rounds }: Size) -> Result<String> {
    let today = shell::output(
        shell::command("node").args(["-p", "new Date().toISOString().slice(0, 10)"]),
    )?;
    let cores = thread::available_parallelism().map_or(1, Into::into);
    let (today, events) = (today.trim(), grouped(events));
    Ok(format!("{today}, {cores} cores, {events} events, medians of {rounds} rounds in turns."))
}

/// The section with this title as it was written before; nothing if it was not.
fn section<'a>(written: &'a str, title: &str) -> &'a str {
    let Some(at) = written.find(&format!("## {title}\n")) else { return "" };
    let section = &written[at..];
    let end = section.match_indices("\n## ").next().map_or(section.len(), |(end, _)| end + 1);
    &section[..end]
}

fn folding(report: &Report) -> String {
    let mut out = String::from(
        "| who | events/s | against JavaScript | from stored batches | \
         one event and the top 10: p50, p99 (µs) | bytes an event, views / all |\n\
         |---|---|---|---|---|---|\n",
    );
    let rows = report.ranked("replay-ndjson");
    if rows.is_empty() {
        return String::new();
    }
    for row in rows {
        let figure = |bench: &str| report.get(bench, row.who).map_or("–".into(), number);
        let times = |bench: &str| report.get(bench, row.who).map(|row| number(row) + " ×");
        let times = |bench: &str| times(bench).unwrap_or("–".into());
        let fewer = row.unit.strip_prefix("events/s").unwrap_or_default();
        let _ = writeln!(
            out,
            "| {}{fewer} | {} | {} | {} | {}, {} | {} / {} |",
            row.who,
            number(row),
            times("replay-ndjson-ratio"),
            times("replay-batches-ratio"),
            figure("live-top10-p50"),
            figure("live-top10-p99"),
            figure("memory-views"),
            figure("memory-total"),
        );
    }
    out
}

fn declared(report: &Report) -> String {
    let Some(row) = report.get("declared-vs-rust", "everview-native") else {
        return String::new();
    };
    format!("Declared, they take {} × the time, reading and logging included.\n", number(row))
}

fn derived(report: &Report) -> String {
    let mut out = String::new();
    for view in ["group", "top", "join", "distinct"] {
        for (suffix, batch) in [("", "1,000 events at once"), ("-single", "one at a time")] {
            let bench = format!("derived-update-{view}{suffix}");
            let figure = |who| report.get(&bench, who).map_or("–".into(), number);
            let (ours, theirs) = (figure("everview-native"), figure("differential-dataflow"));
            if (&*ours, &*theirs) != ("–", "–") {
                let _ = writeln!(out, "| {view} | {batch} | {ours} | {theirs} |");
            }
        }
    }
    if !out.is_empty() {
        let head = "| view | events | Everview | differential-dataflow |\n|---|---|---|---|\n";
        out.insert_str(0, head);
    }
    out
}

fn timeline(report: &Report) -> String {
    let mut out = String::new();
    for bench in timeline::figures(report) {
        let rows = timeline::WHERE.map(|who| report.get(bench, who));
        let unit = rows.iter().flatten().next().map_or("", |row| &row.unit);
        let [native, node, chromium] = rows.map(|row| row.map_or("–".into(), number));
        let _ = writeln!(out, "| {bench} | {unit} | {native} | {node} | {chromium} |");
    }
    if !out.is_empty() {
        let head = "| what | in | natively | in Node.js | in Chromium |\n|---|---|---|---|---|\n";
        out.insert_str(0, head);
    }
    out
}

fn simulator(report: &Report) -> String {
    let mut out = String::new();
    for (bench, unit, goal) in simulator::FIGURES {
        if let Some(row) = report.get(bench, "everview-native") {
            let _ = writeln!(out, "| {bench} | {unit} | {} | {goal} |", number(row));
        }
    }
    if !out.is_empty() {
        out.insert_str(0, "| what | in | everview-native | goal |\n|---|---|---|---|\n");
    }
    out
}

fn sizes(report: &Report) -> String {
    let mut out = String::new();
    for (what, name) in [
        ("package", "npm package"),
        ("simulator", "its module `everview/simulator`"),
        ("dashboard", "dashboard, page and worker"),
    ] {
        let kilobytes = |form: &str| {
            let row = report.get(&format!("{what}-{form}"), "everview")?;
            Some(format!("{:.0} KB", row.value / 1000.0))
        };
        if let (Some(raw), Some(gzip), Some(brotli)) =
            (kilobytes("raw"), kilobytes("gzip"), kilobytes("brotli"))
        {
            let _ = writeln!(out, "| {name} | {raw} | {gzip} | {brotli} |");
        }
    }
    if !out.is_empty() {
        out.insert_str(0, "| what | raw | gzip | brotli |\n|---|---|---|---|\n");
    }
    out
}

fn number(row: &Row) -> String {
    if row.value < 100.0 {
        let digits = if row.value < 10.0 { 2 } else { 1 };
        return format!("{:.digits$}", row.value);
    }
    let whole = format!("{:.0}", row.value);
    grouped(whole.parse().unwrap_or_default())
}

/// A number with a comma after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{grouped, section};

    #[test]
    fn a_section_that_was_not_measured_again_stays_as_it_was() {
        let written = "\n## One\n\n1\n\n## Two\n\n2\n\n";

        assert_eq!(section(written, "One"), "## One\n\n1\n\n");
        assert_eq!(section(written, "Two"), "## Two\n\n2\n\n");
        assert_eq!(section(written, "Three"), "");
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!([1, 100, 1_000, 1_234_567].map(grouped), ["1", "100", "1,000", "1,234,567"]);
    }
}
