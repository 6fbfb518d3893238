use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::command::Command;
use everview_core::{Digest, Log, NewEvent};

use super::*;
use crate::{Answer, Cursor, Entry, History, Lease, Reply, Session, Snapshot, Term, Ticket};

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);
const C: NodeId = NodeId::new(2);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
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

/// An event that says in its id where and in which epoch it was accepted.
fn entry(position: u64, epoch: u64) -> Entry {
    let (position, epoch) = (Position::new(position), Epoch::new(epoch));
    let event = NewEvent {
        id: alloc::format!("{position} {epoch}"),
        source: "/test".into(),
        event_type: "Happened".into(),
        subject: "it".into(),
        time: None,
        data: "null".into(),
    };
    Entry { position, epoch, event: Arc::new(event) }
}

/// A log of these epochs.
fn durable<const N: usize>(epochs: &[u64], terms: [(u64, u64); N]) -> Durable {
    let history = history(terms);
    let mut log = Log::new();
    for (position, &epoch) in (1..).zip(epochs) {
        log.append(Epoch::new(epoch), &entry(position, epoch).event).unwrap();
    }
    let promised = history.epoch();
    Durable::new(log, history, promised)
}

fn node(id: NodeId, durable: Durable) -> Node {
    let peers = [A, B, C].into_iter().filter(|peer| *peer != id).collect();
    Node::new(NodeConfig::new(id, peers, 1), durable, CommandBus::new(), at(0))
}

fn step(node: &mut Node, millis: i64, input: Input) -> Vec<Output> {
    let mut out = Vec::new();
    node.step(at(millis), input, &mut out);
    assert!(matches!(out.pop(), Some(Output::WaitUntil(_))));
    out
}

fn hear(node: &mut Node, millis: i64, from: NodeId, message: PeerMessage) -> Vec<Output> {
    step(node, millis, Input::Peer { from, message })
}

fn lease(node: &mut Node, millis: i64, epoch: u64) -> Vec<Output> {
    let lease = Lease::Yours(Epoch::new(epoch));
    step(node, millis, Input::Lease(LeaseReply { asked: at(millis), lease }))
}

fn fenced<const N: usize>(epoch: u64, terms: [(u64, u64); N], head: u64) -> PeerMessage {
    let (epoch, head) = (Epoch::new(epoch), Position::new(head));
    PeerMessage::Fenced { epoch, history: history(terms), head }
}

fn replicate(epoch: u64, history: &History, after: u64, entries: Vec<Entry>) -> PeerMessage {
    PeerMessage::Replicate {
        epoch: Epoch::new(epoch),
        history: history.clone(),
        after: Position::new(after),
        entries,
        committed: Position::START,
    }
}

fn replicated(epoch: u64, head: u64) -> PeerMessage {
    PeerMessage::Replicated { epoch: Epoch::new(epoch), head: Position::new(head) }
}

fn messages(out: &[Output]) -> Vec<&PeerMessage> {
    let sent = out.iter().filter_map(|output| match output {
        Output::Send { message, .. } => Some(message),
        _ => None,
    });
    sent.collect()
}

fn ids(node: &Node) -> Vec<String> {
    node.durable().log().after(Position::START).map(|event| event.id.into_owned()).collect()
}

#[test]
fn a_promise_keeps_earlier_epochs_out() {
    let mut standby = node(B, durable(&[1], [(1, 1)]));
    hear(&mut standby, 10, C, PeerMessage::Fence { epoch: Epoch::new(2) });

    let late = replicate(1, &history([(1, 1)]), 1, vec![entry(2, 1)]);
    let out = hear(&mut standby, 20, A, late);

    assert_eq!(messages(&out), [&PeerMessage::Refused { epoch: Epoch::new(2) }]);
    assert_eq!((ids(&standby), standby.leader()), (vec!["#1 e1".to_string()], Some(C)));
}

#[test]
fn a_standby_forgets_what_its_leader_does_not_have() {
    let mut standby = node(B, durable(&[1, 1, 1], [(1, 1)]));

    let out =
        hear(&mut standby, 10, C, replicate(2, &history([(1, 1), (2, 3)]), 2, vec![entry(3, 2)]));

    assert_eq!(ids(&standby), ["#1 e1", "#2 e1", "#3 e2"]);
    assert!(messages(&out).contains(&&replicated(2, 3)));
}

#[test]
fn a_standby_that_lacks_events_says_from_where_on() {
    let mut standby = node(B, durable(&[1], [(1, 1)]));

    let out =
        hear(&mut standby, 10, C, replicate(2, &history([(1, 1), (2, 3)]), 2, vec![entry(3, 2)]));

    let missing = PeerMessage::Missing { epoch: Epoch::new(2), head: Position::new(1) };
    assert!(messages(&out).contains(&&missing));
    // It has not got to where the second term begins, so it must not claim to be in it.
    assert_eq!(standby.durable().history(), &history([(1, 1)]));
}

