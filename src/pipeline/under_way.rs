//! What a cut run left under way: jobs that went on in the org while nobody watched, and rows
//! that were judged by an org of yesterday.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::intake::{Input, Windows};
use crate::journal::JobRecord;
use crate::model::event::Event;
use crate::model::id::ProfileId;
use crate::model::rejection::Rejected;
use crate::model::user::CheckedRow;
use crate::org_state::OrgState;
use crate::pipeline::gate::Newcomers;
use crate::pipeline::provision::Planned;
use crate::pipeline::work::{Run, Shared};
use crate::pipeline::{
    Command, CorridorError, RunError, Walk, execute, forecast, gate, job_end, late, provision,
    state, stopping,
};
use crate::plan;
use crate::results::Outcomes;
use crate::upload::{self, Sending};
use crate::validate::{self, Program};

/// Brings a run to where it can send: one that another process began is finished as far as that
/// one came, and its rest judged anew.
pub(super) async fn catch_up(run: Run<'_>, planned: &Planned) -> Result<(), RunError> {
    if planned.is_taken_up {
        finish(run, &planned.work).await?;
        recheck(run, planned).await?;
    }
    // Not before: reading the org anew says that nothing changed it since.
    run.walk.outdate_cache(&planned.kept.identity.org_id)
}

/// Takes every job of the journal that is not over to its end, one after another.
async fn finish(run: Run<'_>, work: &Shared) -> Result<(), RunError> {
    each(run, work, AndThen::GoOn).await
}

/// Stops every such job, and settles what it made before it stopped.
pub(super) async fn stop(run: Run<'_>, work: &Shared) -> Result<(), RunError> {
    each(run, work, AndThen::Stop).await
}

/// What is done with a job that works in the org.
#[derive(Debug, Clone, Copy)]
enum AndThen {
    GoOn,
    Stop,
}

async fn each(run: Run<'_>, work: &Shared, then: AndThen) -> Result<(), RunError> {
    let state = run.journal.state();
    for job in state.jobs_under_way() {
        let ended = tokio::select! {
            biased;
            ended = one(run, work, job, then) => ended,
            () = run.walk.cancel.cancelled() => Err(CorridorError::Stopped.into()),
            () = stopping::until(run.deadline) => Err(CorridorError::WaitOver.into()),
        };
        ended?;
    }
    Ok(())
}

async fn one(run: Run<'_>, work: &Shared, job: &JobRecord, then: AndThen) -> Result<(), RunError> {
    let state = run.journal.state();
    let Some(sealed) = state.wave_of(job) else {
        let path = run.walk.folder().join(crate::journal::FILE_NAME);
        return Err(CorridorError::RunFileDamaged { path }.into());
    };
    let wave = Arc::new(plan::load_sealed(run.walk.folder(), sealed)?);
    let name = job.id.as_deref().unwrap_or("whose id never came");
    run.walk.say(&Event::Said(format!(
        "job {name} was under way ({:?}): looking what became of it",
        job.step
    )));
    let desk = &execute::desk(run);
    let sending = match then {
        AndThen::GoOn => upload::take_up(desk, &wave, job).await?,
        AndThen::Stop => upload::stop(desk, &wave, job).await?,
    };
    match sending {
        Sending::Finished(finished) => job_end::settle(run, work, (&wave, desk), finished).await,
        Sending::NotSent { .. } => Ok(()),
    }
}

/// Holds a plan that was never confirmed against the whole gate, as the org is now: the process
/// that made the plan may have died before it came there.
pub(super) async fn at_the_gate(walk: &Walk, planned: &Planned) -> Result<(), RunError> {
    let (program, org_state) = as_it_is_now(walk, &planned.input).await?;
    let active = planned
        .work
        .with(|work| work.plan.counts().active_by_profile.clone());
    let plan = &planned.kept.summary;
    let newcomers = Newcomers {
        users: plan.accepted,
        mails: forecast::mails(&program, &org_state, &active),
        site: program.site_name(),
    };
    gate::pass(walk, &org_state, (plan, newcomers)).await
}

/// Rows that want sending, as the org's state of now sees them.
#[derive(Default)]
struct Rest {
    rejected: Vec<Rejected>,
    /// How many may be sent.
    accepted: u64,
    /// Those of them that are active from the start, by profile.
    active: BTreeMap<ProfileId, u64>,
}

/// Judges the rows that were never sent by the org as it is now; those that became impossible are
/// rejected with the reason. Rows that were tried once are left to the org: what stands there now
/// may be their own user. What is left goes through the gate once more.
async fn recheck(run: Run<'_>, planned: &Planned) -> Result<(), RunError> {
    let (walk, work) = (run.walk, &planned.work);
    let nothing_left = work
        .compute(walk, |work| {
            !work.plan.has_row(&|row| work.outcomes.wants_sending(row))
        })
        .await;
    if nothing_left {
        return Ok(());
    }
    let (program, org_state) = as_it_is_now(walk, &planned.input).await?;
    let mut windows = planned.input.windows()?;
    let (mut users, mut active) = (0, BTreeMap::new());
    loop {
        let (program, org_state) = (program.clone(), org_state.clone());
        let (back, checked) = work
            .compute(walk, move |work| {
                let checked = next_checked(&mut windows, (&program, &org_state), &work.outcomes);
                (windows, checked)
            })
            .await;
        windows = back;
        let Some(checked) = checked? else {
            break;
        };
        users += checked.accepted;
        for (profile, count) in checked.active {
            *active.entry(profile).or_default() += count;
        }
        late::reject(run, work, checked.rejected).await?;
    }
    let rest = Newcomers {
        users,
        mails: forecast::mails(&program, &org_state, &active),
        site: program.site_name(),
    };
    match walk.command {
        Command::Run => gate::pass_again(walk, &org_state, rest).await,
        // Its org lives no longer than its process: nothing there can have changed.
        Command::Check | Command::Rehearse => Ok(()),
    }
}

async fn as_it_is_now(
    walk: &Walk,
    input: &Input,
) -> Result<(Arc<Program>, Arc<OrgState>), RunError> {
    let wanted = provision::wanted(input.layout());
    let org_state = Arc::new(Box::pin(state::fresh_enough(walk, wanted)).await?);
    let program = validate::prepare(input.layout(), &walk.settings.program, &org_state)?;
    Ok((Arc::new(program), org_state))
}

fn next_checked(
    windows: &mut Windows,
    (program, org_state): (&Program, &OrgState),
    outcomes: &Outcomes,
) -> Result<Option<Rest>, RunError> {
    let Some(window) = windows.next().transpose()? else {
        return Ok(None);
    };
    let checked = validate::in_parts(Vec::new(), &window, program, org_state);
    let mut rest = Rest::default();
    for row in checked.into_iter().flat_map(|part| part.rows) {
        if !outcomes.wants_sending(row.row()) {
            continue;
        }
        match row {
            CheckedRow::Rejected(rejected) if outcomes.tries(rejected.row) == 0 => {
                rest.rejected.push(rejected);
            }
            CheckedRow::Rejected(_) => {}
            CheckedRow::Accepted(user) => {
                rest.accepted += 1;
                if user.takes_seat {
                    *rest.active.entry(user.profile).or_default() += 1;
                }
            }
        }
    }
    Ok(Some(rest))
}
