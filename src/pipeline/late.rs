//! Rows that were planned and are not sent after all, because the org changed since: seats that
//! others took, contacts that somebody else provisioned. They are written down before they count,
//! so that a replay rejects the same.

use crate::journal::Entry;
use crate::model::rejection::Rejected;
use crate::pipeline::RunError;
use crate::pipeline::work::{Run, Shared};
use crate::results;

/// Rejects rows; nothing happens where there are none.
pub(super) async fn reject(
    run: Run<'_>,
    work: &Shared,
    rejected: Vec<Rejected>,
) -> Result<(), RunError> {
    if rejected.is_empty() {
        return Ok(());
    }
    let number = run.journal.state().decisions().len();
    let file = format!("plan/rejected-{number:04}.jsonl");
    let path = run.walk.folder().join(&file);
    let rows = rejected.len() as u64;
    let (written, rejected) = run
        .walk
        .compute(move || (results::write_rejected(&path, &rejected), rejected))
        .await;
    let sha256 = written?;
    run.journal
        .record(Entry::RowsRejected { file, sha256, rows })?;
    let done = work
        .compute(run.walk, move |work| {
            let mut rows = rejected.iter();
            rows.try_for_each(|row| work.outcomes.reject(row))
        })
        .await;
    Ok(done?)
}
