//! What can end a walk: the rooms' errors, and the corridor's own few.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::intake::IntakeError;
use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::OrgId;
use crate::org_state::OrgStateError;
use crate::output::OutputError;
use crate::plan::PlanError;
use crate::results::ResultsError;
use crate::salesforce::OrgError;
use crate::upload::UploadError;
use crate::validate::GateErrors;

/// A walk that could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The contacts file cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The org's state cannot be had.
    #[error(transparent)]
    OrgState(#[from] OrgStateError),
    /// The run gate is closed.
    #[error(transparent)]
    Gate(#[from] GateErrors),
    /// The plan cannot be written.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Uploading stopped.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The org refused something outside jobs.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// Results cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The files cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The corridor's own.
    #[error(transparent)]
    Corridor(#[from] CorridorError),
}

/// What goes wrong between the rooms.
#[derive(Debug, thiserror::Error)]
pub enum CorridorError {
    /// The run folder, or the org's folder in the state folder, cannot be made.
    #[error("the folder cannot be made: {source}")]
    Folder {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input cannot be copied into the run folder.
    #[error("the input cannot be copied into the run folder: {source}")]
    Copy {
        /// Where the copy should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input is not the file any more that was read at the start.
    #[error("the input changed while the run was going on")]
    InputChanged {
        /// Its path.
        path: PathBuf,
    },
    /// The org is not the one it has to be.
    #[error("the org is {found}, and {expected} was expected")]
    AnotherOrg {
        /// The org at the other end.
        found: OrgId,
        /// The org that `--expect-org` names.
        expected: OrgId,
    },
    /// A field the file needs is not cached, and the org is not to be asked.
    #[error("the field {field} is not in the cached state of the org")]
    NotCached {
        /// Object and field.
        field: String,
    },
    /// Another run works on this org.
    #[error("another run works on this org: {holder}")]
    OrgTaken {
        /// The lock.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The lock that keeps two runs apart cannot be had.
    #[error("the lock that keeps two runs of one org apart cannot be had: {source}")]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody asked the run to stop before it sent anything.
    #[error("the run was stopped before anything was sent")]
    StoppedEarly,
    /// Somebody asked the run to stop while it was sending.
    #[error("the run was stopped before its last row")]
    Stopped {
        /// The file that holds the rows that were not sent.
        failure: PathBuf,
    },
}

impl RunError {
    /// Whoever knows more about it.
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Intake(error) => error,
            Self::OrgState(error) => error,
            Self::Gate(error) => error,
            Self::Plan(error) => error,
            Self::Upload(error) => error,
            Self::Org(error) => error,
            Self::Results(error) => error,
            Self::Output(error) => error,
            Self::Journal(error) => error,
            Self::Corridor(error) => error,
        }
    }
}

impl Explain for RunError {
    fn place(&self) -> Place {
        self.inner().place()
    }

    fn remedy(&self) -> Cow<'static, str> {
        self.inner().remedy()
    }

    fn exit(&self) -> Exit {
        self.inner().exit()
    }
}

impl Explain for CorridorError {
    fn place(&self) -> Place {
        match self {
            Self::Folder { path, .. }
            | Self::Copy { path, .. }
            | Self::InputChanged { path }
            | Self::OrgTaken { path, .. }
            | Self::Lock { path, .. }
            | Self::Stopped { failure: path } => Place::file(path.display()),
            Self::AnotherOrg { .. } => Place::Setting("--expect-org".to_owned()),
            Self::NotCached { .. } => Place::Setting("--offline".to_owned()),
            Self::StoppedEarly => Place::Program,
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Folder { .. } | Self::Copy { .. } => {
                "Choose folders on a disk with room that you may write to, with `--out DIR` and \
                 `--state-dir DIR`."
            }
            Self::InputChanged { .. } => {
                "Put the file back as it was and run again; the run folder's jobs/ holds what the \
                 org answered so far."
            }
            Self::AnotherOrg { .. } => {
                "Connect to the org that is meant, or correct `--expect-org` (`expect-org` in the \
                 settings file)."
            }
            Self::NotCached { field } => {
                return format!(
                    "Read it with `admit org pull --external-id {field}`, or leave out `--offline`."
                )
                .into();
            }
            Self::OrgTaken { .. } => "Wait until that run has ended, or stop it, then run again.",
            Self::Lock { .. } => {
                "Choose a state folder on a local disk that you may write to with `--state-dir`."
            }
            Self::StoppedEarly => "Run the file again; nothing of it is in the org.",
            Self::Stopped { .. } => {
                "Give this file to `admit run` again: the rows that were not sent stand in it, \
                 with `now` in admit__Retry."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::InputChanged { .. } => Exit::Input,
            Self::AnotherOrg { .. } | Self::OrgTaken { .. } => Exit::Guard,
            Self::StoppedEarly | Self::Stopped { .. } => Exit::Stopped,
            Self::Folder { .. }
            | Self::Copy { .. }
            | Self::NotCached { .. }
            | Self::Lock { .. } => Exit::Usage,
        }
    }
}
