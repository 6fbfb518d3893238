//! Lifting events of old versions to what projectors read.
//!
//! A version of an event is named as an event type: `OrderPlaced.v1`. An [`Upcaster`] leads from one
//! such name to another, and an event goes from one to the next until no upcaster begins where it
//! is. The log keeps what came in; only what projectors see is lifted.

mod chain;
mod recipe;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::cell::{Cell, Dictionary};
use crate::event::{EventField, whole};
use crate::json::{Json, JsonError};
use crate::order;
use crate::sql::{EvaluateError, Expr, Leaf, Name, Scope, SqlError, Step, parse_expr};
use crate::{DefineProblem, Event, Upcaster, Value};
use recipe::Recipe;

/// An upcaster that cannot be used: the version it begins at, the part of it and what is wrong
/// there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) from: String,
    pub(crate) wrong: Wrong,
}

/// A part of an upcaster, such as `.compute.total`, or none, and what is wrong with it.
pub(crate) type Wrong = (String, DefineProblem);

/// What is wrong with an upcaster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpcasterProblem {
    /// A version between two others from which no upcaster leads on.
    #[error("expected an upcaster from `{from}` towards `{to}`, found none")]
    Gap {
        /// The version that nothing lifts.
        from: String,
        /// The next version that is known.
        to: String,
    },
    /// Versions that are lifted to each other without end.
    #[error("`{from}` is lifted to `{to}`, which is lifted to `{from}` again")]
    Cycle {
        /// A version.
        from: String,
        /// The next one.
        to: String,
    },
    /// A second upcaster from the same version.
    #[error("a second upcaster from this version")]
    Again,
    /// A field that is made in two ways.
    #[error("the field `{field}` is made twice")]
    SameField {
        /// The field.
        field: String,
    },
    /// A version that is read from the event, of an upcaster whose name has no number.
    #[error("expected a name such as `OrderPlaced.v1`, whose number `version` is compared with")]
    NoNumber,
}

/// An event could not be lifted to the version that projectors read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("from `{from}` to `{to}`: {problem}")]
pub struct UpcastError {
    /// The version it had.
    pub from: String,
    /// The version it should have got.
    pub to: String,
    /// Why it did not.
    pub problem: Box<UpcastProblem>,
}

/// Why an event could not be lifted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpcastProblem {
    /// An expression has no value for it.
    #[error("{place}: {error}")]
    Evaluate {
        /// The part, such as `compute.total`.
        place: String,
        /// Why.
        error: EvaluateError,
    },
    /// Its data is no object.
    #[error("expected data that is an object")]
    NotObject,
    /// A field that is to be split is no text.
    #[error("split.{field}: expected a text, found {found}")]
    NotText {
        /// The field.
        field: String,
        /// How its value begins.
        found: String,
    },
    /// An upcaster written in Rust gave data that is not JSON.
    #[error("the new data is not JSON: {0}")]
    NotJson(JsonError),
    /// An upcaster written in Rust says no.
    #[error("{0}")]
    Refused(String),
}

/// From an event to its data in the next version, as JSON text.
pub(crate) type Code = Rc<dyn Fn(&Event<'_>) -> Result<String, String>>;

/// An upcaster written in Rust.
#[derive(Clone)]
pub(crate) struct Coded {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) code: Code,
}

impl fmt::Debug for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}

/// All upcasters of an engine, checked and ready.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upcasters {
    steps: Vec<Lift>,
    /// Of each type of event that may be lifted, the steps it may begin with: those that read the
    /// version from the event first.
    first: BTreeMap<String, Vec<usize>>,
}

/// One upcaster at work.
#[derive(Clone)]
struct Lift {
    from: String,
    to: String,
    /// Where an event tells its version, and which one is meant.
    version: Option<(Expr<Source>, i64)>,
    how: How,
}

#[derive(Clone)]
enum How {
    Declared(Recipe),
    Code(Code),
}

impl fmt::Debug for Lift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lifted {
    pub(crate) event_type: String,
    /// Valid JSON text.
    pub(crate) data: String,
}

/// Where an expression takes a value from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Event(EventField),
    Data(Name),
}