#[test]
fn a_standby_that_is_still_catching_up_does_not_claim_the_leaders_term() {
    let mut standby = node(B, durable(&[1], [(1, 1)]));
    let whole = history([(1, 1), (2, 4)]);

    hear(&mut standby, 10, C, replicate(2, &whole, 1, vec![entry(2, 1)]));
    assert_eq!(standby.durable().history(), &history([(1, 1)]));
    hear(&mut standby, 20, C, replicate(2, &whole, 2, vec![entry(3, 1)]));
    assert_eq!(standby.durable().history(), &whole);
}

#[test]
fn an_event_of_an_older_epoch_can_come_again_after_a_rewind() {
    let mut standby = node(B, durable(&[1, 3], [(1, 1), (3, 2)]));

    hear(
        &mut standby,
        10,
        C,
        replicate(4, &history([(1, 1), (2, 2), (4, 3)]), 1, vec![entry(2, 2)]),
    );

    assert_eq!(ids(&standby), ["#1 e1", "#2 e2"]);
}

#[test]
fn a_candidate_catches_up_with_the_latest_term_and_not_with_the_longest_log() {
    let mut candidate = node(A, durable(&[1, 1, 1], [(1, 1)]));
    lease(&mut candidate, 10, 3);
    assert_eq!(candidate.role(), Role::Candidate);

    hear(&mut candidate, 20, B, fenced(3, [(1, 1), (2, 2)], 2));
    assert_eq!(ids(&candidate), ["#1 e1"], "the rest is not in the log of the latest term");
    let (epoch, after) = (Epoch::new(3), Position::new(1));
    let entries = vec![entry(2, 2)];
    hear(&mut candidate, 30, B, PeerMessage::Fetched { epoch, after, entries });

    assert_eq!(
        (candidate.role(), ids(&candidate)),
        (Role::Leader, vec!["#1 e1".to_string(), "#2 e2".to_string()])
    );
    let last = candidate.durable().history().last().unwrap();
    assert_eq!((last.epoch, last.first), (Epoch::new(3), Position::new(3)));
}

/// A leader at epoch 2 that has taken over three events of epoch 1.
fn leader() -> Node {
    let mut leader = node(A, durable(&[1, 1, 1], [(1, 1)]));
    lease(&mut leader, 0, 2);
    hear(&mut leader, 0, B, fenced(2, [(1, 1)], 1));
    assert_eq!(leader.role(), Role::Leader);
    leader
}

#[test]
fn what_was_taken_over_counts_once_a_quorum_has_all_of_it() {
    let mut leader = leader();

    hear(&mut leader, 10, B, PeerMessage::Missing { epoch: Epoch::new(2), head: Position::new(1) });
    assert_eq!(leader.committed(), Position::START);
    hear(&mut leader, 20, B, replicated(2, 2));
    assert_eq!(leader.committed(), Position::START);
    hear(&mut leader, 30, B, replicated(2, 3));
    assert_eq!(leader.committed(), Position::new(3));
}

#[test]
fn an_answer_from_another_epoch_does_not_count() {
    let mut leader = leader();

    hear(&mut leader, 10, B, replicated(1, 3));

    assert_eq!(leader.committed(), Position::START);
}

#[test]
fn a_leader_steps_down_before_its_lease_runs_out() {
    let mut leader = leader();
    let beat = |leader: &mut Node, millis| hear(leader, millis, B, replicated(2, 3));

    beat(&mut leader, 1_349);
    assert_eq!(leader.role(), Role::Leader);
    beat(&mut leader, 1_350);
    assert_eq!(leader.role(), Role::Standby);
}

#[test]
fn a_leader_without_a_quorum_lets_go_of_the_lease() {
    let mut leader = leader();
    // The lease is renewed all the time; only the other nodes are out of reach.
    lease(&mut leader, 900, 2);

    let out = step(&mut leader, 1_000, Input::Tick);

    assert_eq!(leader.role(), Role::Standby);
    // It lets others try first, also when the register says that it is free.
    let lease = Lease::NotYours { holder: None, revision: Epoch::new(2), remaining_ms: 0 };
    step(&mut leader, 1_010, Input::Lease(LeaseReply { asked: at(1_000), lease }));
    let again = step(&mut leader, 2_499, Input::Tick);
    assert!(!again.iter().any(|output| matches!(output, Output::Lease(_))));
    let release = LeaseRequest { asked: at(1_000), ask: crate::LeaseAsk::Release(Epoch::new(2)) };
    assert!(
        out.iter().any(|output| matches!(output, Output::Lease(request) if *request == release))
    );
}

