// crossfilter2: records of sales and of placed orders, and groups over them. A sale that is taken
// back is a record that counts against it, since records do not change. The order rows are a Map: a
// crossfilter has no rows that are kept up.

import crossfilter from "crossfilter2";
import { eachBatch, measure } from "../measure.mjs";
import { fold, isSold, orderRows } from "./orders.mjs";

const sales = crossfilter();
const placed = crossfilter();
const total = (group) => group.reduce(
  (sum, sale) => ({ orders: sum.orders + sale.count, revenue: sum.revenue + sale.revenue }),
  (sum, sale) => ({ orders: sum.orders - sale.count, revenue: sum.revenue - sale.revenue }),
  () => ({ orders: 0, revenue: 0 }),
);
const regions = total(sales.dimension(({ region }) => region).group());
const customers = total(sales.dimension(({ customer }) => customer).group())
  .order(({ revenue }) => revenue);
const minutes = placed.dimension(({ time }) => time.slice(0, 16)).group();

function take(events) {
  const [soldNow, placedNow] = [[], []];
  for (const event of events) {
    fold(event, (_, before, after) => {
      if (before === undefined) placedNow.push(after);
      const change = Number(isSold(after)) - Number(before !== undefined && isSold(before));
      if (change !== 0) {
        const { customer, region, total } = after;
        soldNow.push({ customer, region, count: change, revenue: change * total });
      }
    });
  }
  if (soldNow.length > 0) sales.add(soldNow);
  if (placedNow.length > 0) placed.add(placedNow);
}

const row = ({ key, value: { orders, revenue } }) => [key, orders, revenue];
const top = () => customers.top(10).map(row);

await measure({
  replay: (bytes) => eachBatch(bytes, 50_000, take),
  apply: (line) => take([JSON.parse(line)]),
  top,
  views: () => ({
    orders: orderRows(),
    revenue_by_region: regions.all().map(row),
    top_customers: top(),
    orders_per_minute: minutes.all().map(({ key, value }) => [key, value]),
  }),
});
