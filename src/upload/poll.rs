//! One job: wait for its end. Passing trouble on the way is the telephone's business; what comes
//! up from there is final.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Desk;
use super::chunk::Chunk;
use super::error::UploadError;
use crate::journal::Entry;
use crate::model::job::JobInfo;
use crate::salesforce::poll_waits;

/// Asks after a closed job, less and less often, until its state will not change again; journals
/// the end. A job that takes too long is left running.
pub(super) async fn until_ended(
    desk: &Desk<'_>,
    closed: JobInfo,
    chunk: &Chunk,
) -> Result<JobInfo, UploadError> {
    let began = Instant::now();
    let wait_max = Duration::from_millis(desk.pacing.job_wait_ms);
    let mut job = closed;
    let mut waits = poll_waits(desk.pacing);
    while !job.state.is_terminal() {
        let left = wait_max.saturating_sub(began.elapsed());
        if left.is_zero() {
            let waited_s = began.elapsed().as_secs();
            return Err(UploadError::StillRunning {
                job: job.id,
                waited_s,
                state: job.state,
            });
        }
        sleep(waits.next().map_or(left, |wait| wait.min(left))).await;
        let unwatched = |source| UploadError::Unwatched {
            job: job.id,
            source,
        };
        let now = desk.org.ingest_job(job.id).await.map_err(unwatched)?;
        if now.state != job.state {
            desk.show(now.id, chunk, format!("{:?}", now.state));
        }
        job = now;
    }
    let (id, state, message) = (job.id.to_string(), job.state, job.error_message.clone());
    desk.record(
        Some(job.id),
        Entry::JobEnded {
            job: id,
            state,
            message,
        },
    )?;
    Ok(job)
}
