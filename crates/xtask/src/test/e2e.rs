//! Using the dashboard as people do.

use anyhow::Result;

use super::count::{Count, Runner};
use crate::{chromium, dashboard, node};

pub(super) fn run(count: &mut Count) -> Result<()> {
    let chromium = chromium::require()?;
    let dashboard = dashboard::build()?;
    let mut playwright = node::command("tests/e2e", "npx")?;
    playwright
        .args(["--no-install", "playwright", "test"])
        .env("CHROMIUM", chromium.browser)
        .env("DASHBOARD", dashboard);
    count.run(Runner::Playwright, &mut playwright)
}
