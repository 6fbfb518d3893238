//! What must hold for any bytes.
//!
//! Each module is a target: a function that panics if something does not hold. libFuzzer runs them
//! for as long as one likes (`cargo xtask fuzz`); an ordinary test runs them over the kept inputs
//! and some mutations of them.
#![allow(unreachable_pub, reason = "the test includes these files as modules of its own")]

pub mod capsule;
pub mod definitions;
pub mod expression;
pub mod scanner;
mod scene;
pub mod select;
pub mod snapshot;
pub mod stored;

/// Panics if something does not hold for the input.
pub type Check = fn(&[u8]);

/// Every target with its name, which is also that of its folder of kept inputs.
pub const TARGETS: &[(&str, Check)] = &[
    ("capsule", capsule::check),
    ("definitions", definitions::check),
    ("expression", expression::check),
    ("scanner", scanner::check),
    ("select", select::check),
    ("snapshot", snapshot::check),
    ("stored", stored::check),
];
