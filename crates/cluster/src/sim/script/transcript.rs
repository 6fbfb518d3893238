//! What happens in a scenario, as text.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use everview_core::{Position, Timestamp};

use super::super::regions::Regions;
use super::super::{Failover, Simulation};
use super::Script;

impl Script {
    /// What happens, a line at a time, then the log that all have or the promise that is broken,
    /// and how long each failover took.
    pub fn transcript(&self) -> String {
        if self.is_regional() {
            return self.transcript_of_regions();
        }
        let mut simulation = self.simulation(None);
        let played = self.play(&mut simulation).and_then(|()| simulation.check_settled());
        let mut out = String::new();
        let start = simulation.start_time();
        for line in simulation.drain_trace() {
            put(&mut out, format_args!("{}  {line}", since(start, line.at)));
        }
        match played {
            Ok(()) => tell_log(&simulation, &mut out),
            Err(violation) => put(&mut out, format_args!("broken: {violation}")),
        }
        for failover in simulation.failovers() {
            tell_failover(&failover, &mut out);
        }
        out
    }
}

impl Script {
    fn transcript_of_regions(&self) -> String {
        let mut regions = self.regions(None);
        let played = self.play_regions(&mut regions).and_then(|()| regions.check_settled());
        let mut out = String::new();
        for line in regions.drain_trace() {
            put(&mut out, format_args!("{}  {line}", seconds(line.at.micros())));
        }
        match played {
            Ok(()) => tell_rows(&regions, &mut out),
            Err(violation) => put(&mut out, format_args!("broken: {violation}")),
        }
        out
    }
}

fn tell_rows(regions: &Regions, out: &mut String) {
    let now = seconds(regions.now().micros());
    put(out, format_args!("{now}  -       all know and show the same"));
    let status = regions.status();
    let Some(site) = status.iter().find_map(|one| regions.site(one.id)) else { return };
    for change in site.merged() {
        put(out, format_args!("  {} {} {}", change.stamp, change.event.subject, change.event.data));
    }
    for row in site.rows() {
        let Some(resolved) = site.resolved(row) else { continue };
        for (name, field) in resolved.fields.iter().flatten() {
            put(out, format_args!("{row} {name} {field}"));
        }
        for conflict in &resolved.conflicts {
            let field = conflict.field.as_deref().unwrap_or("row");
            put(out, format_args!("conflict about {row} {field}: {}", conflict.reason()));
            for version in conflict.overruled() {
                let value = version
                    .value
                    .as_ref()
                    .map_or_else(String::new, alloc::string::ToString::to_string);
                put(out, format_args!("  overruled {} {value}", version.change.stamp));
            }
        }
    }
}

fn tell_log(simulation: &Simulation, out: &mut String) {
    let now = since(simulation.start_time(), simulation.now());
    put(out, format_args!("{now}  -       all have the same log"));
    for event in simulation.committed_log().after(Position::START) {
        let (position, epoch) = (event.position, event.epoch);
        put(out, format_args!("  {position} {epoch} {} {}", event.subject, event.data));
    }
    let lost = simulation.status().lost;
    if lost > 0 {
        put(out, format_args!("acknowledged and lost: {lost}"));
    }
}

fn tell_failover(failover: &Failover, out: &mut String) {
    let shown = |micros: i64| seconds(micros).trim_start().to_string();
    let phases: Vec<_> = failover
        .phases()
        .map(|(phase, micros)| alloc::format!(" | {} {}", phase.name(), shown(micros)))
        .collect();
    let phases = phases.concat();
    let total = failover.total_micros().map_or("going on".to_string(), shown);
    let (from, from_epoch) = (failover.from, failover.from_epoch);
    match (failover.to, failover.to_epoch) {
        (Some(to), Some(epoch)) => put(
            out,
            format_args!("failover {from} {from_epoch} to {to} {epoch}{phases} | total {total}"),
        ),
        _ => put(out, format_args!("failover {from} {from_epoch}{phases} | total {total}")),
    }
}

fn put(out: &mut String, line: fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = writeln!(out, "{line}");
}

fn since(start: Timestamp, time: Timestamp) -> String {
    seconds(time.micros() - start.micros())
}

fn seconds(micros: i64) -> String {
    let time = Timestamp::from_micros(micros);
    alloc::format!("{:>3}.{:03}", time.millis() / 1_000, time.millis() % 1_000)
}
