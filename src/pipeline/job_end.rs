//! A job has ended: its results are joined to the rows sent, what they leave open is asked of the
//! org, and every row of it gets its outcome. Replaying a journal decides by the same steps, from
//! the same files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::journal::{Entry, JobRecord, Proof};
use crate::model::change::{AskedKey, ChangeKind};
use crate::model::event::RunStage;
use crate::model::id::JobId;
use crate::model::wave::SealedWave;
use crate::pipeline::execute::tempo_of;
use crate::pipeline::work::{Run, Shared, Work};
use crate::pipeline::{CorridorError, RunError, Walk};
use crate::results::{self, EndedJob, ResultsError, SentRow, SettleReport, Settlement};
use crate::upload::{self, Desk, FinishedJob, JobSeen, ResultFiles};

/// The allowance that counts internal batches of jobs, as the org names it (bulk-api-2 §6).
const BATCHES: &str = "DailyBulkApiBatches";

/// A job's rows, joined to what the org said of them.
struct Joined {
    sent: Vec<SentRow>,
    settlement: Settlement,
    /// What the org is to be asked about; a replay asks nothing.
    asked: Vec<AskedKey>,
}

/// Settles a finished job and journals that.
pub(super) async fn settle(
    run: Run<'_>,
    work: &Shared,
    (wave, desk): (&Arc<SealedWave>, &Desk<'_>),
    finished: FinishedJob,
) -> Result<(), RunError> {
    let report = settled(run, work, (wave, desk), finished).await?;
    // A row counts once, when it will not go again; permission sets come on top.
    if wave.kind == ChangeKind::CreateUser {
        let ended = report.rows() - report.again;
        run.walk.advance(RunStage::Provision, ended);
    }
    match report.stops_run {
        Some(fault) => Err(CorridorError::OrgRefusesAll {
            code: fault.code,
            reason: fault.reason,
            fix: fault.fix,
        }
        .into()),
        None => Ok(()),
    }
}

async fn settled(
    run: Run<'_>,
    work: &Shared,
    (wave, desk): (&Arc<SealedWave>, &Desk<'_>),
    finished: FinishedJob,
) -> Result<SettleReport, RunError> {
    let job = finished.job;
    let (first, rows) = (finished.chunk.first, finished.chunk.rows);
    let (folder, of, files) = (
        run.walk.folder().to_owned(),
        wave.clone(),
        finished.files.clone(),
    );
    let whole = finished.is_whole;
    let joined = work
        .compute(run.walk, move |work| {
            let mut joined = join((&folder, &of), first..first + rows, files.as_ref())?;
            let (sent, settlement) = (&joined.sent, &joined.settlement);
            let earlier = |row: &SentRow| work.outcomes.was_sent(row);
            joined.asked = results::to_ask(sent, settlement, whole, &earlier);
            Ok::<_, RunError>(joined)
        })
        .await?;
    let answers = if joined.asked.is_empty() {
        None
    } else {
        Some(upload::ask(desk, job, wave.kind, &joined.asked).await?)
    };
    let kind = wave.kind;
    let policy = policy(run.walk);
    let said = finished.said.clone();
    let (report, settlement) = work
        .compute(run.walk, move |work| {
            let ended = EndedJob {
                id: job,
                said: said.as_deref(),
            };
            decide(work, (ended, kind), joined, answers.as_deref(), policy)
        })
        .await?;
    warn_of_odd_results(run, job, &settlement);
    run.journal.record(Entry::RowsSettled {
        job: job.to_string(),
        created: report.created,
        failed: report.failed,
        unprocessed: report.unprocessed,
        unaccounted: report.unaccounted,
        locked: report.locked,
        took_ms: finished.took_ms,
    })?;
    let seen = JobSeen {
        rows: rows as u64,
        failed: report.failed,
        locked: report.locked,
        took_ms: finished.took_ms,
        untried: report.unprocessed,
    };
    learn(run, work, wave, &seen);
    work.with(|work| {
        work.breaker
            .see(report.last_words.iter().map(Option::as_deref));
    });
    Ok(report)
}

/// Decides once more what a settled job decided, from its files.
pub(super) fn settle_again(
    work: &mut Work,
    (folder, wave): (&Path, &SealedWave),
    (record, proof): (&JobRecord, Proof),
    policy: results::RetryPolicy,
) -> Result<(), RunError> {
    let id = record.id.as_deref().and_then(|id| JobId::parse(id).ok());
    let Some(job) = id else {
        let path = folder.join(crate::journal::FILE_NAME);
        return Err(CorridorError::RunFileDamaged { path }.into());
    };
    let first = usize::try_from(record.first).unwrap_or(usize::MAX);
    let rows = usize::try_from(record.rows).unwrap_or(usize::MAX);
    let files = proof.results.then(|| upload::result_files(folder, job));
    let rows = first..first.saturating_add(rows);
    let joined = join((folder, wave), rows, files.as_ref()).map_err(of_the_run)?;
    let answers = proof.answers.then(|| upload::answers_path(folder, job));
    if let (Some(path), Some(stored)) = (&answers, &record.answers_sha256) {
        are_unchanged((folder, job), upload::answers_sha256(path), stored)?;
    }
    let ended = EndedJob {
        id: job,
        said: record.said.as_deref(),
    };
    let decided = decide(work, (ended, wave.kind), joined, answers.as_deref(), policy);
    let (report, _) = decided.map_err(of_the_run)?;
    let counted = [
        report.created,
        report.failed,
        report.unprocessed,
        report.unaccounted,
    ];
    let journaled = [
        record.created,
        record.failed,
        record.unprocessed,
        record.unaccounted,
    ];
    if counted != journaled {
        return Err(of_job(folder, job));
    }
    work.breaker
        .see(report.last_words.iter().map(Option::as_deref));
    Ok(())
}

/// Files of a job must have the digest they were stored with.
pub(super) fn are_unchanged(
    (folder, job): (&Path, JobId),
    found: io::Result<String>,
    stored: &str,
) -> Result<(), RunError> {
    match found {
        Ok(found) if found == stored => Ok(()),
        Ok(_) => Err(of_job(folder, job)),
        Err(source) => Err(CorridorError::of(source, files_of(folder, job)).into()),
    }
}

/// The files of a job say something else than they did.
fn of_job(folder: &Path, job: JobId) -> RunError {
    let path = files_of(folder, job);
    CorridorError::RunFileDamaged { path }.into()
}

fn files_of(folder: &Path, job: JobId) -> PathBuf {
    folder.join(format!("{}/{job}-*.csv", upload::JOBS_FOLDER))
}

/// What was read once and is gone was taken away; anything else can be mended before the run goes
/// on.
pub(super) fn of_the_run(error: RunError) -> RunError {
    match error {
        RunError::Results(ResultsError::Unreadable { path, source }) => {
            CorridorError::of(source, path).into()
        }
        other => other,
    }
}

/// How this run treats rows the org refused.
pub(super) fn policy(walk: &Walk) -> results::RetryPolicy {
    results::RetryPolicy {
        username_on_conflict: walk.settings.program.username_on_conflict,
    }
}

/// What a job taught about the pace of its wave.
pub(super) fn learn(run: Run<'_>, work: &Shared, wave: &SealedWave, seen: &JobSeen) {
    work.with(|work| tempo_of(work, wave, run).learn(seen));
}

/// Batches the org's day has left for us; none where it does not say.
pub(super) async fn batches_left(run: Run<'_>) -> Option<u64> {
    let limits = run.walk.org.limits().await.ok()?;
    let reserve = run.walk.settings.pacing.reserve_percent;
    let batches = limits.get(BATCHES)?;
    Some(
        batches
            .remaining
            .saturating_sub(batches.max * reserve / 100),
    )
}

fn join(
    (folder, wave): (&Path, &SealedWave),
    rows: std::ops::Range<usize>,
    files: Option<&ResultFiles>,
) -> Result<Joined, RunError> {
    let sent = results::sent_rows(wave, rows, folder)?;
    let settlement = match files {
        Some(files) => joined_by_files(&sent, files)?,
        None => results::settle_without_results(&sent),
    };
    assert_eq!(
        settlement.rows.len(),
        sent.len(),
        "every row of a job is settled once"
    );
    Ok(Joined {
        sent,
        settlement,
        asked: Vec::new(),
    })
}

/// Results that cannot be read prove nothing: then every row is asked about.
fn joined_by_files(sent: &[SentRow], files: &ResultFiles) -> Result<Settlement, ResultsError> {
    let open = results::open_results(&files.successful, &files.failed, &files.unprocessed)?;
    match results::settle(sent, open) {
        Err(ResultsError::ResultBroken { .. } | ResultsError::ColumnMissing { .. }) => {
            Ok(results::settle_without_results(sent))
        }
        settled => settled,
    }
}

fn decide(
    work: &mut Work,
    (job, kind): (EndedJob<'_>, ChangeKind),
    joined: Joined,
    answers: Option<&Path>,
    policy: results::RetryPolicy,
) -> Result<(SettleReport, Settlement), RunError> {
    let Joined {
        sent,
        mut settlement,
        ..
    } = joined;
    if let Some(answers) = answers {
        results::adopt(&mut settlement, &sent, answers)?;
    }
    let rows = &settlement.rows;
    let report = match kind {
        ChangeKind::CreateUser => work.outcomes.settle(job, &sent, rows, policy)?,
        ChangeKind::AssignPermissionSet => {
            work.outcomes.settle_permission_sets(job, &sent, rows)?
        }
    };
    Ok((report, settlement))
}

fn warn_of_odd_results(run: Run<'_>, job: JobId, settlement: &Settlement) {
    if settlement.foreign_count > 0 {
        let count = settlement.foreign_count;
        let text = format!(
            "job {job} gave back {count} results for rows it was not sent; they are ignored, \
             look at its files under jobs/"
        );
        run.walk.warn("foreign-results", &text);
    }
    if !settlement.contradicted.is_empty() {
        let count = settlement.contradicted.len();
        let text = format!(
            "job {job} contradicts itself about {count} rows; a success was believed before a \
             failure, look at its files under jobs/"
        );
        run.walk.warn("contradicted-results", &text);
    }
}
