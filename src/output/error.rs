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
        "Make room or mend the permissions of the run folder, then finish the run with `admit \
         resume`, which only writes the files again; a `check` or `rehearse` is started anew."
            .into()
    }

    fn exit(&self) -> Exit {
        Exit::Stopped
    }
}
