//! The target `capsule` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| everview_fuzz::capsule::check(bytes));
