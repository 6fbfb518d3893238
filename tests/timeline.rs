//! What is asked of a timeline agrees with what a fold of the log says.

mod capsule;
mod diff;
mod fork;
mod history;
mod late;
mod pending;
mod search;
mod seek;
mod spill;
mod why;

use everview_core::command::{Fields, Message, MessageError, ObjectWriter};
use everview_core::json::Json;
use everview_core::{
    Definitions, Engine, Epoch, Event, Key, Limits, NewEvent, Position, ProjectError, Projector,
    Row, Rows, Value,
};
use everview_protocol::definitions;
use proptest::prelude::*;

use crate::laws::{Followed, VIEWS};

/// Derived views of other sorts than those of the other laws.
const DERIVED: &str = r#"
[views.pairs]
sql = "SELECT i.subject, i.part, i.amount, r.n FROM items AS i LEFT JOIN recent AS r ON i.subject = r.subject"

[views.both]
sql = "SELECT label, amount FROM items WHERE amount > 0 UNION ALL SELECT part, amount FROM latest"

[views.everywhere]
sql = "SELECT b.label, COUNT(*) AS n, SUM(p.n) AS total FROM both AS b JOIN pairs AS p ON b.amount = p.amount GROUP BY b.label"

[views.counted_twice]
sql = "SELECT c.subject, c.times + r.n AS times FROM counted AS c JOIN recent AS r ON c.subject = r.subject"
"#;

struct Counted(bool);

impl Message for Counted {
    const TYPES: &'static [&'static str] = &["Added", "Dropped"];

    fn type_name(&self) -> &'static str {
        if self.0 { "Dropped" } else { "Added" }
    }

    fn data(&self) -> String {
        ObjectWriter::new().finish()
    }

    fn read(event_type: &str, data: Json<'_>) -> Result<Self, MessageError> {
        Fields::of(data).text("label")?;
        Ok(Self(event_type == "Dropped"))
    }
}

/// A view that is written in Rust, and refuses events without a label.
#[derive(Debug)]
struct Counter;

impl Projector for Counter {
    type Event = Counted;

    const KEY: &'static [&'static str] = &["subject"];
    const COLUMNS: &'static [&'static str] = &["times"];

    fn project(
        &self,
        counted: Counted,
        event: &Event<'_>,
        rows: &mut Rows<'_>,
    ) -> Result<(), ProjectError> {
        let key = [Value::text(event.subject)];
        let times = match rows.get(&key).as_deref() {
            Some([_, Value::Int(times)]) => *times,
            _ => 0,
        };
        if counted.0 {
            rows.remove(&key);
            return Ok(());
        }
        rows.put(&key, &[Value::Int(times + 1)])
    }
}

fn views() -> Definitions {
    definitions::parse(&[VIEWS, DERIVED].concat()).unwrap()
}

fn empty() -> Engine {
    let limits = Limits { checkpoint_events: 4, ..Limits::default() };
    let mut engine = Engine::new(limits);
    engine.register("counted", Counter).unwrap();
    engine.define(&views()).unwrap();
    engine
}

/// Events with the playhead somewhere, and some of them not folded yet.
#[derive(Debug, Clone)]
struct World {
    events: Vec<NewEvent>,
    /// How many events there were when somebody began to look at the past.
    folded: usize,
    playhead: usize,
}

fn world() -> impl Strategy<Value = World> {
    (crate::laws::events(), 0_usize..70, 0_usize..70).prop_map(|(events, folded, playhead)| World {
        events,
        folded,
        playhead,
    })
}

impl World {
    fn engine(&self) -> Engine {
        let mut engine = empty();
        let (before, after) = self.events.split_at(self.folded.min(self.events.len()));
        for event in before {
            engine.append(Epoch::new(1), event).unwrap();
        }
        engine.seek(at(self.playhead));
        for event in after {
            engine.append(Epoch::new(1), event).unwrap();
        }
        engine
    }

    /// An engine that never saw more than the first so many events.
    fn folded(&self, count: usize) -> Engine {
        let mut engine = empty();
        for event in &self.events[..count.min(self.events.len())] {
            engine.append(Epoch::new(1), event).unwrap();
        }
        engine
    }

    /// The rows of a view after so many events, by key.
    fn rows(&self, view: &str, count: usize) -> Followed {
        let deltas = self.folded(count).drain_deltas(view);
        deltas.into_iter().filter_map(|delta| Some((delta.key, delta.after?))).collect()
    }
}

fn at(position: usize) -> Position {
    Position::new(position as u64)
}

fn names(engine: &Engine) -> Vec<String> {
    engine.views().map(|view| view.name().to_owned()).collect()
}

/// Whether two rows are the same in every respect.
fn same(a: &Row, b: &Row) -> bool {
    a == b && a.iter().map(Value::kind).eq(b.iter().map(Value::kind))
}

fn is_same(a: &Followed, b: &Followed) -> bool {
    let entry = |((k, a), (l, b)): ((&Key, &Row), (&Key, &Row))| k == l && same(a, b);
    a.len() == b.len() && a.iter().zip(b).all(entry)
}
