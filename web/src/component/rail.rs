//! The way between pages: at the side, or at the bottom of a narrow screen.

use leptos::prelude::*;

use crate::model::address::{Address, Page, Section};

/// Links to the pages, which keep the session's place.
#[component]
pub(crate) fn Rail(
    /// What the page shows.
    #[prop(into)]
    address: Signal<Address>,
) -> impl IntoView {
    let link = move |glyph: &'static str, word: &'static str, page: Page| {
        let target = page.clone();
        let current =
            move || address.with(|address| is_part_of(&address.page, &page)).then_some("page");
        view! {
            <a
                class="rail-link"
                href=Signal::derive(move || address.with(|address| address.on(target.clone()).to_string()))
                aria-current=Signal::derive(current)
            >
                <span class="rail-glyph" aria-hidden="true">{glyph}</span>
                <span>{word}</span>
            </a>
        }
    };
    view! {
        <nav class="rail" aria-label="Pages">
            {link("▣", "Overview", Page::Overview)}
            {link("≡", "Streams", Page::Streams)}
            {link("▤", "Views", Page::Views)}
            {link("⌘", "Commands", Page::Commands)}
            {link("◉", "Cluster", Page::Cluster(Section::Map))}
            {link("⚡", "Chaos", Page::Chaos)}
            {link("⚙", "Settings", Page::Settings)}
        </nav>
    }
}

fn is_part_of(page: &Page, section: &Page) -> bool {
    match section {
        Page::Views => matches!(page, Page::Views | Page::View(_) | Page::Definitions),
        Page::Cluster(_) => matches!(page, Page::Cluster(_)),
        section => page == section,
    }
}
