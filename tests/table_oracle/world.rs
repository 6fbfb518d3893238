//! Views and events of a small world, so that keys meet, and rows come, go and are refused.

use everview_core::{
    Append, Clause, ColumnDefinition, ColumnType, Definitions, NewEvent, TableDefinition,
    ViewDefinition,
};
use proptest::prelude::*;

/// The columns of every view beside its key. The last one is for lists.
pub(crate) const COLUMNS: [&str; 4] = ["c0", "c1", "c2", "c3"];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum V {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
}

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum X {
    Value(V),
    Data(&'static str),
    Item(&'static str),
    ItemIndex,
    Column(usize),
    Previous(usize),
    Subject,
    Type,
    Position,
    Version,
    Binary(&'static str, Box<X>, Box<X>),
    Not(Box<X>),
    IsNull(Box<X>),
    Coalesce(Box<X>, Box<X>),
    Case(Box<X>, Box<X>, Box<X>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Set,
    Add,
    Max,
    Min,
    Append(u32),
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Delete,
    Change(Vec<(usize, Verb, X)>),
}

#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) key: Vec<X>,
    pub(crate) each: bool,
    pub(crate) columns: Vec<(Option<ColumnType>, V)>,
    pub(crate) on: Vec<On>,
}

/// Types with their clauses.
type On = (Vec<&'static str>, Vec<(Option<X>, Effect)>);

/// The fields of an object.
pub(crate) type Fields = Vec<(&'static str, V)>;

#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) event_type: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) data: Fields,
    /// Elements, or what stands in their place.
    pub(crate) items: Result<Vec<Fields>, V>,
}

impl V {
    fn sql(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Text(text) => format!("'{text}'"),
        }
    }

    pub(crate) fn json(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(text) => serde_json::to_string(text).unwrap(),
            other => other.sql(),
        }
    }
}

impl X {
    fn sql(&self) -> String {
        match self {
            Self::Value(value) => value.sql(),
            Self::Data(field) => format!("data.{field}"),
            Self::Item(field) => format!("item.{field}"),
            Self::ItemIndex => "item_index".to_owned(),
            Self::Column(column) => COLUMNS[*column].to_owned(),
            Self::Previous(column) => format!("previous.{}", COLUMNS[*column]),
            Self::Subject => "subject".to_owned(),
            Self::Type => "type".to_owned(),
            Self::Position => "position".to_owned(),
            Self::Version => "stream_version".to_owned(),
            Self::Binary(operator, a, b) => format!("({} {operator} {})", a.sql(), b.sql()),
            Self::Not(inner) => format!("(NOT {})", inner.sql()),
            Self::IsNull(inner) => format!("({} IS NULL)", inner.sql()),
            Self::Coalesce(a, b) => format!("coalesce({}, {})", a.sql(), b.sql()),
            Self::Case(when, then, otherwise) => {
                format!("CASE WHEN {} THEN {} ELSE {} END", when.sql(), then.sql(), otherwise.sql())
            }
        }
    }
}

impl View {
    pub(crate) fn definitions(&self) -> Definitions {
        let column = |(name, (column_type, default)): (&&str, &(Option<ColumnType>, V))| {
            let default = (*default != V::Null).then(|| default.sql());
            ((*name).to_owned(), ColumnDefinition { column_type: *column_type, default })
        };
        let clauses = |(types, clauses): &On| {
            let types = types.join(", ");
            clauses
                .iter()
                .map(move |(when, effect)| (types.clone(), clause(when.as_ref(), effect)))
                .collect::<Vec<_>>()
        };
        // A type that never comes, so that every column is there.
        let all = COLUMNS.map(|name| (name.to_owned(), "NULL".to_owned())).into();
        let all = ("Never".to_owned(), Clause { set: all, ..Clause::default() });
        let table = TableDefinition {
            key: self.key.iter().map(X::sql).collect(),
            each: self.each.then(|| "data.items".to_owned()),
            columns: COLUMNS.iter().zip(&self.columns).map(column).collect(),
            on: self.on.iter().flat_map(clauses).chain([all]).collect(),
            ..TableDefinition::default()
        };
        Definitions {
            views: vec![("v".to_owned(), ViewDefinition::Table(table))],
            ..Definitions::default()
        }
    }
}

fn clause(when: Option<&X>, effect: &Effect) -> Clause {
    let mut clause = Clause { when: when.map(X::sql), ..Clause::default() };
    let Effect::Change(changes) = effect else { return Clause { delete: true, ..clause } };
    for (column, verb, value) in changes {
        let (name, value) = (COLUMNS[*column].to_owned(), value.sql());
        match verb {
            Verb::Set => clause.set.push((name, value)),
            Verb::Add => clause.add.push((name, value)),
            Verb::Max => clause.max.push((name, value)),
            Verb::Min => clause.min.push((name, value)),
            Verb::Append(limit) => clause.append.push((name, Append { value, limit: *limit })),
        }
    }
    clause
}

impl Happened {
    pub(crate) fn to_new(&self, id: usize) -> NewEvent {
        let object = |fields: &[(&str, V)]| {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("\"{name}\": {}", value.json()))
                .collect();
            fields.join(", ")
        };
        let items = match &self.items {
            Ok(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| format!("{{{}}}", object(item))).collect();
                format!("[{}]", items.join(","))
            }
            Err(other) => other.json(),
        };
        NewEvent {
            id: id.to_string(),
            source: "/world".into(),
            event_type: self.event_type.into(),
            subject: self.subject.into(),
            time: None,
            data: format!("{{\"items\":{items}, {}}}", object(&self.data)),
        }
    }
}

