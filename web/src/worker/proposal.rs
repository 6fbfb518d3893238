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

/// Views over the changes of rows that regions with a log each make, in the order that all agree on.
pub(super) const REGIONS: &str = r#"# Rows as the merged log has them. Every region comes to the same, once it knows the same changes.
# Which of two changes at once is kept, and why, the page of conflicts tells by the rule of the field.

[views.rows]
key = "subject"
[[views.rows.on.Written]]
set = { last_field = "data.field", last_value = "data.value", last_by = "source", last_time = "time" }
add = { writes = "1" }
[[views.rows.on.Written]]
when = "data.field = 'note'"
set = { note = "data.value" }

[views.writes]
key = ["source", "data.field"]
[views.writes.on.Written]
set = { last_time = "time" }
add = { writes = "1" }
"#;

/// The type without which a log is not one of the order domain.
pub(super) const ORDER_PLACED: &str = "OrderPlaced";

/// A definitions file for a log, of the order domain or not.
pub(super) fn proposal(has_orders: bool) -> String {
    if has_orders { format!("{}\n\n{ANY}", orders::VIEWS.trim_end()) } else { ANY.into() }
}
