//! ROOM 5: a wave becomes finished jobs.
//!
//! Comes in: a sealed wave and one chunk of it ([`next_chunk`], within [`chunk_limits`]). Goes
//! out: a job that has ended, with its three result files on disk. In between, around each step,
//! the journal: intent → POST → id → PUT once → intent to close → PATCH, the commit point → poll
//! → results. An answer that was lost is never repeated blind; where asking the org is simple it
//! is asked, else the run ends and says what is known.

mod chunk;
mod error;
mod fetch;
mod lanes;
mod poll;
mod submit;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::journal::{Entry, Journal};
use crate::model::event::{Event, Events};
use crate::model::id::JobId;
use crate::model::job::JobState;
use crate::model::settings::PacingSettings;
use crate::model::wave::SealedWave;
use crate::salesforce::Org;

pub use self::chunk::{Chunk, ChunkLimits, next_chunk};
pub use self::error::UploadError;
pub use self::lanes::{chunk_limits, jobs_at_once};

/// The folder of result files under the run folder.
pub const JOBS_FOLDER: &str = "jobs";

/// What sending needs from outside.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The org.
    pub org: &'a Org,
    /// The run's memory.
    pub journal: &'a Journal,
    /// The run folder, which holds sealed waves and results.
    pub run_folder: &'a Path,
    /// How long to wait.
    pub pacing: &'a PacingSettings,
    /// Who is told.
    pub events: &'a Events,
}

/// A job that has ended and whose results are on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedJob {
    /// Its id.
    pub job: JobId,
    /// How it ended. Rows may have been written whatever it says.
    pub state: JobState,
    /// The rows it carried.
    pub chunk: Chunk,
    /// What the org said of a job that failed.
    pub message: Option<String>,
    /// Its results.
    pub files: ResultFiles,
    /// Bytes of its data, header included.
    pub bytes_sent: u64,
}

/// The three result files of a job, `jobs/<job id>-<kind>.csv` under the run folder. One that has
/// no rows holds its header, or nothing at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFiles {
    /// Rows the org wrote.
    pub successful: PathBuf,
    /// Rows the org refused.
    pub failed: PathBuf,
    /// Rows the org never tried.
    pub unprocessed: PathBuf,
}

/// Sends one chunk of a wave as one job and brings its results home.
///
/// Dropping the future between two steps is safe: the journal holds what was done, and the last
/// intent where that may be more.
pub async fn send(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
) -> Result<FinishedJob, UploadError> {
    let folder = fetch::results_folder(desk.run_folder)?;
    let closed = submit::submit(desk, wave, chunk).await?;
    let ended = poll::until_ended(desk, closed, chunk).await?;
    let files = fetch::results(desk, ended.id, &folder).await?;
    desk.record(
        Some(ended.id),
        Entry::ResultsStored {
            job: ended.id.to_string(),
        },
    )?;
    desk.show(ended.id, chunk, "results stored".to_owned());
    Ok(FinishedJob {
        job: ended.id,
        state: ended.state,
        chunk: *chunk,
        message: ended.error_message,
        files,
        bytes_sent: wave.header.len() as u64 + chunk.bytes,
    })
}

impl Desk<'_> {
    /// `job` is the closed job that would be in doubt if this cannot be written.
    fn record(&self, job: Option<JobId>, entry: Entry) -> Result<(), UploadError> {
        self.journal
            .record(entry)
            .map_err(|source| UploadError::Journal { job, source })
    }

    fn show(&self, job: JobId, chunk: &Chunk, state: String) {
        let (job, rows) = (job.to_string(), chunk.rows as u64);
        self.events.on(&Event::JobChanged { job, rows, state });
    }
}
