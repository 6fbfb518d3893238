//! What the browser keeps.

use std::time::Duration;

use everview_protocol::session::{Keeping, KeptSession, KeptSessions, MemoryState, Reply, Request};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::address::{Address, SourceLink};
use crate::model::format::{bytes, counted, grouped, percent};
use crate::reactive::{part, react};
use crate::store::Store;
use crate::zone::Zone;

/// How often the memory is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A megabyte, as it is shown.
const MEGABYTE: u64 = 1_000_000;

/// The most memory that a page can have at all.
const MOST_MEGABYTES: u64 = 4_096;

/// The sessions that are kept, and what becomes of the one that is open.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let keeping = Memo::new(move |_| {
        store.session.with(|session| {
            session.as_ref().map(|session| session.keeping.clone()).unwrap_or_default()
        })
    });
    let kept = RwSignal::new(None::<Result<KeptSessions, String>>);
    let look = move || {
        store.ask(Request::Kept, move |reply| match reply {
            Reply::Kept(sessions) => kept.set(Some(Ok(sessions))),
            Reply::Impossible(reason) => kept.set(Some(Err(reason))),
            _ => {}
        });
    };
    react(move || {
        keeping.track();
        look();
    });
    let forget = Callback::new(move |name: String| {
        store.ask(Request::Forget { name }, move |reply| {
            if let Reply::Impossible(reason) = reply {
                store.notice.set(Some(format!("It could not be deleted: {reason}.")));
            }
            look();
        });
    });
    let listed = move || {
        match kept.get() {
        None => view! { <p class="empty" role="status">"Looking…"</p> }.into_any(),
        Some(Err(reason)) => view! {
            <p class="empty" role="status">{format!("Nothing is kept: {reason}. All else works.")}</p>
        }
        .into_any(),
        Some(Ok(sessions)) => list(&sessions, forget).into_any(),
    }
    };
    let open = move || {
        match keeping.get() {
        Keeping::Never => view! {
            <p>"What is open now is not kept: the simulated cluster begins anew from its seed, and an address is fetched anew."</p>
        }
        .into_any(),
        keeping => {
            view! { <p>"What is open now: "{keeping_badge(&keeping)}</p> }.into_any()
        }
    }
    };
    view! {
        <div class="page settings">
            <h1>"Settings"</h1>
            <section>
                <h2>"Kept sessions"</h2>
                <p class="hint">
                    "A file that was opened is kept by this browser with the definitions of its views, and is there again after a reload. Records that were refused are not kept, nor is anything sent anywhere."
                </p>
                {part(open)}
                {part(listed)}
            </section>
            <MemorySection />
        </div>
    }
}

/// What the engine takes of the computer's memory, and what it may.
#[component]
fn MemorySection() -> impl IntoView {
    let store = expect_context::<Store>();
    let memory = RwSignal::new(None::<MemoryState>);
    let look = move || {
        store.ask(Request::Memory, move |reply| {
            if let Reply::Memory(state) = reply {
                memory.try_set(Some(state));
            }
        });
    };
    look();
    if let Ok(handle) = set_interval_with_handle(look, LOOK_AGAIN) {
        on_cleanup(move || handle.clear());
    }
    let budget =
        Memo::new(move |_| memory.with(|memory| memory.map(|memory| memory.budget / MEGABYTE)));
    let set = move |text: String| {
        if let Ok(megabytes) = text.trim().parse::<u64>() {
            store.set_budget(megabytes.clamp(1, MOST_MEGABYTES) * MEGABYTE, memory);
        }
    };
    view! {
        <section>
            <h2>"Memory"</h2>
            <p class="hint">
                "When the engine takes more than its budget it gives up the views before the last definitions, moves older events and what is needed to go back to them into a file of this browser’s, where it has one, and then gives up every other checkpoint: going far back takes longer then, and nothing else changes."
            </p>
            {part(move || memory.get().map(|state| meter(&state)))}
            <label for="memory-budget">"Budget in MB"</label>
            <div class="row">
                <input
                    id="memory-budget"
                    type="number"
                    min="1"
                    max=MOST_MEGABYTES
                    prop:value=Signal::derive(move || budget.get().map(|budget| budget.to_string()))
                    on:change:target=move |event| set(event.target().value())
                />
            </div>
        </section>
    }
}

