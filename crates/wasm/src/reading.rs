//! Queries over the views of an engine.

#![expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands arguments over")]

use everview_core as core;
use everview_core::ReadError;
use everview_protocol::javascript::{self, Answer, Batch, Explain, Index, Query, Violation};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::engine::Engine;
use crate::error::{Code, with_code};
use crate::values::out;

#[wasm_bindgen]
impl Engine {
    /// Answers a query at the playhead. With `now`, as `Date.now()` has it, the answer says how old
    /// it is.
    ///
    /// Throws `view-unknown`, `query-invalid` and `cursor-refused`.
    pub fn query(&mut self, query: Ts<Query>, now: Option<f64>) -> Result<Ts<Answer>, JsValue> {
        let now = now.map(javascript::moment);
        let answer = self.engine().query(&read(&query)?, now).map_err(refused)?;
        out(&Answer::from(answer))
    }

    /// Says how a query finds its rows. It is run for that.
    ///
    /// Throws as `query` does.
    pub fn explain(&mut self, query: Ts<Query>) -> Result<Ts<Explain>, JsValue> {
        out(&Explain::from(self.engine().explain(&read(&query)?).map_err(refused)?))
    }

    /// Computes aggregates over the rows that a query finds, such as
    /// `COUNT(*) AS orders, SUM(total) AS revenue`: an answer with one row.
    ///
    /// Throws as `query` does.
    pub fn aggregate(
        &mut self,
        query: Ts<Query>,
        aggregates: &str,
        now: Option<f64>,
    ) -> Result<Ts<Answer>, JsValue> {
        let now = now.map(javascript::moment);
        let answer = self.engine().aggregate(&read(&query)?, aggregates, now).map_err(refused)?;
        out(&Answer::from(answer))
    }

    /// Follows a query, and gives the number to `poll` with. The first poll has every row as new.
    ///
    /// Throws as `query` does.
    pub fn subscribe(&mut self, query: Ts<Query>) -> Result<f64, JsValue> {
        let number = self.engine().subscribe(&read(&query)?).map_err(refused)?;
        Ok(crate::engine::exact(number))
    }

    /// The net changes to the answer of a query that is followed, since this was last asked. A row
    /// that came to meet the condition is new, and one that no longer does is gone. Undefined when
    /// nothing changed.
    ///
    /// Throws `subscription-unknown`, and as `query` does if the views were defined anew.
    pub fn poll(
        &mut self,
        subscription: f64,
        now: Option<f64>,
    ) -> Result<Option<Ts<Batch>>, JsValue> {
        let now = now.map(javascript::moment);
        let number = crate::engine::place(subscription).get();
        if !self.engine().has_news(number).map_err(refused)? {
            return Ok(None);
        }
        out(&Batch::from(self.engine().poll(number, now).map_err(refused)?)).map(Some)
    }

    /// Ends a subscription, and says whether there was one of that number.
    pub fn unsubscribe(&mut self, subscription: f64) -> bool {
        self.engine().unsubscribe(crate::engine::place(subscription).get())
    }

    /// Adds an index beside those that the definitions name. It is made when it is first read.
    ///
    /// Throws `definitions-invalid`.
    #[wasm_bindgen(js_name = addIndex)]
    pub fn add_index(&mut self, index: Ts<Index>) -> Result<(), JsValue> {
        let index = argument::read(&index.js_value(), Index::from_json)?;
        self.engine().add_index(&index.into()).map_err(with_code(Code::DefinitionsInvalid))
    }

    /// The rows of a view that are equal in the columns of a unique index. All of them are kept.
    ///
    /// Throws `view-unknown`.
    pub fn violations(&mut self, view: &str) -> Result<Vec<Ts<Violation>>, JsValue> {
        let violations = self.engine().violations(view).map_err(refused)?;
        violations.into_iter().map(|violation| out(&Violation::from(violation))).collect()
    }
}

pub(crate) fn read(query: &Ts<Query>) -> Result<core::Read, JsValue> {
    argument::read(&query.js_value(), Query::from_json).map(core::Read::from)
}

pub(crate) fn refused(error: ReadError) -> JsValue {
    let code = match error {
        ReadError::UnknownView { .. } => Code::ViewUnknown,
        ReadError::Cursor(_) => Code::CursorRefused,
        ReadError::UnknownSubscription { .. } => Code::SubscriptionUnknown,
        _ => Code::QueryInvalid,
    };
    code.error(error)
}
