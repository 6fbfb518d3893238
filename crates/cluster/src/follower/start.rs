//! Starting from a snapshot.

use everview_core::{Epoch, Position, RestoreError};

use super::{Context, Fault, Follower, FollowerOutput, Link};
use crate::{Cursor, History, NodeId, Snapshot, SnapshotRefused, Weakness};

/// What a node sends instead of events.
pub(super) struct Offer {
    pub(super) epoch: Epoch,
    pub(super) history: History,
    pub(super) shared: Position,
    pub(super) snapshot: Snapshot,
}

impl Follower {
    /// Has the views restored from a node's snapshot, if nothing is against it.
    pub(super) fn hear_offer(&mut self, ctx: &mut Context<'_>, node: NodeId, offer: Offer) {
        if let Err(refused) = self.judge(&offer) {
            return self.refuse(ctx, node, refused);
        }
        (self.epoch, self.heard) = (offer.epoch, ctx.now);
        self.start = offer.snapshot.at.clone();
        self.link = Link::Restoring { node };
        ctx.out.push(FollowerOutput::Restore(offer.snapshot));
    }

    fn judge(&self, offer: &Offer) -> Result<(), SnapshotRefused> {
        let Offer { epoch, history, shared, snapshot: Snapshot { at, .. } } = offer;
        let found = at.position;
        if self.needs_all {
            return Err(SnapshotRefused::Unasked { found });
        }
        if *epoch < self.epoch {
            return Err(SnapshotRefused::LowerEpoch { expected: self.epoch, found: *epoch });
        }
        let parting = at.history.parting(found, history);
        if parting < found {
            return Err(SnapshotRefused::OtherLog { found, shared: parting });
        }
        match self.agreed(history, *shared) {
            Some(expected) if found <= expected => Err(SnapshotRefused::Older { expected, found }),
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, ctx: &mut Context<'_>, node: NodeId, refused: SnapshotRefused) {
        ctx.out.push(FollowerOutput::Refuse { node, refused });
        self.give_up(ctx, Fault::Node);
    }

    /// Goes on where the restored views are; if there are none, with events.
    pub(super) fn hear_restored(
        &mut self,
        ctx: &mut Context<'_>,
        restored: Result<(), RestoreError>,
    ) {
        let Link::Restoring { node } = self.link else { return };
        if let Err(error) = restored
            && !self.breaks(Weakness::DamagedSnapshotTaken)
        {
            self.needs_all = true;
            return self.refuse(ctx, node, error.into());
        }
        let Cursor { history, position, event_id, .. } = core::mem::take(&mut self.start);
        (self.history, self.event_id) = (history.until(position), event_id);
        (self.position, self.base) = (position, position);
        self.connect(ctx, node);
    }
}
