//! Words for regions that all take writes.

use everview_protocol::session::RegionsState;

use super::format::counted;

#[cfg(test)]
mod tests;

/// How many there are, and how many of them take writes.
pub(crate) fn accepting(regions: &RegionsState) -> String {
    let all = regions.regions.len();
    let count = counted(all as u64, "region");
    match regions.accepting() {
        0 => format!("{count}, none accepts"),
        1 if 1 < all => format!("{count}, 1 of them accepts"),
        up if up == all => format!("{count}, all accept"),
        up => format!("{count}, {up} of them accept"),
    }
}

/// What is or was in conflict.
pub(crate) fn conflicts(regions: &RegionsState) -> String {
    match (regions.conflicts, regions.open) {
        (0, _) => "No conflict yet".to_owned(),
        (all, 0) => format!("{}, none of them open", counted(all, "conflict")),
        (all, open) => format!("{}, {open} of them open", counted(all, "conflict")),
    }
}

/// Whether they know the same.
pub(crate) const fn agreement(regions: &RegionsState) -> &'static str {
    if regions.is_agreed {
        "all that run know the same"
    } else {
        "some changes have not come everywhere yet"
    }
}
