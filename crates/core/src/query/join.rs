//! Rows of two sides that belong together, found by what must be equal.

mod pairing;
mod side;

use super::Context;
use super::stream::Stream;
use crate::pages::Pages;
use crate::table::Slot;
pub(super) use pairing::Parts;
use pairing::{Half, Pairing};
use side::{Side, SideState};

/// An inner or left join. Both sides are kept, each with an index of what must be equal, so that a
/// change on one finds its partners on the other without a look at the rest.
#[derive(Debug, Clone)]
pub(super) struct Join {
    left: Side,
    right: Side,
    pairing: Pairing,
    /// Of each row of the left side how many partners it has, if rows without one stay.
    partners: Option<Pages<u32>>,
}

/// What rows that come and go change of a join.
#[derive(Debug, Clone)]
pub(super) struct JoinState {
    left: SideState,
    right: SideState,
    partners: Option<Pages<u32>>,
}

impl JoinState {
    pub(super) fn share(&mut self, other: &Self) {
        self.left.share(&other.left);
        self.right.share(&other.right);
        if let (Some(partners), Some(other)) = (&mut self.partners, &other.partners) {
            partners.share(other);
        }
    }
}

impl Join {
    pub(super) fn new(parts: Parts) -> Self {
        let [left, right] = parts.sides.map(|(key, row, equal)| Side::new(key, row, equal));
        Self {
            left,
            right,
            pairing: Pairing::new(parts.residual, parts.is_last, parts.stage),
            partners: parts.is_left.then(|| Pages::new(1)),
        }
    }

    pub(super) fn keep(&self) -> JoinState {
        let (left, right) = (self.left.keep(), self.right.keep());
        JoinState { left, right, partners: self.partners.clone() }
    }

    pub(super) fn restore(&mut self, kept: &JoinState) {
        self.left.restore(&kept.left);
        self.right.restore(&kept.right);
        self.partners.clone_from(&kept.partners);
    }

    /// Moves on where errors are noted.
    pub(super) fn shift_stages(&mut self, by: u16) {
        self.pairing.stage += by;
    }

    /// Room for what it tells of.
    pub(super) fn stream(&self) -> Stream {
        let (left, right) = (&self.left, &self.right);
        Stream::new(left.key_width + right.key_width, left.width + right.width)
    }

    /// Takes in changes of the left side and tells of those of the pairs.
    pub(super) fn change_left(
        &mut self,
        changes: &Stream,
        out: &mut Stream,
        context: &mut Context<'_>,
    ) {
        let Self { left, right, pairing, partners } = self;
        for change in changes.iter() {
            left.arrive(change, pairing.stage, context);
            let alone = Half { after: None, ..left.standing(change.slot, change.key) };
            let had = partners
                .as_mut()
                .map(|partners| core::mem::take(&mut partners.get_mut(change.slot as usize)[0]));
            let was_alone = had == Some(0) && alone.before.is_some();
            if was_alone {
                pairing.tell_alone(alone, right, out);
            }
            let mut count = 0;
            for (half, equal) in left.halves(change).into_iter().flatten() {
                for partner in right.partners(equal) {
                    let verdicts = pairing.judge(half, partner, context);
                    pairing.tell(half, partner, verdicts, out);
                    count += u32::from(verdicts.1.counts());
                }
            }
            if let Some(partners) = partners {
                partners.get_mut(change.slot as usize)[0] = count;
                let after = left.arriving(change);
                if count == 0 && after.is_some() {
                    if was_alone {
                        out.pop();
                    }
                    let before = alone.before.filter(|_| was_alone);
                    pairing.tell_alone(Half { before, after, ..alone }, right, out);
                }
            }
            left.settle(change);
        }
    }

    /// Tells of all pairs, and of the left rows that stay without a partner, as new.
    pub(super) fn all(&mut self, out: &mut Stream, context: &mut Context<'_>) {
        let Self { left, right, pairing, partners } = self;
        for (half, equal) in left.all() {
            let new = Half { before: None, ..half };
            let mut count = 0;
            for partner in equal.into_iter().flat_map(|equal| right.partners(equal)) {
                let verdicts = pairing.judge(new, partner, context);
                pairing.tell(new, partner, verdicts, out);
                count += u32::from(verdicts.1.counts());
            }
            if count == 0 && partners.is_some() {
                pairing.tell_alone(new, right, out);
            }
        }
    }

    /// Takes in changes of the right side and tells of those of the pairs.
    pub(super) fn change_right(
        &mut self,
        changes: &Stream,
        out: &mut Stream,
        context: &mut Context<'_>,
    ) {
        let Self { left, right, pairing, partners } = self;
        for change in changes.iter() {
            right.arrive(change, pairing.stage + 1, context);
            for (half, equal) in right.halves(change).into_iter().flatten() {
                for partner in left.partners(equal) {
                    let verdicts = pairing.judge(partner, half, context);
                    let (was, is) = (verdicts.0.counts(), verdicts.1.counts());
                    let mut count =
                        partners.as_mut().map(|all| &mut all.get_mut(partner.slot as usize)[0]);
                    // A pair may have the same key as the row alone: that one must be gone before.
                    if let Some(count) = &mut count
                        && !was
                        && is
                    {
                        if **count == 0 {
                            let gone = Half { after: None, ..partner };
                            pairing.tell_alone(gone, right, out);
                        }
                        **count += 1;
                    }
                    pairing.tell(partner, half, verdicts, out);
                    if let Some(count) = count
                        && was
                        && !is
                    {
                        *count -= 1;
                        if *count == 0 {
                            let back = Half { before: None, ..partner };
                            pairing.tell_alone(back, right, out);
                        }
                    }
                }
            }
            right.settle(change);
        }
    }
}

/// No row: what stands for the right side where a left row has no partner.
const NOBODY: Slot = Slot::MAX;
