//! Texts that are too many for memory: appended to one file, read back by offset.
//!
//! One entry is its length in 4 bytes, little-endian, then JSON. Entries are never changed; what
//! replaces one is appended, and the old one is forgotten by whoever held its offset.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::{StoredFault, create_private, create_private_folder, digest_of};
use crate::model::digest::hex;

use super::error::ResultsError;
use super::fate::Offset;

/// Bytes read or written at once.
const BUFFER_BYTES: usize = 64 << 10;

/// The open file, at both ends.
pub(super) struct FaultSpill {
    path: PathBuf,
    writer: BufWriter<File>,
    length: u64,
    reader: BufReader<File>,
    position: u64,
}

impl FaultSpill {
    /// Starts an empty file; an older one of that name is emptied.
    pub(super) fn create(path: PathBuf) -> Result<Self, ResultsError> {
        let open = || -> io::Result<(File, File)> {
            if let Some(folder) = path.parent() {
                create_private_folder(folder)?;
            }
            Ok((create_private(&path)?, File::open(&path)?))
        };
        let (writer, reader) = open().map_err(|source| ResultsError::FaultsUnwritable {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            writer: BufWriter::with_capacity(BUFFER_BYTES, writer),
            length: 0,
            reader: BufReader::with_capacity(BUFFER_BYTES, reader),
            position: 0,
        })
    }

    /// Goes on with a file that was stored at this length and digest; what was appended later is
    /// cut off.
    pub(super) fn reopen(path: PathBuf, length: u64, sha256: &str) -> Result<Self, ResultsError> {
        let told = |fault: StoredFault| ResultsError::of(fault, &path);
        let mut reader = File::open(&path).map_err(|error| told(error.into()))?;
        if hex(&digest_of(&mut reader, length).map_err(told)?) != sha256 {
            return Err(told(StoredFault::Changed));
        }
        let mut cut = || -> io::Result<File> {
            reader.rewind()?;
            let file = File::options().append(true).open(&path)?;
            file.set_len(length)?;
            Ok(file)
        };
        let writer = cut().map_err(|source| ResultsError::FaultsUnwritable {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            writer: BufWriter::with_capacity(BUFFER_BYTES, writer),
            length,
            reader: BufReader::with_capacity(BUFFER_BYTES, reader),
            position: 0,
        })
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Brings everything so far to disk; its length and digest, for [`FaultSpill::reopen`].
    pub(super) fn flush_to_disk(&mut self) -> Result<(u64, String), ResultsError> {
        let mut flush = || -> io::Result<File> {
            self.writer.flush()?;
            self.writer.get_ref().sync_all()?;
            File::open(&self.path)
        };
        let mut file = flush().map_err(|source| ResultsError::FaultsUnwritable {
            path: self.path.clone(),
            source,
        })?;
        let digest = digest_of(&mut file, self.length)
            .map_err(|fault| ResultsError::of(fault, &self.path))?;
        Ok((self.length, hex(&digest)))
    }

    /// Removes the file.
    pub(super) fn remove(&self) {
        let _ = std::fs::remove_file(&self.path);
    }

    /// Appends an entry and says where it stands.
    pub(super) fn append(&mut self, entry: &impl Serialize) -> Result<Offset, ResultsError> {
        let too_long = || io::Error::other("the file of faults is too long");
        let written = serde_json::to_vec(entry)
            .map_err(io::Error::from)
            .and_then(|json| {
                let offset = Offset::pack(self.length).ok_or_else(too_long)?;
                let length = u32::try_from(json.len()).map_err(io::Error::other)?;
                self.writer.write_all(&length.to_le_bytes())?;
                self.writer.write_all(&json)?;
                self.length += 4 + u64::from(length);
                Ok(offset)
            });
        written.map_err(|source| ResultsError::FaultsUnwritable {
            path: self.path.clone(),
            source,
        })
    }

    /// Reads the entry at an offset that [`FaultSpill::append`] gave.
    pub(super) fn read<T: DeserializeOwned>(&mut self, offset: Offset) -> Result<T, ResultsError> {
        self.writer
            .flush()
            .map_err(|source| ResultsError::FaultsUnwritable {
                path: self.path.clone(),
                source,
            })?;
        self.read_entry(offset.unpack())
            .map_err(|source| ResultsError::FaultsUnreadable {
                path: self.path.clone(),
                source,
            })
    }

    fn read_entry<T: DeserializeOwned>(&mut self, offset: u64) -> io::Result<T> {
        // Outputs ask in input order, in which most entries stand: the next one is buffered.
        let distance = offset.cast_signed() - self.position.cast_signed();
        self.reader.seek_relative(distance)?;
        let mut length = [0; 4];
        self.reader.read_exact(&mut length)?;
        let mut json = vec![0; u32::from_le_bytes(length) as usize];
        self.reader.read_exact(&mut json)?;
        self.position = offset + 4 + json.len() as u64;
        Ok(serde_json::from_slice(&json)?)
    }
}
