//! Events as a file.

use everview_core::{Log, Position};
use everview_protocol::session::Exported;

/// How many bytes are put together before other requests are heard.
const STRETCH: usize = 1 << 20;

/// The events from one position to another one as lines of CloudEvents, as many as fit into a stretch.
pub(super) fn export(log: &Log, from: u64, to: u64) -> Exported {
    let to = to.min(log.head().get());
    let mut exported = Exported { text: String::new(), events: 0, next: None };
    for position in from.max(log.base().next().get())..=to {
        if STRETCH <= exported.text.len() {
            exported.next = Some(position);
            break;
        }
        let Some(event) = log.get(Position::new(position)) else { continue };
        exported.text.push_str(&event.to_json());
        exported.text.push('\n');
        exported.events += 1;
    }
    exported
}
