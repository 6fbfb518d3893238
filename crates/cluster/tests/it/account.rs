//! The domain of these tests: accounts that take payments in and, as far as they go, out.

use everview_core::command::{
    Command, CommandBus, Decider, Fields, Message, MessageError, ObjectWriter,
};
use everview_core::json::Json;
use everview_core::{Clause, Definitions, Engine, Limits, TableDefinition, ViewDefinition};

/// Money into an account, or out of it.
pub(crate) struct Pay(pub(crate) i64);

struct Paid(i64);

struct Account;

impl Message for Pay {
    const TYPES: &'static [&'static str] = &["Pay"];

    fn type_name(&self) -> &'static str {
        "Pay"
    }

    fn data(&self) -> String {
        ObjectWriter::new().integer("amount", self.0).finish()
    }

    fn read(_: &str, data: Json<'_>) -> Result<Self, MessageError> {
        Fields::of(data).integer("amount").map(Self)
    }
}

impl Message for Paid {
    const TYPES: &'static [&'static str] = &["Paid"];

    fn type_name(&self) -> &'static str {
        "Paid"
    }

    fn data(&self) -> String {
        Pay(self.0).data()
    }

    fn read(type_name: &str, data: Json<'_>) -> Result<Self, MessageError> {
        Pay::read(type_name, data).map(|Pay(amount)| Self(amount))
    }
}

impl Decider for Account {
    type State = i64;
    type Event = Paid;
    type Command = Pay;
    type Rejection = String;

    const SOURCE: &'static str = "/bank";

    fn evolve(&self, balance: &mut i64, Paid(amount): &Paid) {
        *balance += amount;
    }

    fn decide(&self, balance: &i64, Pay(amount): Pay) -> Result<Vec<Paid>, String> {
        if balance + amount < 0 {
            return Err(format!("the account has {balance}, {} is asked for", -amount));
        }
        Ok(vec![Paid(amount)])
    }
}

/// A bus that decides payments.
pub(crate) fn bus() -> CommandBus {
    let mut bus = CommandBus::new();
    bus.register(Account).unwrap();
    bus
}

/// A payment.
pub(crate) fn pay(account: &str, amount: i64) -> Command {
    Command::new(account, &Pay(amount))
}

/// An engine that shows the balance of every account, and what they have together.
pub(crate) fn engine() -> Engine {
    let add = vec![("balance".to_owned(), "data.amount".to_owned())];
    let paid = Clause { add, ..Clause::default() };
    let on = vec![("Paid".to_owned(), paid)];
    let accounts =
        TableDefinition { key: vec!["subject".to_owned()], on, ..TableDefinition::default() };
    let total = "SELECT COUNT(*) AS accounts, SUM(balance) AS balance FROM accounts".to_owned();
    let views = vec![
        ("accounts".to_owned(), ViewDefinition::Table(accounts)),
        ("total".to_owned(), ViewDefinition::Query(total)),
    ];
    let mut engine = Engine::new(Limits::default());
    engine.define(&Definitions { views, ..Definitions::default() }).unwrap();
    engine
}
