//! `check`, `rehearse`, `run`: the whole walk, on one screen.
//!
//! Up to the plan nothing changes in the org. A run shows its plan and asks between [`plan`] and
//! [`provision`]; the others go straight on.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::intake::{self, Input};
use crate::journal::{Entry, Journal};
use crate::model::columns::{ColumnRole, Layout};
use crate::model::digest::hex;
use crate::model::event::Event;
use crate::model::explain::{Exit, Explain};
use crate::model::summary::{OrgIdentity, PlanSummary, RunSummary};
use crate::model::user::PortalKind;
use crate::org_state::{OrgState, Wanted};
use crate::pipeline::execute::{self, Executed, Sent};
use crate::pipeline::judge::{self, Judged};
use crate::pipeline::lock::RunLock;
use crate::pipeline::{CorridorError, RunError, Walk, ending, forecast, gate, opening, state};
use crate::plan::{Draft, PlanFacts};
use crate::validate;

/// Everything up to the plan; nothing is sent. Leaves the drafts, failure.csv and summary.json.
pub async fn check(walk: &Walk) -> Result<RunSummary, RunError> {
    let planned = plan(walk).await?;
    ending::write(walk, planned, Sent::default(), None).await
}

/// The whole job against the simulated org: the same walk a real run takes.
pub async fn rehearse(walk: &Walk) -> Result<Ended, RunError> {
    let planned = plan(walk).await?;
    provision(walk, planned).await
}

/// A walk between its plan and its first request that changes anything.
pub struct Planned {
    pub(super) started_at: String,
    pub(super) identity: OrgIdentity,
    pub(super) summary: PlanSummary,
    pub(super) input: Input,
    pub(super) journal: Journal,
    pub(super) judged: Judged,
    /// Keeps other runs away from this org until the walk is over.
    pub(super) _lock: Option<RunLock>,
}

impl Planned {
    /// Which org, who, and what kind.
    pub fn identity(&self) -> &OrgIdentity {
        &self.identity
    }

    /// What will be sent.
    pub fn summary(&self) -> &PlanSummary {
        &self.summary
    }
}

/// How a walk that sent something ended; its files are written either way.
#[derive(Debug)]
pub struct Ended {
    /// The numbers.
    pub summary: RunSummary,
    /// What stopped it before its last row, if anything did.
    pub stopped: Option<RunError>,
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

/// Rooms 5 to 7: sends what was planned, settles it, writes the files.
pub async fn provision(walk: &Walk, mut planned: Planned) -> Result<Ended, RunError> {
    walk.outdate_cache(&planned.identity.org_id)?;
    let executed = execute::waves(walk, &planned.journal, planned.judged).await?;
    let Executed { progress, stopped } = executed;
    planned.judged = progress.judged;
    let summary = ending::write(walk, planned, progress.sent, stopped.as_ref()).await?;
    Ok(Ended { summary, stopped })
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
    let started_at = walk.clock.now();
    let input = intake::open(&walk.settings.contacts, &walk.settings.input)?;
    for notice in input.notices() {
        walk.warn(notice.code(), &notice.text());
    }
    let lock = opening::org(walk).await?;
    let input = opening::kept(walk, input).await?;
    let journal = Journal::create(walk.folder(), walk.journal_clock(), &walk.disks)?;
    let wanted = wanted(input.layout());
    let org_state = Box::pin(state::fresh_enough(walk, wanted)).await?;
    let identity = identified(walk, &org_state);
    journal.record(Entry::RunOpened {
        command: walk.command.as_str().to_owned(),
        org_id: identity.org_id.clone(),
        user_id: identity.user_id.clone(),
        settings_sha256: settings_digest(walk),
    })?;
    let program = validate::prepare(input.layout(), &walk.settings.program, &org_state)?;
    for warning in program.warnings() {
        walk.warn(warning.code.as_str(), &warning.text);
    }
    let draft = Draft::create(walk.folder(), program.sent(), facts(&org_state))?;
    let program = Arc::new(program);
    let judged = judge::every_row(walk, &input, &program, org_state, draft).await?;
    journal.record(Entry::PlanSealed {
        sha256: judged.plan.digest().to_owned(),
        input_sha256: judged.input_sha256.clone(),
        accepted: judged.tally.accepted,
        rejected: judged.tally.rejected,
    })?;
    let summary = forecast::plan_summary(walk, &program, &judged)?;
    if let Err(error) = gate::pass(walk, &judged, &summary).await {
        let exit = error.exit().code();
        journal.record(Entry::RunEnded { exit })?;
        return Err(error);
    }
    Ok(Planned {
        started_at,
        identity,
        summary,
        input,
        journal,
        judged,
        _lock: lock,
    })
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
fn wanted(layout: &Layout) -> Wanted {
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

/// What shapes the plan; pace, lanes and folders do not.
fn settings_digest(walk: &Walk) -> String {
    let shaping = (
        &walk.settings.input,
        &walk.settings.program,
        &walk.settings.api_version,
    );
    let text = serde_json::to_vec(&shaping).unwrap_or_default();
    hex(&Sha256::digest(&text))
}
