// What a JavaScript developer would write by hand: JSON.parse for each line, and a Map for each view.
// Run as: node --expose-gc javascript.mjs EVENTS ROWS LIVE

import { eachEvent, measure } from "./measure.mjs";

const TOP = 10;

const orders = new Map();
const revenueByRegion = new Map();
const customers = new Map();
const ordersPerMinute = new Map();

/** The ten best customers, once somebody has asked for them; kept up from then on. */
let top;

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
    rank(sell(customers, order.customer, 1, order.total), order.total);
  } else if (type === "OrderShipped") {
    order.status = "shipped";
  } else if (type === "OrderCancelled") {
    if (order.status === "paid") {
      sell(revenueByRegion, order.region, -1, -order.total);
      rank(sell(customers, order.customer, -1, -order.total), -order.total);
    }
    order.status = "cancelled";
  }
}

function sell(totals, name, count, revenue) {
  let total = totals.get(name);
  if (total === undefined) {
    totals.set(name, (total = { name, orders: 0, revenue: 0 }));
  }
  total.orders += count;
  total.revenue += revenue;
  return total;
}

/** Puts a customer in place among the best, or all of them if one of the best has lost something. */
function rank(customer, change) {
  if (top === undefined) return;
  const at = top.indexOf(customer);
  if (change < 0 && at !== -1) {
    top = best();
  } else if (at !== -1 || top.length < TOP || before(customer, top[TOP - 1]) < 0) {
    if (at !== -1) top.splice(at, 1);
    let place = top.length;
    while (place > 0 && before(customer, top[place - 1]) < 0) place -= 1;
    top.splice(place, 0, customer);
    top.length = Math.min(top.length, TOP);
  }
}

function before(a, b) {
  return b.revenue - a.revenue || (a.name < b.name ? -1 : 1);
}

function best() {
  const all = [...customers.values()].filter(({ orders }) => orders > 0);
  return all.sort(before).slice(0, TOP);
}

function topCustomers() {
  top ??= best();
  return top.map(({ name, orders, revenue }) => [name, orders, revenue]);
}

await measure({
  replay: (bytes) => eachEvent(bytes, apply),
  apply: (line) => apply(JSON.parse(line)),
  top: topCustomers,
  views: () => ({
    orders: [...orders].map(([id, { customer, region, status, time, items, total }]) =>
      [id, customer, region, status, time, items, total]),
    revenue_by_region: [...revenueByRegion.values()].map(({ name, orders, revenue }) =>
      [name, orders, revenue]),
    top_customers: topCustomers(),
    orders_per_minute: [...ordersPerMinute],
  }),
});
