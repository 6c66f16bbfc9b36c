//! A private file that appears under its name only when it is whole.
//!
//! Comes in: bytes. Goes out: a file of mode 0600, written beside under `<name>.part` and then
//! renamed. A process that dies leaves the `.part` file, which the next attempt writes over.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A file under way.
pub(super) struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
}

impl PartFile {
    /// Starts the file that will stand at `path`.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = BufWriter::with_capacity(BUFFER_BYTES, create_private(&part)?);
        Ok(Self { path, part, file })
    }

    /// The name it will have.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what was written.
    pub(super) fn discard(self) -> io::Result<()> {
        fs::remove_file(&self.part)
    }

    /// Gives the file its name.
    pub(super) fn publish(mut self) -> io::Result<()> {
        self.file.flush()?;
        fs::rename(&self.part, &self.path)
    }

    /// Gives the file its name once its bytes are on disk, and makes the name last as well.
    pub(super) fn publish_durably(mut self) -> io::Result<()> {
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

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An empty file that only its owner can read; an older one of that name is emptied.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder that only its owner can enter, unless it is there already.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
