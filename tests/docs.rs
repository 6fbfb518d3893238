//! The definitions in the documentation are definitions.

use everview_core::Engine;
use everview_protocol::definitions;

/// The text of each block fenced with this name.
fn blocks<'a>(markdown: &'a str, name: &str) -> Vec<&'a str> {
    let fence = format!("```{name}\n");
    let inside = markdown.split(fence.as_str()).skip(1);
    inside.map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

#[test]
fn the_guide_to_views_can_be_followed() {
    let definitions = blocks(include_str!("../docs/views.md"), "toml");
    assert_eq!(definitions.len(), 2, "a table view, and a derived one over it");
    let text = definitions.join("\n");
    let mut engine = Engine::default();
    engine.define(&definitions::parse(&text).unwrap()).unwrap();
    assert_eq!(engine.views().count(), 2);
}
