//! Room 7: the files, the summary, the last lines of the journal.

use crate::journal::{Decision, Entry};
use crate::model::explain::Exit;
use crate::model::summary::RunSummary;
use crate::output;
use crate::pipeline::kept_plan::KeptPlan;
use crate::pipeline::provision::Planned;
use crate::pipeline::{Command, RunError, Walk, forecast, write};

/// Writes everything a walk leaves behind; `stopped` says why it was ended before its last row.
pub(super) async fn write(
    walk: &Walk,
    planned: &mut Planned,
    stopped: Option<&str>,
) -> Result<RunSummary, RunError> {
    let written = write::every_row(walk, planned)?;
    if walk.command != Command::Check {
        // Whoever read the org while this went on says that it knows the org as it is.
        walk.outdate_cache(&planned.kept.identity.org_id)?;
    }
    planned.journal.record(Entry::OutputsWritten {
        success: written.success,
        failure: written.failure,
    })?;
    let summary = forecast::summary(walk, planned, stopped).await?;
    output::write_summary(walk.folder(), &summary)?;
    let exit = if written.failure == 0 {
        Exit::Done
    } else {
        Exit::SomeRows
    };
    planned
        .journal
        .record(Entry::RunEnded { exit: exit.code() })?;
    if let Some(lock) = &mut planned.lock {
        lock.is_finished();
    }
    // Working files repeat what the outputs hold, personal data included.
    planned.work.with(|work| {
        work.plan.clear_away();
        work.outcomes.clear_away();
    });
    KeptPlan::clear_away(walk.folder());
    for decision in planned.journal.state().decisions() {
        if let Decision::Rejected { file, .. } = decision {
            let _ = std::fs::remove_file(walk.folder().join(file));
        }
    }
    Ok(summary)
}
