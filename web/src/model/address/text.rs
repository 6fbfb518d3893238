//! An address to text and back.

use core::fmt::{self, Write as _};

use everview_protocol::session::Sort;

use super::{Address, Bookmark, Breakpoint, Page, Pane, Section, Selected, SourceLink};
use crate::model::axis::AxisKind;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.page {
            Page::Overview => f.write_str("#/")?,
            Page::Streams => f.write_str("#/streams")?,
            Page::Views => f.write_str("#/views")?,
            Page::View(name) => write!(f, "#/views/{}", encoded(name))?,
            Page::Definitions => f.write_str("#/definitions")?,
            Page::Commands => f.write_str("#/commands")?,
            Page::Cluster(Section::Map) => f.write_str("#/cluster")?,
            Page::Cluster(section) => write!(f, "#/cluster/{}", section.path())?,
            Page::Chaos => f.write_str("#/chaos")?,
            Page::Settings => f.write_str("#/settings")?,
        }
        for (index, (name, value)) in self.fields().into_iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={}", encoded(&value))?;
        }
        Ok(())
    }
}

impl Address {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        add("src", self.source.as_ref().map(ToString::to_string));
        add("at", self.at.map(|at| at.to_string()));
        add("fork", self.fork.map(|fork| fork.to_string()));
        add("a", self.marks.a.map(|at| at.to_string()));
        add("b", self.marks.b.map(|at| at.to_string()));
        add("show", self.is_diff.then(|| "diff".into()));
        for event_type in &self.filter.types {
            add("type", Some(event_type.clone()));
        }
        add("stream", self.filter.stream.clone());
        add("q", Some(self.filter.text.clone()).filter(|text| !text.is_empty()));
        add("event", self.event.map(|event| event.to_string()));
        add("sel", self.selected.as_ref().map(|selected| format!("row:{}", selected.key)));
        add("cell", self.selected.as_ref().and_then(|selected| selected.column.clone()));
        add("tab", self.pane.map(|pane| pane_text(pane).into()));
        for bookmark in &self.bookmarks {
            add("bookmark", Some(format!("{}:{}", bookmark.position, bookmark.name)));
        }
        for Breakpoint { view, condition } in &self.breakpoints {
            let view = encoded(view).replace(':', "%3A");
            add("break", Some(format!("{view}:{condition}")));
        }
        add("axis", (self.axis != AxisKind::default()).then(|| self.axis.name().into()));
        add("zoom", self.zoom.map(range_text));
        add("sort", self.sort.as_ref().map(sort_text));
        add("rows", Some(self.rows.clone()).filter(|text| !text.is_empty()));
        fields
    }

    fn set(&mut self, name: &str, value: String) {
        match name {
            "src" => self.source = source_from_text(&value),
            "at" => self.at = value.parse().ok(),
            "fork" => self.fork = value.parse().ok(),
            "a" => self.marks.a = value.parse().ok(),
            "b" => self.marks.b = value.parse().ok(),
            "show" => self.is_diff = value == "diff",
            "type" => self.filter.types.push(value),
            "stream" => self.filter.stream = Some(value),
            "q" => self.filter.text = value,
            "event" => self.event = value.parse().ok(),
            "sel" => self.selected = value.strip_prefix("row:").map(selected_row),
            "cell" => {
                if let Some(selected) = &mut self.selected {
                    selected.column = Some(value);
                }
            }
            "tab" => self.pane = pane_from_text(&value),
            "bookmark" => self.add_bookmark(&value),
            "break" => self.breakpoints.extend(breakpoint_from_text(&value)),
            "axis" => self.axis = AxisKind::from_name(&value).unwrap_or_default(),
            "zoom" => self.zoom = range_from_text(&value),
            "sort" => self.sort = Some(sort_from_text(&value)),
            "rows" => self.rows = value,
            _ => {}
        }
    }
}

