//! Tests that cross crates.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conformance;
mod docs;
mod fuzz;
mod laws;
mod oracle;
mod real_logs;
mod records;
mod table_oracle;
mod table_views;
mod timeline;
