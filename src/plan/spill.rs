//! Accepted changes on disk: written once while validation runs, read back as often as waves are
//! written.
//!
//! Accounts that stand side by side in the plan wait side by side here: their changes are in one of
//! a few parts, so that a wave is written from one part after the other, each read whole and once.
//! All parts share a file, which is blocks, each of one part. A block is frames in input order: row
//! ordinal and length, 4 bytes each, little-endian, then the change as validation encoded it.
//! Keys in memory point behind the frame's head, within its part.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::journal::{StoredFault, create_private};
use crate::model::id::{AccountSlot, RowOrdinal};

use super::error::PlanError;
use super::key::Place;

/// Parts of a spill: enough that one of 10 million rows fits in memory, few enough that a block of
/// each does.
pub(super) const PARTS: u8 = 64;
/// Bytes before each change.
const HEAD_BYTES: usize = 8;
/// Bytes of a block; one with a single longer change is longer.
const BLOCK_BYTES: usize = 64 << 10;
/// Bytes read at once where all of the file is read.
const BUFFER_BYTES: usize = 256 << 10;

/// Some frames of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) part: u8,
    pub(super) bytes: u32,
    /// Its first byte in the file.
    pub(super) offset: u64,
}

/// The spill while the plan is drafted.
pub(super) struct SpillWriter {
    path: PathBuf,
    file: File,
    /// Accounts of the org, which share the parts evenly.
    account_count: u64,
    parts: Vec<Part>,
    blocks: Vec<Block>,
    length: u64,
    checksum: Xxh3Default,
}

/// A part while it is written.
#[derive(Default)]
struct Part {
    /// Bytes of its blocks in the file.
    written: u64,
    /// Its next block.
    frames: Vec<u8>,
}

impl SpillWriter {
    pub(super) fn create(path: PathBuf, account_count: u32) -> Result<Self, PlanError> {
        let file = create_private(&path).map_err(|source| PlanError::DraftUnwritable {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            account_count: u64::from(account_count.max(1)),
            parts: (0..PARTS).map(|_| Part::default()).collect(),
            blocks: Vec::new(),
            length: 0,
            checksum: Xxh3Default::new(),
        })
    }

    /// Where the next change of an account will stand. Parts follow each other as accounts do.
    pub(super) fn next_place(&self, account: AccountSlot) -> Place {
        // An account that came to light late stands behind those the org's state began with.
        let part = u64::from(account.0) * u64::from(PARTS) / self.account_count;
        let part = u8::try_from(part).unwrap_or(u8::MAX).min(PARTS - 1);
        let Part { written, frames } = &self.parts[usize::from(part)];
        Place {
            part,
            offset: written + (frames.len() + HEAD_BYTES) as u64,
        }
    }

    /// Appends a change to a part; rows must come in input order.
    pub(super) fn append(
        &mut self,
        part: u8,
        row: RowOrdinal,
        change: &[u8],
    ) -> Result<(), PlanError> {
        let frames = &self.parts[usize::from(part)].frames;
        if frames.len() + HEAD_BYTES + change.len() > BLOCK_BYTES {
            self.write_out(part)?;
        }
        let length = u32::try_from(change.len()).unwrap_or(u32::MAX);
        let frames = &mut self.parts[usize::from(part)].frames;
        if frames.capacity() == 0 {
            frames.reserve_exact(BLOCK_BYTES);
        }
        frames.extend_from_slice(&row.0.to_le_bytes());
        frames.extend_from_slice(&length.to_le_bytes());
        frames.extend_from_slice(change);
        Ok(())
    }

    /// Writes the part's next block, if there is anything in it.
    fn write_out(&mut self, part: u8) -> Result<(), PlanError> {
        let Part { written, frames } = &mut self.parts[usize::from(part)];
        if frames.is_empty() {
            return Ok(());
        }
        self.checksum.update(frames);
        self.file
            .write_all(frames)
            .map_err(|source| PlanError::DraftUnwritable {
                path: self.path.clone(),
                source,
            })?;
        self.blocks.push(Block {
            part,
            bytes: u32::try_from(frames.len()).unwrap_or(u32::MAX),
            offset: self.length,
        });
        *written += frames.len() as u64;
        self.length += frames.len() as u64;
        frames.clear();
        Ok(())
    }

    /// Ends the spill; its checksum is over every byte of the file.
    pub(super) fn finish(mut self) -> Result<(Spill, u128), PlanError> {
        (0..PARTS).try_for_each(|part| self.write_out(part))?;
        let spill = Spill::of(self.path, self.blocks);
        Ok((spill, self.checksum.digest128()))
    }
}

/// A written spill.
#[derive(Debug)]
pub(super) struct Spill {
    path: PathBuf,
    /// By part, and within it as they follow each other.
    blocks: Vec<Block>,
}

