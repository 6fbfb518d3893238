//! A definitions file as a tree, whether it is TOML or JSON: values that know where they stand.

mod json;
mod toml;

use std::borrow::Cow;

use super::DefinitionsError;

/// A value and where it begins: bytes from the start of the text.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    at: usize,
    value: Value<'t>,
}

#[derive(Debug)]
enum Value<'t> {
    Null,
    Bool(bool),
    Integer(i64),
    Text(Cow<'t, str>),
    /// What no definition has, such as a float or a date: its kind and how it is written.
    Other(&'static str, Cow<'t, str>),
    List(Vec<Node<'t>>),
    Table(Table<'t>),
}

#[derive(Debug)]
struct Table<'t> {
    form: Form,
    entries: Vec<(Name<'t>, Node<'t>)>,
}

/// What TOML lets a table be extended by depends on how it came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Written whole, in braces.
    Inline,
    /// By a header.
    Header,
    /// As a part of a longer header.
    Implicit,
    /// By a key with dots.
    Dotted,
}

#[derive(Debug)]
struct Name<'t> {
    at: usize,
    text: Cow<'t, str>,
}

/// What is wrong, before it is known in which line that is.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// Something in the text.
    Shape {
        /// Bytes before it.
        at: usize,
        /// What was expected and what was found.
        problem: String,
    },
    /// A part that can be read.
    Meaning {
        /// The part, such as `views.orders`.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Wrong {
    fn at(at: usize, problem: impl Into<String>) -> Self {
        Self::Shape { at, problem: problem.into() }
    }

    pub(crate) fn meaning(place: String, problem: impl Into<String>) -> Self {
        Self::Meaning { place, problem: problem.into() }
    }

    /// The error with its line in the text.
    pub(crate) fn within(self, text: &str) -> DefinitionsError {
        match self {
            Self::Meaning { place, problem } => DefinitionsError::Meaning { place, problem },
            Self::Shape { at, problem } => {
                let before = text.get(..at).unwrap_or(text);
                let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
                DefinitionsError::Shape {
                    line: before.matches('\n').count() + 1,
                    column: before[line_start..].chars().count() + 1,
                    problem,
                }
            }
        }
    }
}

/// Reads what JavaScript made of an object, and gives what is wrong with it without its place, which
/// nobody sees.
#[cfg(feature = "javascript")]
pub(crate) fn from_json<T>(
    text: &str,
    read: impl FnOnce(&Node<'_>) -> Result<T, Wrong>,
) -> Result<T, String> {
    json::read(text).and_then(|node| read(&node)).map_err(|wrong| match wrong {
        Wrong::Shape { problem, .. } | Wrong::Meaning { problem, .. } => problem,
    })
}

/// Reads a text: as JSON if the first character that is not blank is `{`, else as TOML.
pub(crate) fn read(text: &str) -> Result<Node<'_>, Wrong> {
    if text.trim_start().starts_with('{') { json::read(text) } else { toml::read(text) }
}

impl<'t> Node<'t> {
    /// An error at this place.
    pub(crate) fn wrong(&self, problem: impl Into<String>) -> Wrong {
        Wrong::at(self.at, problem)
    }

