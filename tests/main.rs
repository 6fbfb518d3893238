//! Tests that cross crates. The laws are tested in WebAssembly too.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(not(target_family = "wasm"))]
mod conformance;
#[cfg(not(target_family = "wasm"))]
mod docs;
#[cfg(not(target_family = "wasm"))]
mod fuzz;
mod laws;
#[cfg(not(target_family = "wasm"))]
mod oracle;
#[cfg(not(target_family = "wasm"))]
mod real_logs;
mod records;
#[cfg(not(target_family = "wasm"))]
mod table_oracle;
#[cfg(not(target_family = "wasm"))]
mod table_views;
mod timeline;
