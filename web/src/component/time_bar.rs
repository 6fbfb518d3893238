//! The bar at the bottom with which people travel through the log.

use everview_protocol::session::{FaultState, Pace, SessionState, TermState};
use leptos::html;
use leptos::prelude::*;
use web_sys::WheelEvent;

use crate::component::icon::Icon;
use crate::component::lane::{Faults, Leaders};
use crate::component::minimap::{Minimap, Zoom};
use crate::component::track::{Track, share_at};
use crate::model::address::{Mark, Marks};
use crate::model::axis::AxisKind;
use crate::model::format::{gap, grouped, position};
use crate::model::line::{Line, Look};
use crate::model::marker::Marker;
use crate::model::playback::{PACES, pace_from_value, pace_value};
use crate::model::term::term_at;
use crate::model::track::Density;
use crate::reactive::part;
use crate::zone::Zone;

/// How many pixels a wheel turns that is told of in lines.
const LINE_PX: f64 = 30.0;

/// How many lengths of the line a pixel of a wheel moves.
const PAN_PX: f64 = 1.0 / 1_000.0;

/// How much a pixel of a wheel zooms: a notch of most of them is 120 pixels, and shows a quarter less.
const ZOOM_PX: f64 = 0.0024;

/// What the time bar can be asked for.
#[derive(Clone, Copy)]
pub(crate) struct TimeBarCalls {
    /// To a position.
    pub(crate) seek: Callback<u64>,
    /// To the next event (true) or the one before.
    pub(crate) step: Callback<bool>,
    /// Follow the head.
    pub(crate) follow: Callback<()>,
    /// Play or pause.
    pub(crate) toggle_playing: Callback<()>,
    /// Another part of the log.
    pub(crate) look: Callback<Look>,
    /// So many times as much of the log.
    pub(crate) zoom: Callback<f64>,
    /// Let the line follow something else.
    pub(crate) follow_axis: Callback<AxisKind>,
    /// Mark from one position to another one.
    pub(crate) mark_range: Callback<(u64, u64)>,
    /// Set a mark at the playhead, or take it away from there.
    pub(crate) mark: Callback<Mark>,
}

