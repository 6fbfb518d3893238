//! What simulated clients do: they pay into accounts and, as far as it goes, out of them.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use everview_core::command::{
    Command, CommandBus, Decider, Fields, Message, MessageError, ObjectWriter,
};
use everview_core::json::Json;
use everview_core::{
    Clause, Definitions, Engine, Limits, Log, Position, TableDefinition, ViewDefinition,
};

/// Money into an account, or out of it.
struct Pay(i64);

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
pub fn bus() -> CommandBus {
    let mut bus = CommandBus::new();
    // The first decider of its types is never refused.
    let registered = bus.register(Account);
    debug_assert_eq!(registered, Ok(()));
    bus
}

/// A payment into an account, or out of it.
pub fn pay(account: impl Into<String>, amount: i64) -> Command {
    Command::new(account, &Pay(amount))
}

/// The name of an account.
pub(super) fn account(number: u64) -> String {
    format!("account-{number}")
}

/// The first event of a log that takes more out of an account than there is. No such payment is
/// accepted where a command is decided on what its events follow.
pub(super) fn overdraws(log: &Log) -> Option<Position> {
    let mut balances = BTreeMap::<String, i64>::new();
    log.after(Position::START).find_map(|event| {
        let data = Json::parse(&event.data).ok()?;
        let Paid(amount) = Paid::read(event.event_type, data).ok()?;
        let balance = balances.entry(event.subject.into()).or_default();
        *balance += amount;
        (*balance < 0).then_some(event.position)
    })
}

/// An engine that shows the balance of every account, and what they have together.
///
/// ```
/// use everview_cluster::sim::bank;
///
/// assert_eq!(bank::engine().view("total").unwrap().rows().count(), 1);
/// ```
pub fn engine() -> Engine {
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
    let defined = engine.define(&Definitions { views, ..Definitions::default() });
    debug_assert_eq!(defined, Ok(()));
    engine
}
