//! `check`, `rehearse`, `run`: the whole walk, on one screen.
//!
//! Up to the plan nothing changes in the org. A run shows its plan and asks between [`plan`] and
//! [`provision`]; the others go straight on. A run that was cut comes in through
//! [`take_up`](super::take_up) with the plan it had, and goes on from there.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::intake::{self, Input};
use crate::journal::{Entry, JobRecord, JobStep, Journal};
use crate::model::columns::{ColumnRole, Layout};
use crate::model::event::{Event, RunStage};
use crate::model::explain::{Exit, Explain};
use crate::model::summary::{OrgIdentity, PlanSummary, RunSummary};
use crate::model::user::PortalKind;
use crate::org_state::{OrgState, Wanted};
use crate::output::RowWriter;
use crate::pipeline::gate::Newcomers;
use crate::pipeline::judge::Judged;
use crate::pipeline::kept_plan::{KeptLicense, KeptPlan};
use crate::pipeline::lock::RunLock;
use crate::pipeline::run_file::RunFile;
use crate::pipeline::work::{Run, Shared, Work};
use crate::pipeline::{
    Command, CorridorError, RunError, Walk, ending, execute, forecast, gate, judge, opening, state,
    under_way,
};
use crate::plan::{Draft, PlanFacts};
use crate::validate;

/// Everything up to the plan; nothing is sent. Leaves the drafts, failure.csv and summary.json.
pub async fn check(walk: &Walk) -> Result<RunSummary, RunError> {
    let mut planned = plan(walk).await?;
    ending::write(walk, &mut planned, None).await
}

/// The whole job against the simulated org: the same walk a real run takes.
pub async fn rehearse(walk: &Walk) -> Result<RunSummary, RunError> {
    let planned = plan(walk).await?;
    provision(walk, planned).await
}

/// A walk between its plan and its next request that changes anything.
pub struct Planned {
    pub(super) kept: KeptPlan,
    pub(super) input: Input,
    pub(super) input_sha256: String,
    /// Tells a second reading of the same bytes from one of others.
    pub(super) fingerprint: Option<u128>,
    pub(super) journal: Journal,
    pub(super) work: Shared,
    /// The failure.csv of a `check`, without its name yet.
    pub(super) rejections: Option<RowWriter>,
    /// Was it begun by another process, and has this one not looked yet what became of it?
    pub(super) is_taken_up: bool,
    /// Keeps other runs away from this org until the walk is over.
    pub(super) lock: Option<RunLock>,
}

impl Planned {
    /// Which org, who, and what kind.
    pub fn identity(&self) -> &OrgIdentity {
        &self.kept.identity
    }

    /// What will be sent.
    pub fn summary(&self) -> &PlanSummary {
        &self.kept.summary
    }

    /// Did somebody confirm it before?
    pub fn is_confirmed(&self) -> bool {
        self.journal.state().is_confirmed()
    }

    /// What sending needs beside the work.
    pub(super) fn run<'a>(&'a self, walk: &'a Walk) -> Run<'a> {
        let wait_ms = walk.settings.stopping.wait_ms;
        Run {
            walk,
            journal: &self.journal,
            licenses: &self.kept.licenses,
            deadline: wait_ms.map(|wait| Instant::now() + Duration::from_millis(wait)),
        }
    }
}

/// Rooms 1 to 4 and the run gate: the file, the org, the rules, the plan. Asked to stop, it stops
/// where it is: nothing has been sent.
pub async fn plan(walk: &Walk) -> Result<Planned, RunError> {
    tokio::select! {
        biased;
        () = walk.cancel.cancelled() => Err(CorridorError::StoppedEarly.into()),
        planned = draw_up(walk) => planned,
    }
}

/// Rooms 5 to 7: sends what was planned, settles it, writes the files. Where something stops it
/// before its last row, no file is written: the journal says where everything stands.
pub async fn provision(walk: &Walk, mut planned: Planned) -> Result<RunSummary, RunError> {
    let ended = match send(walk, &mut planned).await {
        Ok(()) => ending::write(walk, &mut planned, None).await,
        Err(why) => Err(why),
    };
    ended.map_err(|why| pause(walk, &planned, why))
}

async fn send(walk: &Walk, planned: &mut Planned) -> Result<(), RunError> {
    confirmed(walk, planned)?;
    let rows = planned.kept.summary.accepted;
    walk.begin(RunStage::Provision, Some(rows));
    let run = planned.run(walk);
    under_way::catch_up(run, planned).await?;
    execute::waves(run, &planned.work).await?;
    planned.is_taken_up = false;
    walk.end(RunStage::Provision);
    Ok(())
}

/// From here on the run has something to finish.
pub(super) fn confirmed(walk: &Walk, planned: &mut Planned) -> Result<(), RunError> {
    if planned.is_confirmed() {
        // Whoever read the org since may have read it while jobs of this run went on.
        walk.outdate_cache(&planned.kept.identity.org_id)?;
    } else {
        planned.journal.record(Entry::PlanConfirmed)?;
    }
    if let Some(lock) = &mut planned.lock {
        lock.must_be_finished();
    }
    Ok(())
}

