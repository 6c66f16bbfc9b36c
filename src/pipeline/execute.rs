//! One wave after another: seal, send its chunks over as many lanes as it may have, settle.
//!
//! An account is never in two jobs at once: a chunk that begins with the account its predecessor
//! ended with waits until that one is done. After the first error nothing new is sent; what is
//! in flight is finished and settled, then the error is returned.

use std::path::Path;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::journal::{Entry, Journal};
use crate::model::change::ChangeKind;
use crate::model::event::RunStage;
use crate::model::id::{JobId, RowOrdinal};
use crate::model::outcome::RowOutcome;
use crate::model::wave::SealedWave;
use crate::pipeline::{RunError, Walk};
use crate::plan::{Plan, PlanError};
use crate::results::{self, Outcomes, Settlement};
use crate::upload::{self, Chunk, ChunkLimits, Desk, FinishedJob, UploadError};

/// What sending cost.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sent {
    pub jobs: u64,
    pub bytes: u64,
}

/// The plan and what became of its rows so far.
struct Progress {
    plan: Plan,
    outcomes: Outcomes,
    sent: Sent,
}

/// Sends every wave of the plan, in order.
pub(super) async fn waves(
    walk: &Walk,
    journal: &Journal,
    plan: Plan,
    outcomes: Outcomes,
) -> Result<(Plan, Outcomes, Sent), RunError> {
    walk.begin(RunStage::Provision, Some(plan.accepted()));
    let mut progress = Progress {
        plan,
        outcomes,
        sent: Sent::default(),
    };
    for position in 0..progress.plan.waves().len() {
        let mut round = 1;
        loop {
            let (back, sealed) = walk
                .compute(move || {
                    let sealed = seal(&progress, position, round);
                    (progress, sealed)
                })
                .await;
            progress = back;
            let Some(sealed) = sealed? else { break };
            progress = one_wave(walk, journal, Arc::new(sealed), progress).await?;
            if !promoted(&mut progress) {
                break;
            }
            round += 1;
        }
    }
    walk.end(RunStage::Provision);
    Ok((progress.plan, progress.outcomes, progress.sent))
}

/// The wave as it is sent now: rows without an outcome only. None when there are none.
fn seal(progress: &Progress, position: usize, round: u32) -> Result<Option<SealedWave>, PlanError> {
    let Progress { plan, outcomes, .. } = progress;
    let wave = &plan.waves()[position];
    match wave.kind {
        ChangeKind::CreateUser => {
            let sealed = plan.seal(wave, round, &|row| is_open(outcomes, row))?;
            Ok(Some(sealed).filter(|sealed| !sealed.rows.is_empty()))
        }
        ChangeKind::AssignPermissionSet => {
            plan.seal_permission_sets(wave.number, round, &|row, _| outcomes.user_of(row))
        }
    }
}

fn is_open(outcomes: &Outcomes, row: RowOrdinal) -> bool {
    outcomes.user_of(row).is_none() && outcomes.failed_at(row).is_none()
}

/// Where the row that was to make an account's roles failed, the next row of that account takes
/// its place in the same wave; so roles are still made one at a time (R-1003).
fn promoted(progress: &mut Progress) -> bool {
    let Progress { plan, outcomes, .. } = progress;
    plan.promote(&|row| outcomes.failed_at(row).is_some()) > 0
}

async fn one_wave(
    walk: &Walk,
    journal: &Journal,
    wave: Arc<SealedWave>,
    mut progress: Progress,
) -> Result<Progress, RunError> {
    journal.record(wave_sealed(&wave))?;
    let pacing = &walk.settings.pacing;
    let lanes = upload::jobs_at_once(wave.letter, pacing) as usize;
    let desk = &Desk {
        org: &walk.org,
        journal,
        run_folder: walk.folder(),
        pacing,
        events: &walk.events,
    };
    let mut line = ChunkLine::new(&wave, upload::chunk_limits(wave.role_based, pacing));
    let mut in_flight = FuturesUnordered::new();
    let mut stopped: Option<RunError> = None;
    loop {
        while stopped.is_none() && in_flight.len() < lanes {
            let Some(chunk) = line.next(in_flight.is_empty()) else {
                break;
            };
            let wave = &wave;
            in_flight.push(async move { upload::send(desk, wave, &chunk).await });
        }
        let Some(finished) = in_flight.next().await else {
            break;
        };
        let (back, settled) = after_job(walk, journal, &wave, progress, finished).await;
        progress = back;
        if let Err(error) = settled {
            stopped.get_or_insert(error);
        }
    }
    stopped.map_or(Ok(progress), Err)
}

