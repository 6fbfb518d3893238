//! The definitions file: any text is refused with its place, or its views work, and what is written
//! of them is read as the same.

use everview_protocol::definitions::{parse, to_toml};

use super::scene;

/// The text as a definitions file.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse(text) {
        Ok(definitions) => {
            let written = to_toml(&definitions);
            assert_eq!(parse(&written).as_ref(), Ok(&definitions), "written as\n{written}");
            // Views that make no sense are refused when they are defined.
            let _ = scene::play(&definitions);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
