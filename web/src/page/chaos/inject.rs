//! Letting one thing go wrong now.

use everview_protocol::session::{ClusterState, Reply, Request};
use leptos::prelude::*;

use super::Lab;
use crate::model::fault::{FaultDraft, Kind, Needs, kinds};
use crate::page::cluster::regions::{names_of, regions_of};
use crate::reactive::part;
use crate::store::Store;

/// What is wanted often, in one press: what it says, and what it does.
const QUICK: [(&str, &str); 9] = [
    ("Kill the leader for 10 s", "kill leader for 10 s"),
    ("Freeze the leader for 10 s", "freeze leader for 10 s"),
    ("Cut the leader off for 10 s", "isolate leader for 10 s"),
    ("Lose zone 1 for 20 s", "zone-outage 1 for 20 s"),
    ("Slow A to B by 400 ms for 20 s", "slow A B by 400 for 20 s"),
    ("Set the leader's clock on by 5 s", "skew leader by 5000"),
    ("Stall the leader's disk for 5 s", "stall-disk leader for 5 s"),
    ("Lose all of the leader's messages to this page for 5 s", "cut leader client for 5 s"),
    ("Mend everything", "mend"),
];

/// The same where each region has a log of its own.
const QUICK_REGIONS: [(&str, &str); 8] = [
    ("Part A from the others for 10 s", "partition A for 10 s"),
    ("Lose region 1 for 20 s", "region-outage 1 for 20 s"),
    ("Kill B for 10 s", "kill B for 10 s"),
    ("Freeze A for 10 s", "freeze A for 10 s"),
    ("Slow A to B by 2 s for 20 s", "slow A B by 2000 for 20 s"),
    ("Lose half of what B sends to A for 20 s", "lossy B A by 500000 for 20 s"),
    ("Set B's clock back by 5 s", "skew B by -5000"),
    ("Mend everything", "mend"),
];

/// A form for a fault, and buttons for those that are wanted often.
#[component]
pub(crate) fn Inject(
    /// The cluster.
    cluster: Memo<Option<ClusterState>>,
) -> impl IntoView {
    let (store, lab) = (expect_context::<Store>(), expect_context::<Lab>());
    let problem = RwSignal::new(None::<String>);
    let inject = move |text: String| {
        problem.set(None);
        store.ask(Request::Inject { text }, move |reply| {
            if let Reply::Invalid(reason) | Reply::Impossible(reason) = reply {
                problem.set(Some(reason));
            }
        });
    };
    let regions = regions_of(cluster);
    let is_regional = Memo::new(move |_| regions.with(Option::is_some));
    let quick = move || {
        let quick = if is_regional.get() { &QUICK_REGIONS[..] } else { &QUICK };
        let button = |&(words, line): &(&'static str, &'static str)| {
            let press = move |_| inject(line.to_owned());
            view! { <button type="button" class="button" on:click=press>{words}</button> }
        };
        quick.iter().map(button).collect_view()
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        inject(lab.fault.with_untracked(FaultDraft::line));
    };
    let sites = names_of(regions);
    let nodes = Memo::new(move |_| {
        cluster.with(|cluster| {
            let nodes = cluster.iter().flat_map(|now| &now.nodes);
            nodes.map(|node| node.name.clone()).collect::<Vec<_>>()
        })
    });
    let servers = Memo::new(move |_| {
        cluster.with(|cluster| {
            let servers = cluster.iter().flat_map(ClusterState::servers);
            servers.map(|server| server.name.clone()).collect::<Vec<_>>()
        })
    });
    let kind = Memo::new(move |_| lab.fault.with(|draft| draft.kind.clone()));
    let fields = move || {
        kind.track();
        let who = Who { nodes: nodes.get(), servers: servers.get(), sites: sites.get() };
        fields(lab, &who, lab.fault.with_untracked(FaultDraft::kind))
    };
    let options = move || {
        let is_there = |kind: &Kind| !is_regional.get() || kind.is_of_regions();
        kinds().into_iter().filter(is_there).map(|known| kind_option(&known, lab)).collect_view()
    };
    let line = move || lab.fault.with(FaultDraft::line);
    view! {
        <section class="card inject" aria-label="Inject a fault">
            <h2>"Inject a fault"</h2>
            <div class="row">{part(quick)}</div>
            <form on:submit=send>
                <div class="command-fields">
                    <div class="command-field">
                        <label for="fault-kind">"Fault"</label>
                        <select
                            id="fault-kind"
                            on:change:target=move |event| {
                                let kind = event.target().value();
                                lab.fault.update(|draft| {
                                    // What was written was meant for another kind.
                                    *draft = FaultDraft {
                                        kind,
                                        amount: String::new(),
                                        text: String::new(),
                                        ..draft.clone()
                                    };
                                });
                            }
                        >
                            {part(options)}
                        </select>
                    </div>
                    {part(fields)}
                </div>
                <p class="row">
                    <code id="fault-line">{part(line)}</code>
                    <button type="submit" class="button button-danger">"Inject"</button>
                </p>
                <p class="problem" role="alert">{part(move || problem.get())}</p>
            </form>
        </section>
    }
}

