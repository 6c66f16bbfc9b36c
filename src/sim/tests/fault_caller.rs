//! Talks to an org with a plan of faults, and hears all that comes of it.

use bytes::Bytes;
use futures_util::stream::StreamExt;
use serde_json::json;

use super::fixture::{Caller, INGEST, Reply, TOKEN, column, numbered, seed};
use crate::salesforce::transport::{Body, Method, Request, Response, SendError, Transport};
use crate::sim::{FaultPlan, SimOptions, SimOrg};

/// A caller of the test org with this plan of faults.
pub(super) fn caller(plan: &str) -> Caller {
    seeded(plan, 7)
}

pub(super) fn seeded(plan: &str, number: u64) -> Caller {
    let options = SimOptions {
        seed: number,
        faults: FaultPlan::parse(plan).unwrap(),
        ..SimOptions::default()
    };
    let mut seed = seed();
    // Partners' names are everybody's, as in the sample org.
    seed.org.features.unique_partner_usernames = false;
    Caller {
        org: SimOrg::new(seed, options),
    }
}

/// What came of a request, down to the last piece of the body.
pub(super) async fn heard(
    caller: &Caller,
    method: Method,
    path: &str,
    body: Body,
) -> Result<Reply, SendError> {
    let request = Request {
        method,
        path: path.to_owned(),
        headers: vec![("authorization", format!("Bearer {TOKEN}"))],
        body,
    };
    read(caller.org.send(request).await?).await
}

/// A response down to the last piece of its body.
pub(super) async fn read(mut response: Response) -> Result<Reply, SendError> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.body.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(Reply {
        status: response.status,
        headers: response.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

pub(super) async fn create(caller: &Caller) -> Result<Reply, SendError> {
    let body = json!({ "object": "Contact", "operation": "insert" });
    let body = Body::Bytes(Bytes::from(body.to_string()));
    heard(caller, Method::Post, INGEST, body).await
}

pub(super) async fn close(caller: &Caller, job: &str) -> Result<Reply, SendError> {
    let body = Body::Bytes(Bytes::from(r#"{"state":"UploadComplete"}"#));
    heard(caller, Method::Patch, &format!("{INGEST}/{job}"), body).await
}

pub(super) async fn put(caller: &Caller, job: &str, rows: usize) -> Result<Reply, SendError> {
    let path = format!("{INGEST}/{job}/batches");
    let body = Body::Bytes(Bytes::from(numbered(rows)));
    heard(caller, Method::Put, &path, body).await
}

/// How many contacts of a job of [`numbered`] rows are in the org.
pub(super) async fn contacts(caller: &Caller) -> usize {
    let found = caller
        .query("SELECT Id FROM Contact WHERE LastName LIKE 'Row %'")
        .await;
    found.len()
}

/// The rows of the three result files.
pub(super) async fn results(caller: &Caller, job: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let names = |text: String| column(&text, "LastName");
    (
        names(caller.results(job, "successfulResults").await),
        names(caller.results(job, "failedResults").await),
        names(caller.results(job, "unprocessedrecords").await),
    )
}
