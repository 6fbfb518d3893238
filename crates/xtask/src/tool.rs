//! The tools that cargo does not bring, each at one pinned version.
//!
//! A tool that is there in the right version is used. A missing one is installed where plain
//! `trunk serve` finds it. Beside another version of it, ours is installed under `target/tools`,
//! so that nobody's own tools are overwritten.

mod install;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::{project, shell};

/// The one place that says which trunk: 0.22 needs a newer Rust than the workspace asks for.
const TRUNK: &str = "0.21.14";

/// The one place that says which cargo-fuzz.
const CARGO_FUZZ: &str = "0.13.2";

/// A program that the project needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Bundles and serves the dashboard.
    Trunk,
    /// Generates the JavaScript side of a wasm module, and runs tests in Node.js and browsers.
    WasmBindgen,
    /// Makes release builds smaller and faster.
    WasmOpt,
    /// Builds and runs the fuzz targets.
    CargoFuzz,
}

impl Tool {
    fn program(self) -> &'static str {
        match self {
            Self::Trunk => "trunk",
            Self::WasmBindgen => "wasm-bindgen",
            Self::WasmOpt => "wasm-opt",
            Self::CargoFuzz => "cargo-fuzz",
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Trunk => "bundles and serves the dashboard",
            Self::WasmBindgen => "connects the WebAssembly to JavaScript",
            Self::WasmOpt => "makes release builds smaller",
            Self::CargoFuzz => "runs the fuzz targets",
        }
    }

    /// The version, from the file where the tool's other users read it.
    fn version(self) -> Result<String> {
        match self {
            Self::Trunk => Ok(TRUNK.to_owned()),
            Self::CargoFuzz => Ok(CARGO_FUZZ.to_owned()),
            Self::WasmBindgen => {
                let keys = ["workspace", "dependencies", "wasm-bindgen"];
                Ok(project::setting("Cargo.toml", &keys)?.trim_start_matches('=').to_owned())
            }
            Self::WasmOpt => {
                Ok(project::setting("Trunk.toml", &["tools", "wasm_opt"])?.replace("version_", ""))
            }
        }
    }

    /// The version that answers here, whatever it is.
    fn found(self) -> Option<String> {
        let executable = shell::find(self.program())?;
        let output = shell::try_output(Command::new(executable).arg("--version"))?;
        version_in(&output).map(str::to_owned)
    }
}

/// Makes sure that the tools and the WebAssembly target are there.
pub(crate) fn require(tools: &[Tool]) -> Result<()> {
    require_target("wasm32-unknown-unknown")?;
    for &tool in tools {
        let version = tool.version()?;
        let found = tool.found();
        if found.as_deref() == Some(&*version) {
            continue;
        }
        install::install(tool, &version, found.as_deref())?;
        let installed = tool.found();
        ensure!(
            installed.as_deref() == Some(&*version),
            "{} {version} was installed, but {} answers",
            tool.program(),
            installed.as_deref().unwrap_or("nothing")
        );
    }
    Ok(())
}

/// Makes sure that the standard library of a target is there.
pub(crate) fn require_target(target: &str) -> Result<()> {
    let library = shell::output(shell::command("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        target,
    ]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    if shell::find("rustup").is_none() {
        bail!("Rust's {target} target is missing and there is no rustup to add it");
    }
    eprintln!("Rust's {target} target is missing; adding it takes some seconds.");
    shell::run(shell::command("rustup").args(["target", "add", target]))
}

/// Where `cargo install` puts programs.
pub(crate) fn cargo_root() -> PathBuf {
    let set = |name| env::var_os(name).map(PathBuf::from);
    set("CARGO_INSTALL_ROOT")
        .or_else(|| set("CARGO_HOME"))
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_else(private_root)
}

/// Where the project puts programs that must not replace the user's own.
pub(crate) fn private_root() -> PathBuf {
    project::target("tools")
}

/// The first word that is a number, as in `trunk 0.21.14` and `wasm-opt version 132 (version_132)`.
fn version_in(output: &str) -> Option<&str> {
    output.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{Tool, version_in};

    #[test]
    fn the_version_is_found_in_what_each_tool_prints() {
        assert_eq!(version_in("trunk 0.21.14\n"), Some("0.21.14"));
        assert_eq!(version_in("wasm-bindgen 0.2.130\n"), Some("0.2.130"));
        assert_eq!(version_in("wasm-opt version 132 (version_132)\n"), Some("132"));
    }

    #[test]
    fn every_tool_has_a_version_that_it_could_report() {
        for tool in [Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt, Tool::CargoFuzz] {
            let version = tool.version().unwrap();
            assert_eq!(version_in(&version), Some(&*version));
        }
    }
}
