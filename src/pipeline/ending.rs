//! Room 7: the files, the summary, the last lines of the journal; whether the walk reached its last
//! row or not.

use crate::journal::Entry;
use crate::model::explain::{Exit, Explain};
use crate::model::summary::RunSummary;
use crate::output;
use crate::pipeline::execute::Sent;
use crate::pipeline::provision::Planned;
use crate::pipeline::{Command, RunError, Walk, forecast, write};

/// Writes everything a walk leaves behind. Where the files of a stopped walk cannot be written,
/// that is the graver trouble and the one to report; what stopped the walk is said on the way.
pub(super) async fn write(
    walk: &Walk,
    mut planned: Planned,
    sent: Sent,
    stopped: Option<&RunError>,
) -> Result<RunSummary, RunError> {
    if let Some(why) = stopped {
        walk.warn("stopped", &format!("{why}; writing down what is known"));
    }
    let written = write::every_row(walk, &planned.input, &mut planned.judged)?;
    assert!(
        walk.command == Command::Check || written.would_send == 0,
        "every row of a walk that sends has an end"
    );
    planned.journal.record(Entry::OutputsWritten {
        success: written.success,
        failure: written.failure,
    })?;
    let summary = forecast::summary(walk, &planned, sent, stopped).await?;
    output::write_summary(walk.folder(), &summary)?;
    let exit = match stopped {
        Some(why) => why.exit(),
        None if written.failure == 0 => Exit::Done,
        None => Exit::SomeRows,
    };
    planned
        .journal
        .record(Entry::RunEnded { exit: exit.code() })?;
    // Working files repeat what the outputs hold, personal data included.
    planned.judged.plan.clear_away();
    planned.judged.outcomes.clear_away();
    Ok(summary)
}
