//! A private file that appears under its name only when it is whole and on disk.
//!
//! Comes in: bytes. Goes out: a file of mode 0600, written beside under `<name>.part`. A process
//! that dies leaves the `.part` file, which the next attempt writes over.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::OutputError;

/// Bytes written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A file under way.
pub(super) struct WholeFile {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
}

impl WholeFile {
    /// Starts the file that will stand in the run folder under this name.
    pub(super) fn create(run_folder: &Path, name: &str) -> Result<Self, OutputError> {
        let path = run_folder.join(name);
        let part = run_folder.join(format!("{name}.part"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        match open_private(&mut options, &part) {
            Ok(file) => Ok(Self {
                path,
                part,
                file: BufWriter::with_capacity(BUFFER_BYTES, file),
            }),
            Err(source) => Err(OutputError::Unwritable { path: part, source }),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let written = self.file.write_all(bytes);
        written.map_err(|source| OutputError::Unwritable {
            path: self.part.clone(),
            source,
        })
    }

    /// Gives the file its name once its bytes are on disk.
    pub(super) fn publish(mut self) -> Result<(), OutputError> {
        self.rename().map_err(|source| OutputError::Unwritable {
            path: self.path,
            source,
        })
    }

    fn rename(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.part, &self.path)?;
        match self.path.parent() {
            // Only Unix can open a folder to flush it; elsewhere the rename is all there is.
            Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

/// Opens a file that only its owner can read, should it not be there yet.
pub(super) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
