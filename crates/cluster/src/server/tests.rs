use alloc::sync::Arc;
use alloc::vec;

use everview_core::{NewEvent, Position};

use super::*;
use crate::sim::bank;
use crate::{Answer, Entry, History, Lineage, Session, Term};

const A: NodeId = NodeId::new(0);

const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn step(server: &mut Server, millis: i64, input: ServerInput) -> Vec<ServerOutput> {
    let mut out = Vec::new();
    server.step(at(millis), input, &mut out);
    out
}

fn respond(server: &mut Server, millis: i64, response: Response) -> Vec<ServerOutput> {
    step(server, millis, ServerInput::Response(response))
}

/// A server that follows A, whose log is empty, and gives a command up after 600 ms.
fn following() -> Server {
    let config = ServerConfig { follower: FollowerConfig::new(vec![A], 7), patience_ms: 600 };
    let mut server = Server::new(config, bank::bus(), at(0));
    step(&mut server, 0, ServerInput::Tick);
    respond(&mut server, 1, Response::Answer { session: Session(1), answer: leads(1) });
    server
}

fn leads(epoch: u64) -> Answer {
    let lineage = Lineage::mint(&mut Rng::new(epoch));
    let term = Term { lineage, epoch: Epoch::new(epoch), first: Position::new(1) };
    let history = History::default().followed_by(term);
    Answer::Continue { epoch: Epoch::new(epoch), history, event_id: None }
}

/// A payment of another server.
fn paid(position: u64, amount: i64, id: &str) -> Response {
    let event = NewEvent {
        id: id.into(),
        source: "/bank".into(),
        event_type: "Paid".into(),
        subject: "alice".into(),
        time: None,
        data: format!(r#"{{"amount":{amount}}}"#),
    };
    let (position, epoch) = (Position::new(position), Epoch::new(1));
    let entries = vec![Entry { position, epoch, event: Arc::new(event) }];
    Response::Events { session: Session(1), epoch, entries }
}

fn dispatch(server: &mut Server, millis: i64, amount: i64) -> Vec<ServerOutput> {
    let command = bank::pay("alice", amount).with_key("k");
    step(server, millis, ServerInput::Dispatch { ticket: Ticket(5), command })
}

/// What the leader is asked to append: by which ticket, at which version, and how many events.
fn asked(out: &[ServerOutput]) -> Option<(Ticket, u64, usize)> {
    out.iter().find_map(|output| match output {
        ServerOutput::Send {
            request: Request::Append { ticket, expected_version, events, .. },
            ..
        } => Some((*ticket, *expected_version, events.len())),
        _ => None,
    })
}

fn replied(out: &[ServerOutput]) -> Option<&Reply> {
    out.iter().find_map(|output| match output {
        ServerOutput::Reply { ticket: Ticket(5), reply } => Some(reply),
        _ => None,
    })
}

fn conflict(found: u64) -> Reply {
    let stream = "alice".into();
    Reply::Decided(Err(DispatchError::Conflict { stream, expected: 0, found }))
}

fn accepted(positions: &[u64], version: u64) -> Outcome {
    Outcome::Accepted { positions: positions.iter().copied().map(Position::new).collect(), version }
}

#[test]
fn what_is_refused_is_decided_again_once_the_copy_has_caught_up() {
    let mut server = following();
    let (first, version, events) = asked(&dispatch(&mut server, 10, 20)).unwrap();
    assert_eq!((version, events), (0, 1));

    let reply = conflict(1);
    let refused = respond(&mut server, 20, Response::Reply { ticket: first, reply });
    assert_eq!(asked(&refused), None, "the copy is behind");
    let caught_up = respond(&mut server, 25, paid(1, 7, "other"));

    let (second, version, events) = asked(&caught_up).unwrap();
    assert_eq!((version, events), (1, 1));
    let reply = Reply::Decided(Ok(accepted(&[2], 2)));
    let out = respond(&mut server, 30, Response::Reply { ticket: second, reply: reply.clone() });
    assert_eq!(replied(&out), Some(&reply));
    assert_eq!(server.waiting(), 0);
}

#[test]
fn a_rejection_is_asked_of_the_leader_too() {
    let mut server = following();
    let (first, version, events) = asked(&dispatch(&mut server, 10, -5)).unwrap();
    assert_eq!((version, events), (0, 0));

    // There was money already, which the copy lacked.
    respond(&mut server, 20, Response::Reply { ticket: first, reply: conflict(1) });
    let out = respond(&mut server, 25, paid(1, 7, "other"));

    assert_eq!(asked(&out).unwrap().2, 1);
}

#[test]
fn a_command_that_another_server_took_is_answered_as_there() {
    let mut server = following();
    respond(&mut server, 5, paid(1, 20, "command/k/1"));

    let out = dispatch(&mut server, 10, 20);
    let (ticket, version, events) = asked(&out).unwrap();
    assert_eq!((version, events), (1, 0));
    let is_known =
        |output: &ServerOutput| matches!(output, ServerOutput::Note(ServerNote::Known(Ticket(5))));
    assert!(out.iter().any(is_known));

    let reply = Reply::Decided(Ok(accepted(&[], 1)));
    let out = respond(&mut server, 20, Response::Reply { ticket, reply });
    assert_eq!(replied(&out), Some(&Reply::Decided(Ok(accepted(&[1], 1)))));
}

#[test]
fn a_command_that_gets_nowhere_is_given_up_and_a_late_answer_to_it_ignored() {
    let mut server = following();
    let (first, ..) = asked(&dispatch(&mut server, 10, 20)).unwrap();

    let (second, ..) = asked(&step(&mut server, 210, ServerInput::Tick)).unwrap();
    assert_ne!(first, second);
    let out = step(&mut server, 610, ServerInput::Tick);
    assert_eq!(replied(&out), Some(&Reply::Unknown));

    let reply = Reply::Decided(Ok(accepted(&[1], 1)));
    let out = respond(&mut server, 620, Response::Reply { ticket: second, reply });
    assert_eq!(replied(&out), None);
}

#[test]
fn without_a_leader_a_command_waits_for_one() {
    let config = ServerConfig { follower: FollowerConfig::new(vec![A], 7), patience_ms: 600 };
    let mut server = Server::new(config, bank::bus(), at(0));
    step(&mut server, 0, ServerInput::Tick);

    let out = dispatch(&mut server, 1, 20);
    assert_eq!(asked(&out), None);
    let wakes = out.iter().filter_map(|output| match output {
        ServerOutput::WaitUntil(at) => Some(*at),
        _ => None,
    });
    assert!(wakes.min().unwrap() > at(1), "it does not ask to be woken at once, for ever");

    let answer = Response::Answer { session: Session(1), answer: leads(1) };
    assert!(asked(&respond(&mut server, 20, answer)).is_some());
}
