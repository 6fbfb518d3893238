//! A study as a table: a column for each design.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table, presets};
use everview_cluster::availability::Objective;
use everview_cluster::study::{self, Summary};

pub(super) fn write(
    summaries: &[Summary],
    objective: Objective,
    mut out: impl Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let names = summaries.iter().map(|one| one.name.clone());
    table.set_header([String::new()].into_iter().chain(names));
    for (label, figures) in study::table(summaries, objective) {
        let figure = |text| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(label)].into_iter().chain(figures.into_iter().map(figure)));
    }
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
