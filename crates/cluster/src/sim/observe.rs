//! Noticing which of the states that a swarm must reach are reached.

use everview_core::command::Outcome;
use everview_core::{Epoch, Timestamp};

use super::machine::{MachineState, Outage};
use super::{Endpoint, Simulation, Sometimes};
use crate::{Answer, ClientId, Node, NodeId, Note, Reply, Response, Role, Session, StepDown, Term};

impl Simulation {
    pub(super) fn observe_note(&mut self, id: NodeId, note: Note) {
        match note {
            Note::Suspects(peer) => {
                let machine = self.machine(peer);
                let (is_up, is_stalled) =
                    (machine.state() == MachineState::Up, machine.disk.is_stalled());
                let leads = self.led_by() == Some(peer);
                self.coverage.reach_if(is_up && !is_stalled, Sometimes::WronglySuspected);
                self.coverage.reach_if(leads && is_stalled, Sometimes::SyncHeldUp);
            }
            Note::Acquired(_) => {
                let (is_shared, is_held) = self.others(id).fold((false, false), |seen, node| {
                    let holds = node.1.holds_lease(node.0);
                    (seen.0 | (node.1.role() == Role::Candidate), seen.1 | holds)
                });
                self.coverage.reach_if(is_shared, Sometimes::TwoCandidates);
                self.coverage.reach_if(is_held, Sometimes::LeaseOverlaps);
            }
            Note::CaughtUp { fetched, .. } => {
                self.coverage.reach_if(fetched > 0, Sometimes::CaughtUp);
            }
            Note::Promoted(term) => self.observe_promotion(id, term),
            Note::SteppedDown { reason, .. } => self.coverage.reach(match reason {
                StepDown::LeaseLost => Sometimes::LeaseLost,
                StepDown::Deposed(_) => Sometimes::Deposed,
                StepDown::NoQuorum => Sometimes::NoQuorum,
                StepDown::HandedOver(_) => Sometimes::HandedOver,
            }),
            Note::Rewound(_) => {
                let role = self.machine(id).node().map(Node::role);
                self.coverage.reach(match role {
                    Some(Role::Standby) | None => Sometimes::StandbyRewound,
                    Some(Role::Candidate | Role::Leader) => Sometimes::CandidateRewound,
                });
            }
            Note::Refused { .. } => self.coverage.reach(Sometimes::WriteFenced),
            Note::HearsAgain(_)
            | Note::Fenced(_)
            | Note::SnapshotOfOtherLog(_)
            | Note::Stuck(_) => {}
        }
    }

    fn observe_promotion(&mut self, id: NodeId, term: Term) {
        let believes = self.others(id).any(|(_, node)| node.role() == Role::Leader);
        let terms = self.machine(id).durable().history().terms();
        let (is_long, before) = (terms.len() >= 5, terms.iter().rev().nth(1));
        let is_empty = before.is_some_and(|before| before.first == term.first);
        let since = self.failovers.begun();
        let lease_ms = self.config.timing.lease_ms;
        let is_late = since.is_some_and(|since| lease_ms < self.now.millis_since(since));
        self.coverage.reach_if(believes, Sometimes::TwoLeaders);
        self.coverage.reach_if(is_long, Sometimes::FiveTerms);
        self.coverage.reach_if(is_empty, Sometimes::EmptyTerm);
        self.coverage.reach_if(is_late, Sometimes::Leaderless);
    }

    /// The other nodes that run or stand still, with what their clocks show.
    fn others(&self, id: NodeId) -> impl Iterator<Item = (Timestamp, &Node)> {
        let others = self.machines.iter().filter(move |machine| machine.id != id);
        others.filter_map(|one| one.node().map(|node| (one.clock.at(self.now), node)))
    }

    /// A client hears a node, and has not yet acted on it.
    pub(super) fn observe_response(&mut self, id: ClientId, from: Endpoint, response: &Response) {
        let client = self.client(id);
        let (epoch, position) = (client.follower.epoch(), client.follower.position());
        let is_current = |session: Session| client.follower.follows(session);
        let mut reached = self.coverage;
        let old = |found: Epoch| found < epoch;
        match response {
            Response::Answer { answer, .. } => {
                reached.reach_if(matches!(answer, Answer::GoTo(_)), Sometimes::SentElsewhere);
                if let Answer::Continue { epoch, .. } | Answer::RewindTo { epoch, .. } = answer {
                    reached.reach_if(old(*epoch), Sometimes::ClientHeardOld);
                }
            }
            Response::Events { session, entries, .. } if is_current(*session) => {
                let first = entries.first().map(|entry| entry.position);
                let is_gap = first.is_some_and(|first| position.next() < first);
                let is_repeat = first.is_some_and(|first| first <= position);
                reached.reach_if(is_gap, Sometimes::ClientGap);
                reached.reach_if(is_repeat, Sometimes::ClientRepeat);
            }
            Response::Events { epoch, .. } => {
                reached.reach_if(old(*epoch), Sometimes::ClientHeardOld);
            }
            Response::Heartbeat { heartbeat, .. } => {
                reached.reach_if(old(heartbeat.epoch), Sometimes::ClientHeardOld);
                let leads = heartbeat.role == Role::Leader;
                reached.reach_if(!leads && client.follower.node().is_none(), Sometimes::ClientHeld);
            }
            Response::Reply { ticket, reply } => match reply {
                Reply::Decided(decided) => {
                    let first = client.first_sent_to(*ticket);
                    let is_elsewhere = first.is_some_and(|first| first != from);
                    let is_rejected = matches!(decided, Ok(Outcome::Rejected(_)));
                    reached.reach_if(is_elsewhere, Sometimes::DecidedElsewhere);
                    reached.reach_if(is_rejected, Sometimes::Rejected);
                    if let Endpoint::Node(from) = from {
                        reached.reach_if(!self.checker.led_last(from), Sometimes::LateReply);
                    }
                    let out = |outage| self.machines.iter().any(|one| one.outage == Some(outage));
                    reached.reach_if(out(Outage::Place), Sometimes::ZoneGone);
                    reached.reach_if(out(Outage::Destroyed), Sometimes::NodeGone);
                }
                Reply::Unknown => reached.reach(Sometimes::OutcomeUnknown),
                Reply::NotLeader(_) | Reply::Busy => {}
            },
        }
        self.coverage = reached;
    }
}
