//! What it costs to keep a derived view up: going over the same changes of the order rows with the
//! view and without it.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use everview_core::{Engine, Position};
use everview_protocol::definitions;
use serde_json::{Value, json};

use super::everview;
use super::measure::{cpu_time, per_delta};

/// The order rows, and the customers for a join.
const TABLES: &str = r#"
[views.orders]
key = "subject"
[views.orders.on.OrderPlaced]
set = { customer = "data.customer", region = "data.region", status = "'placed'", total = "0" }
[views.orders.on.ItemAdded]
add = { total = "data.quantity * data.price_cents" }
[views.orders.on.OrderPaid]
set = { status = "'paid'" }
[views.orders.on.OrderShipped]
set = { status = "'shipped'" }
[views.orders.on.OrderCancelled]
set = { status = "'cancelled'" }

[views.customers]
key = "data.customer"
[views.customers.on.OrderPlaced]
set = { tier = "'plain'" }
"#;

/// The derived views, each with the name of its figure.
const QUERIES: [(&str, &str); 4] = [
    (
        "group",
        "SELECT customer, COUNT(*) AS orders, SUM(total) AS revenue FROM orders \
         WHERE status IN ('paid', 'shipped') GROUP BY customer",
    ),
    (
        "top",
        "SELECT customer, COUNT(*) AS orders, SUM(total) AS revenue FROM orders \
         WHERE status IN ('paid', 'shipped') GROUP BY customer \
         ORDER BY revenue DESC, customer LIMIT 10",
    ),
    (
        "join",
        "SELECT orders.subject, orders.total, customers.tier FROM orders \
         JOIN customers ON orders.customer = customers.customer",
    ),
    (
        "distinct",
        "SELECT region, COUNT(DISTINCT customer) AS customers FROM orders GROUP BY region",
    ),
];

/// Prints what each view costs for each delta, in nanoseconds.
pub(crate) fn run(events: &str, batch: u64) -> Result<()> {
    let bytes = fs::read(events)?;
    let mut alone = engine(&bytes, None)?.context("the tables cannot be defined")?;
    let deltas = count_deltas(&mut alone, batch);
    // The first time, memory is new; and what differs is small against what does not.
    walk(&mut alone, batch);
    let tables = walk(&mut alone, batch).min(walk(&mut alone, batch));
    let mut report = json!({ "deltas": deltas });
    for (name, sql) in QUERIES {
        // What this version does not support has no figure.
        let Some(mut engine) = engine(&bytes, Some(sql))? else { continue };
        walk(&mut engine, batch);
        let both = walk(&mut engine, batch).min(walk(&mut engine, batch));
        report[name] = Value::from(per_delta(both.saturating_sub(tables), deltas)?);
    }
    println!("{report}");
    Ok(())
}

/// An engine at the head of the events; none if it does not know what the query asks for.
pub(crate) fn engine(bytes: &[u8], sql: Option<&str>) -> Result<Option<Engine>> {
    let mut views = definitions::parse(TABLES)?;
    if let Some(sql) = sql {
        views.views.push(("derived".into(), everview_core::ViewDefinition::Query(sql.into())));
    }
    let mut engine = Engine::default();
    if engine.define(&views).is_err() {
        return Ok(None);
    }
    everview::read(&mut engine, bytes)?;
    Ok(Some(engine))
}

fn count_deltas(engine: &mut Engine, batch: u64) -> usize {
    let mut deltas = 0;
    each_batch(engine, batch, |engine| deltas += engine.drain_deltas("orders").len());
    deltas
}

/// The time from the first event to the last, a batch at a time.
fn walk(engine: &mut Engine, batch: u64) -> Duration {
    engine.seek(Position::START);
    let start = cpu_time();
    each_batch(engine, batch, |_| {});
    cpu_time().saturating_sub(start)
}

/// Goes from the first event to the last and stops after each batch.
pub(crate) fn each_batch(engine: &mut Engine, batch: u64, mut at: impl FnMut(&mut Engine)) {
    let head = engine.head().get();
    engine.seek(Position::START);
    engine.drain_deltas("orders");
    engine.drain_deltas("customers");
    let mut position = 0;
    while position < head {
        position = (position + batch).min(head);
        engine.seek(Position::new(position));
        at(engine);
    }
}
