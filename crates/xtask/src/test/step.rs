//! What is checked, cheapest first.

use anyhow::Result;

use super::count::Count;
use super::{e2e, package, readme, rust, tidy, wasm};

/// One thing that is checked.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn(&mut Count) -> Result<()>,
}

/// All steps, in the order in which they run.
pub(super) const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the Rust code is formatted", run: rust::fmt },
    Step { name: "tidy", about: "arrows between crates, file sizes, titles", run: tidy::run },
    Step { name: "clippy", about: "lints, on this machine's target", run: rust::clippy },
    Step { name: "clippy-wasm", about: "lints, on WebAssembly", run: rust::clippy_wasm },
    Step { name: "no-std", about: "core and cluster without std", run: rust::no_std },
    Step { name: "test", about: "unit, property, integration and doc tests", run: rust::test },
    Step {
        name: "simulate",
        about: "10,000 seeds, a million resumes, controls",
        run: rust::simulate,
    },
    Step { name: "doc", about: "the API documentation builds without warnings", run: rust::doc },
    Step {
        name: "wasm-node",
        about: "the laws and the npm package's crate, in Node.js",
        run: wasm::node,
    },
    Step {
        name: "wasm-chromium",
        about: "the npm package's crate, in Chromium",
        run: wasm::chromium,
    },
    Step { name: "npm", about: "the npm package, installed and used", run: package::run },
    Step { name: "e2e", about: "the release build of the dashboard, in Chromium", run: e2e::run },
    Step { name: "readme", about: "the commands in README.md", run: readme::run },
];
