use everview_protocol::session::{
    BuildingState, CommandResult, FieldMapping, Filter, InputFormat, NodeRole, ObserverCondition,
    Reply, Request, Sort, Source, Standing, Told, Update, ViewPage, ViewQuery,
};

mod budget;
mod capsule;
mod futures;
mod kept;
mod regions;
mod snapshot;
mod travel;

use super::opening::{Opened, Opening, OpeningError, Step};
use super::session::Session;

/// Opens bytes that need no mapping.
fn opened(name: &str, bytes: &[u8]) -> Result<Opened, OpeningError> {
    let mut opening = Opening::new(name.into(), None, None, 0.0);
    opening.feed(bytes);
    opening.end();
    loop {
        match opening.step(None)? {
            Step::Again => {}
            Step::Done => return opening.finish(),
            Step::Hungry => panic!("the end was told"),
            Step::Asks(question) => panic!("it asks: {question:?}"),
        }
    }
}

/// A file of `events` events: orders that are placed and given an item.
fn orders(events: u32) -> String {
    let lines: Vec<String> = (0..events).map(order_event).collect();
    lines.join("\n")
}

fn order_event(number: u32) -> String {
    let (order, second) = (number / 2, number % 60);
    let (name, data) = if number.is_multiple_of(2) {
        ("OrderPlaced", format!(r#"{{"customer":"c{}","region":"north"}}"#, order % 3))
    } else {
        ("ItemAdded", r#"{"sku":"tea","quantity":2,"price_cents":450}"#.to_owned())
    };
    format!(
        r#"{{"specversion":"1.0","id":"{number}","source":"/t","type":"{name}","subject":"o{order}","time":"2026-01-01T00:00:{second:02}Z","data":{data}}}"#
    )
}

fn reply(session: &mut Session, request: Request) -> Reply {
    session.answer(7, request);
    let told = session.drain();
    let mut replies = told.into_iter().filter_map(|told| match told {
        Told::Reply { id: 7, reply } => Some(reply),
        _ => None,
    });
    replies.next_back().expect("every request is answered")
}

fn page(session: &mut Session, view: &str, sort: Option<Sort>, filter: &str) -> ViewPage {
    let query =
        ViewQuery { view: view.into(), sort, filter: filter.into(), first: 0, count: 1_000 };
    match reply(session, Request::View(query)) {
        Reply::View(Some(page)) => page,
        other => panic!("expected rows, found {other:?}"),
    }
}

fn simulated(seed: u64) -> Session {
    let mut session = Session::new();
    session.simulate(seed);
    session
}

fn file(bytes: &str) -> Session {
    let mut session = simulated(1);
    session
        .open(opened("orders.ndjson", bytes.as_bytes()).unwrap_or_else(|error| panic!("{error}")));
    session.drain();
    session
}

#[test]
fn a_scenario_is_played_and_told_as_a_script_that_comes_to_the_same() {
    let mut session = simulated(1);
    let text = "# Mine\nseed 7\norders 40 times as fast\nat 2 s kill leader for 3 s\n";
    assert_eq!(reply(&mut session, Request::Scenario { text: text.into() }), Reply::Done);
    for _ in 0..30 {
        session.advance(100);
    }
    let answer = reply(&mut session, Request::Inject { text: "slow A B by 40 for 1 s".into() });
    assert_eq!(answer, Reply::Done);
    for _ in 0..50 {
        session.advance(100);
    }
    let cluster = cluster(&mut session);
    let done: Vec<_> = cluster.chaos.done.iter().map(|one| &*one.step.text).collect();
    assert_eq!(done, ["slow A B by 40 for 1 s", "kill leader for 3 s"]);
    assert!(cluster.chaos.done.iter().all(|one| one.until_position.is_some()));
    assert_eq!(cluster.beliefs.len(), 4);
    let Reply::Script(Some(script)) = reply(&mut session, Request::Script) else {
        panic!("a script")
    };
    assert!(script.contains("at 3 s slow A B by 40 for 1 s"), "{script}");

    let script: everview_cluster::sim::Script = script.parse().expect("a script");
    let mut again = script.simulation(None);
    script.play(&mut again).expect("no promise is broken");
    again.check_settled().expect("all agree");
    assert_eq!(again.failovers().len(), cluster.failovers.len());

    let wrong = reply(&mut session, Request::Inject { text: "kill A\nat 3 s mend".into() });
    assert!(matches!(wrong, Reply::Invalid(_)), "{wrong:?}");
    let wrong = reply(&mut session, Request::Scenario { text: "places".into() });
    assert_eq!(wrong, Reply::Invalid("line 1: expected a place such as 1.2, found ``".into()));
}

#[test]
fn servers_are_told_of_beside_the_databases_and_drained() {
    let mut session = simulated(1);
    assert!(cluster(&mut session).balancer.is_none());
    let text = "servers 1.1 1.2\nbalance affinity capacity 7\norders 40 times as fast\n";
    assert_eq!(reply(&mut session, Request::Scenario { text: text.into() }), Reply::Done);
    for _ in 0..30 {
        session.advance(100);
    }
    let asked = reply(&mut session, Request::Inject { text: "drain S1".into() });
    assert_eq!(asked, Reply::Done);
    reply(&mut session, Request::Inject { text: "kill S2".into() });

    let balancer = cluster(&mut session).balancer.expect("a balancer");
    assert_eq!(balancer.strategy, "affinity");
    let [first, second] = &*balancer.servers else { panic!("{balancer:?}") };
    assert_eq!((&*first.name, &*first.zone, first.capacity), ("S1", "1", 7));
    assert!(matches!(first.standing, Standing::Drained | Standing::Draining), "{first:?}");
    assert_eq!((first.condition, second.condition), {
        (ObserverCondition::Running, ObserverCondition::Down)
    });
    assert!(first.picked + second.picked > 0);
    assert_eq!(cluster(&mut session).nodes.len(), 3);
}

#[test]
fn a_study_is_run_in_pieces_and_can_be_given_up() {
    let mut session = Session::new();
    assert_eq!(reply(&mut session, Request::Study { years: 2 }), Reply::Done);
    let mut turns = 0;
    let mut told = Vec::new();
    while session.work(&mut || {
        turns += 1;
        turns % 2 == 0
    }) {
        told.extend(studies(&mut session));
    }
    told.extend(studies(&mut session));
    let last = told.last().expect("news of the study");
    assert!(2 < told.len(), "it is told as it goes");
    assert_eq!((last.done, last.total, last.is_running), (8, 8, false));
    assert_eq!(last.designs.len(), 4);
    assert!(last.rows.iter().all(|row| row.figures.len() == 4));

    reply(&mut session, Request::Study { years: 10_000 });
    let mut turns = 0;
    session.work(&mut || {
        turns += 1;
        3 < turns
    });
    reply(&mut session, Request::CancelStudy);
    assert!(!session.work(&mut || false));
    let last = studies(&mut session).pop().expect("what was found");
    assert!(!last.is_running && last.done < 10, "{} years", last.done);
}

fn studies(session: &mut Session) -> Vec<everview_protocol::session::StudyState> {
    let told = session.drain().into_iter();
    told.filter_map(|told| match told {
        Told::Update(Update::Study(study)) => Some(study),
        _ => None,
    })
    .collect()
}

#[test]
fn an_order_file_is_opened_with_the_views_of_orders() {
    let mut session = file(&orders(20));
    let orders = page(&mut session, "orders", None, "");
    assert_eq!((orders.total, orders.position), (10, 20));
    assert_eq!(page(&mut session, "events_by_type", None, "").total, 2);
}

#[test]
fn another_file_is_opened_with_views_over_any_stream() {
    let text = orders(20).replace("OrderPlaced", "Began").replace("ItemAdded", "Ended");
    let streams = page(&mut file(&text), "streams", None, "");
    let names: Vec<&str> = streams.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["subject", "first_time", "last_type", "last_time", "events"]);
    assert_eq!(streams.rows[0][2..], ["Ended", "2026-01-01T00:00:01.000Z", "2"]);
}

#[test]
fn a_view_is_another_one_in_the_past_and_the_same_one_back_at_the_head() {
    let mut session = file(&orders(20));
    let head = page(&mut session, "orders", None, "");
    reply(&mut session, Request::Seek { position: 7 });
    let past = page(&mut session, "orders", None, "");
    assert_eq!((past.total, past.position), (4, 7));
    assert_ne!(past.digest, head.digest);
    reply(&mut session, Request::Follow);
    assert_eq!(page(&mut session, "orders", None, ""), head);
}

#[test]
fn rows_are_sorted_and_filtered() {
    let mut session = file(&orders(20));
    let sort = Some(Sort { column: "customer".into(), is_descending: true });
    let sorted = page(&mut session, "orders", sort, "");
    let customers: Vec<&str> = sorted.rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(customers, ["c2", "c2", "c2", "c1", "c1", "c1", "c0", "c0", "c0", "c0"]);
    let filtered = page(&mut session, "orders", None, " C1 ");
    assert_eq!((filtered.matching, filtered.total, filtered.rows.len()), (3, 10, 3));
}

#[test]
fn definitions_that_are_wrong_leave_the_views_as_they_are() {
    let mut session = file(&orders(4));
    let Reply::Definitions(before) = reply(&mut session, Request::Definitions) else { panic!() };
    for wrong in ["[views.x", "[views.x]\nsql = \"SELECT nothing FROM orders\""] {
        let answer = reply(&mut session, Request::Define { text: wrong.into() });
        assert!(matches!(answer, Reply::Invalid(_)), "{answer:?}");
    }
    assert_eq!(reply(&mut session, Request::Definitions), Reply::Definitions(before));
    assert_eq!(page(&mut session, "orders", None, "").total, 2);
}

/// How far views are built, and whether one can go back, as it was told last.
fn told(session: &mut Session) -> (Option<BuildingState>, bool) {
    let told = session.drain().into_iter().rev().find_map(|told| match told {
        Told::Update(Update::Session(state)) => Some((state.building, state.can_go_back)),
        _ => None,
    });
    told.expect("something changed")
}

const COUNTS: &str = r#"
    [views.orders]
    key = "subject"
    [views.orders.on."*"]
    add = { events = "1" }
"#;

#[test]
fn views_answer_until_others_are_built_and_can_be_had_back() {
    let mut session = file(&orders(12_000));
    let columns = |session: &mut Session| page(session, "orders", None, "").columns.len();
    let before = columns(&mut session);
    session.answer(1, Request::Define { text: COUNTS.into() });
    assert_eq!(told(&mut session), (Some(BuildingState { done: 5_000, total: 12_000 }), false));
    assert_eq!(columns(&mut session), before);
    let text = Reply::Definitions(COUNTS.into());
    assert_eq!(reply(&mut session, Request::Definitions), text);

    assert!(!session.work(&mut || false));
    assert_eq!((told(&mut session), columns(&mut session)), ((None, true), 2));
    assert_eq!(reply(&mut session, Request::UndoDefine), Reply::Done);
    assert_eq!(columns(&mut session), before, "nothing had to be folded again");
    assert_eq!(reply(&mut session, Request::UndoDefine), Reply::Done);
    assert_eq!(reply(&mut session, Request::Definitions), text);
}

#[test]
fn views_that_are_being_built_can_be_given_up() {
    let mut session = file(&orders(12_000));
    let before = page(&mut session, "orders", None, "");
    reply(&mut session, Request::Define { text: COUNTS.into() });
    assert_eq!(reply(&mut session, Request::CancelDefine), Reply::Done);
    assert!(!session.work(&mut || false));
    assert_eq!(page(&mut session, "orders", None, ""), before);
    let answer = reply(&mut session, Request::UndoDefine);
    assert!(matches!(answer, Reply::Impossible(_)), "{answer:?}");
}

#[test]
fn a_view_that_divides_by_zero_on_one_event_tells_which_and_goes_on() {
    let text = r#"
        [views.shares]
        key = "subject"
        [views.shares.on.OrderPlaced]
        set = { share = "10 / (position - 3)" }
    "#;
    let mut session = file(&orders(6));
    assert_eq!(reply(&mut session, Request::Define { text: text.into() }), Reply::Done);
    let shares = page(&mut session, "shares", None, "");
    assert_eq!(shares.total, 2);
    let [held] = shares.quarantined.as_slice() else { panic!("{:?}", shares.quarantined) };
    assert_eq!((held.position, held.error.as_str()), (3, "on.OrderPlaced.set.share: `/` by zero"));
}

#[test]
fn a_search_is_told_with_what_it_found() {
    let mut session = file(&orders(20));
    let filter = Filter { types: vec!["ItemAdded".into()], ..Filter::default() };
    session.answer(1, Request::Filter(filter));
    assert!(!session.work(&mut || false));
    let told = session.drain();
    let search = told.iter().rev().find_map(|told| match told {
        Told::Update(Update::Search(search)) => Some(*search),
        _ => None,
    });
    assert_eq!(search.map(|search| (search.found, search.scanned)), Some((10, 20)));
    assert_eq!(reply(&mut session, Request::Step { forward: false }), Reply::Place(Some(18)));
}

#[test]
fn records_that_are_no_events_are_refused_and_the_rest_is_read() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let mut bytes = format!("{}\n", orders(4)).into_bytes();
    bytes.extend_from_slice(b"{\"id\":\"x\",\"source\":\"/t\",\"type\":\"\xff\"}\n");
    bytes.extend_from_slice(
        format!("{{\"id\":\"y\",\"source\":\"/t\",\"type\":\"T\",\"data\":{deep}}}\n").as_bytes(),
    );
    bytes.extend_from_slice(b"{\"id\":\"z\",\"source\":\"/t\",\"ty");
    let mut session = simulated(1);
    session.open(opened("bad.ndjson", &bytes).unwrap_or_else(|error| panic!("{error}")));
    let Reply::Refused(refused) = reply(&mut session, Request::Refused) else { panic!() };
    let places: Vec<u64> = refused.iter().map(|record| record.line).collect();
    assert_eq!(places, [5, 6, 7]);
    assert_eq!(page(&mut session, "orders", None, "").total, 2);
}

#[test]
fn a_file_without_an_event_is_not_opened() {
    let reason = |bytes: &[u8]| opened("bad", bytes).err().map(|error| error.to_string());
    assert_eq!(reason(b"").as_deref(), Some("it is empty"));
    assert_eq!(reason(b" \n\n").as_deref(), Some("it is empty"));
    let nothing = reason(b"{\"half\":").unwrap_or_default();
    assert!(nothing.starts_with("none of its 1 records is an event"), "{nothing}");
}

#[test]
fn a_gzip_bomb_is_given_up_early() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![b' '; 100 << 20]).unwrap();
    // What follows has come in, and is no excuse as long as it is not unpacked.
    let bomb = [encoder.finish().unwrap(), vec![0; 1 << 20]].concat();
    let error = opened("bomb.gz", &bomb).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.starts_with("it unpacks to more than 500 times its size"), "{error}");
}

