use everview_cluster::sim::Script;

use super::*;

#[test]
fn every_kind_becomes_a_step_that_scripts_know() {
    for kind in kinds() {
        let target = match kind.needs {
            Needs::Heir => "B",
            Needs::Server => "S1",
            _ => "leader",
        };
        let draft =
            FaultDraft { kind: kind.name.into(), target: target.into(), ..FaultDraft::default() };
        let line = format!("at 0 s {}\nuntil 0 s\n", draft.line());
        let script: Script = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(script.to_string(), format!("seed 0\n{line}"));
    }
}

#[test]
fn shares_are_written_in_percent_and_times_in_seconds() {
    let draft = FaultDraft {
        kind: "lossy".into(),
        target: "A".into(),
        amount: " 35 ".into(),
        seconds: "1.5".into(),
        ..FaultDraft::default()
    };
    assert_eq!(draft.line(), "lossy A B by 350000 for 1.5 s");
    let always = FaultDraft { seconds: String::new(), ..draft };
    assert_eq!(always.line(), "lossy A B by 350000");
}
