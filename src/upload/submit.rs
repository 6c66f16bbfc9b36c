//! One chunk: open a job, send the data, close it; the journal around each step.
//!
//! Until the close nothing is committed, so trouble before it costs an abort. The close itself is
//! the one step whose lost answer is looked into: the org knows whether the job runs.

use bytes::Bytes;

use super::Desk;
use super::chunk::Chunk;
use super::error::UploadError;
use crate::journal::Entry;
use crate::model::id::JobId;
use crate::model::job::{JobInfo, JobState};
use crate::model::wave::SealedWave;
use crate::salesforce::OrgError;
use crate::salesforce::transport::{Body, Sent};

/// Returns the job once the org has accepted its close.
pub(super) async fn submit(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
) -> Result<JobInfo, UploadError> {
    let job = create(desk, wave, chunk).await?;
    desk.show(job, chunk, "Open".to_owned());
    upload(desk, wave, chunk, job).await?;
    desk.record(
        None,
        Entry::JobClosing {
            job: job.to_string(),
        },
    )?;
    let closed = close(desk, job).await?;
    desk.record(
        Some(job),
        Entry::JobClosed {
            job: job.to_string(),
        },
    )?;
    desk.show(job, chunk, format!("{:?}", closed.state));
    Ok(closed)
}

async fn create(desk: &Desk<'_>, wave: &SealedWave, chunk: &Chunk) -> Result<JobId, UploadError> {
    let (first, rows) = (chunk.first as u64, chunk.rows as u64);
    desk.record(
        None,
        Entry::JobIntended {
            wave: wave.number,
            round: wave.round,
            first,
            rows,
            bytes: chunk.bytes,
        },
    )?;
    let created = desk.org.create_ingest_job(wave.kind.object()).await;
    let job = created.map_err(|source| match source.sent() {
        Sent::No => UploadError::NotCreated { source },
        Sent::Maybe => UploadError::CreateUnknown { source },
    })?;
    desk.record(
        None,
        Entry::JobCreated {
            wave: wave.number,
            round: wave.round,
            first,
            job: job.id.to_string(),
        },
    )?;
    Ok(job.id)
}

/// The data goes out once: a second upload would poison the job (bulk-api-2 §3.5).
async fn upload(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
    job: JobId,
) -> Result<(), UploadError> {
    let data = Body::JobData {
        header: Bytes::from(wave.header.clone()),
        file: desk.run_folder.join(&wave.file),
        offset: chunk.offset,
        length: chunk.bytes,
    };
    if let Err(source) = desk.org.put_job_data(job, data).await {
        let aborted = abort(desk, job, &source).await;
        return Err(UploadError::DataNotSent {
            job,
            aborted,
            source,
        });
    }
    desk.record(
        None,
        Entry::DataSent {
            job: job.to_string(),
        },
    )
}

/// The commit point.
async fn close(desk: &Desk<'_>, job: JobId) -> Result<JobInfo, UploadError> {
    let source = match desk.org.close_job(job).await {
        Ok(closed) => return Ok(closed),
        Err(source) => source,
    };
    if source.sent() == Sent::No {
        let aborted = abort(desk, job, &source).await;
        return Err(UploadError::NotClosed {
            job,
            aborted,
            source,
        });
    }
    match desk.org.ingest_job(job).await {
        Ok(found) if found.state != JobState::Open => Ok(found),
        // Still open may mean that the close is on its way; and who cannot be asked cannot be
        // trusted to have stayed open. Aborting could stop a job that runs.
        Ok(_) | Err(_) => Err(UploadError::CloseUnknown { job, source }),
    }
}

/// Best effort: a job that stays open commits nothing and is removed by the org in a day.
async fn abort(desk: &Desk<'_>, job: JobId, reason: &OrgError) -> bool {
    let aborted = desk.org.abort_job(job).await.is_ok();
    if aborted {
        let state = JobState::Aborted;
        let message = Some(reason.to_string());
        // The error that led here is the one to report; a journal that cannot be written will
        // say so at the next step.
        let _ = desk.record(
            None,
            Entry::JobEnded {
                job: job.to_string(),
                state,
                message,
            },
        );
    }
    aborted
}
