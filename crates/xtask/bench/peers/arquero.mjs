// arquero: columns of all events, and tables computed from them. It has no way to take one event
// but to compute them anew.

import { desc, escape, op, table } from "arquero";
import { eachEvent, measure } from "../measure.mjs";

const RANK = { OrderPlaced: 0, ItemAdded: 0, OrderPaid: 1, OrderShipped: 2, OrderCancelled: 3 };
const STATUS = ["placed", "paid", "shipped", "cancelled"];

const columns = { id: [], rank: [], time: [], customer: [], region: [], items: [], cents: [] };
let views;

function take({ type, subject, time, data }) {
  columns.id.push(subject);
  columns.rank.push(RANK[type]);
  columns.time.push(type === "OrderPlaced" ? time : null);
  columns.customer.push(data.customer ?? null);
  columns.region.push(data.region ?? null);
  columns.items.push(type === "ItemAdded" ? data.quantity : 0);
  columns.cents.push(type === "ItemAdded" ? data.quantity * data.price_cents : 0);
}

function compute() {
  const orders = table(columns)
    .groupby("id")
    .rollup({
      customer: (d) => op.max(d.customer),
      region: (d) => op.max(d.region),
      rank: (d) => op.max(d.rank),
      time: (d) => op.max(d.time),
      items: (d) => op.sum(d.items),
      total: (d) => op.sum(d.cents),
    })
    .derive({ status: escape((d) => STATUS[d.rank]) });
  const sold = orders.filter((d) => d.rank === 1 || d.rank === 2);
  const totals = { orders: op.count(), revenue: op.sum("total") };
  views = {
    orders,
    regions: sold.groupby("region").rollup(totals),
    top: sold.groupby("customer").rollup(totals)
      .orderby(desc("revenue"), "customer").slice(0, 10).reify(),
    minutes: orders.derive({ minute: (d) => op.substring(d.time, 0, 16) })
      .groupby("minute").rollup({ orders: op.count() }),
  };
}

const rows = (name, fields) => views[name].objects().map((row) => fields.map((field) => row[field]));
const top = () => rows("top", ["customer", "orders", "revenue"]);

await measure({
  replay(bytes) {
    const events = eachEvent(bytes, take);
    compute();
    return events;
  },
  top,
  views: () => ({
    orders: rows("orders", ["id", "customer", "region", "status", "time", "items", "total"]),
    revenue_by_region: rows("regions", ["region", "orders", "revenue"]),
    top_customers: top(),
    orders_per_minute: rows("minutes", ["minute", "orders"]),
  }),
});
