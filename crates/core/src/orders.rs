//! The order domain: the worked example that the tests, the demo and the docs share.
//!
//! A shop takes orders: one stream for each, from placed over paid to shipped, or cancelled on the
//! way. [`Orders`] decides the commands, [`OrderStream`] makes up a busy shop, and [`VIEWS`]
//! declares what is shown of it.
//!
//! ```
//! use everview_core::command::{Command, CommandBus, Outcome};
//! use everview_core::orders::{OrderCommand, Orders};
//! use everview_core::{Epoch, Log, Timestamp};
//!
//! let mut bus = CommandBus::new();
//! bus.register(Orders)?;
//!
//! let (mut log, now) = (Log::new(), Timestamp::from_millis(0));
//! let place = OrderCommand::PlaceOrder { customer: "Ada Okafor".into(), region: "north".into() };
//! let place = Command::new("order-1", &place).with_key("8c1f");
//! let outcome = bus.dispatch(&mut log, Epoch::new(1), now, &place)?;
//! assert!(matches!(outcome, Outcome::Accepted { version: 1, .. }));
//!
//! let pay = Command::new("order-1", &OrderCommand::PayOrder { method: "card".into() });
//! assert_eq!(
//!     bus.dispatch(&mut log, Epoch::new(1), now, &pay)?,
//!     Outcome::Rejected("an order without items cannot be paid".into())
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalogue;
mod generator;
mod message;
mod projector;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::command::Decider;

pub use generator::{Generated, OrderEvents, OrderStream};
pub use message::{OrderCommand, OrderEvent};
pub use projector::{MinuteRows, OrderRows};

/// The views of the domain, as the text of a definitions file: `orders`, `revenue_by_region`,
/// `top_customers` and `orders_per_minute`.
pub const VIEWS: &str = include_str!("orders/views.toml");

/// The most of one thing that is sold at once.
const MOST: i64 = 1_000;
/// The highest price of one thing, in cents.
const DEAREST: i64 = 100_000_000;

/// Decides the commands of orders.
#[derive(Debug, Clone, Copy, Default)]
pub struct Orders;

/// What the decisions about one order depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// How far it has come.
    pub status: Status,
    /// What its items cost together.
    pub total_cents: i64,
    /// How many lines of items it has.
    pub lines: u64,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody has placed it.
    #[default]
    Unknown,
    /// It is placed, and items can be added.
    Placed,
    /// It is paid.
    Paid,
    /// It is on its way.
    Shipped,
    /// It was cancelled.
    Cancelled,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        })
    }
}

/// Why a command about an order is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderRejection {
    /// The order has come too far for it, or not far enough.
    #[error("expected the order to be {expected}, found it {found}")]
    Status {
        /// When it would be possible.
        expected: &'static str,
        /// How far the order has come.
        found: Status,
    },
    /// There is nothing to pay.
    #[error("an order without items cannot be paid")]
    NoItems,
    /// A text that must say something is empty.
    #[error("expected a {field}, found an empty text")]
    Empty {
        /// Which one.
        field: &'static str,
    },
    /// Nobody sells so many, or so few.
    #[error("expected a quantity from 1 to {MOST}, found {found}")]
    Quantity {
        /// The quantity.
        found: i64,
    },
    /// Nothing costs so much, or less than nothing.
    #[error("expected a price from 0 to {DEAREST} cents, found {found}")]
    Price {
        /// The price.
        found: i64,
    },
}

impl Decider for Orders {
    type State = Order;
    type Event = OrderEvent;
    type Command = OrderCommand;
    type Rejection = OrderRejection;

    const SOURCE: &'static str = "/shop";

    fn evolve(&self, order: &mut Order, event: &OrderEvent) {
        match event {
            OrderEvent::OrderPlaced { .. } => order.status = Status::Placed,
            OrderEvent::ItemAdded { quantity, price_cents, .. } => {
                order.lines += 1;
                let cost = quantity.saturating_mul(*price_cents);
                order.total_cents = order.total_cents.saturating_add(cost);
            }
            OrderEvent::OrderPaid { .. } => order.status = Status::Paid,
            OrderEvent::OrderShipped { .. } => order.status = Status::Shipped,
            OrderEvent::OrderCancelled { .. } => order.status = Status::Cancelled,
        }
    }

    fn decide(
        &self,
        order: &Order,
        command: OrderCommand,
    ) -> Result<Vec<OrderEvent>, OrderRejection> {
        let event = match command {
            OrderCommand::PlaceOrder { customer, region } => {
                order.must_be(&[Status::Unknown], "unknown")?;
                let (customer, region) = (said("customer", customer)?, said("region", region)?);
                OrderEvent::OrderPlaced { customer, region }
            }
            OrderCommand::AddItem { sku, quantity, price_cents } => {
                order.must_be(&[Status::Placed], "placed")?;
                if !(1..=MOST).contains(&quantity) {
                    return Err(OrderRejection::Quantity { found: quantity });
                }
                if !(0..=DEAREST).contains(&price_cents) {
                    return Err(OrderRejection::Price { found: price_cents });
                }
                OrderEvent::ItemAdded { sku: said("sku", sku)?, quantity, price_cents }
            }
            OrderCommand::PayOrder { method } => {
                order.must_be(&[Status::Placed], "placed")?;
                if order.lines == 0 {
                    return Err(OrderRejection::NoItems);
                }
                let method = said("method", method)?;
                OrderEvent::OrderPaid { method, amount_cents: order.total_cents }
            }
            OrderCommand::ShipOrder { carrier } => {
                order.must_be(&[Status::Paid], "paid")?;
                OrderEvent::OrderShipped { carrier: said("carrier", carrier)? }
            }
            OrderCommand::CancelOrder { reason } => {
                order.must_be(&[Status::Placed, Status::Paid], "placed or paid")?;
                OrderEvent::OrderCancelled { reason }
            }
        };
        Ok([event].into())
    }
}

impl Order {
    fn must_be(&self, wanted: &[Status], expected: &'static str) -> Result<(), OrderRejection> {
        if wanted.contains(&self.status) {
            return Ok(());
        }
        Err(OrderRejection::Status { expected, found: self.status })
    }
}

fn said(field: &'static str, text: String) -> Result<String, OrderRejection> {
    if text.trim().is_empty() { Err(OrderRejection::Empty { field }) } else { Ok(text) }
}
