//! Searches through positions, a stretch of the way at a time.
//!
//! Nothing of a search is kept here: whoever looks goes on where the last answer says, and stops by
//! not asking again.

use everview_core::{Engine, Position, ReadError};
use everview_protocol::session::{FindQuery, Found, Goal, OnsetQuery, Onsets};

use super::key::key_from_text;

/// How many events are looked at before other requests are heard. A stretch far from the playhead
/// also costs the way there, so it should not be too short.
pub(super) const STRETCH: u64 = 4_096;

/// Looks at a stretch of a search.
///
/// # Errors
///
/// When there is no such view, or the condition is not understood.
pub(super) fn find(engine: &mut Engine, query: &FindQuery) -> Result<Found, ReadError> {
    let FindQuery { view, goal, from, to } = query;
    let end = if to < from {
        from.saturating_sub(STRETCH).max(*to)
    } else {
        from.saturating_add(STRETCH).min(*to)
    };
    let (start, stop) = (Position::new(*from), Position::new(end));
    let (found, next) = match goal {
        // Both ends of the stretch were looked at.
        Goal::Holds { condition } => {
            let found = engine.bisect(view, condition, start, stop)?;
            (found, if to < from { end.saturating_sub(1) } else { end + 1 })
        }
        Goal::Changes { key } => {
            let key = key.as_deref().map(key_from_text);
            (engine.next_change(view, key.as_deref(), start, stop)?, end)
        }
    };
    let next = (found.is_none() && end != *to).then_some(next);
    Ok(Found { position: found.map(Position::get), next })
}

/// Looks at a stretch for where a condition comes to hold.
///
/// # Errors
///
/// When there is no such view, or the condition is not understood.
pub(super) fn onsets(engine: &mut Engine, query: &OnsetQuery) -> Result<Onsets, ReadError> {
    let reached = query.after.saturating_add(STRETCH).min(engine.head().get());
    let (after, to) = (Position::new(query.after), Position::new(reached));
    let onsets = engine.onsets(&query.view, &query.condition, after, to)?;
    Ok(Onsets { positions: onsets.into_iter().map(Position::get).collect(), reached })
}

/// The most positions of events set aside that are told at once.
const ASIDE: usize = 4_096;

/// Where views set events aside after a position.
pub(super) fn set_aside(engine: &Engine, after: u64) -> Onsets {
    let positions = engine.set_aside(Position::new(after), ASIDE);
    let positions: Vec<u64> = positions.into_iter().map(Position::get).collect();
    let is_all = positions.len() < ASIDE;
    let last = positions.last().copied().filter(|_| !is_all);
    Onsets { positions, reached: last.unwrap_or_else(|| engine.head().get()) }
}