impl Lifted {
    /// The event as it was lifted.
    pub(crate) fn event<'a>(&'a self, recorded: &Event<'a>) -> Event<'a> {
        let (event_type, data) = (&*self.event_type, (&*self.data).into());
        Event { event_type, data, ..recorded.clone() }
    }
}

impl Upcasters {
    /// Compiles declared upcasters and those written in Rust.
    pub(crate) fn compile(
        declared: &[(String, Upcaster)],
        coded: &[Coded],
    ) -> Result<Self, Unusable> {
        let mut steps = Vec::new();
        for (from, definition) in declared {
            let error = |wrong| Unusable { from: from.clone(), wrong };
            let version = definition.version.as_ref().map(|text| version(from, text)).transpose();
            steps.push(Lift {
                from: from.clone(),
                to: definition.to.clone(),
                version: version.map_err(error)?,
                how: How::Declared(Recipe::compile(definition).map_err(error)?),
            });
        }
        steps.extend(coded.iter().map(|Coded { from, to, code }| Lift {
            from: from.clone(),
            to: to.clone(),
            version: None,
            how: How::Code(Rc::clone(code)),
        }));
        chain::check(&steps)?;
        let mut first: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let numbered = |(_, step): &(usize, &Lift)| step.version.is_some();
        for (index, step) in steps.iter().enumerate().filter(numbered) {
            let (name, _) = chain::numbered(&step.from).unwrap_or((&step.from, 0));
            first.entry(name.to_string()).or_default().push(index);
        }
        for (index, step) in steps.iter().enumerate() {
            first.entry(step.from.clone()).or_default().push(index);
        }
        Ok(Self { steps, first })
    }

    /// Whether events of this type may be lifted.
    pub(crate) fn concern(&self, event_type: &str) -> bool {
        self.first.contains_key(event_type)
    }

    /// The versions that events of this type may end at.
    pub(crate) fn ends(&self, event_type: &str) -> Vec<&str> {
        let firsts = self.first.get(event_type).map_or(&[][..], Vec::as_slice);
        let end = |index: &usize| {
            let mut step = &self.steps[*index];
            while let Some(next) = self.steps.iter().find(|next| next.from == step.to) {
                step = next;
            }
            &*step.to
        };
        let mut ends: Vec<&str> = firsts.iter().map(end).collect();
        order::sort(&mut ends, Ord::cmp);
        ends.dedup();
        ends
    }

    /// The types of events that are lifted with the upcaster from a version, and those that they may
    /// end at.
    pub(crate) fn around(&self, from: &str) -> Vec<String> {
        let name = chain::numbered(from).map_or(from, |(name, _)| name);
        let ends = [from, name].into_iter().flat_map(|name| self.ends(name));
        ends.chain([from, name]).map(Into::into).collect()
    }

    /// Lifts an event as far as upcasters lead; none if it is of the latest version.
    pub(crate) fn lift(&self, event: &Event<'_>) -> Result<Option<Lifted>, UpcastError> {
        let Some(mut step) = self.begin(event) else { return Ok(None) };
        let mut lifted: Option<Lifted> = None;
        // The chain was checked to have an end.
        loop {
            let Lift { from, to, how, .. } = &self.steps[step];
            let now = match &lifted {
                None => event.clone(),
                Some(lifted) => lifted.event(event),
            };
            let data = match how {
                // A text that only this event has is of no use to the next.
                How::Declared(recipe) => recipe.apply(&now, &mut Dictionary::default()),
                How::Code(code) => by_code(code, &now),
            };
            let data = data.map_err(|problem| UpcastError {
                from: from.clone(),
                to: to.clone(),
                problem: Box::new(problem),
            })?;
            lifted = Some(Lifted { event_type: to.clone(), data });
            match self.steps.iter().position(|next| next.from == *to) {
                Some(next) => step = next,
                None => return Ok(lifted),
            }
        }
    }

