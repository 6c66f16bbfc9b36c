//! Bulk API 2.0 jobs as the org describes them.

use serde::{Deserialize, Serialize};

use super::id::JobId;

/// States of an ingest or query job
/// ([source](https://developer.salesforce.com/docs/platform/api-asynch/guide/bulk-api-2-job-states.md)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JobState {
    /// Created, data may be uploaded.
    Open,
    /// Closed by the client: the commit point.
    UploadComplete,
    /// The org works on it.
    InProgress,
    /// Finished; rows may still have failed.
    JobComplete,
    /// Given up by the org; some rows may have been written.
    Failed,
    /// Stopped by a client; some rows may have been written.
    Aborted,
}

impl JobState {
    /// Will it never change again?
    pub fn is_terminal(self) -> bool {
        match self {
            Self::JobComplete | Self::Failed | Self::Aborted => true,
            Self::Open | Self::UploadComplete | Self::InProgress => false,
        }
    }
}

/// What the org says of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobInfo {
    /// Its id.
    pub id: JobId,
    /// Its state.
    pub state: JobState,
    /// Records processed so far, failures included; 0 where the org leaves it out.
    pub processed_count: u64,
    /// Records failed so far.
    pub failed_count: u64,
    /// Why it failed, when it did.
    pub error_message: Option<String>,
}

/// The three result files of an ingest job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResultKind {
    /// Rows the org wrote.
    Successful,
    /// Rows the org refused.
    Failed,
    /// Rows the org never tried.
    Unprocessed,
}

impl ResultKind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Successful, Self::Failed, Self::Unprocessed];

    /// Last segment of its URL.
    pub fn path_segment(self) -> &'static str {
        match self {
            Self::Successful => "successfulResults",
            Self::Failed => "failedResults",
            Self::Unprocessed => "unprocessedrecords",
        }
    }

    /// As our own file names spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "successful",
            Self::Failed => "failed",
            Self::Unprocessed => "unprocessed",
        }
    }
}
