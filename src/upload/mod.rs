//! ROOM 5: a wave becomes finished jobs.
//!
//! Comes in: a sealed wave and one chunk of it ([`next_chunk`], within the limits of [`Tempo`]).
//! Goes out: a job that has ended, with its three result files on disk; or the word that nothing
//! of the chunk was committed. In between, around each step, the journal: intent → POST → id →
//! PUT once → intent to close → PATCH, the commit point → poll → results. An answer that was lost
//! is never repeated blind: before the close a new job is opened, from then on the org is asked.
//! A job our journal does not name is never aborted: it may be somebody else's.

mod ask;
mod chunk;
mod error;
mod fetch;
mod patience;
mod poll;
mod submit;
mod take_up;
mod tempo;
mod whole;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::journal::{Entry, Journal};
use crate::model::event::{Event, Events};
use crate::model::id::JobId;
use crate::model::job::{JobInfo, ResultKind};
use crate::model::settings::PacingSettings;
use crate::model::wave::SealedWave;
use crate::salesforce::Org;

use self::fetch::Fetched;
use self::poll::End;
use self::submit::Submitted;

pub use self::ask::{answers_path, answers_sha256, ask};
pub use self::chunk::{Chunk, ChunkLimits, next_chunk};
pub use self::error::UploadError;
pub use self::take_up::{stop, take_up};
pub use self::tempo::{JobSeen, Tempo};

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
    /// Set when nothing more is to be committed: a job that is not closed yet is given up. A
    /// closed one is followed to its end; whoever cannot wait for that drops the future.
    pub cancel: &'a CancellationToken,
}

/// What sending a chunk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// Its job was closed and is over.
    Finished(FinishedJob),
    /// Nothing of it is committed and nothing will be; it may be sent again as it is.
    NotSent {
        /// What happened.
        why: String,
    },
}

/// A job that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedJob {
    /// Its id.
    pub job: JobId,
    /// The rows it carried.
    pub chunk: Chunk,
    /// What the org said of it at its end, if anything: why it gave the job up.
    pub said: Option<String>,
    /// Its results; none when it was lost: what became of its rows is to be asked of the org.
    pub files: Option<ResultFiles>,
    /// Did this process see its results add up? Where they do not, a row may have been written
    /// whatever they say of it.
    pub is_whole: bool,
    /// Bytes of its data, header included.
    pub bytes_sent: u64,
    /// Milliseconds from its close to its end; 0 when this process did not see both.
    pub took_ms: u64,
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

/// Where the results of a job lie, or will.
pub fn result_files(run_folder: &Path, job: JobId) -> ResultFiles {
    let folder = run_folder.join(JOBS_FOLDER);
    let file = |kind: ResultKind| folder.join(format!("{job}-{}.csv", kind.as_str()));
    ResultFiles {
        successful: file(ResultKind::Successful),
        failed: file(ResultKind::Failed),
        unprocessed: file(ResultKind::Unprocessed),
    }
}

impl ResultFiles {
    /// The file of a kind.
    pub fn of(&self, kind: ResultKind) -> &Path {
        match kind {
            ResultKind::Successful => &self.successful,
            ResultKind::Failed => &self.failed,
            ResultKind::Unprocessed => &self.unprocessed,
        }
    }

    /// SHA-256 of all three, hex, as the journal keeps it.
    pub fn sha256(&self) -> std::io::Result<String> {
        whole::digest(&ResultKind::ALL.map(|kind| self.of(kind)))
    }
}

/// Sends one chunk of a wave as one job and brings its results home.
///
/// Dropping the future at any await is safe: the journal holds what was done, and the last intent
/// where that may be more; [`take_up`] goes on from there.
pub async fn send(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
) -> Result<Sending, UploadError> {
    fetch::make_folder(desk.run_folder)?;
    let job = match submit::submit(desk, wave, chunk).await? {
        Submitted::Closed(job) => job,
        Submitted::Lost(job) => {
            return Ok(Sending::Finished(lost(wave, chunk, job)));
        }
        Submitted::NotSent { why } => return Ok(Sending::NotSent { why }),
    };
    let (id, began) = (job.id, Instant::now());
    let finished = match poll::until_ended(desk, job, chunk).await? {
        End::Lost => lost(wave, chunk, id),
        End::Ended(ended) => {
            let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let finished = bring_home(desk, wave, chunk, ended).await?;
            FinishedJob {
                took_ms,
                ..finished
            }
        }
    };
    Ok(Sending::Finished(finished))
}

/// From the end to the results on disk.
async fn bring_home(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
    ended: JobInfo,
) -> Result<FinishedJob, UploadError> {
    let fetched = fetch::results(desk, &ended, chunk.rows as u64).await?;
    if fetched == Fetched::Gone {
        let why = "the org does not have its results any more".to_owned();
        poll::record_lost(desk, ended.id, &why)?;
        return Ok(lost(wave, chunk, ended.id));
    }
    let digest = result_files(desk.run_folder, ended.id).sha256();
    let sha256 = digest.map_err(|source| UploadError::Unwritable {
        job: Some(ended.id),
        path: desk.run_folder.join(JOBS_FOLDER),
        source,
    })?;
    desk.record(
        Some(ended.id),
        Entry::ResultsStored {
            job: ended.id.to_string(),
            sha256: Some(sha256),
        },
    )?;
    desk.show(ended.id, chunk, "results stored".to_owned());
    Ok(FinishedJob {
        said: ended.error_message,
        files: Some(result_files(desk.run_folder, ended.id)),
        is_whole: fetched == Fetched::Whole,
        ..lost(wave, chunk, ended.id)
    })
}

fn lost(wave: &SealedWave, chunk: &Chunk, job: JobId) -> FinishedJob {
    FinishedJob {
        job,
        chunk: *chunk,
        said: None,
        files: None,
        is_whole: false,
        bytes_sent: wave.header.len() as u64 + chunk.bytes,
        took_ms: 0,
    }
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

    fn warn(&self, code: &str, text: String) {
        let code = code.to_owned();
        self.events.on(&Event::Warned { code, text });
    }

    /// Waits, but not for somebody who wants to stop.
    async fn pause(&self, wait: Duration) {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => {}
            () = sleep(wait) => {}
        }
    }
}
