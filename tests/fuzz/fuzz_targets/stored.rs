//! The target `stored` for libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| everview_fuzz::stored::check(bytes));
