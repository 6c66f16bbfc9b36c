//! A file that one process holds at a time, and that says which.
//!
//! The lock is the system's, on the open file: it ends with the process, however that ends. What
//! stands in the file only tells the next one whom to wait for.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::private::open_private;

/// Bytes that are read of what another process wrote.
const HOLDER_BYTES_MAX: u64 = 4096;

/// A held file; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    file: File,
    keeps_name: bool,
}

/// Why a file is not to be held.
#[derive(Debug)]
pub(crate) enum NotHeld {
    /// Another process holds it: which, in words.
    Taken(String),
    /// The system refused.
    Refused(io::Error),
}

/// Who holds a file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Holder {
    pid: u32,
    /// The run folder.
    pub(crate) run: String,
    since: String,
}

impl Holder {
    /// This process, at work in a run folder.
    pub(crate) fn of(run: &Path, since: String) -> Self {
        let run = std::path::absolute(run).unwrap_or_else(|_| run.to_owned());
        Self {
            pid: std::process::id(),
            run: run.display().to_string(),
            since,
        }
    }
}

impl Held {
    /// Holds a file, which is made where it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, NotHeld> {
        // Whoever holds it may have written there: nothing is cut before the lock is ours.
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = open_private(options, path).map_err(NotHeld::Refused)?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                file,
                keeps_name: false,
            }),
            Err(TryLockError::WouldBlock) => Err(NotHeld::Taken(told(read_holder(&mut file)))),
            Err(TryLockError::Error(source)) => Err(NotHeld::Refused(source)),
        }
    }

    /// Whose name stands in it.
    pub(crate) fn holder(&mut self) -> Option<Holder> {
        read_holder(&mut self.file)
    }

    /// Writes into it who holds it now.
    pub(crate) fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        let mut text = serde_json::to_string(holder)?;
        text.push('\n');
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }

    /// Is the name to stay in the file when it is given back?
    pub(crate) fn keep_name(&mut self, keeps_name: bool) {
        self.keeps_name = keeps_name;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The name is taken out first, so that nobody reads of a run that has ended. Neither can
        // fail in a way that matters: closing the file gives the lock back in any case.
        if !self.keeps_name {
            let _ = self.file.set_len(0);
        }
        let _ = self.file.unlock();
    }
}

fn told(holder: Option<Holder>) -> String {
    match holder {
        Some(Holder { pid, run, since }) => format!("process {pid} in {run}, since {since}"),
        None => "it has just begun and not said who it is".to_owned(),
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