#[test]
fn a_reply_waits_for_the_quorum_even_when_it_is_a_refusal() {
    let mut leader = leader();
    let command = Command {
        command_type: "Unheard".into(),
        stream: "it".into(),
        data: "null".into(),
        idempotency_key: None,
        expected_version: None,
    };
    let request = Request::Dispatch { ticket: Ticket(1), command };
    let is_reply = |output: &Output| {
        matches!(output, Output::Respond { response: Response::Reply { .. }, .. })
    };

    let out = step(&mut leader, 10, Input::Client { client: ClientId(1), request });
    assert!(!out.iter().any(is_reply));
    let out = hear(&mut leader, 20, B, replicated(2, 3));

    let reply = out.into_iter().find_map(|output| match output {
        Output::Respond { response: Response::Reply { reply, .. }, .. } => Some(reply),
        _ => None,
    });
    let Some(Reply::Decided(Err(error))) = reply else { panic!("{reply:?}") };
    assert_eq!(error.to_string(), "no decider is registered for the command type `Unheard`");
}

#[test]
fn a_restarted_node_listens_for_a_leader_before_it_asks_for_the_lease() {
    let asks = |out: Vec<Output>| out.iter().any(|output| matches!(output, Output::Lease(_)));
    let mut alone = node(A, Durable::default());
    let mut led = node(A, Durable::default());
    hear(&mut led, 100, B, replicate(1, &history([(1, 1)]), 0, vec![]));

    assert!(!asks(step(&mut alone, 249, Input::Tick)));
    assert!(asks(step(&mut alone, 250, Input::Tick)));
    assert!(!asks(step(&mut led, 250, Input::Tick)));
}

/// What a client is told, after asking while `silent` said nothing to it.
fn resume(node: &mut Node, millis: i64, silent: Option<NodeId>) -> Vec<Response> {
    let needs_all = false;
    let (session, after) = (Session(1), Cursor::default());
    let request = Request::Resume { session, after, silent, needs_all };
    told(&step(node, millis, Input::Client { client: ClientId(0), request }))
}

fn told(out: &[Output]) -> Vec<Response> {
    let told = out.iter().filter_map(|output| match output {
        Output::Respond { response, .. } => Some(response.clone()),
        _ => None,
    });
    told.collect()
}

fn goes_to(node: NodeId) -> Response {
    Response::Answer { session: Session(1), answer: Answer::GoTo(node) }
}

#[test]
fn a_client_that_asks_before_somebody_leads_is_told_when_somebody_does() {
    let mut standby = node(B, Durable::default());

    let told_first = resume(&mut standby, 10, None);
    let is_held = |response: &_| matches!(response, Response::Heartbeat { .. });
    assert!(told_first.iter().all(is_held) && !told_first.is_empty(), "{told_first:?}");
    let out = hear(&mut standby, 20, C, PeerMessage::Fence { epoch: Epoch::new(1) });
    assert_eq!(told(&out), [goes_to(C)]);
}

#[test]
fn a_client_is_not_sent_back_to_a_silent_leader_before_it_is_heard_again() {
    let mut standby = node(B, Durable::default());
    hear(&mut standby, 10, A, replicate(1, &history([(1, 1)]), 0, vec![]));

    assert_eq!(resume(&mut standby, 20, None), [goes_to(A)]);
    let held = resume(&mut standby, 30, Some(A));
    assert!(matches!(held[..], [Response::Heartbeat { .. }]), "{held:?}");
    let out = hear(&mut standby, 40, A, replicate(1, &history([(1, 1)]), 0, vec![]));
    assert_eq!(told(&out), [goes_to(A)]);
}

#[test]
fn a_node_that_hears_too_few_others_keeps_no_client_waiting() {
    let mut standby = node(B, Durable::default());
    resume(&mut standby, 10, None);

    let out = step(&mut standby, 1_000, Input::Tick);

    let answer = Answer::Unavailable;
    assert!(told(&out).contains(&Response::Answer { session: Session(1), answer }), "{out:?}");
}

/// A leader at epoch 2 of ten events of the first term, which sends three before its snapshot.
fn retaining() -> Node {
    let config = NodeConfig { retain: 3, ..NodeConfig::new(A, vec![], 1) };
    let durable = durable(&[1; 10], [(1, 1)]);
    let mut leader = Node::new(config, durable, CommandBus::new(), at(0));
    lease(&mut leader, 10, 2);
    assert_eq!(leader.committed(), Position::new(10));
    leader
}

