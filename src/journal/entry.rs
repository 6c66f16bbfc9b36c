//! One line of the journal: versioned, numbered, timed, checksummed.
//!
//! `{"v":1,"seq":n,"at":"...","entry":{...},"crc":"..."}`; the checksum covers the text before it.

use serde::{Deserialize, Serialize};

use crate::model::change::ChangeKind;
use crate::model::job::JobState;
use crate::model::wave::WaveLetter;

/// Version of the line format this build writes and reads.
pub(super) const VERSION: u32 = 1;

/// Something that happened, or is about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "snake_case",
    tag = "is"
)]
pub enum Entry {
    /// A run began: everything `resume` must find unchanged.
    RunOpened {
        /// `check`, `rehearse` or `run`.
        command: String,
        /// The org.
        org_id: String,
        /// The running user.
        user_id: String,
        /// Digest of the settings that shape the plan, hex.
        settings_sha256: String,
    },
    /// The whole input was read and the plan is complete on disk. A run cut before this line
    /// starts over; one cut after it must find both digests unchanged.
    PlanSealed {
        /// The plan's digest, hex.
        sha256: String,
        /// SHA-256 of the input's bytes, hex.
        input_sha256: String,
        /// Rows accepted.
        accepted: u64,
        /// Rows rejected.
        rejected: u64,
    },
    /// A wave is complete on disk and may be sent.
    WaveSealed {
        /// Its number in the run, from 1.
        wave: u32,
        /// What its changes do.
        kind: ChangeKind,
        /// Which of the kind's waves.
        letter: WaveLetter,
        /// Which round.
        round: u32,
        /// Path under the run folder.
        file: String,
        /// SHA-256 of the file, hex.
        sha256: String,
        /// Its rows.
        rows: u64,
    },
    /// Rows that were planned are not sent after all: the org changed since. Which and why stands
    /// in a file of the run folder.
    RowsRejected {
        /// Path under the run folder.
        file: String,
        /// SHA-256 of the file, hex.
        sha256: String,
        /// How many rows.
        rows: u64,
    },
    /// A job is about to be created for these rows of a wave.
    JobIntended {
        /// The wave's number.
        wave: u32,
        /// The wave's round.
        round: u32,
        /// First row, as a position in the wave.
        first: u64,
        /// Rows.
        rows: u64,
        /// Bytes of data, header apart.
        bytes: u64,
    },
    /// The org gave the job an id.
    JobCreated {
        /// The wave's number.
        wave: u32,
        /// The wave's round.
        round: u32,
        /// First row, as in the intent.
        first: u64,
        /// The id.
        job: String,
    },
    /// Nothing of the job is committed and nothing will be; its rows may go again in another.
    JobAbandoned {
        /// The wave's number.
        wave: u32,
        /// The wave's round.
        round: u32,
        /// First row, as in the intent.
        first: u64,
        /// The id, if one is known. Without one, perhaps an empty job was left in the org: it
        /// commits nothing and expires.
        job: Option<String>,
        /// What happened.
        why: String,
    },
    /// The data is in the org; nothing is committed yet.
    DataSent {
        /// The job.
        job: String,
    },
    /// The job is about to be closed: the commit point.
    JobClosing {
        /// The job.
        job: String,
    },
    /// The org accepted the close.
    JobClosed {
        /// The job.
        job: String,
    },
    /// The job reached a terminal state.
    JobEnded {
        /// The job.
        job: String,
        /// Which.
        state: JobState,
        /// What the org said, when it failed.
        message: Option<String>,
    },
    /// A closed job of which no (further) result can be had: what became of its rows is asked of
    /// the records themselves.
    JobLost {
        /// The job.
        job: String,
        /// What happened.
        why: String,
    },
    /// All three result files are on disk.
    ResultsStored {
        /// The job.
        job: String,
        /// SHA-256 of the three, hex; none in journals from before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// The org was asked, by their keys, for records of rows whose fate the results leave open;
    /// its answer is on disk.
    OrgAsked {
        /// The job.
        job: String,
        /// SHA-256 of the answer, hex; none in journals from before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// Every row of the job has an outcome.
    RowsSettled {
        /// The job.
        job: String,
        /// Users made.
        created: u64,
        /// Rows refused.
        failed: u64,
        /// Rows never tried.
        unprocessed: u64,
        /// Rows without a result.
        unaccounted: u64,
        /// Rows refused because of a lock, among the failed.
        locked: u64,
        /// Milliseconds from the close to the end of the job, as far as this process saw.
        took_ms: u64,
    },
    /// Somebody who saw the plan wants it: from here on things may be sent.
    PlanConfirmed,
    /// The pilot's rows are settled and the rest may follow.
    PilotEnded,
    /// Something outside jobs is about to be changed in the org.
    SideEffectOpened {
        /// What.
        what: String,
    },
    /// It was changed.
    SideEffectDone {
        /// What.
        what: String,
    },
    /// success.csv and failure.csv are whole.
    OutputsWritten {
        /// Rows of success.csv.
        success: u64,
        /// Rows of failure.csv.
        failure: u64,
    },
    /// The run stopped before its last row; it can be resumed.
    RunPaused {
        /// What stopped it.
        why: String,
    },
    /// A process took the run up again.
    RunResumed {
        /// `resume` or `abort`.
        command: String,
    },
    /// The run is over.
    RunEnded {
        /// Its exit code.
        exit: u8,
    },
}

impl Entry {
    /// The entry's name, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunOpened { .. } => "RunOpened",
            Self::PlanSealed { .. } => "PlanSealed",
            Self::WaveSealed { .. } => "WaveSealed",
            Self::RowsRejected { .. } => "RowsRejected",
            Self::JobIntended { .. } => "JobIntended",
            Self::JobCreated { .. } => "JobCreated",
            Self::JobAbandoned { .. } => "JobAbandoned",
            Self::DataSent { .. } => "DataSent",
            Self::JobClosing { .. } => "JobClosing",
            Self::JobClosed { .. } => "JobClosed",
            Self::JobEnded { .. } => "JobEnded",
            Self::JobLost { .. } => "JobLost",
            Self::ResultsStored { .. } => "ResultsStored",
            Self::OrgAsked { .. } => "OrgAsked",
            Self::RowsSettled { .. } => "RowsSettled",
            Self::PlanConfirmed => "PlanConfirmed",
            Self::PilotEnded => "PilotEnded",
            Self::SideEffectOpened { .. } => "SideEffectOpened",
            Self::SideEffectDone { .. } => "SideEffectDone",
            Self::OutputsWritten { .. } => "OutputsWritten",
            Self::RunPaused { .. } => "RunPaused",
            Self::RunResumed { .. } => "RunResumed",
            Self::RunEnded { .. } => "RunEnded",
        }
    }

