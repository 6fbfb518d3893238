//! What cargo checks by itself.

use anyhow::Result;

use super::count::{Count, Runner};
use crate::{shell, simulate, tool};

const NO_STD_TARGET: &str = "x86_64-unknown-none";

pub(super) fn fmt(_: &mut Count) -> Result<()> {
    shell::run(&mut shell::cargo("fmt --all --check"))
}

/// Everything with all its features, but for those of xtask that bring whole databases along to be
/// measured beside.
const PARTS: [&str; 2] =
    ["--workspace --exclude xtask --all-features", "--package xtask --features native,simulate"];

pub(super) fn clippy(_: &mut Count) -> Result<()> {
    PARTS.iter().try_for_each(|part| {
        shell::run(&mut shell::cargo(&format!("clippy {part} --all-targets -- -D warnings")))
    })
}

pub(super) fn clippy_wasm(_: &mut Count) -> Result<()> {
    tool::require(&[])?;
    shell::run(&mut shell::cargo(
        "clippy --package everview-wasm --package everview-simulator --package everview-dashboard \
         --all-targets \
         --target wasm32-unknown-unknown -- -D warnings",
    ))
}

pub(super) fn no_std(_: &mut Count) -> Result<()> {
    tool::require_target(NO_STD_TARGET)?;
    let mut check = shell::cargo("check --package everview-core --package everview-cluster");
    check.args(["--features", "everview-core/orders,everview-core/testkit"]);
    shell::run(check.args(["--target", NO_STD_TARGET]))
}

pub(super) fn test(count: &mut Count) -> Result<()> {
    PARTS.iter().try_for_each(|part| {
        count.run(Runner::Cargo, &mut shell::cargo(&format!("test {part} --no-fail-fast")))
    })
}

pub(super) fn simulate(_: &mut Count) -> Result<()> {
    simulate::gate()
}

pub(super) fn doc(_: &mut Count) -> Result<()> {
    let mut doc = shell::cargo(
        "doc --no-deps --all-features --package everview-core --package everview-cluster \
         --package everview-protocol --package everview-wasm --package everview-simulator",
    );
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
