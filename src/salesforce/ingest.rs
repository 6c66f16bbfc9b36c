//! Ingest jobs: create, upload once, close, ask after, fetch results
//! ([source](https://developer.salesforce.com/docs/platform/api-asynch/guide/create-job.html)).
//!
//! Nothing is committed before a job is closed. Creating, uploading and closing are never
//! repeated blind: a second create leaves an orphan, a second upload poisons the job
//! (bulk-api-2 §3.5), and a second close of a job that took the first is refused.

use std::path::Path;

use serde_json::json;

use super::Org;
use super::answer::Keep;
use super::error::OrgError;
use super::job::JobAnswer;
use super::retry::Twice;
use super::transport::{Body, Method, Request};
use crate::model::id::JobId;
use crate::model::job::{JobInfo, ResultKind};

impl Org {
    /// Opens a job that inserts records of an object from CSV with commas and LF.
    pub async fn create_ingest_job(&self, object: &str) -> Result<JobInfo, OrgError> {
        let path = self.versioned("jobs/ingest");
        let request = format!("POST {path}");
        let body = json!({
            "object": object,
            "operation": "insert",
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        });
        let job: JobAnswer = self
            .send_json(Method::Post, path, &body, Twice::Harmful)
            .await?;
        job.into_info(&request)
    }

    /// Uploads the job's data: exactly once in the life of a job.
    pub async fn put_job_data(&self, job: JobId, data: Body) -> Result<(), OrgError> {
        let path = self.ingest_path(job, "/batches");
        let headers = vec![("content-type", "text/csv; charset=UTF-8".to_owned())];
        let request = Request {
            method: Method::Put,
            path,
            headers,
            body: data,
        };
        self.ask(request, Twice::Harmful, Keep::Nothing)
            .await
            .map(|_| ())
    }

    /// Closes a job: the commit point, after which the org works on it.
    pub async fn close_job(&self, job: JobId) -> Result<JobInfo, OrgError> {
        self.patch_job(job, "UploadComplete").await
    }

    /// Aborts a job; what it has committed stays.
    pub async fn abort_job(&self, job: JobId) -> Result<JobInfo, OrgError> {
        self.patch_job(job, "Aborted").await
    }

    /// What the org says of a job now.
    pub async fn ingest_job(&self, job: JobId) -> Result<JobInfo, OrgError> {
        let path = self.ingest_path(job, "");
        let request = format!("GET {path}");
        let answer: JobAnswer = self.get_json(path).await?;
        answer.into_info(&request)
    }

    /// Fetches one result file of an ended job, streamed to disk; it appears under its name when
    /// it is whole. Returns its bytes. No content (204) becomes an empty file; no rows is a file
    /// with the header only.
    pub async fn download_results(
        &self,
        job: JobId,
        kind: ResultKind,
        to: &Path,
    ) -> Result<u64, OrgError> {
        let path = self.ingest_path(job, &format!("/{}", kind.path_segment()));
        let headers = vec![("accept", "text/csv".to_owned())];
        let request = Request {
            method: Method::Get,
            path,
            headers,
            body: Body::Empty,
        };
        let answer = self.ask(request, Twice::Harmless, Keep::File(to)).await?;
        Ok(answer.bytes)
    }

    async fn patch_job(&self, job: JobId, state: &str) -> Result<JobInfo, OrgError> {
        let path = self.ingest_path(job, "");
        let request = format!("PATCH {path}");
        let body = json!({"state": state});
        let answer: JobAnswer = self
            .send_json(Method::Patch, path, &body, Twice::Harmful)
            .await?;
        answer.into_info(&request)
    }

    fn ingest_path(&self, job: JobId, rest: &str) -> String {
        self.versioned(&format!("jobs/ingest/{job}{rest}"))
    }
}