    /// Must it be on disk before the next step, because that step cannot be taken back?
    ///
    /// Opening a run, sealing, creating and closing a job, and the end; the rest can be learned
    /// again from the org.
    pub fn precedes_the_irreversible(&self) -> bool {
        match self {
            Self::RunOpened { .. }
            | Self::PlanSealed { .. }
            | Self::WaveSealed { .. }
            | Self::JobIntended { .. }
            | Self::JobClosing { .. }
            | Self::RowsRejected { .. }
            | Self::SideEffectOpened { .. }
            | Self::RunResumed { .. }
            | Self::RunPaused { .. }
            | Self::RunEnded { .. } => true,
            Self::JobCreated { .. }
            | Self::DataSent { .. }
            | Self::JobClosed { .. }
            | Self::JobEnded { .. }
            | Self::ResultsStored { .. }
            | Self::RowsSettled { .. }
            | Self::JobAbandoned { .. }
            | Self::JobLost { .. }
            | Self::OrgAsked { .. }
            | Self::PilotEnded
            | Self::PlanConfirmed
            | Self::SideEffectDone { .. }
            | Self::OutputsWritten { .. } => false,
        }
    }
}

/// An entry with its place and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Position in the file, from 0, without gaps.
    pub seq: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What.
    pub entry: Entry,
}

/// Why a text is not a sound line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Not a line of ours, or cut short.
    #[error("the line is not one of a journal")]
    Shape,
    /// The checksum does not fit: it was changed or torn.
    #[error("the line was changed: its checksum does not fit")]
    Checksum,
    /// Written by another version of the format.
    #[error("the line is of format version {0}, which this admit does not know")]
    Version(u32),
    /// Its number does not follow the one before it.
    #[error("lines are missing before it")]
    Gap,
}

#[derive(Serialize, Deserialize)]
struct Written {
    v: u32,
    seq: u64,
    at: String,
    entry: serde_json::Value,
}

impl Line {
    /// A line at its place.
    pub fn new(seq: u64, at: String, entry: Entry) -> Self {
        Self { seq, at, entry }
    }

    /// The line as text, line end included.
    pub fn encode(&self) -> String {
        let entry = serde_json::to_value(&self.entry).unwrap_or_default();
        let written = Written {
            v: VERSION,
            seq: self.seq,
            at: self.at.clone(),
            entry,
        };
        let body = serde_json::to_string(&written).unwrap_or_default();
        let body = body.strip_suffix('}').unwrap_or(&body);
        let crc = crc32fast::hash(body.as_bytes());
        format!("{body},\"crc\":\"{crc:08x}\"}}\n")
    }

    /// Reads a line back; the line end must be gone.
    pub fn decode(text: &str) -> Result<Self, LineFault> {
        let (body, tail) = text.rsplit_once(",\"crc\":\"").ok_or(LineFault::Shape)?;
        let crc = tail.strip_suffix("\"}").ok_or(LineFault::Shape)?;
        let crc = u32::from_str_radix(crc, 16).map_err(|_| LineFault::Shape)?;
        let written: Written =
            serde_json::from_str(&format!("{body}}}")).map_err(|_| LineFault::Shape)?;
        if written.v != VERSION {
            return Err(LineFault::Version(written.v));
        }
        if crc != crc32fast::hash(body.as_bytes()) {
            return Err(LineFault::Checksum);
        }
        let entry = serde_json::from_value(written.entry).map_err(|_| LineFault::Shape)?;
        Ok(Self {
            seq: written.seq,
            at: written.at,
            entry,
        })
    }
}
