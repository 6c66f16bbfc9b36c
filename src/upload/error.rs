//! What can end a run between a sealed wave and the results of its jobs.
//!
//! The variants are told apart by what may have become of the rows, because that decides what the
//! operator does next: nothing is committed before a job is closed. Whatever passes, or can be
//! put right by asking the org, is none of them.

use std::borrow::Cow;
use std::path::PathBuf;

use super::patience::passes;
use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::JobId;
use crate::model::job::{JobState, ResultKind};
use crate::salesforce::OrgError;

/// What mends a journal that lacks something.
const PUT_BACK: &str = "Put journal.jsonl back as the run left it, from a backup if need be";

/// A chunk that cannot go on in this run.
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
    /// Results, or the folder for them, cannot be written.
    #[error("results of jobs cannot be written: {source}")]
    Unwritable {
        /// The job, once it was closed: its rows may be in the org.
        job: Option<JobId>,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The org opened no job for these rows, or its answers were lost time and again. None of
    /// them was sent.
    #[error("no job was opened: {source}")]
    NotCreated {
        /// Why, the last time.
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
    /// Perhaps the job was closed and runs: the org cannot be asked.
    #[error("it is not known whether the job was closed and runs: {source}")]
    CloseUnknown {
        /// The job.
        job: JobId,
        /// Why.
        source: OrgError,
    },
    /// The answer to each close was lost, and the org went on calling the job open.
    #[error("the job stayed open though it was closed {times} times, each answer lost")]
    CloseUnsettled {
        /// The job.
        job: JobId,
        /// How often it was closed.
        times: u32,
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
    /// The org did not abort the job.
    #[error("the job was not stopped: {source}")]
    NotStopped {
        /// The job.
        job: JobId,
        /// Why.
        source: OrgError,
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
    /// The org could not be asked for the records of rows whose results are missing.
    #[error("the org could not be asked what became of rows without a result: {source}")]
    NotAsked {
        /// The job.
        job: JobId,
        /// Why.
        source: OrgError,
    },
    /// The journal says that a job was created, and holds no id of it.
    #[error("the journal names no id for the job of wave {wave} that begins with row {first}")]
    Nameless {
        /// The wave's number.
        wave: u32,
        /// The job's first row, as a position in the wave.
        first: u64,
    },
}

impl UploadError {
    /// The job whose rows may already be in the org though no result says so.
    pub fn job_in_doubt(&self) -> Option<JobId> {
        match self {
            Self::CloseUnknown { job, .. }
            | Self::CloseUnsettled { job, .. }
            | Self::Unwatched { job, .. }
            | Self::StillRunning { job, .. }
            | Self::NotStopped { job, .. }
            | Self::ResultsMissing { job, .. }
            | Self::NotAsked { job, .. } => Some(*job),
            Self::Journal { job, .. } | Self::Unwritable { job, .. } => *job,
            Self::NotCreated { .. }
            | Self::DataNotSent { .. }
            | Self::NotClosed { .. }
            | Self::Nameless { .. } => None,
        }
    }

    /// What the org said, or did not say.
    fn what_the_org_said(&self) -> Option<&OrgError> {
        match self {
            Self::NotCreated { source }
            | Self::DataNotSent { source, .. }
            | Self::NotClosed { source, .. }
            | Self::CloseUnknown { source, .. }
            | Self::Unwatched { source, .. }
            | Self::NotStopped { source, .. }
            | Self::ResultsMissing { source, .. }
            | Self::NotAsked { source, .. } => Some(source),
            Self::Journal { .. }
            | Self::Unwritable { .. }
            | Self::CloseUnsettled { .. }
            | Self::StillRunning { .. }
            | Self::Nameless { .. } => None,
        }
    }

    /// The remedy for whoever says by himself how the run is finished.
    pub fn before_resuming(&self) -> Cow<'static, str> {
        match (self, self.job_in_doubt()) {
            (Self::Nameless { .. }, _) => format!("{PUT_BACK}.").into(),
            (Self::Journal { source, .. }, _) => source.before_resuming(),
            (_, Some(job)) => format!(
                "{}. Rows of job {job} may already be in the org, and the run finds out which; do \
                 not send them otherwise.",
                self.first()
            )
            .into(),
            (_, None) => format!("{}. No row of this job is in the org.", self.first()).into(),
        }
    }

    /// What has to be put right first.
    fn first(&self) -> &'static str {
        match self {
            Self::Journal { .. } | Self::Unwritable { .. } => {
                "Make room or mend the permissions of the run folder"
            }
            Self::StillRunning { .. } => "Give the org time",
            Self::CloseUnsettled { .. }
            | Self::Nameless { .. }
            | Self::NotCreated { .. }
            | Self::DataNotSent { .. }
            | Self::NotClosed { .. }
            | Self::CloseUnknown { .. }
            | Self::Unwatched { .. }
            | Self::NotStopped { .. }
            | Self::ResultsMissing { .. }
            | Self::NotAsked { .. } => match self.what_the_org_said() {
                Some(OrgError::SessionRefused { .. }) => "Log in to the org again",
                Some(OrgError::PermissionDenied { .. }) => {
                    "Give the running user the permissions it lacks"
                }
                Some(OrgError::LimitExceeded { .. }) => {
                    "Wait until the org's 24-hour allowance has room again (Setup, System Overview)"
                }
                Some(OrgError::Distrusted { .. }) => {
                    "Find out whose certificate is shown, or let this system trust it"
                }
                Some(OrgError::Disk { .. }) => "Make room or mend the permissions of the folder",
                Some(source) if !passes(source) => "Mend what the org names",
                Some(_) | None => "Wait until the org answers again (status.salesforce.com)",
            },
        }
    }
}

impl Explain for UploadError {
    fn place(&self) -> Place {
        match self {
            Self::Journal { source, .. } => source.place(),
            Self::Unwritable { path, .. } => Place::file(path.display()),
            Self::NotCreated { source } => source.place(),
            Self::Nameless { .. } => Place::file(crate::journal::FILE_NAME),
            Self::DataNotSent { job, .. }
            | Self::NotClosed { job, .. }
            | Self::CloseUnknown { job, .. }
            | Self::CloseUnsettled { job, .. }
            | Self::Unwatched { job, .. }
            | Self::StillRunning { job, .. }
            | Self::NotStopped { job, .. }
            | Self::ResultsMissing { job, .. }
            | Self::NotAsked { job, .. } => Place::Job(job.to_string()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Nameless { .. } => {
                format!("{PUT_BACK}, then go on with `admit resume` and the run folder.").into()
            }
            Self::Journal { source, .. } => source.remedy(),
            Self::Unwritable { .. }
            | Self::NotCreated { .. }
            | Self::DataNotSent { .. }
            | Self::NotClosed { .. }
            | Self::CloseUnknown { .. }
            | Self::CloseUnsettled { .. }
            | Self::Unwatched { .. }
            | Self::StillRunning { .. }
            | Self::NotStopped { .. }
            | Self::ResultsMissing { .. }
            | Self::NotAsked { .. } => {
                let first = self.first();
                let fate = match self.job_in_doubt() {
                    Some(job) => format!(
                        "rows of job {job} may already be in the org, and it finds out which; do \
                         not send them otherwise"
                    ),
                    None => "no row of this job is in the org".to_owned(),
                };
                format!("{first}, then go on with `admit resume` and the run folder: {fate}.")
                    .into()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Journal { source, .. } => source.exit(),
            // Time does not mend what the org refuses, such as a dead session: somebody has to.
            Self::NotCreated { source }
            | Self::DataNotSent { source, .. }
            | Self::NotClosed { source, .. }
            | Self::CloseUnknown { source, .. }
            | Self::Unwatched { source, .. }
            | Self::NotStopped { source, .. }
            | Self::ResultsMissing { source, .. }
            | Self::NotAsked { source, .. }
                if !passes(source) =>
            {
                source.exit()
            }
            Self::Nameless { .. } => Exit::Memory,
            Self::NotCreated { .. }
            | Self::DataNotSent { .. }
            | Self::NotClosed { .. }
            | Self::Unwritable { .. }
            | Self::CloseUnknown { .. }
            | Self::CloseUnsettled { .. }
            | Self::Unwatched { .. }
            | Self::StillRunning { .. }
            | Self::NotStopped { .. }
            | Self::ResultsMissing { .. }
            | Self::NotAsked { .. } => Exit::Stopped,
        }
    }
}
