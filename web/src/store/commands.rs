//! Commands that people send.

use everview_core::command::Message as _;
use everview_core::orders::OrderCommand;
use everview_protocol::session::{CommandOutcome, CommandResult, Reply, Request};
use leptos::prelude::*;

use super::Store;
use crate::dom::now_ms;

/// The form for commands, as somebody left it. One draft serves every kind of command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Which command.
    pub(crate) kind: CommandKind,
    /// A repeated key is answered with the first result.
    pub(crate) key: String,
    /// The order.
    pub(crate) order: String,
    /// Who orders.
    pub(crate) customer: String,
    /// Where it goes.
    pub(crate) region: String,
    /// The article.
    pub(crate) sku: String,
    /// How many.
    pub(crate) quantity: String,
    /// The price of one, in cents.
    pub(crate) price_cents: String,
    /// How an order is paid.
    pub(crate) method: String,
    /// Who carries it.
    pub(crate) carrier: String,
    /// Why it is taken back.
    pub(crate) reason: String,
}

/// A command of the order domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CommandKind {
    /// Opens an order.
    #[default]
    PlaceOrder,
    /// Adds an article.
    AddItem,
    /// Pays.
    PayOrder,
    /// Sends off.
    ShipOrder,
    /// Takes back.
    CancelOrder,
}

/// A command that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentCommand {
    /// Counts the commands of this page.
    pub(crate) number: usize,
    /// Its key.
    pub(crate) key: String,
    /// The order.
    pub(crate) order: String,
    /// What it was.
    pub(crate) command: OrderCommand,
    /// What became of it, once that is known.
    pub(crate) outcome: Option<CommandOutcome>,
    /// How long that took, in milliseconds.
    pub(crate) took_ms: Option<u64>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            kind: CommandKind::default(),
            key: fresh_key(),
            order: "my-order-1".into(),
            customer: "ada".into(),
            region: "north".into(),
            sku: "tea".into(),
            quantity: "1".into(),
            price_cents: "450".into(),
            method: "card".into(),
            carrier: "post".into(),
            reason: "changed my mind".into(),
        }
    }
}

impl CommandKind {
    /// Every kind, in the order of an order's life.
    pub(crate) const ALL: [Self; 5] =
        [Self::PlaceOrder, Self::AddItem, Self::PayOrder, Self::ShipOrder, Self::CancelOrder];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PlaceOrder => "PlaceOrder",
            Self::AddItem => "AddItem",
            Self::PayOrder => "PayOrder",
            Self::ShipOrder => "ShipOrder",
            Self::CancelOrder => "CancelOrder",
        }
    }

    /// The data of one, as JSON text.
    pub(crate) fn example(self) -> String {
        let draft = Draft { kind: self, ..Draft::default() };
        draft.command().map(|command| command.data()).unwrap_or_default()
    }
}

impl Draft {
    /// The command that is written.
    ///
    /// # Errors
    ///
    /// Which field is no number.
    pub(crate) fn command(&self) -> Result<OrderCommand, String> {
        if self.order.trim().is_empty() {
            return Err("Name the order.".into());
        }
        let text = |text: &String| text.trim().to_owned();
        Ok(match self.kind {
            CommandKind::PlaceOrder => OrderCommand::PlaceOrder {
                customer: text(&self.customer),
                region: text(&self.region),
            },
            CommandKind::AddItem => OrderCommand::AddItem {
                sku: text(&self.sku),
                quantity: number(&self.quantity, "quantity")?,
                price_cents: number(&self.price_cents, "price")?,
            },
            CommandKind::PayOrder => OrderCommand::PayOrder { method: text(&self.method) },
            CommandKind::ShipOrder => OrderCommand::ShipOrder { carrier: text(&self.carrier) },
            CommandKind::CancelOrder => OrderCommand::CancelOrder { reason: text(&self.reason) },
        })
    }
}

fn number(text: &str, field: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("The {field} must be a whole number, found “{text}”."))
}

/// A key that nobody else has: the time, and chance for two pages at the same time.
pub(crate) fn fresh_key() -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both fit")]
    let (time, chance) = (js_sys::Date::now() as u64, (js_sys::Math::random() * 65_536.0) as u64);
    format!("key-{time:x}-{chance:04x}")
}

impl Store {
    /// Sends the command that is written. The form stays as it is, but for the key: once a command
    /// is decided, the next one has a key of its own.
    pub(crate) fn dispatch(self, command: OrderCommand) {
        let (key, order) =
            self.draft.with_untracked(|draft| (draft.key.clone(), draft.order.trim().to_owned()));
        let number = self.sent.with_untracked(Vec::len) + 1;
        let request = Request::Dispatch {
            key: key.clone(),
            stream: order.clone(),
            command_type: command.type_name().into(),
            data: command.data(),
        };
        let sent = SentCommand { number, key, order, command, outcome: None, took_ms: None };
        self.sent.update(|all| all.insert(0, sent));
        let begun = now_ms();
        self.ask(request, move |reply| {
            let outcome = match reply {
                Reply::Command(outcome) => outcome,
                Reply::Impossible(reason) => {
                    CommandOutcome { node: None, result: CommandResult::Unavailable { reason } }
                }
                _ => return,
            };
            self.finish(number, outcome, now_ms() - begun);
        });
    }

    fn finish(self, number: usize, outcome: CommandOutcome, took_ms: f64) {
        if !matches!(outcome.result, CommandResult::Unavailable { .. }) {
            self.draft.update(|draft| draft.key = fresh_key());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
        let took_ms = Some(took_ms as u64);
        self.sent.update(|all| {
            if let Some(sent) = all.iter_mut().find(|sent| sent.number == number) {
                (sent.outcome, sent.took_ms) = (Some(outcome), took_ms);
            }
        });
    }
}
