//! What differs between two positions, as the page shows it.

use everview_core::{Delta, Diff, Position, Row};
use everview_protocol::session::{DiffCell, DiffPage, DiffQuery, DiffRow, RowChange};

use super::futures::Futures;
use super::key::text_from_key;
use super::rows::{columns, text, whole};

/// The difference that was asked for last, so that scrolling does not compute it again.
#[derive(Debug, Default)]
pub(super) struct DiffCache {
    /// What is compared, and what differs.
    known: Option<(Compared, Diff)>,
}

/// A view and the positions that are compared; no first one compares with what was forked.
type Compared = (String, Option<Position>, Position);

impl DiffCache {
    /// Forgets it: the positions may mean other events, or the view other rows.
    pub(super) fn clear(&mut self) {
        self.known = None;
    }

    /// Some rows that differ; nothing when there is no view of that name.
    pub(super) fn page(&mut self, futures: &mut Futures, query: &DiffQuery) -> Option<DiffPage> {
        // A mark beyond the head moves with it.
        let head = futures.engine().head();
        let within = |at| Position::new(at).min(head);
        let (from, to) = (query.from.map(within), within(query.to));
        let asked = (query.view.clone(), from, to);
        if self.known.as_ref().is_none_or(|(known, _)| *known != asked) {
            let diff = match from {
                Some(from) => futures.engine_mut().diff(&query.view, from, to).ok()?,
                None => futures.diff_with_parent(&query.view, to)?.ok()?,
            };
            self.known = Some((asked, diff));
        }
        let (_, diff) = self.known.as_ref()?;
        let deltas = diff.deltas.iter().skip(whole(query.first)).take(query.count as usize);
        let deltas: Vec<&Delta> = deltas.collect();
        let either = |delta: &&Delta| delta.after.clone().or_else(|| delta.before.clone());
        let rows: Vec<Row> = deltas.iter().filter_map(either).collect();
        Some(DiffPage {
            columns: columns(futures.engine().view(&query.view)?, &rows),
            first: query.first,
            rows: deltas.into_iter().map(row).collect(),
            from: diff.from.get(),
            to: diff.to.get(),
            added: diff.added() as u64,
            changed: diff.changed() as u64,
            removed: diff.removed() as u64,
        })
    }
}

fn row(delta: &Delta) -> DiffRow {
    let plain = |row: &Row| {
        row.iter().map(|value| DiffCell { text: text(value), before: None }).collect::<Vec<_>>()
    };
    let (change, cells) = match (&delta.before, &delta.after) {
        (Some(before), Some(after)) => {
            let mut cells = plain(after);
            for column in delta.columns() {
                if let (Some(cell), Some(before)) = (cells.get_mut(column), before.get(column)) {
                    cell.before = Some(text(before));
                }
            }
            (RowChange::Changed, cells)
        }
        (None, Some(row)) => (RowChange::Added, plain(row)),
        (before, _) => (RowChange::Removed, before.as_ref().map(plain).unwrap_or_default()),
    };
    DiffRow { key: text_from_key(&delta.key), change, cells }
}
