//! What a declared upcaster does to an event's data.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{EventScope, Source, UpcastProblem, UpcasterProblem, Wrong, compile, part, wrong};
use crate::cell::Dictionary;
use crate::json::{Json, quote};
use crate::sql::Expr;
use crate::{Event, Split, Upcaster, Value};

/// A declared upcaster, ready. Its expressions all see the event as it was before.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    rename: Vec<(String, String)>,
    split: Vec<(String, Split)>,
    default: Vec<(String, Expr<Source>)>,
    compute: Vec<(String, Expr<Source>)>,
    remove: Vec<String>,
}

impl Recipe {
    pub(super) fn compile(definition: &Upcaster) -> Result<Self, Wrong> {
        let Upcaster { rename, split, default, compute, remove, .. } = definition;
        let renamed = rename.iter().map(|(_, to)| to);
        let parts = split.iter().flat_map(|(_, split)| &split.into);
        let computed = default.iter().chain(compute).map(|(field, _)| field);
        let mut made = BTreeSet::new();
        if let Some(field) = renamed.chain(parts).chain(computed).find(|field| !made.insert(*field))
        {
            return Err(wrong(UpcasterProblem::SameField { field: field.clone() }));
        }
        let exprs = |part: &str, fields: &[(String, String)]| {
            let expr = |(field, text): &(String, String)| {
                Ok((field.clone(), compile(&format!(".{part}.{field}"), text)?))
            };
            fields.iter().map(expr).collect::<Result<_, Wrong>>()
        };
        Ok(Self {
            rename: rename.clone(),
            split: split.clone(),
            default: exprs("default", default)?,
            compute: exprs("compute", compute)?,
            remove: remove.clone(),
        })
    }

    /// The data of the next version.
    pub(super) fn apply(
        &self,
        event: &Event<'_>,
        dictionary: &mut Dictionary,
    ) -> Result<String, UpcastProblem> {
        let data = Json::from_checked(event.data.trim_ascii());
        if !data.is_null() && !data.text().starts_with('{') {
            return Err(UpcastProblem::NotObject);
        }
        let mut scope = EventScope { event, dictionary };
        let mut fields = Fields::default();
        for (name, value) in data.members() {
            fields.put(&name, value.text().into());
        }
        for (from, to) in &self.rename {
            if let Some(value) = fields.take(from) {
                fields.put(to, value);
            }
        }
        for (field, split) in &self.split {
            fields.take(field);
            split_text(data.get(field), field, split, &mut fields)?;
        }
        for (field, expr) in &self.default {
            if fields.get(field).is_none_or(|value| *value == "null") {
                fields.put(field, json("default", field, expr, &mut scope)?);
            }
        }
        for (field, expr) in &self.compute {
            fields.put(field, json("compute", field, expr, &mut scope)?);
        }
        for field in &self.remove {
            fields.take(field);
        }
        Ok(fields.write())
    }
}

fn split_text<'e>(
    value: Option<Json<'e>>,
    field: &str,
    split: &Split,
    fields: &mut Fields<'e>,
) -> Result<(), UpcastProblem> {
    let text = match value.filter(|value| !value.is_null()) {
        None => None,
        Some(value) => Some(value.as_str().ok_or_else(|| UpcastProblem::NotText {
            field: field.into(),
            found: value.text().chars().take(60).collect(),
        })?),
    };
    let mut parts = text.iter().flat_map(|text| text.splitn(split.into.len(), &*split.by));
    for name in &split.into {
        let mut written = String::new();
        match parts.next() {
            Some(part) => quote(part, &mut written),
            None => written.push_str("null"),
        }
        fields.put(name, written.into());
    }
    Ok(())
}

/// The value of an expression as JSON. A part of the event that is only passed on stays as it is,
/// whatever it holds.
fn json<'e>(
    verb: &str,
    field: &str,
    expr: &Expr<Source>,
    scope: &mut EventScope<'e>,
) -> Result<Cow<'e, str>, UpcastProblem> {
    if let Expr::Leaf(Source::Data(name)) = expr {
        return Ok(part(scope.event, name).map_or("null", Json::text).into());
    }
    let cell = expr
        .evaluate(scope)
        .map_err(|error| UpcastProblem::Evaluate { place: format!("{verb}.{field}"), error })?;
    Ok(match scope.dictionary.value(cell) {
        Value::Null => "null".into(),
        Value::Text(text) => {
            let mut quoted = String::with_capacity(text.len() + 2);
            quote(&text, &mut quoted);
            quoted.into()
        }
        value => value.to_string().into(),
    })
}

/// The fields of an object in their order, with their values as JSON.
#[derive(Default)]
struct Fields<'e> {
    all: Vec<(String, Cow<'e, str>)>,
}

impl<'e> Fields<'e> {
    fn get(&self, name: &str) -> Option<&Cow<'e, str>> {
        self.all.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn put(&mut self, name: &str, value: Cow<'e, str>) {
        match self.all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.all.push((name.into(), value)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Cow<'e, str>> {
        let index = self.all.iter().position(|(known, _)| known == name)?;
        Some(self.all.remove(index).1)
    }

    fn write(&self) -> String {
        let mut out = String::from("{");
        for (index, (name, value)) in self.all.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            quote(name, &mut out);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        out
    }
}