fn value() -> impl Strategy<Value = V> {
    prop_oneof![
        12 => (-3_i64..4).prop_map(V::Int),
        1 => prop::sample::select(vec!["a", "b", "[1,\"x\"]"]).prop_map(|text| V::Text(text.into())),
        1 => any::<bool>().prop_map(V::Bool),
        2 => Just(V::Null),
        1 => prop::sample::select(vec![i64::MAX, 1 << 60, -(1 << 60) - 1]).prop_map(V::Int),
    ]
}

fn leaf(each: bool) -> impl Strategy<Value = X> {
    let outer = prop_oneof![
        3 => value().prop_map(X::Value),
        4 => prop::sample::select(vec!["k", "n", "m"]).prop_map(X::Data),
        4 => (0..COLUMNS.len()).prop_map(X::Column),
        2 => (0..COLUMNS.len()).prop_map(X::Previous),
        1 => prop::sample::select(vec![X::Subject, X::Type, X::Position, X::Version]),
    ];
    let inner = prop::sample::select(vec![X::Item("s"), X::Item("n"), X::ItemIndex]);
    (outer, inner, 0..3_usize)
        .prop_map(move |(outer, inner, pick)| if each && pick == 0 { inner } else { outer })
}

fn expr(each: bool) -> impl Strategy<Value = X> {
    leaf(each).prop_recursive(2, 8, 3, |inner| {
        let operators =
            vec!["+", "-", "*", "/", "||", "=", "<>", "<", ">=", "AND", "OR", "+", "*", "<>", "="];
        let operand = || inner.clone().prop_map(Box::new);
        prop_oneof![
            6 => (prop::sample::select(operators), operand(), operand())
                .prop_map(|(operator, a, b)| X::Binary(operator, a, b)),
            1 => operand().prop_map(X::Not),
            1 => operand().prop_map(X::IsNull),
            1 => (operand(), operand()).prop_map(|(a, b)| X::Coalesce(a, b)),
            1 => (operand(), operand(), operand()).prop_map(|(a, b, c)| X::Case(a, b, c)),
        ]
    })
}

