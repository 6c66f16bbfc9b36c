//! `check` and `rehearse`: the whole walk, on one screen.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::intake::{self, Input};
use crate::journal::{Entry, Journal};
use crate::model::columns::{ColumnRole, Layout};
use crate::model::digest::hex;
use crate::model::event::{Event, RunStage};
use crate::model::explain::Exit;
use crate::model::summary::RunSummary;
use crate::model::user::PortalKind;
use crate::org_state::{self, OrgState, Wanted};
use crate::output;
use crate::pipeline::execute::{self, Sent};
use crate::pipeline::judge::{self, Judged};
use crate::pipeline::{RunError, Walk, forecast, write};
use crate::plan::{Draft, PlanFacts};
use crate::validate::{self, Program};

/// Everything up to the plan; nothing is sent. Leaves the drafts, failure.csv and summary.json.
pub async fn check(walk: &Walk) -> Result<RunSummary, RunError> {
    let planned = plan(walk).await?;
    finish(walk, planned, Sent::default()).await
}

/// The whole job against the simulated org: the same walk a real run takes.
pub async fn rehearse(walk: &Walk) -> Result<RunSummary, RunError> {
    let mut planned = plan(walk).await?;
    let Judged { plan, outcomes, .. } = planned.judged;
    let (plan, outcomes, sent) = execute::waves(walk, &planned.journal, plan, outcomes).await?;
    planned.judged = Judged {
        plan,
        outcomes,
        ..planned.judged
    };
    finish(walk, planned, sent).await
}

/// A walk between its plan and its first request that changes anything.
pub(super) struct Planned {
    pub started_at: String,
    pub input: Input,
    pub program: Arc<Program>,
    pub journal: Journal,
    pub judged: Judged,
}

/// Rooms 1 to 4: the file, the org, the rules, the plan.
async fn plan(walk: &Walk) -> Result<Planned, RunError> {
    let started_at = walk.clock.now();
    let input = intake::open(&walk.settings.contacts, &walk.settings.input)?;
    for notice in input.notices() {
        walk.warn(notice.code(), &notice.text());
    }
    let journal = Journal::create(walk.folder(), walk.journal_clock())?;
    walk.start_watch(RunStage::Pull);
    let wanted = wanted(input.layout());
    let org_state = org_state::pull(&walk.org, &wanted, walk.kind, &walk.events).await?;
    walk.stop_watch(RunStage::Pull);
    let identity = org_state.identity();
    walk.say(&Event::Said(format!(
        "{} org {} at {} as {}",
        identity.kind.as_str(),
        identity.org_id,
        identity.instance_url,
        identity.username
    )));
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
    Ok(Planned {
        started_at,
        input,
        program,
        journal,
        judged,
    })
}

/// Room 7: the files, the summary, the last lines of the journal.
async fn finish(walk: &Walk, mut planned: Planned, sent: Sent) -> Result<RunSummary, RunError> {
    let written = write::every_row(walk, &planned.input, &mut planned.judged)?;
    planned.journal.record(Entry::OutputsWritten {
        success: written.success,
        failure: written.failure,
    })?;
    let summary = forecast::summary(walk, &planned, sent).await?;
    output::write_summary(walk.folder(), &summary)?;
    let exit = if written.failure == 0 {
        Exit::Done
    } else {
        Exit::SomeRows
    };
    planned
        .journal
        .record(Entry::RunEnded { exit: exit.code() })?;
    Ok(summary)
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