fn kind_option(kind: &Kind, lab: Lab) -> impl IntoView + use<> {
    let name = kind.name;
    let is_chosen = move || lab.fault.with(|draft| draft.kind == name);
    view! { <option value=name prop:selected=is_chosen>{format!("{name}: {}", kind.words)}</option> }
}

/// Who can be hit.
struct Who {
    nodes: Vec<String>,
    servers: Vec<String>,
    /// The sites of regions with a log each; then nobody leads, and there is nobody else.
    sites: Vec<String>,
}

impl Who {
    fn with_nodes(&self, others: &[&str]) -> Vec<String> {
        let is_led = self.sites.is_empty();
        let others = others.iter().filter(|_| is_led).map(|&name| name.to_owned());
        others.chain(self.nodes.iter().chain(&self.sites).cloned()).collect()
    }

    fn machines(&self) -> Vec<String> {
        [self.with_nodes(&["leader"]), self.servers.clone()].concat()
    }

    fn everybody(&self) -> Vec<String> {
        let balancer = (!self.servers.is_empty()).then(|| "balancer".to_owned());
        let nodes = self.with_nodes(&["leader", "lease", "client"]);
        nodes.into_iter().chain(balancer).chain(self.servers.iter().cloned()).collect()
    }
}

/// What the kind needs to be told.
fn fields(lab: Lab, who: &Who, kind: Kind) -> Vec<AnyView> {
    let mut fields = match kind.needs {
        Needs::Node => vec![choice(lab, &TARGET, "Whom", who.machines())],
        Needs::Server => vec![choice(lab, &TARGET, "Whom", who.servers.clone())],
        Needs::Heir => vec![choice(lab, &TARGET, "Whom", who.with_nodes(&[]))],
        Needs::Link => {
            vec![
                choice(lab, &TARGET, "From", who.everybody()),
                choice(lab, &OTHER, "To", who.everybody()),
            ]
        }
        Needs::Group => vec![input(lab, &TEXT, "Nodes, such as A C", "A")],
        Needs::Number => vec![input(lab, &TEXT, "Its number", "1")],
        Needs::Nothing => Vec::new(),
    };
    if let Some(amount) = kind.amount {
        fields.push(input(lab, &AMOUNT, amount.unit, amount.usual));
    }
    if kind.lasts {
        fields.push(input(lab, &SECONDS, "For how many seconds", "until it is mended"));
    }
    fields
}

/// A field of the fault that is being put together.
struct Field {
    id: &'static str,
    get: fn(&FaultDraft) -> &String,
    set: fn(&mut FaultDraft, String),
}

const TARGET: Field = Field {
    id: "fault-target",
    get: |draft| &draft.target,
    set: |draft, text| draft.target = text,
};
const OTHER: Field =
    Field { id: "fault-other", get: |draft| &draft.other, set: |draft, text| draft.other = text };
const TEXT: Field =
    Field { id: "fault-text", get: |draft| &draft.text, set: |draft, text| draft.text = text };
const AMOUNT: Field = Field {
    id: "fault-amount",
    get: |draft| &draft.amount,
    set: |draft, text| draft.amount = text,
};
const SECONDS: Field = Field {
    id: "fault-seconds",
    get: |draft| &draft.seconds,
    set: |draft, text| draft.seconds = text,
};

fn choice(lab: Lab, field: &'static Field, label: &'static str, names: Vec<String>) -> AnyView {
    // Somebody who was chosen for another kind of fault may not be one for this.
    let is_known = lab.fault.with_untracked(|draft| names.contains((field.get)(draft)));
    if let (false, Some(first)) = (is_known, names.first()) {
        lab.fault.update(|draft| (field.set)(draft, first.clone()));
    }
    let option = |name: String| {
        let value = name.clone();
        let is_chosen = move || lab.fault.with(|draft| *(field.get)(draft) == value);
        view! { <option value=name.clone() prop:selected=is_chosen>{name.clone()}</option> }
    };
    view! {
        <div class="command-field">
            <label for=field.id>{label}</label>
            <select
                id=field.id
                on:change:target=move |event| {
                    let value = event.target().value();
                    lab.fault.update(|draft| (field.set)(draft, value));
                }
            >
                {names.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn input(lab: Lab, field: &'static Field, label: &'static str, usual: &'static str) -> AnyView {
    view! {
        <div class="command-field">
            <label for=field.id>{label}</label>
            <input
                id=field.id
                type="text"
                autocomplete="off"
                placeholder=usual
                prop:value=Signal::derive(move || lab.fault.with(|draft| (field.get)(draft).clone()))
                on:input:target=move |event| {
                    let value = event.target().value();
                    lab.fault.update(|draft| (field.set)(draft, value));
                }
            />
        </div>
    }
    .into_any()
}