#[test]
fn a_plain_table_asks_what_is_what_and_is_read_like_that() {
    let mut opening = Opening::new("plain.csv".into(), None, None, 0.0);
    opening.feed(b"case,activity,at\n1,Began,2026-01-01T10:00:00Z\n1,Ended,2026-01-01T11:00:00Z");
    opening.end();
    let question = loop {
        match opening.step(None) {
            Ok(Step::Again) => {}
            Ok(Step::Asks(question)) => break question,
            _ => panic!("expected a question"),
        }
    };
    assert_eq!(question.format, InputFormat::Csv);
    assert_eq!(question.fields, ["case", "activity", "at"]);
    assert_eq!(question.samples[1].values, ["1", "Ended", "2026-01-01T11:00:00Z"]);
    let expected = FieldMapping {
        subject: Some("case".into()),
        event_type: Some("activity".into()),
        time: Some("at".into()),
        ..FieldMapping::default()
    };
    assert_eq!(question.guess, expected);
    assert!(opening.confirm(&question.guess).is_ok());
    assert!(matches!(opening.step(None), Ok(Step::Done)));
    let opened = opening.finish().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.source, Source::File { name: "plain.csv".into(), url: None });
    assert_eq!(opened.engine.log().streams().collect::<Vec<_>>(), [("1", 2)]);
}

