//! What became of a row, as settled and as reported.

use serde::{Deserialize, Serialize};

use super::id::{RowOrdinal, UserId};
use super::rejection::{Fault, Retry};

/// What the org said of one row of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// It made the record.
    Created(UserId),
    /// It refused the row.
    Failed(RowError),
    /// It never tried the row.
    Unprocessed,
    /// No result came for the row.
    Unaccounted,
}

/// A row with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which row.
    pub row: RowOrdinal,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// `sf__Error`, taken apart: `CODE:message:fields --`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The status code, such as `DUPLICATE_USERNAME`.
    pub code: String,
    /// The message, in the running user's language.
    pub message: String,
    /// The fields it names, possibly empty.
    pub fields: String,
}

/// Who can do something about an error of the org (external-users §11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorClass {
    /// The same row again, unchanged.
    Retry,
    /// After an administrator changed data or setup.
    Fix,
    /// Somebody has to decide.
    Human,
    /// Drop or change the row.
    Permanent,
}

impl ErrorClass {
    /// What `admit__Retry` says of it.
    pub fn retry(self) -> Retry {
        match self {
            Self::Retry => Retry::Now,
            Self::Fix | Self::Human => Retry::AfterFix,
            Self::Permanent => Retry::Never,
        }
    }
}

/// At which stage a row of failure.csv ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// By us, never sent.
    Rejected,
    /// By the org.
    Failed,
    /// The org never tried.
    Unprocessed,
    /// No result came.
    Unaccounted,
}

impl Stage {
    /// As `admit__Stage` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Unprocessed => "unprocessed",
            Self::Unaccounted => "unaccounted",
        }
    }
}

/// The end of one row: which file it goes to and what stands beside its cells there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowEnd {
    /// success.csv.
    Success {
        /// `sf__Id`.
        user: UserId,
        /// `admit__Username`.
        username: String,
        /// `admit__Job`.
        job: String,
    },
    /// failure.csv.
    Failure {
        /// `admit__Stage`.
        stage: Stage,
        /// `admit__Code`, `admit__Reason`, `admit__Fix`, `admit__Retry`; never empty.
        faults: Vec<Fault>,
    },
}
