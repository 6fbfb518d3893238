//! Writing views: as JSON, as CSV, or as tables for people.

mod csv;
mod json;
mod table;

use std::io;

use everview_core::{Position, View};

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

/// Writes the views as they are at `position`.
pub(crate) fn write(
    format: Format,
    position: Position,
    views: &[View<'_>],
    out: &mut impl io::Write,
) -> io::Result<()> {
    match format {
        Format::Json => json::write(position, views, out)?,
        Format::Csv => views.iter().try_for_each(|view| csv::write(*view, &mut *out))?,
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
