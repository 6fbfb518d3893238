//! Tables, statements over them and events, in Everview and in `SQLite`.

use std::fmt::Write as _;

use everview_core::{
    Clause, DefineError, Definitions, Engine, Epoch, Limits, NewEvent, Position, Rng, Row,
    TableDefinition, Value, ViewDefinition,
};
use rusqlite::Connection;
use rusqlite::types::{Value as Theirs, ValueRef};

use super::generate::{Generator, Kind, Statement, View};

const TABLES: [&str; 2] = ["l", "r"];
const COLUMNS: [(&str, Kind); 5] = [
    ("id", Kind::Text),
    ("g", Kind::Integer),
    ("n", Kind::Number),
    ("t", Kind::Text),
    ("m", Kind::Moment),
];

/// What is checked: statements, each after each step.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) statements: Vec<Statement>,
    pub(super) steps: Vec<Step>,
    /// The key of a row that `SQLite` is not told of: then the check must fail.
    pub(super) lacks: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Events: type, key and data.
    Append(Vec<(String, &'static str, String)>),
    /// Back by so many of a thousand events, for good or only to look.
    Rewind(u64),
    Seek(u64),
}

impl World {
    pub(super) fn generate(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let columns: Vec<(String, Kind)> =
            COLUMNS.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        let mut views: Vec<View> =
            TABLES.map(|name| View { name: name.into(), columns: columns.clone() }).into();
        let mut statements = Vec::new();
        for number in 0..4 {
            let statement = Generator { rng: &mut rng, views: &views }.statement();
            let columns = statement.kinds.iter().enumerate();
            let columns = columns.map(|(index, kind)| (format!("c{index}"), *kind)).collect();
            views.push(View { name: format!("q{number}"), columns });
            statements.push(statement);
        }
        let steps = (0..12).map(|_| step(&mut rng)).collect();
        Self { statements, steps, lacks: None }
    }

    /// How many cases hold, or what is wrong with the first that does not.
    pub(super) fn check(&self) -> Result<u64, String> {
        let queries: Vec<String> =
            self.statements.iter().map(|statement| statement.sql.ours.clone()).collect();
        let mut engine = engine(&queries).map_err(|error| error.to_string())?;
        let sqlite = self.sqlite()?;
        let mut cases = 0;
        for step in &self.steps {
            take(&mut engine, step);
            self.tell(&sqlite, &engine);
            for (number, statement) in self.statements.iter().enumerate() {
                let name = format!("q{number}");
                compare(&engine, &sqlite, &name, statement.is_ordered)
                    .map_err(|problem| format!("{name}, {}: {problem}", statement.sql.ours))?;
                cases += 1;
            }
            engine.seek(engine.head());
        }
        Ok(cases)
    }

    fn sqlite(&self) -> Result<Connection, String> {
        let sqlite = Connection::open_in_memory().map_err(|error| error.to_string())?;
        sqlite.set_prepared_statement_cache_capacity(64);
        let mut script = String::new();
        for table in TABLES {
            writeln!(script, "CREATE TABLE {table} (id, g, n, t, m);").unwrap();
        }
        for (number, statement) in self.statements.iter().enumerate() {
            writeln!(script, "CREATE VIEW q{number} AS {};", statement.sql.theirs).unwrap();
        }
        sqlite.execute_batch(&script).map_err(|error| format!("{error} in {script}"))?;
        Ok(sqlite)
    }

    /// Tells `SQLite` the rows of the tables as they are.
    fn tell(&self, sqlite: &Connection, engine: &Engine) {
        for table in TABLES {
            sqlite.prepare_cached(&format!("DELETE FROM {table}")).unwrap().execute([]).unwrap();
            let insert = format!("INSERT INTO {table} VALUES (?, ?, ?, ?, ?)");
            let mut insert = sqlite.prepare_cached(&insert).unwrap();
            for row in engine.view(table).unwrap().rows() {
                if self.lacks.is_some_and(|key| row[0] == key.into()) {
                    continue;
                }
                insert.execute(rusqlite::params_from_iter(row.iter().map(theirs))).unwrap();
            }
        }
    }

    /// The failure with as few steps and statements as show it.
    pub(super) fn shrunk(&self, failure: String) -> String {
        let (mut world, mut failure) = (self.clone(), failure);
        let mut at = 0;
        while at < world.steps.len() {
            let mut smaller = world.clone();
            smaller.steps.remove(at);
            match smaller.check() {
                Err(still) => (world, failure) = (smaller, still),
                Ok(_) => at += 1,
            }
        }
        while world.statements.len() > 1 {
            let mut smaller = world.clone();
            smaller.statements.pop();
            let Err(still) = smaller.check() else { break };
            (world, failure) = (smaller, still);
        }
        let steps: Vec<String> = world.steps.iter().map(|step| format!("\n  {step:?}")).collect();
        format!("{failure}\nafter{}", steps.concat())
    }
}

fn step(rng: &mut Rng) -> Step {
    match rng.below(10) {
        0 => Step::Rewind(rng.below(1_000)),
        1 => Step::Seek(rng.below(1_000)),
        _ => Step::Append((0..=rng.below(4)).map(|_| event(rng)).collect()),
    }
}

fn event(rng: &mut Rng) -> (String, &'static str, String) {
    let table = TABLES[usize::from(rng.chance(500_000))];
    let key = ["a", "b", "c", "d", "e"][usize::try_from(rng.below(5)).unwrap()];
    if rng.chance(200_000) {
        return (format!("{table}-"), key, format!("{{\"id\":\"{key}\"}}"));
    }
    let mut pick = |among: &[&str]| {
        let index = usize::try_from(rng.below(among.len() as u64)).unwrap();
        among[index].to_owned()
    };
    let g = pick(&["null", "0", "1", "2", "2", "-1"]);
    let n = pick(&["null", "1", "1.0", "2.25", "-0.5", "3.75", "4"]);
    let t = pick(&["null", "\"\"", "\"a\"", "\"Ab\"", "\" ab \"", "\"it's\""]);
    let m = pick(&[
        "null",
        "\"2026-01-02T03:04:05.000Z\"",
        "\"2026-01-02T03:05:59.000Z\"",
        "\"2026-01-02T03:06:00.000Z\"",
        "\"2024-02-29T23:59:59.000Z\"",
    ]);
    let data = format!("{{\"id\":\"{key}\",\"g\":{g},\"n\":{n},\"t\":{t},\"m\":{m}}}");
    (format!("{table}+"), key, data)
}

/// An engine with the tables and these queries, called `q0` and so on.
fn engine(queries: &[String]) -> Result<Engine, DefineError> {
    let table = |name: &str| {
        let set = COLUMNS[1..].iter();
        let set = set.map(|(column, _)| ((*column).to_owned(), format!("data.{column}")));
        let put = Clause { set: set.collect(), ..Clause::default() };
        let drop = Clause { delete: true, ..Clause::default() };
        let on = vec![(format!("{name}+"), put), (format!("{name}-"), drop)];
        let key = vec!["data.id".to_owned()];
        (name.to_owned(), ViewDefinition::Table(TableDefinition { key, on, ..Default::default() }))
    };
    let mut views: Vec<_> = TABLES.map(table).into();
    for (number, sql) in queries.iter().enumerate() {
        views.push((format!("q{number}"), ViewDefinition::Query(sql.clone())));
    }
    // So few that every way through the positions meets some.
    let limits = Limits { checkpoint_events: 5, ..Limits::default() };
    let mut engine = Engine::new(limits);
    engine.define(&Definitions { views, ..Definitions::default() })?;
    Ok(engine)
}

/// Whether a statement over the tables is accepted.
pub(super) fn accepts(sql: &str) -> Result<(), String> {
    engine(&[sql.to_owned()]).map(drop).map_err(|error| error.to_string())
}

fn take(engine: &mut Engine, step: &Step) {
    let back = |engine: &Engine, part: u64| Position::new(engine.head().get() * part / 1_000);
    match step {
        Step::Append(events) => {
            for (event_type, key, data) in events {
                let event = NewEvent {
                    id: engine.head().next().get().to_string(),
                    source: "/oracle".into(),
                    event_type: event_type.clone(),
                    subject: (*key).into(),
                    time: None,
                    data: data.clone(),
                };
                engine.append(Epoch::new(1), &event).unwrap();
            }
        }
        Step::Rewind(part) => engine.rewind(back(engine, *part)),
        Step::Seek(part) => engine.seek(back(engine, *part)),
    }
}

/// A value as `SQLite` has it: it knows no booleans, and floats instead of decimals.
fn theirs(value: &Value) -> Theirs {
    match value {
        Value::Null => Theirs::Null,
        Value::Bool(truth) => Theirs::Integer(i64::from(*truth)),
        Value::Int(number) => Theirs::Integer(*number),
        Value::Decimal(number) => Theirs::Real(number.to_string().parse().unwrap()),
        Value::Text(text) => Theirs::Text(text.to_string()),
    }
}

fn compare(
    engine: &Engine,
    sqlite: &Connection,
    view: &str,
    is_ordered: bool,
) -> Result<(), String> {
    let ours = engine.view(view).unwrap();
    if let Some((key, error)) = ours.errors().next() {
        return Err(format!("{key:?}: {error}"));
    }
    let mut found: Vec<Vec<String>> = ours.rows().map(|row| shown(&row)).collect();
    let mut query = sqlite.prepare_cached(&format!("SELECT * FROM {view}")).unwrap();
    let width = query.column_count();
    let mut expected = Vec::new();
    let mut rows = query.query([]).map_err(|error| error.to_string())?;
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        expected.push((0..width).map(|index| told(row.get_ref_unwrap(index))).collect::<Vec<_>>());
    }
    if !is_ordered {
        found.sort();
        expected.sort();
    }
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

fn shown(row: &Row) -> Vec<String> {
    let show = |value: &Value| match theirs(value) {
        Theirs::Null => "NULL".to_owned(),
        Theirs::Integer(number) => number.to_string(),
        Theirs::Real(number) => real(number),
        Theirs::Text(text) => format!("'{text}'"),
        Theirs::Blob(_) => "blob".to_owned(),
    };
    row.iter().map(show).collect()
}

fn told(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => real(number),
        ValueRef::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
        ValueRef::Blob(_) => "blob".to_owned(),
    }
}

/// A number as both show it: whole ones as integers, others with as many digits as a mean in a
/// float is true to.
fn real(number: f64) -> String {
    let text = format!("{number:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
