//! Jobs as the org writes them, read leniently; and how often one is asked after.
//!
//! Recorded answers differ by verb: counters may be absent, `apiVersion` is a number or a text,
//! dates are no strict RFC 3339 (bulk-api-2 §3.3). Only what is used is read.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::error::OrgError;
use crate::model::id::JobId;
use crate::model::job::{JobInfo, JobState};
use crate::model::settings::PacingSettings;

/// A job in an answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobAnswer {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    state: Value,
    #[serde(default)]
    number_records_processed: Value,
    #[serde(default)]
    number_records_failed: Value,
    #[serde(default)]
    error_message: Value,
}

impl JobAnswer {
    /// The job, if it has an id and a state; `request` is named where it has not.
    pub(super) fn into_info(self, request: &str) -> Result<JobInfo, OrgError> {
        let malformed = |what: &str| OrgError::Malformed {
            request: request.to_owned(),
            what: what.to_owned(),
        };
        let id = self.id.as_str().and_then(|id| JobId::parse(id).ok());
        let state = self.state.as_str().filter(|state| !state.is_empty());
        Ok(JobInfo {
            id: id.ok_or_else(|| malformed("the job has no valid id"))?,
            state: job_state(state.ok_or_else(|| malformed("the job has no state"))?),
            processed_count: count(&self.number_records_processed),
            failed_count: count(&self.number_records_failed),
            error_message: self.error_message.as_str().map(super::refusal::one_line),
        })
    }
}

/// Waits between two questions after a job: from the first to the longest, half more each time.
pub(crate) fn poll_waits(pacing: &PacingSettings) -> impl Iterator<Item = Duration> {
    let longest = Duration::from_millis(pacing.poll_longest_ms.max(1));
    let first = Duration::from_millis(pacing.poll_first_ms.max(1)).min(longest);
    std::iter::successors(Some(first), move |wait| {
        Some((*wait + *wait / 2).min(longest))
    })
}

/// A state we do not know is one the org invented after us: it is not an end, so we ask again
/// (bulk-api-2 §8, row 10).
fn job_state(text: &str) -> JobState {
    match text {
        "Open" => JobState::Open,
        "UploadComplete" => JobState::UploadComplete,
        "JobComplete" => JobState::JobComplete,
        "Failed" => JobState::Failed,
        "Aborted" => JobState::Aborted,
        _ => JobState::InProgress,
    }
}

/// A count that may be a number, a text, or absent.
pub(super) fn count(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or_default(),
        Value::String(text) => text.parse().unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => 0,
    }
}