/// The last that was told about the cluster.
fn cluster(session: &mut Session) -> everview_protocol::session::ClusterState {
    session.advance(100);
    let mut states = session.drain().into_iter().filter_map(|told| match told {
        Told::Update(Update::Cluster(state)) => Some(state),
        _ => None,
    });
    *states.next_back().expect("a simulation tells of its cluster with every step")
}

fn dispatch(session: &mut Session, key: &str, command_type: &str, data: &str) -> CommandResult {
    let request = Request::Dispatch {
        key: key.into(),
        stream: "my-order".into(),
        command_type: command_type.into(),
        data: data.into(),
    };
    session.answer(9, request);
    for _ in 0..200 {
        session.advance(100);
        for told in session.drain() {
            if let Told::Reply { id: 9, reply: Reply::Command(outcome) } = told {
                return outcome.result;
            }
        }
    }
    panic!("every command is answered within 20 s");
}

#[test]
fn a_command_is_done_once_and_a_refusal_says_why() {
    let mut session = simulated(1);
    let place = r#"{"customer":"ada","region":"north"}"#;
    let CommandResult::Accepted { first, last } = dispatch(&mut session, "k1", "PlaceOrder", place)
    else {
        panic!("expected it to be accepted");
    };
    assert_eq!(first, last);
    let again = dispatch(&mut session, "k1", "PlaceOrder", place);
    assert_eq!(again, CommandResult::Repeated { first, last });
    let refused = dispatch(&mut session, "k2", "PlaceOrder", place);
    assert!(matches!(refused, CommandResult::Rejected { .. }), "{refused:?}");
}