/// Buttons, numbers and the line.
#[component]
pub(crate) fn TimeBar(
    /// What is open.
    #[prop(into)]
    session: Signal<Option<SessionState>>,
    /// The playhead.
    #[prop(into)]
    playhead: Signal<u64>,
    /// The positions that are compared.
    #[prop(into)]
    marks: Signal<Marks>,
    /// Whether it moves by itself.
    #[prop(into)]
    is_playing: Signal<bool>,
    /// Where positions lie on the line.
    #[prop(into)]
    line: Signal<Line>,
    /// What is marked on the line.
    #[prop(into)]
    markers: Signal<Vec<Marker>>,
    /// What was done to the cluster on purpose.
    #[prop(into)]
    faults: Signal<Vec<FaultState>>,
    /// Who led when.
    #[prop(into)]
    terms: Signal<Vec<TermState>>,
    /// How it plays.
    pace: RwSignal<Pace>,
    /// How dense the events are on the line, and in all of the log.
    densities: [Signal<Density>; 2],
    /// What the line follows.
    #[prop(into)]
    axis: Signal<AxisKind>,
    /// What happens.
    calls: TimeBarCalls,
    /// What stands beside the map of all of the log.
    range_panel: AnyView,
    /// What stands beside the marks.
    children: Children,
) -> impl IntoView {
    let zone = Zone::of_page();
    let head = Memo::new(move |_| session.with(|open| open.as_ref().map_or(0, |open| open.head)));
    let is_following = Memo::new(move |_| {
        session.with(|open| open.as_ref().is_some_and(|open| open.is_following))
    });
    let at = Signal::derive(move || {
        session.with(|open| open.as_ref().map(|open| place(open, zone)).unwrap_or_default())
    });
    let words = Signal::derive(move || {
        format!(
            "Event {} of {}{}{}",
            grouped(playhead.get()),
            grouped(head.get()),
            at.get().in_words(),
            terms.with(|terms| led_in_words(terms, playhead.get()))
        )
    });
    let when = Signal::derive(move || at.get().when(axis.get()));
    let range = Signal::derive(move || marks.get().range());
    let [density, whole_density] = densities;
    let lines = NodeRef::<html::Div>::new();
    let turn = move |event: WheelEvent| {
        let Some(at) = share_at(lines, &event) else { return };
        event.prevent_default();
        if let Some(look) = turned(&event, at) {
            calls.look.run(look);
        }
    };
    view! {
        <footer class="time-bar" aria-label="Time">
            <div class="time-bar-buttons">
                <FollowButton is_following on_follow=calls.follow />
                <Move icon=Icon::First label="Before the first event" on_press=move |()| calls.seek.run(0) />
                <Move icon=Icon::Back label="Previous event" on_press=move |()| calls.step.run(false) />
                <button
                    type="button"
                    class="icon"
                    aria-label=Signal::derive(move || if is_playing.get() { "Pause" } else { "Play" })
                    title="Play or pause (Space)"
                    on:click=move |_| calls.toggle_playing.run(())
                >
                    {part(move || if is_playing.get() { Icon::Pause } else { Icon::Play }.draw())}
                </button>
                <Move icon=Icon::Forward label="Next event" on_press=move |()| calls.step.run(true) />
                <Move icon=Icon::Last label="Last event" on_press=move |()| calls.seek.run(head.get_untracked()) />
                <Speed pace />
                <span class="time-bar-position">
                    <strong>{Signal::derive(move || position(playhead.get()))}</strong>
                    {Signal::derive(move || format!(" / {}", grouped(head.get())))}
                </span>
                <span class="time-bar-time" title=when>{when}</span>
                <span class="time-bar-type">{Signal::derive(move || at.get().event_type)}</span>
                <span class="time-bar-marks">
                    <MarkButton mark=Mark::A marks on_press=calls.mark />
                    <MarkButton mark=Mark::B marks on_press=calls.mark />
                    {children()}
                </span>
            </div>
            <div
                class="time-bar-lines"
                node_ref=lines
                on:wheel=turn
                on:dblclick=move |_| calls.look.run(Look::Fit)
            >
                <Track playhead head line density markers range words on_seek=calls.seek on_range=calls.mark_range />
                <Leaders terms line on_look=calls.look />
                <Faults faults line on_seek=calls.seek on_look=calls.look />
            </div>
            <div class="time-bar-whole">
                <Minimap line density=whole_density on_look=calls.look />
                {range_panel}
                <Axis axis on_choose=calls.follow_axis />
                <button
                    type="button"
                    class="button time-bar-zone"
                    aria-label=Signal::derive(move || format!("Times: {}", zone.name()))
                    title="Show times in UTC, or as your clock has it (z)"
                    on:click=move |_| zone.turn()
                >
                    {Signal::derive(move || zone.name())}
                </button>
                <Zoom line on_zoom=calls.zoom on_look=calls.look />
            </div>
        </footer>
    }
}

/// What a wheel does that is turned at a place of the line: up and down it zooms there, to the side it
/// moves on.
fn turned(event: &WheelEvent, at: f64) -> Option<Look> {
    let is_in_lines = event.delta_mode() != WheelEvent::DOM_DELTA_PIXEL;
    let pixels = |delta: f64| if is_in_lines { delta * LINE_PX } else { delta };
    let (aside, down) = (pixels(event.delta_x()), pixels(event.delta_y()));
    if down.abs() < aside.abs() {
        return Some(Look::Pan(aside * PAN_PX));
    }
    (down != 0.0).then(|| Look::Zoom { at, times: (down * ZOOM_PX).exp() })
}

/// Whether the head is followed, and a way back to it.
#[component]
fn FollowButton(
    /// Whether it is.
    is_following: Memo<bool>,
    /// Called when it shall be.
    on_follow: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button time-bar-follow"
            aria-pressed=Signal::derive(move || is_following.get().to_string())
            title="Follow the newest event (f)"
            on:click=move |_| on_follow.run(())
        >
            {Signal::derive(move || if is_following.get() { "● at the head" } else { "○ to the head" })}
        </button>
    }
}

/// Where a mark stands, and a way to set it.
#[component]
fn MarkButton(
    /// The mark.
    mark: Mark,
    /// Where both stand.
    marks: Signal<Marks>,
    /// Called when it shall be set or taken away.
    on_press: Callback<Mark>,
) -> impl IntoView {
    let (letter, title) = match mark {
        Mark::A => ("A", "Set mark A at the playhead, or take it away from there (a)"),
        Mark::B => ("B", "Set mark B at the playhead, or take it away from there (Shift + a)"),
    };
    let at = move || marks.get().get(mark).map_or_else(|| "–".to_owned(), position);
    view! {
        <button type="button" class="button time-bar-mark" title=title on:click=move |_| on_press.run(mark)>
            <strong>{letter}</strong>
            " "
            {Signal::derive(at)}
        </button>
    }
}

