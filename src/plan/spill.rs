//! Accepted changes on disk, in input order: written once while validation runs, read back as
//! often as waves are written.
//!
//! One frame per change: row ordinal and length, 4 bytes each, little-endian, then the change
//! as validation encoded it. Keys in memory point behind the frame's head.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::journal::create_private;
use crate::model::id::RowOrdinal;

use super::error::PlanError;

/// Bytes before each change.
const HEAD_BYTES: usize = 8;
/// Bytes read or written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// The spill while the plan is drafted.
pub(super) struct SpillWriter {
    path: PathBuf,
    file: File,
    /// Frames that are still to be hashed and written: many at once, because each alone is short.
    frames: Vec<u8>,
    length: u64,
    hasher: Sha256,
}

impl SpillWriter {
    pub(super) fn create(path: PathBuf) -> Result<Self, PlanError> {
        let file = create_private(&path).map_err(|source| PlanError::DraftUnwritable {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            frames: Vec::with_capacity(BUFFER_BYTES),
            length: 0,
            hasher: Sha256::new(),
        })
    }

    /// Where the next change will stand.
    pub(super) fn next_offset(&self) -> u64 {
        self.length + HEAD_BYTES as u64
    }

    /// Appends a change; rows must come in input order.
    pub(super) fn append(&mut self, row: RowOrdinal, change: &[u8]) -> Result<(), PlanError> {
        let length = u32::try_from(change.len()).unwrap_or(u32::MAX);
        if self.frames.len() + HEAD_BYTES + change.len() > BUFFER_BYTES {
            self.write_out()?;
        }
        self.frames.extend_from_slice(&row.0.to_le_bytes());
        self.frames.extend_from_slice(&length.to_le_bytes());
        self.frames.extend_from_slice(change);
        self.length += (HEAD_BYTES + change.len()) as u64;
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), PlanError> {
        self.hasher.update(&self.frames);
        let written = self.file.write_all(&self.frames);
        self.frames.clear();
        written.map_err(|source| PlanError::DraftUnwritable {
            path: self.path.clone(),
            source,
        })
    }

    /// Ends the spill: its path and length, and the digest of every frame, to be continued.
    pub(super) fn finish(mut self) -> Result<(PathBuf, u64, Sha256), PlanError> {
        self.write_out()?;
        Ok((self.path, self.length, self.hasher))
    }
}

/// Reads changes at given places; places must not go backwards.
pub(super) struct SpillReader {
    path: PathBuf,
    file: BufReader<File>,
    position: u64,
}

impl SpillReader {
    pub(super) fn open(path: &Path) -> Result<Self, PlanError> {
        let file = File::open(path).map_err(|source| PlanError::SpillUnreadable {
            path: path.to_owned(),
            source,
        })?;
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok(Self {
            path: path.to_owned(),
            file,
            position: 0,
        })
    }

    /// Appends the bytes at `offset` to `to`.
    pub(super) fn read_into(
        &mut self,
        to: &mut Vec<u8>,
        offset: u64,
        length: u32,
    ) -> Result<(), PlanError> {
        let ahead = i64::try_from(offset - self.position).unwrap_or(i64::MAX);
        self.file
            .seek_relative(ahead)
            .and_then(|()| append(&mut self.file, to, length as usize))
            .map_err(|source| unreadable(&self.path, source))?;
        self.position = offset + u64::from(length);
        Ok(())
    }
}

/// Appends so many bytes; those that are at hand are copied once.
fn append(from: &mut BufReader<File>, to: &mut Vec<u8>, length: usize) -> io::Result<()> {
    if let Some(bytes) = from.buffer().get(..length) {
        to.extend_from_slice(bytes);
        from.consume(length);
        return Ok(());
    }
    let start = to.len();
    to.resize(start + length, 0);
    from.read_exact(&mut to[start..])
}

/// The accepted changes in input order: the row and its encoded change, line end included.
pub struct AcceptedChanges {
    reader: SpillReader,
    left: u64,
}

impl AcceptedChanges {
    pub(super) fn open(path: &Path, accepted: u64) -> Result<Self, PlanError> {
        Ok(Self {
            reader: SpillReader::open(path)?,
            left: accepted,
        })
    }

    fn read(&mut self) -> Result<(RowOrdinal, Vec<u8>), PlanError> {
        let mut head = [0; HEAD_BYTES];
        let reader = &mut self.reader;
        reader
            .file
            .read_exact(&mut head)
            .map_err(|source| unreadable(&reader.path, source))?;
        let [r0, r1, r2, r3, l0, l1, l2, l3] = head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if length > super::key::CHANGE_BYTES_MAX {
            return Err(PlanError::SpillDamaged {
                path: reader.path.clone(),
            });
        }
        let mut change = vec![0; length];
        reader
            .file
            .read_exact(&mut change)
            .map_err(|source| unreadable(&reader.path, source))?;
        Ok((RowOrdinal(u32::from_le_bytes([r0, r1, r2, r3])), change))
    }
}

impl Iterator for AcceptedChanges {
    type Item = Result<(RowOrdinal, Vec<u8>), PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let read = self.read();
        if read.is_err() {
            self.left = 0;
        }
        Some(read)
    }
}

/// A spill that ends early was cut after it was written; anything else is the disk.
fn unreadable(path: &Path, source: io::Error) -> PlanError {
    let path = path.to_owned();
    if source.kind() == ErrorKind::UnexpectedEof {
        PlanError::SpillDamaged { path }
    } else {
        PlanError::SpillUnreadable { path, source }
    }
}
