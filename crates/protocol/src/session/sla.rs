//! How available the cluster was, as its client saw it.

use serde::{Deserialize, Serialize};

/// What was promised, what was measured, and what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaState {
    /// What was promised, such as `99.99 % in 365 days`.
    pub objective: String,
    /// The share of the measured time in which clients were served, rounded down; none before
    /// anything was measured.
    pub availability: Option<String>,
    /// How long it was measured.
    pub measured_ms: u64,
    /// For how much of it clients were not served.
    pub down_ms: u64,
    /// In how many outages.
    pub outages: u64,
    /// The mean time between two of them, once there was one.
    pub between_failures_ms: Option<u64>,
    /// How long one takes on average, once there was one.
    pub to_repair_ms: Option<u64>,
    /// How long clients may not be served in the period of the promise.
    pub allowed_ms: u64,
    /// What is left of that.
    pub left_ms: u64,
    /// How much of it is spent, as a percentage.
    pub spent: String,
    /// How fast it is being spent.
    pub alerts: Vec<AlertState>,
}

/// A burn rate that must not be reached in two windows at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertState {
    /// The long window.
    pub long_ms: u64,
    /// The short window.
    pub short_ms: u64,
    /// The rate that must not be reached.
    pub limit: String,
    /// The rate in the long window; none where nothing was measured.
    pub long_rate: Option<String>,
    /// The rate in the short window; none where nothing was measured.
    pub short_rate: Option<String>,
    /// Whether it is reached in both.
    pub fires: bool,
    /// Whether somebody would have to act at once.
    pub pages: bool,
}
