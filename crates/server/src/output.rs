//! Writing views: as JSON, as CSV, or as tables for people.

mod csv;
mod json;
mod table;

use std::io;

use everview_core::{Digest, Position, Row, View};

/// The form in which views are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One object with the position and, for each view, its digest and rows.
    Json,
    /// The rows of one view after a line with its columns (RFC 4180).
    Csv,
    /// For reading in a terminal.
    Table,
}

/// Rows of a view, to be written once.
pub(crate) struct Listing<'a> {
    pub(crate) name: &'a str,
    /// Of all the rows of the view.
    pub(crate) digest: Digest,
    pub(crate) columns: Vec<String>,
    pub(crate) len: usize,
    pub(crate) rows: Box<dyn Iterator<Item = Row> + 'a>,
}

impl<'a> From<View<'a>> for Listing<'a> {
    fn from(view: View<'a>) -> Self {
        Self {
            name: view.name(),
            digest: view.digest(),
            columns: view.columns().to_vec(),
            len: view.len(),
            rows: Box::new(view.rows()),
        }
    }
}

/// Writes the views as they are at `position`.
pub(crate) fn write(
    format: Format,
    position: Position,
    views: Vec<Listing<'_>>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    match format {
        Format::Json => json::write(position, views, out)?,
        Format::Csv => views.into_iter().try_for_each(|view| csv::write(view, &mut *out))?,
        Format::Table => table::write(position, views, out)?,
    }
    out.flush()
}

/// Texts from events are shown, never obeyed: a terminal acts on control characters.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
