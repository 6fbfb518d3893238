//! The definitions in the documentation are definitions.

use everview_core::{Engine, Format, Limits, Mapping, Reader, Row};
use everview_protocol::definitions;

/// The text of each block fenced with this name.
fn blocks<'a>(markdown: &'a str, name: &str) -> Vec<&'a str> {
    let fence = format!("```{name}\n");
    let inside = markdown.split(fence.as_str()).skip(1);
    inside.map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

#[test]
fn the_guide_to_views_can_be_followed() {
    let guide = include_str!("../docs/views.md");
    let definitions = blocks(guide, "toml");
    let mut engine = Engine::default();
    engine.define(&definitions::parse(&definitions.join("\n")).unwrap()).unwrap();
    assert_eq!(engine.views().count(), definitions.len(), "an example defines one view");
    let mut reader =
        Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/guide", Limits::default()).unwrap();
    engine.read(&mut reader, blocks(guide, "ndjson").join("\n").as_bytes());
    engine.finish(&mut reader);
    assert_eq!((engine.intake().refused, engine.quarantine().count()), (0, 0));
    for view in engine.views() {
        let rows: Vec<String> = view.rows().map(|row| lines(view.columns(), &row)).collect();
        for shown in blocks(guide, &format!("text {}", view.name())) {
            for row in shown.split("\n\n") {
                assert!(rows.iter().any(|known| known == row), "no such row:\n{row}\nin {rows:#?}");
            }
        }
    }
}

/// A row, one line a column.
fn lines(columns: &[String], row: &Row) -> String {
    let columns = columns.iter().zip(row.iter());
    columns.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}
