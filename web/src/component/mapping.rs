//! Saying which field of a file is what of an event.

use everview_protocol::session::{FieldMapping, InputFormat, MappingQuestion};
use leptos::prelude::*;

use crate::component::dialog::Dialog;
use crate::reactive::{part, react};

/// One part of an event's envelope, as it is asked for.
struct Part {
    label: &'static str,
    hint: &'static str,
    of: fn(&FieldMapping) -> &Option<String>,
    set: fn(&mut FieldMapping, Option<String>),
    without: &'static str,
}

const PARTS: [Part; 7] = [
    Part {
        label: "Type",
        hint: "what happened",
        of: |mapping| &mapping.event_type,
        set: |mapping, field| mapping.event_type = field,
        without: "every record is a “record”",
    },
    Part {
        label: "Stream",
        hint: "what it happened to",
        of: |mapping| &mapping.subject,
        set: |mapping, field| mapping.subject = field,
        without: "all in one stream",
    },
    Part {
        label: "Time",
        hint: "when it happened",
        of: |mapping| &mapping.time,
        set: |mapping, field| mapping.time = field,
        without: "no time",
    },
    Part {
        label: "Id",
        hint: "unique; a second event of the same id is a duplicate",
        of: |mapping| &mapping.id,
        set: |mapping, field| mapping.id = field,
        without: "the place in the file",
    },
    Part {
        label: "Source",
        hint: "who says so",
        of: |mapping| &mapping.source,
        set: |mapping, field| mapping.source = field,
        without: "the file",
    },
    Part {
        label: "Sequence",
        hint: "the source's own count, in which gaps are noticed",
        of: |mapping| &mapping.sequence,
        set: |mapping, field| mapping.sequence = field,
        without: "gaps are not noticed",
    },
    Part {
        label: "Data",
        hint: "what views read",
        of: |mapping| &mapping.data,
        set: |mapping, field| mapping.data = field,
        without: "the whole record",
    },
];

/// Shows the guess with the first records; nothing is read before it is confirmed.
#[component]
pub(crate) fn MappingDialog(
    /// The file that waits, if one does.
    #[prop(into)]
    question: Signal<Option<MappingQuestion>>,
    /// Called with the mapping to read on with.
    #[prop(into)]
    on_confirm: Callback<FieldMapping>,
    /// Called when the file shall not be opened.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let mapping = RwSignal::new(FieldMapping::default());
    react(move || {
        if let Some(question) = question.get() {
            mapping.set(question.guess);
        }
    });
    let asked = move || {
        question.get().map(|question| {
            let parts =
                PARTS.iter().map(|part| field_choice(part, &question.fields, mapping)).collect_view();
            view! {
                <p>
                    <strong>{question.name.clone()}</strong>
                    {format!(
                        " is {} and has no CloudEvents in it. Say which field is what: this is a guess.",
                        format_name(question.format),
                    )}
                </p>
                <div class="mapping-parts">{parts}</div>
                <h3>"The first records"</h3>
                {samples(&question)}
            }
        })
    };
    view! {
        <Dialog
            title="What is what in this file?"
            is_open=Signal::derive(move || question.with(Option::is_some))
            on_close=on_cancel
        >
            <div class="mapping">
                {part(asked)}
                <footer class="dialog-foot">
                    <button type="button" class="button" on:click=move |_| on_cancel.run(())>
                        "Cancel"
                    </button>
                    <button
                        type="button"
                        class="button button-strong"
                        on:click=move |_| on_confirm.run(mapping.get_untracked())
                    >
                        "Read the file like this"
                    </button>
                </footer>
            </div>
        </Dialog>
    }
}

fn field_choice(
    part: &'static Part,
    fields: &[String],
    mapping: RwSignal<FieldMapping>,
) -> impl IntoView + use<> {
    let choose = move |field: String| {
        mapping
            .update(|mapping| (part.set)(mapping, Some(field).filter(|field| !field.is_empty())));
    };
    let options = fields
        .iter()
        .map(|field| {
            let (field, value) = (field.clone(), field.clone());
            let is_chosen = {
                let field = field.clone();
                move || mapping.with(|mapping| (part.of)(mapping).as_ref() == Some(&field))
            };
            view! { <option value=value prop:selected=is_chosen>{field}</option> }
        })
        .collect_view();
    let is_unset = move || mapping.with(|mapping| (part.of)(mapping).is_none());
    view! {
        <label class="mapping-part">
            <span>{part.label}" "<small>{part.hint}</small></span>
            <select on:change:target=move |event| choose(event.target().value())>
                <option value="" prop:selected=Signal::derive(is_unset)>{format!("– none: {} –", part.without)}</option>
                {options}
            </select>
        </label>
    }
}

fn samples(question: &MappingQuestion) -> impl IntoView + use<> {
    let head = question.fields.iter().cloned().map(|field| view! { <th scope="col">{field}</th> });
    let rows = question.samples.iter().map(|sample| {
        let cells = sample.values.iter().cloned().map(|value| view! { <td>{value}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="The first records">
            <table class="table">
                <thead>
                    <tr>{head.collect_view()}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn format_name(format: InputFormat) -> &'static str {
    match format {
        InputFormat::Ndjson => "NDJSON",
        InputFormat::JsonArray => "a JSON array",
        InputFormat::Csv => "CSV",
    }
}
