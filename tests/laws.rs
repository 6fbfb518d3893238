//! Laws that hold for any events, in any pieces, by any path.

use std::collections::BTreeMap;

use everview_core::{
    Definitions, Delta, Engine, Epoch, Format, Key, Limits, Mapping, NewEvent, Position, Reader,
    Row, Timestamp,
};
use everview_protocol::definitions;
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(crate) const VIEWS: &str = r#"
[views.items]
key = ["subject", "data.part"]
[views.items.on.Set]
set = { amount = "data.amount", label = "data.label" }
[views.items.on.Added]
when = "amount IS NULL OR amount < 1000"
add = { amount = "data.amount", times = "1" }
[views.items.on.Divided]
set = { amount = "amount / data.amount" }
[views.items.on.Dropped]
delete = true

[views.labels]
sql = "SELECT label, COUNT(*) AS n, COUNT(amount) AS known, SUM(amount) AS total FROM items WHERE times IS NULL OR times < 3 GROUP BY label"

[views.top]
sql = "SELECT label, total, n FROM labels WHERE n > 0 ORDER BY total DESC, label LIMIT 3"

[views.most]
sql = "SELECT subject, part, amount, 60 / amount AS share FROM items ORDER BY amount DESC LIMIT 4"

[views.latest]
key = "data.part"
[views.latest.on."Set.v3"]
set = { amount = "data.amount + 0", label = "data.label", times = "data.times" }

[views.recent]
key = "subject"
retain = { rows = 2, time = "20 seconds" }
[views.recent.on."*"]
add = { n = "1" }

[views.whole]
sql = "SELECT COUNT(*) AS n, SUM(total) AS total FROM top"

[upcasters."Set.v1"]
to = "Set.v2"
version = "data.version"
rename = { name = "label" }
default = { times = "1" }

[upcasters."Set.v2"]
to = "Set.v3"
compute = { times = "data.times * 2", amount = "data.amount / 2" }
"#;

/// An event of a small world, so that keys meet, rows come and go, and some events are refused.
fn event() -> impl Strategy<Value = (String, String, String)> {
    let event_type = prop_oneof![
        3 => Just("Set"),
        2 => Just("Set.v2"),
        2 => Just("Added"),
        1 => Just("Divided"),
        2 => Just("Dropped"),
        1 => Just("Other"),
    ];
    let amount = prop_oneof![
        (-20_i64..20).prop_map(|n| n.to_string()),
        (-200_i64..200).prop_map(|n| format!("{}.{:02}", n / 4, (n % 4).abs() * 25)),
        Just("9223372036854775807".to_owned()),
        Just("\"text\"".to_owned()),
        Just("null".to_owned()),
    ];
    (event_type, "[abc]", "[xy]?", amount, "[pq]?").prop_map(
        |(event_type, subject, part, amount, label)| {
            let part = if part.is_empty() { "null".to_owned() } else { format!("\"{part}\"") };
            let version = if label.is_empty() { "null" } else { "1" };
            let label = if label.is_empty() { "null".to_owned() } else { format!("\"{label}\"") };
            let data = format!(
                "{{\"part\":{part},\"amount\":{amount},\"label\":{label},\"version\":{version}}}"
            );
            (event_type.to_owned(), subject, data)
        },
    )
}

pub(crate) fn events() -> impl Strategy<Value = Vec<NewEvent>> {
    prop::collection::vec(event(), 1..60).prop_map(|events| {
        (1..)
            .zip(events)
            .map(|(id, (event_type, subject, data))| NewEvent {
                id: format!("{id}"),
                source: "/law".into(),
                event_type,
                subject,
                // Times go back and forth, and some are missing.
                time: (id % 5 != 0).then(|| Timestamp::from_millis(id * 7_919 % 60 * 1_000 + id)),
                data,
            })
            .collect()
    })
}

fn empty() -> Engine {
    let limits = Limits { checkpoint_events: 4, ..Limits::default() };
    let mut engine = Engine::new(limits);
    engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
    engine
}

