//! The telephone against a scripted org, on a paused clock; `http` against a loopback server.

mod bulk_query;
mod http;
mod ingest;
mod login;
mod pace;
mod query;
mod rest;
mod retry;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;

use super::transport::{Body, Request, Response, SendError, Sent, Transport};
use super::{AccessToken, Login, Org};
use crate::model::settings::PacingSettings;

/// What no text may ever show.
pub(crate) const TOKEN: &str = "00DSECRET!TokenThatMustNotShow";

/// A job id the org could give.
pub(crate) const JOB: &str = "750R0000000ABCDEFG";

/// One answer of the script.
pub(crate) enum Step {
    /// An answer.
    Answer(Response),
    /// No answer.
    Error(SendError),
    /// Silence for ever.
    Silence,
}

/// A request as the script saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) line: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// An org that answers by script; past its end it repeats the last line it can: `200 []`.
pub(crate) struct Script {
    start: Instant,
    steps: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<Seen>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        let steps = Mutex::new(steps.into_iter().collect());
        Arc::new(Self {
            start: Instant::now(),
            steps,
            seen: Mutex::default(),
        })
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// Milliseconds between the requests.
    pub(crate) fn gaps_ms(&self) -> Vec<u128> {
        self.seen()
            .windows(2)
            .map(|pair| pair[1].at.saturating_sub(pair[0].at).as_millis())
            .collect()
    }
}

impl Transport for Script {
    fn address(&self) -> &'static str {
        "https://acme.my.salesforce.com"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        let body = match &request.body {
            Body::Empty => String::new(),
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::JobData { header, length, .. } => format!("{} + {length}", header.len()),
        };
        self.seen.lock().unwrap().push(Seen {
            at: self.start.elapsed(),
            line: format!("{} {}", request.method.as_str(), request.path),
            headers: request.headers,
            body,
        });
        let step = self.steps.lock().unwrap().pop_front();
        Box::pin(async move {
            match step.unwrap_or_else(|| answer(200, "[]")) {
                Step::Answer(response) => Ok(response),
                Step::Error(error) => Err(error),
                Step::Silence => std::future::pending().await,
            }
        })
    }
}

pub(crate) fn answer(status: u16, body: &str) -> Step {
    answer_with(status, &[], body)
}

pub(crate) fn answer_with(status: u16, headers: &[(&str, &str)], body: &str) -> Step {
    let headers = headers
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Step::Answer(Response::whole(status, headers, body.to_owned()))
}

/// An answer whose body breaks off after its first piece.
pub(crate) fn torn(status: u16, first: &str) -> Step {
    let pieces = vec![
        Ok(Bytes::from(first.to_owned())),
        Err(SendError {
            sent: Sent::Maybe,
            what: "connection reset".into(),
        }),
    ];
    Step::Answer(Response {
        status,
        headers: Vec::new(),
        body: stream::iter(pieces).boxed(),
    })
}

pub(crate) fn reset() -> Step {
    Step::Error(SendError {
        sent: Sent::Maybe,
        what: "connection reset".into(),
    })
}

pub(crate) fn distrusted() -> Step {
    Step::Error(SendError {
        sent: Sent::Distrusted,
        what: "invalid peer certificate: UnknownIssuer".into(),
    })
}

pub(crate) fn not_connected() -> Step {
    Step::Error(SendError {
        sent: Sent::No,
        what: "connection refused".into(),
    })
}

/// An org on the script, with default pacing at a thousand requests a second.
pub(crate) fn org(script: &Arc<Script>) -> Org {
    org_with(script, |_| ())
}

pub(crate) fn org_with(script: &Arc<Script>, change: impl FnOnce(&mut PacingSettings)) -> Org {
    let mut pacing = PacingSettings {
        requests_per_second: 1_000,
        ..PacingSettings::default()
    };
    change(&mut pacing);
    let login = Login::Token(AccessToken::parse(TOKEN).unwrap());
    Org::new(script.clone(), login, &pacing, "67.0", 7)
}

/// The 18 characters of [`JOB`]'s first 15.
pub(crate) fn job_id() -> crate::model::id::JobId {
    crate::model::id::JobId::parse(&JOB[..15]).unwrap()
}

pub(crate) fn job_json(state: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{}","state":"{state}","apiVersion":67.0{more}}}"#,
        job_id()
    )
}
