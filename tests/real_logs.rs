//! Real event logs, with every view compared with a computation that shares no code with the engine.
//!
//! The logs are not part of the repository: a test whose log is absent says so and ends.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use everview_core::{Engine, Format, Limits, Mapping, Position, Reader, Value};
use everview_protocol::definitions;
use flate2::read::MultiGzDecoder;
use serde_json::Value as Json;

/// The unpacked bytes of a log beside the repository.
fn log(name: &str) -> Option<Vec<u8>> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "shared", "data", name].iter().collect();
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let mut bytes = Vec::new();
    MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn read(views: &str, bytes: &[u8], mapping: &Mapping) -> Engine {
    let mut engine = Engine::default();
    engine.define(&definitions::parse(views).unwrap()).unwrap();
    let mut reader =
        Reader::new(Format::detect(bytes), mapping, "/file", Limits::default()).unwrap();
    for chunk in bytes.chunks(65_536) {
        engine.read(&mut reader, chunk);
    }
    engine.finish(&mut reader);
    assert_eq!(engine.intake().refused, 0, "{:?}", engine.intake().refusals.first());
    engine
}

/// The rows of a view as texts.
fn rows(engine: &Engine, view: &str) -> Vec<Vec<String>> {
    let row = |row: everview_core::Row| row.iter().map(ToString::to_string).collect();
    engine.view(view).unwrap().rows().map(row).collect()
}

