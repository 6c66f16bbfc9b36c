//! THE TELEPHONE: everything that is said to the org, and nothing else.
//!
//! Layers, each one file, each knowing only the next:
//! verbs (`ingest`, `query`, `bulk_query`, `rest`) -> `retry` (with `answer` and `refusal`, which
//! read what came back) -> `auth` (with `login`, which fetches tokens) -> `pace` -> `transport`, so
//! that each attempt carries a live token and waits its turn. `http` is the transport of real runs.

mod answer;
mod auth;
mod bulk_query;
mod error;
pub mod http;
mod ingest;
mod job;
pub mod login;
mod pace;
mod query;
mod refusal;
mod rest;
mod retry;
pub mod transport;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use self::answer::{Answer, Keep};
use self::auth::Session;
use self::pace::Pace;
use self::retry::{Caller, Twice, name};
use self::transport::{Body, Method, Request, Transport};
use crate::model::allowance::ApiUsage;
use crate::model::limits::ANSWER_BYTES_MAX;
use crate::model::settings::PacingSettings;

pub use self::auth::{AccessToken, Login, Renewal};
pub use self::bulk_query::QueryOperation;
pub use self::error::{OrgError, Said};
pub(crate) use self::job::poll_waits;
pub use self::query::QueryRecord;
pub use self::rest::{Allowance, Describe, DescribeField, Limits, PicklistValue, UserInfo};

/// The org at the other end of the line. Clones share pace, token and counts.
#[derive(Clone)]
pub struct Org {
    line: Arc<Line>,
}

struct Line {
    caller: Caller,
    pacing: PacingSettings,
    api_version: String,
    address: String,
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Org(v{})", self.line.api_version)
    }
}

impl Org {
    /// An org behind a transport. `api_version` is of the form `67.0`; `seed` decides the jitter
    /// of waits. Must be made inside the runtime it is used in, whose time it keeps.
    pub fn new(
        transport: Arc<dyn Transport>,
        login: Login,
        pacing: &PacingSettings,
        api_version: &str,
        seed: u64,
    ) -> Self {
        let address = transport.address().to_owned();
        let session = Session::new(login, Pace::new(transport, pacing));
        let caller = Caller::new(session, pacing, seed);
        let api_version = api_version.trim_start_matches('v').to_owned();
        Self {
            line: Arc::new(Line {
                caller,
                pacing: pacing.clone(),
                api_version,
                address,
            }),
        }
    }

    /// HTTP requests sent so far, repeats included.
    pub fn requests_sent(&self) -> u64 {
        self.line.caller.sent_count()
    }

    /// API calls of the org's day, by everybody: what the last answer said, and our own requests
    /// since. None before the org has said anything.
    pub fn usage(&self) -> Option<ApiUsage> {
        self.line.caller.usage()
    }

    /// The API version in use, such as `67.0`.
    pub fn api_version(&self) -> &str {
        &self.line.api_version
    }

    /// Scheme and host of the org, for people to read.
    pub fn address(&self) -> &str {
        &self.line.address
    }

    /// A path below the versioned root of the API.
    fn versioned(&self, rest: &str) -> String {
        format!("/services/data/v{}/{rest}", self.line.api_version)
    }

    /// Reads JSON. May be repeated, so only for what changes nothing.
    async fn get_json<T: DeserializeOwned>(&self, path: String) -> Result<T, OrgError> {
        let headers = vec![("accept", "application/json".to_owned())];
        let request = Request {
            method: Method::Get,
            path,
            headers,
            body: Body::Empty,
        };
        let asked = name(&request);
        let answer = self
            .ask(request, Twice::Harmless, Keep::Memory(ANSWER_BYTES_MAX))
            .await?;
        decode(asked, &answer)
    }

    /// Sends JSON and reads JSON back.
    async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: &serde_json::Value,
        twice: Twice,
    ) -> Result<T, OrgError> {
        let headers = vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/json; charset=UTF-8".to_owned()),
        ];
        let body = Body::Bytes(Bytes::from(body.to_string()));
        let request = Request {
            method,
            path,
            headers,
            body,
        };
        let asked = name(&request);
        let answer = self
            .ask(request, twice, Keep::Memory(ANSWER_BYTES_MAX))
            .await?;
        decode(asked, &answer)
    }

    async fn ask(
        &self,
        request: Request,
        twice: Twice,
        keep: Keep<'_>,
    ) -> Result<Answer, OrgError> {
        self.line.caller.ask(request, twice, keep).await
    }
}

/// JSON into a type. What serde says of it names members and positions; values stay out.
fn decode<T: DeserializeOwned>(request: String, answer: &Answer) -> Result<T, OrgError> {
    serde_json::from_slice(&answer.body).map_err(|fault| {
        let (line, column) = (fault.line(), fault.column());
        let what = match fault.classify() {
            serde_json::error::Category::Data => {
                format!("a member is missing or of another type, at line {line}, column {column}")
            }
            _ => format!("it is not JSON, at line {line}, column {column}"),
        };
        OrgError::Malformed {
            request,
            what: format!("status {}, {what}", answer.status),
        }
    })
}