/// Leaves a run that sends where it stands, to be taken up later; says why and how.
pub fn pause(walk: &Walk, planned: &Planned, why: RunError) -> RunError {
    // Whoever read the org meanwhile read it too early; a run that is resumed says so once more.
    let _ = walk.outdate_cache(&planned.kept.identity.org_id);
    // A journal that cannot be written says enough by itself.
    let _ = planned.journal.record(Entry::RunPaused {
        why: why.to_string(),
    });
    let state = planned.journal.state();
    // One that was never closed does nothing.
    let is_running = |job: &&JobRecord| matches!(job.step, JobStep::Closing | JobStep::Closed);
    let running = state.jobs_under_way().filter(is_running);
    let running = running.filter_map(|job| job.id.clone()).collect();
    CorridorError::Paused {
        folder: walk.folder().to_owned(),
        running,
        why: Box::new(why),
    }
    .into()
}

/// Ends a run whose plan was not wanted; nothing was sent.
pub fn decline(walk: &Walk, planned: &Planned) -> Result<(), RunError> {
    walk.say(&Event::Said(
        "the plan was not confirmed: nothing was sent".to_owned(),
    ));
    let exit = Exit::Guard.code();
    Ok(planned.journal.record(Entry::RunEnded { exit })?)
}

async fn draw_up(walk: &Walk) -> Result<Planned, RunError> {
    let input = intake::open(&walk.settings.contacts, &walk.settings.input)?;
    for notice in input.notices() {
        walk.warn(notice.code(), &notice.text());
    }
    let lock = opening::org(walk).await?;
    let input = opening::kept(walk, input).await?;
    let file = RunFile::of(&walk.settings, walk.command);
    file.write(walk.folder())?;
    let journal = Journal::create(walk.folder(), walk.journal_clock(), &walk.disks)?;
    judged_and_sealed(walk, (input, journal, lock), &file.digest()).await
}

/// From the opened input to the sealed plan; a run that was cut before its plan was sealed starts
/// over here.
pub(super) async fn judged_and_sealed(
    walk: &Walk,
    (input, journal, lock): (Input, Journal, Option<RunLock>),
    settings_sha256: &str,
) -> Result<Planned, RunError> {
    let started_at = walk.clock.now();
    let wanted = wanted(input.layout());
    let org_state = Box::pin(state::fresh_enough(walk, wanted)).await?;
    let identity = identified(walk, &org_state);
    if journal.state().opened().is_none() {
        journal.record(Entry::RunOpened {
            command: walk.command.as_str().to_owned(),
            org_id: identity.org_id.clone(),
            user_id: identity.user_id.clone(),
            settings_sha256: settings_sha256.to_owned(),
        })?;
    }
    let program = validate::prepare(input.layout(), &walk.settings.program, &org_state)?;
    for warning in program.warnings() {
        walk.warn(warning.code.as_str(), &warning.text);
    }
    let accounts = org_state.account_count();
    let draft = Draft::create(walk.folder(), program.sent(), facts(&org_state), accounts)?;
    let program = Arc::new(program);
    let judged = judge::every_row(walk, &input, &program, org_state, draft);
    let mut judged = Box::pin(judged).await?;
    let summary = forecast::plan_summary(walk, &program, &judged);
    let kept = KeptPlan {
        started_at,
        identity,
        summary,
        licenses: licenses(&judged.org_state),
    };
    if walk.command != Command::Check {
        kept.store(walk.folder())?;
        judged.plan.store()?;
        judged.outcomes.store()?;
    }
    journal.record(Entry::PlanSealed {
        sha256: judged.plan.digest().to_owned(),
        input_sha256: judged.input_sha256.clone(),
        accepted: judged.tally.accepted,
        rejected: judged.tally.rejected,
    })?;
    let at_the_gate = (&kept.summary, Newcomers::of(&kept.summary));
    if let Err(error) = gate::pass(walk, &judged.org_state, at_the_gate).await {
        let exit = error.exit().code();
        journal.record(Entry::RunEnded { exit })?;
        return Err(error);
    }
    let Judged {
        plan,
        outcomes,
        rejections,
        input_sha256,
        fingerprint,
        ..
    } = judged;
    Ok(Planned {
        kept,
        input,
        input_sha256,
        fingerprint,
        journal,
        work: Shared::new(Work::new(
            walk.settings.stopping.failures_max,
            plan,
            outcomes,
        )),
        rejections,
        is_taken_up: false,
        lock,
    })
}

fn licenses(org_state: &OrgState) -> Vec<KeptLicense> {
    let licenses = org_state.licenses().iter().map(|license| KeptLicense {
        id: license.id.to_string(),
        name: license.name.clone(),
    });
    licenses.collect()
}

/// The org as every plan, prompt and log names it.
fn identified(walk: &Walk, org_state: &OrgState) -> OrgIdentity {
    let identity = org_state.identity().clone();
    walk.say(&Event::Said(format!(
        "{} org {} at {} as {}",
        identity.kind.as_str(),
        identity.org_id,
        identity.instance_url,
        identity.username
    )));
    identity
}

/// External id fields the headers name; the pull must bring them along.
pub(super) fn wanted(layout: &Layout) -> Wanted {
    let mut wanted = Wanted::default();
    for column in layout.columns() {
        match &column.role {
            ColumnRole::ContactExternalId(field) => wanted.contact_external_ids.push(field.clone()),
            ColumnRole::AccountExternalId(field) => wanted.account_external_ids.push(field.clone()),
            ColumnRole::Known(_)
            | ColumnRole::UserField(_)
            | ColumnRole::Other
            | ColumnRole::Ours => {}
        }
    }
    wanted
}

fn facts(org_state: &OrgState) -> PlanFacts {
    PlanFacts {
        uses_shared_roles: org_state.uses_shared_roles(),
        customer_levels: org_state.role_levels(PortalKind::Customer),
        partner_levels: org_state.role_levels(PortalKind::Partner),
    }
}
