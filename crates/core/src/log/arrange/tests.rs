use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Place, Run};
use crate::log::segment::SEGMENT_EVENTS;
use crate::log::{AppendError, Log};
use crate::{ColdFile, ColdStorage, Epoch, NewEvent, Position};

#[derive(Default)]
struct Bytes(Vec<u8>);

impl ColdFile for Bytes {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let at = usize::try_from(at).unwrap();
        self.0.resize(self.0.len().max(at + bytes.len()), 0);
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
        let at = usize::try_from(at).unwrap();
        into.copy_from_slice(&self.0[at..at + into.len()]);
        Ok(())
    }
}

/// Id, stream and epoch of each event.
type Events = Vec<(u64, u64, u64)>;

/// A log and what should be in it.
#[derive(Clone)]
struct Told {
    log: Log,
    events: Events,
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<u64>, u64),
    /// Leaves out some events after a place, and puts in others.
    Splice(Index, usize, Vec<u64>),
    Truncate(Index),
    Spill,
    /// Goes on with a copy, and with the other one later.
    Copy,
    Change,
}

fn step() -> impl Strategy<Value = Step> {
    let streams = || prop::collection::vec(0..5_u64, 0..3 * SEGMENT_EVENTS);
    prop_oneof![
        3 => (streams(), 0..3_u64).prop_map(|(streams, epoch)| Step::Append(streams, epoch)),
        6 => (any::<Index>(), 0..2 * SEGMENT_EVENTS, streams())
            .prop_map(|(place, dropped, streams)| Step::Splice(place, dropped, streams)),
        4 => (any::<Index>(), 0..2_usize, prop::collection::vec(0..5_u64, 0..2))
            .prop_map(|(place, dropped, streams)| Step::Splice(place, dropped, streams)),
        1 => any::<Index>().prop_map(Step::Truncate),
        2 => Just(Step::Spill),
        1 => Just(Step::Copy),
        2 => Just(Step::Change),
    ]
}

fn position(count: usize) -> Position {
    Position::new(count as u64)
}

fn event(id: u64, stream: u64) -> NewEvent {
    NewEvent {
        id: id.to_string(),
        source: "/test".into(),
        event_type: format!("Noted{}", id % 2),
        subject: format!("s{stream}"),
        time: Some(crate::Timestamp::from_millis(
            1_770_000_000_000 + (id * 7_919 % 100_000).cast_signed(),
        )),
        data: format!("{{\"id\":{id}}}"),
    }
}

impl Told {
    fn epoch(&self) -> u64 {
        self.events.last().map_or(0, |(.., epoch)| *epoch)
    }

    fn append(&mut self, streams: &[u64], epoch: u64, next: &mut u64) {
        for stream in streams {
            *next += 1;
            self.log.append(Epoch::new(epoch), &event(*next, *stream)).unwrap();
            self.events.push((*next, *stream, epoch));
        }
    }

    fn splice(&mut self, after: usize, dropped: usize, streams: &[u64], next: &mut u64) {
        let head = self.events.len();
        let dropped = dropped.min(head - after);
        let behind = self.events.get(after);
        let epoch = behind.map_or(self.epoch(), |(.., epoch)| *epoch);
        let newest = self.epoch();
        self.append(streams, newest, next);
        let mut inserted = self.events.split_off(head);
        for event in &mut inserted {
            event.2 = epoch;
        }
        self.events.splice(after..after + dropped, inserted);
        let run = |after: usize, count: usize, epoch: Option<u64>| Run {
            after: position(after),
            count: count as u64,
            epoch: epoch.map(Epoch::new),
        };
        let kept = after + dropped;
        let runs = [run(head, streams.len(), Some(epoch)), run(kept, head - kept, None)];
        self.log.arrange(position(after), &runs).unwrap();
    }