fn meter(state: &MemoryState) -> impl IntoView + use<> {
    let (total, budget) = (state.total(), state.budget);
    let (tone, word) = match (budget < total, state.is_thinned) {
        (true, _) => (Tone::Warn, "over the budget, and nothing is left to give up".to_owned()),
        (false, true) => {
            (Tone::Info, "made smaller: going far back takes longer than it could".to_owned())
        }
        (false, false) => (Tone::Ok, "within the budget".to_owned()),
    };
    let checkpoints = counted(state.checkpoint_count, "checkpoint");
    let parts = [
        ("events".to_owned(), state.log),
        ("what repeated events are recognised by".to_owned(), state.duplicates),
        ("rows of the views".to_owned(), state.rows),
        ("their history, for going back".to_owned(), state.history),
        ("texts and large numbers of the rows".to_owned(), state.dictionary),
        (format!("rows at {checkpoints}"), state.checkpoints),
    ];
    let rows = parts.into_iter().map(|(name, size)| {
        view! { <tr><th scope="row">{name}</th><td class="number">{bytes(size)}</td></tr> }
    });
    let spilled = state.spilled.filter(|bytes| 0 < *bytes || state.is_disk_full).map(|spilled| {
        let full = if state.is_disk_full { " The browser takes no more." } else { "" };
        view! {
            <p>
                <strong id="memory-spilled">{bytes(spilled)}</strong>
                {format!(" more on disk, until this page is closed: older events and what is needed to go back to them.{full}")}
            </p>
        }
    });
    let no_disk = state.spilled.is_none().then(|| {
        view! { <p class="hint">"This browser has no file to move older events to, so they stay in memory."</p> }
    });
    let taken = state.taken.map(|taken| {
        let words = format!(
            "The worker has taken {} from the browser, which it never gives back. What derived views keep to go on from, and forks, are in that and not in the table.",
            bytes(taken)
        );
        view! { <p class="hint">{words}</p> }
    });
    view! {
        <p class="row">
            <progress aria-label="Memory taken of the budget" max="100" value=percent(total, budget).min(100)></progress>
            <strong id="memory-total">{bytes(total)}</strong>
            {format!("of {}", bytes(budget))}
            <Badge tone=Signal::stored(tone) word=Signal::stored(word) />
        </p>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Memory">
            <table class="table">
                <thead>
                    <tr><th scope="col">"for"</th><th scope="col" class="number">"memory"</th></tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {spilled}
        {no_disk}
        {taken}
    }
}

fn list(kept: &KeptSessions, forget: Callback<String>) -> impl IntoView + use<> {
    let taken = kept.sessions.iter().map(|session| session.bytes).sum();
    let words = format!(
        "{} of at most {}, {} of at most {}. Where there are more, those go that were not used for longest.",
        counted(kept.sessions.len() as u64, "session"),
        kept.most,
        bytes(taken),
        bytes(kept.most_bytes),
    );
    let zone = Zone::of_page();
    let rows = kept.sessions.iter().map(|session| row(session, zone, forget)).collect_view();
    let table = (!kept.sessions.is_empty()).then(|| {
        view! {
            <div class="table-scroll" tabindex="0" role="region" aria-label="Kept sessions">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"session"</th>
                            <th scope="col" class="number">"events"</th>
                            <th scope="col" class="number">"size"</th>
                            <th scope="col">"used"</th>
                            <th scope="col"><span class="visually-hidden">"delete it"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <p>{words}</p>
        {table}
    }
}

fn row(session: &KeptSession, zone: Zone, forget: Callback<String>) -> AnyView {
    let KeptSession { name, events, bytes: size, used_ms } = session.clone();
    let source = Some(SourceLink::File(name.clone()));
    let href = Address { source, ..Address::default() }.to_string();
    let label = format!("Delete {name}");
    let deleted = name.clone();
    view! {
        <tr>
            <th scope="row"><a href=href>{name}</a></th>
            <td class="number">{grouped(events)}</td>
            <td class="number">{bytes(size)}</td>
            <td>{move || zone.moment(used_ms)}</td>
            <td>
                <button type="button" class="button" aria-label=label on:click=move |_| forget.run(deleted.clone())>
                    "Delete"
                </button>
            </td>
        </tr>
    }
    .into_any()
}

/// Whether what is open will be there again; nothing where that is not to be expected.
pub(super) fn keeping_badge(keeping: &Keeping) -> Option<AnyView> {
    let (tone, word) = match keeping {
        Keeping::Never => return None,
        Keeping::Writing => (Tone::Idle, "being kept…".to_owned()),
        Keeping::Kept => (Tone::Ok, "kept: there again after a reload".to_owned()),
        Keeping::Deleted => (Tone::Idle, "no longer kept: it was deleted".to_owned()),
        Keeping::Failed { reason } => (Tone::Warn, format!("not kept: {reason}")),
    };
    Some(view! { <Badge tone=Signal::stored(tone) word=Signal::stored(word) /> }.into_any())
}
