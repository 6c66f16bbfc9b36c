//! What can go wrong with the memory.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::model::explain::{Exit, Explain, Place};

/// The journal cannot be written.
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
}

impl Explain for JournalError {
    fn place(&self) -> Place {
        let Self::Unwritable { path, .. } = self;
        Place::file(path.display())
    }

    fn remedy(&self) -> Cow<'static, str> {
        "Make room or mend the permissions of the run folder, or start again in a new one with \
         `--out DIR`."
            .into()
    }

    fn exit(&self) -> Exit {
        Exit::Memory
    }
}
