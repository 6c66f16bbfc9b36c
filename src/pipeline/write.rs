//! The last pass: every row of the input, once, in input order, into its file.
//!
//! Three streams in one order are merged: the input's records, the accepted changes on disk, and
//! what became of each row. A `check` leaves its drafts in the same breath: neither needs the other.

use crate::model::event::RunStage;
use crate::output::{OutputFormat, RowCounts, RowWriter};
use crate::pipeline::provision::Planned;
use crate::pipeline::work::Work;
use crate::pipeline::{Command, CorridorError, RunError, Walk};
use crate::plan::{self, Plan};
use crate::results::Outcomes;

/// Writes success.csv and failure.csv, or failure.csv and what would be sent; refuses if the input
/// is no longer the file that was read at the start.
pub(super) fn every_row(walk: &Walk, planned: &Planned) -> Result<RowCounts, RunError> {
    walk.begin(RunStage::Write, Some(planned.kept.summary.rows));
    let counts = planned.work.with(|work| {
        let Work { plan, outcomes, .. } = work;
        match walk.command {
            Command::Check => {
                let (drafts, rows) = rayon::join(
                    || plan.write_drafts(),
                    || merged(walk, planned, plan, outcomes),
                );
                drafts?;
                rows
            }
            Command::Rehearse | Command::Run => merged(walk, planned, plan, outcomes),
        }
    })?;
    walk.end(RunStage::Write);
    Ok(counts)
}

fn merged(
    walk: &Walk,
    planned: &Planned,
    plan: &Plan,
    outcomes: &mut Outcomes,
) -> Result<RowCounts, RunError> {
    let input = &planned.input;
    let format = OutputFormat {
        delimiter: input.delimiter(),
        line_end: input.line_end(),
        bom: input.has_bom() || walk.settings.input.output_bom,
    };
    let mut writer = match walk.command {
        Command::Check => RowWriter::for_check(walk.folder(), input.layout(), format)?,
        Command::Rehearse | Command::Run => {
            RowWriter::create(walk.folder(), input.layout(), format)?
        }
    };
    // They are read for the usernames of users that were made; a check makes none.
    let mut accepted = match walk.command {
        Command::Check => None,
        Command::Rehearse | Command::Run => Some(plan.accepted_changes()?),
    };
    let mut windows = input.windows()?.without_sha256();
    while let Some(window) = windows.next().transpose()? {
        for row in window.rows() {
            let change = match &mut accepted {
                Some(changes) => changes.of(row.ordinal())?,
                None => None,
            };
            let username = |renewal| {
                change
                    .map(|change| plan::username_of(change, renewal))
                    .unwrap_or_default()
            };
            let end = outcomes.end_of(row.ordinal(), username)?;
            writer.write(&row, &end)?;
        }
        walk.advance(RunStage::Write, window.records.len() as u64);
        windows.reuse(window);
    }
    if windows.fingerprint() != planned.fingerprint {
        let path = walk.settings.contacts.clone();
        return Err(CorridorError::InputChanged { path }.into());
    }
    Ok(writer.finish()?)
}
