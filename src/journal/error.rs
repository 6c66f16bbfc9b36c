//! What can go wrong with the memory.

use std::borrow::Cow;
use std::path::PathBuf;

use super::entry::LineFault;
use super::illegal::Illegal;
use crate::model::explain::{Exit, Explain, Place};

/// The journal cannot be written, read or believed.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused.
    #[error("the journal cannot be written: {source}")]
    Unwritable {
        /// The journal's path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process works on the run.
    #[error("another process works on this run: {holder}")]
    Taken {
        /// The lock.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The lock that keeps two processes apart cannot be had.
    #[error("the lock that keeps two processes from one run cannot be had: {source}")]
    NotHeld {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no journal, or it cannot be read.
    #[error("the journal cannot be read: {source}")]
    Unreadable {
        /// The journal's path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not as it was written.
    #[error("the journal is damaged: {fault}")]
    Damaged {
        /// The journal's path.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The lines tell a story that cannot have happened.
    #[error("the journal tells of something impossible: {illegal}")]
    Impossible {
        /// The journal's path.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What cannot be.
        illegal: Illegal,
    },
}

impl JournalError {
    /// The remedy for whoever says by himself how the run is finished.
    pub fn before_resuming(&self) -> Cow<'static, str> {
        match self {
            Self::Unwritable { .. } => {
                "Make room or mend the permissions of the run folder; what was sent before stands \
                 in the journal."
                    .into()
            }
            Self::Taken { .. }
            | Self::NotHeld { .. }
            | Self::Unreadable { .. }
            | Self::Damaged { .. }
            | Self::Impossible { .. } => self.remedy(),
        }
    }
}

impl Explain for JournalError {
    fn place(&self) -> Place {
        match self {
            Self::Unwritable { path, .. }
            | Self::Taken { path, .. }
            | Self::NotHeld { path, .. }
            | Self::Unreadable { path, .. } => Place::file(path.display()),
            Self::Damaged { path, line, .. } | Self::Impossible { path, line, .. } => {
                Place::line(path.display(), *line)
            }
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Unwritable { .. } => {
                "Make room or mend the permissions of the run folder, then go on with `admit \
                 resume` and this folder; what was sent before stands in the journal."
            }
            Self::Taken { .. } => {
                "Wait until that process has ended, or stop it; then go on with `admit resume` \
                 where something is left."
            }
            Self::NotHeld { .. } => {
                "Put the run folder on a local disk that you may write to; `--out` names it when a \
                 run begins."
            }
            Self::Unreadable { .. } => {
                "Name the folder of a run, as `admit run` printed it; it holds a journal.jsonl."
            }
            Self::Damaged { .. } | Self::Impossible { .. } => {
                "Put the run folder back as the run left it, from a backup if need be. Without \
                 it, nothing is sent again from here: look at the jobs it names in the org (Setup, \
                 Bulk Data Load Jobs), then give the input to `admit run`, which rejects every \
                 contact that has its user already."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Unwritable { .. } | Self::Damaged { .. } | Self::Impossible { .. } => {
                Exit::Memory
            }
            Self::Taken { .. } => Exit::Guard,
            Self::NotHeld { .. } | Self::Unreadable { .. } => Exit::Usage,
        }
    }
}
