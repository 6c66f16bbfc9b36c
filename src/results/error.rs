//! What can go wrong while results are read and kept.
//!
//! Every one of these happens after rows were sent, so each remedy names `resume`.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::journal::StoredFault;
use crate::model::explain::{Exit, Explain, Place};

/// Results cannot be read, joined or kept.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// A sealed wave or a result file cannot be read.
    #[error("a file of the run cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A sealed wave is not what was written.
    #[error("the sealed wave was altered or cut short after it was written")]
    SealedDamaged {
        /// The file.
        path: PathBuf,
    },
    /// A result file is not CSV, or stops in the middle.
    #[error("the org's results cannot be read: {source}")]
    ResultBroken {
        /// The file, as messages name it.
        name: String,
        /// What is wrong.
        source: csv::Error,
    },
    /// A result file has rows but lacks a column that every such file has.
    #[error("the org's results have no `{column}` column")]
    ColumnMissing {
        /// The file, as messages name it.
        name: String,
        /// The column.
        column: &'static str,
    },
    /// The texts of faults cannot be kept.
    #[error("the reasons of failed rows cannot be written: {source}")]
    FaultsUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What became of rows cannot be kept for a later process.
    #[error("what became of the rows cannot be written: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was kept for a later process is not what is there now.
    #[error("a file of the run is gone, was altered or cut short after it was stored")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The texts of faults cannot be read back.
    #[error("the reasons of failed rows cannot be read back: {source}")]
    FaultsUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ResultsError {
    /// Why a stored file is not to be had.
    pub(super) fn of(fault: StoredFault, path: &Path) -> Self {
        let path = path.to_owned();
        match fault {
            StoredFault::Unreadable(source) => Self::Unreadable { path, source },
            StoredFault::Changed => Self::Changed { path },
        }
    }
}

impl Explain for ResultsError {
    fn place(&self) -> Place {
        match self {
            Self::Unreadable { path, .. }
            | Self::SealedDamaged { path }
            | Self::Unwritable { path, .. }
            | Self::Changed { path }
            | Self::FaultsUnwritable { path, .. }
            | Self::FaultsUnreadable { path, .. } => Place::file(path.display()),
            Self::ResultBroken { name, .. } | Self::ColumnMissing { name, .. } => Place::file(name),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::FaultsUnwritable { .. }
            | Self::FaultsUnreadable { .. } => {
                "Make room or mend the permissions of the folder, then run the same file again in \
                 a new one: contacts who have a user by then are rejected, so nobody gets two."
            }
            Self::Changed { .. } => {
                "Put the run folder back as the run left it, from a backup if need be, then `admit \
                 resume`. Without it, look at the jobs its journal names in the org, then give the \
                 input to `admit run`: contacts who have a user by then are rejected, so nobody \
                 gets two."
            }
            Self::SealedDamaged { .. } | Self::ResultBroken { .. } | Self::ColumnMissing { .. } => {
                "Look at the job in the org, then run the same file again in a new folder: \
                 contacts who have a user by then are rejected, so nobody gets two."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::SealedDamaged { .. } | Self::Changed { .. } => Exit::Memory,
            Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::ResultBroken { .. }
            | Self::ColumnMissing { .. }
            | Self::FaultsUnwritable { .. }
            | Self::FaultsUnreadable { .. } => Exit::Stopped,
        }
    }
}