impl Spill {
    /// The spill at `path`, which consists of these blocks.
    pub(super) fn of(path: PathBuf, mut blocks: Vec<Block>) -> Self {
        blocks.sort_unstable_by_key(|block| (block.part, block.offset));
        Self { path, blocks }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it consists of.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Bytes of a part.
    pub(super) fn bytes_of(&self, part: u8) -> u64 {
        let blocks = self.blocks_of(part).iter();
        blocks.map(|block| u64::from(block.bytes)).sum()
    }

    /// Opens it for reading.
    pub(super) fn open(&self) -> Result<SpillReader<'_>, PlanError> {
        let file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        Ok(SpillReader { spill: self, file })
    }

    /// The frames of a part from the first on.
    pub(super) fn frames(&self, part: u8) -> Frames<'_> {
        Frames {
            unread: self.blocks_of(part),
            block: Vec::new(),
            position: 0,
        }
    }

    /// The checksum of the file as it is now.
    pub(super) fn checksum_anew(&self) -> Result<u128, StoredFault> {
        let bytes = self.blocks.iter().map(|block| u64::from(block.bytes));
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() != bytes.sum::<u64>() {
            return Err(StoredFault::Changed);
        }
        let mut checksum = Xxh3Default::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(checksum.digest128()),
                Ok(read) => checksum.update(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// It is not what was written.
    pub(super) fn damaged(&self) -> PlanError {
        PlanError::SpillDamaged {
            path: self.path.clone(),
        }
    }

    fn blocks_of(&self, part: u8) -> &[Block] {
        let start = self.blocks.partition_point(|block| block.part < part);
        let end = self.blocks.partition_point(|block| block.part <= part);
        &self.blocks[start..end]
    }

    fn unreadable(&self, source: io::Error) -> PlanError {
        let path = self.path.clone();
        PlanError::SpillUnreadable { path, source }
    }
}

/// A frame's row and change, where one begins at `start`.
fn frame(bytes: &[u8], start: usize) -> Option<(RowOrdinal, &[u8])> {
    let (head, rest) = bytes.get(start..)?.split_first_chunk::<HEAD_BYTES>()?;
    let [r0, r1, r2, r3, l0, l1, l2, l3] = *head;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let row = RowOrdinal(u32::from_le_bytes([r0, r1, r2, r3]));
    Some((row, rest.get(..length)?))
}

/// The change of a row in a part that was read whole; none where another stands there.
pub(super) fn change_at(part: &[u8], offset: u64, row: RowOrdinal) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?.checked_sub(HEAD_BYTES)?;
    let (found, change) = frame(part, start)?;
    (found == row).then_some(change)
}

/// A spill that is read.
pub(super) struct SpillReader<'s> {
    spill: &'s Spill,
    file: File,
}

/// How far a part was read frame by frame, a block at a time.
pub(super) struct Frames<'s> {
    unread: &'s [Block],
    block: Vec<u8>,
    position: usize,
}

impl SpillReader<'_> {
    /// A whole part; places point into it.
    pub(super) fn read_part(&mut self, part: u8, into: &mut Vec<u8>) -> Result<(), PlanError> {
        into.clear();
        into.reserve(usize::try_from(self.spill.bytes_of(part)).unwrap_or(0));
        let mut blocks = self.spill.blocks_of(part).iter();
        blocks.try_for_each(|block| self.read_block(*block, into))
    }

    /// The next row of a part and its change; none after the last.
    pub(super) fn next<'f>(
        &mut self,
        frames: &'f mut Frames<'_>,
    ) -> Result<Option<(RowOrdinal, &'f [u8])>, PlanError> {
        if frames.position == frames.block.len() {
            let Some((first, rest)) = frames.unread.split_first() else {
                return Ok(None);
            };
            frames.block.clear();
            frames.position = 0;
            self.read_block(*first, &mut frames.block)?;
            frames.unread = rest;
        }
        let found = frame(&frames.block, frames.position);
        let (row, change) = found.ok_or_else(|| self.spill.damaged())?;
        frames.position += HEAD_BYTES + change.len();
        Ok(Some((row, change)))
    }

    /// Appends a block to `into`.
    fn read_block(&mut self, block: Block, into: &mut Vec<u8>) -> Result<(), PlanError> {
        let bytes = u64::from(block.bytes);
        let file = &mut self.file;
        let read = file
            .seek(SeekFrom::Start(block.offset))
            .and_then(|_| file.take(bytes).read_to_end(into));
        match read {
            Ok(read) if read as u64 == bytes => Ok(()),
            Ok(_) => Err(self.spill.damaged()),
            Err(source) => Err(self.spill.unreadable(source)),
        }
    }
}
