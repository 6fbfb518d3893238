//! Handing over on purpose, as before maintenance, without losing a request.
//!
//! The leader takes no more commands and sends their clients to its heir, waits until the heir has
//! all of the log and a quorum too, lets go of the lease, and tells the heir once the register has
//! said that it is free.

use everview_core::{Epoch, Timestamp};

use super::{Context, Node, Part, StepDown};
use crate::{NodeId, PeerMessage};

/// Who is to lead next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heir {
    pub(super) node: NodeId,
    /// When the leader gives up on it and leads on.
    until: Timestamp,
}

impl Heir {
    pub(super) const fn shifted(self, millis: i64) -> Self {
        Self { until: self.until.plus_millis(millis), ..self }
    }
}

impl Node {
    /// Begins to hand over, if this node leads.
    pub(super) fn hand_over(&mut self, ctx: &mut Context<'_>, to: NodeId) {
        let until = ctx.now.plus_millis(self.config.timing.suspicion_ms);
        if let Part::Leader(leader) = &mut self.part
            && self.config.peers.contains(&to)
        {
            leader.heir = Some(Heir { node: to, until });
        }
    }

    /// Lets go of the lease once the heir has everything; leads on if that takes too long.
    pub(super) fn pass_on(&mut self, ctx: &mut Context<'_>) {
        let (head, committed) = (self.durable.log.head(), self.committed);
        let Part::Leader(leader) = &mut self.part else { return };
        let Some(heir) = leader.heir else { return };
        if heir.until <= ctx.now {
            leader.heir = None;
        } else if leader.confirmed(heir.node) == Some(head) && committed == head {
            self.step_down(ctx, StepDown::HandedOver(heir.node));
        }
    }

    /// The lease is free: the heir is told, if this node has one.
    pub(super) fn tell_heir(&mut self, ctx: &mut Context<'_>) {
        let epoch = self.durable.promised;
        if let Part::Standby(standby) = &mut self.part
            && let Some(heir) = standby.heir.take()
        {
            ctx.send(heir, PeerMessage::TakeOver { epoch });
        }
    }

    /// Asks for the lease at once, since the leader of `epoch` has let go of it.
    pub(super) fn take_over(&mut self, ctx: &mut Context<'_>, epoch: Epoch) {
        if let Part::Standby(standby) = &mut self.part
            && epoch == self.durable.promised
        {
            self.leader = None;
            standby.ask_at = ctx.now;
        }
    }
}
