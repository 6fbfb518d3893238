// Redux Toolkit: the orders in a slice, and memoised selectors for the other views.

import { configureStore, createSelector, createSlice } from "@reduxjs/toolkit";
import { eachBatch, measure } from "../measure.mjs";

const STATUS = { OrderPaid: "paid", OrderShipped: "shipped", OrderCancelled: "cancelled" };

const slice = createSlice({
  name: "orders",
  initialState: {},
  reducers: {
    received(orders, { payload }) {
      for (const { type, subject, time, data } of payload) {
        if (type === "OrderPlaced") {
          const { customer, region } = data;
          orders[subject] = { customer, region, status: "placed", time, items: 0, total: 0 };
        } else if (type === "ItemAdded") {
          const order = orders[subject];
          order.items += data.quantity;
          order.total += data.quantity * data.price_cents;
        } else {
          orders[subject].status = STATUS[type];
        }
      }
    },
  },
});
const { received } = slice.actions;
// The checks for mistakes are not part of a production build.
const store = configureStore({
  reducer: slice.reducer,
  middleware: (defaults) => defaults({ serializableCheck: false, immutableCheck: false }),
});

const selectOrders = (state) => state;
const selectSold = createSelector([selectOrders], (orders) =>
  Object.values(orders).filter(({ status }) => status === "paid" || status === "shipped"));
const totals = (key) => createSelector([selectSold], (sold) => {
  const totals = new Map();
  for (const order of sold) {
    const total = totals.get(order[key]) ?? { orders: 0, revenue: 0 };
    total.orders += 1;
    total.revenue += order.total;
    totals.set(order[key], total);
  }
  return [...totals].map(([name, { orders, revenue }]) => [name, orders, revenue]);
});
const selectRegions = totals("region");
const selectTop = createSelector([totals("customer")], (customers) =>
  customers.toSorted(([a, , x], [b, , y]) => y - x || (a < b ? -1 : 1)).slice(0, 10));
const selectMinutes = createSelector([selectOrders], (orders) => {
  const minutes = new Map();
  for (const { time } of Object.values(orders)) {
    const minute = time.slice(0, 16);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  return [...minutes];
});

const views = () => {
  const state = store.getState();
  return {
    orders: Object.entries(state).map(([id, { customer, region, status, time, items, total }]) =>
      [id, customer, region, status, time, items, total]),
    revenue_by_region: selectRegions(state),
    top_customers: selectTop(state),
    orders_per_minute: selectMinutes(state),
  };
};

await measure({
  replay(bytes) {
    const events = eachBatch(bytes, 10_000, (events) => store.dispatch(received(events)));
    selectRegions(store.getState());
    selectMinutes(store.getState());
    return events;
  },
  apply: (line) => store.dispatch(received([JSON.parse(line)])),
  top: () => selectTop(store.getState()),
  views,
});
