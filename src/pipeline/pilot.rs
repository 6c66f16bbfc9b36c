//! The pilot: a few rows of all kinds go first, alone, so that a person sees what becomes of them
//! before the rest follows (design §3).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::journal::Entry;
use crate::pipeline::provision::{Planned, confirmed, pause};
use crate::pipeline::{CorridorError, RunError, Walk, execute, under_way};

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

/// Does a pilot of this run go first that nobody has seen the end of?
pub fn has_pilot(walk: &Walk, planned: &Planned) -> bool {
    rows_of(walk, planned).is_some()
}

fn rows_of(walk: &Walk, planned: &Planned) -> Option<u32> {
    let rows = walk.settings.stopping.pilot_rows?;
    let is_part = u64::from(rows) < planned.kept.summary.accepted;
    (is_part && !planned.journal.state().pilot_ended()).then_some(rows)
}

/// Sends the pilot's rows, where a pilot is asked for and nobody has seen the end of one: what
/// became of them, or nothing where the whole run may go on. Where another process began it, only
/// what it left is sent.
pub async fn pilot(
    walk: &Walk,
    mut planned: Planned,
) -> Result<(Planned, Option<PilotReport>), RunError> {
    let Some(rows) = rows_of(walk, &planned) else {
        return Ok((planned, None));
    };
    match send(walk, &mut planned, rows).await {
        Ok(report) => Ok((planned, Some(report))),
        Err(why) => Err(pause(walk, &planned, why)),
    }
}

/// The rest may follow. Only now the pilot is over: a process that dies while somebody thinks
/// about it leaves the question to the next.
pub fn after_pilot(planned: Planned) -> Result<Planned, RunError> {
    planned.journal.record(Entry::PilotEnded)?;
    Ok(planned)
}

/// The rest is not to follow now; whoever takes up the run, knowing that, goes on with it.
pub fn not_after_pilot(walk: &Walk, planned: &Planned, report: &PilotReport) -> RunError {
    let why = if walk.cancel.is_cancelled() {
        CorridorError::Stopped
    } else {
        // A journal that cannot be written asks once more.
        let _ = planned.journal.record(Entry::PilotEnded);
        CorridorError::PilotEnded {
            failed: report.failed,
            rows: report.rows,
        }
    };
    pause(walk, planned, why.into())
}

async fn send(walk: &Walk, planned: &mut Planned, rows: u32) -> Result<PilotReport, RunError> {
    confirmed(walk, planned)?;
    // The plan is still as it was sealed, so these are the rows of the process that began it.
    let chosen = planned.work.with(|work| work.plan.pilot(rows as usize));
    let run = planned.run(walk);
    planned.work.with(|work| work.pilot = Some(chosen.clone()));
    under_way::catch_up(run, planned).await?;
    execute::waves(run, &planned.work).await?;
    planned.is_taken_up = false;
    let mails = planned.kept.summary.mails;
    planned.work.with(|work| {
        work.pilot = None;
        let is_made = |row: &&_| work.outcomes.has_user(**row);
        let created = chosen.iter().filter(is_made).count() as u64;
        let rows = chosen.len() as u64;
        Ok(PilotReport {
            rows,
            created,
            failed: rows - created,
            by_code: work.outcomes.codes_of(&chosen)?,
            mails: created.min(mails),
        })
    })
}