/// Cuts chunks off a wave, and holds one back that must wait for its predecessor.
struct ChunkLine<'a> {
    wave: &'a SealedWave,
    limits: ChunkLimits,
    next: usize,
    held: Option<Chunk>,
}

impl<'a> ChunkLine<'a> {
    fn new(wave: &'a SealedWave, limits: ChunkLimits) -> Self {
        Self {
            wave,
            limits,
            next: 0,
            held: None,
        }
    }

    /// The next chunk that may go now; none while one waits, or at the end.
    fn next(&mut self, nothing_in_flight: bool) -> Option<Chunk> {
        let chunk = match self.held.take() {
            Some(held) => held,
            None => upload::next_chunk(self.wave, self.next, &self.limits)?,
        };
        self.next = chunk.first + chunk.rows;
        if chunk.waits_for_predecessor && !nothing_in_flight {
            self.held = Some(chunk);
            return None;
        }
        Some(chunk)
    }
}

async fn after_job(
    walk: &Walk,
    journal: &Journal,
    wave: &Arc<SealedWave>,
    mut progress: Progress,
    finished: Result<FinishedJob, UploadError>,
) -> (Progress, Result<(), RunError>) {
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return (progress, Err(error.into())),
    };
    progress.sent.jobs += 1;
    progress.sent.bytes += finished.bytes_sent;
    let (job, rows) = (finished.job, finished.chunk.rows);
    let makes_users = wave.kind == ChangeKind::CreateUser;
    let (folder, wave) = (walk.folder().to_owned(), wave.clone());
    let (progress, settled) = walk
        .compute(move || {
            let settled = settle(&folder, &wave, &finished, &mut progress.outcomes);
            (progress, settled)
        })
        .await;
    // A row counts once, when its user is settled; permission sets come on top.
    if makes_users {
        walk.advance(RunStage::Provision, rows);
    }
    let recorded = settled.and_then(|settlement| {
        warn_of_odd_results(walk, job, &settlement);
        Ok(journal.record(rows_settled(job, &settlement))?)
    });
    (progress, recorded)
}

fn settle(
    folder: &Path,
    wave: &SealedWave,
    finished: &FinishedJob,
    outcomes: &mut Outcomes,
) -> Result<Settlement, RunError> {
    let rows = finished.chunk.first..finished.chunk.first + finished.chunk.rows;
    let sent = results::sent_rows(wave, rows, folder)?;
    let files = &finished.files;
    let files = results::open_results(&files.successful, &files.failed, &files.unprocessed)?;
    let settlement = results::settle(&sent, files)?;
    assert_eq!(
        settlement.rows.len(),
        sent.len(),
        "every row of a job is settled once"
    );
    match wave.kind {
        ChangeKind::CreateUser => outcomes.settle(finished.job, &settlement.rows)?,
        ChangeKind::AssignPermissionSet => {
            outcomes.settle_permission_sets(finished.job, &sent, &settlement.rows)?;
        }
    }
    Ok(settlement)
}

fn warn_of_odd_results(walk: &Walk, job: JobId, settlement: &Settlement) {
    if settlement.foreign_count > 0 {
        let count = settlement.foreign_count;
        let text = format!(
            "job {job} gave back {count} results for rows it was not sent; they are ignored, \
             look at its files under jobs/"
        );
        walk.warn("foreign-results", &text);
    }
    if !settlement.contradicted.is_empty() {
        let count = settlement.contradicted.len();
        let text = format!(
            "job {job} contradicts itself about {count} rows; a success was believed before a \
             failure, look at its files under jobs/"
        );
        walk.warn("contradicted-results", &text);
    }
}

fn wave_sealed(wave: &SealedWave) -> Entry {
    Entry::WaveSealed {
        wave: wave.number,
        kind: wave.kind,
        letter: wave.letter,
        round: wave.round,
        file: wave.file.clone(),
        sha256: wave.sha256.clone(),
        rows: wave.rows.len() as u64,
    }
}

fn rows_settled(job: JobId, settlement: &Settlement) -> Entry {
    let count = |fits: fn(&RowOutcome) -> bool| {
        settlement
            .rows
            .iter()
            .filter(|row| fits(&row.outcome))
            .count() as u64
    };
    Entry::RowsSettled {
        job: job.to_string(),
        created: count(|outcome| matches!(outcome, RowOutcome::Created(_))),
        failed: count(|outcome| matches!(outcome, RowOutcome::Failed(_))),
        unprocessed: count(|outcome| matches!(outcome, RowOutcome::Unprocessed)),
        unaccounted: count(|outcome| matches!(outcome, RowOutcome::Unaccounted)),
    }
}