    /// The error that this is something else than was expected.
    pub(crate) fn unlike(&self, expected: &str) -> Wrong {
        let found = match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => format!("boolean `{truth}`"),
            Value::Integer(number) => format!("integer `{number}`"),
            Value::Text(text) => format!("string {text:?}"),
            Value::Other(kind, written) => format!("{kind} `{written}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        };
        self.wrong(format!("invalid type: {found}, expected {expected}"))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// An integer or a boolean, as it is written.
    pub(crate) fn as_plain(&self) -> Option<String> {
        match &self.value {
            Value::Integer(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Node<'t>]> {
        if let Value::List(nodes) = &self.value { Some(nodes) } else { None }
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    pub(crate) fn text(&self) -> Result<String, Wrong> {
        self.as_str().map(str::to_owned).ok_or_else(|| self.unlike("a string"))
    }

    pub(crate) fn truth(&self) -> Result<bool, Wrong> {
        if let Value::Bool(truth) = self.value { Ok(truth) } else { Err(self.unlike("a boolean")) }
    }

    /// A whole number that fits.
    pub(crate) fn count<N: TryFrom<i64>>(&self, expected: &str) -> Result<N, Wrong> {
        let Value::Integer(number) = self.value else { return Err(self.unlike(expected)) };
        let wrong = || format!("invalid value: integer `{number}`, expected {expected}");
        N::try_from(number).map_err(|_| self.wrong(wrong()))
    }

    pub(crate) fn list(&self) -> Result<&[Node<'t>], Wrong> {
        self.as_list().ok_or_else(|| self.unlike("a list"))
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Wrong> {
        self.list()?.iter().map(Self::text).collect()
    }

    /// One text, or a list of them.
    pub(crate) fn one_or_list(&self) -> Result<Vec<String>, Wrong> {
        match &self.value {
            Value::Text(text) => Ok(vec![text.clone().into_owned()]),
            Value::List(_) => self.texts(),
            _ => Err(self.unlike("an expression or a list of expressions")),
        }
    }

    /// Names of the writer's own and what they stand for, in the order written.
    pub(crate) fn entries(&self) -> Result<impl Iterator<Item = (&str, &Node<'t>)>, Wrong> {
        let Value::Table(table) = &self.value else { return Err(self.unlike("a table of names")) };
        if let Some((name, _)) = table.entries.iter().find(|(name, _)| name.text.is_empty()) {
            return Err(Wrong::at(name.at, "an empty name"));
        }
        Ok(table.entries.iter().map(|(name, node)| (&*name.text, node)))
    }

    /// Names and texts.
    pub(crate) fn pairs(&self) -> Result<Vec<(String, String)>, Wrong> {
        self.entries()?.map(|(name, node)| Ok((name.to_owned(), node.text()?))).collect()
    }

    /// The fields of a table that has no others than these.
    pub(crate) fn fields(&self, known: &[&str]) -> Result<Fields<'_, 't>, Wrong> {
        let Value::Table(table) = &self.value else { return Err(self.unlike("a table")) };
        let unknown = |(name, _): &&(Name<'_>, _)| !known.contains(&&*name.text);
        let Some((name, _)) = table.entries.iter().find(unknown) else {
            return Ok(Fields { node: self, entries: &table.entries });
        };
        let quoted: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
        let expected = match &quoted[..] {
            [one] => one.clone(),
            [one, other] => format!("{one} or {other}"),
            _ => format!("one of {}", quoted.join(", ")),
        };
        Err(Wrong::at(name.at, format!("unknown field `{}`, expected {expected}", name.text)))
    }
}

/// The fields of a table, all of which are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'n, 't> {
    node: &'n Node<'t>,
    entries: &'n [(Name<'t>, Node<'t>)],
}

impl<'n, 't> Fields<'n, 't> {
    /// A field that may be missing; null is as good as missing.
    pub(crate) fn get(self, field: &str) -> Option<&'n Node<'t>> {
        let (_, node) = self.entries.iter().find(|(name, _)| name.text == field)?;
        (!matches!(node.value, Value::Null)).then_some(node)
    }

    pub(crate) fn need(self, field: &str) -> Result<&'n Node<'t>, Wrong> {
        self.get(field).ok_or_else(|| self.node.wrong(format!("missing field `{field}`")))
    }

    pub(crate) fn text(self, field: &str) -> Result<Option<String>, Wrong> {
        self.get(field).map(Node::text).transpose()
    }

    /// Names and texts; none if the field is missing.
    pub(crate) fn pairs(self, field: &str) -> Result<Vec<(String, String)>, Wrong> {
        self.get(field).map_or_else(|| Ok(Vec::new()), Node::pairs)
    }
}
