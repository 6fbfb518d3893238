//! What the keys do.

use leptos::prelude::*;

use crate::component::dialog::Dialog;
use crate::model::key::KEYS;

/// The sheet of keys.
#[component]
pub(crate) fn Help(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let rows = || {
        KEYS.iter()
            .filter(|(key, ..)| *key != "F")
            .map(|(key, _, what)| {
                view! {
                    <tr>
                        <th scope="row"><kbd>{key_name(key)}</kbd></th>
                        <td>{*what}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <Dialog title="Keys" is_open on_close=move |()| is_open.set(false)>
            <table class="table help">
                <tbody>{rows}</tbody>
            </table>
        </Dialog>
    }
}

fn key_name(key: &'static str) -> &'static str {
    match key {
        " " => "Space",
        "ArrowRight" => "→",
        "ArrowLeft" => "←",
        "Shift+ArrowRight" => "Shift + →",
        "Shift+ArrowLeft" => "Shift + ←",
        "Escape" => "Esc",
        other => other,
    }
}
