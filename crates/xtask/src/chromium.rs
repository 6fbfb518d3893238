//! The browser of the tests, and the driver that wasm-bindgen's test runner steers it with.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::shell;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const DRIVER: &str = "chromedriver";

/// An installed Chromium.
#[derive(Debug)]
pub(crate) struct Chromium {
    /// Its executable.
    pub(crate) browser: PathBuf,
    /// The executable of its driver.
    pub(crate) driver: PathBuf,
}

/// Finds Chromium and its driver. On Debian they are installed when missing.
pub(crate) fn require() -> Result<Chromium> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if shell::find("apt-get").is_none() {
        bail!("Chromium or chromedriver is missing: install both, so that they are on the PATH");
    }
    eprintln!("Chromium or its driver is missing; installing them takes about a minute.");
    apt_get(&["update"])?;
    apt_get(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"])?;
    find().context("Chromium was installed but is not on the PATH")
}

fn find() -> Option<Chromium> {
    let browser = NAMES.into_iter().find_map(shell::find)?;
    Some(Chromium { browser, driver: shell::find(DRIVER)? })
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let user = shell::output(shell::command("id").arg("-u"))?;
    let mut command = if user.trim() == "0" {
        shell::command("apt-get")
    } else if shell::find("sudo").is_some() {
        let mut sudo = shell::command("sudo");
        sudo.arg("apt-get");
        sudo
    } else {
        bail!("run this as root: apt-get install chromium chromium-driver");
    };
    shell::run(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
}