#[test]
fn files_and_the_past_take_no_commands() {
    let command = || Request::Dispatch {
        key: "k".into(),
        stream: "s".into(),
        command_type: "PayOrder".into(),
        data: "{}".into(),
    };
    let answer = reply(&mut file(&orders(2)), command());
    assert!(matches!(answer, Reply::Impossible(_)), "{answer:?}");
    let mut session = simulated(1);
    reply(&mut session, Request::Seek { position: 5 });
    let answer = reply(&mut session, command());
    assert!(matches!(answer, Reply::Impossible(_)), "{answer:?}");
}

#[test]
fn a_killed_leader_is_followed_by_another_one_and_the_views_stay_those_of_the_log() {
    let mut session = simulated(3);
    let before = cluster(&mut session);
    let leader = before.leader.clone().expect("a leader");
    reply(&mut session, Request::Inject { text: format!("kill {leader}") });
    let after = (0..100)
        .map(|_| cluster(&mut session))
        .find(|now| now.failovers.first().is_some_and(|failover| failover.total_ms.is_some()))
        .expect("a failover within 10 s");
    assert!(before.epoch < after.epoch);
    assert_ne!(after.leader.as_ref(), Some(&leader));
    let dead = after.nodes.iter().find(|node| node.name == leader);
    assert_eq!(dead.map(|node| node.role), Some(NodeRole::Down));
    let failover = &after.failovers[0];
    let parts: u64 = failover.phases.iter().map(|phase| phase.ms).sum();
    // Each part is cut to whole milliseconds.
    assert!(failover.total_ms.is_some_and(|total| total.abs_diff(parts) <= 5));
    assert!(after.check.is_some_and(|check| check.is_equal()));

    reply(&mut session, Request::Inject { text: format!("restart {leader}") });
    let back = (0..100).map(|_| cluster(&mut session)).last().expect("a hundred of them");
    let node = back.nodes.iter().find(|node| node.name == leader);
    assert_eq!(node.map(|node| node.role), Some(NodeRole::Standby));
    assert!(back.check.is_some_and(|check| check.is_equal()));
    assert_eq!(back.violation, None);
}

