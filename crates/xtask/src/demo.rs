//! `cargo xtask demo`: the dashboard, with nothing to prepare.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::tool::{self, Tool};
use crate::{dashboard, shell};

/// Open the dashboard: install what is missing, build, serve, and rebuild on every change.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The port to serve on.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Build as for publishing: takes minutes, and is small and fast.
    #[arg(long)]
    release: bool,
}

/// Serves the dashboard until it is interrupted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    TcpListener::bind(address).with_context(|| {
        format!("port {} is not free; choose another with --port", options.port)
    })?;
    tool::require(&[Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt])?;
    eprintln!("Building the dashboard; the first time takes some minutes.");
    thread::spawn(move || announce(address));
    let mut trunk = shell::command("trunk");
    trunk.args(["serve", "--port", &options.port.to_string()]);
    if options.release {
        trunk.arg("--release");
    }
    shell::run(&mut trunk)
}

/// Says where the dashboard is, once it answers.
fn announce(address: SocketAddr) {
    while !dashboard::is_served(address).is_ok_and(|is_served| is_served) {
        thread::sleep(Duration::from_millis(200));
    }
    eprintln!("\nThe dashboard is at http://{address}/ (Ctrl+C stops it)\n");
}
