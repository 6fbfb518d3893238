use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::{Digest, NewEvent};

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
        FollowerOutput::Forget => "forget".into(),
        FollowerOutput::Restore(snapshot) => alloc::format!("restore {}", snapshot.at.position),
        FollowerOutput::Refuse { node, refused } => alloc::format!("{node}: {refused}"),
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

/// A snapshot of a log with this history.
fn snapshot(position: u64, history: &History, id: &str) -> Snapshot {
    let position = Position::new(position);
    let at = Cursor {
        history: history.until(position),
        position,
        event_id: Some(id.into()),
        base: position,
    };
    Snapshot { at, digest: Digest::default(), bytes: [].into() }
}

fn start_from(epoch: u64, history: History, shared: u64, snapshot: Snapshot) -> Answer {
    let (epoch, shared, snapshot) = (Epoch::new(epoch), Position::new(shared), Box::new(snapshot));
    Answer::StartFrom { epoch, history, shared, snapshot }
}

fn restored(follower: &mut Follower, millis: i64) -> Vec<String> {
    step(follower, millis, FollowerInput::Restored(Ok(())))
}

/// The same, after the connection was lost and it asks B.
fn that_asks_again() -> Follower {
    let mut follower = with_three_events();
    let session = follower.session;
    assert_eq!(step(&mut follower, 20, FollowerInput::Closed { session }), ["B #3 not A"]);
    follower
}

