//! Closures that draw or react, each kind behind one type.
//!
//! Drawing code is compiled anew for every type of closure it is given, at some kilobytes each.
//! Behind one type it is compiled once, which makes the page's program a seventh smaller.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;

/// A part of the page that is drawn anew whenever what it depends on changes.
pub(crate) fn part<V, F>(draw: F) -> SharedReactiveFunction<AnyView>
where
    V: IntoView + 'static,
    F: Fn() -> V + Send + 'static,
{
    Arc::new(Mutex::new(move || draw().into_any()))
}

/// Acts now, and whenever what it depends on changes.
pub(crate) fn react(act: impl Fn() + 'static) {
    fn keep(act: Box<dyn Fn()>) {
        Effect::new(move |_| act());
    }
    keep(Box::new(act));
}

/// What is there only while something is true.
#[component]
pub(crate) fn When(
    /// Whether it is.
    #[prop(into)]
    is_true: Signal<bool>,
    /// What is there instead.
    #[prop(into, optional)]
    otherwise: ViewFn,
    /// What is there.
    children: ChildrenFn,
) -> impl IntoView {
    let is_true = Memo::new(move |_| is_true.get());
    part(move || if is_true.get() { children() } else { otherwise.run() })
}
