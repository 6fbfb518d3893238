use alloc::string::ToString as _;

use super::*;

const EVERYTHING: &str = "\
# Everything that can be said.
seed 7
places 1.1 1.2 2.3
servers 1.1 2.3
balance least-loaded capacity 20
clients 2
replication asynchronous
serve appended
retain 200 events
batch 8
timing heartbeat 50 suspicion 200 lease 300 drift 30
detection phi 5000 window 100 deviation 20 pause 40
links from 1 to 30 region 45 loss 10 duplication 20 reordering 30
payments every 40 ms in 5 accounts until 6 s
at 0.5 s pay alice -10
at 0.75 s restore A 3 of 2
at 1 s kill leader for 0.8 s
at 1.01 s power-loss A
at 1.011 s torn-write B
at 1.5 s store-loss C for 2 s
at 2 s destroy C
at 2 s zone-outage 1 for 1 s
at 2 s region-outage 2 for 1 s
at 2 s restart A
at 2 s freeze A for 3 s
at 2 s thaw A
at 2 s isolate leader for 1 s
at 2 s partition A C for 1 s
at 2 s cut A lease
at 2 s slow A client-1 by 300 for 1 s
at 2 s lossy A B by 300000
at 2 s duplicating A B by 300000
at 2 s reordering client B by 300000
at 2 s skew A by -1500
at 2 s drift A by 200000 for 4 s
at 2 s stall-disk leader for 2 s
at 2 s resume-disk A
at 2 s hand-over B
at 2 s drain S1 for 1 s
at 2 s undrain S1
at 2 s weigh S2 by 3
at 2 s kill S2 for 1 s
at 2 s cut balancer S1
at 3 s heal
at 3 s calm
at 4 s mend
until 8 s
";

#[test]
fn a_script_that_is_read_and_printed_is_the_same() {
    let script: Script = EVERYTHING.parse().unwrap();

    assert_eq!(script.to_string(), EVERYTHING);
    assert_eq!(script.steps.len(), 32);
}

#[test]
fn what_is_left_out_is_as_usual() {
    let script: Script = "until 3 s".parse().unwrap();

    assert_eq!(script, Script { until: Timestamp::from_millis(3_000), ..Script::default() });
    assert_eq!(script.to_string(), "seed 0\nuntil 3 s\n");
    let deadlines = "seed 0\ndetection deadline\nuntil 3 s\n";
    assert_eq!(deadlines.parse::<Script>().unwrap().to_string(), deadlines);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let problem = |text: &str| text.parse::<Script>().unwrap_err().to_string();

    assert_eq!(
        problem("seed 1\nat 1 s vanish A"),
        "line 2: expected a fault or `pay`, found `vanish`"
    );
    assert_eq!(problem("seed x"), "line 1: expected a seed, found `x`");
    assert_eq!(
        problem("at 1.2345 s heal"),
        "line 1: expected seconds such as 1.25, and `s`, found `1.2345`"
    );
    assert_eq!(
        problem("at 2 s heal\nat 1 s heal"),
        "line 2: expected a time after the step before, found 1000 ms"
    );
    assert_eq!(problem("at 2 s slow A B"), "line 1: expected `by`, found ``");
    assert_eq!(problem("at 2 s heal links"), "line 1: expected `for` or the end, found `links`");
}

#[test]
fn what_a_simulation_cannot_be_made_of_is_refused_with_its_line() {
    for (line, expected) in [
        ("places", "expected a place such as 1.2, found ``"),
        ("clients 0", "expected 1 to 64 clients, found `0`"),
        ("batch 0", "expected 1 to 10000 events, found `0`"),
        ("links loss 1000001", "expected 0 to 1000000 of a million, found `1000001`"),
        ("orders 0 times as fast", "expected 1 to 1000 times, found `0`"),
        ("orders 4 times", "expected `times as fast`, found ``"),
        (
            "payments every 0 ms in 5 accounts until 6 s",
            "expected 1 millisecond to a day, found `0`",
        ),
    ] {
        let text = alloc::format!("seed 7\n{line}\n");
        let error = text.parse::<Script>().unwrap_err();
        assert_eq!(error.to_string(), alloc::format!("line 2: {expected}"));
    }
    let timing = "timing suspicion 0".parse::<Script>().unwrap_err();
    assert!(timing.to_string().ends_with("at most a day, found `0`"), "{timing}");
}

#[test]
fn a_shop_keeps_a_cluster_busy_from_the_time_of_its_first_order() {
    let script: Script =
        "seed 7\norders 4 times as fast until 60 s\nat 20 s kill leader for 5 s\nuntil 90 s\n"
            .parse()
            .unwrap();

    let mut simulation = script.simulation(None);
    script.play(&mut simulation).unwrap();
    simulation.check_settled().unwrap();

    assert!(20 < simulation.committed_log().head().get());
    assert_eq!(simulation.now(), simulation.start_time().plus_millis(90_000));
    assert_eq!(simulation.failovers().len(), 1);
    assert_eq!(script.to_string().parse(), Ok(script));
}
