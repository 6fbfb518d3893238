//! Who led the cluster along the log.

use everview_protocol::session::TermState;

#[cfg(test)]
mod tests;

/// Each term with the position at which the next one began; the last one goes on.
pub(crate) fn bands(terms: &[TermState]) -> Vec<(TermState, Option<u64>)> {
    let ends = terms.iter().skip(1).map(|next| Some(next.position)).chain([None]);
    terms.iter().cloned().zip(ends).collect()
}

/// The term in which an event came: it came after the client had those that it had when the term
/// began.
pub(crate) fn term_at(terms: &[TermState], position: u64) -> Option<&TermState> {
    let next = terms.partition_point(|term| term.position < position);
    terms.get(next.saturating_sub(1))
}
