//! One wave after another: seal, send its chunks over as many lanes as it may have, settle, and
//! again with the rows that are worth it.
//!
//! An account is never in two jobs at once: a chunk that begins with the account its predecessor
//! ended with waits until that one is done. When something speaks against going on, nothing new is
//! sent; what runs is settled, and the journal says the rest.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::journal::Entry;
use crate::model::change::ChangeKind;
use crate::model::event::Event;
use crate::model::limits::ROUNDS_PER_WAVE_MAX;
use crate::model::wave::{SealedWave, WaveLetter};
use crate::pipeline::chunk_line::ChunkLine;
use crate::pipeline::work::{Run, Shared, Work};
use crate::pipeline::{CorridorError, RunError, job_end, seats, stopping};
use crate::plan::{PlanError, PlannedWave};
use crate::upload::{self, Chunk, Desk, Sending, Tempo, UploadError};

/// Sends every wave of the plan, in order; an error is what keeps it from going on.
pub(super) async fn waves(run: Run<'_>, work: &Shared) -> Result<(), RunError> {
    let waves = work.with(|work| work.plan.waves().to_vec());
    for wave in &waves {
        rounds(run, work, wave).await?;
    }
    Ok(())
}

/// One planned wave, again as long as rows of it want sending or rows of later waves move up. Where
/// nothing is left to send, nothing speaks against going on.
async fn rounds(run: Run<'_>, work: &Shared, wave: &PlannedWave) -> Result<(), RunError> {
    for _ in 0..ROUNDS_PER_WAVE_MAX {
        let of = wave.clone();
        let is_over = work
            .compute(run.walk, move |work| {
                promote(work, &of);
                !wants_anything(work, &of)
            })
            .await;
        if is_over {
            return Ok(());
        }
        stopping::may_go_on(run, work)?;
        if wave.kind == ChangeKind::CreateUser {
            seats::recount(run, work, wave).await?;
        }
        let round = run.journal.state().round_of(wave.number) + 1;
        let position = wave.number;
        let sealed = work
            .compute(run.walk, move |work| seal(work, position, round))
            .await?;
        // None of them found a seat: those behind them in their accounts come next.
        let Some(sealed) = sealed.map(Arc::new) else {
            continue;
        };
        back_off(run, work, &sealed).await;
        run.journal.record(wave_sealed(&sealed))?;
        one_wave(run, work, &sealed).await?;
    }
    Err(CorridorError::WaveWithoutEnd {
        wave: wave.name(),
        rounds: ROUNDS_PER_WAVE_MAX,
    }
    .into())
}

/// Where the rows that were to make an account's roles failed, the next rows of that account take
/// their place in the same wave; so roles are still made one at a time (R-1003).
fn promote(work: &mut Work, wave: &PlannedWave) {
    match wave.letter {
        WaveLetter::A | WaveLetter::B => {
            let outcomes = &work.outcomes;
            work.plan.promote(&|row| outcomes.failed_at(row).is_some());
        }
        WaveLetter::C => {}
    }
}

/// Is anything of this wave to be sent, for the first time or again?
fn wants_anything(work: &Work, wave: &PlannedWave) -> bool {
    match wave.kind {
        ChangeKind::CreateUser => work.plan.wave_has_row(wave, &|row| work.is_due(row)),
        ChangeKind::AssignPermissionSet => {
            let mut wanted = work.plan.wanted_sets();
            wanted.any(|(row, set)| work.outcomes.wants_assignment(row, set))
        }
    }
}

/// The wave as it is sent now: rows that want sending only. None when there are none.
fn seal(work: &mut Work, number: u32, round: u32) -> Result<Option<SealedWave>, PlanError> {
    let plan = &work.plan;
    let waves = plan.waves();
    let Some(wave) = waves.iter().find(|wave| wave.number == number) else {
        return Ok(None);
    };
    match wave.kind {
        ChangeKind::CreateUser if !plan.wave_has_row(wave, &|row| work.is_due(row)) => Ok(None),
        ChangeKind::CreateUser => {
            let renewal = |row| work.outcomes.renewal_of(row);
            let sealed = plan.seal(wave, round, &|row| work.is_due(row), &renewal)?;
            Ok(Some(sealed))
        }
        ChangeKind::AssignPermissionSet => {
            let outcomes = &work.outcomes;
            plan.seal_permission_sets(wave.number, round, &|row, set| {
                let user = outcomes.user_of(row)?;
                outcomes.wants_assignment(row, set).then_some(user)
            })
        }
    }
}

