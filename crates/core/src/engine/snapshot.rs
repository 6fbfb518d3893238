//! Views with their checkpoint in one checked blob.
//!
//! A snapshot holds what the log's next event needs to be judged (the streams' versions, the
//! sources' counts, the events seen), the rows of the table views with what was set aside of their
//! keys, and one digest over all views. Derived views follow from the table views and are not
//! stored. All numbers are little endian; [`packed`] says what is around it.

pub(super) mod blob;
pub(super) mod packed;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::mem::swap;

use super::{Engine, Fold, Quarantined, Timeline, ViewState, Views};
use crate::cell::Cell;
use crate::input::Limits;
use crate::log::{Key, Log, Seen};
use crate::order;
use crate::table::{Clock, Moment, Retention, Slot};
use crate::{DefineError, Definitions, Digest, Epoch, Position, ProjectError};
use blob::{Blob, Writer};
use packed::Flaw;

/// The first bytes of every snapshot.
const MAGIC: &[u8; 8] = b"everview";

/// The layout that this version writes and reads.
const VERSION: u64 = 2;

/// The last position that a log can come to: far beyond it, counting on would overflow.
const LAST: u64 = 1 << 53;

/// A snapshot that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// It is no snapshot of Everview's.
    #[error("this is no Everview snapshot")]
    Foreign,
    /// It is of a layout that this version does not read.
    #[error("expected a snapshot of version {VERSION}, found version {found}")]
    Version {
        /// Its version.
        found: u64,
    },
    /// Bytes are missing or changed.
    #[error("the snapshot is damaged: {detail} at byte {offset}")]
    Damaged {
        /// Bytes from its start.
        offset: usize,
        /// What does not hold there.
        detail: &'static str,
    },
    /// It would unpack to more than [`Limits::input_bytes`].
    #[error("expected at most {limit} bytes, the snapshot unpacks to {found}")]
    TooLarge {
        /// How many there may be.
        limit: u64,
        /// How many it says there are.
        found: u64,
    },
    /// It holds other views than those that are defined.
    #[error("view `{view}`: expected columns {expected}, the snapshot has {found}")]
    OtherViews {
        /// The view.
        view: String,
        /// Its columns now.
        expected: String,
        /// Its columns in the snapshot, or `none`.
        found: String,
    },
    /// It was made when the view retained its rows otherwise.
    #[error("view `{view}`: its rows are retained otherwise than in the snapshot")]
    OtherRetention {
        /// The view.
        view: String,
    },
    /// The restored views are not those that were stored.
    #[error("expected views with digest {expected}, restored {found}")]
    Digest {
        /// As it was stored.
        expected: Digest,
        /// As the restored views have it.
        found: Digest,
    },
    /// It is whole, but of another position than it is said to be.
    #[error("expected a snapshot at {expected}, found one at {found}")]
    Position {
        /// Where it is said to be.
        expected: Position,
        /// Where it is.
        found: Position,
    },
    /// The definitions are wrong.
    #[error("{0}")]
    Define(#[from] DefineError),
}

impl From<Flaw> for RestoreError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Foreign => Self::Foreign,
            Flaw::Version { found } => Self::Version { found },
            Flaw::Damaged { offset, detail } => Self::Damaged { offset, detail },
            Flaw::TooLarge { limit, found } => Self::TooLarge { limit, found },
        }
    }
}

/// The rows that leave by themselves, in the order in which they would, each with its number among
/// the rows and when it was last touched.
fn write_line(out: &mut Writer, retention: Option<&Retention>, rows: &[Slot]) {
    let (micros, most) = retention.map_or((None, None), Retention::limits);
    out.option(micros.map(i64::cast_unsigned));
    out.option(most);
    let by_slot = order::order(rows.len(), &mut |a, b| rows[a].cmp(&rows[b]));
    let line = retention.into_iter().flat_map(Retention::waiting);
    out.list(line, |out, (slot, Moment { position, clock })| {
        let found = by_slot.binary_search_by_key(&slot, |at| rows[*at]);
        out.number(found.map_or(u64::MAX, |found| by_slot[found] as u64));
        out.number(position.get());
        out.signed(clock.micros());
    });
}

