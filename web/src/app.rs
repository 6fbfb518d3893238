//! The frame around the pages.

mod futures;
mod keys;
mod markers;
mod range;
mod row;
mod share;
mod time;

use everview_protocol::session::{EventDetail, Reply, Request};
use leptos::prelude::*;
use web_sys::DragEvent;

use crate::component::crash::Crash;
use crate::component::drawer::{Drawer, DrawerCalls};
use crate::component::header::Header;
use crate::component::help::Help;
use crate::component::mapping::MappingDialog;
use crate::component::notice::Notice;
use crate::component::opener::Opener;
use crate::component::progress::Progress;
use crate::component::rail::Rail;
use crate::dom::{focus, on_window};
use crate::model::address::Page;
use crate::page::chaos::{ChaosPage, Lab};
use crate::page::cluster::ClusterPage;
use crate::page::commands::CommandsPage;
use crate::page::definitions::DefinitionsPage;
use crate::page::overview::OverviewPage;
use crate::page::settings::SettingsPage;
use crate::page::streams::StreamsPage;
use crate::page::view::ViewPage;
use crate::page::views::ViewsPage;
use crate::reactive::{When, part, react};
use crate::store::Store;
use crate::zone::Zone;
use futures::WhatIfBar;
use row::RowDrawer;
use share::CapsuleBar;
use time::Time;

/// The dashboard.
#[component]
pub(crate) fn App() -> impl IntoView {
    let store = Store::start();
    provide_context(store);
    provide_context(Lab::default());
    provide_context(Zone::load());
    let is_opener_open = RwSignal::new(false);
    let is_help_open = RwSignal::new(false);
    keys::listen(store, is_help_open);
    let is_dropping = watch_drops(store);
    view! {
        <div class="app" class:app-replays=move || store.session.with(Option::is_some) && !store.is_following() class:app-what-if=move || store.fork().is_some()>
            <button type="button" class="skip" on:click=|_| focus("main")>"Skip to the page"</button>
            <Header
                session=store.session
                cluster=store.shown_cluster()
                playhead=store.playhead
                on_open=move |()| is_opener_open.set(true)
                on_help=move |()| is_help_open.set(true)
            />
            <Rail address=store.address />
            <main id="main" class="main" tabindex="-1">
                <Progress
                    opening=store.opening
                    on_show=move |()| store.show_opening()
                    on_cancel=move |()| store.cancel_opening()
                />
                <Notice text=store.notice />
                {part(move || store.crash.get().map(|message| view! { <Crash message=Signal::stored(message) /> }))}
                <CapsuleBar />
                <WhatIfBar />
                <CurrentPage />
            </main>
            <Beside />
            <Time />
        </div>
        <Opener
            is_open=is_opener_open
            on_file=move |file| store.open_file(&file)
            on_url=move |url: String| store.open_url(&url)
            on_simulate=move |seed| store.simulate(seed)
        />
        <MappingDialog
            question=store.mapping
            on_confirm=move |mapping| store.confirm_mapping(mapping)
            on_cancel=move |()| store.cancel_opening()
        />
        <Help is_open=is_help_open />
        <When is_true=move || is_dropping.get()>
            <div class="drop" aria-hidden="true"><p>"Drop the file to open it"</p></div>
        </When>
    }
}

/// The page that the address names.
#[component]
fn CurrentPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let page = Memo::new(move |_| store.address.with(|address| address.page.clone()));
    let is_open = Memo::new(move |_| store.session.with(Option::is_some));
    part(move || {
        if !is_open.get() {
            return view! { <p class="empty" role="status">"The engine starts…"</p> }.into_any();
        }
        match page.get() {
            Page::Overview => view! { <OverviewPage /> }.into_any(),
            Page::Streams => view! { <StreamsPage /> }.into_any(),
            Page::Views => view! { <ViewsPage /> }.into_any(),
            Page::View(name) => view! { <ViewPage name /> }.into_any(),
            Page::Definitions => view! { <DefinitionsPage /> }.into_any(),
            Page::Commands => view! { <CommandsPage /> }.into_any(),
            Page::Cluster(section) => view! { <ClusterPage section /> }.into_any(),
            Page::Chaos => view! { <ChaosPage /> }.into_any(),
            Page::Settings => view! { <SettingsPage /> }.into_any(),
        }
    })
}

/// What lies beside the page: an event, or what is told of a row.
#[component]
fn Beside() -> impl IntoView {
    let store = expect_context::<Store>();
    let has_event = Memo::new(move |_| store.address.with(|address| address.event.is_some()));
    view! {
        <When is_true=has_event otherwise=|| view! { <RowDrawer /> }>
            <EventDrawer />
        </When>
    }
}

/// The event that the address names, beside the page.
#[component]
fn EventDrawer() -> impl IntoView {
    let store = expect_context::<Store>();
    let wanted = Memo::new(move |_| store.address.with(|address| address.event));
    let generation = Memo::new(move |_| {
        store.session.with(|session| session.as_ref().map(|session| session.generation))
    });
    let event = RwSignal::new(None::<EventDetail>);
    react(move || {
        let _ = generation.get();
        match wanted.get() {
            None => event.set(None),
            Some(position) => store.ask(Request::Event { position }, move |reply| {
                if let Reply::Event(found) = reply
                    && wanted.get_untracked() == Some(position)
                {
                    event.set(found);
                }
            }),
        }
    });
    let calls = DrawerCalls {
        close: Callback::new(move |()| store.address.update(|address| address.event = None)),
        seek: Callback::new(move |position| store.jump(position)),
        open: Callback::new(move |position| {
            store.address.update(|address| address.event = Some(position));
        }),
        what_if: Callback::new(move |what| store.what_if(what)),
    };
    let link = Signal::derive(move || {
        let stream = event.with(|event| event.as_ref().map(|event| event.row.stream.clone()));
        store.address.with(|address| address.on_stream(&stream.unwrap_or_default()).to_string())
    });
    let head = Signal::derive(move || store.head());
    part(move || {
        let is_open = event.with(Option::is_some);
        is_open.then(|| {
            let event = Signal::derive(move || event.get().unwrap_or_else(nothing));
            view! { <Drawer event stream_link=link head calls /> }
        })
    })
}

/// Opens a file that is dropped anywhere. Returns whether one is held over the page.
fn watch_drops(store: Store) -> RwSignal<bool> {
    use wasm_bindgen::JsCast as _;
    let is_dropping = RwSignal::new(false);
    on_window("dragover", move |event| {
        event.prevent_default();
        is_dropping.set(true);
    });
    on_window("dragleave", move |event| {
        if event.unchecked_ref::<DragEvent>().related_target().is_none() {
            is_dropping.set(false);
        }
    });
    on_window("drop", move |event| {
        event.prevent_default();
        is_dropping.set(false);
        let files =
            event.unchecked_ref::<DragEvent>().data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            store.open_file(&file);
        }
    });
    is_dropping
}

/// What a drawer shows in the moment in which it is closed.
fn nothing() -> EventDetail {
    EventDetail {
        row: everview_protocol::session::EventRow {
            position: 0,
            time_ms: None,
            gap_ms: None,
            event_type: String::new(),
            stream: String::new(),
            size: 0,
        },
        id: String::new(),
        source: String::new(),
        version: 0,
        epoch: 0,
        time: None,
        data: "null".into(),
        json: String::new(),
    }
}
