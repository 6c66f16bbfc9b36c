//! The plan on disk, for the process that takes the run up again.
//!
//! `plan/plan.bin`: what is small as JSON, then 24 bytes per accepted row, 8 per wanted permission
//! set and 16 per block of the spill. The changes themselves stay in the spill. Loading proves every byte of both:
//! the file by its own digest, the spill by the plan's.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::{Mark, StoredFault, StoredReader, StoredWriter};
use crate::model::id::{PermissionSetId, RowOrdinal};

use super::FOLDER;
use super::draft::{PlanCounts, PlanFacts, SPILL_FILE};
use super::error::PlanError;
use super::gather::GatherLimits;
use super::key::{KEY_BYTES, SortKey};
use super::permission_sets::WantedSets;
use super::planned::{Plan, digest_of};
use super::spill::{Block, Spill};
use super::waves::numbered;

/// Names the file and the version of its form.
const MARK: Mark = *b"admitpl2";

/// Bytes of a row and the number of a set it wants.
const PAIR_BYTES: usize = 8;

/// Bytes of a block of the spill: part, bytes, offset.
const BLOCK_BYTES: usize = 16;

/// What is small.
#[derive(Serialize, Deserialize)]
struct Head {
    header: String,
    facts: PlanFacts,
    counts: PlanCounts,
    digest: String,
    keys: u64,
    sets: Vec<PermissionSetId>,
    pairs: u64,
    blocks: u64,
}

/// Where it stands.
pub(super) fn path_of(run_folder: &Path) -> PathBuf {
    run_folder.join(FOLDER).join("plan.bin")
}

impl Plan {
    /// Brings the plan to disk, changes and all. Call it before anything is promoted: what is
    /// found again is the plan as it was sealed.
    pub fn store(&self) -> Result<(), PlanError> {
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            move |source| PlanError::DraftUnwritable { path, source }
        };
        to_disk(self.spill.path()).map_err(unwritable(self.spill.path()))?;
        let path = path_of(&self.run_folder);
        self.write_to(&path).map_err(unwritable(&path))?;
        // The folder of the plan may be new: its own name has to last as well.
        folder_to_disk(&self.run_folder).map_err(unwritable(&self.run_folder))
    }

    /// The plan that [`Plan::store`] left in a run folder.
    pub fn load(run_folder: &Path) -> Result<Self, PlanError> {
        let path = path_of(run_folder);
        let stored = read(&path).map_err(|fault| PlanError::of(fault, &path))?;
        let Stored {
            head,
            keys,
            pairs,
            blocks,
        } = stored;
        let spill = Spill::of(run_folder.join(FOLDER).join(SPILL_FILE), blocks);
        let checksum = spill.checksum_anew();
        let checksum = checksum.map_err(|fault| PlanError::of(fault, spill.path()))?;
        let header = head.header.into_bytes();
        let wanted_sets = WantedSets::of(head.sets, pairs);
        let waves = numbered(&keys, wanted_sets.count());
        if digest_of(checksum, &header, &waves, &keys, &wanted_sets) != head.digest {
            let path = spill.path().to_owned();
            return Err(PlanError::Changed { path });
        }
        Ok(Self {
            run_folder: run_folder.to_owned(),
            header,
            facts: head.facts,
            spill,
            keys,
            wanted_sets,
            counts: head.counts,
            waves,
            digest: head.digest,
            gather_limits: GatherLimits::default(),
        })
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let pairs = self.wanted_sets.pairs();
        let mut file = StoredWriter::create(path.to_owned(), MARK)?;
        file.write_head(&Head {
            // API names of fields: plain ASCII.
            header: String::from_utf8_lossy(&self.header).into_owned(),
            facts: self.facts,
            counts: self.counts.clone(),
            digest: self.digest.clone(),
            keys: self.keys.len() as u64,
            sets: self.wanted_sets.sets().to_vec(),
            pairs: pairs.len() as u64,
            blocks: self.spill.blocks().len() as u64,
        })?;
        for key in &self.keys {
            file.write(&key.to_bytes())?;
        }
        for (row, number) in pairs {
            file.write(&row.0.to_le_bytes())?;
            file.write(&number.to_le_bytes())?;
        }
        for block in self.spill.blocks() {
            file.write(&u32::from(block.part).to_le_bytes())?;
            file.write(&block.bytes.to_le_bytes())?;
            file.write(&block.offset.to_le_bytes())?;
        }
        file.finish()
    }
}

struct Stored {
    head: Head,
    keys: Vec<SortKey>,
    pairs: Vec<(RowOrdinal, u32)>,
    blocks: Vec<Block>,
}

fn read(path: &Path) -> Result<Stored, StoredFault> {
    let mut file = StoredReader::open(path, MARK)?;
    let head: Head = file.read_head()?;
    // The digest fits, so these counts are ours; they are held against the length all the same.
    let bytes = head.keys * KEY_BYTES as u64
        + head.pairs * PAIR_BYTES as u64
        + head.blocks * BLOCK_BYTES as u64;
    if file.left() != bytes {
        return Err(StoredFault::Changed);
    }
    let keys = each(&mut file, head.keys, SortKey::from_bytes)?;
    let pairs = each(&mut file, head.pairs, |pair: &[u8; PAIR_BYTES]| {
        let [r0, r1, r2, r3, n0, n1, n2, n3] = *pair;
        let row = RowOrdinal(u32::from_le_bytes([r0, r1, r2, r3]));
        (row, u32::from_le_bytes([n0, n1, n2, n3]))
    })?;
    let blocks = each(&mut file, head.blocks, |block: &[u8; BLOCK_BYTES]| {
        let [p0, _, _, _, b0, b1, b2, b3, offset @ ..] = *block;
        Block {
            part: p0,
            bytes: u32::from_le_bytes([b0, b1, b2, b3]),
            offset: u64::from_le_bytes(offset),
        }
    })?;
    Ok(Stored {
        head,
        keys,
        pairs,
        blocks,
    })
}

/// So many things of a fixed size.
fn each<T, const BYTES: usize>(
    file: &mut StoredReader,
    count: u64,
    read: impl Fn(&[u8; BYTES]) -> T,
) -> Result<Vec<T>, StoredFault> {
    let mut all = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    let mut bytes = [0; BYTES];
    for _ in 0..count {
        file.read(&mut bytes)?;
        all.push(read(&bytes));
    }
    Ok(all)
}

fn to_disk(path: &Path) -> io::Result<()> {
    File::options().append(true).open(path)?.sync_all()
}

fn folder_to_disk(path: &Path) -> io::Result<()> {
    // Only Unix can open a folder to flush it.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
