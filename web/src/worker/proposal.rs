//! Views that make sense before anybody has written one.

use everview_core::orders;

/// Views over any stream: what each stream has come to, and how often each type occurs.
const ANY: &str = r#"# Any stream: what each one has come to, and how often each type of event occurs.

[views.streams]
key = "subject"
[views.streams.on."*"]
set = { first_time = "COALESCE(first_time, time)", last_type = "type", last_time = "time" }
add = { events = "1" }

[views.events_by_type]
key = "type"
[views.events_by_type.on."*"]
set = { first_time = "COALESCE(first_time, time)", last_time = "time" }
add = { events = "1" }
"#;

/// The type without which a log is not one of the order domain.
pub(super) const ORDER_PLACED: &str = "OrderPlaced";

/// A definitions file for a log, of the order domain or not.
pub(super) fn proposal(has_orders: bool) -> String {
    if has_orders { format!("{}\n\n{ANY}", orders::VIEWS.trim_end()) } else { ANY.into() }
}
