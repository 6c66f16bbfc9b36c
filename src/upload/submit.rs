//! One chunk: open a job, send the data, close it; the journal around each step.
//!
//! Until the close nothing is committed, so what is lost or goes wrong before it costs a job: ours
//! is aborted, another is opened. The close is the one step whose lost answer is looked into,
//! because the org knows whether the job runs.

use bytes::Bytes;
use tokio::time::sleep;

use super::Desk;
use super::chunk::Chunk;
use super::error::UploadError;
use super::patience::{Heard, passes, patiently};
use super::poll::record_lost;
use crate::journal::Entry;
use crate::model::id::JobId;
use crate::model::job::{JobInfo, JobState};
use crate::model::limits::{CLOSES_SENT_MAX, JOBS_OPENED_MAX};
use crate::model::wave::SealedWave;
use crate::salesforce::transport::{Body, Sent};
use crate::salesforce::{OrgError, poll_waits};

/// How far a chunk came.
pub(super) enum Submitted {
    /// The org took the close.
    Closed(JobInfo),
    /// It may have taken the close, and has no such job any more.
    Lost(JobId),
    /// Nothing is committed, and we were asked to stop.
    NotSent { why: String },
}

/// One job's way to the close.
enum Attempt {
    Through(Submitted),
    /// Nothing is committed and the job is abandoned; another may be opened.
    Again(UploadError),
}

const ASKED_TO_STOP: &str = "the run was asked to stop before this was sent";

/// Brings a chunk to its close, in a new job wherever one came to nothing.
pub(super) async fn submit(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
) -> Result<Submitted, UploadError> {
    let mut waits = poll_waits(desk.pacing);
    let mut opened = 0;
    loop {
        if desk.cancel.is_cancelled() {
            let why = ASKED_TO_STOP.to_owned();
            return Ok(Submitted::NotSent { why });
        }
        opened += 1;
        match attempt(desk, wave, chunk).await? {
            Attempt::Through(submitted) => return Ok(submitted),
            Attempt::Again(error) if opened >= JOBS_OPENED_MAX => return Err(error),
            Attempt::Again(_) => {
                if let Some(wait) = waits.next() {
                    desk.pause(wait).await;
                }
            }
        }
    }
}

async fn attempt(
    desk: &Desk<'_>,
    wave: &SealedWave,
    chunk: &Chunk,
) -> Result<Attempt, UploadError> {
    let place = Place { desk, wave, chunk };
    let job = match place.create().await? {
        Ok(job) => job,
        Err(lost) => return Ok(Attempt::Again(lost)),
    };
    if desk.cancel.is_cancelled() {
        return place.stop_before_close(job).await;
    }
    if let Err(again) = place.upload(job).await? {
        return Ok(Attempt::Again(again));
    }
    if desk.cancel.is_cancelled() {
        return place.stop_before_close(job).await;
    }
    place.close(job).await
}

/// Aborts a job that was not closed by us. Best effort: one that stays open commits nothing and
/// the org removes it by itself.
pub(super) async fn abort_unclosed(desk: &Desk<'_>, job: JobId) -> bool {
    desk.org.abort_job(job).await.is_ok()
}

/// Notes that nothing of a job is committed. Without an id and with a lost answer, a job of ours
/// may be left in the org.
pub(super) fn record_abandoned(
    desk: &Desk<'_>,
    (wave, round, first): (u32, u32, u64),
    job: Option<JobId>,
    why: String,
) -> Result<(), UploadError> {
    let job = job.map(|job| job.to_string());
    desk.record(
        None,
        Entry::JobAbandoned {
            wave,
            round,
            first,
            job,
            why,
        },
    )
}

/// Says that a job without data may be left in the org.
pub(super) fn warn_of_orphan(desk: &Desk<'_>, why: &str) {
    let text = format!(
        "perhaps an empty job was left in the org ({why}); it commits nothing and expires within \
         a day, so leave it or abort it in Setup, Bulk Data Load Jobs"
    );
    desk.warn("suspected-orphan", text);
}

/// Where a job stands: its desk, wave and rows.
struct Place<'a, 'd> {
    desk: &'a Desk<'d>,
    wave: &'a SealedWave,
    chunk: &'a Chunk,
}

impl Place<'_, '_> {
    /// The inner error is one that another attempt may not meet.
    async fn create(&self) -> Result<Result<JobId, UploadError>, UploadError> {
        let (desk, wave, chunk) = (self.desk, self.wave, self.chunk);
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
        let job = match created {
            Ok(job) => job.id,
            Err(source) => {
                self.abandon(None, &source)?;
                let (sent, may_help) = (source.sent(), passes(&source));
                let error = UploadError::NotCreated { source };
                if sent == Sent::Maybe {
                    warn_of_orphan(desk, &error.to_string());
                }
                return if may_help { Ok(Err(error)) } else { Err(error) };
            }
        };
        desk.record(
            None,
            Entry::JobCreated {
                wave: wave.number,
                round: wave.round,
                first,
                job: job.to_string(),
            },
        )?;
        desk.show(job, chunk, "Open".to_owned());
        Ok(Ok(job))
    }

