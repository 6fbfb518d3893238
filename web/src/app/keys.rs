//! The keys that work wherever somebody is on the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, KeyboardEvent};

use crate::component::grid::is_grid;
use crate::dom::{focus, on_window};
use crate::model::address::Mark;
use crate::model::key::{Action, Focus, action};
use crate::model::line::{CLOSER, Look, PANNED};
use crate::model::playback::other_pace;
use crate::store::Store;
use crate::zone::Zone;

/// Listens until the page is closed.
pub(super) fn listen(store: Store, is_help_open: RwSignal<bool>) {
    let zone = Zone::of_page();
    on_window("keydown", move |event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        // A dialog has keys of its own, and so has the browser.
        if key.ctrl_key()
            || key.meta_key()
            || key.alt_key()
            || event.default_prevented()
            || is_under_dialog()
        {
            return;
        }
        let is_shifted_arrow = key.shift_key() && key.key().starts_with("Arrow");
        let name = if is_shifted_arrow { format!("Shift+{}", key.key()) } else { key.key() };
        if let Some(action) = action(&name, focus_now()) {
            event.prevent_default();
            act(store, zone, is_help_open, action);
        }
    });
}

fn act(store: Store, zone: Zone, is_help_open: RwSignal<bool>, action: Action) {
    match action {
        Action::TogglePlaying => store.toggle_playing(),
        Action::StepForward => store.step(true),
        Action::StepBack => store.step(false),
        Action::ToStart => {
            store.is_playing.set(false);
            store.seek(0);
        }
        Action::ToEnd => store.to_end(),
        Action::Follow => store.follow(),
        Action::Faster => store.travel().pace.update(|pace| *pace = other_pace(*pace, true)),
        Action::Slower => store.travel().pace.update(|pace| *pace = other_pace(*pace, false)),
        Action::NextMarker => store.to_marker(true),
        Action::PreviousMarker => store.to_marker(false),
        Action::NextChange => store.find_change(true),
        Action::PreviousChange => store.find_change(false),
        Action::SecondForward => store.step_second(true),
        Action::SecondBack => store.step_second(false),
        Action::Bookmark => store.toggle_bookmark(),
        Action::Breakpoint => store.begin_breakpoint(),
        Action::Why => store.show_why(),
        Action::ZoomIn => store.zoom(CLOSER),
        Action::ZoomOut => store.zoom(1.0 / CLOSER),
        Action::Fit => store.look(Look::Fit),
        Action::PanBack => store.look(Look::Pan(-PANNED)),
        Action::PanForward => store.look(Look::Pan(PANNED)),
        Action::NextAxis => store.address.update(|address| address.axis = address.axis.next()),
        Action::NextZone => zone.turn(),
        Action::ToggleLoop => store.toggle_loop(),
        Action::MarkA => store.mark(Mark::A),
        Action::MarkB => store.mark(Mark::B),
        Action::ToggleDiff => store.toggle_diff(),
        Action::ToFilter => focus("page-filter"),
        Action::Close => store.close(),
        Action::Help => is_help_open.set(true),
    }
}

fn focus_now() -> Focus {
    let Some(element) = document().active_element() else { return Focus::Page };
    let takes_text =
        element.matches("textarea, select, input:not([type=checkbox])").unwrap_or(false);
    let is_control = element.matches("button, a[href], summary, input").unwrap_or(false);
    match () {
        () if takes_text => Focus::Text,
        () if is_grid(&element) || is_scrolled(&element) => Focus::Grid,
        () if is_control => Focus::Control,
        () => Focus::Page,
    }
}

/// Whether the arrows scroll it.
fn is_scrolled(element: &Element) -> bool {
    element.matches("[role=region]").unwrap_or(false)
}

fn is_under_dialog() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}
