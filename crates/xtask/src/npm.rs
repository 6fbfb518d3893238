//! `cargo xtask npm`: the npm package `everview`.
//!
//! One wasm module serves bundlers, plain pages and Node.js, since wasm-bindgen's is the same for
//! each. What differs is how the module is loaded; that glue is in `crates/wasm/npm/src`. The simulator
//! is a second module with the same glue, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::tool::{self, Tool};
use crate::{node, project, shell};

/// Where the glue, its compiler and the tests of the package are.
pub(crate) const SOURCES: &str = "crates/wasm/npm";

const WASM: &str = "everview_bg.wasm";

/// A module of the package.
struct Module {
    /// The crate.
    name: &'static str,
    /// Its file without `.wasm`.
    library: &'static str,
    /// The folder in the package; empty for the package itself.
    folder: &'static str,
}

const MODULES: [Module; 2] = [
    Module { name: "everview-wasm", library: "everview", folder: "" },
    Module { name: "everview-simulator", library: "everview_simulator", folder: SIMULATOR },
];

/// The folder of the simulator.
pub(crate) const SIMULATOR: &str = "simulator";

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
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    for module in &MODULES {
        module.build(&package.join(module.folder))?;
    }
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

impl Module {
    fn build(&self, folder: &Path) -> Result<()> {
        let bindings = project::target("npm/bindings").join(self.library);
        if bindings.exists() {
            fs::remove_dir_all(&bindings)?;
        }
        for folder in [folder, &bindings] {
            fs::create_dir_all(folder)?;
        }
        self.bind(&bindings)?;
        optimise(self.library, &bindings.join(WASM), &folder.join(WASM))?;
        copy(&bindings.join("everview_bg.js"), &folder.join("everview_bg.js"))?;
        fs::write(folder.join("exports.js"), exports(&bindings)?)?;
        copy(&bindings.join("everview.d.ts"), &folder.join("exports.d.ts"))?;
        let snippets = bindings.join("snippets");
        if snippets.exists() {
            copy_all(&snippets, &folder.join("snippets"))?;
        }
        compile(folder, &bindings)
    }

    fn bind(&self, folder: &Path) -> Result<()> {
        let Self { name, library, .. } = self;
        shell::run(&mut shell::cargo(&format!(
            "build --profile web --package {name} --target wasm32-unknown-unknown",
        )))?;
        let module = project::target(&format!("wasm32-unknown-unknown/web/{library}.wasm"));
        let mut bindgen = shell::command("wasm-bindgen");
        bindgen.args(["--target", "bundler", "--out-name", "everview", "--out-dir"]);
        shell::run(bindgen.arg(folder).arg(module))
    }
}

/// Optimises a module, unless that was done to the very same one: it is slow.
fn optimise(library: &str, module: &Path, optimised: &Path) -> Result<()> {
    let cache = project::target("npm/optimised").join(library);
    fs::create_dir_all(&cache)?;
    let (input, output) = (cache.join("from.wasm"), cache.join("to.wasm"));
    let bytes = fs::read(module)?;
    if !output.exists() || fs::read(&input).ok().as_ref() != Some(&bytes) {
        // Nothing is ever at an address below 1024: the end of the stack is there. What is called from
        // one place is not inlined there: engines compile functions that are hot once more, as a whole,
        // and a loop goes on in the slow code that it began in until it ends.
        let mut tool = shell::command("wasm-opt");
        tool.args(["-O3", "--low-memory-unused", "--one-caller-inline-max-function-size=20"])
            .arg(module)
            .arg("-o")
            .arg(&output);
        shell::run(&mut tool)?;
        fs::write(&input, bytes)?;
    }
    copy(&output, optimised)
}

/// Compiles the glue into the package, wherever cargo's target folder is.
fn compile(folder: &Path, bindings: &Path) -> Result<()> {
    let sources = project::path(SOURCES);
    let files = ["index.ts", "index.node.ts"].map(|file| sources.join("src").join(file));
    let options = json!({
        "extends": sources.join("tsconfig.json"),
        "compilerOptions": {
            "rootDirs": [sources.join("src"), folder],
            "outDir": folder,
            "typeRoots": [sources.join("node_modules/@types")],
        },
        "files": files,
    });
    let file = bindings.join("tsconfig.json");
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
