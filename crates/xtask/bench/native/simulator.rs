//! The simulator: how much it plays in a second, and how soon a simulated client is served again.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use everview_cluster::sim::{
    Action, Failover, Fault, Payments, Script, SimConfig, Step, Target, Work, swarm,
};
use everview_core::{Rng, Timestamp};
use serde_json::json;

use super::measure::cpu_time;

/// How many scripts of the swarm are played.
const SEEDS: usize = 300;

/// How often a leader is killed.
const KILLS: u64 = 5_000;

const YEAR: Timestamp = Timestamp::from_millis(365 * 86_400_000);

const HOUR_MS: u64 = 3_600_000;

/// Measures and prints the figures.
pub(crate) fn run() -> Result<()> {
    // Five nodes each: seeds of regions with a log each are another thing.
    let is_cluster = |script: &Script| matches!(script.work, Work::Payments(_));
    let scripts = (0..).map(swarm::script).filter(is_cluster).take(SEEDS);
    let start = cpu_time();
    for script in scripts {
        let broken = swarm::run(&script, None).broken;
        ensure!(broken.is_none(), "seed {}: {broken:?}", script.config.seed);
    }
    let swarm = cpu_time().saturating_sub(start).as_secs_f64();
    let start = cpu_time();
    quiet_year()?;
    let year = cpu_time().saturating_sub(start).as_secs_f64();
    let mut failovers = (0..KILLS).map(failover).collect::<Result<Vec<_>>>()?;
    failovers.sort_unstable();
    let at = |percent: usize| failovers[(failovers.len() - 1) * percent / 100].as_secs_f64();
    println!(
        "{}",
        json!({
            "sim-seeds-per-cpu-second": f64::from(u32::try_from(SEEDS)?) / swarm,
            "sim-quiet-year": year,
            "sim-failover-p50": at(50),
            "sim-failover-p99": at(99),
        })
    );
    Ok(())
}

/// A year of three nodes in which a client pays once an hour and nothing goes wrong.
fn quiet_year() -> Result<()> {
    let script = Script {
        config: SimConfig { skips_idle: true, ..SimConfig::default() },
        work: Work::Payments(Payments { every_ms: HOUR_MS, accounts: 100, until: YEAR }),
        until: YEAR.plus_millis(10_000),
        ..Script::default()
    };
    let mut simulation = script.simulation(None);
    script.play(&mut simulation)?;
    simulation.check_settled()?;
    let (events, failovers) = (simulation.committed_log().head().get(), simulation.failovers());
    ensure!(4_000 < events && failovers.is_empty(), "{events} events and {failovers:?}");
    Ok(())
}

/// How long it takes from the kill of a leader, with heartbeats of 250 ms and a lease of 1.5 s, until
/// the client follows the next one and has all that there was.
fn failover(seed: u64) -> Result<Duration> {
    let at = Timestamp::from_millis(i64::try_from(3_000 + Rng::new(seed).below(2_000))?);
    let until = at.plus_millis(10_000);
    let kill = Step { at, action: Action::Fault(Fault::Kill(Target::Leader)), for_ms: None };
    let script = Script {
        config: SimConfig { seed, ..SimConfig::default() },
        work: Work::Payments(Payments { every_ms: 100, accounts: 20, until }),
        steps: vec![kill],
        until,
        ..Script::default()
    };
    let mut simulation = script.simulation(None);
    script.play(&mut simulation)?;
    let failovers = simulation.failovers();
    let micros = failovers.first().and_then(Failover::total_micros);
    let micros = micros.with_context(|| format!("seed {seed}: nobody took over"))?;
    Ok(Duration::from_micros(u64::try_from(micros)?))
}
