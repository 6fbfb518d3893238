//! The part of the page's address after `#`, which is the state of the page.

use everview_protocol::session::{Filter, Sort};

#[cfg(test)]
mod tests;
mod text;

/// What the page shows. Its text goes into the address bar, so that a link leads to the same sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// The page.
    pub(crate) page: Page,
    /// The playhead; none follows the head.
    pub(crate) at: Option<u64>,
    /// What is open; none leaves it to the dashboard.
    pub(crate) source: Option<SourceLink>,
    /// The positions that are compared.
    pub(crate) marks: Marks,
    /// Whether a view shows what differs between the marks.
    pub(crate) is_diff: bool,
    /// Which events the list shows.
    pub(crate) filter: Filter,
    /// The event that is open beside the page.
    pub(crate) event: Option<u64>,
    /// How the view's rows are sorted.
    pub(crate) sort: Option<Sort>,
    /// Which rows of the view are shown.
    pub(crate) rows: String,
}

/// Two positions that somebody marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// The one to compare from.
    pub(crate) a: Option<u64>,
    /// The one to compare to; without it, that is the playhead.
    pub(crate) b: Option<u64>,
}

/// One of the marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Where a comparison begins.
    A,
    /// Where it ends.
    B,
}

impl Marks {
    /// Where a mark stands.
    pub(crate) const fn get(self, mark: Mark) -> Option<u64> {
        match mark {
            Mark::A => self.a,
            Mark::B => self.b,
        }
    }

    /// Sets a mark; where it stands already, it goes.
    pub(crate) fn toggle(&mut self, mark: Mark, position: u64) {
        let place = match mark {
            Mark::A => &mut self.a,
            Mark::B => &mut self.b,
        };
        *place = (*place != Some(position)).then_some(position);
    }
}

/// A page of the dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// What is open, who leads, what changed.
    #[default]
    Overview,
    /// The list of events.
    Streams,
    /// The list of views.
    Views,
    /// One view.
    View(String),
    /// The editor of the definitions.
    Definitions,
    /// The forms for commands.
    Commands,
    /// The simulated cluster.
    Cluster,
}

/// A source that an address can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceLink {
    /// The simulated cluster of a seed.
    Simulation(u64),
    /// What an address answers.
    Url(String),
}

impl Address {
    /// Another page of the same session.
    pub(crate) fn on(&self, page: Page) -> Self {
        let keeps_rows = self.page == page;
        let (sort, rows) =
            if keeps_rows { (self.sort.clone(), self.rows.clone()) } else { (None, String::new()) };
        Self { page, sort, rows, event: None, ..self.clone() }
    }

    /// The list of one stream's events.
    pub(crate) fn on_stream(&self, stream: &str) -> Self {
        let filter = Filter { stream: Some(stream.into()), ..Filter::default() };
        Self { filter, ..self.on(Page::Streams) }
    }
}