#[test]
fn what_a_failover_costs_is_measured_and_taken_from_the_budget() {
    let mut session = simulated(3);
    let before = cluster(&mut session);
    assert_eq!((before.sla.outages, before.sla.down_ms), (0, 0), "the start is no outage");
    assert_eq!(before.sla.availability.as_deref(), Some("100.0000 %"));
    assert_eq!(before.sla.left_ms, 3_153_600, "52 min 33.6 s");
    assert!(before.sla.alerts.iter().all(|alert| !alert.fires));

    let leader = before.leader.expect("a leader");
    reply(&mut session, Request::Inject { text: format!("kill {leader}") });
    let after = (0..60).map(|_| cluster(&mut session)).last().expect("sixty of them");
    let (sla, total) = (after.sla, after.failovers[0].total_ms.expect("it is over"));
    assert_eq!(sla.outages, 1);
    assert!(0 < sla.down_ms && sla.down_ms <= total, "{} of {total} ms", sla.down_ms);
    assert_eq!(sla.left_ms, 3_153_600 - sla.down_ms);
    assert_eq!(sla.to_repair_ms, Some(sla.down_ms));
    assert_eq!(sla.measured_ms - before.sla.measured_ms, 6_000);
    assert_ne!(sla.alerts[0].short_rate.as_deref(), Some("0"));
}

