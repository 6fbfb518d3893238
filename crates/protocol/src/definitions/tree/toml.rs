//! The tree of a TOML text.

use std::borrow::Cow;
use std::mem;
use std::slice::Iter;

use toml_parser::decoder::ScalarKind;
use toml_parser::lexer::Token;
use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{Expected, ParseError, Source};

use super::{Form, Name, Node, Table, Value, Wrong};

/// The deepest nesting that is read.
const MAX_DEPTH: u32 = 80;

pub(super) fn read(text: &str) -> Result<Node<'_>, Wrong> {
    let source = Source::new(text);
    let events = events(source)?;
    let mut root = Table { form: Form::Header, entries: Vec::new() };
    Reader { source, events: events.iter() }.document(&mut root)?;
    Ok(Node { at: 0, value: Value::Table(root) })
}

/// What a text consists of, but for what stands between the rest and says nothing more, once it is
/// known to be right.
///
/// It and [`tokens`] are functions of their own: in WebAssembly, loops of a function that is large are
/// taken for hot ones, and all of it compiled once more.
#[inline(never)]
fn events(source: Source<'_>) -> Result<Vec<Event>, Wrong> {
    let tokens = tokens(source);
    let mut events = Vec::with_capacity(tokens.len());
    let mut error = None;
    let mut checked = ValidateWhitespace::new(&mut events, source);
    parse_document(&tokens, &mut RecursionGuard::new(&mut checked, MAX_DEPTH), &mut error);
    refuse(error)?;
    events.retain(|event| {
        use EventKind::{Comment, KeySep, KeyValSep, Newline, ValueSep, Whitespace};
        !matches!(event.kind(), Comment | KeySep | KeyValSep | Newline | ValueSep | Whitespace)
    });
    Ok(events)
}

#[inline(never)]
fn tokens(source: Source<'_>) -> Vec<Token> {
    source.lex().into_vec()
}

fn refuse(error: Option<ParseError>) -> Result<(), Wrong> {
    let Some(error) = error else { return Ok(()) };
    let mut problem = error.description().to_owned();
    for (place, expected) in error.expected().into_iter().flatten().enumerate() {
        problem.push_str(if place == 0 { ", expected " } else { ", " });
        match expected {
            Expected::Literal("\n") => problem.push_str("newline"),
            Expected::Literal(literal) => {
                problem.extend(["`", literal, "`"]);
            }
            Expected::Description(text) => problem.push_str(text),
            _ => problem.push_str("something else"),
        }
    }
    Err(Wrong::at(error.unexpected().map_or(0, |span| span.start()), problem))
}

/// Reads along the events of a text whose grammar is right.
struct Reader<'t, 'e> {
    source: Source<'t>,
    events: Iter<'e, Event>,
}

