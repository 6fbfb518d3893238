//! What does not fit into memory lies elsewhere.

use std::cell::Cell;
use std::rc::Rc;

use everview_core::{ColdFile, ColdStorage};
use everview_protocol::session::{Keeping, MemoryState, Reply, Request, Told, Update};

use super::{file, orders, reply};
use crate::worker::session::Session;

#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    is_gone: Rc<Cell<bool>>,
}

impl ColdFile for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let at = usize::try_from(at).unwrap();
        self.bytes.resize(self.bytes.len().max(at + bytes.len()), 0);
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
        let at = usize::try_from(at).unwrap();
        into.copy_from_slice(&self.bytes[at..at + into.len()]);
        if self.is_gone.get() { Err("the disk is gone".to_owned()) } else { Ok(()) }
    }
}

fn budget(session: &mut Session, bytes: u64) -> MemoryState {
    match reply(session, Request::Budget { bytes }) {
        Reply::Memory(state) => state,
        other => panic!("expected the memory, found {other:?}"),
    }
}

#[test]
fn events_and_undo_are_spilled_and_read_back() {
    let mut session = file(&orders(30_000));
    let plain = budget(&mut session, u64::MAX);
    assert_eq!(plain.spilled, None, "there is no file");
    session.spill_to(ColdStorage::new(File::default()));
    assert_eq!(budget(&mut session, u64::MAX).spilled, Some(0), "there is room");
    reply(&mut session, Request::Seek { position: 7 });
    let there = session.state().digest;
    reply(&mut session, Request::Seek { position: 30_000 });

    let small = budget(&mut session, 1);

    assert!(small.spilled > Some(500_000) && small.is_thinned && !small.is_disk_full, "{small:?}");
    assert!(small.log < plain.log / 2 && small.history < plain.history, "{plain:?} {small:?}");
    reply(&mut session, Request::Seek { position: 7 });
    assert_eq!((session.state().position, session.state().digest), (7, there));
}

#[test]
fn what_cannot_be_read_back_is_told_once_and_the_engine_stands_still() {
    let is_gone = Rc::new(Cell::new(false));
    let mut session = file(&orders(30_000));
    session.spill_to(ColdStorage::new(File { is_gone: Rc::clone(&is_gone), ..File::default() }));
    budget(&mut session, 1);
    let before = session.state();
    is_gone.set(true);

    session.answer(1, Request::Seek { position: 7 });
    session.answer(2, Request::Seek { position: 9 });

    let crashes = session.drain().into_iter().filter_map(|told| match told {
        Told::Update(Update::Crashed { message }) => Some(message),
        _ => None,
    });
    let crashes: Vec<_> = crashes.collect();
    assert!(crashes.len() == 1 && crashes[0].contains("the disk is gone"), "{crashes:?}");
    let after = session.state();
    assert_eq!((after.position, after.digest), (before.position, before.digest));
    assert!(session.parcel().is_none(), "what is not whole is not kept");
    assert!(matches!(session.state().keeping, Keeping::Failed { .. }));
}
