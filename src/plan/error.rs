//! What can go wrong while planning: the disk, or a file that changed behind our back.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::journal::StoredFault;
use crate::model::explain::{Exit, Explain, Place};

/// The plan cannot be written, or not read back.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The disk refused while the plan was drafted; nothing was sent yet.
    #[error("the plan cannot be written: {source}")]
    DraftUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk refused while a wave was sealed; earlier waves may have been sent.
    #[error("a wave of the plan cannot be written: {source}")]
    WaveUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The planned changes cannot be read back.
    #[error("the planned changes cannot be read back: {source}")]
    SpillUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The planned changes are not what was written.
    #[error("the planned changes were altered or cut short after they were written")]
    SpillDamaged {
        /// The file.
        path: PathBuf,
    },
    /// What was stored for a later process cannot be read.
    #[error("the stored plan cannot be read: {source}")]
    StoredUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was stored for a later process is not what is there now.
    #[error("the plan changed: a file of it is gone, was altered or cut short after it was stored")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A row makes a change longer than a plan can hold.
    #[error("the row becomes a change of {bytes} bytes, more than the plan can hold")]
    ChangeTooLong {
        /// The row's line in the contacts file.
        line: u64,
        /// Bytes of the encoded change.
        bytes: usize,
    },
}

impl PlanError {
    /// Why a stored file is not to be had.
    pub(super) fn of(fault: StoredFault, path: &Path) -> Self {
        let path = path.to_owned();
        match fault {
            StoredFault::Unreadable(source) => Self::StoredUnreadable { path, source },
            StoredFault::Changed => Self::Changed { path },
        }
    }
}

impl Explain for PlanError {
    fn place(&self) -> Place {
        match self {
            Self::DraftUnwritable { path, .. }
            | Self::WaveUnwritable { path, .. }
            | Self::SpillUnreadable { path, .. }
            | Self::SpillDamaged { path }
            | Self::StoredUnreadable { path, .. }
            | Self::Changed { path } => Place::file(path.display()),
            Self::ChangeTooLong { line, .. } => Place::line("the contacts file", *line),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::DraftUnwritable { .. } => {
                "Make room or mend the permissions of the run folder, or start again in a new one \
                 with `--out DIR`; nothing was sent."
            }
            Self::WaveUnwritable { .. } | Self::SpillUnreadable { .. } => {
                "Make room or mend the permissions of the folder, then run the same file again in \
                 a new one: contacts who have a user by then are rejected, so nobody gets two."
            }
            Self::StoredUnreadable { .. } => {
                "Mend the permissions of the run folder, then `admit resume` again; nothing was \
                 sent meanwhile."
            }
            Self::Changed { .. } => {
                "Put the run folder back as the run left it, from a backup if need be, then `admit \
                 resume`. Without it, look at the jobs its journal names in the org, then give the \
                 input to `admit run`: contacts who have a user by then are rejected, so nobody \
                 gets two."
            }
            Self::SpillDamaged { .. } => {
                "Run the same file again in a new folder: contacts who have a user by then are \
                 rejected, so nobody gets two."
            }
            Self::ChangeTooLong { .. } => "Shorten the cells of this row.",
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::DraftUnwritable { .. } | Self::SpillDamaged { .. } | Self::Changed { .. } => {
                Exit::Memory
            }
            Self::WaveUnwritable { .. }
            | Self::SpillUnreadable { .. }
            | Self::StoredUnreadable { .. } => Exit::Stopped,
            Self::ChangeTooLong { .. } => Exit::Input,
        }
    }
}
