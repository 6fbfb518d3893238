// @tanstack/db-ivm: differential dataflow in JavaScript. The order rows are a Map, whose changes are
// sent to three queries.

import {
  D2, MultiSet, filter, groupBy, groupByOperators, map, orderByWithFractionalIndex, output,
} from "@tanstack/db-ivm";
import { eachBatch, measure } from "../measure.mjs";
import { fold, isSold, orderRows } from "./orders.mjs";

const { sum, count } = groupByOperators;
const graph = new D2();
const orders = graph.newInput();
const sold = orders.pipe(filter(isSold));
const totals = { orders: count(), revenue: sum(({ total }) => total) };
const [regions, customers, minutes] = [new Map(), new Map(), new Map()];

sold.pipe(groupBy(({ region }) => ({ region }), totals), output(into(regions)));
sold.pipe(
  groupBy(({ customer }) => ({ customer }), totals),
  orderByWithFractionalIndex((row) => row, { comparator: before, limit: 10 }),
  map(([key, [row]]) => [key, row]),
  output(into(customers)),
);
orders.pipe(
  groupBy(({ time }) => ({ minute: time.slice(0, 16) }), { orders: count() }),
  output(into(minutes)),
);
graph.finalize();

function before(a, b) {
  return b.revenue - a.revenue || (a.customer < b.customer ? -1 : 1);
}

/** Keeps the rows of a result: what is taken back goes unless it was replaced already. */
function into(rows) {
  return (changes) => {
    for (const [[key, row], times] of changes.getInner()) {
      if (times > 0) rows.set(key, row);
      else if (same(rows.get(key), row)) rows.delete(key);
    }
  };
}

function same(a, b) {
  return a !== undefined && a.orders === b.orders && a.revenue === b.revenue;
}

function take(events) {
  const changes = [];
  for (const event of events) {
    fold(event, (_, before, after) => {
      if (before !== undefined) changes.push([before, -1]);
      changes.push([after, 1]);
    });
  }
  orders.sendData(new MultiSet(changes));
  graph.run();
}

const top = () => [...customers.values()].sort(before)
  .map(({ customer, orders, revenue }) => [customer, orders, revenue]);

await measure({
  replay: (bytes) => eachBatch(bytes, 10_000, take),
  apply: (line) => take([JSON.parse(line)]),
  top,
  views: () => ({
    orders: orderRows(),
    revenue_by_region: [...regions.values()].map(({ region, orders, revenue }) =>
      [region, orders, revenue]),
    top_customers: top(),
    orders_per_minute: [...minutes.values()].map(({ minute, orders }) => [minute, orders]),
  }),
});
