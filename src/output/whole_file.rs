//! A file of the run folder that appears under its name only when it is whole and on disk.
//!
//! Comes in: bytes. Goes out: the file, or this room's error.

use std::io::Write;
use std::path::Path;

use crate::journal::PartFile;

use super::error::OutputError;

/// A file under way.
pub(super) struct WholeFile(PartFile);

impl WholeFile {
    /// Starts the file that will stand in the run folder under this name.
    pub(super) fn create(run_folder: &Path, name: &str) -> Result<Self, OutputError> {
        let path = run_folder.join(name);
        match PartFile::create(path.clone()) {
            Ok(file) => Ok(Self(file)),
            Err(source) => Err(OutputError::Unwritable { path, source }),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let written = self.0.write_all(bytes);
        written.map_err(|source| OutputError::Unwritable {
            path: self.0.path().to_owned(),
            source,
        })
    }

    /// Gives the file its name once its bytes are on disk.
    pub(super) fn publish(self) -> Result<(), OutputError> {
        let path = self.0.path().to_owned();
        let published = self.0.publish_durably();
        published.map_err(|source| OutputError::Unwritable { path, source })
    }
}
