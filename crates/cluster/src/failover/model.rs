//! The failover protocol, checked in every order in which things can happen.
//!
//! The simulator tries many long runs; here all short ones are tried. Three nodes, the [`Node`]s that
//! run in production, and a [`MemoryRegister`]; the checker chooses what happens next: any message is
//! delivered, or the lease runs out, or a node lets two seconds pass or is restarted, or a leader is
//! given a command.
//!
//! What is simpler than life, and on which side that errs:
//!
//! - A message that was sent can be delivered at any time later, never, or again and again: loss,
//!   delay, reordering, doubling and partitions of every kind in one. **More** than life has.
//! - The register answers at once in some of the searches; in another, any time later.
//! - A node's clock stands still but for the two seconds, and the lease runs out whatever the clocks
//!   say: a node that is not given time is paused, or has a slow clock. **More**.
//! - Standbys' heartbeats are always lost, and what a leader says is committed; a leader that is given no time repeats nothing, which the
//!   network does for it. **Less** only by an epoch that heartbeats tell, and what a standby shows.
//! - What a node says is on its disk before: the simulator is there for the rest. **Less**.
//! - It begins with A leading at epoch 1 and two commands under way, and there are so many commands,
//!   restarts and so on.

extern crate std;

use alloc::collections::btree_map;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use core::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Checker, HasDiscoveries, Model, Property};

use super::*;
use crate::sim::{bank, swarm};
use crate::{Detection, LeaseRegister as _, MemoryRegister, Ticket};

/// What must hold.
const ALWAYS: [&str; 3] = [
    "one node has appends accepted in an epoch",
    "no append of a lower epoch is accepted after one of a higher",
    "what was accepted stays",
];

/// What must happen, or else the above say little.
const SOMETIMES: [&str; 3] =
    ["appends are accepted in two epochs", "two candidates", "two leaders"];

/// As long as it takes until a node misses another, and a lease has run out.
const WAIT_MS: i64 = 2_000;

/// A cluster of three, and how much may happen in it.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    weakness: Option<Weakness>,
    commands: u64,
    waits: u8,
    expiries: u8,
    restarts: u8,
    /// Whether the register answers at once.
    is_register_near: bool,
}

/// A [`Node`] between two steps, without what makes no difference or cannot be shared by threads.
#[derive(Debug, Clone)]
struct Still {
    now: Timestamp,
    promised: Epoch,
    history: History,
    entries: Vec<Entry>,
    part: Part,
    detector: Detector,
    leader: Option<NodeId>,
    revision: Epoch,
    committed: Position,
    next_heartbeat: Timestamp,
}

#[derive(Debug, Clone)]
struct State {
    nodes: [Arc<(u64, Still)>; 3],
    register: MemoryRegister,
    /// All that was ever said, by what it is.
    letters: BTreeMap<u64, Arc<Letter>>,
    /// The sum of what the letters are.
    said: u64,
    commands: u64,
    waits: u8,
    expiries: u8,
    restarts: u8,
    /// The epochs and the data of what was accepted: a leader counts it as committed.
    accepted: Vec<(Epoch, String)>,
    /// Who had an append accepted in an epoch.
    writers: BTreeMap<Epoch, NodeId>,
    broken: Option<Broken>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Broken {
    TwoWriters,
    LowerEpoch,
    Changed,
}

#[derive(Debug, Clone)]
enum Letter {
    Peer { from: NodeId, to: NodeId, message: PeerMessage },
    Ask { from: NodeId, request: LeaseRequest },
    Lease { to: NodeId, reply: LeaseReply },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Action {
    Deliver(u64),
    Wait(NodeId),
    Expire,
    Command(NodeId),
    Restart(NodeId),
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

impl State {
    fn key(&self) -> impl PartialEq + Hash + '_ {
        let counts = (self.commands, self.waits, self.expiries, self.restarts);
        let nodes = self.nodes.each_ref().map(|node| node.0);
        // Letters are only ever added, by what nodes do: their sum stands for the set.
        (nodes, self.said, self.register, counts, &self.accepted, self.broken)
    }

    fn count(&self, is_such: impl Fn(&Part) -> bool) -> usize {
        self.nodes.iter().filter(|node| is_such(&node.1.part)).count()
    }

    fn node(&self, id: NodeId) -> &Still {
        &self.nodes[usize::from(id.get())].1
    }
}

/// Hashes what is shown of something.
struct Shown(DefaultHasher);

impl core::fmt::Write for Shown {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn digest(shown: &impl core::fmt::Debug) -> u64 {
    let mut hasher = Shown(DefaultHasher::new());
    write!(hasher, "{shown:?}").unwrap();
    hasher.0.finish()
}

impl Still {
    fn of(node: Node, now: Timestamp) -> Self {
        let entries = node.durable.entries(Position::START, node.durable.log.head(), usize::MAX);
        Self {
            now,
            promised: node.durable.promised,
            history: node.durable.history,
            entries,
            part: node.part,
            detector: node.detector,
            leader: node.leader,
            revision: node.revision,
            committed: node.committed,
            next_heartbeat: node.next_heartbeat,
        }
    }

