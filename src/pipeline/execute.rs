//! One wave after another: seal, send its chunks over as many lanes as it may have, settle.
//!
//! An account is never in two jobs at once: a chunk that begins with the account its predecessor
//! ended with waits until that one is done. After the first error, or when asked to stop, nothing
//! new is sent; what is in flight is finished and settled, and every other row is accounted for.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::journal::{Entry, Journal};
use crate::model::change::ChangeKind;
use crate::model::event::RunStage;
use crate::model::id::JobId;
use crate::model::outcome::RowOutcome;
use crate::model::wave::SealedWave;
use crate::pipeline::judge::Judged;
use crate::pipeline::{CorridorError, RunError, Walk, seats, unsent};
use crate::plan::PlanError;
use crate::results::{self, Settlement};
use crate::upload::{
    self, Chunk, ChunkLimits, Desk, FinishedJob, ResultFiles, Sending, Tempo, UploadError,
};

/// What sending cost.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sent {
    pub jobs: u64,
    pub bytes: u64,
}

/// The plan, and what became of its rows so far.
pub(super) struct Progress {
    pub judged: Judged,
    pub sent: Sent,
    /// Has the wave of permission sets begun? Then it accounts for every assignment itself.
    pub sets_begun: bool,
}

/// How sending ended; every row has an end either way.
pub(super) struct Executed {
    pub progress: Progress,
    /// What stopped it before its last row, if anything did.
    pub stopped: Option<RunError>,
}

/// Sends every wave of the plan, in order. An error is one that kept rows from being accounted
/// for; what only stopped the sending is told in [`Executed`].
pub(super) async fn waves(
    walk: &Walk,
    journal: &Journal,
    judged: Judged,
) -> Result<Executed, RunError> {
    walk.begin(RunStage::Provision, Some(judged.plan.accepted()));
    let waves_count = judged.plan.waves().len();
    let mut progress = Progress {
        judged,
        sent: Sent::default(),
        sets_begun: false,
    };
    let mut stopped = None;
    for position in 0..waves_count {
        let (back, stop) = wave_and_rounds(walk, journal, position, progress).await?;
        progress = back;
        stopped = stop;
        if stopped.is_some() {
            break;
        }
    }
    if let Some(error) = &stopped {
        let why = not_sent(error);
        let (back, accounted) = walk
            .compute(move || {
                let accounted = unsent::the_rest(&mut progress, &why);
                (progress, accounted)
            })
            .await;
        accounted?;
        progress = back;
    }
    walk.end(RunStage::Provision);
    Ok(Executed { progress, stopped })
}

/// One planned wave, again as long as rows of later waves move up into it.
async fn wave_and_rounds(
    walk: &Walk,
    journal: &Journal,
    position: usize,
    mut progress: Progress,
) -> Result<(Progress, Option<RunError>), RunError> {
    let mut round = 1;
    loop {
        if let Err(error) = before_sealing(walk, position, &mut progress).await {
            return Ok((progress, Some(error)));
        }
        let (back, sealed) = walk
            .compute(move || {
                let sealed = seal(&progress, position, round);
                (progress, sealed)
            })
            .await;
        progress = back;
        let sealed = match sealed {
            Ok(Some(sealed)) => Arc::new(sealed),
            Ok(None) => return Ok((progress, None)),
            Err(error) => return Ok((progress, Some(error.into()))),
        };
        let (back, stopped) = one_wave(walk, journal, sealed, progress).await?;
        progress = back;
        if stopped.is_some() || !promoted(&mut progress) {
            return Ok((progress, stopped));
        }
        round += 1;
    }
}

/// Looks up once more before a wave: does anybody want us to stop, are there still seats?
async fn before_sealing(
    walk: &Walk,
    position: usize,
    progress: &mut Progress,
) -> Result<(), RunError> {
    if walk.cancel.is_cancelled() {
        return Err(asked_to_stop(walk));
    }
    let Judged {
        plan,
        outcomes,
        org_state,
        ..
    } = &mut progress.judged;
    let wave = &plan.waves()[position];
    match wave.kind {
        ChangeKind::CreateUser => seats::recount(walk, org_state, (plan, wave), outcomes).await,
        ChangeKind::AssignPermissionSet => Ok(()),
    }
}

fn asked_to_stop(walk: &Walk) -> RunError {
    stopped_in(walk.folder())
}

fn stopped_in(folder: &Path) -> RunError {
    let failure = folder.join("failure.csv");
    CorridorError::Stopped { failure }.into()
}

/// The wave as it is sent now: rows without an outcome only. None when there are none.
fn seal(progress: &Progress, position: usize, round: u32) -> Result<Option<SealedWave>, PlanError> {
    let Judged { plan, outcomes, .. } = &progress.judged;
    let wave = &plan.waves()[position];
    match wave.kind {
        ChangeKind::CreateUser => {
            let sealed = plan.seal(wave, round, &|row| outcomes.is_open(row))?;
            Ok(Some(sealed).filter(|sealed| !sealed.rows.is_empty()))
        }
        ChangeKind::AssignPermissionSet => {
            plan.seal_permission_sets(wave.number, round, &|row, _| outcomes.user_of(row))
        }
    }
}

