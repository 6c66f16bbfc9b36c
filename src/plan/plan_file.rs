//! The plan on disk, for the process that takes the run up again.
//!
//! `plan/plan.bin`: what is small as JSON, then 24 bytes per accepted row and 8 per wanted
//! permission set. The changes themselves stay in the spill. Loading proves every byte of both:
//! the file by its own digest, the spill by the plan's.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::{Mark, StoredFault, StoredReader, StoredWriter, digest_into};
use crate::model::digest::hex;
use crate::model::id::{PermissionSetId, RowOrdinal};

use super::FOLDER;
use super::draft::{PlanCounts, PlanFacts, SPILL_FILE};
use super::error::PlanError;
use super::gather::GatherLimits;
use super::key::{KEY_BYTES, SortKey};
use super::permission_sets::WantedSets;
use super::planned::{Plan, digest_waves};
use super::waves::numbered;

/// Names the file and the version of its form.
const MARK: Mark = *b"admitpl1";

/// Bytes of a row and the number of a set it wants.
const PAIR_BYTES: usize = 8;

/// What is small.
#[derive(Serialize, Deserialize)]
struct Head {
    header: String,
    facts: PlanFacts,
    counts: PlanCounts,
    digest: String,
    spill_bytes: u64,
    keys: u64,
    sets: Vec<PermissionSetId>,
    pairs: u64,
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
        to_disk(&self.spill).map_err(unwritable(&self.spill))?;
        let path = path_of(&self.run_folder);
        self.write_to(&path).map_err(unwritable(&path))?;
        // The folder of the plan may be new: its own name has to last as well.
        folder_to_disk(&self.run_folder).map_err(unwritable(&self.run_folder))
    }

    /// The plan that [`Plan::store`] left in a run folder.
    pub fn load(run_folder: &Path) -> Result<Self, PlanError> {
        let path = path_of(run_folder);
        let (head, keys, pairs) = read(&path).map_err(|fault| PlanError::of(fault, &path))?;
        let spill = run_folder.join(FOLDER).join(SPILL_FILE);
        let mut digest = Sha256::new();
        digest_spill(&mut digest, &spill, head.spill_bytes)
            .map_err(|fault| PlanError::of(fault, &spill))?;
        let wanted_sets = WantedSets::of(head.sets, pairs);
        let waves = numbered(&keys, wanted_sets.count());
        digest.update(&head.header);
        digest_waves(&mut digest, &waves, &keys, &wanted_sets);
        if hex(&digest.finalize()) != head.digest {
            return Err(PlanError::Changed { path: spill });
        }
        Ok(Self {
            run_folder: run_folder.to_owned(),
            header: head.header.into_bytes(),
            facts: head.facts,
            spill,
            spill_bytes: head.spill_bytes,
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
            spill_bytes: self.spill_bytes,
            keys: self.keys.len() as u64,
            sets: self.wanted_sets.sets().to_vec(),
            pairs: pairs.len() as u64,
        })?;
        for key in &self.keys {
            file.write(&key.to_bytes())?;
        }
        for (row, number) in pairs {
            file.write(&row.0.to_le_bytes())?;
            file.write(&number.to_le_bytes())?;
        }
        file.finish()
    }
}

type Stored = (Head, Vec<SortKey>, Vec<(RowOrdinal, u32)>);

fn read(path: &Path) -> Result<Stored, StoredFault> {
    let mut file = StoredReader::open(path, MARK)?;
    let head: Head = file.read_head()?;
    // The digest fits, so these counts are ours; they are held against the length all the same.
    let bytes = head.keys * KEY_BYTES as u64 + head.pairs * PAIR_BYTES as u64;
    if file.left() != bytes {
        return Err(StoredFault::Changed);
    }
    let mut keys = Vec::with_capacity(usize::try_from(head.keys).unwrap_or(0));
    let mut key = [0; KEY_BYTES];
    for _ in 0..head.keys {
        file.read(&mut key)?;
        keys.push(SortKey::from_bytes(&key));
    }
    let mut pairs = Vec::with_capacity(usize::try_from(head.pairs).unwrap_or(0));
    let mut pair = [0; PAIR_BYTES];
    for _ in 0..head.pairs {
        file.read(&mut pair)?;
        let [r0, r1, r2, r3, n0, n1, n2, n3] = pair;
        let row = RowOrdinal(u32::from_le_bytes([r0, r1, r2, r3]));
        pairs.push((row, u32::from_le_bytes([n0, n1, n2, n3])));
    }
    Ok((head, keys, pairs))
}

fn digest_spill(digest: &mut Sha256, path: &Path, bytes: u64) -> Result<(), StoredFault> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != bytes {
        return Err(StoredFault::Changed);
    }
    digest_into(digest, &mut file, bytes)
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