    fn key(&self) -> u64 {
        let entries = self.entries.iter().map(|entry| (entry.epoch, &entry.event.data));
        // Of the others it matters only whether the leader is missed: whoever leads next is heard.
        let misses = self.leader.is_none_or(|leader| self.detector.is_down(leader));
        let mut hasher = DefaultHasher::new();
        (self.now, self.promised, self.committed, self.leader, self.revision).hash(&mut hasher);
        (entries.collect::<Vec<_>>(), misses, digest(&self.part)).hash(&mut hasher);
        self.history.terms().iter().for_each(|term| term.lineage.hash(&mut hasher));
        hasher.finish()
    }

    fn durable(&self) -> Durable {
        let mut durable = Durable::default();
        durable.promised = self.promised;
        for entry in &self.entries {
            durable.append(entry).unwrap();
        }
        durable.history = self.history.clone();
        durable
    }

    fn into_node(self, config: NodeConfig, bus: CommandBus) -> Node {
        Node {
            // The same draws in every order of events; a lineage for each term all the same.
            rng: Rng::new(config.seed ^ self.promised.get() << 8),
            durable: self.durable(),
            bus,
            part: self.part,
            detector: self.detector,
            leader: self.leader,
            revision: self.revision,
            committed: self.committed,
            next_heartbeat: self.next_heartbeat,
            clients: Clients::default(),
            snapshot: None,
            config,
        }
    }
}

impl Cluster {
    const NODES: [NodeId; 3] = [NodeId::new(0), NodeId::new(1), NodeId::new(2)];

    fn config(&self, id: NodeId) -> NodeConfig {
        let peers = Self::NODES.into_iter().filter(|peer| *peer != id).collect();
        let timing = Timing { detection: Detection::Deadline, ..Timing::default() };
        let weakness = self.weakness;
        NodeConfig { timing, weakness, ..NodeConfig::new(id, peers, u64::from(id.get())) }
    }

    /// Three nodes that have just started; then A gets the lease, and all that is said is heard.
    fn begun(&self) -> State {
        let now = Timestamp::from_millis(0);
        let node = |id| {
            let node = Node::new(self.config(id), Durable::default(), CommandBus::new(), now);
            Arc::new((0, Still::of(node, now)))
        };
        let mut state = State {
            nodes: Self::NODES.map(node),
            register: MemoryRegister::default(),
            letters: BTreeMap::new(),
            said: 0,
            commands: 0,
            waits: 0,
            expiries: 0,
            restarts: 0,
            accepted: Vec::new(),
            writers: BTreeMap::new(),
            broken: None,
        };
        self.step(&mut state, NodeId::new(0), WAIT_MS, Input::Tick);
        while let Some((_, letter)) = state.letters.pop_first() {
            self.deliver(&mut state, &letter);
        }
        assert!(matches!(state.node(NodeId::new(0)).part, Part::Leader(_)));
        state
    }

    /// The same after a first command that B and C have, which A does not know yet, and a second one
    /// that A alone has.
    fn under_way(&self) -> State {
        let [a, b, c] = Self::NODES;
        let mut state = self.begun();
        self.command(&mut state, a);
        let letters: Vec<_> = state.letters.values().cloned().collect();
        for letter in letters {
            if matches!(*letter, Letter::Peer { to, .. } if to != a) {
                self.deliver(&mut state, &letter);
            }
        }
        assert_eq!((state.node(b).entries.len(), state.node(c).entries.len()), (1, 1));
        self.command(&mut state, a);
        state
    }

    fn command(&self, state: &mut State, id: NodeId) {
        // What says what it is, so that no two commands are alike.
        state.commands += 1;
        let amount = i64::try_from(state.commands).unwrap();
        let ticket = Ticket(state.commands);
        let request = Request::Dispatch { ticket, command: bank::pay("it", amount) };
        self.step(state, id, 0, Input::Client { client: ClientId(0), request });
    }

