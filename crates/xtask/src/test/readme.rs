//! The commands in README.md.
//!
//! Every block fenced as `sh` is run by bash at the root of the project and must succeed. In such
//! a block a line that serves the dashboard is run until the dashboard answers, and `cargo xtask
//! test` is left out, since it is what runs this. Blocks with another name, such as `console`, are
//! not run.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::count::Count;
use crate::{dashboard, project, shell};

/// How long building the dashboard may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(20);

pub(super) fn run(_: &mut Count) -> Result<()> {
    let readme = project::read("README.md")?;
    let blocks = blocks(&readme);
    ensure!(!blocks.is_empty(), "README.md has no block of commands (```sh)");
    for block in blocks {
        let (serving, rest): (Vec<&str>, Vec<&str>) = block
            .lines()
            .filter(|line| !line.starts_with("cargo xtask test"))
            .partition(|line| serves(line));
        shell::run(shell::command("bash").args(["-euxc", &rest.join("\n")]))?;
        for line in serving {
            serve_until_it_answers(line)?;
        }
    }
    Ok(())
}

/// The text of each block that is to be run.
fn blocks(markdown: &str) -> Vec<&str> {
    markdown
        .split("\n```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block))
        .collect()
}

fn serves(line: &str) -> bool {
    ["cargo xtask demo", "trunk serve"].iter().any(|command| line.starts_with(command))
}

fn serve_until_it_answers(line: &str) -> Result<()> {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let address = free_address()?;
    println!("+ {line}");
    let script = format!("exec {line} --port {}", address.port());
    let mut child = in_own_group(shell::command("bash").args(["-c", &script])).spawn()?;
    let answer = wait_for_dashboard(&mut child, address);
    stop(&mut child)?;
    answer
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn wait_for_dashboard(child: &mut Child, address: SocketAddr) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            bail!("it ended ({status}) before the dashboard answered");
        }
        match dashboard::is_served(address) {
            Ok(true) => return Ok(()),
            Ok(false) => bail!("what it serves is not the dashboard"),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
    bail!("the dashboard did not answer within {PATIENCE:?}")
}

/// Puts a command into a process group, so that what it starts can be stopped with it.
#[cfg(unix)]
fn in_own_group(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(unix)]
fn stop(child: &mut Child) -> Result<()> {
    let group = format!("-{}", child.id());
    shell::run(shell::command("bash").args(["-c", &format!("kill -TERM -- {group}")]))?;
    child.wait()?;
    Ok(())
}

#[cfg(not(unix))]
fn in_own_group(command: &mut Command) -> &mut Command {
    command
}

#[cfg(not(unix))]
fn stop(child: &mut Child) -> Result<()> {
    let process = child.id().to_string();
    shell::run(shell::command("taskkill").args(["/T", "/F", "/PID", &process]))?;
    child.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{blocks, serves};

    #[test]
    fn only_blocks_of_commands_are_run() {
        let readme = "# A\n```sh\ncargo build\nls\n```\n```console\n$ ls\n```\n```sh\nls\n```\n";

        assert_eq!(blocks(readme), ["cargo build\nls", "ls"]);
    }

    #[test]
    fn a_command_that_serves_is_known() {
        assert!(serves("cargo xtask demo  # opens the dashboard"));
        assert!(!serves("cargo xtask test"));
    }
}
