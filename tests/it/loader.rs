//! A blind loader: sends a CSV into the simulated org the way Data Loader would, by hand-made
//! HTTP requests, knowing nothing of admit's rules or codecs.

use std::sync::Arc;
use std::time::Duration;

use admit::salesforce::transport::{Body, Method, Request, Transport};
use admit::sim::{Seed, SimOptions, SimOrg};
use bytes::Bytes;
use futures_util::TryStreamExt;

use crate::waiting::Looks;
use crate::world::Table;

/// The sample org with somebody at its telephone.
pub(crate) struct Loader {
    pub(crate) org: Arc<SimOrg>,
    token: String,
}

/// What a job left.
pub(crate) struct Loaded {
    pub(crate) state: String,
    pub(crate) successful: Table,
    pub(crate) failed: Table,
    pub(crate) unprocessed: Table,
}

impl Loader {
    /// Must be called inside a runtime whose clock is paused.
    pub(crate) fn new(seed: Seed) -> Self {
        Self::with(seed, SimOptions::default())
    }

    /// The same with an org that plays by these options.
    pub(crate) fn with(seed: Seed, options: SimOptions) -> Self {
        let token = seed.access_token().to_owned();
        let org = Arc::new(SimOrg::new(seed, options));
        Self { org, token }
    }

    /// Somebody else at the telephone of an org like the sample's.
    pub(crate) fn beside(org: Arc<SimOrg>) -> Self {
        let token = Seed::sample().access_token().to_owned();
        Self { org, token }
    }

    /// Inserts the rows of a CSV with a header line into an object, as one job.
    pub(crate) async fn insert(&self, object: &str, csv: &[u8]) -> Loaded {
        let spec = format!(
            r#"{{"object":"{object}","operation":"insert","contentType":"CSV","lineEnding":"LF"}}"#
        );
        let job = self
            .json(Method::Post, "/jobs/ingest", "application/json", spec)
            .await;
        let id = job["id"].as_str().unwrap().to_owned();
        let place = format!("/jobs/ingest/{id}");
        let data = Bytes::copy_from_slice(csv);
        self.call(Method::Put, &format!("{place}/batches"), "text/csv", data)
            .await;
        let close = r#"{"state":"UploadComplete"}"#.to_owned();
        self.json(Method::Patch, &place, "application/json", close)
            .await;
        let state = self.wait(&place).await;
        let mut files = Vec::new();
        for file in ["successfulResults", "failedResults", "unprocessedrecords"] {
            let path = format!("{place}/{file}");
            files.push(Table::read(&self.call(Method::Get, &path, "", "").await));
        }
        let [successful, failed, unprocessed] = files.try_into().ok().unwrap();
        Loaded {
            state,
            successful,
            failed,
            unprocessed,
        }
    }

    async fn wait(&self, place: &str) -> String {
        let mut looks = Looks::every(Duration::from_secs(5));
        loop {
            looks.next().await;
            let job = self.json(Method::Get, place, "", String::new()).await;
            let state = job["state"].as_str().unwrap().to_owned();
            if ["JobComplete", "Failed", "Aborted"].contains(&state.as_str()) {
                return state;
            }
        }
    }

    async fn json(
        &self,
        method: Method,
        path: &str,
        content_type: &'static str,
        body: String,
    ) -> serde_json::Value {
        serde_json::from_slice(&self.call(method, path, content_type, body).await).unwrap()
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Vec<u8> {
        let body = body.into();
        let request = Request {
            method,
            path: format!("/services/data/v67.0{path}"),
            headers: vec![
                ("authorization", format!("Bearer {}", self.token)),
                ("content-type", content_type.to_owned()),
            ],
            body: if body.is_empty() {
                Body::Empty
            } else {
                Body::Bytes(body)
            },
        };
        let response = self.org.send(request).await.unwrap();
        assert!(response.status < 300, "{path}: {}", response.status);
        let pieces: Vec<Bytes> = response.body.try_collect().await.unwrap();
        pieces.concat()
    }
}
