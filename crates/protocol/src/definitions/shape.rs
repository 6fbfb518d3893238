//! The shape of a definitions file, before anyone asks whether it makes sense.

use core::{fmt, marker::PhantomData};

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) views: Entries<ViewShape>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewShape {
    pub(super) key: Option<Key>,
    pub(super) on: Option<Entries<ClauseShape>>,
    pub(super) sql: Option<String>,
    pub(super) each: Option<IgnoredAny>,
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
    pub(super) delete: bool,
    pub(super) max: Option<IgnoredAny>,
    pub(super) min: Option<IgnoredAny>,
    pub(super) append: Option<IgnoredAny>,
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