/// Rows that go again go later: what made them wait needs time to pass, more each time. A round
/// that only takes up what another process left has nothing to wait for.
async fn back_off(run: Run<'_>, work: &Shared, wave: &SealedWave) {
    let tries = work.with(|work| match wave.kind {
        ChangeKind::CreateUser => {
            let rows = wave.rows.iter();
            rows.map(|row| work.outcomes.tries(row.row))
                .max()
                .unwrap_or(0)
        }
        ChangeKind::AssignPermissionSet => work.outcomes.assignment_tries_max(),
    });
    if tries == 0 {
        return;
    }
    let seed = run.walk.settings.seed ^ u64::from(wave.number);
    let wait = Duration::from_millis(Tempo::back_off_ms(u32::from(tries) + 1, seed));
    run.walk.say(&Event::Said(format!(
        "round {} of wave {}: {} rows go again in {} s",
        wave.round,
        wave.number,
        wave.rows.len(),
        wait.as_secs()
    )));
    tokio::select! {
        biased;
        () = run.walk.cancel.cancelled() => {}
        () = stopping::until(run.deadline) => {}
        () = sleep(wait) => {}
    }
}

/// What a chunk came to: its job settled, or why it was not sent.
type Ended = (Chunk, Result<Option<String>, RunError>);

async fn one_wave(run: Run<'_>, work: &Shared, wave: &Arc<SealedWave>) -> Result<(), RunError> {
    let desk = &desk(run);
    let mut line = ChunkLine::new(wave);
    let settling = Mutex::new(());
    let settling = &settling;
    let mut in_flight = FuturesUnordered::new();
    let mut stopped: Option<RunError> = None;
    let batches_left = job_end::batches_left(run).await;
    loop {
        while stopped.is_none() && line.rows_left() > 0 {
            let wait = stopping::until_window_opens(run);
            if !wait.is_zero() {
                if !in_flight.is_empty() {
                    break;
                }
                stopping::wait_for_window(run, wait).await;
            }
            if let Err(error) = stopping::may_go_on(run, work) {
                stopped = Some(error);
                break;
            }
            let rows_left = line.rows_left() as u64;
            let (lanes, limits) = work.with(|work| {
                let tempo = tempo_of(work, wave, run);
                (tempo.lanes(), tempo.limits(rows_left, batches_left))
            });
            if in_flight.len() >= lanes {
                break;
            }
            let Some(chunk) = line.next(in_flight.is_empty(), &limits) else {
                break;
            };
            in_flight.push(async move {
                let sent = upload::send(desk, wave, &chunk).await;
                let ended = settled(run, work, (wave, desk, settling), sent).await;
                (chunk, ended)
            });
        }
        let ended: Option<Ended> = tokio::select! {
            biased;
            ended = in_flight.next() => ended,
            () = stopping::until(run.deadline) => {
                // What runs in the org goes on; the journal knows it.
                return Err(stopped.unwrap_or_else(|| CorridorError::WaitOver.into()));
            }
        };
        let Some(ended) = ended else {
            break;
        };
        let after = after_job(run, &mut line, ended);
        stopped = stopped.or(after.err());
    }
    stopped.map_or(Ok(()), Err)
}

/// Settles a job that ended, beside those that run: settling asks the org, and a job whose turn
/// to ask has come must get on, or nobody's turn ever comes again. One is settled at a time, so that
/// outcomes are decided in the order of the journal. Goes out: why nothing was sent, if it was not.
async fn settled(
    run: Run<'_>,
    work: &Shared,
    (wave, desk, settling): (&Arc<SealedWave>, &Desk<'_>, &Mutex<()>),
    sent: Result<Sending, UploadError>,
) -> Result<Option<String>, RunError> {
    match sent? {
        Sending::Finished(finished) => {
            let _one_at_a_time = settling.lock().await;
            job_end::settle(run, work, (wave, desk), finished).await?;
            Ok(None)
        }
        Sending::NotSent { why } => Ok(Some(why)),
    }
}

/// Puts rows that were not sent back into the line.
fn after_job(
    run: Run<'_>,
    line: &mut ChunkLine<'_>,
    (chunk, ended): Ended,
) -> Result<(), RunError> {
    match ended? {
        Some(why) if !line.take_back(chunk) && !run.walk.cancel.is_cancelled() => {
            Err(CorridorError::CannotSend { why }.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// The desk from which jobs of this run are sent.
pub(super) fn desk(run: Run<'_>) -> Desk<'_> {
    let walk = run.walk;
    Desk {
        org: &walk.org,
        journal: run.journal,
        run_folder: walk.folder(),
        pacing: &walk.settings.pacing,
        events: &walk.events,
        cancel: &walk.cancel,
    }
}

/// The pace of a wave: what its earlier rounds taught, or the careful beginning.
pub(super) fn tempo_of<'w>(work: &'w mut Work, wave: &SealedWave, run: Run<'_>) -> &'w mut Tempo {
    let pacing = &run.walk.settings.pacing;
    let fresh = || Tempo::new(wave.letter, wave.role_based, pacing);
    work.tempos.entry(wave.number).or_insert_with(fresh)
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
