//! What JavaScript gives as an argument: an object, which arrives as its JSON.

use super::{Format, Index, Mapping, Query, ReadOptions};
use crate::definitions::tree::{self, Node, Wrong};

/// An argument of another shape than its type says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ArgumentError {
    problem: String,
}

pub(super) fn read<T>(
    json: &str,
    read: impl FnOnce(&Node<'_>) -> Result<T, Wrong>,
) -> Result<T, ArgumentError> {
    tree::from_json(json, read).map_err(|problem| ArgumentError { problem })
}

impl Query {
    /// Reads a query.
    ///
    /// ```
    /// use everview_protocol::javascript::Query;
    ///
    /// let query = Query::from_json(r#"{"view": "orders", "orderBy": "total DESC", "limit": 10}"#)?;
    /// assert_eq!(query.order_by.as_deref(), Some("total DESC"));
    /// # Ok::<(), everview_protocol::javascript::ArgumentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it has another shape.
    pub fn from_json(json: &str) -> Result<Self, ArgumentError> {
        read(json, |node| {
            let fields = node.fields(&["view", "where", "orderBy", "limit", "after"])?;
            Ok(Self {
                view: fields.text("view")?.unwrap_or_default(),
                r#where: fields.text("where")?,
                order_by: fields.text("orderBy")?,
                limit: fields.get("limit").map(|limit| limit.count("u32")).transpose()?,
                after: fields.text("after")?,
            })
        })
    }
}

impl Index {
    /// Reads an index.
    ///
    /// ```
    /// use everview_protocol::javascript::Index;
    ///
    /// let error = Index::from_json(r#"{"view": "orders"}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "missing field `columns`");
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it has another shape.
    pub fn from_json(json: &str) -> Result<Self, ArgumentError> {
        read(json, |node| {
            let fields = node.fields(&["view", "columns", "unique"])?;
            Ok(Self {
                view: fields.need("view")?.text()?,
                columns: fields.need("columns")?.texts()?,
                unique: fields.get("unique").map_or(Ok(false), Node::truth)?,
            })
        })
    }
}

impl ReadOptions {
    /// Reads what is known of an input.
    ///
    /// ```
    /// use everview_protocol::javascript::{Format, ReadOptions};
    ///
    /// let options = ReadOptions::from_json(r#"{"format": "json-array"}"#)?;
    /// assert_eq!(options.format, Some(Format::JsonArray));
    /// # Ok::<(), everview_protocol::javascript::ArgumentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] if it has another shape.
    pub fn from_json(json: &str) -> Result<Self, ArgumentError> {
        read(json, |node| {
            let fields = node.fields(&["name", "format", "mapping"])?;
            Ok(Self {
                name: fields.text("name")?,
                format: fields.get("format").map(format).transpose()?,
                mapping: fields.get("mapping").map(mapping).transpose()?,
            })
        })
    }
}

fn format(node: &Node<'_>) -> Result<Format, Wrong> {
    Ok(match &*node.text()? {
        "ndjson" => Format::Ndjson,
        "json-array" => Format::JsonArray,
        "csv" => Format::Csv,
        other => {
            let expected = "expected one of `ndjson`, `json-array`, `csv`";
            return Err(node.wrong(format!("unknown format `{other}`, {expected}")));
        }
    })
}

fn mapping(node: &Node<'_>) -> Result<Mapping, Wrong> {
    let known = ["id", "source", "type", "subject", "time", "sequence", "data"];
    let fields = node.fields(&known)?;
    let [id, source, r#type, subject, time, sequence, data] = known.map(|part| fields.text(part));
    Ok(Mapping {
        id: id?,
        source: source?,
        r#type: r#type?,
        subject: subject?,
        time: time?,
        sequence: sequence?,
        data: data?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Mapping, Query, ReadOptions};

    #[test]
    fn an_argument_of_another_shape_is_refused() {
        let query = |json| Query::from_json(json).unwrap_err().to_string();
        assert_eq!(query("null"), "invalid type: null, expected a table");
        assert_eq!(
            query(r#"{"view": "v", "order": "a"}"#),
            "unknown field `order`, expected one of `view`, `where`, `orderBy`, `limit`, `after`"
        );
        assert_eq!(query(r#"{"limit": -1}"#), "invalid value: integer `-1`, expected u32");
        assert_eq!(query(r#"{"limit": 0.5}"#), "invalid type: floating point `0.5`, expected u32");
        let options = ReadOptions::from_json(r#"{"format": "xml"}"#).unwrap_err();
        assert_eq!(
            options.to_string(),
            "unknown format `xml`, expected one of `ndjson`, `json-array`, `csv`"
        );
    }

    #[test]
    fn what_rust_writes_is_read_back() {
        let mapping = Mapping { r#type: Some("kind".to_owned()), ..Mapping::default() };
        let options = ReadOptions { mapping: Some(mapping), ..ReadOptions::default() };
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(ReadOptions::from_json(&json), Ok(options));
    }
}
