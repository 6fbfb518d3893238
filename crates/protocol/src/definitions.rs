//! The definitions file: views as TOML, or the same shape as JSON.
//!
//! ```
//! let definitions = everview_protocol::definitions::parse(
//!     r#"
//!     [views.orders]
//!     key = "subject"
//!     [views.orders.on.OrderPlaced]
//!     set = { region = "data.region" }
//!     [views.orders.on.ItemAdded]
//!     add = { total = "data.quantity * data.price_cents" }
//!
//!     [views.regions]
//!     sql = "SELECT region, SUM(total) AS revenue FROM orders GROUP BY region"
//!     "#,
//! )?;
//! assert_eq!(definitions.views[0].0, "orders");
//! # Ok::<(), everview_protocol::definitions::DefinitionsError>(())
//! ```

use everview_core::Definitions;

mod shape;
mod span;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod upcaster;
mod write;

pub use write::to_toml;

/// A definitions file that cannot be read. Nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionsError {
    /// The text is no TOML or JSON, or has a field that is unknown or of the wrong kind.
    #[error("line {line}, column {column}: {problem}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What was expected and what was found.
        problem: String,
    },
    /// A part can be read and makes no sense.
    #[error("{place}: {problem}")]
    Meaning {
        /// The part, such as `views.orders.on.OrderPlaced`.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads a definitions file. A text whose first character that is not blank is `{` is JSON, any
/// other is TOML.
///
/// Only the shape is checked here: the engine that the views are given to knows what they mean.
///
/// # Errors
///
/// Returns [`DefinitionsError`] at the first place that is wrong.
pub fn parse(text: &str) -> Result<Definitions, DefinitionsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = || shape::definitions(&tree::read(text)?);
    read().map_err(|wrong| wrong.within(text))
}