fn fold(events: &[NewEvent]) -> Engine {
    let mut engine = empty();
    for event in events {
        engine.append(Epoch::new(1), event).unwrap();
    }
    engine
}

/// The views with some of their definitions changed, one for each bit.
fn variant(bits: usize) -> Definitions {
    let changes = [
        ("add = { amount = \"data.amount\", times", "add = { amount = \"data.amount + 1\", times"),
        ("FROM items WHERE times", "FROM items WHERE amount < 10 AND times"),
        ("data.times * 2", "data.times * 3"),
        ("rows = 2", "rows = 3"),
    ];
    let change = |text: String, (bit, (from, to)): (usize, &(&str, &str))| {
        if bits >> bit & 1 == 1 { text.replace(from, to) } else { text }
    };
    definitions::parse(&changes.iter().enumerate().fold(VIEWS.to_owned(), change)).unwrap()
}

/// What is done to an engine.
#[derive(Debug, Clone)]
enum Step {
    Append(usize),
    Seek(usize),
    Rewind(usize),
    Begin(usize),
    Build(usize),
    Define(usize),
    Cancel,
    Undo,
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_usize..9).prop_map(Step::Append),
        2 => (0_usize..60).prop_map(Step::Seek),
        1 => (0_usize..60).prop_map(Step::Rewind),
        3 => (0_usize..16).prop_map(Step::Begin),
        6 => (1_usize..30).prop_map(Step::Build),
        1 => (0_usize..16).prop_map(Step::Define),
        1 => Just(Step::Cancel),
        2 => Just(Step::Undo),
        2 => Just(Step::Drain),
    ]
}

/// The rows of a view as somebody has them who only hears of the changes.
pub(crate) type Followed = BTreeMap<Key, Row>;

pub(crate) fn drain(engine: &mut Engine, followed: &mut [(&str, Followed)]) {
    for (view, rows) in followed {
        for Delta { key, before, after } in engine.drain_deltas(view) {
            let had = match after {
                Some(row) => rows.insert(key, row),
                None => rows.remove(&key),
            };
            assert_eq!(had, before, "of {view}");
        }
    }
}

