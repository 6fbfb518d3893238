// @duckdb/duckdb-wasm: the events as a table of columns, and views that are computed when read.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { eachBatch, measure } from "../measure.mjs";

const require = createRequire(import.meta.url);
const duckdb = require("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs");
const { tableFromArrays } = require("apache-arrow");
const folder = dirname(require.resolve("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs"));
const bundle = (name) => ({ mainModule: join(folder, name), mainWorker: "" });
const database = await duckdb.createDuckDB(
  { mvp: bundle("duckdb-mvp.wasm"), eh: bundle("duckdb-eh.wasm") },
  new duckdb.VoidLogger(),
  duckdb.NODE_RUNTIME,
);
await database.instantiate();
const connection = database.connect();
connection.query(`
  CREATE TABLE events (
    id VARCHAR, rank INTEGER, time VARCHAR, customer VARCHAR, region VARCHAR,
    items INTEGER, cents INTEGER);
  CREATE VIEW orders AS
    SELECT id, max(customer) AS customer, max(region) AS region,
      ['placed', 'paid', 'shipped', 'cancelled'][max(rank) + 1] AS status,
      max(time) AS placed_at, sum(items)::INTEGER AS items, sum(cents)::INTEGER AS total
    FROM events GROUP BY id;
  CREATE VIEW sold AS SELECT * FROM orders WHERE status IN ('paid', 'shipped');
  CREATE VIEW revenue_by_region AS
    SELECT region, count(*)::INTEGER AS orders, sum(total)::DOUBLE AS revenue
    FROM sold GROUP BY region;
  CREATE VIEW top_customers AS
    SELECT customer, count(*)::INTEGER AS orders, sum(total)::DOUBLE AS revenue
    FROM sold GROUP BY customer ORDER BY revenue DESC, customer LIMIT 10;
  CREATE VIEW orders_per_minute AS
    SELECT substr(placed_at, 1, 16) AS minute, count(*)::INTEGER AS orders
    FROM orders GROUP BY minute`);

const RANK = { OrderPlaced: 0, ItemAdded: 0, OrderPaid: 1, OrderShipped: 2, OrderCancelled: 3 };

function take(events) {
  const column = (value) => events.map(value);
  const table = tableFromArrays({
    id: column(({ subject }) => subject),
    rank: Int32Array.from(events, ({ type }) => RANK[type]),
    time: column(({ type, time }) => (type === "OrderPlaced" ? time : null)),
    customer: column(({ data }) => data.customer ?? null),
    region: column(({ data }) => data.region ?? null),
    items: Int32Array.from(events, ({ data }) => data.quantity ?? 0),
    cents: Int32Array.from(events, ({ data }) => (data.quantity ?? 0) * (data.price_cents ?? 0)),
  });
  connection.insertArrowTable(table, { name: "events", create: false });
}

const rows = (view) => connection.query(`SELECT * FROM ${view}`).toArray()
  .map((row) => Object.values(row.toJSON()));

await measure({
  replay(bytes) {
    const events = eachBatch(bytes, 50_000, take);
    // Nothing is kept up, so the other views are computed once: their rows are what was asked for.
    for (const view of ["orders", "revenue_by_region", "orders_per_minute"]) {
      connection.query(`CREATE TABLE ${view}_now AS SELECT * FROM ${view}`);
    }
    return events;
  },
  apply: (line) => take([JSON.parse(line)]),
  top: () => rows("top_customers"),
  views: () => ({
    orders: rows("orders"),
    revenue_by_region: rows("revenue_by_region"),
    top_customers: rows("top_customers"),
    orders_per_minute: rows("orders_per_minute"),
  }),
  memory: () => process.memoryUsage().rss,
});
