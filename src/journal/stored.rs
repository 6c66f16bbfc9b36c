//! Files of a run that a later process has to find exactly as they were left.
//!
//! Comes in: a mark that names the kind and its version, then anything. Goes out: the same, or
//! that the file is another one now. The last 32 bytes are the SHA-256 of all before them, and
//! they are checked before the first byte is believed. Whole and on disk under its name, or not
//! there at all.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::private::PartFile;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 << 10;
/// Bytes of the digest at the end.
const DIGEST_BYTES: usize = 32;

/// Says which kind of file it is, and in which version.
pub(crate) type Mark = [u8; 8];

/// A file under way.
pub(crate) struct StoredWriter {
    part: PartFile,
    hasher: Sha256,
}

impl StoredWriter {
    /// Starts the file that will stand at `path`.
    pub(crate) fn create(path: PathBuf, mark: Mark) -> io::Result<Self> {
        let mut writer = Self {
            part: PartFile::create(path)?,
            hasher: Sha256::new(),
        };
        writer.write(&mark)?;
        Ok(writer)
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.part.write_all(bytes)
    }

    /// Appends what is small, as JSON behind its length.
    pub(crate) fn write_head(&mut self, head: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_vec(head)?;
        let length = u32::try_from(json.len()).map_err(io::Error::other)?;
        self.write(&length.to_le_bytes())?;
        self.write(&json)
    }

    /// Brings the file to disk under its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let digest = self.hasher.finalize();
        self.part.write_all(&digest)?;
        self.part.publish_durably()
    }
}

/// Why a stored file is not to be had.
#[derive(Debug)]
pub(crate) enum StoredFault {
    /// The system refused to read it.
    Unreadable(io::Error),
    /// It is gone, was altered or cut short, or is of another version.
    Changed,
}

impl From<io::Error> for StoredFault {
    /// A file that is gone or ends early is not the one that was stored.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::UnexpectedEof => Self::Changed,
            _ => Self::Unreadable(error),
        }
    }
}

impl From<StoredFault> for io::Error {
    fn from(fault: StoredFault) -> Self {
        match fault {
            StoredFault::Unreadable(error) => error,
            StoredFault::Changed => ErrorKind::UnexpectedEof.into(),
        }
    }
}

/// A file that has proved to be what was stored.
pub(crate) struct StoredReader {
    file: BufReader<File>,
    left: u64,
}

impl StoredReader {
    /// Opens a file and checks all of it.
    pub(crate) fn open(path: &Path, mark: Mark) -> Result<Self, StoredFault> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
        let bytes = file.get_ref().metadata()?.len();
        let body = bytes.checked_sub(DIGEST_BYTES as u64);
        let body = body.ok_or(StoredFault::Changed)?;
        let digest = digest_of(&mut file, body)?;
        let mut told = [0; DIGEST_BYTES];
        file.read_exact(&mut told)?;
        file.seek(SeekFrom::Start(0))?;
        let mut reader = Self { file, left: body };
        let mut found = Mark::default();
        reader.read(&mut found)?;
        if digest != told || found != mark {
            return Err(StoredFault::Changed);
        }
        Ok(reader)
    }

    /// The next bytes.
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> Result<(), StoredFault> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or(StoredFault::Changed)?;
        Ok(self.file.read_exact(bytes)?)
    }

    /// What [`StoredWriter::write_head`] wrote.
    pub(crate) fn read_head<T: DeserializeOwned>(&mut self) -> Result<T, StoredFault> {
        let mut length = [0; 4];
        self.read(&mut length)?;
        let length = u32::from_le_bytes(length);
        if u64::from(length) > self.left {
            return Err(StoredFault::Changed);
        }
        let mut json = vec![0; length as usize];
        self.read(&mut json)?;
        serde_json::from_slice(&json).map_err(|_| StoredFault::Changed)
    }

    /// Bytes that are still to be read.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }
}

/// SHA-256 of the next so many bytes; the file must have them.
pub(crate) fn digest_of(
    file: &mut impl Read,
    bytes: u64,
) -> Result<[u8; DIGEST_BYTES], StoredFault> {
    let mut hasher = Sha256::new();
    digest_into(&mut hasher, file, bytes)?;
    Ok(hasher.finalize().into())
}

/// Continues a digest over the next so many bytes; the file must have them.
pub(crate) fn digest_into(
    hasher: &mut Sha256,
    file: &mut impl Read,
    bytes: u64,
) -> Result<(), StoredFault> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut left = bytes;
    while left > 0 {
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(BUFFER_BYTES);
        let read = match file.read(&mut buffer[..most]) {
            Ok(0) => return Err(StoredFault::Changed),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        hasher.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(())
}
