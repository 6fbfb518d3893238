use super::super::{Script, bank};
use super::*;

/// A day with a failover and a payment every hour or so.
const DAY: &str = "\
seed 7
clients 2
payments every 3600000 ms in 5 accounts until 86000 s
at 10000.5 s kill leader for 2 s
at 20000 s isolate leader for 30 s
at 30000 s power-loss leader for 1 s
at 50000.25 s freeze leader for 5 s
until 86400 s
";

fn played(script: &str, skips_idle: bool) -> Simulation {
    let mut script: Script = script.parse().unwrap();
    script.config.skips_idle = skips_idle;
    let mut simulation = script.simulation(None);
    script.play(&mut simulation).unwrap();
    simulation.check_settled().unwrap();
    simulation
}

#[test]
fn skipping_idle_time_changes_nothing_but_what_was_idle() {
    let (whole, skipped) = (played(DAY, false), played(DAY, true));

    let texts = |simulation: &Simulation| {
        let log = simulation.committed_log();
        let events = log.after(everview_core::Position::START);
        events.map(|event| (event.epoch, event.data.into_owned())).collect::<alloc::vec::Vec<_>>()
    };
    assert_eq!(texts(&whole), texts(&skipped));
    assert!(texts(&whole).len() > 10);
    let leaders = |simulation: &Simulation| {
        let failovers = simulation.failovers();
        failovers.iter().map(|one| one.to_epoch).collect::<alloc::vec::Vec<_>>()
    };
    assert_eq!(leaders(&whole), leaders(&skipped));
    for client in [0, 1].map(crate::ClientId) {
        let [whole, skipped] = [&whole, &skipped].map(|one| one.service(client).unwrap());
        assert_eq!(whole.total_us(), skipped.total_us());
        assert_eq!(whole.asked, skipped.asked);
        // What differs is when in a heartbeat a fault came.
        assert!((whole.live_us - skipped.live_us).abs() < 3_000_000, "{whole:?} {skipped:?}");
    }
}

#[test]
fn a_world_that_is_not_idle_is_not_moved() {
    let mut simulation = Simulation::new(
        super::super::SimConfig { skips_idle: true, ..Default::default() },
        |_| None,
        bank::bus,
    );
    simulation.advance(Timestamp::from_millis(1_000)).unwrap();
    simulation.kill(NodeId::new(2)).unwrap();
    simulation.advance(Timestamp::from_millis(20_000)).unwrap();

    assert!(!simulation.is_idle(), "a node is down");
    simulation.restart(NodeId::new(2)).unwrap();
    simulation.advance(Timestamp::from_millis(40_000)).unwrap();
    assert!(simulation.is_idle());
}
