//! The Everview dashboard: a page that shows, and a worker that keeps the engine.
//!
//! [`show`] is the page, [`work`] the worker; each is the whole of a program of its own. They share
//! nothing but the messages of [`everview_protocol::session`], so that the page never waits for the
//! engine.

#![expect(unreachable_pub, reason = "the macro of components makes them public")]

mod app;
mod backend;
mod component;
mod dom;
mod model;
mod page;
mod reactive;
mod store;
mod theme;
mod wish;
mod worker;
mod zone;

/// Shows the dashboard in the document's body.
pub fn show() {
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
    dom::keep_page();
    leptos::mount::mount_to_body(app::App);
}

/// Answers the page that started this worker, until it is closed.
pub fn work() {
    worker::start();
}
