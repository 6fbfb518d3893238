//! What the page needs of the browser beyond drawing.

use gloo::events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Calls `react` for every `event` on the window, until the owner is gone.
pub(crate) fn on_window<F>(event: &'static str, mut react: F)
where
    F: FnMut(&web_sys::Event) + 'static,
{
    let listener = EventListener::new_with_options(
        &window(),
        event,
        gloo::events::EventListenerOptions::enable_prevent_default(),
        move |event| react(event),
    );
    let listener = StoredValue::new_local(Some(listener));
    on_cleanup(move || listener.set_value(None));
}

/// Calls `react` with the width and height of `element` now and whenever they change, until the
/// owner is gone.
pub(crate) fn on_resize(element: &web_sys::Element, react: impl Fn(f64, f64) + 'static) {
    let watched = element.clone();
    let closure = Closure::<dyn Fn()>::new(move || {
        let size = watched.get_bounding_client_rect();
        react(size.width(), size.height());
    });
    // Every browser that runs WebAssembly has one; without it the first size stays.
    let Ok(observer) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(element);
    let kept = StoredValue::new_local(Some((observer, closure)));
    on_cleanup(move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
}

/// Whether a media query holds, now and later.
pub(crate) fn media(query: &str) -> Signal<bool> {
    let Ok(Some(list)) = window().match_media(query) else { return Signal::derive(|| false) };
    let holds = RwSignal::new(list.matches());
    let watched = list.clone();
    let listener = EventListener::new(&list, "change", move |_| holds.set(watched.matches()));
    let listener = StoredValue::new_local(Some(listener));
    on_cleanup(move || listener.set_value(None));
    holds.into()
}

/// Milliseconds since the page was opened, with a fraction.
pub(crate) fn now_ms() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// The element of an id, as something that takes the focus.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Gives the focus to the element of an id once what was changed is drawn.
pub(crate) fn focus_later(id: &'static str) {
    request_animation_frame(move || focus(id));
}

/// Unfolds the element of an id once what was changed is drawn.
pub(crate) fn unfold_later(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        let details =
            element.and_then(|found| found.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        if let Some(details) = details {
            details.set_open(true);
        }
    });
}

/// Brings the element of an id into sight with the least movement, once what was changed is drawn.
pub(crate) fn show_later(id: String) {
    request_animation_frame(move || {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
        if let Some(element) = document().get_element_by_id(&id) {
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Closes what was unfolded when something else is pressed.
pub(crate) fn close_elsewhere(list: NodeRef<leptos::html::Details>) {
    on_window("pointerdown", move |event| {
        let Some(list) = list.get_untracked() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !list.contains(target.as_ref()) {
            list.set_open(false);
        }
    });
    on_window("keydown", move |event| {
        let is_escape = event.unchecked_ref::<web_sys::KeyboardEvent>().key() == "Escape";
        if is_escape
            && let Some(list) = list.get_untracked().filter(web_sys::HtmlDetailsElement::open)
        {
            list.set_open(false);
            event.prevent_default();
        }
    });
}

/// Puts a text where it can be pasted from, and says when it is there.
pub(crate) fn copy(text: &str, is_copied: RwSignal<bool>) {
    let copying = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        let is_done = wasm_bindgen_futures::JsFuture::from(copying).await.is_ok();
        is_copied.try_set(is_done);
    });
}

/// Saves bytes as a file, as the browser saves what is downloaded.
pub(crate) fn save(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    save_blob(name, web_sys::Blob::new_with_u8_array_sequence(&parts));
}

/// Saves texts as a file, one after the other.
pub(crate) fn save_texts(name: &str, texts: &[String]) {
    let parts: js_sys::Array = texts.iter().map(|text| JsValue::from_str(text)).collect();
    save_blob(name, web_sys::Blob::new_with_str_sequence(&parts));
}

fn save_blob(name: &str, blob: Result<web_sys::Blob, JsValue>) {
    let url = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    let link = document().create_element("a");
    if let (Ok(url), Ok(link)) = (url, link) {
        // An element that was just made takes attributes.
        let _ = link.set_attribute("href", &url);
        let _ = link.set_attribute("download", name);
        link.unchecked_into::<web_sys::HtmlElement>().click();
        let _ = web_sys::Url::revoke_object_url(&url);
    }
}

/// Lets the browser keep what the page is made of, so that it opens without a network too.
pub(crate) fn keep_page() {
    let navigator = window().navigator();
    // It is not there on pages that somebody could have changed on their way.
    if js_sys::Reflect::has(&navigator, &"serviceWorker".into()) != Ok(true) {
        return;
    }
    let registered = navigator.service_worker().register("./offline.js");
    wasm_bindgen_futures::spawn_local(async move {
        // A browser that refuses opens the page only with a network.
        drop(wasm_bindgen_futures::JsFuture::from(registered).await);
    });
}