    /// The data goes out once: a second upload would poison the job (bulk-api-2 §3.5). The inner
    /// error is one that a new job may not meet. Where the run ends here and the job could not be
    /// aborted, the journal goes on naming it, so that whoever takes the run up aborts it.
    async fn upload(&self, job: JobId) -> Result<Result<(), UploadError>, UploadError> {
        let data = Body::JobData {
            header: Bytes::from(self.wave.header.clone()),
            file: self.desk.run_folder.join(&self.wave.file),
            offset: self.chunk.offset,
            length: self.chunk.bytes,
        };
        let Err(source) = self.desk.org.put_job_data(job, data).await else {
            let job = job.to_string();
            self.desk.record(None, Entry::DataSent { job })?;
            return Ok(Ok(()));
        };
        let aborted = abort_unclosed(self.desk, job).await;
        let may_help = passes(&source) || matches!(source, OrgError::NotFound { .. });
        if aborted || may_help {
            self.abandon(Some(job), &source)?;
        }
        let error = UploadError::DataNotSent {
            job,
            aborted,
            source,
        };
        if may_help { Ok(Err(error)) } else { Err(error) }
    }

    /// The commit point. Closing twice commits nothing twice: a job that took the first close
    /// refuses the second. So a lost close is repeated once the org has said that the job is open.
    async fn close(&self, job: JobId) -> Result<Attempt, UploadError> {
        let desk = self.desk;
        let id = || job.to_string();
        desk.record(None, Entry::JobClosing { job: id() })?;
        let mut lost = false;
        let mut waits = poll_waits(desk.pacing);
        for _ in 0..CLOSES_SENT_MAX {
            let source = match desk.org.close_job(job).await {
                Ok(closed) => return self.closed(closed),
                Err(source) => source,
            };
            lost |= source.sent() == Sent::Maybe;
            let may_be_closed = lost || matches!(source, OrgError::Refused { .. });
            if !may_be_closed {
                return self.not_closed(job, source).await;
            }
            let asked = patiently(desk, || desk.org.ingest_job(job)).await;
            match asked.map_err(|source| UploadError::CloseUnknown { job, source })? {
                Heard::Gone(_) => {
                    let why = format!("the org does not have the job any more, after {source}");
                    record_lost(desk, job, &why)?;
                    return Ok(Attempt::Through(Submitted::Lost(job)));
                }
                Heard::Answer(found) if found.state != JobState::Open => {
                    return self.closed(found);
                }
                Heard::Answer(_) if !lost => return self.not_closed(job, source).await,
                Heard::Answer(_) => {}
            }
            if let Some(wait) = waits.next() {
                sleep(wait).await;
            }
        }
        Err(UploadError::CloseUnsettled {
            job,
            times: CLOSES_SENT_MAX,
        })
    }

    fn closed(&self, job: JobInfo) -> Result<Attempt, UploadError> {
        let id = job.id.to_string();
        self.desk
            .record(Some(job.id), Entry::JobClosed { job: id })?;
        self.desk
            .show(job.id, self.chunk, format!("{:?}", job.state));
        Ok(Attempt::Through(Submitted::Closed(job)))
    }

    /// The org said no, and never could have acted: nothing is committed.
    async fn not_closed(&self, job: JobId, source: OrgError) -> Result<Attempt, UploadError> {
        let aborted = abort_unclosed(self.desk, job).await;
        let may_help = passes(&source) || matches!(source, OrgError::NotFound { .. });
        if aborted || may_help {
            self.abandon(Some(job), &source)?;
        }
        let error = UploadError::NotClosed {
            job,
            aborted,
            source,
        };
        if may_help {
            Ok(Attempt::Again(error))
        } else {
            Err(error)
        }
    }

    async fn stop_before_close(&self, job: JobId) -> Result<Attempt, UploadError> {
        abort_unclosed(self.desk, job).await;
        self.abandon(Some(job), &ASKED_TO_STOP)?;
        let why = ASKED_TO_STOP.to_owned();
        Ok(Attempt::Through(Submitted::NotSent { why }))
    }

    fn abandon(&self, job: Option<JobId>, why: &dyn std::fmt::Display) -> Result<(), UploadError> {
        let rows = (self.wave.number, self.wave.round, self.chunk.first as u64);
        record_abandoned(self.desk, rows, job, why.to_string())
    }
}
