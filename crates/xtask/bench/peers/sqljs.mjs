// sql.js: SQLite in WebAssembly, tables kept up by triggers.

import { readFileSync } from "node:fs";
import initSqlJs from "sql.js";
import { eachBatch, measure } from "../measure.mjs";

const SQL = await initSqlJs();
const database = new SQL.Database();
database.run(readFileSync(new URL("views.sql", import.meta.url), "utf8"));
const place = database.prepare("INSERT INTO orders VALUES (?, ?, ?, 'placed', ?, 0, 0)");
const add = database.prepare(
  "UPDATE orders SET items = items + ?, total_cents = total_cents + ? WHERE id = ?");
const settle = database.prepare("UPDATE orders SET status = ? WHERE id = ?");
const best = database.prepare(
  "SELECT name, orders, revenue FROM customers WHERE orders > 0 ORDER BY revenue DESC, name LIMIT 10");

const STATUS = { OrderPaid: "paid", OrderShipped: "shipped", OrderCancelled: "cancelled" };

function apply({ type, subject, time, data }) {
  if (type === "OrderPlaced") {
    place.run([subject, data.customer, data.region, time]);
  } else if (type === "ItemAdded") {
    add.run([data.quantity, data.quantity * data.price_cents, subject]);
  } else {
    settle.run([STATUS[type], subject]);
  }
}

function take(events) {
  database.run("BEGIN");
  events.forEach(apply);
  database.run("COMMIT");
}

function top() {
  const rows = [];
  best.bind();
  while (best.step()) rows.push(best.get());
  best.reset();
  return rows;
}

const all = (table) => database.exec(`SELECT * FROM ${table}`)[0].values;

await measure({
  replay: (bytes) => eachBatch(bytes, 10_000, take),
  apply: (line) => apply(JSON.parse(line)),
  top,
  views: () => ({
    orders: all("orders"),
    revenue_by_region: all("regions"),
    top_customers: top(),
    orders_per_minute: all("minutes"),
  }),
  memory: () => process.memoryUsage().rss,
});
