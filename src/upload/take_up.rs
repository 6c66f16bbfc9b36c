//! A job that another process left, or that is to be stopped: where the journal says it stood
//! decides what is asked of the org.
//!
//! Only jobs the journal names are touched. One that was never closed committed nothing and is
//! given up, once the org says the same; one that may have been closed is followed to its end, and
//! its results fetched.

use super::chunk::Chunk;
use super::error::UploadError;
use super::poll::{self, End};
use super::{Desk, FinishedJob, Sending, bring_home, fetch, lost, result_files, submit};
use crate::journal::{Entry, JobRecord, JobStep};
use crate::model::id::JobId;
use crate::model::job::{JobInfo, JobState};
use crate::model::wave::SealedWave;

/// Goes on with a job where an earlier process left it.
///
/// # Panics
/// When the wave is not the one of the job.
pub async fn take_up(
    desk: &Desk<'_>,
    wave: &SealedWave,
    job: &JobRecord,
) -> Result<Sending, UploadError> {
    go_on(desk, wave, job, Running::Follow).await
}

/// Stops a job, waits for its end and fetches its results: rows may have been written before.
///
/// # Panics
/// When the wave is not the one of the job.
pub async fn stop(
    desk: &Desk<'_>,
    wave: &SealedWave,
    job: &JobRecord,
) -> Result<Sending, UploadError> {
    go_on(desk, wave, job, Running::Stop).await
}

/// What is done with a job that runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Running {
    Follow,
    Stop,
}

async fn go_on(
    desk: &Desk<'_>,
    wave: &SealedWave,
    job: &JobRecord,
    running: Running,
) -> Result<Sending, UploadError> {
    let chunk = chunk_of(wave, job);
    let rows = (job.wave, job.round, job.first);
    let id = || id_of(job);
    match job.step {
        JobStep::Intended => {
            let why = "the run was cut off while this job was opened".to_owned();
            submit::warn_of_orphan(desk, &why);
            submit::record_abandoned(desk, rows, None, why.clone())?;
            Ok(Sending::NotSent { why })
        }
        JobStep::Created | JobStep::DataSent => {
            if is_closed_after_all(desk, id()?).await? {
                record_closing(desk, id()?, job.step)?;
                return followed(desk, wave, (id()?, JobStep::Closing, &chunk), running).await;
            }
            let why = "the run was cut off before this job was closed".to_owned();
            submit::record_abandoned(desk, rows, Some(id()?), why.clone())?;
            Ok(Sending::NotSent { why })
        }
        JobStep::Closing | JobStep::Closed => {
            followed(desk, wave, (id()?, job.step, &chunk), running).await
        }
        JobStep::Ended(_) => {
            fetch::make_folder(desk.run_folder)?;
            let end = match poll::look(desk, id()?).await? {
                Some(ended) => End::Ended(ended),
                None => poll::gone(desk, id()?)?,
            };
            finished(desk, wave, &chunk, (id()?, end)).await
        }
        JobStep::Lost | JobStep::Asked { had_results: false } => {
            Ok(Sending::Finished(lost(wave, &chunk, id()?)))
        }
        JobStep::Stored | JobStep::Asked { had_results: true } | JobStep::Settled(_) => {
            Ok(Sending::Finished(FinishedJob {
                said: job.said.clone(),
                files: Some(result_files(desk.run_folder, id()?)),
                ..lost(wave, &chunk, id()?)
            }))
        }
        JobStep::Abandoned => {
            let why = "this job was abandoned before".to_owned();
            Ok(Sending::NotSent { why })
        }
    }
}

/// Aborts a job whose close is in no journal, and looks before and after: our journal may have lost
/// its last line, and whoever may, can close a job of ours. Only one that is open to the last, or
/// that the org does not have, committed nothing.
async fn is_closed_after_all(desk: &Desk<'_>, job: JobId) -> Result<bool, UploadError> {
    let state = |found: Option<JobInfo>| found.map(|job| job.state);
    match state(poll::look(desk, job).await?) {
        None => return Ok(false),
        Some(JobState::Open) => {}
        Some(_) => return Ok(true),
    }
    if submit::abort_unclosed(desk, job).await {
        return Ok(false);
    }
    // Aborted by us, whose answer was lost; one that stays open commits nothing either.
    let ours = [None, Some(JobState::Open), Some(JobState::Aborted)];
    Ok(!ours.contains(&state(poll::look(desk, job).await?)))
}

/// Gives the journal the steps it lacks of a job that was closed.
fn record_closing(desk: &Desk<'_>, job: JobId, step: JobStep) -> Result<(), UploadError> {
    let text = format!(
        "job {job} was closed or stopped, and the journal of this run does not know of it: what \
         became of its rows is read from its results, before any of them is sent again"
    );
    desk.warn("closed-unawares", text);
    let id = || job.to_string();
    if step == JobStep::Created {
        desk.record(Some(job), Entry::DataSent { job: id() })?;
    }
    desk.record(Some(job), Entry::JobClosing { job: id() })
}

/// From wherever a job is that was or may have been closed to its results.
async fn followed(
    desk: &Desk<'_>,
    wave: &SealedWave,
    (job, step, chunk): (JobId, JobStep, &Chunk),
    running: Running,
) -> Result<Sending, UploadError> {
    fetch::make_folder(desk.run_folder)?;
    let end = to_its_end(desk, chunk, (job, step), running).await?;
    finished(desk, wave, chunk, (job, end)).await
}

/// What a job that is over leaves.
async fn finished(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
    (job, end): (JobId, End),
) -> Result<Sending, UploadError> {
    let finished = match end {
        End::Ended(ended) => bring_home(desk, wave, chunk, ended).await?,
        End::Lost => lost(wave, chunk, job),
    };
    Ok(Sending::Finished(finished))
}

/// A job at its close that the org calls open was not closed, as far as anybody knows: the close
/// may still be on its way, so it is stopped before its rows go again, and then read like any job
/// that ended.
async fn to_its_end(
    desk: &Desk<'_>,
    chunk: &Chunk,
    (job, step): (JobId, JobStep),
    running: Running,
) -> Result<End, UploadError> {
    let Some(found) = poll::look(desk, job).await? else {
        return poll::gone(desk, job);
    };
    let not_closed = step == JobStep::Closing && found.state == JobState::Open;
    if !found.state.is_terminal() && (not_closed || running == Running::Stop) {
        poll::stop(desk, job, chunk).await
    } else {
        poll::until_ended(desk, found, chunk).await
    }
}

fn id_of(job: &JobRecord) -> Result<JobId, UploadError> {
    let id = job.id.as_deref().and_then(|id| JobId::parse(id).ok());
    id.ok_or(UploadError::Nameless {
        wave: job.wave,
        first: job.first,
    })
}

/// The rows of a job, as they were cut from its wave.
fn chunk_of(wave: &SealedWave, job: &JobRecord) -> Chunk {
    let place = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let (first, rows) = (place(job.first), place(job.rows));
    let carried = wave.rows.get(first..first.saturating_add(rows));
    let carried = carried.unwrap_or_default();
    assert!(
        (wave.number, wave.round) == (job.wave, job.round) && !carried.is_empty(),
        "a job's rows are rows of its wave"
    );
    let before = first.checked_sub(1).map(|place| wave.rows[place].account);
    Chunk {
        first,
        rows,
        offset: carried[0].offset,
        bytes: carried.iter().map(|row| u64::from(row.length)).sum(),
        waits_for_predecessor: before == Some(carried[0].account),
    }
}
