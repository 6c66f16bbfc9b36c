//! The pilot: a few rows of all kinds go first, alone, so that a person sees what becomes of them
//! before the rest follows (design §3).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::journal::Entry;
use crate::pipeline::provision::{Planned, confirmed, pause};
use crate::pipeline::{CorridorError, RunError, Walk, execute};

/// What became of the pilot's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PilotReport {
    /// Its rows.
    pub rows: u64,
    /// Rows that became users.
    pub created: u64,
    /// Rows that did not.
    pub failed: u64,
    /// Rows that did not, by code.
    pub by_code: BTreeMap<String, u64>,
    /// Welcome mails the org sends these users by itself, at most.
    pub mails: u64,
}

/// Sends the pilot's rows, where a pilot is asked for and none was before; what became of them, or
/// nothing where the whole run may go on.
pub async fn pilot(
    walk: &Walk,
    mut planned: Planned,
) -> Result<(Planned, Option<PilotReport>), RunError> {
    let rows = walk.settings.stopping.pilot_rows;
    let accepted = planned.kept.summary.accepted;
    // Whoever takes up a run has seen what became of it.
    let Some(rows) = rows.filter(|rows| !planned.is_taken_up && u64::from(*rows) < accepted) else {
        return Ok((planned, None));
    };
    match send(walk, &mut planned, rows).await {
        Ok(report) => Ok((planned, Some(report))),
        Err(why) => Err(pause(walk, &planned, why)),
    }
}

/// The rest is not to follow now; the run can be taken up all the same.
pub fn not_after_pilot(walk: &Walk, planned: &Planned, report: &PilotReport) -> RunError {
    let why = if walk.cancel.is_cancelled() {
        CorridorError::Stopped
    } else {
        CorridorError::PilotEnded {
            failed: report.failed,
            rows: report.rows,
        }
    };
    pause(walk, planned, why.into())
}

async fn send(walk: &Walk, planned: &mut Planned, rows: u32) -> Result<PilotReport, RunError> {
    confirmed(walk, planned)?;
    let (chosen, before) = planned.work.with(|work| {
        let chosen = work.plan.pilot(rows as usize);
        work.pilot = Some(chosen.clone());
        (chosen, work.outcomes.by_code().clone())
    });
    let run = planned.run(walk);
    execute::waves(run, &planned.work).await?;
    planned.journal.record(Entry::PilotEnded)?;
    let plan = &planned.kept.summary;
    Ok(planned.work.with(|work| {
        work.pilot = None;
        let is_made = |row: &&_| work.outcomes.has_user(**row);
        let created = chosen.iter().filter(is_made).count() as u64;
        let rows = chosen.len() as u64;
        let more = work.outcomes.by_code().iter().filter_map(|(code, count)| {
            let more = count - before.get(code).copied().unwrap_or_default().min(*count);
            (more > 0).then(|| (code.clone(), more))
        });
        PilotReport {
            rows,
            created,
            failed: rows - created,
            by_code: more.collect(),
            mails: created.min(plan.mails),
        }
    }))
}