#[test]
fn whoever_looks_at_the_past_stays_there_while_events_arrive() {
    let mut session = simulated(1);
    let Reply::Place(Some(place)) = reply(&mut session, Request::RowOf { position: u64::MAX })
    else {
        panic!("a simulation has a past");
    };
    let head = place + 1;
    reply(&mut session, Request::Seek { position: head });
    for _ in 0..50 {
        session.advance(100);
    }
    assert_eq!(page(&mut session, "orders", None, "").position, head);
    let last = reply(&mut session, Request::RowOf { position: u64::MAX });
    assert!(matches!(last, Reply::Place(Some(last)) if head <= last), "{last:?}");
}

/// A file that has not ended, of which so much has come.
fn arriving(bytes: &str) -> Opening {
    let mut opening = Opening::new("orders.ndjson".into(), Some("http://here".into()), None, 0.0);
    opening.feed(bytes.as_bytes());
    while matches!(opening.step(None), Ok(Step::Again)) {}
    opening
}

#[test]
fn what_has_come_of_a_file_is_shown_and_the_rest_is_read_into_it() {
    let text = orders(2_000);
    for cut in [300, 150_000, text.len() - 10] {
        let mut opening = arriving(&text[..cut]);
        let mut session = simulated(1);
        assert!(session.progress(&opening, 1.0).can_show, "after {cut} bytes");
        session.open_early(opening.show().expect("events"));
        assert!(opening.show().is_none(), "it is shown once");
        let come = session.state().head;
        assert!(0 < come && come < 2_000);
        assert_eq!(session.parcel().map(|parcel| parcel.name), None);

        reply(&mut session, Request::Seek { position: 0 });
        opening.feed(&text.as_bytes()[cut..]);
        opening.end();
        while !matches!(session.read_on(&mut opening), Ok(Step::Done)) {}
        let progress = session.progress(&opening, 1.0);
        assert!(progress.is_shown && !progress.can_show);
        session.finish_arriving(&mut opening);
        assert_eq!((session.state().head, session.state().position), (2_000, 0));
        assert!(!session.state().is_following);
        reply(&mut session, Request::Follow);
        assert_eq!(session.state().digest, file(&text).state().digest);
    }
}

#[test]
fn nothing_is_shown_of_a_file_that_somebody_has_to_be_asked_about() {
    let mut opening = Opening::new("a.csv".into(), None, None, 0.0);
    opening.feed(b"case,activity\n1,begin\n2,begin\n");
    while matches!(opening.step(None), Ok(Step::Again)) {}
    assert!(!opening.state(1.0, None).can_show);
    assert!(opening.show().is_none());
}
