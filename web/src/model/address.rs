//! The part of the page's address after `#`, which is the state of the page.

use everview_protocol::session::{Filter, Sort, Source};

use super::axis::AxisKind;

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
    /// The future that is looked at; none is the log itself.
    pub(crate) fork: Option<u64>,
    /// The positions that are compared.
    pub(crate) marks: Marks,
    /// Whether a view shows what differs between the marks.
    pub(crate) is_diff: bool,
    /// Which events the list shows.
    pub(crate) filter: Filter,
    /// The event that is open beside the page.
    pub(crate) event: Option<u64>,
    /// The row of the view, and the cell of it, that is looked at.
    pub(crate) selected: Option<Selected>,
    /// What is told of it beside the page.
    pub(crate) pane: Option<Pane>,
    /// Where playing stops.
    pub(crate) breakpoints: Vec<Breakpoint>,
    /// Positions to come back to.
    pub(crate) bookmarks: Vec<Bookmark>,
    /// What the time bar follows.
    pub(crate) axis: AxisKind,
    /// What of the log the time bar shows; none is all of it.
    pub(crate) zoom: Option<(u64, u64)>,
    /// How the view's rows are sorted.
    pub(crate) sort: Option<Sort>,
    /// Which rows of the view are shown.
    pub(crate) rows: String,
}

/// A row of the view, and maybe a cell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    /// What names the row.
    pub(crate) key: String,
    /// The cell's column.
    pub(crate) column: Option<String>,
}

/// What is told of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    /// Why a cell is what it is.
    Why,
    /// What became of the row.
    History,
}

/// A condition over a view: playing stops where it comes to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breakpoint {
    /// The view's name.
    pub(crate) view: String,
    /// An SQL expression over its columns.
    pub(crate) condition: String,
}

/// A position to come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bookmark {
    /// The position.
    pub(crate) position: u64,
    /// What somebody calls it.
    pub(crate) name: String,
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

    /// From the one to the other, if both stand.
    pub(crate) fn range(self) -> Option<(u64, u64)> {
        let (a, b) = (self.a?, self.b?);
        (a != b).then(|| (a.min(b), a.max(b)))
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
    Cluster(Section),
    /// What goes wrong in it on purpose.
    Chaos,
    /// What the browser keeps.
    Settings,
}

/// A part of the page of the cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Section {
    /// The nodes in their zones.
    #[default]
    Map,
    /// The nodes as a table.
    Nodes,
    /// What each of them believes of the others.
    Beliefs,
    /// The changes of leader.
    Failovers,
    /// What regions with a log each wrote without knowing of each other.
    Conflicts,
    /// How available it was.
    Availability,
    /// How commands are spread over servers.
    Balancer,
    /// Which design keeps the promise.
    Study,
}

impl Section {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Map,
        Self::Nodes,
        Self::Beliefs,
        Self::Failovers,
        Self::Conflicts,
        Self::Availability,
        Self::Balancer,
        Self::Study,
    ];

    /// Its name in addresses.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Nodes => "nodes",
            Self::Beliefs => "beliefs",
            Self::Failovers => "failovers",
            Self::Conflicts => "conflicts",
            Self::Availability => "sla",
            Self::Balancer => "balancer",
            Self::Study => "study",
        }
    }
}

/// A source that an address can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceLink {
    /// The simulated cluster of a seed.
    Simulation(u64),
    /// The simulated cluster of a scenario, by its script.
    Scenario(String),
    /// What an address answers.
    Url(String),
    /// A session that the browser keeps.
    File(String),
    /// A capsule, in letters.
    Capsule(String),
}

impl SourceLink {
    /// What leads to what is open.
    pub(crate) fn of(source: &Source) -> Self {
        match source {
            Source::Simulation { seed } => Self::Simulation(*seed),
            Source::Scenario { text } => Self::Scenario(text.clone()),
            Source::File { url: Some(url), .. } => Self::Url(url.clone()),
            Source::File { name, url: None } => Self::File(name.clone()),
        }
    }
}

impl Address {
    /// Sets a bookmark; where there is one already, it goes.
    pub(crate) fn toggle_bookmark(&mut self, position: u64) {
        match self.bookmarks.binary_search_by_key(&position, |known| known.position) {
            Ok(at) => drop(self.bookmarks.remove(at)),
            Err(at) => self.bookmarks.insert(at, Bookmark { position, name: String::new() }),
        }
    }

    /// Another page of the same session.
    pub(crate) fn on(&self, page: Page) -> Self {
        let is_other = self.page != page;
        let mut address = Self { page, event: None, pane: None, ..self.clone() };
        if is_other {
            (address.sort, address.rows, address.selected) = (None, String::new(), None);
        }
        address
    }

    /// Why a cell of a view is what it is, in the same session.
    pub(crate) fn on_cell(&self, view: &str, key: &str, column: Option<&str>) -> Self {
        let selected = Selected { key: key.into(), column: column.map(Into::into) };
        let pane = Some(Pane::Why);
        Self { selected: Some(selected), pane, ..self.on(Page::View(view.into())) }
    }

    /// The list of one stream's events.
    pub(crate) fn on_stream(&self, stream: &str) -> Self {
        let filter = Filter { stream: Some(stream.into()), ..Filter::default() };
        Self { filter, ..self.on(Page::Streams) }
    }
}
