//! How far one job is, and which step may follow which.

use crate::model::job::JobState;

/// One job as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// The number of its wave.
    pub wave: u32,
    /// The wave's round.
    pub round: u32,
    /// First row, as a position in the wave.
    pub first: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of data, header apart.
    pub bytes: u64,
    /// Its id, once the org gave one.
    pub id: Option<String>,
    /// How far it is.
    pub step: JobStep,
    /// What the org said of it at its end, if anything: why it gave the job up.
    pub said: Option<String>,
    /// SHA-256 of its result files, hex, once they are stored.
    pub results_sha256: Option<String>,
    /// Rows that were refused because of a lock, once settled.
    pub locked: u64,
    /// Milliseconds from its close to its end, once settled; 0 where no process saw both.
    pub took_ms: u64,
    /// Rows that were refused, once settled.
    pub failed: u64,
    /// Rows that were never tried, once settled.
    pub unprocessed: u64,
    /// Users that were made, once settled.
    pub created: u64,
    /// Rows without a result, once settled.
    pub unaccounted: u64,
    /// SHA-256 of what the org answered last when it was asked, hex.
    pub answers_sha256: Option<String>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStep {
    /// It is about to be created.
    Intended,
    /// The org gave it an id.
    Created,
    /// Its data is in the org.
    DataSent,
    /// It is about to be closed, the commit point.
    Closing,
    /// The org took the close.
    Closed,
    /// It reached a terminal state.
    Ended(JobState),
    /// No (further) result of it can be had.
    Lost,
    /// Its result files are on disk.
    Stored,
    /// The org was asked for the rows whose fate was open, and the answer is on disk.
    Asked {
        /// Are its result files on disk as well?
        had_results: bool,
    },
    /// Every row of it has an outcome.
    Settled(Proof),
    /// Nothing of it is committed and nothing will be.
    Abandoned,
}

/// What the outcomes of a job's rows rest on: which files a replay reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Its three result files.
    pub results: bool,
    /// What the org answered when it was asked for records.
    pub answers: bool,
}

impl JobStep {
    /// Has every row of it an outcome?
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Settled(_))
    }

    /// Will nothing follow?
    pub fn is_over(self) -> bool {
        matches!(self, Self::Settled(_) | Self::Abandoned)
    }

    /// What is on disk of it now.
    pub(super) fn proof(self) -> Proof {
        match self {
            Self::Asked { had_results } => Proof {
                results: had_results,
                answers: true,
            },
            Self::Settled(proof) => proof,
            Self::Intended
            | Self::Created
            | Self::DataSent
            | Self::Closing
            | Self::Closed
            | Self::Ended(_)
            | Self::Lost
            | Self::Stored
            | Self::Abandoned => Proof {
                results: self == Self::Stored,
                answers: false,
            },
        }
    }

    /// The step after this one; the pair of both where that is impossible.
    pub(super) fn next(self, to: Self) -> Result<Self, (Self, Self)> {
        let may = match self {
            Self::Intended => matches!(to, Self::Created | Self::Abandoned),
            Self::Created => matches!(to, Self::DataSent | Self::Abandoned),
            Self::DataSent => matches!(to, Self::Closing | Self::Abandoned),
            // Whoever finds a job after a crash may find it closed, ended or gone; one that was
            // refused its close, or was stopped before it, committed nothing.
            Self::Closing => matches!(
                to,
                Self::Closed | Self::Ended(_) | Self::Lost | Self::Abandoned
            ),
            Self::Closed => matches!(to, Self::Ended(_) | Self::Lost),
            Self::Ended(_) => matches!(to, Self::Stored | Self::Lost),
            Self::Stored => matches!(to, Self::Asked { .. } | Self::Settled(_)),
            Self::Lost => matches!(to, Self::Asked { .. }),
            // A process that died between the answer and the settling leaves it to be asked again.
            Self::Asked { .. } => to == self || matches!(to, Self::Settled(_)),
            Self::Settled(_) | Self::Abandoned => false,
        };
        if may { Ok(to) } else { Err((self, to)) }
    }
}
