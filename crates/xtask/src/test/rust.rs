//! What cargo checks by itself.

use anyhow::Result;

use super::count::{Count, Runner};
use crate::{shell, tool};

const NO_STD_TARGET: &str = "x86_64-unknown-none";

pub(super) fn fmt(_: &mut Count) -> Result<()> {
    shell::run(&mut shell::cargo("fmt --all --check"))
}

pub(super) fn clippy(_: &mut Count) -> Result<()> {
    shell::run(&mut shell::cargo("clippy --workspace --all-targets --all-features -- -D warnings"))
}

pub(super) fn clippy_wasm(_: &mut Count) -> Result<()> {
    tool::require(&[])?;
    shell::run(&mut shell::cargo(
        "clippy --package everview-wasm --package everview-dashboard --all-targets \
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
    let mut test = shell::cargo("test --workspace --all-features --no-fail-fast");
    count.run(Runner::Cargo, &mut test)
}

pub(super) fn doc(_: &mut Count) -> Result<()> {
    let mut doc = shell::cargo(
        "doc --no-deps --all-features --package everview-core --package everview-cluster \
         --package everview-protocol --package everview-wasm",
    );
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
