//! A section that grows while records come, before anybody knows how large it will be.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use xxhash_rust::xxh3::Xxh3;

/// Bytes that wait before they are written to a file.
const BUFFER_BYTES: usize = 1 << 18;

/// A growing section.
#[derive(Debug)]
pub(in crate::org_state) struct Spool {
    length: u64,
    place: Place,
}

enum Place {
    Memory(Vec<u8>),
    File {
        path: PathBuf,
        file: BufWriter<File>,
        checksum: Box<Xxh3>,
    },
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Self::File { path, .. } => write!(f, "File({})", path.display()),
        }
    }
}

/// A section that is whole.
#[derive(Debug)]
pub(in crate::org_state) enum Spooled {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file of its own, which nobody needs once it was copied.
    File {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        length: u64,
        /// Their checksum.
        checksum: u64,
    },
}

impl Spool {
    /// Grows in memory.
    pub(in crate::org_state) fn memory() -> Self {
        Self {
            length: 0,
            place: Place::Memory(Vec::new()),
        }
    }

    /// Grows in a new file.
    pub(in crate::org_state) fn file(path: PathBuf, file: File) -> Self {
        let place = Place::File {
            path,
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            checksum: Box::default(),
        };
        Self { length: 0, place }
    }

    /// Bytes so far.
    pub(in crate::org_state) fn len(&self) -> u64 {
        self.length
    }

    /// Adds bytes behind the last.
    pub(in crate::org_state) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        match &mut self.place {
            Place::Memory(section) => section.extend_from_slice(bytes),
            Place::File { file, checksum, .. } => {
                checksum.update(bytes);
                file.write_all(bytes)?;
            }
        }
        Ok(())
    }

    /// Ends the section.
    pub(in crate::org_state) fn finish(self) -> io::Result<Spooled> {
        match self.place {
            Place::Memory(mut section) => {
                section.shrink_to_fit();
                Ok(Spooled::Memory(section))
            }
            Place::File {
                path,
                mut file,
                checksum,
            } => {
                file.flush()?;
                Ok(Spooled::File {
                    path,
                    length: self.length,
                    checksum: checksum.digest(),
                })
            }
        }
    }
}
