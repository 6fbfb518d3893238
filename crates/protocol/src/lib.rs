//! Everview: protocol.

pub mod definitions;
#[cfg(feature = "javascript")]
pub mod javascript;
pub mod session;
