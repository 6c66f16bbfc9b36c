//! Files and folders that only their owner may look into, because a run's hold personal data; and
//! files that appear under their name only when they are whole.
//!
//! Every room that writes to disk writes through here. Modes are 0600 and 0700; elsewhere than on
//! Unix the system's defaults apply.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A file under way: written beside under `<name>.part`, then renamed; one that gets no name is
/// removed. A process that dies leaves the `.part` file, which the next attempt writes over.
pub(crate) struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
    has_its_name: bool,
}

impl PartFile {
    /// Starts the file that will stand at `path`.
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = BufWriter::with_capacity(BUFFER_BYTES, create_private(&part)?);
        Ok(Self {
            path,
            part,
            file,
            has_its_name: false,
        })
    }

    /// The name it will have.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name.
    pub(crate) fn publish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.rename()
    }

    /// Gives the file its name once its bytes are on disk, and makes the name last as well.
    pub(crate) fn publish_durably(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        self.rename()?;
        match self.path.parent() {
            // Only Unix can open a folder to flush it; elsewhere the rename is all there is.
            Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

impl PartFile {
    fn rename(&mut self) -> io::Result<()> {
        fs::rename(&self.part, &self.path)?;
        self.has_its_name = true;
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.has_its_name {
            // It holds personal data and nothing that is needed; what cannot be removed stays.
            let _ = fs::remove_file(&self.part);
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
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_private(options.write(true).create(true).truncate(true), path)
}

/// Opens a file that only its owner can read, should it be made by this.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// A folder that only its owner can enter, unless it is there already.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
