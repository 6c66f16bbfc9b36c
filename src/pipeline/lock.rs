//! One run per org and machine: a locked file under the state folder that says who holds it.
//!
//! The lock is the system's, on the open file: it ends with the process, however that ends. What
//! stands in the file only tells the next one whom to wait for.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::{self, Opened, open_private};
use crate::model::id::OrgId;
use crate::pipeline::walk::make_private_folder;
use crate::pipeline::{Command, CorridorError, Walk};

/// The file's name in the org's folder.
const FILE_NAME: &str = "run.lock";

/// Bytes that are read of what another process wrote.
const HOLDER_BYTES_MAX: u64 = 4096;

/// The right to send to an org; given back when dropped. Unless the run came to its end, its name
/// stays in the file: the next run must know that there is something to finish.
#[derive(Debug)]
pub(super) struct RunLock {
    file: File,
    leaves_something: bool,
}

impl RunLock {
    /// From here on the run has something to finish.
    pub(super) fn must_be_finished(&mut self) {
        self.leaves_something = true;
    }

    /// Nothing is left to finish.
    pub(super) fn is_finished(&mut self) {
        self.leaves_something = false;
    }
}

/// Who holds the lock.
#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    run: String,
    since: String,
}

/// Takes the org for this run, or says who has it.
pub(super) fn take(walk: &Walk, org: OrgId) -> Result<RunLock, CorridorError> {
    let folder = walk.settings.state_dir.join(org.to_string());
    make_private_folder(&folder)?;
    let path = folder.join(FILE_NAME);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CorridorError::Lock { path, source }
    };
    let mut file = open(&path).map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(taken(path, &mut file)),
        Err(TryLockError::Error(source)) => return Err(CorridorError::Lock { path, source }),
    }
    let run = std::path::absolute(walk.folder()).unwrap_or_else(|_| walk.folder().to_owned());
    let before = read_holder(&mut file).map(|holder| PathBuf::from(holder.run));
    if let Some(other) = before.filter(|before| *before != run && is_unfinished(before)) {
        return Err(CorridorError::Unfinished { run: other });
    }
    let holder = Holder {
        pid: std::process::id(),
        run: run.display().to_string(),
        since: walk.clock.now(),
    };
    sign(&mut file, &holder).map_err(failed(&path))?;
    Ok(RunLock {
        file,
        leaves_something: false,
    })
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // The name is taken out first, so that nobody reads of a run that has ended. Neither can
        // fail in a way that matters: closing the file gives the lock back in any case.
        if !self.leaves_something {
            let _ = self.file.set_len(0);
        }
        let _ = self.file.unlock();
    }
}

/// Whoever holds the lock may have emptied the file: nothing is cut before the lock is ours.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_private(
        options.read(true).write(true).create(true).truncate(false),
        path,
    )
}

fn sign(file: &mut File, holder: &Holder) -> io::Result<()> {
    let mut text = serde_json::to_string(holder)?;
    text.push('\n');
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

fn taken(path: PathBuf, file: &mut File) -> CorridorError {
    let holder = match read_holder(file) {
        Some(Holder { pid, run, since }) => format!("process {pid} in {run}, since {since}"),
        None => "it has just begun and not said who it is".to_owned(),
    };
    CorridorError::OrgTaken { path, holder }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
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
