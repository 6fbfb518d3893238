//! The views of the order domain: declared, written in Rust, and computed here in the plainest way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use everview_core::command::Message as _;
use everview_core::json::Json;
use everview_core::orders::{MinuteRows, OrderEvent, OrderRows, OrderStream, VIEWS};
use everview_core::{Definitions, Engine, Epoch, Event, Position, Value, View};
use everview_protocol::definitions;

const EVENTS: usize = 5_000;

/// What is known of an order, in the order of the columns of the view `orders`.
#[derive(Clone)]
struct Naive {
    customer: String,
    region: String,
    status: &'static str,
    placed_at: String,
    items: i64,
    total_cents: i64,
}

fn engine() -> Engine {
    let mut engine = Engine::default();
    for event in OrderStream::new(5).events().take(EVENTS) {
        engine.append(Epoch::new(1), &event).unwrap();
    }
    engine
}

fn declared() -> Definitions {
    definitions::parse(VIEWS).unwrap()
}

fn naive_orders(engine: &Engine) -> BTreeMap<String, Naive> {
    let mut orders = BTreeMap::new();
    let until = |event: &Event<'_>| event.position <= engine.position();
    for event in engine.log().after(Position::START).take_while(until) {
        let data = Json::parse(&event.data).unwrap();
        let read = OrderEvent::read(event.event_type, data).unwrap();
        if let OrderEvent::OrderPlaced { customer, region } = read {
            let placed_at = event.time.unwrap().to_string();
            let (status, items, total_cents) = ("placed", 0, 0);
            let order = Naive { customer, region, status, placed_at, items, total_cents };
            orders.insert(event.subject.to_owned(), order);
            continue;
        }
        let order = orders.get_mut(event.subject).unwrap();
        match read {
            OrderEvent::ItemAdded { quantity, price_cents, .. } => {
                order.items += quantity;
                order.total_cents += quantity * price_cents;
            }
            OrderEvent::OrderPaid { .. } => order.status = "paid",
            OrderEvent::OrderShipped { .. } => order.status = "shipped",
            _ => order.status = "cancelled",
        }
    }
    orders
}

/// Orders and cents by a part of those that are paid.
fn revenue(
    orders: &BTreeMap<String, Naive>,
    by: impl Fn(&Naive) -> &str,
) -> BTreeMap<String, (i64, i64)> {
    let mut revenue: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for order in orders.values().filter(|order| ["paid", "shipped"].contains(&order.status)) {
        let (count, cents) = revenue.entry(by(order).to_owned()).or_default();
        *count += 1;
        *cents += order.total_cents;
    }
    revenue
}

fn rows(view: View<'_>) -> Vec<Vec<Value>> {
    view.rows().map(|row| row.to_vec()).collect()
}

fn text(text: &str) -> Value {
    Value::text(text)
}

#[track_caller]
fn are_as_computed(engine: &Engine) {
    let orders = naive_orders(engine);
    let row = |(subject, order): (&String, &Naive)| {
        vec![
            text(subject),
            text(&order.customer),
            text(&order.region),
            text(order.status),
            text(&order.placed_at),
            Value::Int(order.items),
            Value::Int(order.total_cents),
        ]
    };
    assert_eq!(rows(engine.view("orders").unwrap()), orders.iter().map(row).collect::<Vec<_>>());

    let sums = |(name, (count, cents)): (String, (i64, i64))| {
        vec![Value::text(&name), Value::Int(count), Value::Int(cents)]
    };
    let regions: Vec<_> = revenue(&orders, |order| &order.region).into_iter().map(sums).collect();
    assert_eq!(rows(engine.view("revenue_by_region").unwrap()), regions);

    let mut customers: Vec<_> = revenue(&orders, |order| &order.customer).into_iter().collect();
    customers.sort_by_key(|(_, (_, cents))| std::cmp::Reverse(*cents));
    let top: Vec<_> = customers.into_iter().take(10).map(sums).collect();
    assert_eq!(rows(engine.view("top_customers").unwrap()), top);

    let mut minutes: BTreeMap<&str, i64> = BTreeMap::new();
    for order in orders.values() {
        *minutes.entry(&order.placed_at[..16]).or_default() += 1;
    }
    let minutes: Vec<_> =
        minutes.iter().map(|(at, count)| vec![text(at), Value::Int(*count)]).collect();
    assert_eq!(rows(engine.view("orders_per_minute").unwrap()), minutes);
}

#[test]
fn the_declared_views_are_what_a_plain_computation_gives_at_every_position() {
    let mut engine = engine();
    engine.define(&declared()).unwrap();
    are_as_computed(&engine);
    for position in [0, 1, 2, 17, 4_000, 1_234, 4_999, 1, 5_000] {
        engine.seek(Position::new(position));
        are_as_computed(&engine);
    }
}

#[test]
fn views_written_in_rust_equal_the_declared_ones() {
    let mut engine = engine();
    engine.define(&declared()).unwrap();
    let of_declared: Vec<_> =
        engine.views().map(|view| (view.name().to_owned(), view.digest())).collect();

    let mut written = self::engine();
    written.register("orders", OrderRows).unwrap();
    written.register("orders_per_minute", MinuteRows).unwrap();
    let mut derived = declared();
    derived.views.retain(|(name, _)| name != "orders" && name != "orders_per_minute");
    written.define(&derived).unwrap();

    assert_eq!(of_declared.len(), 4);
    for (name, digest) in of_declared {
        assert_eq!(written.view(&name).unwrap().digest(), digest, "{name}");
    }
    assert_eq!(written.quarantine().count(), 0);
}
