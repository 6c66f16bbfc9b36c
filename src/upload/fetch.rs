//! The three result files of an ended job come to disk.
//!
//! All three, however the job ended: a failed or aborted job may have written rows, and a
//! complete one may have left some untried (bulk-api-2 §3.6).

use std::path::{Path, PathBuf};

use crate::journal::create_private_folder;

use super::error::UploadError;
use super::{Desk, JOBS_FOLDER, ResultFiles};
use crate::model::id::JobId;
use crate::model::job::ResultKind;

/// The folder for results under the run folder, made when it is not there. They hold personal
/// data: only their owner may look.
pub(super) fn results_folder(run_folder: &Path) -> Result<PathBuf, UploadError> {
    let path = run_folder.join(JOBS_FOLDER);
    match create_private_folder(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(UploadError::Folder { path, source }),
    }
}

/// Fetches them one after another; each appears under its name when it is whole.
pub(super) async fn results(
    desk: &Desk<'_>,
    job: JobId,
    folder: &Path,
) -> Result<ResultFiles, UploadError> {
    let file = |kind: ResultKind| folder.join(format!("{job}-{}.csv", kind.as_str()));
    for kind in ResultKind::ALL {
        let fetched = desk.org.download_results(job, kind, &file(kind)).await;
        fetched.map_err(|source| UploadError::ResultsMissing { job, kind, source })?;
    }
    Ok(ResultFiles {
        successful: file(ResultKind::Successful),
        failed: file(ResultKind::Failed),
        unprocessed: file(ResultKind::Unprocessed),
    })
}
