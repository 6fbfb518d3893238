//! The same derived views in differential dataflow, over the same deltas.
//!
//! It gets rows of numbers, with each text replaced by a code beforehand, and none of the work of
//! finding out what changed: only keeping the views up is timed.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use differential_dataflow::VecCollection;
use differential_dataflow::input::InputSession;
use differential_dataflow::operators::count::CountTotal as _;
use differential_dataflow::operators::threshold::ThresholdTotal as _;
use everview_core::{Row, Value};
use serde_json::json;
use timely::dataflow::operators::probe::Handle as Probe;

use super::derived;
use super::measure::{cpu_time, per_delta};

type Time = u64;

/// An order row: id, customer, region, status, total.
type Order = (u32, u32, u32, u32, i64);
/// A customer row: name, tier.
type Customer = (u32, u32);

type Orders<'s> = VecCollection<'s, Time, Order>;
type Customers<'s> = VecCollection<'s, Time, Customer>;

/// What goes in at once: rows with how often they come or go.
#[derive(Debug, Clone, Default)]
struct Batch {
    orders: Vec<(Order, isize)>,
    customers: Vec<(Customer, isize)>,
}

/// Prints what each view costs for each delta, in nanoseconds.
pub(crate) fn run(events: &str, batch: u64) -> Result<()> {
    let mut codes = Codes::default();
    let (batches, deltas) = batches(&fs::read(events)?, batch, &mut codes)?;
    let sold = [codes.code("paid"), codes.code("shipped")];
    let report = json!({
        "deltas": deltas,
        "group": per_delta(time(&batches, move |orders, _, probe| group(orders, sold, probe)), deltas)?,
        "top": per_delta(time(&batches, move |orders, _, probe| top(orders, sold, probe)), deltas)?,
        "join": per_delta(time(&batches, join), deltas)?,
        "distinct": per_delta(time(&batches, distinct), deltas)?,
    });
    println!("{report}");
    Ok(())
}

fn group(orders: Orders<'_>, sold: [u32; 2], probe: &Probe<Time>) {
    totals(orders, sold).probe_with(probe);
}

/// The best of each of some buckets of customers, then the best of those: a change looks at one
/// bucket and not at all customers.
fn top(orders: Orders<'_>, sold: [u32; 2], probe: &Probe<Time>) {
    const BUCKETS: u32 = 64;
    let ranked = totals(orders, sold).map(|(customer, (count, revenue))| {
        (customer % BUCKETS, (Reverse(revenue), customer, count))
    });
    let best = ranked.reduce(|_, input, output| {
        output.extend(input.iter().take(10).map(|(row, times)| (**row, *times)));
    });
    best.map(|(_, row)| ((), row))
        .reduce(|(), input, output| {
            output.extend(input.iter().take(10).map(|(row, times)| (**row, *times)));
        })
        .probe_with(probe);
}

/// Each customer's number of orders that were sold, and what they cost.
fn totals(orders: Orders<'_>, sold: [u32; 2]) -> VecCollection<'_, Time, (u32, (isize, isize))> {
    orders
        .filter(move |(_, _, _, status, _)| sold.contains(status))
        .explode(|(_, customer, _, _, total)| Some((customer, (1, as_difference(total)))))
        .count_total()
}

fn join(orders: Orders<'_>, customers: Customers<'_>, probe: &Probe<Time>) {
    orders
        .map(|(id, customer, _, _, total)| (customer, (id, total)))
        .join_map(customers, |_, (id, total), tier| (*id, *total, *tier))
        .probe_with(probe);
}

fn distinct(orders: Orders<'_>, _: Customers<'_>, probe: &Probe<Time>) {
    orders
        .map(|(_, customer, region, _, _)| (region, customer))
        .threshold_total(|_, _| 1_isize)
        .map(|(region, _)| region)
        .count_total()
        .probe_with(probe);
}

fn as_difference(total: i64) -> isize {
    isize::try_from(total).unwrap_or(isize::MAX)
}

/// The time from the first batch to the last.
fn time<L>(batches: &[Batch], view: L) -> Duration
where
    L: for<'s> FnOnce(Orders<'s>, Customers<'s>, &Probe<Time>) + Send + Sync + 'static,
{
    let batches = batches.to_vec();
    timely::execute_directly(move |worker| {
        let probe = Probe::new();
        let mut orders = InputSession::new();
        let mut customers = InputSession::new();
        worker.dataflow(|scope| {
            view(orders.to_collection(scope), customers.to_collection(scope), &probe);
        });
        let start = cpu_time();
        for (at, batch) in (1..).zip(batches) {
            for (order, times) in batch.orders {
                orders.update(order, times);
            }
            for (customer, times) in batch.customers {
                customers.update(customer, times);
            }
            orders.advance_to(at);
            orders.flush();
            customers.advance_to(at);
            customers.flush();
            worker.step_while(|| probe.less_than(&at));
        }
        cpu_time().saturating_sub(start)
    })
}

/// The changes of the tables, a batch at a time, and how many rows of the orders they change.
fn batches(bytes: &[u8], size: u64, codes: &mut Codes) -> Result<(Vec<Batch>, usize)> {
    let mut engine = derived::engine(bytes, None)?.context("the tables cannot be defined")?;
    let mut batches = Vec::new();
    let mut deltas = 0;
    derived::each_batch(&mut engine, size, |engine| {
        let mut batch = Batch::default();
        for delta in engine.drain_deltas("orders") {
            deltas += 1;
            for (row, times) in [(delta.before, -1), (delta.after, 1)] {
                batch.orders.extend(row.map(|row| (codes.order(&row), times)));
            }
        }
        for delta in engine.drain_deltas("customers") {
            for (row, times) in [(delta.before, -1), (delta.after, 1)] {
                batch.customers.extend(row.map(|row| (codes.customer(&row), times)));
            }
        }
        batches.push(batch);
    });
    Ok((batches, deltas))
}

/// A number for each text.
#[derive(Debug, Default)]
struct Codes(BTreeMap<String, u32>);

impl Codes {
    fn code(&mut self, text: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(text.to_owned()).or_insert(next)
    }

    fn value(&mut self, value: &Value) -> u32 {
        self.code(&value.to_string())
    }

    fn order(&mut self, row: &Row) -> Order {
        let total = if let Value::Int(total) = row[4] { total } else { 0 };
        let [id, customer, region, status] = [0, 1, 2, 3].map(|column| self.value(&row[column]));
        (id, customer, region, status, total)
    }

    fn customer(&mut self, row: &Row) -> Customer {
        (self.value(&row[0]), self.value(&row[1]))
    }
}
