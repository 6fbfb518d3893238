//! JSON that opens branch by branch. Whatever the event says is only ever text.

use leptos::prelude::*;

use crate::model::tree::{MEMBERS_AT_ONCE, Node, members, node};
use crate::reactive::{When, part};

/// A JSON text as a tree; its first level is open.
#[component]
pub(crate) fn JsonTree(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    part(move || tree(&text.read()))
}

fn tree(text: &str) -> AnyView {
    match node(text) {
        Node::Branch { text, .. } => {
            view! { <ul class="json-tree">{branch(&text, 0)}</ul> }.into_any()
        }
        leaf => view! { <p class="json-tree">{value(&leaf)}</p> }.into_any(),
    }
}

/// The members of a branch, and a button for those that are too many at once.
fn branch(text: &str, skipped: usize) -> AnyView {
    let all = members(text);
    let rest = all.len().saturating_sub(skipped + MEMBERS_AT_ONCE);
    let shown = all
        .into_iter()
        .skip(skipped)
        .take(MEMBERS_AT_ONCE)
        .map(|(name, node)| member(name, node))
        .collect_view();
    let more = (0 < rest).then(|| {
        let is_open = RwSignal::new(false);
        let text = text.to_owned();
        view! {
            <When
                is_true=move || is_open.get()
                otherwise=move || {
                    view! {
                        <li>
                            <button type="button" class="button" on:click=move |_| is_open.set(true)>
                                {format!("show {} more", rest.min(MEMBERS_AT_ONCE))}
                            </button>
                        </li>
                    }
                }
            >
                {branch(&text, skipped + MEMBERS_AT_ONCE)}
            </When>
        }
    });
    view! { {shown} {more} }.into_any()
}

fn member(name: String, node: Node) -> AnyView {
    let Node::Branch { is_array, members, text } = node else {
        return view! {
            <li>
                <span class="json-name">{name}</span>
                ": "
                {value(&node)}
            </li>
        }
        .into_any();
    };
    let is_open = RwSignal::new(false);
    let summary = if is_array { format!("[ {members} ]") } else { format!("{{ {members} }}") };
    view! {
        <li>
            <details on:toggle=move |_| is_open.set(true)>
                <summary>
                    <span class="json-name">{name}</span>
                    ": "
                    <span class="json-size">{summary}</span>
                </summary>
                <When is_true=move || is_open.get()>
                    <ul>{branch(&text, 0)}</ul>
                </When>
            </details>
        </li>
    }
    .into_any()
}

fn value(node: &Node) -> impl IntoView + use<> {
    match node {
        Node::Text(text) => view! { <span class="json-text">{text.clone()}</span> }.into_any(),
        Node::Literal(text) => {
            view! { <span class="json-literal">{text.clone()}</span> }.into_any()
        }
        Node::Branch { .. } => ().into_any(),
    }
}
