//! The expression parser: any text is refused with a place in it, or evaluates without a panic.

use everview_core::{Clause, Definitions, TableDefinition, ViewDefinition};

use super::scene;

/// The text as a key, a condition, a column and a sum.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let column = || vec![("v".to_owned(), text.to_owned())];
    let clauses = [
        Clause { set: column(), ..Clause::default() },
        Clause { add: column(), ..Clause::default() },
        Clause {
            when: Some(text.to_owned()),
            set: vec![("v".to_owned(), "1".to_owned())],
            ..Clause::default()
        },
    ];
    for clause in clauses {
        define("subject", clause);
    }
    define(text, Clause { set: vec![("v".to_owned(), "type".to_owned())], ..Clause::default() });
}

fn define(key: &str, clause: Clause) {
    let table = TableDefinition {
        key: vec![key.to_owned()],
        on: vec![("Set".to_owned(), clause)],
        ..TableDefinition::default()
    };
    let views = vec![("v".to_owned(), ViewDefinition::Table(table))];
    if let Err(error) = scene::play(&Definitions { views, ..Definitions::default() }) {
        assert!(!error.to_string().is_empty());
    }
}