/// A snapshot of a log with this history, and an event of the first term there.
fn snapshot(position: u64, history: &History) -> Snapshot {
    let (event_id, position) = (entry(position, 1).event.id.clone(), Position::new(position));
    let history = history.until(position);
    let at = Cursor { history, position, event_id: Some(event_id), base: position };
    Snapshot { at, digest: Digest::default(), bytes: [].into() }
}

fn keep(node: &mut Node, snapshot: Snapshot) -> Vec<Output> {
    step(node, 20, Input::Snapshot(snapshot))
}

/// How a client is answered that has events of the first term up to `position` and none before
/// `base`, and the positions of the events it is then sent.
fn ask(node: &mut Node, (base, position): (u64, u64), needs_all: bool) -> (String, Vec<u64>) {
    let event_id = (position > 0).then(|| entry(position, 1).event.id.clone());
    let (base, position) = (Position::new(base), Position::new(position));
    let after = Cursor { history: history([(1, 1)]).until(position), position, event_id, base };
    let request = Request::Resume { session: Session(1), after, silent: None, needs_all };
    let (mut answered, mut sent) = (String::new(), vec![]);
    for response in told(&step(node, 30, Input::Client { client: ClientId(0), request })) {
        match response {
            Response::Answer { answer, .. } => {
                answered = match answer {
                    Answer::Continue { .. } => "continue".into(),
                    Answer::RewindTo { position, .. } => alloc::format!("rewind to {position}"),
                    Answer::StartFrom { shared, snapshot, .. } => {
                        alloc::format!("from {} after {shared}", snapshot.at.position)
                    }
                    other => alloc::format!("{other:?}"),
                }
            }
            Response::Events { entries, .. } => {
                sent.extend(entries.iter().map(|entry| entry.position.get()));
            }
            _ => {}
        }
    }
    (answered, sent)
}

#[test]
fn who_lacks_more_than_is_retained_is_given_the_snapshot() {
    let mut leader = retaining();
    assert_eq!(ask(&mut leader, (0, 0), false), ("continue".into(), (1..=10).collect()));
    let history = leader.durable().history().clone();
    keep(&mut leader, snapshot(8, &history));

    assert_eq!(ask(&mut leader, (0, 0), false), ("from #8 after #0".into(), vec![]));
    assert_eq!(ask(&mut leader, (0, 4), false), ("from #8 after #4".into(), vec![]));
    assert_eq!(ask(&mut leader, (0, 5), false), ("continue".into(), (6..=10).collect()));
    assert_eq!(ask(&mut leader, (8, 8), false), ("continue".into(), vec![9, 10]));
    assert_eq!(ask(&mut leader, (0, 4), true), ("continue".into(), (5..=10).collect()));
}

#[test]
fn who_cannot_go_back_to_where_the_logs_part_begins_anew() {
    let mut leader = retaining();
    // It has eleven and twelve of a log that this one parts from.
    assert_eq!(ask(&mut leader, (9, 12), false), ("rewind to #10".into(), vec![]));
    assert_eq!(ask(&mut leader, (11, 12), false), ("rewind to #0".into(), (1..=10).collect()));

    let history = leader.durable().history().clone();
    keep(&mut leader, snapshot(8, &history));
    assert_eq!(ask(&mut leader, (11, 12), false), ("from #8 after #0".into(), vec![]));
}

#[test]
fn the_latest_snapshot_of_its_log_is_the_one_that_counts() {
    let mut leader = retaining();
    let history = leader.durable().history().clone();
    keep(&mut leader, snapshot(8, &history));
    keep(&mut leader, snapshot(6, &history));
    assert_eq!(ask(&mut leader, (0, 0), false).0, "from #8 after #0");

    let other = self::history([(7, 1)]);
    let beyond = snapshot(11, &history);
    let mut lying = snapshot(9, &history);
    lying.at.event_id = Some("another".into());
    for (position, foreign) in [(9, snapshot(9, &other)), (11, beyond), (9, lying)] {
        let out = keep(&mut leader, foreign);
        let told = Note::SnapshotOfOtherLog(Position::new(position));
        assert!(out.iter().any(|output| matches!(output, Output::Note(note) if *note == told)));
    }
    assert_eq!(ask(&mut leader, (0, 0), false).0, "from #8 after #0");
}

#[test]
fn a_snapshot_of_events_that_are_forgotten_is_forgotten_too() {
    let mut standby = node(A, durable(&[1; 10], [(1, 1)]));
    keep(&mut standby, snapshot(8, &history([(1, 1)])));

    hear(&mut standby, 40, C, replicate(2, &history([(1, 1), (2, 9)]), 8, vec![]));
    assert!(standby.snapshot.is_some());
    hear(&mut standby, 50, C, replicate(3, &history([(1, 1), (3, 8)]), 7, vec![]));
    assert!(standby.snapshot.is_none());
}