/// All that is seen of an engine: each view's rows in order, their errors and the quarantine.
pub(crate) fn seen(engine: &Engine) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{} at {}\n", engine.digest(), engine.position());
    for view in engine.views() {
        let rows: Vec<_> = view.rows().collect();
        let errors: Vec<_> = view.errors().collect();
        writeln!(out, "{} {} {rows:?} {errors:?}", view.name(), view.len()).unwrap();
    }
    for refused in engine.quarantine() {
        writeln!(out, "{} {} {}", refused.position, refused.view, refused.error).unwrap();
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_position_is_the_fold_up_to_it(
        events in events(),
        path in prop::collection::vec(0_usize..70, 1..12),
    ) {
        let mut engine = fold(&events);
        for step in path {
            let position = step.min(events.len());
            engine.seek(Position::new(position as u64));
            prop_assert_eq!(seen(&engine), seen(&fold(&events[..position])));
        }
    }

    #[test]
    fn rewind_and_replay_come_back(events in events(), cuts in prop::collection::vec(0_usize..70, 1..6)) {
        let mut engine = fold(&events);
        let whole = seen(&engine);
        for cut in cuts {
            let cut = cut.min(events.len());
            engine.rewind(Position::new(cut as u64));
            prop_assert_eq!(seen(&engine), seen(&fold(&events[..cut])));
            for event in &events[cut..] {
                engine.append(Epoch::new(1), event).unwrap();
            }
            prop_assert_eq!(&seen(&engine), &whole);
        }
    }

    #[test]
    fn chunks_and_duplicates_change_nothing(
        events in events(),
        size in 1_usize..400,
        repeated in prop::collection::vec(0_usize..60, 0..10),
    ) {
        let mut lines: Vec<String> = events.iter().map(|event| event.to_json() + "\n").collect();
        for at in repeated {
            let line = lines[at % lines.len()].clone();
            lines.push(line);
        }
        let mut engine = empty();
        let mut reader =
            Reader::new(Format::Ndjson, &Mapping::cloud_events(), "/file", Limits::default()).unwrap();
        for chunk in lines.concat().as_bytes().chunks(size) {
            engine.read(&mut reader, chunk);
        }
        engine.finish(&mut reader);
        prop_assert_eq!(engine.intake().duplicates, (lines.len() - events.len()) as u64);
        prop_assert_eq!(seen(&engine), seen(&fold(&events)));
    }

    #[test]
    fn a_snapshot_and_its_tail_equal_the_whole(events in events(), cut in 0_usize..70) {
        let cut = cut.min(events.len());
        let blob = fold(&events[..cut]).snapshot();
        let mut engine =
            Engine::restore(&blob, &definitions::parse(VIEWS).unwrap(), Limits::default()).unwrap();
        for event in &events[cut..] {
            engine.append(Epoch::new(1), event).unwrap();
        }
        prop_assert_eq!(seen(&engine), seen(&fold(&events)));
    }

    #[test]
    fn views_defined_at_the_end_equal_views_that_were_there(events in events()) {
        let mut engine = Engine::default();
        for event in &events {
            engine.append(Epoch::new(1), event).unwrap();
        }
        engine.define(&definitions::parse(VIEWS).unwrap()).unwrap();
        prop_assert_eq!(seen(&engine), seen(&fold(&events)));
    }

    #[test]
    fn views_built_beside_others_equal_views_that_were_there(
        events in events(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut followed = ["items", "labels", "top", "recent"].map(|view| (view, Followed::new()));
        let (mut engine, mut events) = (empty(), events.into_iter());
        let mut taken: Vec<NewEvent> = Vec::new();
        for step in steps {
            match step {
                Step::Append(count) => for event in events.by_ref().take(count) {
                    engine.append(Epoch::new(1), &event).unwrap();
                    taken.push(event);
                },
                Step::Seek(to) => engine.seek(Position::new(to as u64)),
                Step::Rewind(to) => {
                    engine.rewind(Position::new(to as u64));
                    taken.truncate(to);
                }
                Step::Begin(bits) => engine.begin_define(&variant(bits)).unwrap(),
                Step::Build(count) => { engine.build(count); }
                Step::Define(bits) => engine.define(&variant(bits)).unwrap(),
                Step::Cancel => engine.cancel_define(),
                Step::Undo => { engine.undo_define(); }
                Step::Drain => drain(&mut engine, &mut followed),
            }
            let mut fresh = Engine::default();
            fresh.define(engine.definitions()).unwrap();
            let upto = usize::try_from(engine.position().get()).unwrap();
            for event in &taken[..upto] {
                fresh.append(Epoch::new(1), event).unwrap();
            }
            prop_assert_eq!(seen(&engine), seen(&fresh));
        }
        drain(&mut engine, &mut followed);
        for (view, rows) in followed {
            // Who follows a view that is gone waits for it to come back.
            let Some(view) = engine.view(view) else { continue };
            let mut shown: Vec<Row> = view.rows().collect();
            let mut rows: Vec<Row> = rows.into_values().collect();
            shown.sort();
            rows.sort();
            prop_assert_eq!(rows, shown, "of {}", view.name());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_or_the_parsers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,120}") {
        for format in [Format::Ndjson, Format::JsonArray, Format::Csv] {
            let mut engine = empty();
            let mut reader = Reader::new(format, &Mapping::default(), "/file", Limits::default()).unwrap();
            for chunk in bytes.chunks(7) {
                engine.read(&mut reader, chunk);
            }
            engine.finish(&mut reader);
        }
        let _ = definitions::parse(&format!("[views.v]\nsql = '''{text}'''"))
            .map(|definitions| empty().define(&definitions));
        let _ = Engine::restore(&bytes, &definitions::parse(VIEWS).unwrap(), Limits::default());
    }
}