fn lines(bytes: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const PERMITS: &str = r#"
[views.types]
key = "type"
[views.types.on."*"]
add = { events = "1" }

[views.cases]
key = "subject"
[views.cases.on."*"]
set = { department = "data.case_department", last_type = "type", last_time = "time" }
add = { events = "1" }
[views.cases.on."T10 Determine necessity to stop indication"]
set = { determined = "data.org_resource" }

[views.departments]
sql = "SELECT department, COUNT(*) AS cases, SUM(events) AS events FROM cases GROUP BY department"

[views.busiest]
sql = "SELECT subject, events FROM cases ORDER BY events DESC, subject LIMIT 5"
"#;

/// The views of `PERMITS`, from parsed JSON and maps.
#[derive(Default)]
struct Permits {
    types: BTreeMap<String, i64>,
    cases: BTreeMap<String, Case>,
}

#[derive(Default, Clone)]
struct Case {
    department: String,
    last_type: String,
    last_time: String,
    events: i64,
    determined: String,
}

impl Permits {
    fn of(events: &[Json]) -> Self {
        let mut permits = Self::default();
        for event in events {
            let text = |value: &Json| value.as_str().unwrap().to_owned();
            let case = permits
                .cases
                .entry(text(&event["subject"]))
                .or_insert_with(|| Case { determined: "NULL".into(), ..Case::default() });
            *permits.types.entry(text(&event["type"])).or_default() += 1;
            case.department = event["data"]["case_department"].as_str().unwrap_or("NULL").into();
            case.last_type = text(&event["type"]);
            case.last_time = text(&event["time"]);
            case.events += 1;
            if event["type"] == "T10 Determine necessity to stop indication" {
                case.determined = event["data"]["org_resource"].as_str().unwrap_or("NULL").into();
            }
        }
        permits
    }

    fn assert_equals(&self, engine: &Engine) {
        let types = self.types.iter().map(|(name, events)| vec![name.clone(), events.to_string()]);
        assert_eq!(rows(engine, "types"), types.collect::<Vec<_>>());

        let cases = self.cases.iter().map(|(name, case)| {
            let Case { department, last_type, last_time, events, determined } = case.clone();
            vec![name.clone(), department, last_type, last_time, events.to_string(), determined]
        });
        assert_eq!(rows(engine, "cases"), cases.collect::<Vec<_>>());

        let mut departments: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for case in self.cases.values() {
            let (cases, events) = departments.entry(&case.department).or_default();
            *cases += 1;
            *events += case.events;
        }
        let departments = departments.iter().map(|(name, (cases, events))| {
            vec![(*name).to_owned(), cases.to_string(), events.to_string()]
        });
        assert_eq!(rows(engine, "departments"), departments.collect::<Vec<_>>());

        let mut busiest: Vec<_> =
            self.cases.iter().map(|(name, case)| (-case.events, name)).collect();
        busiest.sort();
        let busiest = busiest
            .iter()
            .take(5)
            .map(|(events, name)| vec![(*name).clone(), (-events).to_string()]);
        assert_eq!(rows(engine, "busiest"), busiest.collect::<Vec<_>>());
    }
}

#[test]
fn permits_are_folded_as_an_independent_computation_folds_them_at_any_position() {
    let Some(bytes) = log("receipt.cloudevents.ndjson.gz") else { return };
    let mut engine = read(PERMITS, &bytes, &Mapping::cloud_events());
    let events = lines(&bytes);

    assert_eq!(engine.head(), Position::new(8_577));
    Permits::of(&events).assert_equals(&engine);
    for position in [1, 100, 8_000, 4_321] {
        engine.seek(Position::new(position));
        let count = usize::try_from(position).unwrap();
        Permits::of(&events[..count]).assert_equals(&engine);
    }
}

#[test]
fn the_same_permits_as_csv_open_through_the_guessed_mapping() {
    let Some(csv) = log("receipt.csv.gz") else { return };
    let sample = everview_core::sample(Format::Csv, &csv, 1);
    let mapping = Mapping::guess(&sample[0]).unwrap();
    assert_eq!(mapping.event_type.as_deref(), Some("concept:name"));
    assert_eq!(mapping.subject.as_deref(), Some("case:concept:name"));
    assert_eq!(mapping.time.as_deref(), Some("time:timestamp"));
    let from_csv = read(PERMITS, &csv, &mapping);

    let Some(json) = log("receipt.cloudevents.ndjson.gz") else { return };
    let from_json = read(PERMITS, &json, &Mapping::cloud_events());
    assert_eq!(rows(&from_csv, "types"), rows(&from_json, "types"));
    assert_eq!(rows(&from_csv, "busiest"), rows(&from_json, "busiest"));
}

const ORDERS: &str = r#"
[views.types]
key = "type"
[views.types.on."*"]
add = { events = "1", value = "data.price" }

[views.orders]
key = "subject"
[views.orders.on."place order"]
set = { state = "'placed'", price = "data.price", first_item = "data.items[0]" }
[views.orders.on."confirm order"]
when = "state = 'placed'"
set = { state = "'confirmed'" }
[views.orders.on."pay order"]
set = { state = "'paid'" }
[views.orders.on."payment reminder"]
add = { reminders = "1" }

[views.states]
sql = "SELECT state, COUNT(*) AS orders, SUM(price) AS total FROM orders GROUP BY state"

[views.dearest]
sql = "SELECT subject, price FROM orders WHERE price > 3000 ORDER BY price DESC, subject LIMIT 10"
"#;

/// A price in cents, so that sums are exact; the log writes at most two digits after the point.
fn cents(price: &Json) -> i64 {
    let text = price.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{fraction:0<2}").parse().unwrap()
}

/// Cents as the engine prints the decimal.
fn price(cents: i64) -> String {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn orders_are_summed_exactly() {
    let Some(bytes) = log("orders.cloudevents.ndjson.gz") else { return };
    let engine = read(ORDERS, &bytes, &Mapping::cloud_events());
    let events = lines(&bytes);
    assert_eq!(engine.head(), Position::new(22_367));

    let mut types: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut orders: BTreeMap<&str, (&str, i64, &str, i64)> = BTreeMap::new();
    for event in &events {
        let (event_type, subject) =
            (event["type"].as_str().unwrap(), event["subject"].as_str().unwrap());
        let amount = cents(&event["data"]["price"]);
        let of_type = types.entry(event_type).or_default();
        *of_type = (of_type.0 + 1, of_type.1 + amount);
        match event_type {
            "place order" => {
                let item = event["data"]["items"][0].as_str().unwrap();
                let order = orders.entry(subject).or_insert(("placed", 0, item, 0));
                *order = ("placed", amount, item, order.3);
            }
            "confirm order" if orders[subject].0 == "placed" => {
                orders.get_mut(subject).unwrap().0 = "confirmed";
            }
            "pay order" => orders.get_mut(subject).unwrap().0 = "paid",
            "payment reminder" => orders.get_mut(subject).unwrap().3 += 1,
            _ => {}
        }
    }
    let expected: Vec<_> = types
        .iter()
        .map(|(name, (events, total))| vec![(*name).to_owned(), events.to_string(), price(*total)])
        .collect();
    assert_eq!(rows(&engine, "types"), expected);
    let expected: Vec<_> = orders
        .iter()
        .map(|(name, (state, amount, item, reminders))| {
            let reminders = if *reminders == 0 { "NULL".into() } else { reminders.to_string() };
            vec![
                (*name).to_owned(),
                (*state).to_owned(),
                price(*amount),
                (*item).to_owned(),
                reminders,
            ]
        })
        .collect();
    assert_eq!(rows(&engine, "orders"), expected);

    let mut states: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (state, amount, _, _) in orders.values() {
        let of_state = states.entry(state).or_default();
        *of_state = (of_state.0 + 1, of_state.1 + amount);
    }
    let expected: Vec<_> = states
        .iter()
        .map(|(name, (count, total))| vec![(*name).to_owned(), count.to_string(), price(*total)])
        .collect();
    assert_eq!(rows(&engine, "states"), expected);

    let mut dearest: Vec<_> = orders
        .iter()
        .filter(|(_, order)| order.1 > 300_000)
        .map(|(name, order)| (-order.1, *name))
        .collect();
    dearest.sort_unstable();
    let expected: Vec<_> = dearest
        .iter()
        .take(10)
        .map(|(amount, name)| vec![(*name).to_owned(), price(-amount)])
        .collect();
    assert_eq!(rows(&engine, "dearest"), expected);
    let decimal = |row: everview_core::Row| matches!(row[1], Value::Decimal(_));
    assert!(engine.view("dearest").unwrap().rows().all(decimal), "no binary floats");
}
