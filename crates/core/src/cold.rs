//! What is seldom needed, kept with the host instead of in memory.
//!
//! Parts of the log and of the histories that are full never change. So they can lie in a file of the
//! host's, and are read back when something needs them. Where each part lies is decided here: a host
//! only writes and reads at places.
//!
//! A part that cannot be read, or comes back other than it was written, is a failure that stays: the
//! engines that use the storage go on showing what they showed, and refuse what they would have to
//! find out. So no answer is made of what was left out.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::cell::{OnceCell, RefCell};
use core::fmt;

use crate::Digest;

/// How many parts that were read back stay in memory. Whoever goes along needs one of the log and
/// one of each history; the others are for whoever looks here and there.
const LOADED: usize = 8;

/// A file of the host's, or whatever else holds bytes at places.
pub trait ColdFile {
    /// Puts bytes at a place, counted in bytes from the start. The place is free or just behind the
    /// end.
    ///
    /// # Errors
    ///
    /// Why they are not there, in the host's words. What is there now does not matter.
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String>;

    /// Fills `into` with the bytes from a place on, which were written there.
    ///
    /// # Errors
    ///
    /// Why they cannot be had, in the host's words.
    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String>;
}

/// A host's file with what engines spilled to it. Copies of it are one and the same, and several
/// engines may use it at a time.
///
/// The file is of no use to others, or after the engines are gone: it holds no whole log.
///
/// ```
/// use everview_core::{ColdFile, ColdStorage, Engine};
///
/// #[derive(Default)]
/// struct Bytes(Vec<u8>);
///
/// impl ColdFile for Bytes {
///     fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
///         let at = usize::try_from(at).map_err(|error| error.to_string())?;
///         let end = at + bytes.len();
///         self.0.resize(self.0.len().max(end), 0);
///         self.0[at..end].copy_from_slice(bytes);
///         Ok(())
///     }
///
///     fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
///         let at = usize::try_from(at).map_err(|error| error.to_string())?;
///         let found = self.0.get(at..at + into.len()).ok_or("too short")?;
///         into.copy_from_slice(found);
///         Ok(())
///     }
/// }
///
/// let storage = ColdStorage::new(Bytes::default());
/// let mut engine = Engine::default();
/// engine.spill_to(&storage);
/// engine.thin_to(64 << 20);
/// assert_eq!((storage.bytes(), engine.failure()), (0, None));
/// ```
#[derive(Clone)]
pub struct ColdStorage(Rc<Shared>);

struct Shared {
    state: RefCell<State>,
    /// The first part that could not be read.
    failure: OnceCell<ColdError>,
    /// The first that could not be written: nothing more is spilled then.
    full: OnceCell<ColdError>,
}

struct State {
    file: Box<dyn ColdFile>,
    /// The places that are free, each with its length, before the end.
    free: BTreeMap<u64, u64>,
    end: u64,
    /// How many bytes lie there.
    bytes: u64,
    /// What was read back, the latest last.
    loaded: Vec<Loaded>,
}

struct Loaded {
    at: u64,
    bytes: u64,
    part: Rc<dyn Any>,
}

/// Bytes that a host's file did not take or give back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColdError {
    /// The host did not write them.
    #[error("cannot write {bytes} bytes at byte {at} of the file for what is cold: {detail}")]
    Write {
        /// Where they should be, in bytes from the start of the file.
        at: u64,
        /// How many.
        bytes: u64,
        /// In the host's words.
        detail: String,
    },
    /// The host did not read them.
    #[error("cannot read {bytes} bytes at byte {at} of the file for what is cold: {detail}")]
    Read {
        /// Where they should be, in bytes from the start of the file.
        at: u64,
        /// How many.
        bytes: u64,
        /// In the host's words.
        detail: String,
    },
    /// They are not those that were written.
    #[error(
        "expected the {bytes} bytes that were written at byte {at} of the file for what is cold, \
         found others"
    )]
    Changed {
        /// Where they are, in bytes from the start of the file.
        at: u64,
        /// How many.
        bytes: u64,
    },
}

/// A part that lies in the file. Its place is free again once nobody has it any more.
pub(crate) struct Extent {
    storage: ColdStorage,
    at: u64,
    bytes: u64,
    digest: Digest,
}

