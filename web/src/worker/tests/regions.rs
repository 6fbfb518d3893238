use everview_protocol::session::{
    ClusterState, ConflictsState, RegionRow, RegionsRequest, RegionsState, Reply, Request, Told,
    Update,
};

use super::super::session::Session;
use super::{cluster, page, reply};

/// What was told last about the regions.
fn conflicts(session: &mut Session) -> ConflictsState {
    session.advance(100);
    let mut told = session.drain().into_iter().filter_map(|told| match told {
        Told::Update(Update::Regions(regions)) => Some(regions),
        _ => None,
    });
    told.next_back().expect("news of the regions")
}

#[test]
fn regions_that_are_parted_have_conflicts_whose_losers_can_be_restored() {
    let mut session = Session::new();
    let ask = |session: &mut Session, request| reply(session, Request::Regions(request));
    ask(&mut session, RegionsRequest::Watch { is_watched: true });
    let step = |text: &str| RegionsRequest::Step { text: text.into() };
    assert_eq!(ask(&mut session, step("partition A for 2 s")), Reply::Done);
    assert_eq!(ask(&mut session, step("edit A mine note red")), Reply::Done);
    session.advance(500);
    assert_eq!(ask(&mut session, step("edit B mine note blue")), Reply::Done);
    for _ in 0..50 {
        session.advance(100);
    }
    let state = conflicts(&mut session);
    let about_mine =
        |state: &ConflictsState| state.conflicts.iter().find(|one| one.row == "mine").cloned();
    let conflict = about_mine(&state).expect("a conflict");
    assert_eq!(conflict.rule, "last writer wins");
    let values: Vec<_> =
        conflict.versions.iter().map(|one| (&*one.value, one.is_overruled)).collect();
    assert_eq!(values, [("red", true), ("blue", false)]);

    let ConflictsState { rows, .. } = state;
    let note = |rows: &[RegionRow]| {
        let row = rows.iter().find(|row| row.key == "mine").expect("the row");
        row.fields.iter().find(|(name, _)| name == "note").map(|(_, value)| value.clone())
    };
    assert_eq!(note(&rows).as_deref(), Some("blue"));
    let (region, number) = (conflict.versions[0].region, conflict.versions[0].number);
    assert_eq!(ask(&mut session, RegionsRequest::Restore { region, number }), Reply::Done);
    let state = conflicts(&mut session);
    assert_eq!(note(&state.rows).as_deref(), Some("red"));
    assert!(about_mine(&state).expect("it stays").settled.is_some());

    let wrong = ask(&mut session, step("edit A mine price dear"));
    assert!(matches!(wrong, Reply::Invalid(_)), "{wrong:?}");
    ask(&mut session, RegionsRequest::Watch { is_watched: false });
    session.drain();
    session.advance(1_000);
    let news = session.drain();
    assert!(!news.iter().any(|told| matches!(told, Told::Update(Update::Regions(_)))));
}

const PARTED: &str = "# Parted\nseed 7\nplaces 1.1 2.2 3.3\nedits every 300 ms in 4 rows until 60 s\nat 2 s partition A for 4 s\nat 2.5 s edit A account-7 note red\nat 3 s edit B account-7 note blue\nuntil 20 s\n";

/// What was told last about regions that are the source, once something holds of it.
fn once(
    session: &mut Session,
    is_so: impl Fn(&ClusterState, &RegionsState) -> bool,
) -> (ClusterState, RegionsState) {
    for _ in 0..200 {
        session.advance(100);
        let cluster = cluster(session);
        let regions = cluster.regions.clone().expect("regions");
        if is_so(&cluster, &regions) {
            return (cluster, regions);
        }
    }
    panic!("it never came to that");
}

