use everview_core::{Epoch, Timestamp};

use super::{Grant, Lease, LeaseAsk, LeaseRegister, LeaseRequest, MemoryRegister, Reading};
use crate::NodeId;

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);

fn ask(register: &mut MemoryRegister, millis: i64, node: NodeId, ask: LeaseAsk) -> Lease {
    let now = Timestamp::from_millis(millis);
    let Ok(reply) = register.at(now).ask(node, LeaseRequest { asked: now, ask }, 1_500);
    reply.lease
}

fn acquire(revision: u64) -> LeaseAsk {
    LeaseAsk::Acquire(Epoch::new(revision))
}

fn held_by_a(revision: u64, remaining_ms: i64) -> Lease {
    Lease::NotYours { holder: Some(A), revision: Epoch::new(revision), remaining_ms }
}

fn free(revision: u64) -> Lease {
    Lease::NotYours { holder: None, revision: Epoch::new(revision), remaining_ms: 0 }
}

#[test]
fn one_node_holds_it_until_it_runs_out() {
    let mut register = MemoryRegister::default();

    assert_eq!(ask(&mut register, 0, A, acquire(0)), Lease::Yours(Epoch::new(1)));
    assert_eq!(ask(&mut register, 100, B, acquire(1)), held_by_a(1, 1_400));
    assert_eq!(ask(&mut register, 1_499, B, acquire(1)), held_by_a(1, 1));
    assert_eq!(ask(&mut register, 1_500, B, acquire(1)), Lease::Yours(Epoch::new(2)));
}

#[test]
fn a_renewal_keeps_the_epoch_and_moves_the_end() {
    let mut register = MemoryRegister::default();
    ask(&mut register, 0, A, acquire(0));

    let renew = LeaseAsk::Renew(Epoch::new(1));
    assert_eq!(ask(&mut register, 1_000, A, renew), Lease::Yours(Epoch::new(1)));
    assert_eq!(ask(&mut register, 1_500, B, acquire(1)), held_by_a(1, 1_000));
    assert_eq!(ask(&mut register, 2_500, A, renew), free(1), "it is too late to renew");
}

#[test]
fn the_holder_that_starts_again_gets_a_new_epoch() {
    let mut register = MemoryRegister::default();
    ask(&mut register, 0, A, acquire(0));

    assert_eq!(ask(&mut register, 200, A, acquire(1)), Lease::Yours(Epoch::new(2)));
}

#[test]
fn a_request_with_an_old_revision_changes_nothing() {
    let mut register = MemoryRegister::default();
    ask(&mut register, 0, A, acquire(0));

    assert_eq!(ask(&mut register, 10, A, acquire(0)), held_by_a(1, 1_490));
    assert_eq!(ask(&mut register, 20, A, LeaseAsk::Release(Epoch::new(0))), held_by_a(1, 1_480));
    assert_eq!(ask(&mut register, 30, A, LeaseAsk::Release(Epoch::new(1))), free(1));
}

/// A register as a key-value store has it: every write counts, and a value that runs out is forgotten.
#[derive(Debug, Default)]
struct Bucket {
    now: i64,
    writes: u64,
    value: Option<(Grant, i64)>,
    /// What another node writes just before the next write, so that it comes too late.
    quicker: Option<Grant>,
}

impl LeaseRegister for Bucket {
    type Error = core::convert::Infallible;

    fn read(&mut self) -> Result<Reading, Self::Error> {
        self.value = self.value.filter(|(_, until)| self.now < *until);
        Ok(Reading {
            grant: self.value.map(|(grant, _)| grant),
            revision: Epoch::new(self.writes),
            remaining_ms: self.value.map_or(0, |(_, until)| until - self.now),
        })
    }

    fn compare_and_set(
        &mut self,
        expected: Epoch,
        grant: Option<Grant>,
        time_to_live_ms: i64,
    ) -> Result<Option<Epoch>, Self::Error> {
        if let Some(quicker) = self.quicker.take() {
            (self.value, self.writes) = (Some((quicker, self.now + 1_500)), self.writes + 1);
        }
        if expected.get() != self.writes {
            return Ok(None);
        }
        self.writes += 1;
        self.value = grant.map(|grant| (grant, self.now + time_to_live_ms));
        Ok(Some(Epoch::new(self.writes)))
    }
}

#[test]
fn a_node_that_is_outrun_is_told_by_whom() {
    let mut bucket =
        Bucket { quicker: Some(Grant { holder: A, epoch: None }), ..Bucket::default() };

    let request = LeaseRequest { asked: Timestamp::from_millis(5), ask: acquire(0) };
    let Ok(reply) = bucket.ask(B, request, 1_500);

    assert_eq!((reply.asked, reply.lease), (request.asked, held_by_a(1, 1_500)));
}

proptest::proptest! {
    #[test]
    fn at_most_one_node_holds_it_and_epochs_only_grow(
        asks in proptest::collection::vec((0_i64..900, 0_u8..3, 0_u8..4), 1..60),
        counts_every_write in proptest::bool::ANY,
    ) {
        let (mut bucket, mut memory) = (Bucket::default(), MemoryRegister::default());
        let mut known = [Epoch::default(); 3];
        // Who holds it at which epoch, and until when.
        let mut held: Option<(NodeId, Epoch, i64)> = None;
        let (mut latest, mut now) = (Epoch::default(), 0);
        for (pause, number, what) in asks {
            now += pause;
            bucket.now = now;
            let (node, mine) = (NodeId::new(number), &mut known[usize::from(number)]);
            let ask = match what {
                0 | 1 => LeaseAsk::Acquire(*mine),
                2 => LeaseAsk::Renew(*mine),
                _ => LeaseAsk::Release(*mine),
            };
            let asked = Timestamp::from_millis(now);
            let request = LeaseRequest { asked, ask };
            let Ok(reply) = if counts_every_write {
                bucket.ask(node, request, 1_500)
            } else {
                memory.at(asked).ask(node, request, 1_500)
            };
            held = held.filter(|(_, _, until)| now < *until);
            match reply.lease {
                Lease::Yours(epoch) => {
                    let is_renewed = matches!(ask, LeaseAsk::Renew(_));
                    proptest::prop_assert!(held.is_none_or(|(holder, ..)| holder == node));
                    let is_right = if is_renewed { epoch == latest } else { latest < epoch };
                    proptest::prop_assert!(is_right, "{epoch} after {latest}");
                    (held, latest, *mine) = (Some((node, epoch, now + 1_500)), epoch, epoch);
                }
                Lease::NotYours { holder, revision, remaining_ms } => {
                    if let (LeaseAsk::Release(epoch), Some((owner, at, _))) = (ask, held)
                        && (owner, at) == (node, epoch)
                    {
                        held = None;
                    }
                    proptest::prop_assert_eq!(holder, held.map(|(holder, ..)| holder));
                    proptest::prop_assert_eq!(remaining_ms, held.map_or(0, |(_, _, until)| until - now));
                    *mine = revision;
                }
            }
        }
    }
}
