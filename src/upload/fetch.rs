//! The three result files of an ended job come to disk.
//!
//! All three, however the job ended: a failed or aborted job may have written rows, and a
//! complete one may have left some untried (bulk-api-2 §3.6). They are fetched again while they do
//! not add up; what is missing in the end is for whoever settles them to ask the org for.

use std::fs::File;
use std::path::Path;

use tokio::time::sleep;

use super::error::UploadError;
use super::patience::{Heard, patiently};
use super::{Desk, JOBS_FOLDER, ResultFiles, result_files, whole};
use crate::journal::create_private_folder;
use crate::model::job::{JobInfo, ResultKind};
use crate::model::limits::RESULT_FETCHES_MAX;
use crate::salesforce::{OrgError, poll_waits};

/// Makes the folder for results under the run folder. They hold personal data: only their owner
/// may look.
pub(super) fn make_folder(run_folder: &Path) -> Result<(), UploadError> {
    let path = run_folder.join(JOBS_FOLDER);
    create_private_folder(&path).map_err(|source| UploadError::Unwritable {
        job: None,
        path,
        source,
    })
}

/// What came of fetching a job's results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetched {
    /// They are on disk and add up.
    Whole,
    /// They are on disk as they come, which is not as they were written.
    InPart,
    /// The org does not have them (any more).
    Gone,
}

/// Brings all three to disk for good.
pub(super) async fn results(
    desk: &Desk<'_>,
    ended: &JobInfo,
    rows_sent: u64,
) -> Result<Fetched, UploadError> {
    let files = result_files(desk.run_folder, ended.id);
    let mut waits = poll_waits(desk.pacing);
    let mut fetches = 0;
    let came = loop {
        for kind in ResultKind::ALL {
            if !one(desk, ended, kind, files.of(kind)).await? {
                return Ok(Fetched::Gone);
            }
        }
        fetches += 1;
        match (whole::doubt(&files, ended, rows_sent), waits.next()) {
            (Some(_), Some(wait)) if fetches < RESULT_FETCHES_MAX => sleep(wait).await,
            (Some(doubt), _) => {
                let text = format!(
                    "the results of job {} do not add up ({doubt}); the org is asked for the \
                     records of rows that were not said to be written",
                    ended.id
                );
                desk.warn("results-not-whole", text);
                break Fetched::InPart;
            }
            (None, _) => break Fetched::Whole,
        }
    };
    let synced = to_disk(&files);
    synced.map_err(|source| UploadError::Unwritable {
        job: Some(ended.id),
        path: desk.run_folder.join(JOBS_FOLDER),
        source,
    })?;
    Ok(came)
}

/// Each appears under its name when it has arrived; false when the org does not have it.
async fn one(
    desk: &Desk<'_>,
    ended: &JobInfo,
    kind: ResultKind,
    to: &Path,
) -> Result<bool, UploadError> {
    let fetched = patiently(desk, || desk.org.download_results(ended.id, kind, to)).await;
    match fetched {
        Ok(Heard::Answer(_)) => Ok(true),
        // What an org says to somebody who asks for results of a job that was aborted before it
        // was closed is [unverified]: none, or a refusal.
        Ok(Heard::Gone(_)) | Err(OrgError::Refused { .. }) => Ok(false),
        Err(source) => Err(UploadError::ResultsMissing {
            job: ended.id,
            kind,
            source,
        }),
    }
}

/// Before the journal says that they are stored, they outlive the machine's power: the org keeps
/// them for seven days only.
fn to_disk(files: &ResultFiles) -> std::io::Result<()> {
    for kind in ResultKind::ALL {
        File::open(files.of(kind))?.sync_all()?;
    }
    match files.successful.parent() {
        // Only Unix can open a folder to flush it.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}