impl Address {
    /// Keeps the bookmarks in order, and one at a position.
    fn add_bookmark(&mut self, text: &str) {
        let (position, name) = text.split_once(':').unwrap_or((text, ""));
        let Ok(position) = position.parse() else { return };
        let place = self.bookmarks.binary_search_by_key(&position, |known| known.position);
        if let Err(at) = place {
            self.bookmarks.insert(at, Bookmark { position, name: name.into() });
        }
    }
}

fn selected_row(key: &str) -> Selected {
    Selected { key: key.into(), column: None }
}

fn pane_text(pane: Pane) -> &'static str {
    match pane {
        Pane::Why => "why",
        Pane::History => "history",
    }
}

fn pane_from_text(text: &str) -> Option<Pane> {
    [Pane::Why, Pane::History].into_iter().find(|pane| pane_text(*pane) == text)
}

fn range_text((from, to): (u64, u64)) -> String {
    format!("{from}..{to}")
}

/// Positions from one to another one, such as `100..200`.
fn range_from_text(text: &str) -> Option<(u64, u64)> {
    let (from, to) = text.split_once("..")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

fn breakpoint_from_text(text: &str) -> Option<Breakpoint> {
    let (view, condition) = text.split_once(':')?;
    Some(Breakpoint { view: decoded(view), condition: condition.into() })
}

/// Reads as much as it understands: somebody may have typed it, or kept it from an older version.
impl From<&str> for Address {
    fn from(text: &str) -> Self {
        let text = text.trim_start_matches('#').trim_start_matches('/');
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut address = Self { page: page_from_path(path), ..Self::default() };
        for field in query.split('&') {
            if let Some((name, value)) = field.split_once('=') {
                address.set(name, decoded(value));
            }
        }
        address
    }
}

fn page_from_path(path: &str) -> Page {
    match path.split_once('/').unwrap_or((path, "")) {
        ("streams", _) => Page::Streams,
        ("views", "") => Page::Views,
        ("views", name) => Page::View(decoded(name)),
        ("definitions", _) => Page::Definitions,
        ("commands", _) => Page::Commands,
        ("cluster", path) => {
            let section = Section::ALL.into_iter().find(|section| section.path() == path);
            Page::Cluster(section.unwrap_or_default())
        }
        ("chaos", _) => Page::Chaos,
        ("settings", _) => Page::Settings,
        _ => Page::Overview,
    }
}

fn sort_text(sort: &Sort) -> String {
    format!("{}{}", if sort.is_descending { "-" } else { "+" }, sort.column)
}

fn sort_from_text(text: &str) -> Sort {
    match text.strip_prefix('-') {
        Some(column) => Sort { column: column.into(), is_descending: true },
        None => {
            Sort { column: text.strip_prefix('+').unwrap_or(text).into(), is_descending: false }
        }
    }
}

impl fmt::Display for SourceLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulation(seed) => write!(f, "sim:{seed}"),
            Self::Scenario(text) => write!(f, "script:{text}"),
            Self::Url(url) => f.write_str(url),
            Self::File(name) => write!(f, "file:{name}"),
            Self::Capsule(text) => write!(f, "capsule:{text}"),
        }
    }
}

fn source_from_text(text: &str) -> Option<SourceLink> {
    if let Some(script) = text.strip_prefix("script:") {
        return Some(SourceLink::Scenario(script.into()));
    }
    if let Some(seed) = text.strip_prefix("sim:") {
        return seed.parse().ok().map(SourceLink::Simulation);
    }
    if let Some(name) = text.strip_prefix("file:") {
        return Some(SourceLink::File(name.into()));
    }
    if let Some(capsule) = text.strip_prefix("capsule:") {
        return Some(SourceLink::Capsule(capsule.into()));
    }
    (!text.is_empty()).then(|| SourceLink::Url(text.into()))
}

/// Percent-encodes what has a meaning in an address, and what is not ASCII.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'~'
            | b':'
            | b'/'
            | b','
            | b'@' => out.push(char::from(byte)),
            // Writing to a text cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Undoes [`encoded`]; what is no encoding stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        if let (b'%', Some(code)) = (byte, code) {
            out.push(code);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