    fn require_whole(&self) {
        let mut versions = BTreeMap::new();
        let expected = self.events.iter().map(|(id, stream, epoch)| {
            let version = versions.entry(*stream).or_insert(0_u64);
            *version += 1;
            (id.to_string(), format!("s{stream}"), *version, *epoch)
        });
        let expected: Vec<_> = expected.collect();
        let found = |event: crate::Event<'_>| {
            assert_eq!(event.data, format!("{{\"id\":{}}}", event.id));
            (event.id.to_string(), event.subject.to_string(), event.version, event.epoch.get())
        };
        assert_eq!(self.log.after(Position::START).map(found).collect::<Vec<_>>(), expected);
        for (stream, count) in versions {
            let name = format!("s{stream}");
            let of_stream = expected.iter().filter(|(_, subject, ..)| *subject == name);
            assert!(self.log.stream(&name).map(found).eq(of_stream.cloned()), "{name}");
            assert_eq!(self.log.version(&name), count);
        }
        let odd = self.events.iter().filter(|(id, ..)| id % 2 == 1).count() as u64;
        let types: BTreeMap<_, _> = self.log.types().collect();
        assert_eq!(types.get("Noted1").copied().unwrap_or(0), odd);
    }

    fn require_stored(&self) {
        for first in [0, self.events.len() / 3, self.events.len() / 2] {
            let mut back = Log::new();
            let mut head = self.log.clone();
            head.truncate(position(first));
            for piece in [head.store(Position::START), self.log.store(position(first))] {
                back.read_stored(&piece, u64::MAX).unwrap();
            }
            Self { log: back, events: self.events.clone() }.require_whole();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 200 }))]

    #[test]
    fn a_log_that_is_edited_has_what_was_put_into_it(
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let storage = ColdStorage::new(Bytes::default());
        let mut log = Log::new();
        log.set_storage(&storage);
        let mut told = Told { log, events: Events::new() };
        let mut other = told.clone();
        let mut next = 0;
        for step in steps {
            let place = |place: &Index| place.index(told.events.len() + 1);
            match &step {
                Step::Append(streams, epoch) => {
                    let epoch = told.epoch() + epoch;
                    told.append(streams, epoch, &mut next);
                }
                Step::Splice(at, dropped, streams) => {
                    let after = place(at);
                    told.splice(after, *dropped, streams, &mut next);
                }
                Step::Truncate(at) => {
                    let kept = place(at);
                    told.log.truncate(position(kept));
                    told.events.truncate(kept);
                }
                Step::Spill => drop(told.log.spill()),
                Step::Copy => other = told.clone(),
                Step::Change => core::mem::swap(&mut told, &mut other),
            }
            told.require_whole();
            other.require_whole();
            let alike = told.events.iter().zip(&other.events).take_while(|(one, two)| one == two);
            prop_assert_eq!(told.log.parting(&other.log), Some(position(alike.count())));
            if let Some((id, stream, epoch)) = told.events.first() {
                let newest = Epoch::new(told.epoch().max(*epoch));
                let again = told.log.append(newest, &event(*id, *stream));
                let is_refused = matches!(again, Err(AppendError::Duplicate { .. }));
                prop_assert!(is_refused, "{:?}", again);
            }
        }
        told.require_stored();
    }
}

#[test]
fn segments_behind_an_edit_are_shared_and_so_are_the_bytes_of_those_that_change() {
    let mut told = Told { log: Log::new(), events: Events::new() };
    let mut next = 0;
    let total = SEGMENT_EVENTS as u64 * 20;
    // Stream 0 is in every segment, any other one in two neighbours at most.
    for number in 0..total {
        let stream = if number % 16 == 0 { 0 } else { 1 + number / 24 };
        told.append(&[stream], 1, &mut next);
    }
    let segments = |log: &Log| -> Vec<_> {
        log.parts
            .iter()
            .map(|part| match &part.place {
                Place::Here(segment) => alloc::rc::Rc::clone(segment),
                Place::Away(_) => unreachable!("nothing is spilled"),
            })
            .collect()
    };
    let unshared = |told: &Told, other: &Told| {
        let (mine, theirs) = (segments(&told.log), segments(&other.log));
        let count = |is_same: &dyn Fn(usize, usize) -> bool| {
            let is_there = |at: &usize| (0..theirs.len()).any(|other| is_same(*at, other));
            (0..mine.len()).filter(|at| !is_there(at)).count()
        };
        let whole = count(&|at, other| alloc::rc::Rc::ptr_eq(&mine[at], &theirs[other]));
        let bytes =
            count(&|at, other| alloc::rc::Rc::ptr_eq(&mine[at].bytes, &theirs[other].bytes));
        (whole, bytes)
    };
    let place = SEGMENT_EVENTS * 10 + 3;
    let mut without = told.clone();
    without.splice(place, 1, &[], &mut next);
    without.require_whole();
    let (whole, bytes) = unshared(&without, &told);
    assert!(whole <= 3 && bytes <= 2, "{whole} segments and the bytes of {bytes}");
    let mut counted_on = told.clone();
    counted_on.splice(place, 0, &[0], &mut next);
    counted_on.require_whole();
    let (whole, bytes) = unshared(&counted_on, &told);
    assert!(bytes <= 3, "{whole} segments and the bytes of {bytes}");
}
