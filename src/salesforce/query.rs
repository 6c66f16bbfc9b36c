//! REST queries, for what fits in a few pages; all pages are read
//! ([source](https://developer.salesforce.com/docs/atlas.en-us.260.0.api_rest.meta/api/resources_query.htm)).

use std::collections::BTreeSet;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Org;
use super::error::OrgError;

/// What a query value may hold unencoded.
pub(super) const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'(')
    .remove(b')');

/// One record of a query's answer. Its `Debug` names members only: values are people's.
#[derive(Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct QueryRecord(Map<String, Value>);

impl From<Map<String, Value>> for QueryRecord {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl fmt::Debug for QueryRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl QueryRecord {
    /// A text, by path: `Owner.Name` follows the relationship. Empty for null, for what is not
    /// there and for numbers; `true` or `false` for booleans.
    pub fn text(&self, path: &str) -> &str {
        match self.value(path) {
            Some(Value::String(text)) => text,
            Some(Value::Bool(true)) => "true",
            Some(Value::Bool(false)) => "false",
            Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => "",
        }
    }

    /// A boolean, by path; false for null and for what is not there.
    pub fn boolean(&self, path: &str) -> bool {
        self.text(path) == "true"
    }

    /// A number, by path.
    pub fn number(&self, path: &str) -> Option<f64> {
        match self.value(path)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn value(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let first = self.0.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    records: Vec<QueryRecord>,
    done: Option<bool>,
    next_records_url: Option<String>,
}

impl Org {
    /// All records of a query. The text must fit a URI: [`crate::model::limits::SOQL_URI_BYTES_MAX`].
    pub async fn query(&self, soql: &str) -> Result<Vec<QueryRecord>, OrgError> {
        let encoded = utf8_percent_encode(soql, QUERY_VALUE);
        let mut path = self.versioned(&format!("query?q={encoded}"));
        let mut asked = BTreeSet::new();
        let mut records = Vec::new();
        loop {
            let request = format!("GET {}", path.split('?').next().unwrap_or_default());
            let malformed = |what: &str| OrgError::Malformed {
                request: request.clone(),
                what: what.to_owned(),
            };
            if !asked.insert(path.clone()) {
                return Err(malformed("its pages go in a circle"));
            }
            let page: Page = self.get_json(path).await?;
            records.extend(page.records);
            match page.next_records_url.filter(|next| !next.is_empty()) {
                Some(next) => path = host_relative(&next),
                None if page.done == Some(false) => {
                    return Err(malformed("it is not done, but names no next page"));
                }
                None => return Ok(records),
            }
        }
    }
}

/// The org gives paths; one that lacks its first slash gets it.
fn host_relative(next: &str) -> String {
    format!("/{}", next.trim_start_matches('/'))
}