/// A column's type and a default that it takes.
fn column() -> impl Strategy<Value = (Option<ColumnType>, V)> {
    prop_oneof![
        8 => Just((None, V::Null)),
        4 => value().prop_map(|value| (None, value)),
        1 => (-2_i64..3).prop_map(|number| (Some(ColumnType::Integer), V::Int(number))),
        1 => Just((Some(ColumnType::Text), V::Text("b".to_owned()))),
        1 => Just((Some(ColumnType::Boolean), V::Bool(false))),
        1 => Just((Some(ColumnType::Text), V::Null)),
    ]
}

fn effect(each: bool) -> impl Strategy<Value = Effect> {
    let verb = |column: usize| {
        if column == COLUMNS.len() - 1 {
            prop_oneof![3 => (1_u32..4).prop_map(Verb::Append), 1 => Just(Verb::Set)].boxed()
        } else {
            prop::sample::select(vec![
                Verb::Set,
                Verb::Set,
                Verb::Add,
                Verb::Add,
                Verb::Max,
                Verb::Min,
            ])
            .boxed()
        }
    };
    let change = move |column: usize| prop::option::of((Just(column), verb(column), expr(each)));
    let changes = (change(0), change(1), change(2), change(3))
        .prop_map(|(a, b, c, d)| Effect::Change([a, b, c, d].into_iter().flatten().collect()));
    prop_oneof![9 => changes, 1 => Just(Effect::Delete)]
}

pub(crate) fn view() -> impl Strategy<Value = View> {
    let types: Vec<Vec<&'static str>> =
        vec![vec!["A"], vec!["B"], vec!["C"], vec!["A", "B"], vec!["C", "A"], vec!["*"]];
    (any::<bool>(), prop::sample::subsequence(types, 1..5).prop_shuffle()).prop_flat_map(
        |(each, types)| {
            let clause = (prop::option::of(expr(each)), effect(each));
            let clauses = prop::collection::vec(clause, 1..3);
            let list = column().prop_map(|(column_type, default)| match column_type {
                None | Some(ColumnType::Text) => (column_type, default),
                Some(_) => (None, default),
            });
            (
                key(each),
                (column(), column(), column(), list),
                prop::collection::vec(clauses, types.len()),
            )
                .prop_map(move |(key, (a, b, c, d), clauses)| View {
                    key,
                    each,
                    columns: vec![a, b, c, d],
                    on: types.clone().into_iter().zip(clauses).collect(),
                })
        },
    )
}

fn key(each: bool) -> impl Strategy<Value = Vec<X>> {
    let known = X::Coalesce(Box::new(X::Data("k")), Box::new(X::Value(V::Text("none".into()))));
    let mut keys = vec![vec![X::Subject], vec![X::Data("k")], vec![X::Subject, known]];
    if each {
        keys = vec![vec![X::Item("s")], vec![X::Subject, X::Item("s")], vec![X::ItemIndex]];
    }
    prop::sample::select(keys)
}

pub(crate) fn event() -> impl Strategy<Value = Happened> {
    let key = || {
        prop_oneof![
            8 => prop::sample::select(vec!["a", "b"]).prop_map(|text| V::Text(text.to_owned())),
            2 => (1_i64..3).prop_map(V::Int),
            1 => Just(V::Null),
        ]
    };
    let item = (key(), value()).prop_map(|(s, n)| vec![("s", s), ("n", n)]);
    let items = prop_oneof![
        8 => prop::collection::vec(item, 0..4).prop_map(Ok),
        1 => prop::sample::select(vec![V::Null, V::Int(5)]).prop_map(Err),
    ];
    let data = (key(), value(), prop::option::of(value())).prop_map(|(k, n, m)| {
        let mut data = vec![("k", k), ("n", n)];
        data.extend(m.map(|m| ("m", m)));
        data
    });
    let event_type = prop::sample::select(vec!["A", "A", "B", "C", "D"]);
    (event_type, prop::sample::select(vec!["x", "y"]), data, items).prop_map(
        |(event_type, subject, data, items)| Happened { event_type, subject, data, items },
    )
}
