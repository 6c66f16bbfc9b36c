//! A run that stopped is taken up by another process, from its folder alone.
//!
//! The journal says where everything stood, the folder holds plan, results and input; all of it
//! must be as the run left it. What was decided is decided again from the same files, in the same
//! order; then the walk goes on like any other.

use std::fs;
use std::path::{Path, PathBuf};

use crate::intake::{self, Input, IntakeError, Windows};
use crate::journal::{self, Decision, Entry, JobStep, Journal, RunState};
use crate::model::id::JobId;
use crate::model::settings::Settings;
use crate::model::summary::RunSummary;
use crate::model::wave::SealedWave;
use crate::pipeline::breaker::Breaker;
use crate::pipeline::kept_plan::KeptPlan;
use crate::pipeline::provision::{Planned, judged_and_sealed, pause};
use crate::pipeline::run_file::{ResumeSettings, RunFile};
use crate::pipeline::work::{Shared, Work};
use crate::pipeline::{
    Command, CorridorError, RunError, Walk, ending, job_end, lock, opening, under_way, unsent,
};
use crate::plan::{self, Plan};
use crate::results::{self, Outcomes, RetryPolicy};
use crate::upload::{self, JobSeen, Tempo};

/// The settings of a walk that takes up the run in this folder, and the command that began it.
pub fn settings(folder: &Path, anew: ResumeSettings) -> Result<(Settings, Command), RunError> {
    let file = RunFile::read(folder)?;
    let command = match file.command.as_str() {
        "run" => Command::Run,
        "rehearse" => Command::Rehearse,
        _ => {
            let path = folder.to_owned();
            return Err(CorridorError::NothingToResume { path }.into());
        }
    };
    Ok((file.settings(folder, anew), command))
}

/// The newest run below a folder that has something to finish.
pub fn newest_unfinished(runs: &Path) -> Result<PathBuf, RunError> {
    let nothing = || CorridorError::NothingToResume {
        path: runs.to_owned(),
    };
    let mut folders: Vec<PathBuf> = fs::read_dir(runs)
        .map_err(|_| nothing())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    // Names begin with the time the run began.
    folders.sort();
    let found = folders
        .into_iter()
        .rev()
        .find(|run| lock::is_unfinished(run));
    Ok(found.ok_or_else(nothing)?)
}

/// Takes a run up where it stood: refuses what does not fit together, decides again what was
/// decided.
pub async fn take_up(walk: &Walk) -> Result<Planned, RunError> {
    let planned = again(walk, "resume").await?;
    let has_passed = planned.is_confirmed() || !planned.is_taken_up;
    if walk.command != Command::Run || has_passed {
        return Ok(planned);
    }
    // Its first process may have died at the gate, or before anybody was asked.
    let passed = under_way::at_the_gate(walk, &planned).await;
    passed.map(|()| planned).map_err(|why| {
        let folder = walk.folder().to_owned();
        let why = Box::new(why);
        CorridorError::NotBegun { folder, why }.into()
    })
}

/// Ends a run that stopped: its jobs are stopped, what they made is settled, everything else is
/// written down as not sent.
pub async fn abort(walk: &Walk) -> Result<RunSummary, RunError> {
    let mut planned = again(walk, "abort").await?;
    let ended = end_now(walk, &mut planned).await;
    ended.map_err(|why| pause(walk, &planned, why))
}

async fn end_now(walk: &Walk, planned: &mut Planned) -> Result<RunSummary, RunError> {
    let run = planned.run(walk);
    under_way::stop(run, &planned.work).await?;
    let (rows, why) = (planned.kept.summary.rows, "The run was aborted");
    planned
        .work
        .compute(walk, move |work| unsent::the_rest(work, rows, why))
        .await?;
    ending::write(walk, planned, Some("the run was aborted")).await
}

async fn again(walk: &Walk, command: &str) -> Result<Planned, RunError> {
    let folder = walk.folder().to_owned();
    if !folder.join(journal::FILE_NAME).exists() {
        return Err(without_journal(&folder));
    }
    let (journal, found) = Journal::reopen(&folder, walk.journal_clock(), &walk.disks)?;
    let file = RunFile::read(&folder)?;
    belongs_together(walk, &found.state, &file).await?;
    let lock = opening::org_of_run(walk, &found.state)?;
    let input = kept_input(walk)?;
    journal.record(Entry::RunResumed {
        command: command.to_owned(),
    })?;
    let Some(record) = found.state.plan().cloned() else {
        // Nothing was planned, so nothing was sent: it starts over.
        return judged_and_sealed(walk, (input, journal, lock), &file.digest()).await;
    };
    let (rows_path, windows) = (input.rows_path().to_owned(), input.windows()?);
    let (state, policy) = (found.state, job_end::policy(walk));
    let stopping = walk.settings.stopping.clone();
    let (mut work, fingerprint) = walk
        .compute(move || {
            let fingerprint = is_unchanged(windows, &rows_path, &record.input_sha256)?;
            let plan = Plan::load(&folder)?;
            if plan.digest() != record.sha256 {
                return Err(RunError::from(CorridorError::PlanChanged { run: folder }));
            }
            results_are_unchanged(&folder, &state)?;
            let outcomes = Outcomes::load(&folder);
            let outcomes = outcomes.map_err(|error| job_end::of_the_run(error.into()))?;
            let work = Work::new(stopping.failures_max, plan, outcomes);
            let mut work = decided_again(&folder, &state, work, policy)?;
            if stopping.counts_anew {
                work.breaker = Breaker::new(stopping.failures_max);
            }
            Ok((work, fingerprint))
        })
        .await?;
    learned_again(walk, &journal.state(), &mut work);
    let kept = KeptPlan::load(walk.folder())?;
    let input_sha256 = journal
        .state()
        .plan()
        .map_or_else(String::new, |plan| plan.input_sha256.clone());
    Ok(Planned {
        kept,
        input,
        input_sha256,
        fingerprint,
        journal,
        work: Shared::new(work),
        rejections: None,
        is_taken_up: true,
        lock,
    })
}

