//! What the cluster does as a whole, told as stories and tried by the thousand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod controls;
mod regions;
mod scenario;
mod swarm;
