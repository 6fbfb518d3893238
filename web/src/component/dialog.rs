//! A window over the page that keeps the focus until it is closed.

use leptos::html;
use leptos::prelude::*;

use crate::reactive::{When, react};

/// The browser's own dialog: it traps the focus, closes on Escape and gives the focus back.
#[component]
pub(crate) fn Dialog(
    /// What it is for.
    title: &'static str,
    /// Whether it is open.
    #[prop(into)]
    is_open: Signal<bool>,
    /// Called when it is closed by whoever sees it.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    react(move || {
        let Some(dialog) = dialog.get() else { return };
        if is_open.get() && !dialog.open() {
            // Fails only for a dialog that is open already or not in the document.
            let _ = dialog.show_modal();
        } else if !is_open.get() && dialog.open() {
            dialog.close();
        }
    });
    let closed = move |_| {
        if is_open.get_untracked() {
            on_close.run(());
        }
    };
    view! {
        <dialog class="dialog" node_ref=dialog aria-label=title on:close=closed>
            <header class="dialog-head">
                <h2>{title}</h2>
                <button type="button" class="icon" aria-label="Close" on:click=move |_| on_close.run(())>
                    "✕"
                </button>
            </header>
            <When is_true=move || is_open.get()>{children()}</When>
        </dialog>
    }
}
