// What a JavaScript developer would write by hand: JSON.parse for each line, and a Map for each view.
// Run as: node --expose-gc javascript.mjs EVENTS ROWS

import { createWriteStream, readFileSync } from "node:fs";

const CHUNK = 1 << 20;

const orders = new Map();
const revenueByRegion = new Map();
const customers = new Map();
const ordersPerMinute = new Map();

function apply({ type, subject, time, data }) {
  if (type === "OrderPlaced") {
    const { customer, region } = data;
    orders.set(subject, { customer, region, status: "placed", time, items: 0, total: 0 });
    const minute = time.slice(0, 16);
    ordersPerMinute.set(minute, (ordersPerMinute.get(minute) ?? 0) + 1);
    return;
  }
  const order = orders.get(subject);
  if (type === "ItemAdded") {
    order.items += data.quantity;
    order.total += data.quantity * data.price_cents;
  } else if (type === "OrderPaid") {
    order.status = "paid";
    sell(revenueByRegion, order.region, 1, order.total);
    sell(customers, order.customer, 1, order.total);
  } else if (type === "OrderShipped") {
    order.status = "shipped";
  } else if (type === "OrderCancelled") {
    if (order.status === "paid") {
      sell(revenueByRegion, order.region, -1, -order.total);
      sell(customers, order.customer, -1, -order.total);
    }
    order.status = "cancelled";
  }
}

function sell(totals, key, count, revenue) {
  const total = totals.get(key);
  if (total === undefined) {
    totals.set(key, { orders: count, revenue });
  } else {
    total.orders += count;
    total.revenue += revenue;
  }
}

function fold(bytes) {
  const decoder = new TextDecoder();
  let events = 0;
  let rest = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const text = rest + decoder.decode(bytes.subarray(start, start + CHUNK), { stream: true });
    let from = 0;
    for (let end; (end = text.indexOf("\n", from)) !== -1; from = end + 1) {
      apply(JSON.parse(text.slice(from, end)));
      events += 1;
    }
    rest = text.slice(from);
  }
  return events;
}

function topCustomers() {
  const all = [...customers].filter(([, { orders }]) => orders > 0);
  all.sort(([a, x], [b, y]) => y.revenue - x.revenue || (a < b ? -1 : 1));
  return all.slice(0, 10).map(([name, { orders, revenue }]) => [name, orders, revenue]);
}

function views() {
  const byKey = (rows) => rows.sort(([a], [b]) => (a < b ? -1 : 1));
  const order = ([id, { customer, region, status, time, items, total }]) =>
    [id, customer, region, status, time, items, total];
  const region = ([name, { orders, revenue }]) => [name, orders, revenue];
  return {
    orders: byKey([...orders].map(order)),
    revenue_by_region: byKey([...revenueByRegion].map(region)),
    top_customers: topCustomers(),
    orders_per_minute: byKey([...ordersPerMinute]),
  };
}

const [events, rows] = process.argv.slice(2);
const bytes = readFileSync(events);
globalThis.gc();
const memoryBefore = process.memoryUsage().heapUsed;
const start = process.cpuUsage();
const count = fold(bytes);
topCustomers();
const { user, system } = process.cpuUsage(start);
const seconds = (user + system) / 1e6;
globalThis.gc();
const memory = process.memoryUsage().heapUsed - memoryBefore;
const file = createWriteStream(rows);
for (const [name, view] of Object.entries(views())) {
  for (const row of view) {
    file.write(`${name}\t${JSON.stringify(row)}\n`);
  }
}
file.end(() => console.log(JSON.stringify({ events: count, seconds, memory })));