impl ColdStorage {
    /// A storage in an empty file.
    pub fn new(file: impl ColdFile + 'static) -> Self {
        let state = State {
            file: Box::new(file),
            free: BTreeMap::new(),
            end: 0,
            bytes: 0,
            loaded: Vec::new(),
        };
        let state = RefCell::new(state);
        Self(Rc::new(Shared { state, failure: OnceCell::new(), full: OnceCell::new() }))
    }

    /// How many bytes lie in the file.
    pub fn bytes(&self) -> u64 {
        self.0.state.try_borrow().map_or(0, |state| state.bytes)
    }

    /// How many bytes of memory the parts take that were read back last.
    pub fn loaded(&self) -> u64 {
        let sum = |state: &State| state.loaded.iter().map(|part| part.bytes).sum();
        self.0.state.try_borrow().map_or(0, |state| sum(&state))
    }

    /// The first part that could not be read, if there was any.
    pub fn failure(&self) -> Option<&ColdError> {
        self.0.failure.get()
    }

    /// The first part that the file did not take, if there was any. It stayed in memory, and nothing
    /// more is spilled.
    pub fn full(&self) -> Option<&ColdError> {
        self.0.full.get()
    }

    /// Whether it takes more.
    pub(crate) fn takes_more(&self) -> bool {
        self.failure().is_none() && self.full().is_none()
    }

    /// Writes a part. None if the file does not take it.
    pub(crate) fn put(&self, bytes: &[u8]) -> Option<Rc<Extent>> {
        if !self.takes_more() {
            return None;
        }
        let mut state = self.0.state.try_borrow_mut().ok()?;
        let count = bytes.len() as u64;
        let at = state.take(count);
        if let Err(detail) = state.file.write(at, bytes) {
            state.give_back(at, count);
            let _ = self.0.full.set(ColdError::Write { at, bytes: count, detail });
            return None;
        }
        let (storage, digest) = (self.clone(), Digest::of(bytes));
        Some(Rc::new(Extent { storage, at, bytes: count, digest }))
    }
}

impl State {
    /// A free place of that length: the first that is long enough, or the end.
    fn take(&mut self, bytes: u64) -> u64 {
        self.bytes += bytes;
        let found = self.free.iter().find(|(_, room)| bytes <= **room);
        let Some((at, room)) = found.map(|(at, room)| (*at, *room)) else {
            let at = self.end;
            self.end += bytes;
            return at;
        };
        self.free.remove(&at);
        if bytes < room {
            self.free.insert(at + bytes, room - bytes);
        }
        at
    }

    fn give_back(&mut self, at: u64, bytes: u64) {
        self.bytes -= bytes;
        let (mut first, mut end) = (at, at + bytes);
        if let Some((before, room)) = self.free.range(..at).next_back()
            && before + room == at
        {
            first = *before;
        }
        if let Some(room) = self.free.remove(&end) {
            end += room;
        }
        self.free.remove(&first);
        if end == self.end {
            self.end = first;
        } else {
            self.free.insert(first, end - first);
        }
    }
}

impl Extent {
    pub(crate) fn is_in(&self, storage: &ColdStorage) -> bool {
        Rc::ptr_eq(&self.storage.0, &storage.0)
    }

    /// The part, made of its bytes by `decode` unless it was read a short time ago. None if it cannot
    /// be had, which its storage knows from then on.
    pub(crate) fn load<T: 'static>(&self, decode: impl FnOnce(Vec<u8>) -> T) -> Option<Rc<T>> {
        let found = self.find(decode);
        found.map_err(|error| self.storage.0.failure.set(error)).ok()
    }

    fn find<T: 'static>(&self, decode: impl FnOnce(Vec<u8>) -> T) -> Result<Rc<T>, ColdError> {
        let Self { storage, at, bytes, digest } = self;
        let (at, bytes) = (*at, *bytes);
        let failed = |detail: &str| ColdError::Read { at, bytes, detail: detail.to_string() };
        let state = storage.0.state.try_borrow_mut();
        let mut state = state.map_err(|_| failed("the file is being used"))?;
        let State { file, loaded, .. } = &mut *state;
        if let Some(place) = loaded.iter().position(|part| part.at == at) {
            let part = loaded.remove(place);
            let found = Rc::clone(&part.part).downcast();
            loaded.push(part);
            return found.map_err(|_| failed("it is of another kind"));
        }
        if let Some(error) = storage.failure() {
            return Err(error.clone());
        }
        let mut content = vec![0; usize::try_from(bytes).unwrap_or(0)];
        file.read(at, &mut content).map_err(|detail| failed(&detail))?;
        if Digest::of(&content) != *digest {
            return Err(ColdError::Changed { at, bytes });
        }
        let part = Rc::new(decode(content));
        if loaded.len() == LOADED {
            loaded.remove(0);
        }
        loaded.push(Loaded { at, bytes, part: Rc::clone(&part) as Rc<dyn Any> });
        Ok(part)
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        // A place that is not given back is only lost.
        if let Ok(mut state) = self.storage.0.state.try_borrow_mut() {
            state.loaded.retain(|part| part.at != self.at);
            state.give_back(self.at, self.bytes);
        }
    }
}

