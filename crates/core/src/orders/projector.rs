//! Views of orders, written in Rust.

use alloc::string::ToString as _;

use super::{OrderEvent, Status};
use crate::{Event, ProjectError, Projector, Rows, Value};

/// The view `orders` of [`super::VIEWS`], written in Rust: a row for each order.
///
/// The derived views work over it as over the declared one.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderRows;

impl Projector for OrderRows {
    type Event = OrderEvent;

    const KEY: &'static [&'static str] = &["subject"];
    const COLUMNS: &'static [&'static str] =
        &["customer", "region", "status", "placed_at", "items", "total_cents"];

    fn project(
        &self,
        event: OrderEvent,
        recorded: &Event<'_>,
        rows: &mut Rows<'_>,
    ) -> Result<(), ProjectError> {
        let key = [Value::text(recorded.subject)];
        if let OrderEvent::OrderPlaced { customer, region } = &event {
            let placed_at =
                recorded.time.map_or(Value::Null, |time| Value::text(&time.to_string()));
            let (customer, region) = (Value::text(customer), Value::text(region));
            let status = status(Status::Placed);
            let nothing = Value::Int(0);
            return rows
                .put(&key, &[customer, region, status, placed_at, nothing.clone(), nothing]);
        }
        let Some(row) = rows.get(&key) else {
            return Err(ProjectError::Refused("expected the order to be placed first".into()));
        };
        let mut row = row[1..].to_vec();
        match event {
            OrderEvent::ItemAdded { quantity, price_cents, .. } => {
                row[4] = sum(&row[4], Some(quantity))?;
                row[5] = sum(&row[5], quantity.checked_mul(price_cents))?;
            }
            OrderEvent::OrderPaid { .. } => row[2] = status(Status::Paid),
            OrderEvent::OrderShipped { .. } => row[2] = status(Status::Shipped),
            OrderEvent::OrderCancelled { .. } => row[2] = status(Status::Cancelled),
            OrderEvent::OrderPlaced { .. } => {}
        }
        rows.put(&key, &row)
    }
}

/// The view `orders_per_minute` of [`super::VIEWS`], written in Rust: a row for each minute in
/// which orders were placed.
#[derive(Debug, Clone, Copy, Default)]
pub struct MinuteRows;

impl Projector for MinuteRows {
    type Event = OrderEvent;

    const KEY: &'static [&'static str] = &["minute"];
    const COLUMNS: &'static [&'static str] = &["orders"];

    fn project(
        &self,
        event: OrderEvent,
        recorded: &Event<'_>,
        rows: &mut Rows<'_>,
    ) -> Result<(), ProjectError> {
        let OrderEvent::OrderPlaced { .. } = event else {
            return Ok(());
        };
        // A time is written `2026-03-02T08:00:00.000Z`: its minute is the first sixteen letters.
        let minute = recorded.time.map_or(Value::Null, |time| Value::text(&time.to_string()[..16]));
        let key = [minute];
        let before = rows.get(&key).map_or(Value::Int(0), |row| row[1].clone());
        let orders = sum(&before, Some(1))?;
        rows.put(&key, &[orders])
    }
}

fn status(status: Status) -> Value {
    Value::text(&status.to_string())
}

fn sum(value: &Value, by: Option<i64>) -> Result<Value, ProjectError> {
    let number = if let Value::Int(number) = value { *number } else { 0 };
    let sum = by.and_then(|by| number.checked_add(by));
    sum.map(Value::Int).ok_or_else(|| ProjectError::Refused("a sum beyond 64 bits".into()))
}
