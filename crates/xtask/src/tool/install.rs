//! Installing a missing tool, the fastest way there is.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Tool, cargo_root, private_root};
use crate::shell;

/// Installs a tool, into cargo's folder unless another version of it is there.
pub(super) fn install(tool: Tool, version: &str, found: Option<&str>) -> Result<()> {
    let program = tool.program();
    let is_taken = ["", ".exe", ".cmd"]
        .iter()
        .any(|end| cargo_root().join("bin").join(format!("{program}{end}")).exists());
    let root = if is_taken { private_root() } else { cargo_root() };
    match found {
        Some(other) => eprintln!("{program} {version} is needed, {other} is installed."),
        None => eprintln!("{program} {version} is missing."),
    }
    eprintln!("It {}; installing it in {}.", tool.purpose(), root.join("bin").display());
    match tool {
        Tool::Trunk => from_crate("trunk", version, &root),
        Tool::WasmBindgen => from_crate("wasm-bindgen-cli", version, &root),
        Tool::CargoFuzz => from_crate("cargo-fuzz", version, &root),
        Tool::WasmOpt => from_npm("binaryen", version, &root),
    }
    .with_context(|| {
        format!(
            "{program} {version} could not be installed; install it yourself so that \
             `{program} --version` says {version}, then run this again"
        )
    })
}

fn from_crate(name: &str, version: &str, root: &Path) -> Result<()> {
    if shell::find("cargo-binstall").is_some() {
        eprintln!("Downloading it with cargo binstall takes some seconds.");
        let mut binstall =
            shell::cargo("binstall --no-confirm --force --disable-strategies compile");
        if shell::run(binstall.args(["--version", version, "--root"]).arg(root).arg(name)).is_ok() {
            return Ok(());
        }
        eprintln!("There is no download for this machine.");
    }
    eprintln!("Compiling it takes two to five minutes; this is done once.");
    let mut install = shell::cargo("install --force --version");
    install.arg(version).arg("--root").arg(root).arg(name);
    shell::run(quick_to_compile(&mut install, name))
}

/// These tools wait for files and other programs: time spent optimising them is never won back.
fn quick_to_compile<'a>(install: &'a mut Command, name: &str) -> &'a mut Command {
    install
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    if name == "trunk" {
        // Without the updater, which asks the network for a newer version at every start.
        install
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .args(["--locked", "--no-default-features"])
    } else {
        // Not --locked: its lock file names a version that was withdrawn.
        install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
    }
}

fn from_npm(name: &str, version: &str, root: &Path) -> Result<()> {
    if shell::find("npm").is_none() {
        bail!("it comes from npm, which is not installed: get Node.js 20 or later");
    }
    eprintln!("Downloading it takes some seconds.");
    let package = format!("{name}@{version}.0.0");
    // On Windows npm puts programs right into its prefix, elsewhere into a folder `bin` of it.
    let prefix = if cfg!(windows) { root.join("bin") } else { root.to_owned() };
    let mut npm = shell::command("npm");
    npm.args(["install", "--global", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    shell::run(npm.arg(prefix).arg(package))
}
