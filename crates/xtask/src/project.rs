//! Where things are in this checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context as _, Result};

/// The folder that holds the workspace's `Cargo.toml`. Cargo says where when it runs this; the
/// program itself may have been built for another checkout with the same target folder.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&here).ancestors().nth(2);
        root.expect("crates/xtask is two folders below the root").to_owned()
    });
    &ROOT
}

/// A path inside the checkout.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// A path inside cargo's target folder.
pub(crate) fn target(relative: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(target).join(relative)
}

/// The text of a file of the project.
pub(crate) fn read(relative: &str) -> Result<String> {
    fs::read_to_string(path(relative)).with_context(|| format!("cannot read {relative}"))
}

/// The value at a path of keys in a TOML file of the project, which must be a string.
pub(crate) fn setting(file: &str, keys: &[&str]) -> Result<String> {
    let table: toml::Value =
        toml::from_str(&read(file)?).with_context(|| format!("{file} is not valid TOML"))?;
    keys.iter()
        .try_fold(&table, |value, key| value.get(key))
        .and_then(toml::Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("{file} has no string at {}", keys.join(".")))
}