    fn deliver(&self, state: &mut State, letter: &Letter) {
        match letter {
            Letter::Peer { from, to, message } => {
                let (from, message) = (*from, message.clone());
                self.step(state, *to, 0, Input::Peer { from, message });
            }
            Letter::Lease { to, reply } => self.step(state, *to, 0, Input::Lease(*reply)),
            Letter::Ask { from, request } => {
                // Its time is none: a lease is held until it is made to run out.
                let Ok(reply) = state.register.at(Timestamp::MIN).ask(*from, *request, 1);
                Self::say(state, Letter::Lease { to: *from, reply });
            }
        }
    }

    fn say(state: &mut State, letter: Letter) {
        let key = digest(&letter);
        if let btree_map::Entry::Vacant(place) = state.letters.entry(key) {
            place.insert(Arc::new(letter));
            state.said = state.said.wrapping_add(key);
        }
    }

    fn step(&self, state: &mut State, id: NodeId, wait_ms: i64, input: Input) {
        let index = usize::from(id.get());
        let still = state.nodes[index].1.clone();
        let (before, now) = (still.committed, still.now.plus_millis(wait_ms));
        let is_command = matches!(input, Input::Client { .. });
        let bus = if is_command { bank::bus() } else { CommandBus::new() };
        let mut node = still.into_node(self.config(id), bus);
        let (mut out, mut asks) = (Vec::new(), Vec::new());
        node.step(now, input, &mut out);
        for output in out {
            match output {
                Output::Send { message: PeerMessage::Heartbeat(_), .. } => {}
                Output::Send { to, mut message } => {
                    if let PeerMessage::Replicate { committed, .. } = &mut message {
                        *committed = Position::START;
                    }
                    Self::say(state, Letter::Peer { from: id, to, message });
                }
                Output::Lease(request) => asks.push(request),
                _ => {}
            }
        }
        if let Part::Leader(leader) = &node.part {
            Self::accept(state, (id, leader.hold.epoch), before, &node);
        }
        let still = Still::of(node, now);
        state.nodes[index] = Arc::new((still.key(), still));
        for request in asks {
            if self.is_register_near {
                let Ok(reply) = state.register.at(Timestamp::MIN).ask(id, request, 1);
                self.step(state, id, 0, Input::Lease(reply));
            } else {
                Self::say(state, Letter::Ask { from: id, request });
            }
        }
    }

