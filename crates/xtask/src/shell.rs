//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{project, tool};

/// A command that runs at the root of the project and finds the project's tools first.
pub(crate) fn command(program: &str) -> Command {
    let executable = find(program).unwrap_or_else(|| program.into());
    let mut command = Command::new(executable);
    command.current_dir(project::root()).env("PATH", search_path());
    command
}

/// `cargo` with arguments that are separated by spaces.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments.split_whitespace());
    cargo
}

/// Runs a command to its end; what it prints is seen.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", display(command));
    }
    Ok(())
}

/// Runs a command to its end and passes on what it prints, showing each line to `observe`.
pub(crate) fn run_observed(command: &mut Command, mut observe: impl FnMut(&str)) -> Result<()> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let output = child.stdout.take().context("the output is not piped")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        observe(line.trim_end());
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", display(command));
    }
    Ok(())
}

/// What a command writes to its standard output, or nothing if it cannot run or fails.
pub(crate) fn try_output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a command writes to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", display(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not text", display(command)))
}

/// The executable that `program` means here.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let names = if cfg!(windows) {
        vec![format!("{program}.exe"), format!("{program}.cmd")]
    } else {
        vec![program.to_owned()]
    };
    env::split_paths(&search_path())
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)).collect::<Vec<_>>())
        .find(|path| path.is_file())
}

/// The command as somebody would type it.
pub(crate) fn display(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`: is it installed?", display(command))
}

/// The project's own tools, then cargo's, then the user's.
fn search_path() -> OsString {
    let user = env::var_os("PATH").unwrap_or_default();
    let folders = [tool::private_root().join("bin"), tool::cargo_root().join("bin")];
    env::join_paths(folders.into_iter().chain(env::split_paths(&user))).unwrap_or(user)
}
