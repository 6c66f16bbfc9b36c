//! One run per org and machine: a locked file under the state folder that says who holds it.
//!
//! The lock is the system's, on the open file: it ends with the process, however that ends. What
//! stands in the file only tells the next one whom to wait for.

use std::path::{Path, PathBuf};

use crate::journal::{self, Held, Holder, NotHeld, Opened};
use crate::model::id::OrgId;
use crate::pipeline::walk::make_private_folder;
use crate::pipeline::{Command, CorridorError, Walk};

/// The file's name in the org's folder.
const FILE_NAME: &str = "run.lock";

/// The right to send to an org; given back when dropped. Unless the run came to its end, its name
/// stays in the file: the next run must know that there is something to finish.
#[derive(Debug)]
pub(super) struct RunLock(Held);

impl RunLock {
    /// From here on the run has something to finish.
    pub(super) fn must_be_finished(&mut self) {
        self.0.keep_name(true);
    }

    /// Nothing is left to finish.
    pub(super) fn is_finished(&mut self) {
        self.0.keep_name(false);
    }
}

/// Takes the org for this run, or says who has it.
pub(super) fn take(walk: &Walk, org: OrgId) -> Result<RunLock, CorridorError> {
    let folder = walk.settings.state_dir.join(org.to_string());
    make_private_folder(&folder)?;
    let path = folder.join(FILE_NAME);
    let mut held = Held::take(&path).map_err(|why| match why {
        NotHeld::Taken(holder) => CorridorError::OrgTaken {
            path: path.clone(),
            holder,
        },
        NotHeld::Refused(source) => CorridorError::Lock {
            path: path.clone(),
            source,
        },
    })?;
    let ours = Holder::of(walk.folder(), walk.clock.now());
    let before = held.holder().filter(|before| before.run != ours.run);
    let before = before.map(|before| PathBuf::from(before.run));
    if let Some(other) = before.filter(|before| is_unfinished(before)) {
        return Err(CorridorError::Unfinished { run: other });
    }
    held.sign(&ours)
        .map_err(|source| CorridorError::Lock { path, source })?;
    Ok(RunLock(held))
}

/// Did a run send something, or might it have, and was never finished? A folder that is gone or
/// that nobody can read is not waited for.
pub(super) fn is_unfinished(run: &Path) -> bool {
    journal::read(run).is_ok_and(|found| {
        let state = &found.state;
        let is_run = |opened: &Opened| opened.command == Command::Run.as_str();
        state.opened().is_some_and(is_run) && state.is_confirmed() && state.ended().is_none()
    })
}
