//! Sending commands of the order domain to the simulated cluster.

mod form;
mod history;

use leptos::prelude::*;

use crate::store::Store;
use form::CommandForm;
use history::History;

/// A form and what became of what was sent.
#[component]
pub(crate) fn CommandsPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let refusal = Signal::derive(move || {
        if !store.is_simulation() {
            Some(
                "Events from a file are what happened: they take no commands. Open the simulation to send some.",
            )
        } else if store.is_regional() {
            Some(
                "The regions of this scenario take changes of rows: write them under Cluster, Conflicts. The shop takes commands.",
            )
        } else if !store.is_following() {
            Some("You are looking at the past. Go to the head to send a command.")
        } else {
            None
        }
    });
    view! {
        <div class="page commands">
            <h1>"Commands"</h1>
            <CommandForm refusal />
            <History />
        </div>
    }
}
