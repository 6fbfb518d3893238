//! Derived views are what `SQLite` answers for the same `SELECT` over the same tables, after any
//! events and rewinds.
//!
//! `EVERVIEW_ORACLE_CASES` asks for more cases than the usual run has, `EVERVIEW_ORACLE_SEED` for
//! those after a seed. A case is one statement checked after one step.

mod generate;
mod world;

use std::env;

use everview_protocol::definitions;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use world::World;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn derived_views_equal_what_sqlite_answers() {
    let wanted = number("EVERVIEW_ORACLE_CASES").unwrap_or(50_000);
    let mut seed = number("EVERVIEW_ORACLE_SEED").unwrap_or(0);
    let mut cases = 0;
    while cases < wanted {
        let world = World::generate(seed);
        match world.check() {
            Ok(checked) => cases += checked,
            Err(failure) => panic!("seed {seed}: {}", world.shrunk(failure)),
        }
        seed += 1;
    }
}

#[test]
fn a_row_that_sqlite_does_not_have_is_noticed() {
    let mut noticed = 0;
    for seed in 0..20 {
        let world = World { lacks: Some("a"), ..World::generate(seed) };
        noticed += u64::from(world.check().is_err());
    }
    assert!(noticed > 10, "{noticed} of 20 worlds notice that a row is missing");
}

#[test]
fn a_failure_is_told_with_as_few_steps_as_show_it() {
    let failing = |seed| {
        let world = World { lacks: Some("a"), ..World::generate(seed) };
        Some((world.check().err()?, world))
    };
    let (failure, world) = (0..20).find_map(failing).unwrap();
    let told = world.shrunk(failure);
    assert!(told.contains("SELECT") && told.contains("expected"), "{told}");
    assert!(told.matches("\n  ").count() <= 4, "{told}");
}

/// Whether the standard parser takes a statement.
fn is_standard(sql: &str) -> Result<(), String> {
    Parser::parse_sql(&GenericDialect {}, sql).map(drop).map_err(|error| format!("{error}: {sql}"))
}

#[test]
fn accepted_statements_are_valid_for_a_standard_parser() {
    for seed in 0..300 {
        for statement in World::generate(seed).statements {
            assert_eq!(is_standard(&statement.sql.ours), Ok(()));
        }
    }
    for guide in [include_str!("../docs/views.md"), include_str!("../README.md")] {
        for block in guide.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            let Ok(definitions) = definitions::parse(block) else { continue };
            for (_, view) in definitions.views {
                if let everview_core::ViewDefinition::Query(sql) = view {
                    assert_eq!(is_standard(&sql), Ok(()));
                }
            }
        }
    }
    for expr in include_str!("oracle/expressions.txt").lines() {
        let sql = format!("SELECT {expr} AS c FROM l");
        assert_eq!(is_standard(&sql), Ok(()));
        assert_eq!(world::accepts(&sql), Ok(()));
    }
}
