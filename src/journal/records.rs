//! What the state of a run is made of, beside its jobs.

use crate::model::change::ChangeKind;
use crate::model::wave::WaveLetter;

/// What a run was opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// `check`, `rehearse` or `run`.
    pub command: String,
    /// The org.
    pub org_id: String,
    /// The running user.
    pub user_id: String,
    /// Digest of the settings that shape the plan, hex.
    pub settings_sha256: String,
}

/// What a plan must still be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRecord {
    /// The plan's digest, hex.
    pub sha256: String,
    /// SHA-256 of the input's bytes, hex.
    pub input_sha256: String,
    /// Rows accepted.
    pub accepted: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// A wave that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveRecord {
    /// Its number.
    pub wave: u32,
    /// What its changes do.
    pub kind: ChangeKind,
    /// Which of the kind's waves.
    pub letter: WaveLetter,
    /// Which round.
    pub round: u32,
    /// Path under the run folder.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Its rows.
    pub rows: u64,
}

/// Something that decided the fate of rows; replaying applies them in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A job was settled; its position among the jobs.
    Settled(usize),
    /// Rows were taken out of the plan.
    Rejected {
        /// Path under the run folder.
        file: String,
        /// SHA-256 of the file, hex.
        sha256: String,
    },
}
