//! The form.

use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::reactive::{When, part};
use crate::store::{CommandKind, Draft, Store, fresh_key};

/// A field of a command.
struct Field {
    label: &'static str,
    id: &'static str,
    get: fn(&Draft) -> &String,
    set: fn(&mut Draft, String),
}

const ORDER: Field = Field {
    label: "Order",
    id: "command-order",
    get: |draft| &draft.order,
    set: |draft, text| draft.order = text,
};
const CUSTOMER: Field = Field {
    label: "Customer",
    id: "command-customer",
    get: |draft| &draft.customer,
    set: |draft, text| draft.customer = text,
};
const REGION: Field = Field {
    label: "Region",
    id: "command-region",
    get: |draft| &draft.region,
    set: |draft, text| draft.region = text,
};
const SKU: Field = Field {
    label: "Article",
    id: "command-sku",
    get: |draft| &draft.sku,
    set: |draft, text| draft.sku = text,
};
const QUANTITY: Field = Field {
    label: "Quantity",
    id: "command-quantity",
    get: |draft| &draft.quantity,
    set: |draft, text| draft.quantity = text,
};
const PRICE: Field = Field {
    label: "Price of one, in cents",
    id: "command-price",
    get: |draft| &draft.price_cents,
    set: |draft, text| draft.price_cents = text,
};
const METHOD: Field = Field {
    label: "Paid by",
    id: "command-method",
    get: |draft| &draft.method,
    set: |draft, text| draft.method = text,
};
const CARRIER: Field = Field {
    label: "Carrier",
    id: "command-carrier",
    get: |draft| &draft.carrier,
    set: |draft, text| draft.carrier = text,
};
const REASON: Field = Field {
    label: "Reason",
    id: "command-reason",
    get: |draft| &draft.reason,
    set: |draft, text| draft.reason = text,
};

fn fields(kind: CommandKind) -> &'static [&'static Field] {
    match kind {
        CommandKind::PlaceOrder => &[&ORDER, &CUSTOMER, &REGION],
        CommandKind::AddItem => &[&ORDER, &SKU, &QUANTITY, &PRICE],
        CommandKind::PayOrder => &[&ORDER, &METHOD],
        CommandKind::ShipOrder => &[&ORDER, &CARRIER],
        CommandKind::CancelOrder => &[&ORDER, &REASON],
    }
}

/// The command that is being written.
#[component]
pub(crate) fn CommandForm(
    /// Why nothing can be sent now, if so.
    refusal: Signal<Option<&'static str>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let problem = RwSignal::new(None::<String>);
    let kind = Memo::new(move |_| store.draft.with(|draft| draft.kind));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match store.draft.with_untracked(Draft::command) {
            Ok(command) => {
                problem.set(None);
                store.dispatch(command);
            }
            Err(reason) => problem.set(Some(reason)),
        }
    };
    let inputs = move || fields(kind.get()).iter().map(|field| input(field, store)).collect_view();
    view! {
        <form class="card command-form" on:submit=send>
            <div class="row" role="group" aria-label="Command">
                {CommandKind::ALL.into_iter().map(|known| kind_button(known, kind, store)).collect_view()}
            </div>
            <div class="command-fields">{part(inputs)}</div>
            <div class="command-key">
                <label for="command-key">"Idempotency key"</label>
                <div class="row">
                    <input
                        id="command-key"
                        type="text"
                        autocomplete="off"
                        prop:value=Signal::derive(move || store.draft.with(|draft| draft.key.clone()))
                        on:input:target=move |event| {
                            let key = event.target().value();
                            store.draft.update(|draft| draft.key = key);
                        }
                    />
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| store.draft.update(|draft| draft.key = fresh_key())
                    >
                        "New key"
                    </button>
                </div>
                <p class="hint">"Sent twice with the same key, a command is done once."</p>
            </div>
            <p class="problem" role="alert">{Signal::derive(move || problem.get())}</p>
            <div class="row">
                <button type="submit" class="button button-strong" disabled=move || refusal.get().is_some()>
                    {Signal::derive(move || format!("Send {}", kind.get().name()))}
                </button>
                <Refusal refusal />
            </div>
        </form>
    }
}

/// Why the button does nothing, and what to do about it.
#[component]
fn Refusal(
    /// Why.
    refusal: Signal<Option<&'static str>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let way_out = move || {
        let takes_commands = store.is_simulation() && !store.is_regional();
        let word = if takes_commands { "To the head" } else { "Open the simulation" };
        let go = move |_| if takes_commands { store.follow() } else { store.simulate(42) };
        view! { <button type="button" class="button" on:click=go>{word}</button> }
    };
    view! {
        <When is_true=move || refusal.get().is_some()>
            <Badge tone=Signal::stored(Tone::Idle) word=Signal::derive(move || refusal.get().unwrap_or_default().to_owned()) />
            {part(way_out)}
        </When>
    }
}

fn kind_button(known: CommandKind, kind: Memo<CommandKind>, store: Store) -> impl IntoView {
    view! {
        <button
            type="button"
            class="tab"
            aria-pressed=Signal::derive(move || (kind.get() == known).to_string())
            on:click=move |_| store.draft.update(|draft| draft.kind = known)
        >
            {known.name()}
        </button>
    }
}

fn input(field: &'static Field, store: Store) -> impl IntoView {
    view! {
        <div class="command-field">
            <label for=field.id>{field.label}</label>
            <input
                id=field.id
                type="text"
                autocomplete="off"
                prop:value=Signal::derive(move || store.draft.with(|draft| (field.get)(draft).clone()))
                on:input:target=move |event| {
                    let text = event.target().value();
                    store.draft.update(|draft| (field.set)(draft, text));
                }
            />
        </div>
    }
}
