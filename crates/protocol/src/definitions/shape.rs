//! The shape of a definitions file, before anyone asks whether it makes sense.

use core::{fmt, marker::PhantomData};

use everview_core::ColumnType;
use indexmap::IndexMap;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::upcaster::UpcasterShape;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) views: Entries<ViewShape>,
    #[serde(default)]
    pub(super) upcasters: Entries<UpcasterShape>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewShape {
    pub(super) key: Option<Key>,
    pub(super) each: Option<String>,
    pub(super) columns: Option<Entries<ColumnShape>>,
    pub(super) on: Option<Entries<Clauses>>,
    pub(super) retain: Option<RetainShape>,
    pub(super) sql: Option<String>,
    /// Columns of indexes, each one or a list.
    pub(super) indexes: Option<Vec<Key>>,
    pub(super) unique: Option<Vec<Key>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetainShape {
    pub(super) time: Option<String>,
    pub(super) rows: Option<u64>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnShape {
    #[serde(rename = "type")]
    pub(super) column_type: Option<TypeName>,
    pub(super) default: Option<Constant>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClauseShape {
    pub(super) when: Option<String>,
    #[serde(default)]
    pub(super) set: Entries<String>,
    #[serde(default)]
    pub(super) add: Entries<String>,
    #[serde(default)]
    pub(super) max: Entries<String>,
    #[serde(default)]
    pub(super) min: Entries<String>,
    #[serde(default)]
    pub(super) append: Entries<AppendShape>,
    #[serde(default)]
    pub(super) delete: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppendShape {
    pub(super) value: String,
    pub(super) limit: u32,
}

/// The type of a column.
pub(super) struct TypeName(pub(super) ColumnType);

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || {
            let known: Vec<_> = ColumnType::ALL.iter().map(|known| known.name()).collect();
            D::Error::custom(format_args!(
                "unknown type `{name}`, expected one of {}",
                known.join(", ")
            ))
        };
        ColumnType::named(&name).map(Self).ok_or_else(unknown)
    }
}

/// A constant expression; integers and booleans may do without quotes. A number with a fraction may
/// not: it would come here rounded.
pub(super) struct Constant(pub(super) String);

impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConstantVisitor)
    }
}

struct ConstantVisitor;

impl Visitor<'_> for ConstantVisitor {
    type Value = Constant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a constant: an expression in quotes, an integer, true or false")
    }

    fn visit_str<E: Error>(self, expression: &str) -> Result<Constant, E> {
        Ok(Constant(expression.to_owned()))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Constant, E> {
        Ok(Constant(truth.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Constant, E> {
        Ok(Constant(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Constant, E> {
        Ok(Constant(number.to_string()))
    }
}

/// What the events of a type do: one clause, or several in order.
pub(super) struct Clauses(pub(super) Vec<ClauseShape>);

impl<'de> Deserialize<'de> for Clauses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClausesVisitor)
    }
}

struct ClausesVisitor;

impl<'de> Visitor<'de> for ClausesVisitor {
    type Value = Clauses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a clause or a list of clauses")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Clauses, A::Error> {
        let clause = ClauseShape::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Clauses(vec![clause]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Clauses, A::Error> {
        let mut clauses = Vec::new();
        while let Some(clause) = list.next_element()? {
            clauses.push(clause);
        }
        if clauses.is_empty() {
            return Err(A::Error::invalid_length(0, &"at least one clause"));
        }
        Ok(Clauses(clauses))
    }
}

/// One expression, or a list of them.
pub(super) struct Key(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression or a list of expressions")
    }

    fn visit_str<E: Error>(self, expression: &str) -> Result<Key, E> {
        Ok(Key(vec![expression.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Key, A::Error> {
        let mut expressions = Vec::new();
        while let Some(expression) = list.next_element()? {
            expressions.push(expression);
        }
        Ok(Key(expressions))
    }
}

/// Names and what they stand for, in the order written. A name that comes twice is refused: JSON
/// allows it, and one of the two would be lost.
pub(super) struct Entries<T>(IndexMap<String, T>);

impl<T> Entries<T> {
    pub(super) fn into_iter(self) -> impl Iterator<Item = (String, T)> {
        self.0.into_iter()
    }

    pub(super) fn into_pairs(self) -> Vec<(String, T)> {
        self.into_iter().collect()
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.is_empty() {
                return Err(A::Error::custom("an empty name"));
            }
            if entries.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` is there twice")));
            }
            entries.insert(name, map.next_value()?);
        }
        Ok(Entries(entries))
    }
}