    /// The first upcaster of an event. A version that cannot be read is none of those known.
    fn begin(&self, event: &Event<'_>) -> Option<usize> {
        let firsts = self.first.get(event.event_type)?;
        firsts.iter().copied().find(|index| {
            let step = &self.steps[*index];
            let Some((version, number)) = &step.version else { return true };
            if step.from == event.event_type {
                return true;
            }
            let mut dictionary = Dictionary::default();
            let found = version.evaluate(&mut EventScope { event, dictionary: &mut dictionary });
            found.is_ok_and(|cell| dictionary.value(cell) == Value::Int(*number))
        })
    }
}

fn by_code(code: &Code, event: &Event<'_>) -> Result<String, UpcastProblem> {
    let data = code(event).map_err(UpcastProblem::Refused)?;
    let checked = Json::parse(&data).map_err(UpcastProblem::NotJson)?;
    Ok(checked.text().to_string())
}

fn version(from: &str, text: &str) -> Result<(Expr<Source>, i64), Wrong> {
    let (_, number) = chain::numbered(from).ok_or_else(|| wrong(UpcasterProblem::NoNumber))?;
    Ok((compile(".version", text)?, whole(number)))
}

/// What is wrong with an upcaster as a whole.
fn wrong(problem: UpcasterProblem) -> Wrong {
    (String::new(), problem.into())
}

/// An expression over an event.
fn compile(place: &str, text: &str) -> Result<Expr<Source>, Wrong> {
    let bind = |expr: &Expr<Leaf>| {
        expr.try_map(&mut |node| match node {
            Expr::Leaf(Leaf::Name(name)) => source(name).map(|source| Some(Expr::Leaf(source))),
            Expr::Leaf(Leaf::Aggregate(_, _, offset)) => {
                Err(SqlError::unsupported("an aggregate in an upcaster", *offset))
            }
            _ => Ok(None),
        })
    };
    let bound = parse_expr(text).and_then(|expr| bind(&expr));
    bound.map_err(|error| (place.to_string(), error.into()))
}

fn source(name: &Name) -> Result<Source, SqlError> {
    match name.steps.as_slice() {
        [Step::Field(first), ..] if first.eq_ignore_ascii_case("data") => {
            Some(Source::Data(name.clone()))
        }
        [Step::Field(first)] => EventField::find(first).map(Source::Event),
        _ => None,
    }
    .ok_or_else(|| SqlError::unknown_column(name, &EventField::names()))
}

/// An event as the expressions of an upcaster see it.
struct EventScope<'a> {
    event: &'a Event<'a>,
    dictionary: &'a mut Dictionary,
}

impl Scope<Source> for EventScope<'_> {
    fn leaf(&mut self, source: &Source) -> Result<Cell, EvaluateError> {
        let Self { event, dictionary } = self;
        Ok(match source {
            Source::Event(EventField::Id) => dictionary.text(&event.id),
            Source::Event(EventField::Source) => dictionary.text(event.source),
            Source::Event(EventField::Subject) => dictionary.text(event.subject),
            Source::Event(EventField::Type) => dictionary.text(event.event_type),
            Source::Event(EventField::Time) => event.time.map_or(Cell::NULL, Dictionary::moment),
            Source::Event(EventField::Position) => dictionary.integer(whole(event.position.get())),
            Source::Event(EventField::Epoch) => dictionary.integer(whole(event.epoch.get())),
            Source::Event(EventField::StreamVersion) => dictionary.integer(whole(event.version)),
            Source::Data(name) => {
                let Some(json) = part(event, name) else { return Ok(Cell::NULL) };
                let value = Value::from_json(json).ok_or_else(|| EvaluateError::Number {
                    path: name.to_string(),
                    text: json.text().chars().take(60).collect(),
                })?;
                dictionary.cell(&value)
            }
        })
    }

    fn dictionary(&mut self) -> &mut Dictionary {
        self.dictionary
    }
}

/// What a path leads to in an event's data.
fn part<'e>(event: &'e Event<'_>, name: &Name) -> Option<Json<'e>> {
    name.steps[1..].iter().try_fold(Json::from_checked(&event.data), |json, step| match step {
        Step::Field(field) => json.get(field),
        Step::Element(index) => json.elements().nth(*index),
    })
}

#[cfg(test)]
mod tests;
