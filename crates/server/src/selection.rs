//! Which rows of a view to write, in which order.

use everview_core::{Engine, Read};

use crate::output::Listing;
use crate::replay::ReplayError;

/// A query over the one view that is written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Query over one view")]
pub(crate) struct Selection {
    /// Write only rows that meet this condition, an SQL expression over the view's columns
    #[arg(long = "where", value_name = "CONDITION")]
    filter: Option<String>,

    /// Sort by these columns, such as `total DESC, region`
    #[arg(long, value_name = "COLUMNS")]
    order_by: Option<String>,

    /// Write so many rows at most; if there are more, the cursor to go on after is told
    #[arg(long, value_name = "ROWS")]
    limit: Option<usize>,

    /// Go on after this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,

    /// Write aggregates over the rows instead, such as `COUNT(*), SUM(total) AS revenue`
    #[arg(long, value_name = "AGGREGATES")]
    aggregate: Option<String>,

    /// Tell how the rows were found
    #[arg(long)]
    explain: bool,
}

impl Selection {
    /// Whether rows are selected at all.
    pub(crate) const fn is_used(&self) -> bool {
        self.filter.is_some()
            || self.order_by.is_some()
            || self.limit.is_some()
            || self.after.is_some()
            || self.aggregate.is_some()
            || self.explain
    }

    /// Selects the rows of a view. What is to be known about them is told on standard error.
    pub(crate) fn listing<'a>(
        &self,
        engine: &mut Engine,
        view: &'a str,
    ) -> Result<Listing<'a>, ReplayError> {
        let read = Read {
            view: view.to_owned(),
            filter: self.filter.clone(),
            order: self.order_by.clone(),
            limit: self.limit,
            after: self.after.clone(),
        };
        let answer = match &self.aggregate {
            Some(aggregates) => engine.aggregate(&read, aggregates, None)?,
            None => engine.query(&read, None)?,
        };
        if self.explain {
            eprintln!("found by: {}", answer.explain);
        }
        for (key, error) in &answer.errors {
            let key: Vec<String> = key.iter().map(ToString::to_string).collect();
            eprintln!("left out: {}: {error}", crate::output::printable(&key.join(", ")));
        }
        if let Some(next) = &answer.next {
            eprintln!("there are more rows, with --after {next}");
        }
        Ok(Listing {
            name: view,
            digest: answer.as_of.digest,
            columns: answer.columns.to_vec(),
            len: answer.rows.len(),
            rows: Box::new(answer.rows.into_iter()),
        })
    }
}
