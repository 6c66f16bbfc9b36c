//! A wave becomes a file: the draft that `check` shows, or the sealed file that is sent.
//!
//! Comes in: a wave's rows in order, and the spill. Goes out: `plan/NN-<change>-<a|b|c>.draft.csv`
//! or `plan/NN-<change>-<a|b|c>.rK.csv`, UTF-8, LF, header first; both by the same gathering. A
//! sealed file is on disk before it gets its name, its index before that, and neither is changed
//! afterwards.

use std::io::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::journal::PartFile;
use crate::model::change::ChangeKind;
use crate::model::digest::hex;
use crate::model::wave::{SealedRow, SealedWave};

use super::error::PlanError;
use super::key::SortKey;
use super::wave_index;
use super::waves::PlannedWave;

/// A draft under way.
pub(super) struct Drafting {
    part: PartFile,
}

impl Drafting {
    /// Starts the draft of a wave with its header line.
    pub(super) fn start(
        run_folder: &Path,
        wave: &PlannedWave,
        header: &[u8],
    ) -> Result<Self, PlanError> {
        let path = run_folder.join(wave.draft_file());
        let part = PartFile::create(path.clone())
            .map_err(|source| PlanError::DraftUnwritable { path, source })?;
        let mut drafting = Self { part };
        drafting.write(header)?;
        Ok(drafting)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), PlanError> {
        self.part
            .write_all(bytes)
            .map_err(|source| PlanError::DraftUnwritable {
                path: self.part.path().to_owned(),
                source,
            })
    }

    /// Gives the draft its name.
    pub(super) fn finish(self) -> Result<(), PlanError> {
        let path = self.part.path().to_owned();
        self.part
            .publish()
            .map_err(|source| PlanError::DraftUnwritable { path, source })
    }
}

/// A sealed file under way: every byte is counted and digested as it is written.
pub(super) struct Sealing {
    part: PartFile,
    hasher: Sha256,
    offset: u64,
    wave: SealedWave,
}

impl Sealing {
    /// Starts the sealed file of a wave with its header line.
    pub(super) fn start(
        run_folder: &Path,
        wave: &PlannedWave,
        round: u32,
        header: &[u8],
    ) -> Result<Self, PlanError> {
        let file = wave.sealed_file(round);
        let path = run_folder.join(&file);
        let part = PartFile::create(path.clone())
            .map_err(|source| PlanError::WaveUnwritable { path, source })?;
        let wave = SealedWave {
            number: wave.number,
            kind: wave.kind,
            letter: wave.letter,
            round,
            file,
            sha256: String::new(),
            header: header.to_vec(),
            rows: Vec::new(),
            role_based: wave.role_based,
        };
        let mut sealing = Self {
            part,
            hasher: Sha256::new(),
            offset: 0,
            wave,
        };
        sealing.write(header)?;
        Ok(sealing)
    }

    /// Expects so many rows, so that the index is allocated once.
    pub(super) fn reserve(&mut self, rows: usize) {
        self.wave.rows.reserve_exact(rows);
    }

    /// The path the file will have.
    pub(super) fn path(&self) -> &Path {
        self.part.path()
    }

    /// Appends one record for a row.
    pub(super) fn push(&mut self, key: &SortKey, record: &[u8]) -> Result<(), PlanError> {
        self.wave.rows.push(SealedRow {
            row: key.row(),
            account: key.account(),
            offset: self.offset,
            length: u32::try_from(record.len()).unwrap_or(u32::MAX),
            nickname_derived: self.wave.kind == ChangeKind::CreateUser
                && key.has_derived_nickname(),
        });
        self.write(record)
    }

    /// Does it hold no rows?
    pub(super) fn is_empty(&self) -> bool {
        self.wave.rows.is_empty()
    }

    /// Brings the file to disk under its name, its index before it.
    pub(super) fn finish(mut self) -> Result<SealedWave, PlanError> {
        let path = self.part.path().to_owned();
        self.wave.sha256 = hex(&self.hasher.finalize());
        wave_index::store(&path, &self.wave)?;
        self.part
            .publish_durably()
            .map_err(|source| PlanError::WaveUnwritable { path, source })?;
        Ok(self.wave)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), PlanError> {
        self.hasher.update(bytes);
        self.offset += bytes.len() as u64;
        self.part
            .write_all(bytes)
            .map_err(|source| PlanError::WaveUnwritable {
                path: self.part.path().to_owned(),
                source,
            })
    }
}
