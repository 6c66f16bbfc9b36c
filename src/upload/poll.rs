//! One closed job: wait for its end. Outages on the way are waited out; what the org refuses, and
//! a silence as long as a job is waited for, is final.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Desk;
use super::chunk::Chunk;
use super::error::UploadError;
use super::patience::{Heard, patiently};
use crate::journal::Entry;
use crate::model::id::JobId;
use crate::model::job::JobInfo;
use crate::model::limits::{ABORTS_REPEATED_MAX, STALLED_JOB_MS};
use crate::salesforce::poll_waits;

/// How waiting for a job ended.
pub(super) enum End {
    /// It reached a terminal state.
    Ended(JobInfo),
    /// The org does not have it any more.
    Lost,
}

/// Asks after a closed job, less and less often, until its state will not change again; journals
/// the end. A job that takes too long is left running; one that stands still is aborted, because
/// it is ours and its rows may go in another.
pub(super) async fn until_ended(
    desk: &Desk<'_>,
    closed: JobInfo,
    chunk: &Chunk,
) -> Result<End, UploadError> {
    let began = Instant::now();
    let wait_max = Duration::from_millis(desk.pacing.job_wait_ms);
    let mut waits = poll_waits(desk.pacing);
    let mut job = closed;
    let mut progress_at = began;
    while !job.state.is_terminal() {
        let left = wait_max.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(UploadError::StillRunning {
                job: job.id,
                waited_s: began.elapsed().as_secs(),
                state: job.state,
            });
        }
        sleep(waits.next().map_or(left, |wait| wait.min(left))).await;
        let Some(now) = look(desk, job.id).await? else {
            return gone(desk, job.id);
        };
        if now.state != job.state {
            desk.show(now.id, chunk, format!("{:?}", now.state));
        }
        if (now.state, now.processed_count) != (job.state, job.processed_count) {
            progress_at = Instant::now();
        }
        job = now;
        if !job.state.is_terminal() && progress_at.elapsed().as_millis() >= STALLED_MS {
            desk.show(job.id, chunk, "without progress, aborting".to_owned());
            // Whatever comes back, the next look tells how it is.
            let _ = desk.org.abort_job(job.id).await;
            progress_at = Instant::now();
        }
    }
    record_ended(desk, &job)?;
    Ok(End::Ended(job))
}

const STALLED_MS: u128 = STALLED_JOB_MS as u128;

/// Stops a job of ours and waits for its end. One that ended meanwhile refuses to be aborted, and
/// what it did is looked at all the same.
pub(super) async fn stop(desk: &Desk<'_>, job: JobId, chunk: &Chunk) -> Result<End, UploadError> {
    let mut waits = poll_waits(desk.pacing).take(ABORTS_REPEATED_MAX);
    loop {
        let refused = desk.org.abort_job(job).await.err();
        let Some(found) = look(desk, job).await? else {
            return gone(desk, job);
        };
        match refused {
            Some(source) if !found.state.is_terminal() => match waits.next() {
                Some(wait) => sleep(wait).await,
                None => return Err(UploadError::NotStopped { job, source }),
            },
            Some(_) | None => return until_ended(desk, found, chunk).await,
        }
    }
}

/// Notes that a job which may have been closed is not to be found.
pub(super) fn gone(desk: &Desk<'_>, job: JobId) -> Result<End, UploadError> {
    let why = "the org does not have the job any more".to_owned();
    record_lost(desk, job, &why)?;
    Ok(End::Lost)
}

/// Notes that no (further) result of a job can be had.
pub(super) fn record_lost(desk: &Desk<'_>, job: JobId, why: &str) -> Result<(), UploadError> {
    let lost = Entry::JobLost {
        job: job.to_string(),
        why: why.to_owned(),
    };
    desk.record(Some(job), lost)?;
    let text = format!(
        "no result of job {job} can be had ({why}); the org is asked for the records of its rows"
    );
    desk.warn("job-lost", text);
    Ok(())
}

fn record_ended(desk: &Desk<'_>, job: &JobInfo) -> Result<(), UploadError> {
    desk.record(
        Some(job.id),
        Entry::JobEnded {
            job: job.id.to_string(),
            state: job.state,
            message: job.error_message.clone(),
        },
    )
}

/// What the org says of a job; none when it has no such job any more.
pub(super) async fn look(desk: &Desk<'_>, job: JobId) -> Result<Option<JobInfo>, UploadError> {
    let asked = patiently(desk, || desk.org.ingest_job(job)).await;
    match asked.map_err(|source| UploadError::Unwatched { job, source })? {
        Heard::Answer(found) => Ok(Some(found)),
        Heard::Gone(_) => Ok(None),
    }
}
