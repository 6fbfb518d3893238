//! The `SELECT` parser: any text is refused with a place in it, or is kept up without a panic and
//! comes to the same rows on every way.

use everview_core::{Definitions, ViewDefinition};

use super::scene;

/// The text as a derived view over the scene's table view, and another one over it.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let over = "SELECT COUNT(*) AS n FROM v";
    let views = vec![
        scene::base(),
        ("v".to_owned(), ViewDefinition::Query(text.to_owned())),
        ("over".to_owned(), ViewDefinition::Query(over.to_owned())),
    ];
    if let Err(error) = scene::play(&Definitions { views, ..Definitions::default() }) {
        assert!(!error.to_string().is_empty());
    }
}
