//! What a cut run left under way: jobs that went on in the org while nobody watched, and rows
//! that were judged by an org of yesterday.

use std::sync::Arc;

use crate::intake::{Input, Windows};
use crate::journal::JobRecord;
use crate::model::event::Event;
use crate::model::rejection::Rejected;
use crate::model::user::CheckedRow;
use crate::org_state::OrgState;
use crate::pipeline::work::{Run, Shared};
use crate::pipeline::{
    CorridorError, RunError, execute, job_end, late, provision, state, stopping,
};
use crate::plan;
use crate::upload::{self, Sending};
use crate::validate::{self, Program};

/// Takes every job of the journal that is not over to its end, one after another.
pub(super) async fn finish(run: Run<'_>, work: &Shared) -> Result<(), RunError> {
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

/// Judges the rows that were never sent by the org as it is now; those that became impossible are
/// rejected with the reason. Rows that were tried once are left to the org: what stands there now
/// may be their own user.
pub(super) async fn recheck(run: Run<'_>, work: &Shared, input: &Input) -> Result<(), RunError> {
    let walk = run.walk;
    let nothing_left = work
        .compute(walk, |work| {
            !work.plan.has_row(&|row| work.outcomes.wants_sending(row))
        })
        .await;
    if nothing_left {
        return Ok(());
    }
    let wanted = provision::wanted(input.layout());
    let org_state = Arc::new(Box::pin(state::fresh_enough(walk, wanted)).await?);
    let program = validate::prepare(input.layout(), &walk.settings.program, &org_state)?;
    let program = Arc::new(program);
    let mut windows = input.windows()?;
    loop {
        let (program, org_state) = (program.clone(), org_state.clone());
        let (back, rejected) = work
            .compute(walk, move |work| {
                let is_new =
                    |row| work.outcomes.wants_sending(row) && work.outcomes.tries(row) == 0;
                let rejected = next_rejected(&mut windows, (&program, &org_state), &is_new);
                (windows, rejected)
            })
            .await;
        windows = back;
        let Some(rejected) = rejected? else {
            return Ok(());
        };
        late::reject(run, work, rejected).await?;
    }
}

fn next_rejected(
    windows: &mut Windows,
    (program, org_state): (&Program, &OrgState),
    is_new: &dyn Fn(crate::model::id::RowOrdinal) -> bool,
) -> Result<Option<Vec<Rejected>>, RunError> {
    let Some(window) = windows.next().transpose()? else {
        return Ok(None);
    };
    let checked = validate::all(&window, program, org_state);
    let rejected = checked.rows.into_iter().filter_map(|row| match row {
        CheckedRow::Rejected(rejected) if is_new(rejected.row) => Some(rejected),
        CheckedRow::Rejected(_) | CheckedRow::Accepted(_) => None,
    });
    Ok(Some(rejected.collect()))
}
