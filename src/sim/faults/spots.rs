//! A call of the wire -> which kinds of requests it belongs to.

use serde::Deserialize;
use serde_json::Value;

use super::super::call::Call;
use crate::salesforce::transport::Method;

/// Kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Spot {
    /// Every request.
    Any,
    /// An ingest job is created.
    Create,
    /// Data is uploaded.
    Put,
    /// An ingest job is closed.
    Close,
    /// An ingest job is aborted.
    Abort,
    /// An ingest job is deleted.
    Delete,
    /// An ingest job is looked at.
    Poll,
    /// Ingest jobs are listed.
    List,
    /// Any of the three result files.
    Results,
    /// One of them.
    Successful,
    /// One of them.
    Failed,
    /// One of them.
    Unprocessed,
    /// `query` and `queryAll`.
    Query,
    /// Query jobs, all steps.
    BulkQuery,
    /// OAuth token.
    Token,
    /// `limits`.
    Limits,
}

impl Spot {
    /// Is the call of this kind?
    pub(super) fn covers(self, call: &Call) -> bool {
        let folded: Vec<String> = call
            .segments
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let words: Vec<&str> = folded.iter().map(String::as_str).collect();
        let below = match words.as_slice() {
            ["services", "data", _, below @ ..] => below,
            ["services", "oauth2", "token"] => return matches!(self, Self::Any | Self::Token),
            _ => return self == Self::Any,
        };
        let ingest = below.strip_prefix(&["jobs", "ingest"]);
        match self {
            Self::Any => true,
            Self::Create => call.method == Method::Post && ingest == Some(&[]),
            Self::List => call.method == Method::Get && ingest == Some(&[]),
            Self::Put => call.method == Method::Put && matches!(ingest, Some([_, "batches"])),
            Self::Close => matches!(ingest, Some([_])) && asks_for(call, "UploadComplete"),
            Self::Abort => matches!(ingest, Some([_])) && asks_for(call, "Aborted"),
            Self::Delete => call.method == Method::Delete && matches!(ingest, Some([_])),
            Self::Poll => call.method == Method::Get && matches!(ingest, Some([_])),
            Self::Results => [Self::Successful, Self::Failed, Self::Unprocessed]
                .iter()
                .any(|one| one.covers(call)),
            Self::Successful => matches!(ingest, Some([_, "successfulresults"])),
            Self::Failed => matches!(ingest, Some([_, "failedresults"])),
            Self::Unprocessed => matches!(ingest, Some([_, "unprocessedrecords"])),
            Self::Query => matches!(below, ["query" | "queryall", ..]),
            Self::BulkQuery => matches!(below, ["jobs", "query", ..]),
            Self::Token => false,
            Self::Limits => matches!(below, ["limits"]),
        }
    }
}

/// Does the call ask for that state of a job?
fn asks_for(call: &Call, state: &str) -> bool {
    let body = || serde_json::from_slice::<Value>(&call.body).ok();
    call.method == Method::Patch && body().is_some_and(|body| body["state"] == state)
}