/// Why a journal says nothing of a run: it never began, or the folder was robbed of its journal.
fn without_journal(folder: &Path) -> RunError {
    let path = folder.join(journal::FILE_NAME);
    if Plan::has_begun(folder) {
        CorridorError::RunFileDamaged { path }.into()
    } else {
        CorridorError::NothingToResume { path }.into()
    }
}

/// Org, user and settings must be those of the run.
async fn belongs_together(walk: &Walk, state: &RunState, file: &RunFile) -> Result<(), RunError> {
    let run = || walk.folder().to_owned();
    if let Some(exit) = state.ended() {
        return Err(CorridorError::AlreadyEnded { run: run(), exit }.into());
    }
    let Some(opened) = state.opened() else {
        return Err(without_journal(walk.folder()));
    };
    if opened.settings_sha256 != file.digest() {
        let path = RunFile::path(walk.folder());
        return Err(CorridorError::RunFileDamaged { path }.into());
    }
    let user = walk.org.user_info().await?;
    let found = (user.org_id.to_string(), user.user_id.to_string());
    if found.0 != opened.org_id {
        let (run, found, expected) = (run(), found.0, opened.org_id.clone());
        return Err(CorridorError::RunOfAnotherOrg {
            run,
            found,
            expected,
        }
        .into());
    }
    if found.1 != opened.user_id {
        let (run, found, expected) = (run(), found.1, opened.user_id.clone());
        return Err(CorridorError::RunOfAnotherUser {
            run,
            found,
            expected,
        }
        .into());
    }
    Ok(())
}

/// The rows as the run reads them: from its own copy, where it made one.
fn kept_input(walk: &Walk) -> Result<Input, RunError> {
    let path = match walk.command {
        Command::Run => opening::copy_of_input(walk.folder()),
        Command::Check | Command::Rehearse => walk.settings.contacts.clone(),
    };
    let opened = intake::open(&path, &walk.settings.input);
    opened.map_err(|error| match error {
        error if walk.command != Command::Run => error.into(),
        // The run could read it when it made it.
        IntakeError::Unreadable { source, .. } => CorridorError::of(source, path).into(),
        _ => CorridorError::RunFileDamaged { path }.into(),
    })
}

/// Reads the input once, to know that it is the run's; gives its fingerprint.
fn is_unchanged(mut windows: Windows, path: &Path, sha256: &str) -> Result<Option<u128>, RunError> {
    let path = path.to_owned();
    match windows.by_ref().find_map(Result::err) {
        Some(IntakeError::Unreadable { source, .. }) => Err(CorridorError::of(source, path).into()),
        None if windows.sha256().as_deref() == Some(sha256) => Ok(windows.fingerprint()),
        Some(_) | None => Err(CorridorError::RunFileDamaged { path }.into()),
    }
}

/// Result files say which users are ours: changed ones are not believed.
fn results_are_unchanged(folder: &Path, state: &RunState) -> Result<(), RunError> {
    for job in state.jobs() {
        let id = job.id.as_deref().and_then(|id| JobId::parse(id).ok());
        let (Some(id), Some(stored)) = (id, &job.results_sha256) else {
            continue;
        };
        let found = upload::result_files(folder, id).sha256();
        job_end::are_unchanged((folder, id), found, stored)?;
    }
    Ok(())
}

/// Applies every decision of the journal to a plan as it was sealed.
fn decided_again(
    folder: &Path,
    state: &RunState,
    mut work: Work,
    policy: RetryPolicy,
) -> Result<Work, RunError> {
    let mut wave: Option<SealedWave> = None;
    for decision in state.decisions() {
        match decision {
            Decision::Rejected { file, sha256 } => {
                let read = results::read_rejected(&folder.join(file), sha256);
                for rejected in read.map_err(|error| job_end::of_the_run(error.into()))? {
                    work.outcomes.reject(&rejected)?;
                }
            }
            Decision::Settled(place) => {
                let job = &state.jobs()[*place];
                let (Some(sealed), JobStep::Settled(proof)) = (state.wave_of(job), job.step) else {
                    continue;
                };
                let is_it = |wave: &SealedWave| wave.file == sealed.file;
                let loaded = match wave.take().filter(is_it) {
                    Some(loaded) => loaded,
                    None => plan::load_sealed(folder, sealed)?,
                };
                job_end::settle_again(&mut work, (folder, &loaded), (job, proof), policy)?;
                wave = Some(loaded);
            }
        }
    }
    Ok(work)
}

/// What the settled jobs taught about the pace of their waves.
fn learned_again(walk: &Walk, state: &RunState, work: &mut Work) {
    let waves = work.plan.waves().to_vec();
    for job in state.jobs() {
        let (JobStep::Settled(_), Some(wave)) =
            (job.step, waves.iter().find(|wave| wave.number == job.wave))
        else {
            continue;
        };
        let fresh = || Tempo::new(wave.letter, wave.role_based, &walk.settings.pacing);
        let tempo = work.tempos.entry(wave.number).or_insert_with(fresh);
        tempo.learn(&JobSeen {
            rows: job.rows,
            failed: job.failed,
            locked: job.locked,
            took_ms: job.took_ms,
            untried: job.unprocessed,
        });
    }
}