#[test]
fn a_scenario_with_a_log_per_region_is_played_and_its_views_converge() {
    let mut session = Session::new();
    assert_eq!(reply(&mut session, Request::Scenario { text: PARTED.into() }), Reply::Done);
    assert_eq!(
        reply(&mut session, Request::Regions(RegionsRequest::Watch { is_watched: true })),
        Reply::Done
    );
    let is_parted =
        |regions: &RegionsState| regions.regions[0].links.iter().all(|link| link.is_cut);
    let (parted, regions) = once(&mut session, |_, regions| {
        is_parted(regions) && 0 < regions.regions[0].links[0].lacking
    });
    assert_eq!((parted.leader.as_deref(), parted.nodes.len()), (None, 0));
    assert_eq!(regions.accepting(), 3);
    assert!(!regions.is_agreed);

    let (healed, regions) = once(&mut session, |_, regions| {
        !is_parted(regions) && regions.is_agreed && 0 < regions.conflicts
    });
    let digests: Vec<_> = regions.regions.iter().map(|one| &one.digest).collect();
    assert_eq!(digests, [digests[0]; 3]);
    assert_eq!(healed.followed.as_deref(), Some("A"));
    let check = healed.check.expect("views are compared");
    assert!(check.is_equal(), "{check:?}");
    assert!(0 < session.state().rewinds, "late changes were put in their place");

    // An event that B made while A was parted is one of that time, whenever it came.
    let parted = healed.chaos.done.iter().find(|one| one.step.text.starts_with("partition"));
    let parted = parted.expect("the partition");
    let ended = parted.until_position.expect("it is over");
    assert!(parted.position + 5 < ended, "{parted:?}");
    let ask = Request::ClusterAt { position: parted.position + 3, at_ms: None };
    let Reply::Cluster(Some(past)) = reply(&mut session, ask) else { panic!("a past") };
    assert!(is_parted(&past.state.regions.expect("regions")), "{}", past.state.now_ms);

    let state = conflicts(&mut session);
    assert!(state.is_source);
    let conflict = state.conflicts.iter().find(|one| one.row == "account-7").expect("a conflict");
    assert_eq!(
        conflict.versions.iter().map(|one| &*one.value).collect::<Vec<_>>(),
        ["red", "blue"]
    );
    let rows = page(&mut session, "rows", None, "account-7");
    let note = rows.columns.iter().position(|column| column.name == "note").expect("a column");
    assert_eq!(rows.rows[0][note], "blue", "{rows:?}");

    let (region, number) = (conflict.versions[0].region, conflict.versions[0].number);
    let restore = Request::Regions(RegionsRequest::Restore { region, number });
    assert_eq!(reply(&mut session, restore), Reply::Done);
    once(&mut session, |_, regions| regions.is_agreed);
    let rows = page(&mut session, "rows", None, "account-7");
    assert_eq!(rows.rows[0][note], "red");

    // Who plays what happened so far comes to the same.
    let Reply::Script(Some(text)) = reply(&mut session, Request::Script) else {
        panic!("a script")
    };
    assert!(text.contains(&format!("restore A {number} of {region}\n")), "{text}");
    let mut again = Session::new();
    assert_eq!(reply(&mut again, Request::Scenario { text }), Reply::Done);
    once(&mut again, |cluster, regions| cluster.chaos.queued == 0 && regions.is_agreed);
    let rows = page(&mut again, "rows", None, "account-7");
    assert_eq!(rows.rows[0][note], "red");

    let order = Request::Dispatch {
        key: "k".into(),
        stream: "order-1".into(),
        command_type: "PlaceOrder".into(),
        data: "{}".into(),
    };
    assert!(matches!(reply(&mut session, order), Reply::Impossible(_)));
}

#[test]
fn a_region_that_is_lost_is_not_read_for_a_while_and_then_another_one_is() {
    let mut session = Session::new();
    reply(&mut session, Request::Scenario { text: PARTED.replace("partition A", "kill A") });
    let (lost, regions) = once(&mut session, |cluster, _| cluster.stale_ms.is_some());
    assert_eq!((lost.followed.as_deref(), regions.accepting()), (Some("A"), 2));
    let (other, _) = once(&mut session, |cluster, _| cluster.stale_ms.is_none());
    assert_eq!(other.followed.as_deref(), Some("B"));
    let (back, _) = once(&mut session, |_, regions| regions.accepting() == 3 && regions.is_agreed);
    assert_eq!(back.followed.as_deref(), Some("B"), "who reads a region stays with it");
    assert_eq!((back.sla.outages, back.check.map(|check| check.is_equal())), (1, Some(true)));

    // While A was down the cluster looked so, and the past of it says so.
    let during =
        back.chaos.done.iter().find(|fault| fault.step.text.starts_with("kill")).expect("it");
    let at_ms = Some(during.step.at_ms + 500);
    let ask = Request::ClusterAt { position: during.position, at_ms };
    let Reply::Cluster(Some(past)) = reply(&mut session, ask) else { panic!("a past") };
    assert!(past.state.stale_ms.is_some());
    assert_eq!(past.state.regions.expect("regions").accepting(), 2);

    let wrong = reply(&mut session, Request::Inject { text: "pay alice 5".into() });
    assert!(matches!(&wrong, Reply::Invalid(why) if why.contains("edit")), "{wrong:?}");
    let Reply::Script(Some(script)) = reply(&mut session, Request::Script) else {
        panic!("a script")
    };
    let script: everview_cluster::sim::Script = script.parse().expect("a script");
    assert!(script.transcript().contains("all know and show the same"));
}

#[test]
fn the_last_event_of_each_conflict_is_told_as_a_place_to_stop_at() {
    let mut session = Session::new();
    let text = PARTED.into();
    assert_eq!(reply(&mut session, Request::Scenario { text }), Reply::Done);
    let about =
        |session: &mut Session, after: u64| match reply(session, Request::Conflicts { after }) {
            Reply::Onsets(onsets) => onsets,
            other => panic!("expected places, found {other:?}"),
        };
    assert_eq!(about(&mut session, 0).positions, [0; 0]);
    let (_, regions) = once(&mut session, |_, regions| 0 < regions.conflicts && regions.is_agreed);
    let found = about(&mut session, 0);
    assert_eq!(found.reached, session.state().head);
    let data =
        |session: &mut Session, position: u64| match reply(session, Request::Event { position }) {
            Reply::Event(Some(event)) => event.data,
            other => panic!("expected an event, found {other:?}"),
        };
    let texts: Vec<_> = found.positions.iter().map(|at| data(&mut session, *at)).collect();
    assert!(texts.iter().any(|data| data.contains("blue")), "the later one: {texts:?}");
    assert!(texts.len() as u64 <= regions.conflicts, "one place for each, at most");
    let last = *found.positions.last().expect("a conflict");
    assert_eq!(about(&mut session, last).positions, [0; 0]);
}
