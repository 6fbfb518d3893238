//! What was done so far, what is to come, and all of it as a script.

use everview_protocol::session::{ChaosState, ClusterState, FaultState, Reply, Request, StepState};
use leptos::prelude::*;

use crate::component::badge::{Badge, Tone};
use crate::model::format::{counted, duration, position};
use crate::reactive::{When, part};
use crate::store::Store;

/// The steps, the latest first, with those to come before them.
#[component]
pub(crate) fn Done(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let chaos = Memo::new(move |_| {
        cluster.with(|cluster| {
            cluster.as_ref().map_or_else(ChaosState::default, |now| now.chaos.clone())
        })
    });
    let now = move || cluster.with(|cluster| cluster.as_ref().map_or(0, |now| now.now_ms));
    let about = move || chaos.with(|chaos| chaos.about.clone());
    let is_empty = move || chaos.with(|chaos| chaos.next.is_empty() && chaos.done.is_empty());
    let next = move || {
        chaos.with(|chaos| chaos.next.iter().rev().map(|step| queued(step, now())).collect_view())
    };
    let more = move || {
        chaos.with(|chaos| {
            let more = chaos.queued.saturating_sub(chaos.next.len() as u64);
            (0 < more).then(|| format!("{} after those.", counted(more, "step")))
        })
    };
    let done =
        move || chaos.with(|chaos| chaos.done.iter().map(|one| row(one, store)).collect_view());
    view! {
        <section class="card" aria-label="What was done">
            <h2>"What was done"</h2>
            <p class="scenario-about">{part(about)}</p>
            <p>{part(more)}</p>
            <When
                is_true=move || !is_empty()
                otherwise=|| view! { <p class="empty">"Nothing yet. The cluster runs undisturbed."</p> }
            >
                <div class="table-scroll" tabindex="0" role="region" aria-label="Steps">
                    <table class="table" id="steps">
                        <thead>
                            <tr>
                                <th scope="col">"step"</th>
                                <th scope="col">"state"</th>
                                <th scope="col" class="number">"at (simulated)"</th>
                                <th scope="col" class="number">"event"</th>
                            </tr>
                        </thead>
                        <tbody>{part(next)} {part(done)}</tbody>
                    </table>
                </div>
            </When>
            <ScriptSoFar />
        </section>
    }
}

fn queued(step: &StepState, now_ms: u64) -> impl IntoView + use<> {
    let word = format!("in {}", duration(step.at_ms.saturating_sub(now_ms)));
    view! {
        <tr>
            <th scope="row"><code>{step.text.clone()}</code></th>
            <td><Badge tone=Signal::stored(Tone::Idle) word=Signal::stored(word) /></td>
            <td class="number">{duration(step.at_ms)}</td>
            <td class="number">"–"</td>
        </tr>
    }
}

fn row(fault: &FaultState, store: Store) -> impl IntoView + use<> {
    let (tone, word) = match (fault.mends, fault.until_ms, fault.until_position) {
        _ if fault.is_write => (Tone::Idle, "written".to_owned()),
        (true, ..) => (Tone::Ok, "mended".to_owned()),
        (false, None, _) => (Tone::Warn, "until it is mended".to_owned()),
        (false, Some(until), None) => (Tone::Warn, format!("until {}", duration(until))),
        (false, Some(_), Some(_)) => (Tone::Ok, "over".to_owned()),
    };
    let (at, at_ms) = (fault.position, fault.step.at_ms);
    view! {
        <tr>
            <th scope="row"><code>{fault.step.text.clone()}</code></th>
            <td><Badge tone=Signal::stored(tone) word=Signal::stored(word) /></td>
            <td class="number">{duration(fault.step.at_ms)}</td>
            <td class="number">
                <button
                    type="button"
                    class="link"
                    title="Move the playhead to what the client had then"
                    on:click=move |_| store.jump_to_moment(at, at_ms)
                >
                    {position(at)}
                </button>
            </td>
        </tr>
    }
}

/// All that was done, as a script that can be played again.
#[component]
fn ScriptSoFar() -> impl IntoView {
    let store = expect_context::<Store>();
    let script = RwSignal::new(None::<String>);
    let load = move |_| {
        store.ask(Request::Script, move |reply| {
            if let Reply::Script(text) = reply {
                script.set(text);
            }
        });
    };
    let shown = move || {
        script.get().map(|text| {
            view! {
                <textarea
                    id="script-so-far"
                    class="scenario-text"
                    aria-label="Script of what was done"
                    readonly
                    rows="8"
                    wrap="off"
                    prop:value=text
                    on:focus:target=move |event| event.target().select()
                ></textarea>
            }
        })
    };
    view! {
        <p class="row">
            <button type="button" class="button" on:click=load>"Show it as a script"</button>
            <span class="hint">
                {Signal::derive(move || if store.is_regional() {
                    "What you restored is not in it, the faults and the writes are."
                } else {
                    "Commands that you sent are not in it, the faults and the shop's orders are."
                })}
            </span>
        </p>
        {part(shown)}
    }
}
