//! What can go wrong while the output files are written.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::model::explain::{Exit, Explain, Place};

/// An output file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
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
        let Self::Unwritable { path, .. } = self;
        Place::file(path.display())
    }

    fn remedy(&self) -> Cow<'static, str> {
        "Make room or mend the permissions of the folder, then run the same file again in a new \
         one: contacts who have a user by then are rejected, so nobody gets two; jobs/ holds what \
         the org answered."
            .into()
    }

    fn exit(&self) -> Exit {
        Exit::Stopped
    }
}
