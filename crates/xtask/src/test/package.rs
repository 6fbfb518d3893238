//! The npm package, as somebody gets it who installs it.

use std::fs;

use anyhow::Result;

use super::count::{Count, Runner};
use crate::{chromium, node, npm, project, shell};

pub(super) fn run(count: &mut Count) -> Result<()> {
    let chromium = chromium::require()?;
    let tarball = npm::pack(&npm::build()?)?;
    let consumer = project::target("npm/consumer");
    if consumer.exists() {
        fs::remove_dir_all(&consumer)?;
    }
    fs::create_dir_all(&consumer)?;
    fs::write(consumer.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
    let mut install = shell::command("npm");
    install.current_dir(&consumer);
    install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]).arg(tarball);
    shell::run(&mut install)?;
    let mut test = node::command(npm::SOURCES, "node")?;
    test.args(["--test", "--test-reporter=spec", "test/package.test.mjs"])
        .env("CHROMIUM", chromium.browser)
        .env("CONSUMER", consumer);
    count.run(Runner::Node, &mut test)
}
