use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::NewEvent;

use super::*;
use crate::{Lineage, Term};

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);
const C: NodeId = NodeId::new(2);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn follower() -> Follower {
    Follower::new(FollowerConfig::new(vec![A, B, C], 1), at(0))
}

/// Each pair is a lineage's number, which is its epoch too, and its first position.
fn history<const N: usize>(terms: [(u64, u64); N]) -> History {
    let term = |(number, first)| Term {
        lineage: Lineage::new(u128::from(number)),
        epoch: Epoch::new(number),
        first: Position::new(first),
    };
    terms.into_iter().map(term).collect()
}

fn entry(position: u64, epoch: u64, id: &str) -> Entry {
    let event = NewEvent {
        id: id.into(),
        source: "/test".into(),
        event_type: "Happened".into(),
        subject: "it".into(),
        time: None,
        data: "null".into(),
    };
    Entry { position: Position::new(position), epoch: Epoch::new(epoch), event: Arc::new(event) }
}

/// Steps, and says what is to be done in short.
fn step(follower: &mut Follower, millis: i64, input: FollowerInput) -> Vec<String> {
    let mut out = Vec::new();
    follower.step(at(millis), input, &mut out);
    let last = out.pop();
    assert!(matches!(last, Some(FollowerOutput::WaitUntil(_))), "{last:?}");
    let shown = out.into_iter().map(|output| match output {
        FollowerOutput::Connect { node, after, silent: None, .. } => {
            alloc::format!("{node} {}", after.position)
        }
        FollowerOutput::Connect { node, after, silent: Some(silent), .. } => {
            alloc::format!("{node} {} not {silent}", after.position)
        }
        FollowerOutput::Apply(entry) => alloc::format!("+{}", entry.event.id),
        FollowerOutput::Rewind(position) => alloc::format!("rewind {position}"),
        FollowerOutput::WaitUntil(_) => unreachable!("a step ends with one"),
    });
    shown.collect()
}

fn answer(follower: &mut Follower, millis: i64, answer: Answer) -> Vec<String> {
    let session = follower.session;
    step(follower, millis, FollowerInput::Answer { session, answer })
}

fn event(follower: &mut Follower, millis: i64, epoch: u64, entry: Entry) -> Vec<String> {
    let (session, epoch) = (follower.session, Epoch::new(epoch));
    step(follower, millis, FollowerInput::Event { session, epoch, entry })
}

fn heartbeat(follower: &mut Follower, millis: i64, role: Role, head: u64) -> Vec<String> {
    let lineage = follower.history.lineage();
    let (epoch, head) = (follower.epoch, Position::new(head));
    let heartbeat = Heartbeat { node: A, role, epoch, lineage, head };
    step(follower, millis, FollowerInput::Heartbeat { session: follower.session, heartbeat })
}

fn go_on(epoch: u64, history: History, event_id: Option<&str>) -> Answer {
    Answer::Continue { epoch: Epoch::new(epoch), history, event_id: event_id.map(String::from) }
}

fn rewind_to(epoch: u64, history: History, position: u64) -> Answer {
    Answer::RewindTo { epoch: Epoch::new(epoch), history, position: Position::new(position) }
}

/// A follower that has `a`, `b` and `c` from node A, which leads at epoch 1.
fn with_three_events() -> Follower {
    let mut follower = follower();
    step(&mut follower, 0, FollowerInput::Tick);
    answer(&mut follower, 5, go_on(1, history([(1, 1)]), None));
    for (position, id) in (1..).zip(["a", "b", "c"]) {
        assert_eq!(event(&mut follower, 10, 1, entry(position, 1, id)), [alloc::format!("+{id}")]);
    }
    follower
}

#[test]
fn it_asks_each_node_once_before_it_waits() {
    let mut follower = follower();

    assert_eq!(step(&mut follower, 0, FollowerInput::Tick), ["A #0"]);
    assert_eq!(answer(&mut follower, 1, Answer::Unavailable), ["B #0"]);
    assert_eq!(step(&mut follower, 251, FollowerInput::Tick), ["C #0 not B"]);
    assert_eq!(answer(&mut follower, 260, Answer::Unavailable), [""; 0]);
    assert_eq!(step(&mut follower, 260 + 125, FollowerInput::Tick), ["A #0 not B"]);
}

#[test]
fn it_waits_at_a_node_that_is_looking_for_a_leader_but_not_for_ever() {
    let mut follower = follower();
    step(&mut follower, 0, FollowerInput::Tick);

    for millis in (5..1_500).step_by(250) {
        assert_eq!(heartbeat(&mut follower, millis, Role::Standby, 0), [""; 0]);
    }
    assert_eq!(step(&mut follower, 1_500, FollowerInput::Tick), ["B #0 not A"]);
    assert_eq!(heartbeat(&mut follower, 1_510, Role::Candidate, 0), [""; 0]);
    assert_eq!(step(&mut follower, 2_009, FollowerInput::Tick), [""; 0]);
    assert_eq!(step(&mut follower, 2_010, FollowerInput::Tick), ["C #0 not B"]);
}

#[test]
fn it_says_who_was_silent_until_it_follows_another() {
    let mut follower = with_three_events();

    assert_eq!(step(&mut follower, 1_010, FollowerInput::Tick), ["B #3 not A"]);
    assert_eq!(answer(&mut follower, 1_020, Answer::GoTo(C)), ["C #3 not A"]);
    answer(&mut follower, 1_030, go_on(2, history([(1, 1), (2, 4)]), Some("c")));
    assert_eq!(heartbeat(&mut follower, 1_040, Role::Standby, 3), ["A #3"]);
}