impl<'t> Reader<'t, '_> {
    fn document(&mut self, root: &mut Table<'t>) -> Result<(), Wrong> {
        let mut table = &mut *root;
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    let mut path = self.path()?;
                    // The bracket that closes it.
                    self.events.next();
                    let Some(last) = path.pop() else { continue };
                    let parent = descend(root, path, Form::Implicit)?;
                    let is_list = event.kind() == EventKind::ArrayTableOpen;
                    table = open(parent, last, event.span().start(), is_list)?;
                }
                EventKind::SimpleKey => self.entry(event, table)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A key, with dots or without, and its value.
    fn entry(&mut self, first: &Event, table: &mut Table<'t>) -> Result<(), Wrong> {
        let mut last = self.name(first)?;
        let mut path = Vec::new();
        for next in self.path()? {
            path.push(mem::replace(&mut last, next));
        }
        let parent = descend(table, path, Form::Dotted)?;
        if parent.place(&last).is_some() {
            return Err(duplicate(last.at));
        }
        if let Some(event) = self.events.next() {
            let value = self.value(event)?;
            parent.entries.push((last, value));
        }
        Ok(())
    }

    /// The names that follow.
    fn path(&mut self) -> Result<Vec<Name<'t>>, Wrong> {
        let mut path = Vec::new();
        while let [event, ..] = self.events.as_slice()
            && event.kind() == EventKind::SimpleKey
        {
            self.events.next();
            path.push(self.name(event)?);
            if path.len() > MAX_DEPTH as usize {
                return Err(Wrong::at(event.span().start(), "recursion limit"));
            }
        }
        Ok(path)
    }

    #[inline(never)]
    fn name(&self, event: &Event) -> Result<Name<'t>, Wrong> {
        let (mut text, mut error) = (Cow::Borrowed(""), None);
        if let Some(raw) = self.source.get(event) {
            raw.decode_key(&mut text, &mut error);
        }
        refuse(error)?;
        Ok(Name { at: event.span().start(), text })
    }

    fn value(&mut self, first: &Event) -> Result<Node<'t>, Wrong> {
        let value = match first.kind() {
            EventKind::ArrayOpen => {
                let mut nodes = Vec::new();
                while let Some(event) = self.events.next()
                    && event.kind() != EventKind::ArrayClose
                {
                    nodes.push(self.value(event)?);
                }
                Value::List(nodes)
            }
            EventKind::InlineTableOpen => {
                let mut table = Table { form: Form::Inline, entries: Vec::new() };
                while let Some(event) = self.events.next()
                    && event.kind() != EventKind::InlineTableClose
                {
                    self.entry(event, &mut table)?;
                }
                Value::Table(table)
            }
            _ => self.scalar(first)?,
        };
        Ok(Node { at: first.span().start(), value })
    }

    #[inline(never)]
    fn scalar(&self, event: &Event) -> Result<Value<'t>, Wrong> {
        let (mut text, mut error) = (Cow::Borrowed(""), None);
        let Some(raw) = self.source.get(event) else { return Ok(Value::Null) };
        let kind = raw.decode_scalar(&mut text, &mut error);
        refuse(error)?;
        Ok(match kind {
            ScalarKind::String => Value::Text(text),
            ScalarKind::Boolean(truth) => Value::Bool(truth),
            ScalarKind::DateTime => Value::Other("datetime", text),
            ScalarKind::Float => Value::Other("floating point", text),
            ScalarKind::Integer(radix) => i64::from_str_radix(&text, radix.value())
                .map_or_else(|_| Value::Other("integer", text), Value::Integer),
        })
    }
}

impl<'t> Table<'t> {
    fn place(&self, name: &Name<'_>) -> Option<usize> {
        self.entries.iter().position(|(known, _)| known.text == name.text)
    }

    /// The value of a name; a new table of that form if there is none.
    fn child(&mut self, name: Name<'t>, form: Form) -> &mut Node<'t> {
        let place = self.place(&name).unwrap_or_else(|| {
            let value = Value::Table(Table { form, entries: Vec::new() });
            let node = Node { at: name.at, value };
            self.entries.push((name, node));
            self.entries.len() - 1
        });
        &mut self.entries[place].1
    }
}

/// The table that a path leads to, made as it is gone: by a header if `form` is implicit, else by a
/// key with dots. A header goes on in any table that is not written whole, and in the last one of a
/// list of headers; a key with dots only where no header has been.
fn descend<'n, 't>(
    mut table: &'n mut Table<'t>,
    path: Vec<Name<'t>>,
    form: Form,
) -> Result<&'n mut Table<'t>, Wrong> {
    for name in path {
        let (at, text) = (name.at, name.text.clone());
        let Some(next) = table.child(name, form).newest(form) else {
            return Err(Wrong::at(at, format!("`{text}` is not a table, so it has no parts")));
        };
        match (next.form, form) {
            (Form::Inline, _) => {
                return Err(Wrong::at(at, format!("`{text}` is a whole table already")));
            }
            (Form::Header, Form::Dotted) => return Err(duplicate(at)),
            (Form::Implicit, Form::Dotted) => next.form = form,
            _ => {}
        }
        table = next;
    }
    Ok(table)
}

/// The table that a header opens.
fn open<'n, 't>(
    parent: &'n mut Table<'t>,
    name: Name<'t>,
    at: usize,
    is_list: bool,
) -> Result<&'n mut Table<'t>, Wrong> {
    let (is_new, name_at) = (parent.place(&name).is_none(), name.at);
    let mut node = parent.child(name, Form::Implicit);
    if is_list {
        if is_new {
            *node = Node { at, value: Value::List(Vec::new()) };
        }
        let Value::List(nodes) = &mut node.value else { return Err(duplicate(name_at)) };
        if !is_new && !nodes.last().is_some_and(Node::has_header) {
            return Err(duplicate(name_at));
        }
        let table = Table { form: Form::Implicit, entries: Vec::new() };
        node = nodes.push_mut(Node { at, value: Value::Table(table) });
    }
    match &mut node.value {
        Value::Table(table) if table.form == Form::Implicit => {
            table.form = Form::Header;
            node.at = at;
            Ok(table)
        }
        _ => Err(duplicate(name_at)),
    }
}

impl<'t> Node<'t> {
    /// The table that this is or, for a header, the last one if this is a list by headers.
    fn newest(&mut self, form: Form) -> Option<&mut Table<'t>> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            Value::List(nodes) if form == Form::Implicit => {
                nodes.last_mut().filter(|node| node.has_header())?.newest(form)
            }
            _ => None,
        }
    }

    fn has_header(&self) -> bool {
        matches!(&self.value, Value::Table(table) if table.form == Form::Header)
    }
}

