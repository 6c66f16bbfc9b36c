//! What can go wrong while the output files are written.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::model::explain::{Exit, Explain, Place};

/// An output file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The run folder takes no file from the start.
    #[error("the run folder cannot be written: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk refused.
    #[error("an output file cannot be written: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Explain for OutputError {
    fn place(&self) -> Place {
        match self {
            Self::Folder { path, .. } | Self::Unwritable { path, .. } => {
                Place::file(path.display())
            }
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Folder { .. } => {
                "Make room or mend the permissions of the folder, or name another with `--out \
                 DIR`; this call sent nothing."
            }
            Self::Unwritable { .. } => {
                "Make room or mend the permissions of the folder, then run the same file again in \
                 a new one: contacts who have a user by then are rejected, so nobody gets two; \
                 jobs/ holds what the org answered."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            // Chosen by the operator, and nothing was begun that `resume` could finish.
            Self::Folder { .. } => Exit::Usage,
            Self::Unwritable { .. } => Exit::Stopped,
        }
    }
}
