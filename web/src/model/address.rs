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
    /// Which events the list shows.
    pub(crate) filter: Filter,
    /// The event that is open beside the page.
    pub(crate) event: Option<u64>,
    /// How the view's rows are sorted.
    pub(crate) sort: Option<Sort>,
    /// Which rows of the view are shown.
    pub(crate) rows: String,
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