impl Engine {
    /// The views at the head with their checkpoint, to be restored with the same definitions. The
    /// playhead stays where it is. Empty, which is no snapshot at all, if something that was spilled
    /// cannot be read back ([`Engine::failure`]).
    pub fn snapshot(&mut self) -> Vec<u8> {
        self.log.recognise();
        let playhead = self.position();
        self.seek(self.head());
        let blob = self.write_snapshot();
        self.seek(playhead);
        if self.failure().is_some() {
            return Vec::new();
        }
        blob
    }

    fn write_snapshot(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.number(self.head().get());
        out.number(self.log.epoch().get());
        out.bytes(&self.digest().to_u128().to_le_bytes());
        out.list(self.log.streams(), |out, (stream, version)| {
            out.text(stream);
            out.number(version);
        });
        out.list(self.log.sequences(), |out, (source, sequence)| {
            out.text(source);
            out.option(sequence);
        });
        out.list(self.log.seen().iter(), |out, key| out.bytes(&key.bits().to_le_bytes()));
        out.signed(self.views.retaining.clock().micros());
        let is_folded = |view: &&ViewState| !matches!(view.fold, Fold::Query { .. });
        let folded = self.views.all.iter().filter(is_folded);
        out.list(folded, |out, view| self.write_view(out, view));
        packed::pack(MAGIC, VERSION, &out.finish())
    }

    fn write_view(&self, out: &mut Writer, view: &ViewState) {
        let dictionary = &self.views.dictionary;
        let cells = |out: &mut Writer, cells: &[Cell]| {
            out.list(cells.iter(), |out, cell| out.value(&dictionary.value(*cell)));
        };
        let table = &view.table;
        out.text(&view.name);
        out.list(table.columns.iter(), |out, column| out.text(column));
        let rows = table.ordered(dictionary).collect::<Vec<_>>();
        out.list(rows.iter(), |out, slot| {
            cells(out, table.key(*slot));
            cells(out, table.row(*slot).unwrap_or_default());
        });
        write_line(out, table.retention.as_ref(), &rows);
        out.list(table.aside.iter(), |out, (position, key)| {
            out.number(position.get());
            if view.tells_keys() { cells(out, table.key(key)) } else { out.number(key.into()) }
        });
        let quarantine = &view.quarantine;
        out.list(quarantine.positions().iter(), |out, position| out.number(position.get()));
        out.list(quarantine.kept().iter(), |out, refused| {
            out.number(refused.position.get());
            out.option(refused.behind().map(Position::get));
            out.text(&refused.error.to_string());
        });
    }

    /// An engine that goes on after a snapshot, with views that are all declared.
    /// [`Engine::resume`] is for those that are also written in Rust.
    ///
    /// # Errors
    ///
    /// When the bytes are no undamaged snapshot of views with these definitions.
    pub fn restore(
        bytes: &[u8],
        definitions: &Definitions,
        limits: Limits,
    ) -> Result<Self, RestoreError> {
        let mut engine = Self::new(limits);
        engine.define(definitions)?;
        engine.resume(bytes)?;
        Ok(engine)
    }