impl fmt::Debug for ColdStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColdStorage").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, bytes, .. } = self;
        f.debug_struct("Extent").field("at", at).field("bytes", bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::rc::Rc;
    use alloc::string::{String, ToString as _};
    use alloc::vec::Vec;
    use core::cell::RefCell;

    use super::{ColdError, ColdFile, ColdStorage, LOADED};
    use crate::Rng;

    /// A file whose bytes somebody else can reach.
    #[derive(Default, Clone)]
    struct Bytes(Rc<RefCell<Vec<u8>>>);

    impl ColdFile for Bytes {
        fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), String> {
            let (at, mut all) = (usize::try_from(at).unwrap(), self.0.borrow_mut());
            assert!(at <= all.len(), "a hole");
            if at + bytes.len() > 4_000 {
                return Err("full".to_string());
            }
            let end = all.len().max(at + bytes.len());
            all.resize(end, 0);
            all[at..at + bytes.len()].copy_from_slice(bytes);
            Ok(())
        }

        fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), String> {
            let (at, all) = (usize::try_from(at).unwrap(), self.0.borrow());
            into.copy_from_slice(all.get(at..at + into.len()).ok_or("cut")?);
            Ok(())
        }
    }

    #[test]
    fn parts_come_back_and_their_places_are_used_again() {
        let (storage, mut rng) = (ColdStorage::new(Bytes::default()), Rng::new(5));
        let mut parts = Vec::new();
        for _ in 0..3_000 {
            if rng.below(2) == 0 && parts.len() < 30 {
                let len = usize::try_from(rng.between(1, 60)).unwrap();
                let bytes: Vec<u8> = (0..len).map(|_| rng.next_u64().to_le_bytes()[0]).collect();
                parts.push((storage.put(&bytes).unwrap(), bytes));
            } else if !parts.is_empty() {
                let place = rng.below(parts.len() as u64);
                parts.swap_remove(usize::try_from(place).unwrap());
            }
            for (extent, bytes) in &parts {
                assert_eq!(&*extent.load(|bytes| bytes).unwrap(), bytes);
            }
            let bytes: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
            assert_eq!(storage.bytes(), bytes as u64);
        }
        drop(parts);
        assert_eq!((storage.bytes(), storage.loaded()), (0, 0));
        assert_eq!(storage.0.state.borrow().end, 0, "all places are free");
    }

    #[test]
    fn what_does_not_come_back_as_it_was_is_a_failure_that_stays() {
        let file = Bytes::default();
        let storage = ColdStorage::new(file.clone());
        let parts: Vec<_> =
            (0..=LOADED).map(|number| storage.put(&[7; 40][number..]).unwrap()).collect();
        let load = |number: usize| parts[number].load(|bytes| bytes);
        file.0.borrow_mut()[0] = 8;
        assert!(load(1).is_some() && load(0).is_none());
        assert!(matches!(storage.failure(), Some(ColdError::Changed { at: 0, bytes: 40 })));
        file.0.borrow_mut().clear();
        assert!(load(1).is_some(), "it is in memory still");
        assert!(load(2).is_none());
        assert!(matches!(storage.failure(), Some(ColdError::Changed { .. })), "the first stays");
        assert!(storage.put(&[1]).is_none(), "nothing more is spilled");
    }

    #[test]
    fn what_the_file_does_not_take_leaves_no_trace() {
        let storage = ColdStorage::new(Bytes::default());
        let part = storage.put(&[1; 3_000]).unwrap();
        assert!(storage.put(&[2; 2_000]).is_none());
        let message = storage.full().unwrap().to_string();
        assert!(message.starts_with("cannot write 2000 bytes at byte 3000"), "{message}");
        assert_eq!((storage.bytes(), storage.failure()), (3_000, None));
        assert_eq!(*part.load(|bytes| bytes).unwrap(), [1; 3_000]);
    }
}
