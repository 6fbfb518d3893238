//! The dashboard, built and served.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;

use anyhow::Result;

use crate::tool::{self, Tool};
use crate::{project, shell};

/// Builds it as it is published, and returns its folder: not `dist`, which belongs to the demo.
pub(crate) fn build() -> Result<PathBuf> {
    tool::require(&[Tool::Trunk, Tool::WasmBindgen, Tool::WasmOpt])?;
    let folder = project::target("dashboard");
    shell::run(shell::command("trunk").args(["build", "--release", "--dist"]).arg(&folder))?;
    Ok(folder)
}

/// Whether an address answers with the dashboard. A server whose build failed answers otherwise.
///
/// # Errors
///
/// Returns an error while nothing answers there.
pub(crate) fn is_served(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\nAccept: text/html\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.contains("<title>Everview"))
}
