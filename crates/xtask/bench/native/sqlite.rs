//! SQLite with triggers: the program puts the order rows, triggers keep up the other views.

use anyhow::{Context as _, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::measure::{Contender, lines, measure};

const SCHEMA: &str = include_str!("../peers/views.sql");

const TOP: &str = "SELECT name, orders, revenue FROM customers WHERE orders > 0 \
                   ORDER BY revenue DESC, name LIMIT 10";

struct Sqlite {
    connection: Connection,
}

#[derive(Deserialize)]
struct Event<'a> {
    r#type: &'a str,
    subject: &'a str,
    time: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    customer: Option<&'a str>,
    region: Option<&'a str>,
    quantity: Option<i64>,
    price_cents: Option<i64>,
}

pub(crate) fn run(events: &str, rows: &str, live: usize) -> Result<()> {
    let begin = || {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(SCHEMA)?;
        Ok(Sqlite { connection })
    };
    measure(begin, (events, rows, live))
}

impl Sqlite {
    fn rows(&self, sql: &str) -> Result<Vec<Value>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let value = |column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Integer(int) => json!(int),
                    text => json!(text.as_str()?),
                })
            };
            rows.push((0..columns).map(value).collect::<Result<Value>>()?);
        }
        Ok(rows)
    }
}

impl Contender for Sqlite {
    fn replay(&mut self, bytes: &[u8]) -> Result<u64> {
        self.connection.execute_batch("BEGIN")?;
        let mut events = 0;
        for line in lines(bytes) {
            self.apply(line)?;
            events += 1;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(events)
    }

    fn apply(&mut self, line: &[u8]) -> Result<()> {
        let Event { r#type, subject, time, data } =
            serde_json::from_slice(line).context("an event of the shop is read")?;
        let status = match r#type {
            "OrderPlaced" => {
                let sql = "INSERT INTO orders VALUES (?, ?, ?, 'placed', ?, 0, 0)";
                let mut place = self.connection.prepare_cached(sql)?;
                place.execute(params![subject, data.customer, data.region, time])?;
                return Ok(());
            }
            "ItemAdded" => {
                let sql = "UPDATE orders SET items = items + ?, total_cents = total_cents + ? \
                           WHERE id = ?";
                let mut add = self.connection.prepare_cached(sql)?;
                let quantity = data.quantity.unwrap_or_default();
                let cents = quantity * data.price_cents.unwrap_or_default();
                add.execute(params![quantity, cents, subject])?;
                return Ok(());
            }
            "OrderPaid" => "paid",
            "OrderShipped" => "shipped",
            _ => "cancelled",
        };
        let mut settle =
            self.connection.prepare_cached("UPDATE orders SET status = ? WHERE id = ?")?;
        settle.execute(params![status, subject])?;
        Ok(())
    }

    fn top(&mut self) -> Result<Vec<Value>> {
        self.rows(TOP)
    }

    fn views(&mut self) -> Result<Vec<(String, Value)>> {
        let mut rows = Vec::new();
        for (view, sql) in [
            ("orders", "SELECT * FROM orders"),
            ("revenue_by_region", "SELECT * FROM regions"),
            ("top_customers", TOP),
            ("orders_per_minute", "SELECT * FROM minutes"),
        ] {
            rows.extend(self.rows(sql)?.into_iter().map(|row| (view.to_owned(), row)));
        }
        Ok(rows)
    }
}
