//! A busy shop, made up from a seed.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::catalogue::{
    ARTICLES, CARRIERS, CUSTOMERS, METHODS, REASONS, REGIONS, Zipf, customer, pick,
};
use super::{OrderCommand, OrderEvent, Orders};
use crate::command::{Command, Decider as _, Message as _};
use crate::{NewEvent, Rng, Timestamp};

/// 2026-03-02T08:00:00Z, a Monday morning.
const OPENING: Timestamp = Timestamp::from_millis(1_772_438_400_000);

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

/// A command of the made-up shop, and when it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// When.
    pub time: Timestamp,
    /// The stream of the order.
    pub stream: String,
    /// How many commands the order had before.
    pub version: u64,
    /// What is asked.
    pub command: OrderCommand,
    /// What it comes to: the rules allow everything that is asked here.
    pub event: OrderEvent,
}

impl Generated {
    /// The command as a command bus takes it, safe to be sent twice.
    pub fn to_command(&self) -> Command {
        let Self { stream, version, .. } = self;
        Command::new(stream.clone(), &self.command).with_key(format!("{stream}-{version}"))
    }

    /// The event, as a command bus would have named it.
    pub fn to_event(&self) -> NewEvent {
        let Self { stream, version, .. } = self;
        NewEvent {
            id: format!("command/{stream}-{version}/1"),
            source: Orders::SOURCE.into(),
            event_type: self.event.type_name().into(),
            subject: stream.clone(),
            time: Some(self.time),
            data: self.event.data(),
        }
    }
}

/// The commands of a made-up shop, in order of time and without end.
///
/// A few customers buy much and many little; orders come in bursts; some are paid late, some never
/// and some are called off. The same seed gives the same commands on every platform.
///
/// ```
/// use everview_core::orders::OrderStream;
///
/// let first = OrderStream::new(7).next().unwrap();
/// assert_eq!(first.stream, "order-000001");
/// assert_eq!(OrderStream::new(7).next(), Some(first));
/// ```
#[derive(Debug, Clone)]
pub struct OrderStream {
    rng: Rng,
    customers: Zipf,
    articles: Zipf,
    /// When the next order is placed, in milliseconds.
    next_order: i64,
    /// How many more orders come in the present burst.
    burst: u64,
    orders: u64,
    /// What happens next to each order, by time and number.
    open: BTreeMap<(i64, u64), OpenOrder>,
}

#[derive(Debug, Clone, Copy)]
struct OpenOrder {
    next: Step,
    version: u64,
    total_cents: i64,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Add an item, and so many after it.
    Add {
        more: u64,
    },
    Pay,
    Ship,
    Cancel,
}

