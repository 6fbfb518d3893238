//! `cargo xtask npm`: the npm package `everview`.
//!
//! One wasm module serves bundlers, plain pages and Node.js, since wasm-bindgen's is the same for
//! each. What differs is how the module is loaded; that glue is in `crates/wasm/npm/src`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::tool::{self, Tool};
use crate::{node, project, shell};

/// Where the glue, its compiler and the tests of the package are.
pub(crate) const SOURCES: &str = "crates/wasm/npm";

const WASM: &str = "everview_bg.wasm";

/// Build the npm package, into target/npm/everview.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Make a tarball of it too, as it would be published.
    #[arg(long)]
    pack: bool,
}

/// Builds the package and says where it is.
pub(crate) fn run(options: &Options) -> Result<()> {
    let package = build()?;
    eprintln!("The package is in {}", package.display());
    if options.pack {
        eprintln!("The tarball is {}", pack(&package)?.display());
    }
    Ok(())
}

/// Builds the package, and returns its folder.
pub(crate) fn build() -> Result<PathBuf> {
    tool::require(&[Tool::WasmBindgen, Tool::WasmOpt])?;
    let package = project::target("npm/everview");
    let bindings = project::target("npm/bindings");
    for folder in [&package, &bindings] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    bind(&bindings)?;
    optimise(&bindings.join(WASM), &package.join(WASM))?;
    copy(&bindings.join("everview_bg.js"), &package.join("everview_bg.js"))?;
    fs::write(package.join("exports.js"), exports(&bindings)?)?;
    copy(&bindings.join("everview.d.ts"), &package.join("exports.d.ts"))?;
    copy_all(&bindings.join("snippets"), &package.join("snippets"))?;
    compile(&package)?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "crates/wasm/npm/README.md"] {
        let from = project::path(file);
        copy(&from, &package.join(from.file_name().unwrap_or_default()))?;
    }
    fs::write(package.join("package.json"), manifest()?)?;
    Ok(package)
}

/// Makes the tarball that would be published, and returns its path.
pub(crate) fn pack(package: &Path) -> Result<PathBuf> {
    let folder = project::target("npm");
    let mut npm = shell::command("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(&folder).arg(package);
    let name = shell::output(&mut npm)?;
    Ok(folder.join(name.trim()))
}

fn bind(folder: &Path) -> Result<()> {
    shell::run(&mut shell::cargo(
        "build --profile npm --package everview-wasm --target wasm32-unknown-unknown",
    ))?;
    let module = project::target("wasm32-unknown-unknown/npm/everview.wasm");
    let mut bindgen = shell::command("wasm-bindgen");
    bindgen.args(["--target", "bundler", "--out-name", "everview", "--out-dir"]);
    shell::run(bindgen.arg(folder).arg(module))
}

/// Optimises a module, unless that was done to the very same one: it is slow.
fn optimise(module: &Path, optimised: &Path) -> Result<()> {
    let input = project::target("npm/optimised-from.wasm");
    let output = project::target("npm/optimised.wasm");
    let bytes = fs::read(module)?;
    if !output.exists() || fs::read(&input).ok().as_ref() != Some(&bytes) {
        // Nothing is ever at an address below 1024: the end of the stack is there.
        let mut tool = shell::command("wasm-opt");
        tool.args(["-O3", "--low-memory-unused"]).arg(module).arg("-o").arg(&output);
        shell::run(&mut tool)?;
        fs::write(&input, bytes)?;
    }
    copy(&output, optimised)
}

/// Compiles the glue into the package, wherever cargo's target folder is.
fn compile(package: &Path) -> Result<()> {
    let sources = project::path(SOURCES);
    let files = ["index.ts", "index.node.ts"].map(|file| sources.join("src").join(file));
    let options = json!({
        "extends": sources.join("tsconfig.json"),
        "compilerOptions": {
            "rootDirs": [sources.join("src"), package],
            "outDir": package,
            "typeRoots": [sources.join("node_modules/@types")],
        },
        "files": files,
    });
    let file = project::target("npm/bindings/tsconfig.json");
    fs::write(&file, options.to_string())?;
    let mut npx = node::command(SOURCES, "npx")?;
    shell::run(npx.args(["--no-install", "tsc", "--project"]).arg(file))
}

/// A module that exports what Rust exports, and nothing of wasm-bindgen's own.
fn exports(bindings: &Path) -> Result<String> {
    let entry = fs::read_to_string(bindings.join("everview.js"))?;
    let start = entry.find("export {").context("wasm-bindgen's module exports nothing")?;
    // A bundler keeps the guard against use before `init` only if this needs it.
    Ok(format!("import \"./load.js\";\n{}", &entry[start..]))
}

/// The package's manifest: the one of its sources without what only building it needs.
fn manifest() -> Result<String> {
    let text = project::read(&format!("{SOURCES}/package.json"))?;
    let mut manifest: serde_json::Map<String, Value> = serde_json::from_str(&text)?;
    for key in ["private", "devDependencies"] {
        manifest.shift_remove(key);
    }
    let version = project::setting("Cargo.toml", &["workspace", "package", "version"])?;
    manifest.insert("version".to_owned(), version.into());
    Ok(serde_json::to_string_pretty(&manifest)?)
}

/// Copies a folder with all that is in it.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy_all(&path, &to)? } else { copy(&path, &to)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
