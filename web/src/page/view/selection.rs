//! The chosen cell: a row by what names it, so that it stays chosen wherever the row goes.

use leptos::prelude::*;

use crate::component::grid::Cursor;
use crate::model::address::{Pane, Selected};
use crate::reactive::react;
use crate::store::Store;

/// The rows on the screen: what names each, and the columns that can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// The place of the first row.
    pub(super) first: u64,
    /// What names the rows.
    pub(super) keys: Vec<String>,
    /// The names of the columns; nothing where a column is none of the view's.
    pub(super) columns: Vec<Option<String>>,
}

impl Sight {
    fn selected(&self, (place, column): (u64, usize)) -> Option<Selected> {
        let row = usize::try_from(place.checked_sub(self.first)?).ok()?;
        let column = self.columns.get(column).cloned().flatten();
        Some(Selected { key: self.keys.get(row)?.clone(), column })
    }

    fn place(&self, selected: &Selected) -> Option<(u64, usize)> {
        let row = self.keys.iter().position(|key| *key == selected.key)?;
        let column = self.columns.iter().position(|column| *column == selected.column);
        Some((self.first + row as u64, column.unwrap_or(0)))
    }
}

/// Keeps the cell that is chosen in a grid and the one that the address names the same.
pub(super) fn cursor(store: Store, sight: Signal<Sight>) -> Cursor {
    // A cell whose row has not come yet.
    let wanted = RwSignal::new(None::<(u64, usize)>);
    react(move || {
        let Some(at) = wanted.get() else { return };
        if let Some(selected) = sight.with(|sight| sight.selected(at)) {
            wanted.set(None);
            store.address.update(|address| address.selected = Some(selected));
        }
    });
    let at = Memo::new(move |_| {
        let chosen = store.address.with(|address| address.selected.clone());
        wanted.get().or_else(|| sight.with(|sight| sight.place(&chosen?)))
    });
    Cursor {
        at: at.into(),
        choose: Callback::new(move |at| wanted.set(Some(at))),
        open: Callback::new(move |()| {
            store.address.update(|address| {
                (address.pane, address.event) = (Some(address.pane.unwrap_or(Pane::Why)), None);
            });
        }),
    }
}