/// A button that moves the playhead.
#[component]
fn Move(
    /// What is drawn on it.
    icon: Icon,
    /// What it does.
    label: &'static str,
    /// Called when it is pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class="icon" aria-label=label title=label on:click=move |_| on_press.run(())>
            {icon.draw()}
        </button>
    }
}

/// What the line follows.
#[component]
fn Axis(
    /// That.
    axis: Signal<AxisKind>,
    /// Called when it shall be something else.
    on_choose: Callback<AxisKind>,
) -> impl IntoView {
    let option = move |kind: AxisKind| {
        view! { <option value=kind.name() prop:selected=move || axis.get() == kind>{kind.name()}</option> }
    };
    let choose = move |name: String| {
        if let Some(kind) = AxisKind::from_name(&name) {
            on_choose.run(kind);
        }
    };
    view! {
        <select
            class="time-bar-axis"
            aria-label="What the line follows"
            title="position: every event takes as much of the line; clock: the recorded time, with idle times short; gap: how long it was since the event before (m)"
            on:change:target=move |event| choose(event.target().value())
        >
            {AxisKind::ALL.map(option).collect_view()}
        </select>
    }
}

/// How fast it plays.
#[component]
fn Speed(
    /// The pace.
    pace: RwSignal<Pace>,
) -> impl IntoView {
    let option = move |known: &Pace| {
        let known = *known;
        view! {
            <option value=pace_value(known) prop:selected=move || pace.get() == known>
                {pace_words(known)}
            </option>
        }
    };
    let groups = ["events a second", "as it happened, idle time shortened", "as it happened"];
    let group = move |(label, paces): (&'static str, &'static [Pace])| {
        view! { <optgroup label=label>{paces.iter().map(option).collect_view()}</optgroup> }
    };
    let choose = move |value: String| {
        if let Some(known) = pace_from_value(&value) {
            pace.set(known);
        }
    };
    view! {
        <select
            class="time-bar-speed"
            aria-label="Speed"
            title="How it plays: by count, or by the time that was recorded; more than 2 s without an event are shortened to half a second, unless everything is as it happened (< and >)"
            on:change:target=move |event| choose(event.target().value())
        >
            {groups.into_iter().zip(PACES).map(group).collect_view()}
        </select>
    }
}

fn pace_words(pace: Pace) -> String {
    let times = |percent: u32| match percent % 100 {
        0 => format!("{}×", percent / 100),
        _ => format!("{}×", f64::from(percent) / 100.0),
    };
    match pace {
        Pace::Count(number) => format!("{}/s", grouped(u64::from(number))),
        Pace::Time(percent) => times(percent),
        Pace::RealTime(percent) => format!("{} real", times(percent)),
    }
}

fn led_in_words(terms: &[TermState], position: u64) -> String {
    let leader = term_at(terms, position).and_then(|term| term.leader.as_ref());
    leader.map_or_else(String::new, |leader| format!(", leader {leader}"))
}

/// What stands at the playhead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    time: String,
    /// How long it was since the event before.
    gap: String,
    event_type: String,
    epoch: u64,
}

fn place(session: &SessionState, zone: Zone) -> Place {
    Place {
        time: session.time_ms.map(|time| zone.moment(time)).unwrap_or_default(),
        gap: session.gap_ms.map(gap).unwrap_or_default(),
        event_type: session.event_type.clone().unwrap_or_default(),
        epoch: session.epoch,
    }
}

impl Place {
    fn when(self, axis: AxisKind) -> String {
        match (axis, self.gap.is_empty()) {
            (AxisKind::Gap, _) => self.gap,
            (_, true) => self.time,
            (_, false) => format!("{} ({})", self.time, self.gap),
        }
    }

    fn in_words(&self) -> String {
        [&self.event_type, &self.time]
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| format!(", {text}"))
            .chain((0 < self.epoch).then(|| format!(", epoch {}", self.epoch)))
            .collect()
    }
}
