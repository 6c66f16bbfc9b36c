//! What can go wrong between a sealed wave and the results of its jobs.
//!
//! The variants are told apart by what may have become of the rows, because that decides what the
//! operator does next: nothing is committed before a job is closed.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::JobId;
use crate::model::job::{JobState, ResultKind};
use crate::salesforce::OrgError;
use crate::salesforce::transport::Sent;

/// A chunk whose rows have no results.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The journal cannot be written; the run must not go on without its memory.
    #[error("{source}")]
    Journal {
        /// The job of the chunk, once it was closed: its rows may be in the org.
        job: Option<JobId>,
        /// Why.
        source: JournalError,
    },
    /// The folder for result files cannot be made; nothing was sent.
    #[error("the folder for job results cannot be made: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The org did not open a job: none of its rows was sent.
    #[error("no job was opened: {source}")]
    NotCreated {
        /// Why.
        source: OrgError,
    },
    /// Perhaps a job was opened, whose id we do not know. Without data it commits nothing.
    #[error("it is not known whether a job was opened: {source}")]
    CreateUnknown {
        /// Why.
        source: OrgError,
    },
    /// The data did not arrive, or not for certain. The job was not closed: no row is committed.
    #[error("the job's data was not uploaded for certain: {source}")]
    DataNotSent {
        /// The job.
        job: JobId,
        /// Was it aborted? If not it stays open, and the org removes it by itself.
        aborted: bool,
        /// Why.
        source: OrgError,
    },
    /// The org refused to close the job: no row is committed.
    #[error("the job was not closed: {source}")]
    NotClosed {
        /// The job.
        job: JobId,
        /// Was it aborted? If not it stays open, and the org removes it by itself.
        aborted: bool,
        /// Why.
        source: OrgError,
    },
    /// Perhaps the job was closed and runs.
    #[error("it is not known whether the job was closed and runs: {source}")]
    CloseUnknown {
        /// The job.
        job: JobId,
        /// Why.
        source: OrgError,
    },
    /// The job runs, but the org does not say how it is.
    #[error("the job runs, but cannot be watched: {source}")]
    Unwatched {
        /// The job.
        job: JobId,
        /// Why.
        source: OrgError,
    },
    /// The job did not end in the time a job is waited for. That is no failure.
    #[error("the job is still in state {state:?} after {waited_s} s")]
    StillRunning {
        /// The job.
        job: JobId,
        /// How long it was waited for.
        waited_s: u64,
        /// Its state when last asked.
        state: JobState,
    },
    /// The job ended, but its results could not be fetched.
    #[error("the {} results of an ended job could not be fetched: {source}", kind.as_str())]
    ResultsMissing {
        /// The job.
        job: JobId,
        /// Which file.
        kind: ResultKind,
        /// Why.
        source: OrgError,
    },
}

impl UploadError {
    /// The job whose rows may already be in the org though no result says so.
    pub fn job_in_doubt(&self) -> Option<JobId> {
        match self {
            Self::CloseUnknown { job, .. }
            | Self::Unwatched { job, .. }
            | Self::StillRunning { job, .. }
            | Self::ResultsMissing { job, .. } => Some(*job),
            Self::Journal { job, .. } => *job,
            Self::Folder { .. }
            | Self::NotCreated { .. }
            | Self::CreateUnknown { .. }
            | Self::DataNotSent { .. }
            | Self::NotClosed { .. } => None,
        }
    }
}

impl Explain for UploadError {
    fn place(&self) -> Place {
        match self {
            Self::Journal { source, .. } => source.place(),
            Self::Folder { path, .. } => Place::file(path.display()),
            Self::NotCreated { source } | Self::CreateUnknown { source } => source.place(),
            Self::DataNotSent { job, .. }
            | Self::NotClosed { job, .. }
            | Self::CloseUnknown { job, .. }
            | Self::Unwatched { job, .. }
            | Self::StillRunning { job, .. }
            | Self::ResultsMissing { job, .. } => Place::Job(job.to_string()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        if let Some(job) = self.job_in_doubt() {
            // Sending the rows again would fail row by row at best: a contact has one user.
            return format!(
                "Rows of this job may already be in the org: before sending them again, wait for \
                 its end and fetch its results with `sf data bulk results --job-id {job}` (kept 7 \
                 days); journal.jsonl names every job of the run, the folder jobs/ holds the \
                 results of those that ended."
            )
            .into();
        }
        match self {
            Self::Folder { .. } => {
                "Make room or mend the permissions of the run folder, then start again.".into()
            }
            Self::CreateUnknown { .. } => {
                "Start again when the org answers: at worst an open job without data is left \
                 there, which commits nothing and expires by itself."
                    .into()
            }
            Self::DataNotSent { source, .. } if source.sent() == Sent::Maybe => {
                "Start again when the org answers: the job was not closed, so no row of it is in \
                 the org."
                    .into()
            }
            Self::Journal { source, .. } => source.remedy(),
            Self::NotCreated { source }
            | Self::DataNotSent { source, .. }
            | Self::NotClosed { source, .. }
            | Self::CloseUnknown { source, .. }
            | Self::Unwatched { source, .. }
            | Self::ResultsMissing { source, .. } => source.remedy(),
            Self::StillRunning { .. } => "Wait for the job's end in the org.".into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Journal { source, .. } => source.exit(),
            Self::NotCreated { source }
            | Self::DataNotSent { source, .. }
            | Self::NotClosed { source, .. } => source.exit(),
            Self::Folder { .. }
            | Self::CreateUnknown { .. }
            | Self::CloseUnknown { .. }
            | Self::Unwatched { .. }
            | Self::StillRunning { .. }
            | Self::ResultsMissing { .. } => Exit::Stopped,
        }
    }
}
