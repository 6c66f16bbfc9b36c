//! One ingest job: what was asked, where it stands, and how its JSON looks at each call.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::clock;
use super::super::faults::JobFate;
use super::super::write::Target;
use super::process::Work;
use super::upload::Dialect;

/// States, as the wire spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl State {
    /// As the job JSON spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }

    /// Nothing will change any more.
    pub(super) fn is_terminal(self) -> bool {
        matches!(self, Self::JobComplete | Self::Failed | Self::Aborted)
    }
}

/// One ingest job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) number: u32,
    pub(super) object: &'static str,
    pub(super) target: Target,
    pub(super) external_id: Option<String>,
    pub(super) dialect: Dialect,
    pub(super) state: State,
    pub(super) version: String,
    pub(super) created_by: String,
    pub(super) created_ms: u64,
    pub(super) touched_ms: u64,
    /// Successful PUTs; more than one poisons the job (bulk-api-2.md §3.5).
    pub(super) puts: u32,
    pub(super) data: String,
    pub(super) work: Option<Work>,
    pub(super) started_ms: u64,
    pub(super) error_message: Option<String>,
    pub(super) fate: JobFate,
    /// The org knows nothing of it any more.
    pub(super) gone: bool,
}

/// Which call a job JSON answers; each shows other members (bulk-api-2.md §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Created,
    Patched,
    Info,
    Listed,
}

impl Job {
    /// The job as that call shows it.
    pub(super) fn json(&self, shape: Shape) -> Value {
        let mut job = json!({
            "id": self.id,
            "operation": self.target.operation.name(),
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": clock::on_the_wire(self.created_ms),
            "systemModstamp": clock::on_the_wire(self.touched_ms),
            "state": self.state.name(),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": self.version.parse::<f64>().unwrap_or(0.0),
        });
        if let Some(field) = &self.external_id {
            job["externalIdFieldName"] = json!(field);
        }
        if matches!(shape, Shape::Created | Shape::Info) {
            job["lineEnding"] = json!(self.dialect.line_end.name());
            job["columnDelimiter"] = json!(self.dialect.delimiter.name());
            if self.state == State::Open {
                // No leading slash and no host: clients join it to the instance url.
                let url = format!(
                    "services/data/v{}/jobs/ingest/{}/batches",
                    self.version, self.id
                );
                job["contentUrl"] = json!(url);
            }
        }
        if matches!(shape, Shape::Info | Shape::Listed) {
            job["jobType"] = json!("V2Ingest");
        }
        if shape == Shape::Info {
            self.add_counters(&mut job);
        }
        job
    }

    /// Refuses a step the state forbids.
    pub(super) fn conflict(&self, step: &str) -> Answer {
        let message = format!(
            "{step} not allowed for a job in state {}",
            self.state.name()
        );
        Answer::error(400, "INVALIDJOBSTATE", message)
    }

    fn add_counters(&self, job: &mut Value) {
        let (processed, failed) = self.work.as_ref().map_or((0, 0), Work::counts);
        let ended = self.state.is_terminal() && self.started_ms > 0;
        let total = if ended {
            self.touched_ms.saturating_sub(self.started_ms)
        } else {
            0
        };
        job["numberRecordsProcessed"] = json!(processed);
        job["numberRecordsFailed"] = json!(failed);
        job["retries"] = json!(self.work.as_ref().map_or(0, |work| work.retries));
        job["totalProcessingTime"] = json!(total);
        job["apiActiveProcessingTime"] = json!(total * 3 / 4);
        job["apexProcessingTime"] = json!(0);
        if let Some(message) = &self.error_message {
            job["errorMessage"] = json!(message);
        }
    }
}