/// A follower that started from a snapshot at 10, has one event after it, and asks C.
fn that_started_from_ten() -> Follower {
    let mut follower = that_asks_again();
    let two = history([(1, 1), (2, 5)]);
    answer(&mut follower, 30, start_from(2, two.clone(), 3, snapshot(10, &two, "j")));
    assert_eq!(restored(&mut follower, 40), ["B #10 not A"]);
    assert_eq!(answer(&mut follower, 50, go_on(2, two, Some("j"))), [""; 0]);
    assert_eq!(event(&mut follower, 60, 2, entry(11, 2, "k")), ["+k"]);
    let session = follower.session;
    assert_eq!(step(&mut follower, 70, FollowerInput::Closed { session }), ["C #11 not B"]);
    follower
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

#[test]
fn who_lacks_what_is_not_sent_any_more_starts_from_a_snapshot() {
    let mut follower = that_asks_again();
    let history = history([(1, 1), (2, 5)]);

    let offer = start_from(2, history.clone(), 3, snapshot(10, &history, "j"));
    assert_eq!(answer(&mut follower, 30, offer), ["restore #10"]);
    assert_eq!(follower.health(at(31)), Health::Restoring { since: at(30) });
    assert_eq!(follower.position(), Position::new(3), "it has what it had");
    let session = follower.session;
    assert_eq!(step(&mut follower, 9_000, FollowerInput::Tick), [""; 0], "it takes its time");
    assert_eq!(step(&mut follower, 9_000, FollowerInput::Closed { session }), [""; 0]);
    assert_eq!(event(&mut follower, 9_000, 2, entry(11, 2, "k")), [""; 0]);

    assert_eq!(restored(&mut follower, 9_010), ["B #10 not A"]);
    assert_eq!(follower.cursor().base, Position::new(10));
    assert_eq!(answer(&mut follower, 9_020, go_on(2, history, Some("j"))), [""; 0]);
    assert_eq!(event(&mut follower, 9_030, 2, entry(11, 2, "k")), ["+k"]);
    assert_eq!(follower.health(at(9_030)), Health::Live);
    assert_eq!(restored(&mut follower, 9_040), [""; 0], "nobody asked for that");
}

#[test]
fn it_goes_back_as_far_as_its_snapshot_and_no_further() {
    let mut follower = that_started_from_ten();
    let later = history([(1, 1), (2, 5), (3, 11)]);
    assert_eq!(answer(&mut follower, 80, rewind_to(3, later, 10)), ["rewind #10"]);
    assert_eq!(follower.cursor().base, Position::new(10));

    let mut follower = that_started_from_ten();
    let earlier = history([(1, 1), (2, 5), (3, 9)]);
    let offer = start_from(3, earlier.clone(), 0, snapshot(7, &earlier, "g"));
    assert_eq!(answer(&mut follower, 80, offer), ["restore #7"], "an older one, since it has to");
    assert_eq!(restored(&mut follower, 90), ["C #7 not B"]);

    let mut follower = that_started_from_ten();
    assert_eq!(answer(&mut follower, 80, rewind_to(3, earlier.clone(), 0)), ["forget"]);
    assert_eq!((follower.node(), follower.cursor().base), (Some(C), Position::START));

    let mut follower = that_started_from_ten();
    let wrong = rewind_to(3, earlier, 8);
    assert_eq!(answer(&mut follower, 80, wrong), ["forget", "C #0 not B"]);
}

#[test]
fn a_snapshot_of_a_deposed_leader_is_refused() {
    let mut follower = that_started_from_ten();
    let old = history([(1, 1)]);

    let offer = start_from(1, old.clone(), 3, snapshot(20, &old, "t"));
    assert_eq!(
        answer(&mut follower, 80, offer),
        ["C: expected a snapshot from a leader of e2 or later, found one of e1", "A #11 not B"]
    );
}

#[test]
fn a_snapshot_of_another_log_is_refused() {
    let mut follower = that_asks_again();
    let foreign = history([(7, 1)]);

    let offer = start_from(2, history([(1, 1), (2, 5)]), 3, snapshot(10, &foreign, "j"));
    assert_eq!(
        answer(&mut follower, 30, offer),
        [
            "B: expected a snapshot of the leader's log, found one at #10 that parts from it after #0",
            "C #3 not A"
        ]
    );
    assert_eq!(follower.position(), Position::new(3));
}

#[test]
fn a_snapshot_of_what_it_has_is_refused() {
    let mut follower = that_asks_again();
    let history = history([(1, 1), (2, 5)]);

    let offer = start_from(2, history.clone(), 3, snapshot(3, &history, "c"));
    assert_eq!(
        answer(&mut follower, 30, offer),
        ["B: expected a snapshot after #3, which is there, found one at #3", "C #3 not A"]
    );
}

#[test]
fn a_snapshot_that_is_damaged_is_told_of_and_events_are_asked_for_instead() {
    let mut follower = that_asks_again();
    let history = history([(1, 1), (2, 5)]);
    let offer = start_from(2, history.clone(), 3, snapshot(10, &history, "j"));
    answer(&mut follower, 30, offer.clone());

    let damaged = FollowerInput::Restored(Err(RestoreError::Foreign));
    let mut out = Vec::new();
    follower.step(at(40), damaged, &mut out);

    let refused = SnapshotRefused::Unusable(RestoreError::Foreign);
    assert_eq!(out[0], FollowerOutput::Refuse { node: B, refused });
    let asks = |output: &FollowerOutput| match output {
        FollowerOutput::Connect { node, needs_all, .. } => Some((*node, *needs_all)),
        _ => None,
    };
    assert_eq!(asks(&out[1]), Some((C, true)));
    assert_eq!(
        answer(&mut follower, 50, offer),
        ["C: expected events, found a snapshot at #10"],
        "and it asks nobody for a while, since all were asked"
    );
    follower.step(at(500), FollowerInput::Tick, &mut out);
    answer(&mut follower, 510, go_on(2, history, Some("c")));
    let session = follower.session;
    follower.step(at(520), FollowerInput::Closed { session }, &mut out);
    assert_eq!(out.iter().rev().find_map(asks), Some((B, false)), "it was only that snapshot");
}

/// What a client's views hold: events up to a position, and none before another.
#[derive(Debug, Default)]
struct Views {
    base: Position,
    head: Position,
    offered: Option<Position>,
}

impl Views {
    /// Does what a follower says, which must be possible.
    fn follow(&mut self, outputs: Vec<FollowerOutput>) {
        for output in outputs {
            match output {
                FollowerOutput::Apply(entry) => {
                    assert_eq!(entry.position, self.head.next());
                    self.head = entry.position;
                }
                FollowerOutput::Rewind(to) => {
                    assert!(self.base <= to && to < self.head, "{to} in {self:?}");
                    self.head = to;
                }
                FollowerOutput::Forget => {
                    assert_ne!(self.base, Position::START);
                    (self.base, self.head) = (Position::START, Position::START);
                }
                FollowerOutput::Restore(snapshot) => self.offered = Some(snapshot.at.position),
                FollowerOutput::Connect { after, .. } => {
                    assert_eq!((after.base, after.position), (self.base, self.head));
                }
                FollowerOutput::Refuse { .. } | FollowerOutput::WaitUntil(_) => {}
            }
        }
    }
}

proptest::proptest! {
    /// Whatever nodes say, right or wrong.
    #[test]
    fn what_it_says_can_be_done_and_leads_to_where_its_cursor_is(
        said in proptest::collection::vec((0_u8..9, 0_usize..6, 0_u64..14, 0_u64..14), 1..120),
    ) {
        let logs = [
            history([(1, 1)]),
            history([(1, 1), (2, 4)]),
            history([(1, 1), (3, 7)]),
            history([(1, 1), (2, 4), (4, 9)]),
            history([(5, 1)]),
            History::default(),
        ];
        let (mut follower, mut views) = (follower(), Views::default());
        for (millis, (what, log, place, other)) in (0..).step_by(97).zip(said) {
            let (session, history) = (follower.session, logs[log].clone());
            let epoch = history.epoch().max(follower.epoch).get();
            let answer = |answer| FollowerInput::Answer { session, answer };
            let input = match what {
                0 => answer(go_on(epoch, history, None)),
                1 => answer(rewind_to(epoch, history, place)),
                2 | 3 => {
                    let snapshot = snapshot(place, &history, "s");
                    answer(start_from(epoch, history, other, snapshot))
                }
                4 | 5 => {
                    let entry = entry(follower.position.get() + place / 9, epoch, "e");
                    FollowerInput::Event { session, epoch: Epoch::new(epoch), entry }
                }
                6 if place == 0 => FollowerInput::Restored(Err(RestoreError::Foreign)),
                6 | 7 => FollowerInput::Restored(Ok(())),
                8 if place < 4 => FollowerInput::Closed { session },
                _ => FollowerInput::Tick,
            };
            if let (FollowerInput::Restored(restored), Some(at)) = (&input, views.offered)
                && follower.is_restoring()
            {
                views.offered = None;
                if restored.is_ok() {
                    (views.base, views.head) = (at, at);
                }
            }
            let mut outputs = Vec::new();
            follower.step(at(millis), input, &mut outputs);
            views.follow(outputs);
            let cursor = follower.cursor();
            proptest::prop_assert_eq!((cursor.base, cursor.position), (views.base, views.head));
        }
    }
}
