//! The commands and events of orders, and how they are written.

use alloc::string::String;

use crate::command::{Fields, Message, MessageError, ObjectWriter};
use crate::json::Json;

/// What can be asked about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderCommand {
    /// Begin an order.
    PlaceOrder {
        /// Who orders.
        customer: String,
        /// Where it goes.
        region: String,
    },
    /// Put something in it.
    AddItem {
        /// The article.
        sku: String,
        /// How many of it.
        quantity: i64,
        /// What one of it costs.
        price_cents: i64,
    },
    /// Pay it.
    PayOrder {
        /// How: `card`, `transfer`.
        method: String,
    },
    /// Send it on its way.
    ShipOrder {
        /// Who carries it.
        carrier: String,
    },
    /// Call it off.
    CancelOrder {
        /// Why; may be empty.
        reason: String,
    },
}

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// It began.
    OrderPlaced {
        /// Who ordered.
        customer: String,
        /// Where it goes.
        region: String,
    },
    /// Something was put in it.
    ItemAdded {
        /// The article.
        sku: String,
        /// How many of it.
        quantity: i64,
        /// What one of it costs.
        price_cents: i64,
    },
    /// It was paid.
    OrderPaid {
        /// How.
        method: String,
        /// How much.
        amount_cents: i64,
    },
    /// It went on its way.
    OrderShipped {
        /// Who carries it.
        carrier: String,
    },
    /// It was called off.
    OrderCancelled {
        /// Why.
        reason: String,
    },
}

impl Message for OrderCommand {
    const TYPES: &'static [&'static str] =
        &["PlaceOrder", "AddItem", "PayOrder", "ShipOrder", "CancelOrder"];

    fn type_name(&self) -> &'static str {
        match self {
            Self::PlaceOrder { .. } => "PlaceOrder",
            Self::AddItem { .. } => "AddItem",
            Self::PayOrder { .. } => "PayOrder",
            Self::ShipOrder { .. } => "ShipOrder",
            Self::CancelOrder { .. } => "CancelOrder",
        }
    }

    fn data(&self) -> String {
        match self {
            Self::PlaceOrder { customer, region } => who_and_where(customer, region),
            Self::AddItem { sku, quantity, price_cents } => item(sku, *quantity, *price_cents),
            Self::PayOrder { method } => ObjectWriter::new().text("method", method).finish(),
            Self::ShipOrder { carrier } => ObjectWriter::new().text("carrier", carrier).finish(),
            Self::CancelOrder { reason } => ObjectWriter::new().text("reason", reason).finish(),
        }
    }

    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError> {
        let fields = Fields::of(data);
        let text = |field| fields.text(field).map(String::from);
        Ok(match type_name {
            "PlaceOrder" => {
                Self::PlaceOrder { customer: text("customer")?, region: text("region")? }
            }
            "AddItem" => Self::AddItem {
                sku: text("sku")?,
                quantity: fields.integer("quantity")?,
                price_cents: fields.integer("price_cents")?,
            },
            "PayOrder" => Self::PayOrder { method: text("method")? },
            "ShipOrder" => Self::ShipOrder { carrier: text("carrier")? },
            "CancelOrder" => Self::CancelOrder { reason: text("reason")? },
            other => return Err(MessageError::unknown_type(other)),
        })
    }
}

impl Message for OrderEvent {
    const TYPES: &'static [&'static str] =
        &["OrderPlaced", "ItemAdded", "OrderPaid", "OrderShipped", "OrderCancelled"];

    fn type_name(&self) -> &'static str {
        match self {
            Self::OrderPlaced { .. } => "OrderPlaced",
            Self::ItemAdded { .. } => "ItemAdded",
            Self::OrderPaid { .. } => "OrderPaid",
            Self::OrderShipped { .. } => "OrderShipped",
            Self::OrderCancelled { .. } => "OrderCancelled",
        }
    }

    fn data(&self) -> String {
        match self {
            Self::OrderPlaced { customer, region } => who_and_where(customer, region),
            Self::ItemAdded { sku, quantity, price_cents } => item(sku, *quantity, *price_cents),
            Self::OrderPaid { method, amount_cents } => ObjectWriter::new()
                .text("method", method)
                .integer("amount_cents", *amount_cents)
                .finish(),
            Self::OrderShipped { carrier } => ObjectWriter::new().text("carrier", carrier).finish(),
            Self::OrderCancelled { reason } => ObjectWriter::new().text("reason", reason).finish(),
        }
    }

    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError> {
        let fields = Fields::of(data);
        let text = |field| fields.text(field).map(String::from);
        Ok(match type_name {
            "OrderPlaced" => {
                Self::OrderPlaced { customer: text("customer")?, region: text("region")? }
            }
            "ItemAdded" => Self::ItemAdded {
                sku: text("sku")?,
                quantity: fields.integer("quantity")?,
                price_cents: fields.integer("price_cents")?,
            },
            "OrderPaid" => Self::OrderPaid {
                method: text("method")?,
                amount_cents: fields.integer("amount_cents")?,
            },
            "OrderShipped" => Self::OrderShipped { carrier: text("carrier")? },
            "OrderCancelled" => Self::OrderCancelled { reason: text("reason")? },
            other => return Err(MessageError::unknown_type(other)),
        })
    }
}

fn who_and_where(customer: &str, region: &str) -> String {
    ObjectWriter::new().text("customer", customer).text("region", region).finish()
}

fn item(sku: &str, quantity: i64, price_cents: i64) -> String {
    ObjectWriter::new()
        .text("sku", sku)
        .integer("quantity", quantity)
        .integer("price_cents", price_cents)
        .finish()
}
