//! How much a visitor downloads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use super::report::Report;
use crate::{project, shell};

/// The files of a folder that reach a browser: not declarations, licences and manuals.
pub(super) fn shipped(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_node = path.to_string_lossy().contains(".node.");
        if path.is_dir() {
            files.extend(shipped(&path)?);
        } else if matches!(extension, Some("wasm" | "js" | "css" | "html" | "svg")) && !is_node {
            files.push(path);
        }
    }
    Ok(files)
}

/// Adds the sizes of files, as they are and compressed.
pub(super) fn report(what: &str, files: &[PathBuf], report: &mut Report) -> Result<()> {
    let script = project::path("crates/xtask/bench/size.mjs");
    let sizes = shell::output(shell::command("node").arg(script).args(files))?;
    let sizes: Value = serde_json::from_str(&sizes)?;
    for form in ["raw", "gzip", "brotli"] {
        let bytes = sizes[form].as_f64().unwrap_or(f64::NAN);
        report.add(&format!("{what}-{form}"), "everview", bytes, "bytes");
    }
    Ok(())
}