    /// Holds what a leader newly counts as committed against what was accepted until now.
    fn accept(state: &mut State, (id, epoch): (NodeId, Epoch), before: Position, node: &Node) {
        for event in node.durable.log.after(before) {
            if node.committed < event.position {
                break;
            }
            let found = (event.epoch, event.data.to_string());
            let index = usize::try_from(event.position.previous().get()).unwrap_or(usize::MAX);
            if let Some(accepted) = state.accepted.get(index) {
                if *accepted != found {
                    state.broken = Some(Broken::Changed);
                }
                continue;
            }
            if state.accepted.last().is_some_and(|last| found.0 < last.0) {
                state.broken = Some(Broken::LowerEpoch);
            }
            if found.0 == epoch && *state.writers.entry(epoch).or_insert(id) != id {
                state.broken = Some(Broken::TwoWriters);
            }
            state.accepted.push(found);
        }
    }
}

impl Model for Cluster {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        Vec::from([self.under_way()])
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_some() {
            return;
        }
        actions.extend(state.letters.keys().map(|&key| Action::Deliver(key)));
        for id in Self::NODES {
            // B and C are alike: it is C that waits first.
            let [_, b, c] = Self::NODES;
            let is_first = id == b && state.node(c).now == Timestamp::from_millis(0);
            if state.waits < self.waits && !is_first {
                actions.push(Action::Wait(id));
            }
            if state.restarts < self.restarts {
                actions.push(Action::Restart(id));
            }
            let leads = matches!(state.node(id).part, Part::Leader(_));
            if leads && state.commands < self.commands {
                actions.push(Action::Command(id));
            }
        }
        if state.expiries < self.expiries {
            actions.push(Action::Expire);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Deliver(key) => {
                let letter = state.letters.get(&key)?.clone();
                self.deliver(&mut state, &letter);
                if state == *last {
                    return None;
                }
            }
            Action::Wait(id) => {
                state.waits += 1;
                self.step(&mut state, id, WAIT_MS, Input::Tick);
            }
            Action::Expire => {
                state.expiries += 1;
                let Ok(reading) = state.register.at(Timestamp::MIN).read();
                reading.grant?;
                state.register.shift(-1);
            }
            Action::Command(id) => {
                self.command(&mut state, id);
            }
            Action::Restart(id) => {
                state.restarts += 1;
                let (_, still) = &*state.nodes[usize::from(id.get())];
                let (durable, now) = (still.durable(), still.now);
                let node = Node::new(self.config(id), durable, CommandBus::new(), now);
                let still = Still::of(node, now);
                state.nodes[usize::from(id.get())] = Arc::new((still.key(), still));
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let [writers, epochs, kept] = ALWAYS;
        let [accepted, candidates, leaders] = SOMETIMES;
        Vec::from([
            Property::always(writers, |_, state: &State| state.broken != Some(Broken::TwoWriters)),
            Property::always(epochs, |_, state: &State| state.broken != Some(Broken::LowerEpoch)),
            Property::always(kept, |_, state: &State| state.broken != Some(Broken::Changed)),
            Property::sometimes(accepted, |_, state: &State| state.writers.len() == 2),
            Property::sometimes(candidates, |_, state: &State| {
                state.count(|part| matches!(part, Part::Candidate(_))) == 2
            }),
            Property::sometimes(leaders, |_, state: &State| {
                state.count(|part| matches!(part, Part::Leader(_))) == 2
            }),
        ])
    }
}

/// What a search finds: the properties that are violated or reached.
fn found(cluster: Cluster, depth: usize, stops_when: HasDiscoveries) -> BTreeSet<&'static str> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let search = cluster.checker().threads(threads).target_max_depth(depth).finish_when(stops_when);
    let checker = search.spawn_bfs().join();
    let (states, unique) = (checker.state_count(), checker.unique_state_count());
    std::println!("{cluster:?}: {states} states, {unique} of them different");
    checker.discoveries().into_keys().collect()
}

const BOUNDS: Cluster = Cluster {
    weakness: None,
    commands: 2,
    waits: 1,
    expiries: 1,
    restarts: 0,
    is_register_near: true,
};

/// Deeper than anything gets within the bounds.
const ALL: usize = 100;

#[test]
fn whatever_comes_first_no_two_nodes_write_in_an_epoch_and_no_lower_epoch_after_a_higher() {
    let searches = [
        (BOUNDS, ALL),
        (Cluster { restarts: 1, ..BOUNDS }, ALL),
        (Cluster { is_register_near: false, ..BOUNDS }, ALL),
        // The next leader has commands too, which takes longer.
        (Cluster { commands: 3, ..BOUNDS }, 13),
        // Two that want to lead at once.
        (Cluster { waits: 2, expiries: 2, ..BOUNDS }, 9),
    ];
    let mut reached = BTreeSet::new();
    for (cluster, depth) in searches {
        let found = found(cluster, depth, HasDiscoveries::AnyFailures);
        let violated: Vec<_> = ALWAYS.iter().filter(|name| found.contains(*name)).collect();
        assert!(violated.is_empty(), "{cluster:?}: {violated:?}");
        reached.extend(found);
    }
    assert_eq!(reached, SOMETIMES.into(), "the searches do not get there any more");
}

#[test]
fn without_the_fence_both_the_checker_and_the_simulator_find_it() {
    let weakness = Some(Weakness::NoFencing);
    let cluster = Cluster { weakness, commands: 3, ..BOUNDS };
    let found = found(cluster, ALL, HasDiscoveries::AnyFailures);
    assert!(ALWAYS.iter().any(|name| found.contains(name)), "the checker finds {found:?} only");

    let is_found = |seed| swarm::run(&swarm::script(seed), weakness).broken.is_some();
    assert!((0..100).any(is_found), "the simulator finds nothing");
}

#[test]
fn without_a_quorum_the_checker_finds_it_too() {
    for weakness in [Weakness::AckBeforeQuorum, Weakness::NoPromise] {
        let cluster = Cluster { weakness: Some(weakness), commands: 3, ..BOUNDS };
        let found = found(cluster, ALL, HasDiscoveries::AnyFailures);
        assert!(ALWAYS.iter().any(|name| found.contains(name)), "{weakness}: {found:?} only");
    }
}
