//! The last pass: every row of the input, once, in input order, into its file.
//!
//! Three streams in one order are merged: the input's records, the accepted changes on disk, and
//! what became of each row. A `check` knows how a row ends as soon as it is dealt: its failure.csv
//! grows meanwhile, and what is left for it to write is what would be sent.

use crate::intake::Input;
use crate::model::event::RunStage;
use crate::output::{OutputFormat, RowCounts, RowWriter};
use crate::pipeline::provision::Planned;
use crate::pipeline::work::Work;
use crate::pipeline::{Command, CorridorError, RunError, Walk};
use crate::plan::{self, Plan};
use crate::results::Outcomes;

/// Writes success.csv and failure.csv, or ends failure.csv and writes what would be sent; refuses
/// if the input is no longer the file that was read at the start.
pub(super) fn every_row(walk: &Walk, planned: &mut Planned) -> Result<RowCounts, RunError> {
    walk.begin(RunStage::Write, Some(planned.kept.summary.rows));
    let of_check = planned.rejections.take();
    let counts = planned.work.with(|work| {
        let Work { plan, outcomes, .. } = work;
        match of_check {
            Some(rejections) => {
                plan.write_drafts()?;
                walk.advance(RunStage::Write, planned.kept.summary.rows);
                Ok(rejections.finish()?)
            }
            None => merged(walk, planned, plan, outcomes),
        }
    })?;
    walk.end(RunStage::Write);
    Ok(counts)
}

/// The failure.csv of a `check`, to be written while rows are dealt; none where rows are sent.
pub(super) fn rejections(walk: &Walk, input: &Input) -> Result<Option<RowWriter>, RunError> {
    match walk.command {
        Command::Check => {
            let format = format(walk, input);
            let writer = RowWriter::for_check(walk.folder(), input.layout(), format)?;
            Ok(Some(writer))
        }
        Command::Rehearse | Command::Run => Ok(None),
    }
}

fn format(walk: &Walk, input: &Input) -> OutputFormat {
    OutputFormat {
        delimiter: input.delimiter(),
        line_end: input.line_end(),
        bom: input.has_bom() || walk.settings.input.output_bom,
    }
}

fn merged(
    walk: &Walk,
    planned: &Planned,
    plan: &Plan,
    outcomes: &mut Outcomes,
) -> Result<RowCounts, RunError> {
    let input = &planned.input;
    let mut writer = RowWriter::create(walk.folder(), input.layout(), format(walk, input))?;
    // They are read for the usernames of users that were made.
    let mut accepted = plan.accepted_changes()?;
    let mut windows = input.windows()?.without_sha256();
    // A file that grew meanwhile has rows that nobody knows: that it changed is seen at its end.
    let mut without_end = 0_u64;
    while let Some(window) = windows.next().transpose()? {
        for row in window.rows() {
            let change = accepted.of(row.ordinal())?;
            let username = |renewal| {
                change
                    .map(|change| plan::username_of(change, renewal))
                    .unwrap_or_default()
            };
            match outcomes.end_of(row.ordinal(), username)? {
                Some(end) => writer.write(&row, &end)?,
                None => without_end += 1,
            }
        }
        walk.advance(RunStage::Write, window.records.len() as u64);
        windows.reuse(window);
    }
    if windows.fingerprint() != planned.fingerprint {
        let path = input.rows_path().to_owned();
        return Err(CorridorError::InputChanged { path }.into());
    }
    assert_eq!(without_end, 0, "every row of a walk that sends has an end");
    Ok(writer.finish()?)
}