#[test]
fn it_goes_where_it_is_sent_but_not_in_circles() {
    let mut follower = follower();
    step(&mut follower, 0, FollowerInput::Tick);

    assert_eq!(answer(&mut follower, 1, Answer::GoTo(C)), ["C #0"]);
    assert_eq!(answer(&mut follower, 2, Answer::GoTo(A)), ["A #0"]);
    assert_eq!(answer(&mut follower, 3, Answer::GoTo(C)), ["B #0"]);
}

#[test]
fn an_event_that_came_before_is_not_applied_again() {
    let mut follower = with_three_events();

    assert_eq!(event(&mut follower, 20, 1, entry(2, 1, "b")), [""; 0]);
    assert_eq!(event(&mut follower, 20, 1, entry(4, 1, "d")), ["+d"]);
}

#[test]
fn it_asks_again_when_an_event_is_missing() {
    let mut follower = with_three_events();

    assert_eq!(event(&mut follower, 20, 1, entry(5, 1, "e")), ["A #3"]);
}

#[test]
fn it_asks_again_when_the_last_events_do_not_come() {
    let mut follower = with_three_events();

    assert_eq!(heartbeat(&mut follower, 250, Role::Leader, 4), [""; 0]);
    assert_eq!(heartbeat(&mut follower, 500, Role::Leader, 4), ["A #3"]);
}

#[test]
fn what_an_earlier_session_says_is_ignored() {
    let mut follower = with_three_events();
    let (session, epoch) = (Session(0), Epoch::new(1));

    let late = FollowerInput::Event { session, epoch, entry: entry(4, 1, "x") };
    assert_eq!(step(&mut follower, 20, late), [""; 0]);
    assert_eq!(step(&mut follower, 20, FollowerInput::Closed { session }), [""; 0]);
    assert_eq!(follower.node(), Some(A));
}

#[test]
fn a_silent_leader_is_left_and_its_health_says_so() {
    let mut follower = with_three_events();

    assert_eq!(follower.health(at(510)), Health::Live);
    assert_eq!(follower.health(at(511)), Health::Stale { since: at(10) });
    assert_eq!(follower.phi_milli(at(510)), Some(301));
    // By then it is all but certain, for what little it knows of the leader's heartbeats.
    assert_eq!(step(&mut follower, 857, FollowerInput::Tick), [""; 0]);
    assert_eq!(step(&mut follower, 858, FollowerInput::Tick), ["B #3 not A"]);
    assert_eq!(follower.health(at(858)), Health::Reconnecting { since: at(10) });
    assert_eq!(follower.phi_milli(at(858)), None);
}

#[test]
fn a_leader_that_is_often_late_is_given_more_time_up_to_the_deadline() {
    let mut follower = with_three_events();
    let mut now = 10;
    for pause in [600, 400, 700, 300, 700, 300, 600] {
        now += pause;
        assert_eq!(heartbeat(&mut follower, now, Role::Leader, 3), [""; 0]);
    }

    assert_eq!(step(&mut follower, now + 999, FollowerInput::Tick), [""; 0]);
    assert_eq!(step(&mut follower, now + 1_000, FollowerInput::Tick), ["B #3 not A"]);
}

#[test]
fn a_leader_of_a_lower_epoch_is_refused() {
    let mut follower = with_three_events();
    let session = follower.session;
    step(&mut follower, 20, FollowerInput::Closed { session });
    answer(&mut follower, 30, go_on(2, history([(1, 1), (2, 4)]), Some("c")));
    step(&mut follower, 1_030, FollowerInput::Tick);

    assert_eq!(
        answer(&mut follower, 1_040, go_on(1, history([(1, 1)]), Some("c"))),
        ["A #3 not B"]
    );
    assert_eq!((follower.node(), follower.epoch()), (None, Epoch::new(2)));
}

#[test]
fn a_leader_that_stands_by_now_is_left() {
    let mut follower = with_three_events();

    assert_eq!(heartbeat(&mut follower, 20, Role::Standby, 3), ["B #3"]);
}

#[test]
fn it_rewinds_to_where_the_new_leader_says_they_part() {
    let mut follower = with_three_events();
    let session = follower.session;
    step(&mut follower, 20, FollowerInput::Closed { session });

    let parted = rewind_to(2, history([(1, 1), (2, 3)]), 2);
    assert_eq!(answer(&mut follower, 30, parted), ["rewind #2"]);
    assert_eq!(event(&mut follower, 40, 2, entry(3, 2, "z")), ["+z"]);
    assert_eq!(follower.cursor().lineage(), Lineage::new(2));
}

#[test]
fn a_wrong_answer_is_found_out_by_the_event_at_the_cursor() {
    let mut follower = with_three_events();
    let session = follower.session;
    step(&mut follower, 20, FollowerInput::Closed { session });

    let wrong = go_on(2, history([(1, 1), (2, 4)]), Some("other"));
    assert_eq!(answer(&mut follower, 30, wrong), ["rewind #0", "B #0 not A"]);
}

#[test]
fn a_wrong_answer_is_found_out_by_the_histories() {
    let mut follower = with_three_events();
    let session = follower.session;
    step(&mut follower, 20, FollowerInput::Closed { session });

    let too_far = go_on(2, history([(1, 1), (2, 2)]), Some("c"));
    assert_eq!(answer(&mut follower, 30, too_far), ["rewind #1", "B #1 not A"]);
    let beyond = rewind_to(2, history([(1, 1), (2, 2)]), 7);
    assert_eq!(answer(&mut follower, 40, beyond), ["C #1 not A"], "nobody can go on from there");
}
