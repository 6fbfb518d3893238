//! What is written in the box above the list of events.

#[cfg(test)]
mod tests;

/// What the list is narrowed to by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// From one position to another one: `pos:100..200`.
    pub(crate) positions: Option<(u64, u64)>,
    /// The rest, which is looked for in events.
    pub(crate) text: String,
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        let Some(positions) = text.split_whitespace().rev().find_map(positions) else {
            return Self { positions: None, text: text.trim().into() };
        };
        Self { positions: Some(positions), text: without_positions(text) }
    }
}

/// What is to be written in the box so that it narrows to these positions, and to what it said before.
pub(crate) fn with_positions(text: &str, (from, to): (u64, u64)) -> String {
    let rest = if text.split_whitespace().any(|term| positions(term).is_some()) {
        without_positions(text)
    } else {
        text.trim().into()
    };
    let gap = if rest.is_empty() { "" } else { " " };
    format!("pos:{from}..{to}{gap}{rest}")
}

fn without_positions(text: &str) -> String {
    let rest: Vec<&str> =
        text.split_whitespace().filter(|term| positions(term).is_none()).collect();
    rest.join(" ")
}

fn positions(term: &str) -> Option<(u64, u64)> {
    let (from, to) = term.strip_prefix("pos:")?.split_once("..")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}
