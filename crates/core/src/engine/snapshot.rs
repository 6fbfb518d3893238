//! Views with their checkpoint in one checked blob.
//!
//! A snapshot holds what the log's next event needs to be judged (the streams' versions, the
//! sources' counts, the events seen), the rows of the table views and one digest over all views.
//! Derived views follow from the table views and are not stored. All numbers are little endian; the
//! last 16 bytes are the digest of what stands before them.

mod blob;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Engine, Fold, Timeline, Views};
use crate::cell::Cell;
use crate::input::Limits;
use crate::log::{Log, Seen};
use crate::{DefineError, Definitions, Digest, Epoch, Position};
use blob::{Blob, Writer};

/// The first bytes of every snapshot.
const MAGIC: &[u8; 8] = b"everview";

/// The layout that this version writes and reads.
const VERSION: u64 = 1;

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
    /// The restored views are not those that were stored.
    #[error("expected views with digest {expected}, restored {found}")]
    Digest {
        /// As it was stored.
        expected: Digest,
        /// As the restored views have it.
        found: Digest,
    },
    /// The definitions are wrong.
    #[error("{0}")]
    Define(#[from] DefineError),
}

impl Engine {
    /// The views at the head with their checkpoint, to be restored with the same definitions. The
    /// playhead stays where it is.
    pub fn snapshot(&mut self) -> Vec<u8> {
        let playhead = self.position();
        self.seek(self.head());
        let blob = self.write_snapshot();
        self.seek(playhead);
        blob
    }

    fn write_snapshot(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.bytes(MAGIC);
        out.number(VERSION);
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
        out.list(self.log.seen().iter(), |out, key| out.bytes(&key.to_le_bytes()));
        let folded = self.views.all.iter().filter(|view| !matches!(view.fold, Fold::Query { .. }));
        out.list(folded, |out, view| {
            out.text(&view.name);
            out.list(view.table.columns.iter(), |out, column| out.text(column));
            let dictionary = &self.views.dictionary;
            out.list(
                view.table.ordered(dictionary).collect::<Vec<_>>().into_iter(),
                |out, slot| {
                    let cells = |out: &mut Writer, cells: &[Cell]| {
                        out.list(cells.iter(), |out, cell| out.value(&dictionary.value(*cell)));
                    };
                    cells(out, view.table.key(slot));
                    cells(out, view.table.row(slot).unwrap_or_default());
                },
            );
        });
        out.finish()
    }

    /// An engine that goes on after a snapshot. Its log begins there; quarantined events and what
    /// was counted of the inputs are not part of it.
    ///
    /// # Errors
    ///
    /// When the bytes are no undamaged snapshot of views with these definitions.
    pub fn restore(
        bytes: &[u8],
        definitions: &Definitions,
        limits: Limits,
    ) -> Result<Self, RestoreError> {
        let mut blob = Blob::open(bytes, MAGIC, VERSION)?;
        let head = Position::new(blob.number()?);
        let epoch = Epoch::new(blob.number()?);
        let digest = Digest::from_u128(u128::from_le_bytes(blob.array()?));
        let streams = blob.list(|blob| Ok((blob.text()?.to_string(), blob.number()?)))?;
        let sequences = blob.list(|blob| Ok((blob.text()?.to_string(), blob.option()?)))?;
        let mut seen = Seen::default();
        for key in blob.list(|blob| blob.array().map(u128::from_le_bytes))? {
            seen.insert(key);
        }
        let mut views = Views::compile(definitions, &[])?;
        blob.list(|blob| restore_view(blob, &mut views))?;
        blob.end()?;
        views.settle();
        let engine = Self {
            log: Log::resumed(head, epoch, seen, streams, sequences),
            definitions: definitions.clone(),
            views,
            timeline: Timeline::new(head),
            ..Self::new(limits)
        };
        let found = engine.digest();
        if found != digest {
            return Err(RestoreError::Digest { expected: digest, found });
        }
        Ok(engine)
    }
}

fn restore_view(blob: &mut Blob<'_>, views: &mut Views) -> Result<(), RestoreError> {
    let name = blob.text()?.to_string();
    let columns = blob.list(|blob| Ok(blob.text()?.to_string()))?;
    let index = views.index(&name);
    let expected = index.map_or(&[][..], |index| &*views.all[index].table.columns);
    if *expected != *columns {
        let (expected, found) = (expected.join(", "), columns.join(", "));
        return Err(RestoreError::OtherViews { view: name, expected, found });
    }
    let Some(index) = index else { return Ok(()) };
    let Views { all, dictionary, .. } = views;
    let table = &mut all[index].table;
    let (key_width, width) = (table.key_width(), columns.len());
    blob.list(|blob| {
        let mut cells = |expected: usize| {
            let cells = blob.list(|blob| Ok(dictionary.cell(&blob.value()?)))?;
            if cells.len() == expected {
                Ok(cells)
            } else {
                Err(blob.damaged("a row of another width"))
            }
        };
        let (key, row) = (cells(key_width)?, cells(width)?);
        let slot = table.slot(&key);
        table.put(slot, Some(&row), &mut |_| {});
        Ok(())
    })?;
    Ok(())
}
