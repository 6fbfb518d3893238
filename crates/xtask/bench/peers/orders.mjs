// The order rows, for packages that take rows rather than events: a Map kept by hand.

export const orders = new Map();

export const isSold = ({ status }) => status === "paid" || status === "shipped";

export const orderRows = () => [...orders].map(([id, { customer, region, status, time, items, total }]) =>
  [id, customer, region, status, time, items, total]);

/** Folds an event and calls `changed` with the order before, if it was there, and after. */
export function fold({ type, subject, time, data }, changed) {
  const before = orders.get(subject);
  let after;
  if (type === "OrderPlaced") {
    const { customer, region } = data;
    after = { customer, region, status: "placed", time, items: 0, total: 0 };
  } else if (type === "ItemAdded") {
    const { quantity, price_cents } = data;
    const { items, total } = before;
    after = { ...before, items: items + quantity, total: total + quantity * price_cents };
  } else {
    after = { ...before, status: STATUS[type] };
  }
  orders.set(subject, after);
  changed(subject, before, after);
}

const STATUS = { OrderPaid: "paid", OrderShipped: "shipped", OrderCancelled: "cancelled" };