fn duplicate(at: usize) -> Wrong {
    Wrong::at(at, "duplicate key")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::Value as Other;

    use super::super::{Node, Value, read};

    /// The same as another reader has it, as far as definitions go.
    fn same(node: &Node<'_>) -> Other {
        match &node.value {
            Value::Null => Other::String(String::new()),
            Value::Bool(truth) => Other::Boolean(*truth),
            Value::Integer(number) => Other::Integer(*number),
            Value::Text(text) => Other::String(text.to_string()),
            Value::Other(_, written) => Other::String(written.to_string()),
            Value::List(nodes) => Other::Array(nodes.iter().map(same).collect()),
            Value::Table(table) => Other::Table(
                table
                    .entries
                    .iter()
                    .map(|(name, node)| (name.text.to_string(), same(node)))
                    .collect(),
            ),
        }
    }

    fn any_path() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&["a", "b", "\"c\"", "'d'"][..]), 1..4)
            .prop_map(|names| names.join("."))
    }

    fn any_value() -> impl Strategy<Value = String> {
        let plain = ["1", "0x1f", "true", "'x'", "\"\\u00e9\"", "'''\n y'''", "[]", "{}"];
        let plain = prop::sample::select(plain.to_vec()).prop_map(str::to_owned);
        plain.prop_recursive(2, 6, 3, |inner| {
            let entry = (any_path(), inner.clone()).prop_map(|(path, value)| path + " = " + &value);
            prop_oneof![
                prop::collection::vec(inner, 1..3)
                    .prop_map(|all| format!("[{}, ]", all.join(", "))),
                prop::collection::vec(entry, 1..3)
                    .prop_map(|all| format!("{{{}}}", all.join(", "))),
            ]
        })
    }

    fn any_line() -> impl Strategy<Value = String> {
        prop_oneof![
            any_path().prop_map(|path| format!("[{path}]")),
            any_path().prop_map(|path| format!("[[{path}]] # again")),
            (any_path(), any_value()).prop_map(|(path, value)| format!("{path} = {value}")),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_text_is_read_as_another_reader_of_toml_does(
            lines in prop::collection::vec(any_line(), 0..6),
        ) {
            let text = lines.join("\n");
            let read = read(&text).map(|node| same(&node));
            match (read, toml::from_str::<toml::Table>(&text)) {
                (Ok(read), Ok(other)) => prop_assert_eq!(read, Other::Table(other)),
                (Err(_), Err(_)) => {}
                // Another reader lets a key with dots go on in such a list, which TOML does not.
                (Err(_), Ok(_)) => prop_assert!(text.contains("[["), "{text}"),
                (read, other) => prop_assert!(false, "{text}\n{read:?}\n{other:?}"),
            }
        }
    }
}
