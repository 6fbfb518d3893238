//! Snapshots: nodes are given them, and clients start from them.
//!
//! A host makes a snapshot of its node's log whenever that has grown by as many events as are
//! retained. Since committed logs are one log, the views of one are the views of all; so they are
//! folded once, and each host takes them for its own.

use alloc::vec::Vec;

use everview_core::{DefineError, Definitions, Digest, Engine, Position};

use super::machine::{MachineState, Power};
use super::{Happening, Simulation, Sometimes, TraceEvent, Violation, bank};
use crate::{ClientId, FollowerOutput, Input, NodeId, Snapshot};

/// How long a client takes to restore its views from a snapshot.
const RESTORE_MS: i64 = 20;

/// The views of the committed log, and the latest snapshot of them.
#[derive(Debug)]
pub(super) struct Snapshots {
    definitions: Definitions,
    views: Engine,
    made: Option<Snapshot>,
}

impl Default for Snapshots {
    fn default() -> Self {
        let views = bank::engine();
        Self { definitions: views.definitions().clone(), views, made: None }
    }
}

impl Snapshots {
    /// Some of what was committed was lost.
    pub(super) fn rewind(&mut self, head: Position) {
        if head < self.views.head() {
            self.views.rewind(head);
            self.made.take_if(|made| head < made.at.position);
        }
    }

    /// The digest of the views at a position, if it was committed.
    fn digest(&mut self, position: Position) -> Option<Digest> {
        let head = self.views.head();
        (position <= head).then(|| {
            self.views.seek(position);
            let digest = self.views.digest();
            self.views.seek(head);
            digest
        })
    }

    /// An engine with the same views, and no events.
    fn engine(&self) -> Result<Engine, DefineError> {
        let mut engine = Engine::default();
        engine.define(&self.definitions)?;
        Ok(engine)
    }
}

impl Simulation {
    /// From now on, snapshots are of these views; before, they are of [`bank::engine`]'s.
    ///
    /// # Errors
    ///
    /// When the definitions are wrong.
    pub fn define(&mut self, definitions: &Definitions) -> Result<(), DefineError> {
        let definitions = definitions.clone();
        let snapshots = Snapshots { definitions, ..Snapshots::default() };
        let views = snapshots.engine()?;
        self.snapshots = Snapshots { views, ..snapshots };
        for machine in &mut self.machines {
            machine.snapshot = None;
        }
        Ok(())
    }

    /// Lets a host make a snapshot for its node, if it is time for another one.
    pub(super) fn plan_snapshot(&mut self, id: NodeId) {
        if self.due_snapshot(id).is_some() {
            self.plan(self.now, Happening::Snapshot(id));
        }
    }

    /// Where a node's next snapshot is to be made, if its log has come so far.
    fn due_snapshot(&self, id: NodeId) -> Option<Position> {
        let retain = self.config.retain?.max(1);
        let machine = self.machine(id);
        let last = machine.snapshot.as_ref().map_or(Position::START, |last| last.at.position);
        let due = Position::new(machine.committed.get() / retain * retain);
        (last < due).then_some(due)
    }

    pub(super) fn make_snapshot(&mut self, id: NodeId) -> Result<(), Violation> {
        let Some(due) = self.due_snapshot(id) else { return Ok(()) };
        let machine = &self.machines[usize::from(id.get())];
        if machine.state() != MachineState::Up || !self.checker.has(&machine.seen, due) {
            return Ok(());
        }
        let Snapshots { views, made, .. } = &mut self.snapshots;
        if views.head() < due {
            let missing = self.checker.committed().after(views.head());
            for event in missing.take_while(|event| event.position <= due) {
                // One that is refused shows in the digest.
                drop(views.append(event.epoch, &event.to_new()));
            }
            *made = Some(Snapshot::of(views, machine.durable().history()));
        }
        let Some(made) = made.as_ref().filter(|made| made.at.position == due) else {
            return Ok(());
        };
        let mut snapshot = made.clone();
        snapshot.at.history = machine.durable().history().until(due);
        self.machine_mut(id).snapshot = Some(snapshot);
        self.give_snapshot(id)
    }

    /// Gives a node the snapshot that its host has.
    pub(super) fn give_snapshot(&mut self, id: NodeId) -> Result<(), Violation> {
        let machine = self.machine(id);
        match (&machine.snapshot, &machine.power) {
            (Some(snapshot), Power::Up(_)) => self.step(id, Input::Snapshot(snapshot.clone())),
            _ => Ok(()),
        }
    }

    /// A client has a snapshot to start from.
    pub(super) fn begin_restore(&mut self, id: ClientId, snapshot: Snapshot) {
        let at = self.now.plus_millis(RESTORE_MS);
        self.plan(at, Happening::Restored(id, snapshot));
    }

    /// A client's views were restored, or could not be. Those it goes on with are what the committed
    /// log makes of them, if that stays.
    pub(super) fn end_restore(
        &mut self,
        id: ClientId,
        snapshot: Snapshot,
    ) -> Result<(), Violation> {
        let (now, position) = (self.now, snapshot.at.position);
        let mut outputs = Vec::new();
        let Ok(mut views) = self.snapshots.engine() else { return Ok(()) };
        let restored = snapshot.restore(&mut views);
        let client = self.client_mut(id);
        client.account(now);
        client.restored(now, restored, &mut outputs);
        if client.follower.base() == position {
            self.checker.starts(id, position);
            let is_right = self.snapshots.digest(position).is_none_or(|is| is == views.digest());
            if self.config.replication.is_lossless() && !is_right {
                return Err(Violation::ViewsDiffer { client: id, position });
            }
            self.coverage.reach(Sometimes::ClientStarted);
            self.trace(self.end_of(id), TraceEvent::Starts(position));
            self.client_mut(id).changes.push_back(FollowerOutput::Restore(snapshot));
        }
        self.do_for_client(id, outputs)
    }
}