impl OrderStream {
    /// The shop of this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            customers: Zipf::new(CUSTOMERS),
            articles: Zipf::new(ARTICLES.len()),
            next_order: OPENING.millis(),
            burst: 0,
            orders: 0,
            open: BTreeMap::new(),
        }
    }

    /// The events that the commands come to.
    pub fn events(self) -> OrderEvents {
        OrderEvents(self)
    }

    fn place(&mut self) -> Generated {
        let time = self.next_order;
        self.orders += 1;
        if self.burst == 0 && self.rng.chance(4_000) {
            self.burst = self.rng.between(40, 300);
        }
        let mean = if self.burst == 0 { 4 * SECOND } else { SECOND / 8 };
        self.burst = self.burst.saturating_sub(1);
        self.next_order = self.later(time, 1, 2 * mean);

        let [first, last] = customer(self.customers.draw(&mut self.rng));
        let customer = format!("{first} {last}");
        let region = String::from(self.region());
        let more = self.rng.below(3) + self.rng.below(3);
        let order = OpenOrder { next: Step::Add { more }, version: 0, total_cents: 0 };
        let command =
            OrderCommand::PlaceOrder { customer: customer.clone(), region: region.clone() };
        let event = OrderEvent::OrderPlaced { customer, region };
        let number = self.orders;
        self.generated((time, number), order, (command, event), Some(order.next))
    }

    fn step(&mut self, place: (i64, u64), mut order: OpenOrder) -> Generated {
        let (asked, next) = match order.next {
            Step::Add { more } => {
                let (article, price) = ARTICLES[self.articles.draw(&mut self.rng)];
                let sku = String::from(article);
                let quantity = i64::from(self.rng.chance(250_000)) * self.small() + 1;
                let price_cents = price.cast_signed();
                order.total_cents += quantity * price_cents;
                let command = OrderCommand::AddItem { sku: sku.clone(), quantity, price_cents };
                let event = OrderEvent::ItemAdded { sku, quantity, price_cents };
                ((command, event), Some(self.after_item(more)))
            }
            Step::Pay => {
                let method = String::from(pick(&mut self.rng, &METHODS));
                let amount_cents = order.total_cents;
                let command = OrderCommand::PayOrder { method: method.clone() };
                let event = OrderEvent::OrderPaid { method, amount_cents };
                let next = if self.rng.chance(30_000) { Step::Cancel } else { Step::Ship };
                ((command, event), Some(next))
            }
            Step::Ship => {
                let carrier = String::from(pick(&mut self.rng, &CARRIERS));
                let command = OrderCommand::ShipOrder { carrier: carrier.clone() };
                ((command, OrderEvent::OrderShipped { carrier }), None)
            }
            Step::Cancel => {
                let reason = String::from(pick(&mut self.rng, &REASONS));
                let command = OrderCommand::CancelOrder { reason: reason.clone() };
                ((command, OrderEvent::OrderCancelled { reason }), None)
            }
        };
        self.generated(place, order, asked, next)
    }

    fn after_item(&mut self, more: u64) -> Step {
        match more.checked_sub(1) {
            Some(more) => Step::Add { more },
            None if self.rng.chance(70_000) => Step::Cancel,
            None => Step::Pay,
        }
    }

    /// Gives out one command, and notes when the order goes on and how.
    fn generated(
        &mut self,
        (time, number): (i64, u64),
        order: OpenOrder,
        (command, event): (OrderCommand, OrderEvent),
        next: Option<Step>,
    ) -> Generated {
        if let Some(next) = next {
            let then = self.time_of(time, next);
            let order = OpenOrder { next, version: order.version + 1, ..order };
            self.open.insert((then, number), order);
        }
        let (time, stream) = (Timestamp::from_millis(time), format!("order-{number:06}"));
        Generated { time, stream, version: order.version, command, event }
    }

    fn time_of(&mut self, now: i64, step: Step) -> i64 {
        match step {
            Step::Add { .. } => self.later(now, SECOND / 2, 15 * SECOND),
            Step::Pay if self.rng.chance(150_000) => self.later(now, 5 * MINUTE, 90 * MINUTE),
            Step::Pay => self.later(now, 3 * SECOND, 2 * MINUTE),
            Step::Ship => self.later(now, MINUTE, 20 * MINUTE),
            Step::Cancel => self.later(now, 10 * SECOND, 12 * MINUTE),
        }
    }

    fn later(&mut self, now: i64, least: u64, most: u64) -> i64 {
        now + self.rng.between(least, most).cast_signed()
    }

    fn small(&mut self) -> i64 {
        self.rng.between(1, 4).cast_signed()
    }

    fn region(&mut self) -> &'static str {
        let drawn = self.rng.below(REGIONS.iter().map(|(_, share)| share).sum());
        let mut sum = 0;
        let found = REGIONS.iter().find(|(_, share)| {
            sum += share;
            drawn < sum
        });
        found.map_or(REGIONS[0].0, |(region, _)| region)
    }
}

impl Iterator for OrderStream {
    type Item = Generated;

    fn next(&mut self) -> Option<Generated> {
        let is_due = |&(time, _): &(i64, u64)| time < self.next_order;
        if self.open.first_key_value().is_some_and(|(place, _)| is_due(place)) {
            let (place, order) = self.open.pop_first()?;
            return Some(self.step(place, order));
        }
        Some(self.place())
    }
}

/// The events of a made-up shop, without end; see [`OrderStream`].
///
/// ```
/// use everview_core::orders::OrderStream;
/// use everview_core::{Epoch, Log};
///
/// let mut log = Log::new();
/// for event in OrderStream::new(7).events().take(1_000) {
///     log.append(Epoch::new(1), &event)?;
/// }
/// assert_eq!(log.head().get(), 1_000);
/// # Ok::<(), everview_core::AppendError>(())
/// ```
#[derive(Debug, Clone)]
pub struct OrderEvents(OrderStream);

impl Iterator for OrderEvents {
    type Item = NewEvent;

    fn next(&mut self) -> Option<NewEvent> {
        self.0.next().map(|generated| generated.to_event())
    }
}