/// Where the row that was to make an account's roles failed, the next row of that account takes
/// its place in the same wave; so roles are still made one at a time (R-1003).
fn promoted(progress: &mut Progress) -> bool {
    let Judged { plan, outcomes, .. } = &mut progress.judged;
    plan.promote(&|row| outcomes.failed_at(row).is_some()) > 0
}

async fn one_wave(
    walk: &Walk,
    journal: &Journal,
    wave: Arc<SealedWave>,
    mut progress: Progress,
) -> Result<(Progress, Option<RunError>), RunError> {
    if let Err(error) = journal.record(wave_sealed(&wave)) {
        return Ok((progress, Some(error.into())));
    }
    let pacing = &walk.settings.pacing;
    let tempo = Tempo::new(wave.letter, wave.role_based, pacing);
    let lanes = tempo.lanes();
    let desk = &Desk {
        org: &walk.org,
        journal,
        run_folder: walk.folder(),
        pacing,
        events: &walk.events,
        cancel: &walk.cancel,
    };
    let mut line = ChunkLine::new(&wave, tempo.limits(wave.rows.len() as u64, None));
    let mut in_flight = FuturesUnordered::new();
    let mut stopped: Option<RunError> = None;
    loop {
        while stopped.is_none() && !walk.cancel.is_cancelled() && in_flight.len() < lanes {
            let Some(chunk) = line.next(in_flight.is_empty()) else {
                break;
            };
            let wave = &wave;
            in_flight.push(async move { (chunk, upload::send(desk, wave, &chunk).await) });
        }
        let Some((chunk, sent)) = in_flight.next().await else {
            break;
        };
        let (back, error) = after_job(walk, journal, &wave, progress, (chunk, sent)).await?;
        progress = back;
        stopped = stopped.or(error);
    }
    let unsent = line.unsent();
    if stopped.is_none() && !unsent.is_empty() {
        stopped = Some(asked_to_stop(walk));
    }
    if let Some(error) = &stopped
        && wave.kind == ChangeKind::AssignPermissionSet
    {
        let why = not_sent(error);
        unsent::rows(
            (walk.folder(), &wave),
            unsent,
            (None, &why),
            &mut progress.judged.outcomes,
        )?;
        progress.sets_begun = true;
    }
    Ok((progress, stopped))
}

fn not_sent(error: &RunError) -> String {
    format!("The run ended before this was sent ({error})")
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

    /// The rows of the wave that no chunk was handed out for.
    fn unsent(&self) -> Range<usize> {
        let first = self.held.map_or(self.next, |held| held.first);
        first..self.wave.rows.len()
    }
}

/// Settles a job that ended, or accounts for the rows of one that went wrong; the second answer is
/// what stops the walk then.
async fn after_job(
    walk: &Walk,
    journal: &Journal,
    wave: &Arc<SealedWave>,
    mut progress: Progress,
    (chunk, sent): (Chunk, Result<Sending, UploadError>),
) -> Result<(Progress, Option<RunError>), RunError> {
    let makes_users = wave.kind == ChangeKind::CreateUser;
    let (folder, wave) = (walk.folder().to_owned(), wave.clone());
    let (progress, settled) = walk
        .compute(move || {
            let settled = settled(&folder, &wave, &chunk, sent, &mut progress);
            (progress, settled)
        })
        .await;
    // A row counts once, when its user is settled; permission sets come on top.
    if makes_users {
        walk.advance(RunStage::Provision, chunk.rows);
    }
    let (job, settlement) = match settled? {
        Ok(settled) => settled,
        Err(error) => return Ok((progress, Some(error))),
    };
    warn_of_odd_results(walk, job, &settlement);
    let recorded = journal.record(rows_settled(job, &settlement));
    Ok((progress, recorded.err().map(RunError::from)))
}

/// The inner error is the one to stop for; its rows are accounted for.
fn settled(
    folder: &Path,
    wave: &SealedWave,
    chunk: &Chunk,
    sent: Result<Sending, UploadError>,
    progress: &mut Progress,
) -> Result<Result<(JobId, Settlement), RunError>, RunError> {
    let (job, error) = match sent {
        Ok(Sending::NotSent { .. }) => (None, stopped_in(folder)),
        Ok(Sending::Finished(finished)) => {
            progress.sent.jobs += 1;
            progress.sent.bytes += finished.bytes_sent;
            let settled = match &finished.files {
                Some(files) => settle(folder, wave, (&finished, files), progress),
                None => Err(stopped_in(folder)),
            };
            match settled {
                Ok(settlement) => return Ok(Ok((finished.job, settlement))),
                Err(error) => (Some(finished.job), error),
            }
        }
        Err(error) => (error.job_in_doubt(), RunError::from(error)),
    };
    let why = format!("Its job came to nothing ({error})");
    let rows = chunk.first..chunk.first + chunk.rows;
    unsent::rows(
        (folder, wave),
        rows,
        (job, &why),
        &mut progress.judged.outcomes,
    )?;
    Ok(Err(error))
}

fn settle(
    folder: &Path,
    wave: &SealedWave,
    (finished, files): (&FinishedJob, &ResultFiles),
    progress: &mut Progress,
) -> Result<Settlement, RunError> {
    let outcomes = &mut progress.judged.outcomes;
    let rows = finished.chunk.first..finished.chunk.first + finished.chunk.rows;
    let sent = results::sent_rows(wave, rows, folder)?;
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
        locked: 0,
        took_ms: 0,
    }
}
