//! The tests that are compiled to WebAssembly.

use anyhow::Result;

use super::count::{Count, Runner};
use crate::chromium;
use crate::shell;
use crate::tool::{self, Tool};

pub(super) fn node(count: &mut Count) -> Result<()> {
    run(count, &["everview-wasm", "everview-simulator", "everview-tests"], &[])
}

pub(super) fn chromium(count: &mut Count) -> Result<()> {
    let driver = chromium::require()?.driver.display().to_string();
    run(count, &["everview-wasm"], &[("WASM_BINDGEN_USE_BROWSER", "1"), ("CHROMEDRIVER", &driver)])
}

fn run(count: &mut Count, packages: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    tool::require(&[Tool::WasmBindgen])?;
    let mut test = shell::cargo("test --tests --target wasm32-unknown-unknown");
    test.args(packages.iter().flat_map(|package| ["--package", package]))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .envs(variables.iter().copied());
    count.run(Runner::Cargo, &mut test)
}
