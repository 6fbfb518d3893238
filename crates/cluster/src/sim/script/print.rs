//! Scripts into text.

use core::fmt;

use everview_core::Timestamp;

use super::super::{Balance, Fault, NetworkConfig, SimConfig};
use super::{Action, Edits, Payments, Script, Step, Work};
use crate::{Detection, Phi, Place, Serve, Timing};

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.about.iter().try_for_each(|line| writeln!(f, "# {line}"))?;
        write_config(&self.config, f)?;
        match self.work {
            Work::Nothing => {}
            Work::Payments(Payments { every_ms, accounts, until }) => {
                let until = Seconds(until);
                writeln!(f, "payments every {every_ms} ms in {accounts} accounts until {until} s")?;
            }
            Work::Regions(None) => writeln!(f, "log per region")?,
            Work::Regions(Some(Edits { every_ms, rows, until })) => {
                writeln!(f, "edits every {every_ms} ms in {rows} rows until {} s", Seconds(until))?;
            }
            Work::Orders { pace, until: None } => writeln!(f, "orders {pace} times as fast")?,
            Work::Orders { pace, until: Some(until) } => {
                writeln!(f, "orders {pace} times as fast until {} s", Seconds(until))?;
            }
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))?;
        writeln!(f, "until {} s", Seconds(self.until))
    }
}

/// What differs from the usual.
fn write_config(config: &SimConfig, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let usual = SimConfig::default();
    writeln!(f, "seed {}", config.seed)?;
    if config.places != usual.places {
        write_places("places", &config.places, f)?;
    }
    if !config.servers.is_empty() {
        write_places("servers", &config.servers, f)?;
    }
    if config.balance != usual.balance {
        let Balance { strategy, capacity } = config.balance;
        writeln!(f, "balance {} capacity {capacity}", strategy.name())?;
    }
    if config.clients != usual.clients {
        writeln!(f, "clients {}", config.clients)?;
    }
    if config.replication != usual.replication {
        writeln!(f, "replication {}", config.replication)?;
    }
    if config.serve != usual.serve {
        let name = if config.serve == Serve::Appended { "appended" } else { "committed" };
        writeln!(f, "serve {name}")?;
    }
    if let Some(events) = config.retain {
        writeln!(f, "retain {events} events")?;
    }
    if config.batch != usual.batch {
        writeln!(f, "batch {}", config.batch)?;
    }
    if config.timing != (Timing { detection: config.timing.detection, ..usual.timing }) {
        let Timing { heartbeat_ms, suspicion_ms, lease_ms, drift_ms, .. } = config.timing;
        writeln!(
            f,
            "timing heartbeat {heartbeat_ms} suspicion {suspicion_ms} lease {lease_ms} \
             drift {drift_ms}"
        )?;
    }
    match config.timing.detection {
        detection if detection == usual.timing.detection => {}
        Detection::Deadline => f.write_str("detection deadline\n")?,
        Detection::Phi(Phi { threshold_milli, window, deviation_ms, pause_ms }) => writeln!(
            f,
            "detection phi {threshold_milli} window {window} deviation {deviation_ms} \
             pause {pause_ms}"
        )?,
    }
    if config.network != usual.network {
        let NetworkConfig { delay_min_ms, delay_max_ms, region_ms, .. } = config.network;
        let NetworkConfig { loss, duplication, reordering, .. } = config.network;
        writeln!(
            f,
            "links from {delay_min_ms} to {delay_max_ms} region {region_ms} loss {loss} \
             duplication {duplication} reordering {reordering}"
        )?;
    }
    Ok(())
}

fn write_places(name: &str, places: &[Place], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(name)?;
    for place in places {
        write!(f, " {}.{}", place.region.get(), place.zone.get())?;
    }
    writeln!(f)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} s ", Seconds(self.at))?;
        match &self.action {
            Action::Pay { account, amount } => write!(f, "pay {account} {amount}")?,
            Action::Edit { node, row, field, value } => {
                write!(f, "edit {node} {row} {field} {value}")?;
            }
            Action::Restore { node, region, number } => {
                write!(f, "restore {node} {number} of {}", region.get())?;
            }
            Action::Fault(fault) => write_fault(*fault, f)?,
        }
        match self.for_ms {
            Some(millis) => write!(f, " for {} s", Seconds(Timestamp::from_millis(millis))),
            None => Ok(()),
        }
    }
}

fn write_fault(fault: Fault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(fault.kind())?;
    match fault {
        Fault::ZoneOutage(zone) => write!(f, " {}", zone.get()),
        Fault::RegionOutage(region) => write!(f, " {}", region.get()),
        Fault::Partition(group) => group.nodes().try_for_each(|node| write!(f, " {node}")),
        Fault::HandOver(node) => write!(f, " {node}"),
        Fault::Drain(server) | Fault::Undrain(server) => write!(f, " {server}"),
        Fault::Weigh(server, weight) => write!(f, " {server} by {weight}"),
        Fault::Cut(from, to) => write!(f, " {from} {to}"),
        Fault::Slow(from, to, by) => write!(f, " {from} {to} by {by}"),
        Fault::Lossy(from, to, by)
        | Fault::Duplicating(from, to, by)
        | Fault::Reordering(from, to, by) => write!(f, " {from} {to} by {by}"),
        Fault::Skew(target, by) | Fault::Drift(target, by) => write!(f, " {target} by {by}"),
        fault => fault.target().map_or(Ok(()), |target| write!(f, " {target}")),
    }
}

/// A time in seconds, with as many digits as it takes.
struct Seconds(Timestamp);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.millis();
        let (whole, rest) = (millis / 1_000, millis % 1_000);
        match rest {
            0 => write!(f, "{whole}"),
            rest if rest % 100 == 0 => write!(f, "{whole}.{}", rest / 100),
            rest if rest % 10 == 0 => write!(f, "{whole}.{:02}", rest / 10),
            rest => write!(f, "{whole}.{rest:03}"),
        }
    }
}
