//! What can end a walk: the rooms' errors, and the corridor's own.

use std::borrow::Cow;

use crate::intake::IntakeError;
use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
use crate::org_state::OrgStateError;
use crate::output::OutputError;
use crate::pipeline::CorridorError;
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

impl RunError {
    /// The remedy, without how the run is finished where the error says that too.
    pub(crate) fn before_resuming(&self) -> Cow<'static, str> {
        match self {
            Self::Upload(error) => error.before_resuming(),
            Self::Journal(error) => error.before_resuming(),
            Self::Intake(_)
            | Self::OrgState(_)
            | Self::Gate(_)
            | Self::Plan(_)
            | Self::Org(_)
            | Self::Results(_)
            | Self::Output(_)
            | Self::Corridor(_) => self.remedy(),
        }
    }

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
