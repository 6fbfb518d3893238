use everview_core::{Epoch, Timestamp};

use super::{Lease, LeaseAsk, LeaseRegister, LeaseRequest};
use crate::NodeId;

const A: NodeId = NodeId::new(0);
const B: NodeId = NodeId::new(1);

fn ask(register: &mut LeaseRegister, millis: i64, node: NodeId, ask: LeaseAsk) -> Lease {
    let now = Timestamp::from_millis(millis);
    register.ask(now, node, LeaseRequest { asked: now, ask }).lease
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
    let mut register = LeaseRegister::new(1_500);

    assert_eq!(ask(&mut register, 0, A, acquire(0)), Lease::Yours(Epoch::new(1)));
    assert_eq!(ask(&mut register, 100, B, acquire(1)), held_by_a(1, 1_400));
    assert_eq!(ask(&mut register, 1_499, B, acquire(1)), held_by_a(1, 1));
    assert_eq!(ask(&mut register, 1_500, B, acquire(1)), Lease::Yours(Epoch::new(2)));
}

#[test]
fn a_renewal_keeps_the_epoch_and_moves_the_end() {
    let mut register = LeaseRegister::new(1_500);
    ask(&mut register, 0, A, acquire(0));

    let renew = LeaseAsk::Renew(Epoch::new(1));
    assert_eq!(ask(&mut register, 1_000, A, renew), Lease::Yours(Epoch::new(1)));
    assert_eq!(ask(&mut register, 1_500, B, acquire(1)), held_by_a(1, 1_000));
    assert_eq!(ask(&mut register, 2_500, A, renew), free(1), "it is too late to renew");
}

#[test]
fn the_holder_that_starts_again_gets_a_new_epoch() {
    let mut register = LeaseRegister::new(1_500);
    ask(&mut register, 0, A, acquire(0));

    assert_eq!(ask(&mut register, 200, A, acquire(1)), Lease::Yours(Epoch::new(2)));
}

#[test]
fn a_request_with_an_old_revision_changes_nothing() {
    let mut register = LeaseRegister::new(1_500);
    ask(&mut register, 0, A, acquire(0));

    assert_eq!(ask(&mut register, 10, A, acquire(0)), held_by_a(1, 1_490));
    assert_eq!(ask(&mut register, 20, A, LeaseAsk::Release(Epoch::new(0))), held_by_a(1, 1_480));
    assert_eq!(ask(&mut register, 30, A, LeaseAsk::Release(Epoch::new(1))), free(1));
}