    /// Goes on after a snapshot instead of what is there: the log begins where the snapshot was made,
    /// and its rows are those of the views. What was counted of the inputs begins anew. The views
    /// must be defined and registered as they were then, by the same functions, which is not
    /// checked. Indexes and subscriptions stay.
    ///
    /// ```
    /// use everview_core::{Definitions, Engine, TableDefinition, ViewDefinition};
    ///
    /// let orders = TableDefinition { key: vec!["subject".into()], ..TableDefinition::default() };
    /// let definitions = Definitions {
    ///     views: vec![("orders".into(), ViewDefinition::Table(orders))],
    ///     ..Definitions::default()
    /// };
    /// let mut engine = Engine::default();
    /// engine.define(&definitions)?;
    /// let snapshot = engine.snapshot();
    ///
    /// let mut later = Engine::default();
    /// later.define(&definitions)?; // and `register`
    /// later.resume(&snapshot)?;
    /// assert_eq!(later.digest(), engine.digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the bytes are no undamaged snapshot of these views; nothing has changed.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let engine = self.resumed(bytes)?;
        self.go_on_as(engine);
        Ok(())
    }

    /// [`Engine::resume`], if the snapshot is what somebody said of it: of this position, with views
    /// of this digest.
    ///
    /// # Errors
    ///
    /// As [`Engine::resume`], and [`RestoreError::Position`] and [`RestoreError::Digest`] when the
    /// snapshot is another one; nothing has changed.
    pub fn resume_at(
        &mut self,
        bytes: &[u8],
        position: Position,
        digest: Digest,
    ) -> Result<(), RestoreError> {
        let engine = self.resumed(bytes)?;
        if engine.head() != position {
            return Err(RestoreError::Position { expected: position, found: engine.head() });
        }
        if engine.digest() != digest {
            return Err(RestoreError::Digest { expected: digest, found: engine.digest() });
        }
        self.go_on_as(engine);
        Ok(())
    }

    /// Forgets all events, also those before a snapshot that it went on after: the log begins at
    /// [`Position::START`] again. Views, indexes and subscriptions stay, with no rows.
    ///
    /// # Errors
    ///
    /// When the definitions are wrong, which they are not once they were taken.
    pub fn clear(&mut self) -> Result<(), DefineError> {
        let mut engine = self.emptied()?;
        engine.views.settle();
        self.go_on_as(engine);
        Ok(())
    }

    /// Becomes another engine with the same views: whoever follows this one follows that one, which
    /// spills to where this one did.
    fn go_on_as(&mut self, mut engine: Self) {
        self.subscriptions.detach(&mut self.views, |_| false);
        swap(&mut engine.subscriptions, &mut self.subscriptions);
        swap(&mut engine.indexes, &mut self.indexes);
        engine.add_indexes();
        engine.subscriptions.attach(&mut engine.views);
        // A storage that something cannot be read back from is of no use, and nothing is there now
        // that anybody would want from it.
        if let Some(storage) = self.log.storage().filter(|storage| storage.failure().is_none()) {
            engine.log.set_storage(storage);
        }
        *self = engine;
    }

    /// One with the same views and no events.
    fn emptied(&self) -> Result<Self, DefineError> {
        let mut engine = Self {
            definitions: self.definitions.clone(),
            program: self.program.clone(),
            ..Self::new(self.limits)
        };
        engine.views.compile(&engine.definitions, &engine.program)?;
        Ok(engine)
    }

    /// One with the same views.
    fn resumed(&self, bytes: &[u8]) -> Result<Self, RestoreError> {
        let content = packed::unpack(bytes, MAGIC, VERSION, self.limits.input_bytes)?;
        let mut blob = Blob::new(&content);
        let head = Position::new(blob.number()?);
        let epoch = Epoch::new(blob.number()?);
        let digest = Digest::from_u128(u128::from_le_bytes(blob.array()?));
        let streams = blob.list(|blob| Ok((blob.text()?.to_string(), blob.number()?)))?;
        let events = streams.iter().try_fold(0_u64, |sum, (_, version)| sum.checked_add(*version));
        if events != Some(head.get()) || head.get() > LAST {
            return Err(blob.damaged("streams with more or fewer events than the log"));
        }
        let sequences = blob.list(|blob| Ok((blob.text()?.to_string(), blob.option()?)))?;
        let mut seen = Seen::new(self.limits.duplicate_window);
        blob.list(|blob| {
            let key = Key::of(u128::from_le_bytes(blob.array()?));
            if seen.add(key) { Ok(()) } else { Err(blob.damaged("an event that was seen twice")) }
        })?;
        let mut engine = self.emptied()?;
        engine.log = Log::resumed(head, epoch, seen, streams, sequences);
        engine.timeline = Timeline::new(head);
        engine.views.retaining.restore(head, Clock::from_micros(blob.signed()?));
        let restored = blob.list(|blob| engine.restore_view(blob))?;
        blob.end()?;
        engine.check_restored(&restored)?;
        engine.views.settle();
        let found = engine.digest();
        if found != digest {
            return Err(RestoreError::Digest { expected: digest, found });
        }
        Ok(engine)
    }

    /// That every view was restored, and no position is beyond the head.
    fn check_restored(&self, restored: &[usize]) -> Result<(), RestoreError> {
        for (index, view) in self.views.all.iter().enumerate() {
            if !matches!(view.fold, Fold::Query { .. }) && !restored.contains(&index) {
                let (view, expected) = (view.name.clone(), view.table.columns.join(", "));
                return Err(RestoreError::OtherViews { view, expected, found: "none".into() });
            }
        }
        Ok(())
    }

    /// Reads the next view into its table; the view's number.
    fn restore_view(&mut self, blob: &mut Blob<'_, RestoreError>) -> Result<usize, RestoreError> {
        let name = blob.text()?.to_string();
        let columns = blob.list(|blob| Ok(blob.text()?.to_string()))?;
        let Views { all, dictionary, .. } = &mut self.views;
        let index = all.iter().position(|view| view.name == name);
        let expected = index.map(|index| &all[index].table.columns);
        let (Some(index), true) = (index, expected.is_some_and(|expected| **expected == *columns))
        else {
            let expected = expected.map_or("none".into(), |expected| expected.join(", "));
            let found = columns.join(", ");
            return Err(RestoreError::OtherViews { view: name, expected, found });
        };
        let tells_keys = all[index].tells_keys();
        let ViewState { table, quarantine, .. } = &mut all[index];
        let (key_width, width) = (table.key_width(), columns.len());
        let mut cells = |blob: &mut Blob<'_, RestoreError>, expected: usize| {
            let cells = blob.list(|blob| Ok(dictionary.cell(&blob.value()?)))?;
            let fits = cells.len() == expected;
            if fits { Ok(cells) } else { Err(blob.damaged("a row of another width")) }
        };
        let rows = blob.list(|blob| {
            let (key, row) = (cells(blob, key_width)?, cells(blob, width)?);
            let slot = table.slot(&key);
            table.put(slot, Some(&row), &mut |_| {});
            Ok(slot)
        })?;
        let head = self.log.head();
        let position = |blob: &mut Blob<'_, RestoreError>| match Position::new(blob.number()?) {
            position if position <= head => Ok(position),
            _ => Err(blob.damaged("a position beyond the head")),
        };
        let limits = (blob.option()?.map(u64::cast_signed), blob.option()?);
        if table.retention.as_ref().map_or((None, None), Retention::limits) != limits {
            return Err(RestoreError::OtherRetention { view: name });
        }
        blob.list(|blob| {
            let index = usize::try_from(blob.number()?).unwrap_or(usize::MAX);
            let (position, clock) = (position(blob)?, Clock::from_micros(blob.signed()?));
            let slot = rows.get(index).ok_or_else(|| blob.damaged("a row that is not there"))?;
            if let Some(retention) = &mut table.retention {
                retention.begin(Moment { position, clock });
                retention.touch(*slot, true);
            }
            Ok(())
        })?;
        if table.retention.as_ref().is_some_and(|line| line.present() != rows.len() as u64) {
            return Err(blob.damaged("a row that is not in line"));
        }
        let streams = u32::try_from(self.log.streams().count()).unwrap_or(u32::MAX);
        blob.list(|blob| {
            let first = position(blob)?;
            let key = if tells_keys {
                table.slot(&cells(blob, key_width)?)
            } else {
                let stream = u32::try_from(blob.number()?).ok().filter(|code| *code < streams);
                stream.ok_or_else(|| blob.damaged("a stream that is not there"))?
            };
            table.aside.add(key, first);
            Ok(())
        })?;
        let all = blob.list(position)?;
        let kept = blob.list(|blob| {
            let (position, first) = (position(blob)?, blob.option()?.map(Position::new));
            let text = blob.text()?.to_string();
            let error =
                first.map_or(ProjectError::Refused(text), |first| ProjectError::Waiting { first });
            Ok(Quarantined { position, view: name.clone(), error })
        })?;
        quarantine.restore(all, kept);
        Ok(index)
    }
}

impl ViewState {
    /// Whether it says which rows an event is about. One written in a program does not, and so its
    /// streams are set aside.
    const fn tells_keys(&self) -> bool {
        matches!(self.fold, Fold::Declared(_))
    }
}
