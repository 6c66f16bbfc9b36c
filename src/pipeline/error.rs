//! What can end a walk: the rooms' errors, and the corridor's own few.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::intake::IntakeError;
use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
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
    /// The run folder cannot be made.
    #[error("the run folder cannot be made: {source}")]
    Folder {
        /// Its path.
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
}

impl RunError {
    fn room(&self) -> Option<&dyn Explain> {
        match self {
            Self::Intake(error) => Some(error),
            Self::OrgState(error) => Some(error),
            Self::Gate(error) => Some(error),
            Self::Plan(error) => Some(error),
            Self::Upload(error) => Some(error),
            Self::Org(error) => Some(error),
            Self::Results(error) => Some(error),
            Self::Output(error) => Some(error),
            Self::Journal(error) => Some(error),
            Self::Folder { .. } | Self::InputChanged { .. } => None,
        }
    }
}

impl Explain for RunError {
    fn place(&self) -> Place {
        match (self.room(), self) {
            (Some(error), _) => error.place(),
            (None, Self::Folder { path, .. } | Self::InputChanged { path }) => {
                Place::file(path.display())
            }
            (None, _) => Place::Program,
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match (self.room(), self) {
            (Some(error), _) => error.remedy(),
            (None, Self::InputChanged { .. }) => {
                "Put the file back as it was and run again; the run folder's jobs/ holds what the \
                 org answered so far."
                    .into()
            }
            (None, _) => "Choose a folder you may write to with `--out DIR`.".into(),
        }
    }

    fn exit(&self) -> Exit {
        match (self.room(), self) {
            (Some(error), _) => error.exit(),
            (None, Self::InputChanged { .. }) => Exit::Input,
            (None, _) => Exit::Usage,
        }
    }
}
