//! Outcomes on disk, for the process that takes the run up again.
//!
//! `plan/outcomes.bin`: what is small as JSON, then 16 bytes per row; the texts of faults stay in
//! their spill, of which length and digest are noted. What was appended to the spill later is cut
//! off on loading: replaying the same settlements writes it again.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::{Mark, StoredFault, StoredReader, StoredWriter};
use crate::model::change::Renewal;
use crate::model::id::{JobId, RowOrdinal};

use super::assignments::{Assignments, StoredAssignments};
use super::error::ResultsError;
use super::fate::{FATE_BYTES, Fate};
use super::fault_spill::FaultSpill;
use super::outcomes::{Outcomes, SPILL_FILE};

/// Names the file and the version of its form.
const MARK: Mark = *b"admitoc2";

/// Its name, beside the spill.
const FILE: &str = "outcomes.bin";

/// What is small.
#[derive(Serialize, Deserialize)]
struct Head {
    fates: u64,
    jobs: Vec<JobId>,
    by_code: BTreeMap<String, u64>,
    renewals: Vec<(u32, Renewal)>,
    assignments: StoredAssignments,
    spill_bytes: u64,
    spill_sha256: String,
}

impl Outcomes {
    /// Brings what became of every row so far to disk.
    pub fn store(&mut self) -> Result<(), ResultsError> {
        let (spill_bytes, spill_sha256) = self.spill.flush_to_disk()?;
        let renewals = self.renewals.iter();
        let head = Head {
            fates: self.fates.len() as u64,
            jobs: self.jobs.clone(),
            by_code: self.by_code.clone(),
            renewals: renewals.map(|(row, what)| (row.0, *what)).collect(),
            assignments: self.assignments.to_stored(),
            spill_bytes,
            spill_sha256,
        };
        let path = path_of(self.spill.path());
        self.write_to(&path, &head)
            .map_err(|source| ResultsError::Unwritable { path, source })
    }

    /// What [`Outcomes::store`] left in a run folder.
    pub fn load(run_folder: &Path) -> Result<Self, ResultsError> {
        let spill = run_folder.join(SPILL_FILE);
        let path = path_of(&spill);
        let (head, fates) = read(&path).map_err(|fault| ResultsError::of(fault, &path))?;
        let renewals = head.renewals.into_iter();
        Ok(Self {
            fates,
            jobs: head.jobs,
            spill: FaultSpill::reopen(spill, head.spill_bytes, &head.spill_sha256)?,
            by_code: head.by_code,
            renewals: renewals
                .map(|(row, what)| (RowOrdinal(row), what))
                .collect(),
            assignments: Assignments::of_stored(head.assignments),
        })
    }

    fn write_to(&self, path: &Path, head: &Head) -> io::Result<()> {
        let mut file = StoredWriter::create(path.to_owned(), MARK)?;
        file.write_head(head)?;
        for fate in &self.fates {
            file.write(&fate.to_bytes())?;
        }
        file.finish()
    }
}

/// Beside the spill, so that both are found and cleared away together.
pub(super) fn path_of(spill: &Path) -> PathBuf {
    spill.with_file_name(FILE)
}

fn read(path: &Path) -> Result<(Head, Vec<Fate>), StoredFault> {
    let mut file = StoredReader::open(path, MARK)?;
    let head: Head = file.read_head()?;
    if file.left() != head.fates * FATE_BYTES as u64 {
        return Err(StoredFault::Changed);
    }
    let mut fates = Vec::with_capacity(usize::try_from(head.fates).unwrap_or(0));
    let mut bytes = [0; FATE_BYTES];
    for _ in 0..head.fates {
        file.read(&mut bytes)?;
        fates.push(Fate::from_bytes(&bytes).ok_or(StoredFault::Changed)?);
    }
    Ok((head, fates))
}
