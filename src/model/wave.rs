//! Waves: ordered lists of changes of one kind, and the sealed files they are sent from.

use serde::{Deserialize, Serialize};

use super::change::ChangeKind;
use super::id::{AccountSlot, RowOrdinal};

/// Which of a kind's waves (R-1003).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaveLetter {
    /// The first user of each account that has no portal role yet; one lane.
    A,
    /// The second user where accounts share one role; one lane.
    B,
    /// The rest; several lanes.
    C,
}

impl WaveLetter {
    /// `a`, `b` or `c`, as in file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }
}

/// One row of a sealed wave: where its change stands in the wave's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedRow {
    /// Which row of the input.
    pub row: RowOrdinal,
    /// The account it locks.
    pub account: AccountSlot,
    /// First byte of its record in the sealed file.
    pub offset: u64,
    /// Bytes of its record, line end included.
    pub length: u32,
    /// Was its nickname made by us? Only such a one may be renewed.
    pub nickname_derived: bool,
}

/// A wave as it will be sent: one immutable file in the run folder and its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedWave {
    /// Position among the run's waves, from 1; part of the file's name.
    pub number: u32,
    /// What its changes do.
    pub kind: ChangeKind,
    /// Which of the kind's waves.
    pub letter: WaveLetter,
    /// 1 for the first sending, one more for each retry round.
    pub round: u32,
    /// Path under the run folder: `plan/NN-<change>-<a|b|c>.rK.csv`.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The header line every job's body starts with, line end included.
    pub header: Vec<u8>,
    /// The rows, ordered by account, then contact.
    pub rows: Vec<SealedRow>,
    /// Are its users in account roles? Such jobs start small (design: 50 rows).
    pub role_based: bool,
}
